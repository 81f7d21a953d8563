/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_call.h"

#include "rpc/rpc_error.h"
#include "rpc/rpc_private.h"
#include "rpc/xdr_codec.h"
#include "util/vx_error.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct VxRpcCall {
    VxRpcConnection *connection;
    const VxRpcProcedure *procedure;
    VxRpcPacket *packet;
    void *arguments;
};

VxRpcCall *vx_rpc_call_new(VxRpcConnection *connection, const VxRpcProcedure *procedure, VxRpcPacket *packet)
{
    VxRpcCall *call = g_new0(VxRpcCall, 1);

    call->connection = vx_rpc_connection_ref(connection);
    call->procedure = procedure;
    call->packet = packet;
    return call;
}

gsize vx_rpc_call_get_size(const VxRpcCall *call)
{
    return sizeof *call + call->packet->payload_length;
}

const VxRpcProcedure *vx_rpc_call_get_procedure(const VxRpcCall *call)
{
    return call->procedure;
}

const VxRpcHeader *vx_rpc_call_get_header(const VxRpcCall *call)
{
    return &call->packet->header;
}

VxRpcConnection *vx_rpc_call_get_connection(const VxRpcCall *call)
{
    return call->connection;
}

bool vx_rpc_call_decode(VxRpcCall *call, void **arguments, GError **error)
{
    const VxRpcPacket *packet = call->packet;
    g_autofree void *value = NULL;

    if (call->procedure->args_xdr && !call->arguments) {
        value = g_malloc0(MAX(call->procedure->args_size, 1));
        if (!vx_xdr_decode(packet->payload, packet->payload_length, call->procedure->args_xdr, value, NULL))
            return vx_fail(error, VIR_ERR_RPC, "the %" G_GSIZE_FORMAT " bytes sent are no arguments of %s",
                           packet->payload_length, call->procedure->name);
        call->arguments = g_steal_pointer(&value);
    }
    *arguments = call->arguments;
    return true;
}

unsigned vx_rpc_call_get_n_fds(const VxRpcCall *call)
{
    return call->packet->n_fds;
}

int vx_rpc_call_take_fd(VxRpcCall *call, unsigned index)
{
    int fd = -1;

    if (index < call->packet->n_fds) {
        fd = call->packet->fds[index];
        call->packet->fds[index] = -1;
    }
    return fd;
}

void vx_rpc_call_discard(VxRpcCall *call)
{
    if (call->arguments) {
        vx_xdr_free(call->procedure->args_xdr, call->arguments);
        g_free(call->arguments);
    }
    vx_rpc_packet_free(call->packet);
    vx_rpc_connection_unref(call->connection);
    g_free(call);
}

/* Sends DELIVERY as the answer of CALL, which is then gone. */
static void answer(VxRpcCall *call, VxRpcDelivery *delivery)
{
    delivery->connection = vx_rpc_connection_ref(call->connection);
    delivery->kind = VX_RPC_OUT_REPLY;
    delivery->ends_call = true;
    vx_rpc_call_discard(call);
    vx_rpc_deliver(delivery);
}

GByteArray *vx_rpc_error_packet(const VxRpcHeader *header, VxRpcType type, const GError *error, virErrorDomain from)
{
    GByteArray *packet = vx_rpc_packet_begin();
    VxRpcHeader head = *header;

    head.type = type;
    head.status = VX_RPC_FAILED;
    vx_rpc_error_encode(packet, error, from);
    vx_rpc_packet_seal(packet, &head);
    return packet;
}

void vx_rpc_call_fail_from(VxRpcCall *call, virErrorDomain from, GError *error)
{
    VxRpcDelivery delivery = {.packet = vx_rpc_error_packet(&call->packet->header, VX_RPC_REPLY, error, from)};

    g_error_free(error);
    answer(call, &delivery);
}

void vx_rpc_call_fail(VxRpcCall *call, GError *error)
{
    vx_rpc_call_fail_from(call, VIR_FROM_NONE, error);
}

void vx_rpc_call_free(VxRpcCall *call)
{
    if (call)
        vx_rpc_call_fail(call, g_error_new(VX_ERROR, VIR_ERR_INTERNAL_ERROR, "%s was given up without an answer",
                                           call->procedure->name));
}

/* The reply with RESULT, NULL when it cannot be encoded. */
static GByteArray *result_packet(const VxRpcCall *call, const void *result, bool with_fds, unsigned n_fds)
{
    GByteArray *packet = vx_rpc_packet_begin();
    VxRpcHeader head = call->packet->header;
    guint32 count = GUINT32_TO_BE(n_fds);

    head.type = with_fds ? VX_RPC_REPLY_WITH_FDS : VX_RPC_REPLY;
    head.status = VX_RPC_OK;
    if (with_fds)
        g_byte_array_append(packet, (const guint8 *)&count, sizeof count);
    if (call->procedure->ret_xdr && !vx_xdr_encode(packet, VX_RPC_PACKET_MAX, call->procedure->ret_xdr, result)) {
        g_byte_array_unref(packet);
        return NULL;
    }
    vx_rpc_packet_seal(packet, &head);
    return packet;
}

/* Sends DELIVERY; if it has no packet, says instead that the result does not fit into one. */
static void answer_or_fail(VxRpcCall *call, VxRpcDelivery *delivery)
{
    g_autoptr(GError) error = NULL;

    if (!delivery->packet) {
        vx_fail(&error, VIR_ERR_RPC, "the result of %s is beyond the bounds of a message", call->procedure->name);
        delivery->packet = vx_rpc_error_packet(&call->packet->header, VX_RPC_REPLY, error, VIR_FROM_NONE);
        delivery->failed = true;
    }
    answer(call, delivery);
}

void vx_rpc_call_reply(VxRpcCall *call, const void *result)
{
    VxRpcDelivery delivery = {.packet = result_packet(call, result, false, 0)};

    answer_or_fail(call, &delivery);
}

void vx_rpc_call_reply_with_stream(VxRpcCall *call, const void *result, const VxRpcStreamHandlers *handlers, void *data)
{
    VxRpcDelivery delivery = {
        .packet = result_packet(call, result, false, 0),
        .handlers = handlers,
        .stream_data = data,
        .stream_header = call->packet->header,
    };

    answer_or_fail(call, &delivery);
}

static int *duplicate_fds(const int *fds, unsigned n_fds)
{
    int *copies = g_new(int, MAX(n_fds, 1));

    for (unsigned i = 0; i < n_fds; i++) {
        copies[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
        if (copies[i] >= 0)
            continue;
        while (i-- > 0)
            close(copies[i]);
        g_free(copies);
        return NULL;
    }
    return copies;
}

void vx_rpc_call_reply_with_fds(VxRpcCall *call, const void *result, const int *fds, unsigned n_fds)
{
    VxRpcDelivery delivery = {.fds = duplicate_fds(fds, n_fds), .n_fds = n_fds};

    if (!delivery.fds) {
        vx_rpc_call_fail(call, g_error_new(VX_ERROR, VIR_ERR_SYSTEM_ERROR, "cannot duplicate a file descriptor: %s",
                                           g_strerror(errno)));
        return;
    }
    delivery.packet = result_packet(call, result, true, n_fds);
    if (!delivery.packet) {
        for (unsigned i = 0; i < n_fds; i++)
            close(delivery.fds[i]);
        g_clear_pointer(&delivery.fds, g_free);
    }
    answer_or_fail(call, &delivery);
}
