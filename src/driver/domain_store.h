/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The persistent definitions on disk, where and as libvirt's Xen driver keeps them, so that a host can move over and
 * back: FOLDER/NAME.xml is the definition, and a link AUTOSTART/NAME.xml to it says that the domain starts with the
 * host.
 *
 * Every change is on disk, whole, when its function returns; a crash at any moment leaves the old or the new
 * definition. Calls for different domains may run at the same time; whoever calls for a domain holds its job.
 */
#pragma once

#include "driver/domain_record.h"

typedef struct VxDomainStore VxDomainStore;

/* The store in the two folders, absolute paths, which are made when they are not there. NULL with *ERROR set
 * (VIR_ERR_SYSTEM_ERROR) when they cannot be. */
VxDomainStore *vx_domain_store_new(const char *folder, const char *autostart_folder, GError **error);
void vx_domain_store_free(VxDomainStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDomainStore, vx_domain_store_free)

/* Called for each definition found. It takes a reference if it wants to keep RECORD. A reason why it cannot is returned
 * in *ERROR (false), and reported. */
typedef bool (*VxStoreVisit)(VxDomainRecord *record, bool autostart, gpointer data, GError **error);

/* Reads all definitions. A file that is not whole is reported in the log and renamed to NAME.xml.damaged, one that is
 * whole but says what cannot be understood is reported and left; neither keeps the others from being loaded. What a
 * crash left half done (a rename, a file written aside) is finished or swept up. */
bool vx_domain_store_load(VxDomainStore *store, VxStoreVisit visit, gpointer data, GError **error);

/* The longest name of a domain that fits into a file name, in bytes. */
#define VX_STORE_NAME_MAX_BYTES 251

/* Writes RECORD. IS_NEW: no domain of that name has been defined, so that a file of that name which could not be loaded
 * is set aside, and a leftover autostart link removed. Fails with VIR_ERR_SYSTEM_ERROR. */
bool vx_domain_store_save(VxDomainStore *store, const VxDomainRecord *record, bool is_new, GError **error);

/* Removes the definition NAME and its autostart link. */
bool vx_domain_store_remove(VxDomainStore *store, const char *name, GError **error);

/* The definition OLD_NAME becomes RECORD, which has another name. */
bool vx_domain_store_rename(VxDomainStore *store, const char *old_name, const VxDomainRecord *record, bool autostart,
                            GError **error);

/* Makes or removes the autostart link of NAME. */
bool vx_domain_store_set_autostart(VxDomainStore *store, const char *name, bool autostart, GError **error);
