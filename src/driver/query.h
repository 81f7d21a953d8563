/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Looking up, listing and asking. None of these calls waits for a domain's job or a file, and only those that say so
 * ask Xen, of running domains.
 */
#pragma once

#include "driver/driver.h"

/* virDomainLookupByUUID and its like, and the first step of every call about a domain. A reference of the caller's;
 * NULL with *ERROR set (VIR_ERR_NO_DOMAIN) when there is none. */
VxDomainObj *vx_find_uuid(VxDriver *driver, const guint8 uuid[16], GError **error);
VxDomainObj *vx_find_name(VxDriver *driver, const char *name, GError **error);
VxDomainObj *vx_find_id(VxDriver *driver, int id, GError **error);

/* virConnectListAllDomains with its filters (VIR_CONNECT_LIST_DOMAINS_*): an array of VxDomainRef, which clears them.
 * NULL with *ERROR set when FLAGS has an unknown one. */
GArray *vx_list_domains(VxDriver *driver, unsigned flags, GError **error);

/* The filters of the calls that take them, and the domains that get past FLAGS of them: of ALL (of VxDomainObj), or of
 * the driver's when it is NULL. An array of references, which it frees. */
extern const unsigned vx_domain_filters;
GPtrArray *vx_select_domains(VxDriver *driver, GPtrArray *all, unsigned flags);

/* virConnectListDomains, virConnectListDefinedDomains: ids (of int) of the running ones, names (which it frees) of the
 * others; at most MAXIMUM of them. Never NULL. */
GArray *vx_list_ids(VxDriver *driver, unsigned maximum);
GPtrArray *vx_list_defined_names(VxDriver *driver, unsigned maximum);
/* virConnectNumOfDomains, virConnectNumOfDefinedDomains. */
unsigned vx_count_running(VxDriver *driver);
unsigned vx_count_defined(VxDriver *driver);

/* virDomainIsActive, virDomainIsPersistent, virDomainIsUpdated, virDomainGetAutostart. */
bool vx_is_active(VxDomainObj *domain, bool *active, GError **error);
bool vx_is_persistent(VxDomainObj *domain, bool *persistent, GError **error);
bool vx_is_updated(VxDomainObj *domain, bool *updated, GError **error);
bool vx_get_autostart(VxDomainObj *domain, bool *autostart, GError **error);

/* virDomainGetState: VIR_DOMAIN_* of virDomainState, and the reason of that state. Xen is asked whether it is still so.
 */
bool vx_get_state(VxDriver *driver, VxDomainObj *domain, unsigned flags, int *state, int *reason, GError **error);

typedef struct {
    int state; /* virDomainState */
    guint64 maximum_memory_kib, memory_kib;
    unsigned n_vcpus;
    guint64 cpu_time_ns;
} VxDomainInfo;

/* virDomainGetInfo. */
bool vx_get_info(VxDriver *driver, VxDomainObj *domain, VxDomainInfo *info, GError **error);

/* virDomainGetOSType: static text. */
const char *vx_get_os_type(VxDomainObj *domain, GError **error);

/* Whether vx_list_domains with FLAGS, and vx_get_xml with FLAGS, have their answer at hand, and ask Xen nothing. */
bool vx_is_list_at_hand(const VxDriver *driver, unsigned flags);
bool vx_is_xml_at_hand(VxDriver *driver, VxDomainObj *domain, unsigned flags);

/* virDomainGetXMLDesc with VIR_DOMAIN_XML_*. The caller frees it. Whether the client may ask for
 * VIR_DOMAIN_XML_SECURE is not decided here. Of a running domain Xen is asked how it is now. */
char *vx_get_xml(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
