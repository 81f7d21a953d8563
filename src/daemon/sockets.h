/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The sockets of the daemon: those that the service manager passes, or else its own.
 */
#pragma once

#include "daemon/daemon_config.h"
#include "rpc/rpc_server.h"

/* What a client's socket says about it: the tags of the server's listeners. */
typedef enum { VX_SOCKET_READ_WRITE, VX_SOCKET_READ_ONLY } VxSocketTag;

/* Has SERVER listen. Fails with *ERROR set when a socket cannot be made, or none of those passed is known. */
bool vx_sockets_open(VxRpcServer *server, const VxDaemonConfig *config, GError **error);
