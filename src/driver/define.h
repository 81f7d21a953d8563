/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Persistent definitions come, change their name, and go. What these calls did is on disk when they return true.
 */
#pragma once

#include "driver/driver.h"

/* virDomainDefineXMLFlags: defines a domain, or changes the definition of the one of the same name and UUID. *REF is
 * it, for vx_domain_ref_clear. Errors: vx_complete_xml's; VIR_ERR_OPERATION_FAILED when only one of name and UUID is
 * known. */
bool vx_define_xml(VxDriver *driver, const char *xml, unsigned flags, VxDomainRef *ref, GError **error);

/* virDomainUndefineFlags. A running domain goes on, as a transient one. */
bool vx_undefine(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);

/* virDomainRename, of a domain that is not running. Fails with VIR_ERR_OPERATION_INVALID when it runs or NEW_NAME is
 * its own or another's. */
bool vx_rename(VxDriver *driver, VxDomainObj *domain, const char *new_name, unsigned flags, GError **error);

/* virDomainSetAutostart: whether the domain starts with the host. */
bool vx_set_autostart(VxDriver *driver, VxDomainObj *domain, bool autostart, GError **error);

/* The domain of DEF with its job held: the one of the same name and UUID, or a new one. The caller ends the job and
 * drops the reference, and calls vx_define_withdraw when nothing has come of it. */
VxDomainObj *vx_define_claim(VxDriver *driver, const VxDomainRecord *record, const char *what, GError **error);
/* Takes a domain that has got no definition out of the list. The caller holds its job. */
void vx_define_withdraw(VxDriver *driver, VxDomainObj *domain, const char *name);
