/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "peer.h"

#include "rpc/xdr_codec.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

void peer_settle(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

VxRpcHeader peer_header(VxRpcType type, gint32 procedure, guint32 serial)
{
    return (VxRpcHeader){VX_PROGRAM_REMOTE, VX_PROGRAM_VERSION, procedure, type, serial, VX_RPC_OK};
}

static void send_packet(int fd, GByteArray *packet, const VxRpcHeader *header)
{
    vx_rpc_packet_seal(packet, header);
    g_assert_cmpint(send(fd, packet->data, packet->len, MSG_NOSIGNAL), ==, packet->len);
    g_byte_array_unref(packet);
}

void peer_send(int fd, const VxRpcHeader *header, const void *payload, gsize length)
{
    GByteArray *packet = vx_rpc_packet_begin();

    g_byte_array_append(packet, payload, (guint)length);
    send_packet(fd, packet, header);
}

void peer_send_value(int fd, const VxRpcHeader *header, xdrproc_t xdr, const void *value)
{
    GByteArray *packet = vx_rpc_packet_begin();

    g_assert_true(vx_xdr_encode(packet, VX_RPC_PACKET_MAX, xdr, value));
    send_packet(fd, packet, header);
}

VxRpcPacket *peer_receive(int fd)
{
    gint64 deadline = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;
    VxRpcReader reader = {0};
    VxRpcPacket *packet = NULL;
    VxRpcReadResult result;

    while ((result = vx_rpc_reader_read(&reader, fd, &packet, NULL)) == VX_RPC_READ_MORE) {
        g_assert_cmpint(g_get_monotonic_time(), <, deadline);
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(200);
    }
    g_assert_cmpint(result, !=, VX_RPC_READ_BROKEN);
    vx_rpc_reader_clear(&reader);
    return packet;
}

VxRpcPacket *peer_expect(int fd, const VxRpcHeader *header, VxRpcType type, VxRpcStatus status)
{
    VxRpcPacket *packet = peer_receive(fd);

    g_assert_nonnull(packet);
    g_assert_cmpuint(packet->header.program, ==, header->program);
    g_assert_cmpuint(packet->header.version, ==, header->version);
    g_assert_cmpint(packet->header.procedure, ==, header->procedure);
    g_assert_cmpuint(packet->header.serial, ==, header->serial);
    g_assert_cmpuint(packet->header.type, ==, type);
    g_assert_cmpuint(packet->header.status, ==, status);
    return packet;
}

void peer_expect_error(int fd, const VxRpcHeader *header, VxRpcType type, int code, const char *message_part)
{
    g_autoptr(VxRpcPacket) packet = peer_expect(fd, header, type, VX_RPC_FAILED);
    wire_error error = {0};

    g_assert_true(vx_xdr_decode(packet->payload, packet->payload_length, (xdrproc_t)xdr_wire_error, &error, NULL));
    g_assert_cmpint(error.code, ==, code);
    g_assert_cmpint(error.level, ==, VIR_ERR_ERROR);
    g_assert_nonnull(error.message);
    if (!strstr(*error.message, message_part))
        g_error("'%s' is not in the message '%s'", message_part, *error.message);
    vx_xdr_free((xdrproc_t)xdr_wire_error, &error);
}

void peer_make_pair(int fds[2])
{
    g_assert_no_errno(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds));
}
