/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Packets from bytes and to bytes, however the bytes come.
 */
#include "peer.h"
#include "rpc/rpc_error.h"
#include "rpc/rpc_keepalive.h"
#include "rpc/rpc_output.h"
#include "util/vx_error.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    int fds[2];
    VxRpcReader reader;
    VxRpcOutput output;
} Fixture;

/* DATA is not NULL for a reader that reads ahead. */
static void set_up(Fixture *f, const void *data)
{
    peer_make_pair(f->fds);
    f->reader.reads_ahead = data != NULL;
}

static void clear_reader(Fixture *f)
{
    bool reads_ahead = f->reader.reads_ahead;

    vx_rpc_reader_clear(&f->reader);
    f->reader.reads_ahead = reads_ahead;
}

static void tear_down(Fixture *f, const void *data G_GNUC_UNUSED)
{
    vx_rpc_reader_clear(&f->reader);
    vx_rpc_output_clear(&f->output);
    close(f->fds[0]);
    close(f->fds[1]);
}

static GByteArray *make_packet(VxRpcType type, guint32 serial, const void *payload, gsize length)
{
    GByteArray *packet = vx_rpc_packet_begin();
    VxRpcHeader header = peer_header(type, 7, serial);

    g_byte_array_append(packet, payload, (guint)length);
    vx_rpc_packet_seal(packet, &header);
    return packet;
}

static VxRpcReadResult read_one(Fixture *f, VxRpcPacket **packet)
{
    g_autoptr(GError) error = NULL;
    VxRpcReadResult result = vx_rpc_reader_read(&f->reader, f->fds[0], packet, &error);

    g_assert_cmpint(error != NULL, ==, result == VX_RPC_READ_BROKEN);
    return result;
}

static void send_bytes(Fixture *f, const void *bytes, gsize length)
{
    g_assert_cmpint(send(f->fds[1], bytes, length, 0), ==, length);
}

static void test_byte_by_byte(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GByteArray) bytes = make_packet(VX_RPC_CALL, 3, "payload", 7);

    for (guint i = 0; i + 1 < bytes->len; i++) {
        VxRpcPacket *none = NULL;
        send_bytes(f, bytes->data + i, 1);
        g_assert_cmpint(read_one(f, &none), ==, VX_RPC_READ_MORE);
    }
    send_bytes(f, bytes->data + bytes->len - 1, 1);

    g_autoptr(VxRpcPacket) packet = NULL;
    g_assert_cmpint(read_one(f, &packet), ==, VX_RPC_READ_PACKET);
    g_assert_cmpmem(packet->payload, packet->payload_length, "payload", 7);
    g_assert_cmpuint(packet->header.serial, ==, 3);
    g_assert_cmpuint(packet->header.program, ==, VX_PROGRAM_REMOTE);
    g_assert_cmpint(packet->header.procedure, ==, 7);
}

static void test_several_at_once(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GByteArray) all = g_byte_array_new();

    for (guint32 serial = 0; serial < 5; serial++) {
        g_autoptr(GByteArray) bytes = make_packet(VX_RPC_CALL, serial, "abcdefgh", serial);
        g_byte_array_append(all, bytes->data, bytes->len);
    }
    send_bytes(f, all->data, all->len);
    for (guint32 serial = 0; serial < 5; serial++) {
        g_autoptr(VxRpcPacket) packet = NULL;
        g_assert_cmpint(read_one(f, &packet), ==, VX_RPC_READ_PACKET);
        g_assert_cmpuint(packet->header.serial, ==, serial);
        g_assert_cmpuint(packet->payload_length, ==, serial);
    }
}

static void test_bad_lengths(Fixture *f, const void *data G_GNUC_UNUSED)
{
    static const guint32 lengths[] = {0, 1, 27, VX_RPC_PACKET_MAX + 1, 0x7fffffff, 0xffffffff};

    for (gsize i = 0; i < G_N_ELEMENTS(lengths); i++) {
        guint32 word = GUINT32_TO_BE(lengths[i]);
        VxRpcPacket *none = NULL;

        send_bytes(f, &word, sizeof word);
        g_assert_cmpint(read_one(f, &none), ==, VX_RPC_READ_BROKEN);
        clear_reader(f);
    }
}

/* The largest packet may be announced, and costs next to nothing until it comes. */
static void test_huge_length_costs_nothing(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcHeader header = peer_header(VX_RPC_CALL, 1, 0);
    guint8 head[VX_RPC_PACKET_MIN + 100] = {0};
    VxRpcPacket *none = NULL;

    vx_rpc_header_encode(&header, VX_RPC_PACKET_MAX, head);
    send_bytes(f, head, sizeof head);
    g_assert_cmpint(read_one(f, &none), ==, VX_RPC_READ_MORE);
    g_assert_cmpuint(f->reader.body->len, ==, 100);
    g_assert_cmpuint(f->reader.body_length, ==, VX_RPC_PAYLOAD_MAX);
    close(f->fds[1]);
    g_assert_cmpint(read_one(f, &none), ==, VX_RPC_READ_END);
    f->fds[1] = dup(f->fds[0]);
}

static void test_large_packet(Fixture *f, const void *data G_GNUC_UNUSED)
{
    gsize length = 3000000;
    g_autofree guint8 *payload = g_malloc(length);
    g_autoptr(VxRpcPacket) packet = NULL;
    VxRpcReadResult result = VX_RPC_READ_MORE;

    for (gsize i = 0; i < length; i++)
        payload[i] = (guint8)(i * 7 + i / 251);
    vx_rpc_output_push(&f->output, VX_RPC_OUT_REPLY, make_packet(VX_RPC_REPLY, 9, payload, length), NULL, 0);
    while (result == VX_RPC_READ_MORE) {
        g_assert_true(vx_rpc_output_flush(&f->output, f->fds[1], NULL));
        result = read_one(f, &packet);
    }
    g_assert_cmpint(result, ==, VX_RPC_READ_PACKET);
    g_assert_cmpmem(packet->payload, packet->payload_length, payload, length);
    g_assert_cmpuint(f->output.bytes, ==, 0);
}

static void test_descriptors(Fixture *f, const void *data G_GNUC_UNUSED)
{
    guint8 payload[8] = {0, 0, 0, 2, 'a', 'b', 'c', 'd'};
    int pipes[2];
    int *fds = g_new(int, 2);
    char c = 0;

    g_assert_true(pipe(pipes) == 0);
    fds[0] = pipes[0];
    fds[1] = pipes[1];
    vx_rpc_output_push(&f->output, VX_RPC_OUT_REPLY, make_packet(VX_RPC_REPLY_WITH_FDS, 1, payload, 8), fds, 2);
    vx_rpc_output_push(&f->output, VX_RPC_OUT_REPLY, make_packet(VX_RPC_REPLY, 2, "behind", 6), NULL, 0);
    g_assert_true(vx_rpc_output_flush(&f->output, f->fds[1], NULL));

    g_autoptr(VxRpcPacket) packet = NULL;
    g_autoptr(VxRpcPacket) behind = NULL;
    g_assert_cmpint(read_one(f, &packet), ==, VX_RPC_READ_PACKET);
    g_assert_cmpuint(packet->n_fds, ==, 2);
    g_assert_cmpmem(packet->payload, packet->payload_length, "abcd", 4);
    g_assert_cmpint(write(packet->fds[1], "x", 1), ==, 1);
    g_assert_cmpint(read(packet->fds[0], &c, 1), ==, 1);
    g_assert_cmpint(fcntl(packet->fds[0], F_GETFD) & FD_CLOEXEC, !=, 0);
    g_assert_cmpint(read_one(f, &behind), ==, VX_RPC_READ_PACKET);
    g_assert_cmpmem(behind->payload, behind->payload_length, "behind", 6);
}

static void test_bad_descriptors(Fixture *f, const void *data G_GNUC_UNUSED)
{
    static const struct {
        const char *payload;
        gsize length;
    } cases[] = {{"", 0}, {"\0\0", 2}, {"\0\0\0\x21", 4}, {"\xff\xff\xff\xff", 4}, {"\0\0\0\1x", 5}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) bytes = make_packet(VX_RPC_CALL_WITH_FDS, 1, cases[i].payload, cases[i].length);
        VxRpcPacket *none = NULL;

        send_bytes(f, bytes->data, bytes->len);
        if (i == G_N_ELEMENTS(cases) - 1)
            send_bytes(f, "z", 1); /* the byte without its descriptor */
        g_assert_cmpint(read_one(f, &none), ==, VX_RPC_READ_BROKEN);
        clear_reader(f);
    }
}

/* Sends LENGTH bytes with the descriptor FD. */
static void send_with_fd(Fixture *f, void *bytes, gsize length, int fd)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
    struct iovec iov = {.iov_base = bytes, .iov_len = length};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};

    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    g_assert_cmpint(sendmsg(f->fds[1], &message, 0), ==, length);
}

static unsigned count_descriptors(void)
{
    g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
    unsigned n = 0;

    while (g_dir_read_name(dir))
        n++;
    return n;
}

/* A descriptor that comes with a byte of a packet, and one that comes with several bytes: only a reader that reads
 * ahead sees the first. Neither stays open. */
static void test_stray_descriptors(Fixture *f, const void *data)
{
    g_autoptr(GByteArray) plain = make_packet(VX_RPC_CALL, 1, "abcd", 4);
    g_autoptr(GByteArray) with_fd = make_packet(VX_RPC_CALL_WITH_FDS, 1, "\0\0\0\1", 4);
    g_autoptr(VxRpcPacket) packet = NULL;
    unsigned n_open = count_descriptors();
    VxRpcPacket *none = NULL;

    send_with_fd(f, plain->data, plain->len, f->fds[1]);
    g_assert_cmpint(read_one(f, data ? &none : &packet), ==, data ? VX_RPC_READ_BROKEN : VX_RPC_READ_PACKET);
    clear_reader(f);
    g_assert_cmpuint(count_descriptors(), ==, n_open);
    send_bytes(f, with_fd->data, with_fd->len);
    send_with_fd(f, with_fd->data, 3, f->fds[1]);
    if (data) {
        g_assert_cmpint(read_one(f, &none), ==, VX_RPC_READ_BROKEN);
        clear_reader(f);
        g_assert_cmpuint(count_descriptors(), ==, n_open);
    }
}

/* Keepalive overtakes what waits, but not what is half written. */
static void test_urgent(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree guint8 *payload = g_malloc0(2000000);
    guint32 serials[4];

    vx_rpc_output_push(&f->output, VX_RPC_OUT_REPLY, make_packet(VX_RPC_REPLY, 1, payload, 2000000), NULL, 0);
    g_assert_true(vx_rpc_output_flush(&f->output, f->fds[1], NULL));
    vx_rpc_output_push(&f->output, VX_RPC_OUT_EVENT, make_packet(VX_RPC_MESSAGE, 2, "", 0), NULL, 0);
    vx_rpc_output_push(&f->output, VX_RPC_OUT_URGENT, make_packet(VX_RPC_MESSAGE, 3, "", 0), NULL, 0);
    vx_rpc_output_push(&f->output, VX_RPC_OUT_URGENT, make_packet(VX_RPC_MESSAGE, 4, "", 0), NULL, 0);
    g_assert_cmpuint(f->output.event_bytes, ==, VX_RPC_PACKET_MIN);
    for (int i = 0; i < 4;) {
        g_autoptr(VxRpcPacket) packet = NULL;
        if (read_one(f, &packet) == VX_RPC_READ_PACKET)
            serials[i++] = packet->header.serial;
        g_assert_true(vx_rpc_output_flush(&f->output, f->fds[1], NULL));
    }
    g_assert_cmpuint(serials[0], ==, 1);
    g_assert_cmpuint(serials[1], ==, 3);
    g_assert_cmpuint(serials[2], ==, 4);
    g_assert_cmpuint(serials[3], ==, 2);
    g_assert_cmpuint(f->output.event_bytes, ==, 0);
}

static void test_gone_reader(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    close(f->fds[0]);
    f->fds[0] = dup(f->fds[1]);
    vx_rpc_output_push(&f->output, VX_RPC_OUT_REPLY, make_packet(VX_RPC_REPLY, 1, "", 0), NULL, 0);
    g_assert_false(vx_rpc_output_flush(&f->output, f->fds[1], &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_SYSTEM_ERROR);
}

static void test_keepalive(void)
{
    VxRpcKeepalive keepalive = {.count = 2};

    vx_rpc_keepalive_hear(&keepalive);
    g_assert_cmpint(vx_rpc_keepalive_tick(&keepalive), ==, VX_RPC_KEEPALIVE_NOTHING);
    g_assert_cmpint(vx_rpc_keepalive_tick(&keepalive), ==, VX_RPC_KEEPALIVE_PING);
    g_assert_cmpint(vx_rpc_keepalive_tick(&keepalive), ==, VX_RPC_KEEPALIVE_PING);
    vx_rpc_keepalive_hear(&keepalive);
    g_assert_cmpint(vx_rpc_keepalive_tick(&keepalive), ==, VX_RPC_KEEPALIVE_NOTHING);
    g_assert_cmpint(vx_rpc_keepalive_tick(&keepalive), ==, VX_RPC_KEEPALIVE_PING);
    g_assert_cmpint(vx_rpc_keepalive_tick(&keepalive), ==, VX_RPC_KEEPALIVE_PING);
    g_assert_cmpint(vx_rpc_keepalive_tick(&keepalive), ==, VX_RPC_KEEPALIVE_DEAD);
}

static void test_error_words(void)
{
    g_autoptr(GError) invalid = g_error_new(VX_ERROR, VIR_ERR_OPERATION_INVALID, "domain 'a' runs already");
    g_autoptr(GError) xml = g_error_new(VX_ERROR, VIR_ERR_XML_DETAIL, "line 3: no end");
    g_autoptr(GError) other = g_error_new(G_FILE_ERROR, G_FILE_ERROR_NOENT, "bad \xff byte");
    g_autofree char *invalid_text = vx_rpc_error_message(invalid);
    g_autofree char *xml_text = vx_rpc_error_message(xml);
    g_autofree char *other_text = vx_rpc_error_message(other);

    g_assert_cmpstr(invalid_text, ==, "Requested operation is not valid: domain 'a' runs already");
    g_assert_cmpstr(xml_text, ==, "line 3: no end");
    g_assert_cmpstr(other_text, ==, "internal error: bad \xef\xbf\xbd byte");
    g_assert_cmpint(vx_rpc_error_domain(VIR_ERR_RPC), ==, VIR_FROM_RPC);
    g_assert_cmpint(vx_rpc_error_domain(VIR_ERR_XML_ERROR), ==, VIR_FROM_DOMAIN);
}

/* Clients renumber these pairs of code and domain, a leftover of old versions: none may be sent. */
static void test_no_renumbered_error(void)
{
    for (int code = 61; code <= 63; code++)
        g_assert_cmpint(vx_rpc_error_domain(code), ==, VIR_FROM_NWFILTER);
    g_assert_cmpint(vx_rpc_error_domain(64), !=, VIR_FROM_QEMU);
    g_assert_cmpint(vx_rpc_error_domain(65), !=, VIR_FROM_XEN);
}

#define ADD(name)                                                                                                      \
    g_test_add("/rpc/frame/" #name, Fixture, NULL, set_up, test_##name, tear_down);                                    \
    g_test_add("/rpc/frame/ahead/" #name, Fixture, "ahead", set_up, test_##name, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(byte_by_byte);
    ADD(several_at_once);
    ADD(bad_lengths);
    ADD(huge_length_costs_nothing);
    ADD(large_packet);
    ADD(descriptors);
    ADD(bad_descriptors);
    ADD(stray_descriptors);
    ADD(urgent);
    ADD(gone_reader);
    g_test_add_func("/rpc/keepalive", test_keepalive);
    g_test_add_func("/rpc/error/words", test_error_words);
    g_test_add_func("/rpc/error/not_renumbered", test_no_renumbered_error);
    return g_test_run();
}
