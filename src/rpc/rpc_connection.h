/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One client: a non-blocking UNIX socket on a GMainContext. The thread that runs the context owns the connection; the
 * functions marked "any thread" post to it. What protects the daemon from a client, and other clients from it:
 *
 *   - a packet's memory is taken as its bytes arrive (rpc_frame.h);
 *   - max_calls calls are in flight at once; a few more wait, then the socket is not read;
 *   - while much waits to be written (VX_RPC_OUTPUT_HIGH), the socket is not read, and streams are told to wait;
 *   - a client that lets VX_RPC_EVENTS_MAX bytes of events pile up is disconnected;
 *   - keepalive, once started, ends a connection that is silent.
 */
#pragma once

#include "rpc/rpc_frame.h"
#include "rpc/rpc_procedure.h"

#include <libvirt/virterror.h>
#include <sys/types.h>

typedef struct VxRpcConnection VxRpcConnection;
typedef struct VxRpcCall VxRpcCall;

#define VX_RPC_OUTPUT_HIGH (1u << 20)  /* bytes waiting to be written at which reading stops */
#define VX_RPC_EVENTS_MAX (16u << 20)  /* bytes of events waiting at which the client is given up */
#define VX_RPC_WAITING_CALLS_MAX 16u   /* calls read beyond max_calls before reading stops */
#define VX_RPC_WAITING_BYTES_MAX 65536 /* or as many bytes of them */

typedef struct {
    unsigned max_calls;            /* in flight at once, at least 1 */
    unsigned keepalive_interval_s; /* 0: the server sends no keepalive */
    unsigned keepalive_count;
} VxRpcConnectionLimits;

/* All are called in the thread of the context, with the DATA given to vx_rpc_connection_new. */
typedef struct {
    /* A well-formed call of a procedure that exists. CALL is the receiver's: it is to be answered, from any thread. */
    void (*call)(VxRpcConnection *connection, VxRpcCall *call, void *data);
    /* The connection has ended, once, for REASON (NULL: the client closed it, or we did on request). Its owner drops
     * its reference here. Streams have been told before; calls in flight may still be answered, to no effect. */
    void (*closed)(VxRpcConnection *connection, const GError *reason, void *data);
} VxRpcConnectionHandlers;

/* A connection on the connected socket FD, which it owns. HANDLERS and LIMITS are borrowed, for as long as it lives. */
VxRpcConnection *vx_rpc_connection_new(GMainContext *context, int fd, const VxRpcConnectionLimits *limits,
                                       const VxRpcConnectionHandlers *handlers, void *data);

/* Any thread. A connection that has not ended stays open without references. */
VxRpcConnection *vx_rpc_connection_ref(VxRpcConnection *connection);
void vx_rpc_connection_unref(VxRpcConnection *connection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxRpcConnection, vx_rpc_connection_unref)

/* Ends the connection now; what waits to be written is dropped. Does nothing if it has ended. */
void vx_rpc_connection_close(VxRpcConnection *connection, const GError *reason);

/* Ends it when all that waits, and the replies to calls in flight, are written; nothing more is read. A client that
 * does not take it is cut off after VX_RPC_LINGER_S seconds. */
void vx_rpc_connection_close_when_written(VxRpcConnection *connection);
#define VX_RPC_LINGER_S 10

/* Whether it has not ended. */
bool vx_rpc_connection_is_open(const VxRpcConnection *connection);

/* The peer as the kernel knows it (SO_PEERCRED), taken when the connection was made. Any thread. */
typedef struct {
    pid_t pid;
    uid_t uid;
    gid_t gid;
} VxRpcPeer;
const VxRpcPeer *vx_rpc_connection_get_peer(const VxRpcConnection *connection);

/* A number that no other connection of this process has, from 1, for logs. Any thread. */
guint64 vx_rpc_connection_get_id(const VxRpcConnection *connection);

/* Something of the daemon's, freed by DESTROY with the last reference. Set before the first call; got by any thread. */
void vx_rpc_connection_set_data(VxRpcConnection *connection, void *data, GDestroyNotify destroy);
void *vx_rpc_connection_get_data(const VxRpcConnection *connection);

/* From now on the client may be asked whether it lives: only after it asked for feature 10
 * (VIR_DRV_FEATURE_PROGRAM_KEEPALIVE), since others would take a ping for a broken protocol. Any thread. */
void vx_rpc_connection_start_keepalive(VxRpcConnection *connection);

/* Sends event NUMBER of PROGRAM with MESSAGE (of the wire type of the table). Events and replies posted by one thread
 * are sent in their order. Any thread. False when MESSAGE cannot be encoded, which is a mistake of the caller's. */
bool vx_rpc_connection_send_event(VxRpcConnection *connection, guint32 program, gint32 number, const void *message);

/* Runs FUNCTION(DATA) in the thread of CONTEXT: at once if the caller is it, else later. Any thread. */
void vx_rpc_post(GMainContext *context, void (*function)(void *data), void *data);
