/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The domains of a driver, found by UUID, name and id in constant time. The list has a lock of its own, held only to
 * look up, insert and remove; it never waits for a domain's lock. Any thread.
 */
#pragma once

#include "driver/domain_obj.h"

typedef struct VxDomainList VxDomainList;

VxDomainList *vx_domain_list_new(void);
void vx_domain_list_free(VxDomainList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDomainList, vx_domain_list_free)

/* The domain found, a reference of the caller's, or NULL. It may be only about to be defined, or just gone. */
VxDomainObj *vx_domain_list_find_uuid(VxDomainList *list, const guint8 uuid[16]);
VxDomainObj *vx_domain_list_find_name(VxDomainList *list, const char *name);
VxDomainObj *vx_domain_list_find_id(VxDomainList *list, int id);
/* The domain of the guest ID; the one of UUID if there is none: it may be about to get the id. */
VxDomainObj *vx_domain_list_find_guest(VxDomainList *list, int id, const guint8 uuid[16]);

/* All domains: an array of references, which it frees. */
GPtrArray *vx_domain_list_all(VxDomainList *list);

/* The domain of UUID and NAME, a reference of the caller's: the one there is, or a new one without a definition, whose
 * name and UUID nobody else can take. *IS_NEW says which. Fails with VIR_ERR_OPERATION_FAILED when the name belongs to
 * another UUID or the UUID to another name. */
VxDomainObj *vx_domain_list_claim(VxDomainList *list, const guint8 uuid[16], const char *name, bool *is_new,
                                  GError **error);

/* Reserves NEW_NAME for DOMAIN beside the name it has. Fails with VIR_ERR_OPERATION_INVALID when it is taken. */
bool vx_domain_list_claim_name(VxDomainList *list, VxDomainObj *domain, const char *new_name, GError **error);
/* Gives up NAME, one of two that belong to a domain. */
void vx_domain_list_drop_name(VxDomainList *list, const char *name);

/* The name (or one of two) that belongs to DOMAIN; the caller frees it. NULL when it has left the list. It searches. */
char *vx_domain_list_name_of(VxDomainList *list, const VxDomainObj *domain);

/* Makes DOMAIN found by ID, which it got when it started; and no longer. */
void vx_domain_list_add_id(VxDomainList *list, VxDomainObj *domain, int id);
void vx_domain_list_drop_id(VxDomainList *list, int id);

/* Takes DOMAIN, whose name is NAME, out of the list and marks it as removed. The caller holds its job. */
void vx_domain_list_remove(VxDomainList *list, VxDomainObj *domain, const char *name);
