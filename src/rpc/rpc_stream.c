/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_stream.h"

#include "rpc/rpc_private.h"
#include "util/vx_error.h"

struct VxRpcStream {
    int references; /* the connection's list, and whoever calls a handler */
    VxRpcConnection *connection;
    VxRpcHeader header;
    const VxRpcStreamHandlers *handlers;
    void *data;
    bool finishing; /* the client waits for the answer to finish */
    bool over;
    bool wants_room;
    bool holds_input;
};

static void release(VxRpcStream *stream)
{
    if (--stream->references > 0)
        return;
    vx_rpc_connection_unref(stream->connection);
    g_free(stream);
}

void vx_rpc_stream_begin(VxRpcConnection *connection, const VxRpcHeader *header, const VxRpcStreamHandlers *handlers,
                         void *data)
{
    VxRpcStream *stream = g_new0(VxRpcStream, 1);

    *stream = (VxRpcStream){
        .references = 1,
        .connection = vx_rpc_connection_ref(connection),
        .header = *header,
        .handlers = handlers,
        .data = data,
    };
    stream->header.type = VX_RPC_STREAM;
    vx_rpc_connection_add_stream(connection, stream);
    handlers->started(stream, data);
}

VxRpcConnection *vx_rpc_stream_get_connection(const VxRpcStream *stream)
{
    return stream->connection;
}

bool vx_rpc_stream_matches(const VxRpcStream *stream, const VxRpcHeader *header)
{
    return stream->header.serial == header->serial && stream->header.procedure == header->procedure &&
           stream->header.program == header->program;
}

void vx_rpc_stream_hold_input(VxRpcStream *stream, bool hold)
{
    if (stream->over || stream->holds_input == hold)
        return;
    stream->holds_input = hold;
    vx_rpc_connection_hold_input(stream->connection, hold);
}

void vx_rpc_stream_end(VxRpcStream *stream)
{
    if (stream->over)
        return;
    stream->over = true;
    vx_rpc_connection_remove_stream(stream->connection, stream);
    if (stream->holds_input)
        vx_rpc_connection_hold_input(stream->connection, false);
    stream->handlers->ended(stream, stream->data);
    release(stream);
}

static void send_packet(VxRpcStream *stream, VxRpcStatus status, const guint8 *bytes, gsize length)
{
    GByteArray *packet = vx_rpc_packet_begin();
    VxRpcHeader header = stream->header;

    header.status = status;
    if (length > 0)
        g_byte_array_append(packet, bytes, (guint)length);
    vx_rpc_packet_seal(packet, &header);
    vx_rpc_connection_push(stream->connection, VX_RPC_OUT_REPLY, packet);
}

bool vx_rpc_stream_send(VxRpcStream *stream, const guint8 *bytes, gsize length)
{
    if (stream->over)
        return false;
    while (length > 0) { /* an empty packet would be the end of the data */
        gsize part = MIN(length, VX_RPC_STREAM_CHUNK);

        send_packet(stream, VX_RPC_CONTINUE, bytes, part);
        bytes += part;
        length -= part;
    }
    stream->wants_room = vx_rpc_connection_is_full(stream->connection);
    return !stream->wants_room;
}

void vx_rpc_stream_flush(VxRpcStream *stream)
{
    if (!stream->over)
        vx_rpc_connection_flush(stream->connection);
}

bool vx_rpc_stream_tell_writable(VxRpcStream *stream)
{
    if (!stream->wants_room)
        return false;
    stream->wants_room = false;
    stream->references++;
    stream->handlers->writable(stream, stream->data);
    release(stream);
    return true;
}

void vx_rpc_stream_send_end(VxRpcStream *stream)
{
    if (!stream->over)
        send_packet(stream, VX_RPC_CONTINUE, NULL, 0);
}

void vx_rpc_stream_confirm(VxRpcStream *stream)
{
    /* unasked it would make the client drop the connection */
    g_return_if_fail(stream->finishing);
    if (stream->over)
        return;
    send_packet(stream, VX_RPC_OK, NULL, 0);
    vx_rpc_stream_end(stream);
}

void vx_rpc_stream_fail(VxRpcStream *stream, GError *error)
{
    if (!stream->over) {
        vx_rpc_connection_push(stream->connection, VX_RPC_OUT_REPLY,
                               vx_rpc_error_packet(&stream->header, VX_RPC_STREAM, error, VIR_FROM_NONE));
        vx_rpc_stream_end(stream);
    }
    g_error_free(error);
}

static void take_data(VxRpcStream *stream, const VxRpcPacket *packet)
{
    switch (packet->header.status) {
    case VX_RPC_CONTINUE:
        if (packet->payload_length > 0 && !stream->finishing)
            stream->handlers->received(stream, packet->payload, packet->payload_length, stream->data);
        break;
    case VX_RPC_OK:
        if (!stream->finishing) {
            stream->finishing = true;
            stream->handlers->finish(stream, stream->data);
        }
        break;
    default: /* abort */
        stream->finishing = true;
        vx_rpc_stream_confirm(stream);
        break;
    }
}

void vx_rpc_stream_take(VxRpcStream *stream, const VxRpcPacket *packet)
{
    stream->references++;
    if (packet->header.type == VX_RPC_STREAM_HOLE)
        vx_rpc_stream_fail(stream, g_error_new(VX_ERROR, VIR_ERR_ARGUMENT_UNSUPPORTED,
                                               "this stream cannot have holes; send the "
                                               "zeros as data"));
    else
        take_data(stream, packet);
    release(stream);
}
