/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests are written to files and go on from there. A managed save is a file of the driver's own, from which the domain
 * starts the next time. XML that a client gives (NULL: none) has to be of the same name and UUID. FLAGS:
 * VIR_DOMAIN_SAVE_*, VIR_DOMAIN_SAVE_IMAGE_XML_*.
 */
#pragma once

#include "driver/life_state.h"

/* virDomainSaveFlags: the guest is gone, and its whole state in the file PATH, when this returns true; else it runs on.
 */
bool vx_save(VxDriver *driver, VxDomainObj *domain, const char *path, const char *xml, unsigned flags, GError **error);
/* virDomainRestoreFlags: the file stays. */
bool vx_restore(VxDriver *driver, const char *path, const char *xml, unsigned flags, GError **error);

/* virDomainSaveImageGetXMLDesc, virDomainSaveImageDefineXML. The caller frees the former. */
char *vx_save_image_get_xml(const char *path, unsigned flags, GError **error);
bool vx_save_image_define_xml(VxDriver *driver, const char *path, const char *xml, unsigned flags, GError **error);

/* virDomainManagedSave, virDomainHasManagedSaveImage, virDomainManagedSaveRemove, virDomainManagedSaveGetXMLDesc,
 * virDomainManagedSaveDefineXML. */
bool vx_managed_save(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
bool vx_has_managed_save(VxDomainObj *domain, unsigned flags, bool *has, GError **error);
bool vx_managed_save_remove(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
char *vx_managed_save_get_xml(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
bool vx_managed_save_define_xml(VxDriver *driver, VxDomainObj *domain, const char *xml, unsigned flags, GError **error);

/* ---- for starting and undefining, which hold the domain's job ---- */

/* Starts DOMAIN, called NAME, from its managed save, and removes that. When it fails, the file is still there. */
bool vx_managed_save_start(VxDriver *driver, VxDomainObj *domain, const char *name, VxLifeStart how, GError **error);
/* Removes the managed save of the domain NAME. */
bool vx_managed_save_drop(VxDriver *driver, VxDomainObj *domain, const char *name, GError **error);
/* Finds out which domains have one, at the start. */
void vx_managed_save_load(VxDriver *driver);
