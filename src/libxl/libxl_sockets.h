/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The sockets of channels, which the device model makes: the folder for them before, who may use them once they are
 * there, and what is left of them afterwards. Any thread.
 *
 * Nothing is followed that is not what it should be: the daemon's own folder is reached without a symbolic link and
 * through folders that nobody else may write to; a socket itself is never one.
 */
#pragma once

#include <libxl.h>
#include <stdbool.h>
#include <sys/types.h>

#include <glib.h>

/* What becomes of each socket. */
typedef struct {
    const char *folder; /* where channels without a path of their own have their sockets */
    uid_t user;         /* (uid_t)-1: who made it */
    gid_t group;        /* (gid_t)-1: the same */
    mode_t mode;        /* permissions; whoever may write may connect */
} VxLibxlSockets;

/* Makes the folder (mode 0711, the daemon's own) if CONFIG has sockets there, and takes away what dead processes have
 * left where it wants its sockets. Fails with VIR_ERR_OPERATION_FAILED when somebody serves one of the sockets already,
 * something else is there, or the folder is not to be trusted; with VIR_ERR_SYSTEM_ERROR when it cannot be found out.
 */
bool vx_libxl_prepare_sockets(const VxLibxlSockets *sockets, const libxl_domain_config *config, GError **error);

/* Gives the sockets of CONFIG, which the device model has just made, their owner and permissions. Fails with
 * VIR_ERR_OPERATION_FAILED when something else is there, with VIR_ERR_SYSTEM_ERROR when it cannot be done. */
bool vx_libxl_grant_sockets(const VxLibxlSockets *sockets, const libxl_domain_config *config, GError **error);

/* Takes those of CONFIG away that nobody serves. */
void vx_libxl_clear_sockets(const VxLibxlSockets *sockets, const libxl_domain_config *config);

/* Takes PATH away if it is a socket that nobody serves any more; a symbolic link is left alone. It is no failure when
 * there is none. Fails as vx_libxl_prepare_sockets does. */
bool vx_libxl_drop_dead_socket(const VxLibxlSockets *sockets, const char *path, GError **error);
