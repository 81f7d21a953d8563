/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What rpc_connection.c, rpc_call.c, rpc_delivery.c and rpc_stream.c know of each other; for no one else. Main thread,
 * unless said.
 */
#pragma once

#include "rpc/rpc_call.h"
#include "rpc/rpc_connection.h"
#include "rpc/rpc_output.h"
#include "rpc/rpc_stream.h"

/* A packet on its way from any thread to the connection's. Zeroed, then filled; given away by vx_rpc_deliver. */
typedef struct {
    VxRpcConnection *connection; /* a reference */
    GByteArray *packet;          /* sealed */
    int *fds;
    unsigned n_fds;
    VxRpcOutKind kind;
    bool ends_call;                      /* one call less in flight */
    bool failed;                         /* the call failed: no stream begins */
    const VxRpcStreamHandlers *handlers; /* not NULL: a stream begins behind the packet */
    void *stream_data;
    VxRpcHeader stream_header; /* of the call that opened it */
} VxRpcDelivery;

/* Any thread. */
void vx_rpc_deliver(const VxRpcDelivery *delivery);
/* The packet, and what DELIVERY says of its call and stream; what it has is taken. The connection is open. */
void vx_rpc_connection_take_delivery(VxRpcConnection *connection, const VxRpcDelivery *delivery);

/* A call from PACKET (owned from now on). */
VxRpcCall *vx_rpc_call_new(VxRpcConnection *connection, const VxRpcProcedure *procedure, VxRpcPacket *packet);
gsize vx_rpc_call_get_size(const VxRpcCall *call);
/* Frees it without a word to the client. */
void vx_rpc_call_discard(VxRpcCall *call);

/* An error packet of TYPE that answers HEADER. Any thread. */
GByteArray *vx_rpc_error_packet(const VxRpcHeader *header, VxRpcType type, const GError *error, virErrorDomain from);

/* Writes what waits, as far as the socket takes it now. The connection may end with it. */
void vx_rpc_connection_flush(VxRpcConnection *connection);

/* That of its thread. Any thread. */
GMainContext *vx_rpc_connection_get_context(VxRpcConnection *connection);

/* The connection's part of streams. */
void vx_rpc_connection_push(VxRpcConnection *connection, VxRpcOutKind kind, GByteArray *packet);
void vx_rpc_connection_add_stream(VxRpcConnection *connection, VxRpcStream *stream);
void vx_rpc_connection_remove_stream(VxRpcConnection *connection, VxRpcStream *stream);
void vx_rpc_connection_hold_input(VxRpcConnection *connection, bool hold);
bool vx_rpc_connection_is_full(const VxRpcConnection *connection);

/* Begins a stream, adds it to the connection and calls started. */
void vx_rpc_stream_begin(VxRpcConnection *connection, const VxRpcHeader *header, const VxRpcStreamHandlers *handlers,
                         void *data);
VxRpcConnection *vx_rpc_stream_get_connection(const VxRpcStream *stream);
bool vx_rpc_stream_matches(const VxRpcStream *stream, const VxRpcHeader *header);
/* A stream packet of the client's. STREAM may be gone afterwards. */
void vx_rpc_stream_take(VxRpcStream *stream, const VxRpcPacket *packet);
/* Tells its owner that there is room, if it waits for that. Whether it did. STREAM may be gone afterwards. */
bool vx_rpc_stream_tell_writable(VxRpcStream *stream);
/* Ends STREAM without a word to the client. */
void vx_rpc_stream_end(VxRpcStream *stream);
