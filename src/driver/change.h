/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the calls of all families share: flags, events, and changing a domain's definitions under its job.
 */
#pragma once

#include "driver/driver.h"

/* Whether FLAGS has only bits of ALLOWED; else VIR_ERR_INVALID_ARG that names CALL. */
bool vx_check_flags(unsigned flags, unsigned allowed, const char *call, GError **error);

void vx_emit_lifecycle(VxDriver *driver, const VxDomainRecord *record, int id, int type, int detail);

/* A change under way: which definitions it is about, and how they were when it began. */
typedef struct {
    VxDomainObj *domain; /* whose job is held; NULL: none */
    VxDomainView view;
    bool live, config;
} VxChange;

/* Takes the job of DOMAIN for WHAT (static text), looks at it, and says which of its definitions IMPACT
 * (VIR_DOMAIN_AFFECT_*) means. Fails with VIR_ERR_OPERATION_INVALID when it has no such definition. */
bool vx_change_begin(VxChange *change, VxDomainObj *domain, const char *what, unsigned impact, GError **error);
/* Ends it; nothing happens to a change that has not begun. */
void vx_change_end(VxChange *change);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxChange, vx_change_end)

/* The same choice without a job, for calls that only ask: the record, borrowed from VIEW, or NULL with *ERROR set. */
VxDomainRecord *vx_view_of_impact(const VxDomainView *view, unsigned impact, GError **error);

/* Changes DEF, a copy; what it returns false for is not done. */
typedef bool (*VxEdit)(VxDomainDef *def, gpointer data, GError **error);

/* Edits the persistent definition: it is on disk when this returns true. */
bool vx_change_config(VxDriver *driver, VxChange *change, VxEdit edit, gpointer data, GError **error);
/* Edits the definition of the running domain. */
bool vx_change_live(VxDriver *driver, VxChange *change, VxEdit edit, gpointer data, GError **error);
/* Both, as far as the change is about them; the persistent one is tried first, for it can fail. */
bool vx_change_both(VxDriver *driver, VxChange *change, VxEdit edit, gpointer data, GError **error);

/* Puts RECORD (taken) in the place of the persistent definition, in memory only. */
void vx_domain_obj_set_persistent(VxDomainObj *domain, VxDomainRecord *record);
