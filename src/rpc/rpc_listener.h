/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Listening UNIX sockets: made at a path without a moment in which it has the wrong owner or mode, in place of a dead
 * one but never of a living one, or inherited from the service manager. Any thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct {
    int fd;
    char *path;   /* to be removed at the end; NULL: not ours to remove */
    dev_t device; /* of path as we made it */
    ino_t inode;
} VxRpcListener;

/* Makes LISTENER listen at PATH, with MODE and group GROUP ((gid_t)-1: as the process makes it). What is at PATH is
 * replaced only if it is a socket on which nobody listens; a symbolic link there is refused. Fails with
 * VIR_ERR_OPERATION_INVALID (somebody listens, or it is no socket) or VIR_ERR_SYSTEM_ERROR. */
bool vx_rpc_listener_open(VxRpcListener *listener, const char *path, mode_t mode, gid_t group, GError **error);

/* Makes LISTENER of the inherited FD, which must be a listening UNIX stream socket. */
bool vx_rpc_listener_adopt(VxRpcListener *listener, int fd, GError **error);

/* Closes it, and removes its path if the socket there is still ours. */
void vx_rpc_listener_close(VxRpcListener *listener);
