/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Calls, replies, events, limits and keepalive over a socket pair.
 */
#include "peer.h"
#include "rpc/rpc_keepalive.h"
#include "rpc/xdr_codec.h"
#include "util/vx_error.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    int client;
    VxRpcConnection *connection;
    VxRpcConnectionLimits limits;
    GQueue calls; /* handed over, not answered */
    bool closed;
    char *reason;
} Fixture;

static void on_call(VxRpcConnection *connection G_GNUC_UNUSED, VxRpcCall *call, void *data)
{
    g_queue_push_tail(&((Fixture *)data)->calls, call);
}

static void on_closed(VxRpcConnection *connection G_GNUC_UNUSED, const GError *reason, void *data)
{
    Fixture *f = data;

    g_assert_false(f->closed);
    f->closed = true;
    f->reason = reason ? g_strdup(reason->message) : NULL;
}

static const VxRpcConnectionHandlers handlers = {.call = on_call, .closed = on_closed};

static void set_up(Fixture *f, const void *data G_GNUC_UNUSED)
{
    int fds[2];

    peer_make_pair(fds);
    f->client = fds[1];
    f->limits = (VxRpcConnectionLimits){.max_calls = 5, .keepalive_interval_s = 1, .keepalive_count = 1};
    f->connection = vx_rpc_connection_new(NULL, fds[0], &f->limits, &handlers, f);
}

static void tear_down(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcCall *call;

    while ((call = g_queue_pop_head(&f->calls)))
        vx_rpc_call_free(call);
    vx_rpc_connection_close(f->connection, NULL);
    peer_settle();
    g_assert_true(f->closed);
    vx_rpc_connection_unref(f->connection);
    close(f->client);
    g_free(f->reason);
}

static VxRpcCall *next_call(Fixture *f)
{
    PEER_RUN_UNTIL(!g_queue_is_empty(&f->calls));
    return g_queue_pop_head(&f->calls);
}

static void test_call_and_reply(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_SUPPORTS_FEATURE, 42);
    wire_connect_supports_feature_args *args;
    wire_connect_supports_feature_ret ret = {.supported = 1};
    VxRpcCall *call;

    peer_send(f->client, &header, "\0\0\0\x0a", 4);
    call = next_call(f);
    g_assert_cmpstr(vx_rpc_call_get_procedure(call)->name, ==, "CONNECT_SUPPORTS_FEATURE");
    g_assert_true(vx_rpc_call_decode(call, (void **)&args, NULL));
    g_assert_cmpint(args->feature, ==, 10);
    vx_rpc_call_reply(call, &ret);

    g_autoptr(VxRpcPacket) reply = peer_expect(f->client, &header, VX_RPC_REPLY, VX_RPC_OK);
    g_assert_cmpmem(reply->payload, reply->payload_length, "\0\0\0\1", 4);
    g_assert_cmpuint(vx_rpc_connection_get_peer(f->connection)->uid, ==, getuid());
    g_assert_cmpint(vx_rpc_connection_get_peer(f->connection)->pid, ==, getpid());
}

/* Replies may overtake each other. */
static void test_other_order(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader first = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_CLOSE, 0);
    VxRpcHeader second = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_CLOSE, 1);

    peer_send(f->client, &first, NULL, 0);
    peer_send(f->client, &second, NULL, 0);
    VxRpcCall *call = next_call(f);
    vx_rpc_call_reply(next_call(f), NULL);
    vx_rpc_call_reply(call, NULL);
    vx_rpc_packet_free(peer_expect(f->client, &second, VX_RPC_REPLY, VX_RPC_OK));
    vx_rpc_packet_free(peer_expect(f->client, &first, VX_RPC_REPLY, VX_RPC_OK));
}

static void test_refused_calls(Fixture *f, const void *data G_GNUC_UNUSED)
{
    static const struct {
        guint32 program, version;
        gint32 procedure;
        guint32 status;
        const char *message;
    } cases[] = {
        {0x1234, 1, 5, 0, "program 0x1234"},
        {VX_PROGRAM_REMOTE, 2, 5, 0, "version 2"},
        {VX_PROGRAM_REMOTE, 1, 9999, 0, "unknown procedure"},
        {VX_PROGRAM_REMOTE, 1, 0, 0, "unknown procedure"},
        {VX_PROGRAM_REMOTE, 1, -1, 0, "unknown procedure"},
        {VX_PROGRAM_REMOTE, 1, VX_REMOTE_DOMAIN_EVENT_LIFECYCLE, 0, "unknown procedure"},
        {VX_PROGRAM_QEMU, 1, 8, 0, "unknown procedure"},
        {VX_PROGRAM_REMOTE, 1, 3, 1, "status"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        VxRpcHeader header = {cases[i].program, cases[i].version, cases[i].procedure,
                              VX_RPC_CALL,      (guint32)i,       cases[i].status};
        peer_send(f->client, &header, NULL, 0);
        peer_expect_error(f->client, &header, VX_RPC_REPLY, VIR_ERR_RPC, cases[i].message);
    }
    g_assert_true(g_queue_is_empty(&f->calls));
}

static void test_short_arguments(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_SUPPORTS_FEATURE, 1);
    g_autoptr(GError) error = NULL;
    void *args;
    VxRpcCall *call;

    peer_send(f->client, &header, "\0\0", 2);
    call = next_call(f);
    g_assert_false(vx_rpc_call_decode(call, &args, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_RPC);
    vx_rpc_call_fail(call, g_steal_pointer(&error));
    peer_expect_error(f->client, &header, VX_RPC_REPLY, VIR_ERR_RPC, "CONNECT_SUPPORTS_FEATURE");
}

static void test_forgotten_call(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_GET_TYPE, 1);

    peer_send(f->client, &header, NULL, 0);
    vx_rpc_call_free(next_call(f));
    peer_expect_error(f->client, &header, VX_RPC_REPLY, VIR_ERR_INTERNAL_ERROR, "CONNECT_GET_TYPE");
}

/* A result that breaks a bound, or lacks a string, must not leave the client without an answer. */
static void test_impossible_result(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_GET_TYPE, 1);
    wire_connect_get_type_ret ret = {.type = NULL};

    peer_send(f->client, &header, NULL, 0);
    vx_rpc_call_reply(next_call(f), &ret);
    peer_expect_error(f->client, &header, VX_RPC_REPLY, VIR_ERR_RPC, "CONNECT_GET_TYPE");
}

static void test_ignored_packets(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader reply = peer_header(VX_RPC_REPLY, 1, 5);
    VxRpcHeader stream = peer_header(VX_RPC_STREAM, 201, 5);
    VxRpcHeader hole = peer_header(VX_RPC_STREAM_HOLE, 201, 5);
    VxRpcHeader strange = peer_header(99, 1, 5);
    VxRpcHeader call = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_CLOSE, 6);

    peer_send(f->client, &reply, "x", 1);
    peer_send(f->client, &stream, "x", 1);
    peer_send(f->client, &hole, "x", 1);
    peer_send(f->client, &strange, "x", 1);
    peer_send(f->client, &call, NULL, 0);
    vx_rpc_call_reply(next_call(f), NULL);
    vx_rpc_packet_free(peer_expect(f->client, &call, VX_RPC_REPLY, VX_RPC_OK));
}

static void expect_pong(int client)
{
    VxRpcHeader pong = {VX_PROGRAM_KEEPALIVE, 1, VX_RPC_PONG, VX_RPC_MESSAGE, 0, VX_RPC_OK};

    vx_rpc_packet_free(peer_expect(client, &pong, VX_RPC_MESSAGE, VX_RPC_OK));
}

/* Only so many calls are in flight; the others are neither lost nor read without end; a ping behind them is answered.
 */
static void test_many_in_flight(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader ping = {VX_PROGRAM_KEEPALIVE, 1, VX_RPC_PING, VX_RPC_MESSAGE, 0, VX_RPC_OK};
    guint32 n_sent = 0, n_answered = 0;

    for (; n_sent < 10; n_sent++) {
        VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_CLOSE, n_sent);
        peer_send(f->client, &header, NULL, 0);
    }
    peer_send(f->client, &ping, NULL, 0);
    expect_pong(f->client);
    for (; n_sent < 200; n_sent++) {
        VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_CLOSE, n_sent);
        peer_send(f->client, &header, NULL, 0);
    }
    peer_settle();
    g_assert_cmpuint(f->calls.length, ==, f->limits.max_calls);
    for (; n_answered < n_sent; n_answered++) {
        VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_CLOSE, n_answered);
        g_assert_cmpuint(f->calls.length, <=, f->limits.max_calls);
        vx_rpc_call_reply(next_call(f), NULL);
        vx_rpc_packet_free(peer_expect(f->client, &header, VX_RPC_REPLY, VX_RPC_OK));
    }
}

static void *answer_in_thread(void *data)
{
    wire_connect_get_type_ret ret = {.type = (char *)"Xen"};

    vx_rpc_call_reply(data, &ret);
    return NULL;
}

static void test_reply_from_thread(Fixture *f, const void *data G_GNUC_UNUSED)
{
    for (guint32 serial = 0; serial < 50; serial++) {
        VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_GET_TYPE, serial);
        GThread *thread;

        peer_send(f->client, &header, NULL, 0);
        thread = g_thread_new("worker", answer_in_thread, next_call(f));
        vx_rpc_packet_free(peer_expect(f->client, &header, VX_RPC_REPLY, VX_RPC_OK));
        g_thread_join(thread);
    }
}

static void test_reply_after_end(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_CLOSE, 1);
    VxRpcCall *call;

    peer_send(f->client, &header, NULL, 0);
    call = next_call(f);
    shutdown(f->client, SHUT_RDWR);
    PEER_RUN_UNTIL(f->closed);
    g_assert_null(f->reason);
    vx_rpc_call_reply(call, NULL);
    peer_settle();
}

static void test_garbage(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_assert_cmpint(write(f->client, "GET / HTTP/1.0\r\n\r\n", 18), ==, 18);
    PEER_RUN_UNTIL(f->closed);
    g_assert_nonnull(f->reason);
    g_assert_null(peer_receive(f->client));
}

static void test_close_when_written(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader slow = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_CLOSE, 1);
    VxRpcHeader last = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_CLOSE, 2);
    VxRpcCall *call;

    peer_send(f->client, &slow, NULL, 0);
    peer_send(f->client, &last, NULL, 0);
    call = next_call(f);
    vx_rpc_call_reply(next_call(f), NULL);
    vx_rpc_connection_close_when_written(f->connection);
    vx_rpc_packet_free(peer_expect(f->client, &last, VX_RPC_REPLY, VX_RPC_OK));
    peer_settle();
    g_assert_false(f->closed);
    vx_rpc_call_reply(call, NULL);
    vx_rpc_packet_free(peer_expect(f->client, &slow, VX_RPC_REPLY, VX_RPC_OK));
    g_assert_null(peer_receive(f->client));
}

static void send_event(Fixture *f, char *key)
{
    wire_domain_event_callback_metadata_change_msg event = {.dom = {.name = key}, .nsuri = NULL};

    g_assert_true(vx_rpc_connection_send_event(f->connection, VX_PROGRAM_REMOTE,
                                               VX_REMOTE_DOMAIN_EVENT_CALLBACK_METADATA_CHANGE, &event));
}

static void test_event(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader header = peer_header(VX_RPC_MESSAGE, VX_REMOTE_DOMAIN_EVENT_CALLBACK_METADATA_CHANGE, 1);
    wire_none nothing = {};

    send_event(f, (char *)"guest");
    g_autoptr(VxRpcPacket) packet = peer_expect(f->client, &header, VX_RPC_MESSAGE, VX_RPC_OK);
    g_assert_cmpuint(packet->payload_length, ==, 4 + 12 + 16 + 4 + 4 + 4);
    g_assert_false(vx_rpc_connection_send_event(f->connection, VX_PROGRAM_REMOTE, VX_REMOTE_CONNECT_CLOSE, &nothing));
}

/* Who tells of an event may hold what a client's end has to take, in the loop's thread as well. */
static void test_event_in_loop(Fixture *f, const void *data G_GNUC_UNUSED)
{
    shutdown(f->client, SHUT_RDWR);
    g_assert_true(g_main_context_acquire(NULL));
    send_event(f, (char *)"guest");
    g_assert_false(f->closed);
    g_main_context_release(NULL);
    peer_settle();
    g_assert_true(f->closed);
}

/* A client that never reads is given up before its events fill the memory. */
static void test_slow_reader(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *name = g_strnfill(1000000, 'n');
    unsigned n = 0;

    while (!f->closed && n++ < 100) {
        send_event(f, name);
        peer_settle();
    }
    g_assert_true(f->closed);
    g_assert_cmpuint(n, >, 10);
    g_assert_cmpuint(n, <, 20);
    g_assert_nonnull(strstr(f->reason, "events"));
}

/* While a client does not read its replies, it is not listened to. */
static void test_unread_replies_stop_reading(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *text = g_strnfill(2000000, 't');
    wire_connect_get_type_ret ret = {.type = text};
    VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_CONNECT_GET_TYPE, 1);

    peer_send(f->client, &header, NULL, 0);
    vx_rpc_call_reply(next_call(f), &ret);
    peer_settle();
    peer_send(f->client, &header, NULL, 0);
    peer_settle();
    g_assert_true(g_queue_is_empty(&f->calls));
    vx_rpc_packet_free(peer_expect(f->client, &header, VX_RPC_REPLY, VX_RPC_OK));
    vx_rpc_call_reply(next_call(f), &ret);
}

static void test_keepalive_timeout(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader ping = {VX_PROGRAM_KEEPALIVE, 1, VX_RPC_PING, VX_RPC_MESSAGE, 0, VX_RPC_OK};
    VxRpcHeader pong = {VX_PROGRAM_KEEPALIVE, 1, VX_RPC_PONG, VX_RPC_MESSAGE, 0, VX_RPC_OK};

    vx_rpc_connection_start_keepalive(f->connection);
    vx_rpc_packet_free(peer_expect(f->client, &ping, VX_RPC_MESSAGE, VX_RPC_OK));
    peer_send(f->client, &pong, NULL, 0);
    vx_rpc_packet_free(peer_expect(f->client, &ping, VX_RPC_MESSAGE, VX_RPC_OK));
    g_assert_false(f->closed);
    PEER_RUN_UNTIL(f->closed);
    g_assert_nonnull(strstr(f->reason, "keepalive"));
}

static void test_descriptors(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader header = peer_header(VX_RPC_CALL, VX_REMOTE_DOMAIN_OPEN_GRAPHICS_FD, 1);
    int pipes[2];
    char c = 0;

    g_assert_cmpint(pipe(pipes), ==, 0);
    peer_send(f->client, &header, NULL, 0);
    vx_rpc_call_reply_with_fds(next_call(f), NULL, &pipes[1], 1);
    close(pipes[1]);
    g_autoptr(VxRpcPacket) packet = peer_expect(f->client, &header, VX_RPC_REPLY_WITH_FDS, VX_RPC_OK);
    g_assert_cmpuint(packet->n_fds, ==, 1);
    g_assert_cmpint(write(packet->fds[0], "y", 1), ==, 1);
    g_assert_cmpint(read(pipes[0], &c, 1), ==, 1);
    close(pipes[0]);
}

static void test_access(void)
{
    const VxRpcProcedure *xml = vx_rpc_procedure_find(VX_PROGRAM_REMOTE, VX_REMOTE_DOMAIN_GET_XML_DESC);
    const VxRpcProcedure *define = vx_rpc_procedure_find(VX_PROGRAM_REMOTE, VX_REMOTE_DOMAIN_DEFINE_XML);
    const VxRpcProcedure *type = vx_rpc_procedure_find(VX_PROGRAM_REMOTE, VX_REMOTE_CONNECT_GET_TYPE);
    wire_domain_get_xml_desc_args args = {.flags = VIR_DOMAIN_XML_INACTIVE};

    g_assert_false(vx_rpc_procedure_needs_write(xml, &args));
    args.flags |= VIR_DOMAIN_XML_SECURE;
    g_assert_true(vx_rpc_procedure_needs_write(xml, &args));
    args.flags = VIR_DOMAIN_XML_MIGRATABLE;
    g_assert_true(vx_rpc_procedure_needs_write(xml, &args));
    g_assert_true(vx_rpc_procedure_needs_write(define, NULL));
    g_assert_false(vx_rpc_procedure_needs_write(type, NULL));
}

#define ADD(name) g_test_add("/rpc/connection/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/rpc/procedure/access", test_access);
    ADD(call_and_reply);
    ADD(other_order);
    ADD(refused_calls);
    ADD(short_arguments);
    ADD(forgotten_call);
    ADD(impossible_result);
    ADD(ignored_packets);
    ADD(many_in_flight);
    ADD(reply_from_thread);
    ADD(reply_after_end);
    ADD(garbage);
    ADD(close_when_written);
    ADD(event);
    ADD(event_in_loop);
    ADD(slow_reader);
    ADD(unread_replies_stop_reading);
    ADD(keepalive_timeout);
    ADD(descriptors);
    return g_test_run();
}
