/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Streams between a client and a file descriptor, and their ends.
 */
#include "peer.h"
#include "rpc/rpc_stream_fd.h"
#include "rpc/xdr_codec.h"
#include "util/vx_error.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    int client;
    int device; /* the far side of the descriptor behind the stream */
    VxRpcConnection *connection;
    VxRpcConnectionLimits limits;
    VxRpcHeader header; /* of the stream's packets */
    VxRpcCall *call;
    VxRpcFdStream *stream; /* valid until it has ended */
    bool closed;
    bool ended;
} Fixture;

static void on_call(VxRpcConnection *connection G_GNUC_UNUSED, VxRpcCall *call, void *data)
{
    ((Fixture *)data)->call = call;
}

static void on_closed(VxRpcConnection *connection G_GNUC_UNUSED, const GError *reason G_GNUC_UNUSED, void *data)
{
    ((Fixture *)data)->closed = true;
}

static void on_ended(void *data)
{
    Fixture *f = data;

    g_assert_false(f->ended);
    f->ended = true;
}

static const VxRpcConnectionHandlers handlers = {.call = on_call, .closed = on_closed};

/* Opens a console on a socket pair. */
static void set_up(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader call = peer_header(VX_RPC_CALL, VX_REMOTE_DOMAIN_OPEN_CONSOLE, 8);
    int fds[2], device[2];

    peer_make_pair(fds);
    peer_make_pair(device);
    f->client = fds[1];
    f->device = device[1];
    f->limits = (VxRpcConnectionLimits){.max_calls = 5};
    f->connection = vx_rpc_connection_new(NULL, fds[0], &f->limits, &handlers, f);
    peer_send(f->client, &call, NULL, 0);
    PEER_RUN_UNTIL(f->call);
    f->stream = vx_rpc_fd_stream_new(f->call, device[0], on_ended, f);
    vx_rpc_call_reply_with_fd_stream(f->call, NULL, f->stream);
    vx_rpc_packet_free(peer_expect(f->client, &call, VX_RPC_REPLY, VX_RPC_OK));
    f->header = call;
    f->header.type = VX_RPC_STREAM;
    f->header.status = VX_RPC_CONTINUE;
}

static void tear_down(Fixture *f, const void *data G_GNUC_UNUSED)
{
    vx_rpc_connection_close(f->connection, NULL);
    peer_settle();
    g_assert_true(f->closed);
    g_assert_true(f->ended);
    vx_rpc_connection_unref(f->connection);
    close(f->client);
    close(f->device);
}

static void read_device(Fixture *f, char *bytes, gsize length)
{
    gsize n_read = 0;

    while (n_read < length) {
        ssize_t n = read(f->device, bytes + n_read, length - n_read);
        if (n > 0)
            n_read += (gsize)n;
        else
            g_main_context_iteration(NULL, FALSE);
    }
}

static void test_both_ways(Fixture *f, const void *data G_GNUC_UNUSED)
{
    char bytes[5];

    peer_send(f->client, &f->header, "hello", 5);
    read_device(f, bytes, 5);
    g_assert_cmpmem(bytes, 5, "hello", 5);
    g_assert_cmpint(write(f->device, "world", 5), ==, 5);
    g_autoptr(VxRpcPacket) packet = peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_CONTINUE);
    g_assert_cmpmem(packet->payload, packet->payload_length, "world", 5);
}

static void send_end(Fixture *f, VxRpcType type, VxRpcStatus status)
{
    VxRpcHeader header = f->header;

    header.type = type;
    header.status = status;
    peer_send(f->client, &header, NULL, 0);
}

/* What was sent before finish reaches the device before finish is confirmed. */
static void test_finish(Fixture *f, const void *data G_GNUC_UNUSED)
{
    char bytes[3];

    peer_send(f->client, &f->header, "abc", 3);
    send_end(f, VX_RPC_STREAM, VX_RPC_OK);
    vx_rpc_packet_free(peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_OK));
    g_assert_true(f->ended);
    read_device(f, bytes, 3);
    peer_send(f->client, &f->header, "late", 4); /* dropped */
    peer_settle();
    g_assert_true(vx_rpc_connection_is_open(f->connection));
}

static void test_abort(Fixture *f, const void *data G_GNUC_UNUSED)
{
    send_end(f, VX_RPC_STREAM, VX_RPC_FAILED);
    vx_rpc_packet_free(peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_OK));
    g_assert_true(f->ended);
}

static void test_hole(Fixture *f, const void *data G_GNUC_UNUSED)
{
    send_end(f, VX_RPC_STREAM_HOLE, VX_RPC_CONTINUE);
    peer_expect_error(f->client, &f->header, VX_RPC_STREAM, VIR_ERR_ARGUMENT_UNSUPPORTED, "holes");
    g_assert_true(f->ended);
}

/* The device's end is an empty packet; then the client finishes. */
static void test_device_ends(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_assert_cmpint(write(f->device, "bye", 3), ==, 3);
    shutdown(f->device, SHUT_RDWR);
    g_autoptr(VxRpcPacket) last = peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_CONTINUE);
    g_autoptr(VxRpcPacket) end = peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_CONTINUE);
    g_assert_cmpuint(last->payload_length, ==, 3);
    g_assert_cmpuint(end->payload_length, ==, 0);
    peer_settle(); /* and does not spin: this returns */
    send_end(f, VX_RPC_STREAM, VX_RPC_OK);
    vx_rpc_packet_free(peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_OK));
}

static void test_connection_ends(Fixture *f, const void *data G_GNUC_UNUSED)
{
    shutdown(f->client, SHUT_RDWR);
    PEER_RUN_UNTIL(f->closed);
    g_assert_true(f->ended);
}

/* A device that talks to a client that does not listen is not read without end. */
static void test_slow_client(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *block = g_strnfill(8192, 'd');
    gsize n_written = 0, n_received = 0;
    int idle = 0;

    while (idle < 10) {
        ssize_t n = write(f->device, block, 8192);
        n_written += n > 0 ? (gsize)n : 0;
        idle = n > 0 ? 0 : idle + 1;
        peer_settle();
    }
    g_assert_cmpuint(n_written, <, 2 * VX_RPC_STREAM_CHUNK + (2u << 20));
    while (n_received < n_written) {
        g_autoptr(VxRpcPacket) packet = peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_CONTINUE);
        n_received += packet->payload_length;
    }
    g_assert_cmpuint(n_received, ==, n_written);
}

/* A client that talks to a device that does not listen is slowed down by its socket, and loses nothing. */
static void test_slow_device(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *block = g_strnfill(8192, 'c');
    g_autofree char *bytes = NULL;
    GByteArray *packet = vx_rpc_packet_begin();
    gsize n_sent = 0, at = 0;
    int idle = 0;

    g_byte_array_append(packet, (guint8 *)block, 8192);
    vx_rpc_packet_seal(packet, &f->header);
    while (idle < 10) {
        ssize_t n = send(f->client, packet->data + at, packet->len - at, MSG_NOSIGNAL);
        at += n > 0 ? (gsize)n : 0;
        idle = n > 0 ? 0 : idle + 1;
        if (at == packet->len) {
            at = 0;
            n_sent += 8192;
        }
        peer_settle();
    }
    g_assert_cmpuint(n_sent, >, 256u << 10);
    g_assert_cmpuint(n_sent, <, 2u << 20);
    bytes = g_malloc(n_sent);
    read_device(f, bytes, n_sent);
    g_assert_cmpint(bytes[n_sent - 1], ==, 'c');
    g_byte_array_unref(packet);
}

/* What the client sends to a device that is gone is dropped; the stream ends cleanly all the same. */
static void test_device_gone(Fixture *f, const void *data G_GNUC_UNUSED)
{
    char *bytes = g_malloc0(100000);

    g_assert_cmpint(write(f->device, "last", 4), ==, 4);
    close(f->device);
    f->device = open("/dev/null", O_RDONLY);
    peer_send(f->client, &f->header, bytes, 100000);
    g_autoptr(VxRpcPacket) last = peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_CONTINUE);
    g_assert_cmpmem(last->payload, last->payload_length, "last", 4);
    g_autoptr(VxRpcPacket) end = peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_CONTINUE);
    g_assert_cmpuint(end->payload_length, ==, 0);
    peer_send(f->client, &f->header, bytes, 100000);
    send_end(f, VX_RPC_STREAM, VX_RPC_OK);
    vx_rpc_packet_free(peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_OK));
    PEER_RUN_UNTIL(f->ended);
    g_free(bytes);
}

static gpointer fail_stream(gpointer stream)
{
    vx_rpc_fd_stream_fail(stream, g_error_new(VX_ERROR, VIR_ERR_OPERATION_ABORTED, "another client has taken it"));
    return NULL;
}

/* Another thread may end a stream: while it is open, and again when it is over. */
static void test_taken_away(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcFdStream *stream = vx_rpc_fd_stream_ref(f->stream);

    g_thread_join(g_thread_new("taker", fail_stream, stream));
    vx_rpc_packet_free(peer_expect(f->client, &f->header, VX_RPC_STREAM, VX_RPC_FAILED));
    PEER_RUN_UNTIL(f->ended);
    g_thread_join(g_thread_new("taker", fail_stream, stream));
    peer_settle();
    vx_rpc_fd_stream_unref(stream);
}

/* So that it ends as soon as it begins. */
static void test_taken_away_before(void)
{
    VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_DOMAIN_OPEN_CHANNEL, 3);
    Fixture f = {.limits = {.max_calls = 1}};
    VxRpcFdStream *stream;
    int fds[2], device[2];

    peer_make_pair(fds);
    peer_make_pair(device);
    f.connection = vx_rpc_connection_new(NULL, fds[0], &f.limits, &handlers, &f);
    peer_send(fds[1], &header, NULL, 0);
    PEER_RUN_UNTIL(f.call);
    stream = vx_rpc_fd_stream_new(f.call, device[0], on_ended, &f);
    fail_stream(stream);
    vx_rpc_call_reply_with_fd_stream(f.call, NULL, stream);
    vx_rpc_packet_free(peer_expect(fds[1], &header, VX_RPC_REPLY, VX_RPC_OK));
    vx_rpc_packet_free(peer_expect(fds[1], &header, VX_RPC_STREAM, VX_RPC_FAILED));
    PEER_RUN_UNTIL(f.ended);
    vx_rpc_connection_close(f.connection, NULL);
    vx_rpc_connection_unref(f.connection);
    close(device[1]);
    close(fds[1]);
}

/* A pty whose far side closes ends the data, instead of failing. */
static void test_pty(void)
{
    VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_DOMAIN_OPEN_CONSOLE, 1);
    Fixture f = {.limits = {.max_calls = 1}};
    int fds[2], master, slave;

    peer_make_pair(fds);
    g_assert_no_errno(openpty(&master, &slave, NULL, NULL, NULL));
    f.connection = vx_rpc_connection_new(NULL, fds[0], &f.limits, &handlers, &f);
    peer_send(fds[1], &header, NULL, 0);
    PEER_RUN_UNTIL(f.call);
    vx_rpc_call_reply_with_fd_stream(f.call, NULL, vx_rpc_fd_stream_new(f.call, master, on_ended, &f));
    vx_rpc_packet_free(peer_expect(fds[1], &header, VX_RPC_REPLY, VX_RPC_OK));
    close(slave);
    header.status = VX_RPC_CONTINUE;
    g_autoptr(VxRpcPacket) end = peer_expect(fds[1], &header, VX_RPC_STREAM, VX_RPC_CONTINUE);
    g_assert_cmpuint(end->payload_length, ==, 0);
    vx_rpc_connection_close(f.connection, NULL);
    g_assert_true(f.ended);
    vx_rpc_connection_unref(f.connection);
    close(fds[1]);
}

#define ADD(name) g_test_add("/rpc/stream/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    g_test_init(&argc, &argv, NULL);
    ADD(both_ways);
    ADD(finish);
    ADD(abort);
    ADD(hole);
    ADD(device_ends);
    ADD(connection_ends);
    ADD(slow_client);
    ADD(slow_device);
    ADD(device_gone);
    ADD(taken_away);
    g_test_add_func("/rpc/stream/taken_away_before", test_taken_away_before);
    g_test_add_func("/rpc/stream/pty", test_pty);
    return g_test_run();
}
