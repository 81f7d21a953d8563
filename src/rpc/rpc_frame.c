/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_frame.h"

#include "util/vx_error.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How much is read at once; a body grows by this or by its own size, whichever is more. */
#define BODY_STEP (16u * 1024)
/* How much is read ahead: most calls are shorter, and so are these pieces of memory. */
#define AHEAD_BYTES 1000u

static void put_word(guint8 *bytes, guint32 word)
{
    word = GUINT32_TO_BE(word);
    memcpy(bytes, &word, sizeof word);
}

static guint32 get_word(const guint8 *bytes)
{
    guint32 word;

    memcpy(&word, bytes, sizeof word);
    return GUINT32_FROM_BE(word);
}

void vx_rpc_header_encode(const VxRpcHeader *header, guint32 length, guint8 *bytes)
{
    put_word(bytes, length);
    put_word(bytes + 4, header->program);
    put_word(bytes + 8, header->version);
    put_word(bytes + 12, (guint32)header->procedure);
    put_word(bytes + 16, header->type);
    put_word(bytes + 20, header->serial);
    put_word(bytes + 24, header->status);
}

void vx_rpc_header_decode(const guint8 *bytes, VxRpcHeader *header, guint32 *length)
{
    *length = get_word(bytes);
    *header = (VxRpcHeader){
        .program = get_word(bytes + 4),
        .version = get_word(bytes + 8),
        .procedure = (gint32)get_word(bytes + 12),
        .type = get_word(bytes + 16),
        .serial = get_word(bytes + 20),
        .status = get_word(bytes + 24),
    };
}

void vx_rpc_packet_free(VxRpcPacket *packet)
{
    if (!packet)
        return;
    for (unsigned i = 0; i < packet->n_fds; i++)
        if (packet->fds[i] >= 0)
            close(packet->fds[i]);
    g_free(packet->fds);
    g_free(packet->storage);
    g_free(packet);
}

GByteArray *vx_rpc_packet_begin(void)
{
    GByteArray *packet = g_byte_array_new();

    g_byte_array_set_size(packet, VX_RPC_PACKET_MIN);
    return packet;
}

void vx_rpc_packet_seal(GByteArray *packet, const VxRpcHeader *header)
{
    vx_rpc_header_encode(header, packet->len, packet->data);
}

/* ---- reading ---- */

static void begin_packet(VxRpcReader *reader)
{
    reader->head_length = 0;
    reader->body_length = 0;
    reader->n_fds_announced = 0;
}

bool vx_rpc_reader_has_ahead(const VxRpcReader *reader)
{
    return reader->ahead != NULL;
}

void vx_rpc_reader_clear(VxRpcReader *reader)
{
    g_clear_pointer(&reader->packet, vx_rpc_packet_free);
    g_clear_pointer(&reader->body, g_byte_array_unref);
    g_free(reader->ahead);
    if (reader->has_ahead_fd)
        close(reader->ahead_fd);
    memset(reader, 0, sizeof *reader);
}

static VxRpcReadResult fail_read(GError **error)
{
    vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot read from the client");
    return VX_RPC_READ_BROKEN;
}

/* What recv and recvmsg have returned; VX_RPC_READ_PACKET stands for "some were read". */
static VxRpcReadResult result_of(ssize_t n, gsize *received, GError **error)
{
    if (n == 0 || (n < 0 && errno == ECONNRESET))
        return VX_RPC_READ_END;
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? VX_RPC_READ_MORE : fail_read(error);
    *received = (gsize)n;
    return VX_RPC_READ_PACKET;
}

/* How many descriptors came with a message. If it is one, it is put into *FD; otherwise all are closed. */
static unsigned take_fds(struct msghdr *message, int *fd)
{
    int found = -1;
    unsigned n_found = 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (gsize at = 0; at + sizeof(int) <= c->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
            if (n_found++)
                close(found);
            memcpy(&found, CMSG_DATA(c) + at, sizeof(int));
        }
    }
    if (n_found == 1)
        *fd = found;
    else if (n_found > 1)
        close(found);
    return n_found;
}

/* Up to LENGTH bytes with the descriptors that the last of them has; the kernel reads no further than these. */
static VxRpcReadResult receive_message(int fd, void *bytes, gsize length, gsize *received, int *came, unsigned *n_came,
                                       GError **error)
{
    char control[CMSG_SPACE(sizeof(int) * VX_RPC_FDS_MAX)];
    struct iovec iov = {.iov_base = bytes, .iov_len = length};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    VxRpcReadResult result;
    ssize_t n;

    do
        n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    result = result_of(n, received, error);
    *n_came = result == VX_RPC_READ_PACKET ? take_fds(&message, came) : 0;
    return result;
}

static VxRpcReadResult fail_fds(GError **error)
{
    vx_fail(error, VIR_ERR_RPC, "each file descriptor must come alone with one byte, behind a packet that says so");
    return VX_RPC_READ_BROKEN;
}

static void end_ahead(VxRpcReader *reader)
{
    g_clear_pointer(&reader->ahead, g_free);
    reader->ahead_at = reader->ahead_length = 0;
}

static VxRpcReadResult read_ahead(VxRpcReader *reader, int fd, GError **error)
{
    gsize n = 0;
    unsigned n_fds;
    VxRpcReadResult result;

    reader->ahead = g_malloc(AHEAD_BYTES);
    result = receive_message(fd, reader->ahead, AHEAD_BYTES, &n, &reader->ahead_fd, &n_fds, error);
    reader->has_ahead_fd = n_fds == 1;
    reader->ahead_length = (guint)n;
    if (result != VX_RPC_READ_PACKET)
        end_ahead(reader);
    return n_fds > 1 ? fail_fds(error) : result;
}

/* Up to LENGTH bytes of what was read ahead. */
static VxRpcReadResult take_ahead(VxRpcReader *reader, guint8 *bytes, gsize length, gsize *received, GError **error)
{
    *received = MIN(length, reader->ahead_length - reader->ahead_at);
    memcpy(bytes, reader->ahead + reader->ahead_at, *received);
    reader->ahead_at += (guint)*received;
    if (reader->ahead_at < reader->ahead_length)
        return VX_RPC_READ_PACKET;
    end_ahead(reader);
    return reader->has_ahead_fd ? fail_fds(error) : VX_RPC_READ_PACKET; /* with a byte of a head or a body */
}

/* Up to LENGTH bytes. */
static VxRpcReadResult receive(VxRpcReader *reader, int fd, guint8 *bytes, gsize length, gsize *received,
                               GError **error)
{
    ssize_t n;

    if (!reader->ahead && reader->reads_ahead && reader->head_length == 0) {
        VxRpcReadResult result = read_ahead(reader, fd, error);

        if (result != VX_RPC_READ_PACKET)
            return result;
    }
    if (reader->ahead)
        return take_ahead(reader, bytes, length, received, error);
    do
        n = recv(fd, bytes, length, 0);
    while (n < 0 && errno == EINTR);
    return result_of(n, received, error);
}

static VxRpcReadResult read_head(VxRpcReader *reader, int fd, GError **error)
{
    gsize n = 0;
    VxRpcReadResult result =
        receive(reader, fd, reader->head + reader->head_length, VX_RPC_PACKET_MIN - reader->head_length, &n, error);
    guint32 length;

    if (result != VX_RPC_READ_PACKET)
        return result;
    reader->head_length += (guint)n;
    if (reader->head_length >= sizeof length) {
        length = get_word(reader->head);
        if (length < VX_RPC_PACKET_MIN || length > VX_RPC_PACKET_MAX) {
            vx_fail(error, VIR_ERR_RPC, "a packet of %u bytes was announced; it must have %u to %u", length,
                    VX_RPC_PACKET_MIN, VX_RPC_PACKET_MAX);
            return VX_RPC_READ_BROKEN;
        }
        reader->body_length = length - VX_RPC_PACKET_MIN;
    }
    if (reader->head_length == VX_RPC_PACKET_MIN) {
        reader->packet = g_new0(VxRpcPacket, 1);
        vx_rpc_header_decode(reader->head, &reader->packet->header, &length);
        reader->body = g_byte_array_new();
    }
    return VX_RPC_READ_PACKET;
}

static VxRpcReadResult read_body(VxRpcReader *reader, int fd, GError **error)
{
    guint have = reader->body->len;
    guint step = MIN(reader->body_length - have, MAX(BODY_STEP, have));
    gsize n = 0;
    VxRpcReadResult result;

    g_byte_array_set_size(reader->body, have + step);
    result = receive(reader, fd, reader->body->data + have, step, &n, error);
    g_byte_array_set_size(reader->body, have + (guint)n);
    return result;
}

static VxRpcReadResult read_fd(VxRpcReader *reader, int fd, GError **error)
{
    VxRpcPacket *packet = reader->packet;
    unsigned n_came = 0;
    int came = -1;
    gsize n = 0;
    char byte;

    if (reader->ahead) {
        if (!reader->has_ahead_fd || reader->ahead_at + 1 != reader->ahead_length)
            return fail_fds(error);
        reader->has_ahead_fd = false;
        end_ahead(reader);
        packet->fds[packet->n_fds++] = reader->ahead_fd;
        return VX_RPC_READ_PACKET;
    }
    VxRpcReadResult result = receive_message(fd, &byte, 1, &n, &came, &n_came, error);

    if (result == VX_RPC_READ_PACKET && n_came != 1)
        return fail_fds(error);
    if (result == VX_RPC_READ_PACKET)
        packet->fds[packet->n_fds++] = came;
    return result;
}

static bool expects_fds(const VxRpcHeader *header)
{
    return header->type == VX_RPC_CALL_WITH_FDS || header->type == VX_RPC_REPLY_WITH_FDS;
}

/* The body is complete: hand it to the packet, and see how many descriptors follow. */
static bool finish_body(VxRpcReader *reader, GError **error)
{
    VxRpcPacket *packet = reader->packet;
    guint32 n_fds = 0;

    packet->payload_length = reader->body->len;
    packet->storage = packet->payload = g_byte_array_free(g_steal_pointer(&reader->body), FALSE);
    if (!expects_fds(&packet->header))
        return true;
    if (packet->payload_length >= 4)
        n_fds = get_word(packet->payload);
    if (packet->payload_length < 4 || n_fds > VX_RPC_FDS_MAX)
        return vx_fail(error, VIR_ERR_RPC, "a packet with file descriptors must say how many, at most %u",
                       VX_RPC_FDS_MAX);
    packet->payload += 4;
    packet->payload_length -= 4;
    packet->fds = g_new(int, MAX(n_fds, 1));
    reader->n_fds_announced = n_fds;
    return true;
}

VxRpcReadResult vx_rpc_reader_read(VxRpcReader *reader, int fd, VxRpcPacket **packet, GError **error)
{
    for (;;) {
        VxRpcReadResult result = VX_RPC_READ_PACKET;

        if (reader->head_length < VX_RPC_PACKET_MIN)
            result = read_head(reader, fd, error);
        else if (reader->body && reader->body->len < reader->body_length)
            result = read_body(reader, fd, error);
        else if (reader->body)
            result = finish_body(reader, error) ? VX_RPC_READ_PACKET : VX_RPC_READ_BROKEN;
        else if (reader->packet->n_fds < reader->n_fds_announced)
            result = read_fd(reader, fd, error);
        else {
            *packet = g_steal_pointer(&reader->packet);
            begin_packet(reader);
            return VX_RPC_READ_PACKET;
        }
        if (result != VX_RPC_READ_PACKET)
            return result;
    }
}
