/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the two halves of the store share: domain_store.c changes it, store_load.c reads it at the start.
 */
#pragma once

#include "driver/domain_store.h"

struct VxDomainStore {
    char *folder;
    char *autostart_folder;
};

#define VX_STORE_SUFFIX ".xml"

/* The files of the domain NAME. The caller frees them. */
char *vx_store_path(const VxDomainStore *store, const char *name);
char *vx_store_autostart_path(const VxDomainStore *store, const char *name);

/* Renames the file PATH to one beside it that will not be loaded, and says so in the log. */
bool vx_store_set_aside(const char *path, GError **error);
