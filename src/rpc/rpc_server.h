/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The listening sockets and the connections that come from them. All functions are of the thread of the context.
 */
#pragma once

#include "rpc/rpc_connection.h"
#include "rpc/rpc_listener.h"

typedef struct VxRpcServer VxRpcServer;

typedef struct {
    unsigned max_clients;           /* at this number no more are accepted; they wait in the kernel's queue */
    unsigned max_anonymous_clients; /* the same for those that have not authenticated */
    unsigned anonymous_timeout_s;   /* after which one that has not is disconnected */
    VxRpcConnectionLimits connection;
} VxRpcServerLimits;

/* Called in the thread of the context, with the DATA given to vx_rpc_server_new. */
typedef struct {
    /* A client came through a listener with TAG. This is where data is attached (vx_rpc_connection_set_data). */
    void (*opened)(VxRpcConnection *connection, unsigned tag, void *data);
    /* As in VxRpcConnectionHandlers; the call is the receiver's. */
    void (*call)(VxRpcConnection *connection, VxRpcCall *call, void *data);
    /* The connection has ended; see VxRpcConnectionHandlers. The server drops its reference. */
    void (*closed)(VxRpcConnection *connection, const GError *reason, void *data);
} VxRpcServerHandlers;

/* A server without sockets. LIMITS is copied, HANDLERS borrowed. */
VxRpcServer *vx_rpc_server_new(GMainContext *context, const VxRpcServerLimits *limits,
                               const VxRpcServerHandlers *handlers, void *data);

/* Ends all and frees SERVER (may be NULL). */
void vx_rpc_server_free(VxRpcServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxRpcServer, vx_rpc_server_free)

/* Accepts clients on LISTENER (its content is the server's from now on), which get TAG. */
void vx_rpc_server_add_listener(VxRpcServer *server, VxRpcListener *listener, unsigned tag);

/* CONNECTION (one of SERVER's) has authenticated: it no longer counts as anonymous. */
void vx_rpc_server_set_authenticated(VxRpcServer *server, VxRpcConnection *connection);

/* Closes the listeners; connections go on. For a stop in which calls in flight are still answered. */
void vx_rpc_server_stop_accepting(VxRpcServer *server);

/* New limits, for clients and calls to come. */
void vx_rpc_server_set_limits(VxRpcServer *server, const VxRpcServerLimits *limits);

unsigned vx_rpc_server_count_clients(const VxRpcServer *server);

/* Calls FUNCTION for each open connection; it may close it. */
void vx_rpc_server_foreach(VxRpcServer *server, void (*function)(VxRpcConnection *connection, void *data), void *data);
