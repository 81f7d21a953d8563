/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_output.h"

#include "util/vx_error.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    GByteArray *bytes;
    gsize sent; /* of bytes */
    int *fds;
    unsigned n_fds;
    unsigned fds_sent;
    VxRpcOutKind kind;
} Item;

static void item_free(Item *item)
{
    for (unsigned i = 0; i < item->n_fds; i++)
        close(item->fds[i]);
    g_free(item->fds);
    g_byte_array_unref(item->bytes);
    g_free(item);
}

/* Before the first packet of which nothing is written and that is not urgent itself. */
static void push_urgent(VxRpcOutput *output, Item *item)
{
    GList *place = output->packets.head;

    while (place) {
        const Item *other = place->data;
        if (other->sent == 0 && other->kind != VX_RPC_OUT_URGENT)
            break;
        place = place->next;
    }
    g_queue_insert_before(&output->packets, place, item);
}

void vx_rpc_output_push(VxRpcOutput *output, VxRpcOutKind kind, GByteArray *packet, int *fds, unsigned n_fds)
{
    Item *item = g_new0(Item, 1);

    *item = (Item){.bytes = packet, .fds = fds, .n_fds = n_fds, .kind = kind};
    if (kind == VX_RPC_OUT_URGENT)
        push_urgent(output, item);
    else
        g_queue_push_tail(&output->packets, item);
    output->bytes += packet->len;
    if (kind == VX_RPC_OUT_EVENT)
        output->event_bytes += packet->len;
}

/* One descriptor travels with one byte of its own. */
static ssize_t send_fd(int socket, int fd)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
    char byte = 0;
    struct iovec iov = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};

    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

static ssize_t send_some(Item *item, int fd)
{
    ssize_t n;

    if (item->sent < item->bytes->len) {
        n = send(fd, item->bytes->data + item->sent, item->bytes->len - item->sent, MSG_NOSIGNAL);
        if (n > 0)
            item->sent += (gsize)n;
    } else {
        n = send_fd(fd, item->fds[item->fds_sent]);
        if (n > 0)
            item->fds_sent++;
    }
    return n;
}

static void drop_first(VxRpcOutput *output)
{
    Item *item = g_queue_pop_head(&output->packets);

    output->bytes -= item->bytes->len;
    if (item->kind == VX_RPC_OUT_EVENT)
        output->event_bytes -= item->bytes->len;
    item_free(item);
}

bool vx_rpc_output_flush(VxRpcOutput *output, int fd, GError **error)
{
    Item *item;

    while ((item = g_queue_peek_head(&output->packets))) {
        if (item->sent == item->bytes->len && item->fds_sent == item->n_fds) {
            drop_first(output);
        } else if (send_some(item, fd) < 0 && errno != EINTR) {
            if (errno == EAGAIN || errno == EWOULDBLOCK)
                return true;
            return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot write to the client");
        }
    }
    return true;
}

void vx_rpc_output_clear(VxRpcOutput *output)
{
    while (!g_queue_is_empty(&output->packets))
        drop_first(output);
}
