/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "wire_client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SERIAL_OFFSET 20 /* in the head of a packet */

bool wire_client_connect(WireClient *client, const char *socket_path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *client = (WireClient){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (client->fd < 0 ||
        g_strlcpy(address.sun_path, socket_path, sizeof(address.sun_path)) >= sizeof(address.sun_path))
        g_error("cannot make a socket for %s", socket_path);
    if (connect(client->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return true;
    close(client->fd);
    return false;
}

void wire_client_close(WireClient *client)
{
    vx_rpc_reader_clear(&client->reader);
    close(client->fd);
}

GByteArray *wire_call_new(gint32 procedure, xdrproc_t args_xdr, const void *args)
{
    const VxRpcHeader header = {.program = VX_PROGRAM_REMOTE,
                                .version = VX_PROGRAM_VERSION,
                                .procedure = procedure,
                                .type = VX_RPC_CALL,
                                .status = VX_RPC_OK};
    GByteArray *call = vx_rpc_packet_begin();

    if (args_xdr && !vx_xdr_encode(call, VX_RPC_PACKET_MAX, args_xdr, args))
        g_error("cannot encode the arguments of procedure %d", procedure);
    vx_rpc_packet_seal(call, &header);
    return call;
}

void wire_client_send(WireClient *client, GByteArray *call)
{
    const guint32 serial = GUINT32_TO_BE(client->serial);

    client->serial++;
    memcpy(call->data + SERIAL_OFFSET, &serial, sizeof(serial));
    for (gsize sent = 0; sent < call->len;) {
        ssize_t n = send(client->fd, call->data + sent, call->len - sent, MSG_NOSIGNAL);

        if (n < 0)
            g_error("cannot send: %s", g_strerror(errno));
        sent += (gsize)n;
    }
}

static void check_reply(const WireClient *client, const VxRpcPacket *reply)
{
    wire_error error = {0};

    if (reply->header.type != VX_RPC_REPLY || reply->header.serial != client->serial - 1)
        g_error("packet of type %u, serial %u instead of a reply", reply->header.type, reply->header.serial);
    if (reply->header.status == VX_RPC_OK)
        return;
    if (vx_xdr_decode(reply->payload, reply->payload_length, (xdrproc_t)xdr_wire_error, &error, NULL) && error.message)
        g_error("procedure %d: %s", reply->header.procedure, *error.message);
    g_error("procedure %d failed", reply->header.procedure);
}

VxRpcPacket *wire_client_receive(WireClient *client)
{
    g_autoptr(GError) error = NULL;
    VxRpcPacket *reply = NULL;

    switch (vx_rpc_reader_read(&client->reader, client->fd, &reply, &error)) {
    case VX_RPC_READ_MORE:
        return NULL;
    case VX_RPC_READ_PACKET:
        check_reply(client, reply);
        return reply;
    default:
        g_error("the daemon hung up%s%s", error ? ": " : "", error ? error->message : "");
    }
}

void wire_client_call(WireClient *client, GByteArray *call)
{
    wire_client_send(client, call);
    for (;;) {
        struct pollfd wait = {.fd = client->fd, .events = POLLIN};
        g_autoptr(VxRpcPacket) reply = NULL;

        if (poll(&wait, 1, -1) < 0 && errno != EINTR)
            g_error("cannot wait: %s", g_strerror(errno));
        reply = wire_client_receive(client);
        if (reply)
            return;
    }
}

void wire_client_open(WireClient *client)
{
    wire_nonnull_string uri = (char *)"xen:///system";
    const wire_connect_open_args args = {.name = &uri};
    g_autoptr(GByteArray) list = wire_call_new(VX_REMOTE_AUTH_LIST, NULL, NULL);
    g_autoptr(GByteArray) open = wire_call_new(VX_REMOTE_CONNECT_OPEN, (xdrproc_t)xdr_wire_connect_open_args, &args);

    wire_client_call(client, list);
    wire_client_call(client, open);
}
