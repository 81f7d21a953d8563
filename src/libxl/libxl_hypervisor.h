/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Running guests on libxenlight: the real VxHypervisor (driver/hypervisor.h).
 */
#pragma once

#include <sys/types.h>

#include "driver/hypervisor.h"

typedef struct {
    const char *channel_folder; /* of the sockets of channels whose definition names no other; made when it is needed */
    uid_t socket_user;          /* of the sockets of channels; (uid_t)-1: who made it */
    gid_t socket_group;         /* (gid_t)-1: the same */
    mode_t socket_mode;
} VxLibxlSettings;

/* Whether this is the domain in which Xen's toolstack runs: a place that has no Xen, or is a guest itself, has none. */
bool vx_libxl_is_host(void);

/* The hypervisor under this domain. SETTINGS are copied. NULL with *ERROR set (VIR_ERR_OPERATION_FAILED) when libxl or
 * xenstore cannot be reached. It is freed by its own function. */
VxHypervisor *vx_libxl_hypervisor_new(const VxLibxlSettings *settings, GError **error);
