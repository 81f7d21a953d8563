/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_stream_fd.h"

#include "rpc/rpc_private.h"
#include "util/vx_error.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

/* Bytes for FD that wait: reading the client stops at HIGH and resumes at LOW. */
#define PENDING_HIGH (1u << 20)
#define PENDING_LOW (1u << 18)

typedef struct {
    VxRpcStream *stream;
    int fd;
    GSource *source;
    void *tag; /* NULL: not polled */
    GByteArray *pending;
    bool at_end;  /* FD has no more to say */
    bool waiting; /* the client's side is full */
    bool finish;  /* confirm when nothing is pending */
    GDestroyNotify ended;
    void *ended_data;
} Bridge;

typedef struct {
    GSource source;
    Bridge *bridge;
} BridgeSource;

/* Polls for what is of use. A descriptor that hung up would be reported for ever, so one without use is not polled. */
static void watch(Bridge *bridge)
{
    GIOCondition condition = 0;

    if (!bridge->at_end && !bridge->waiting)
        condition |= G_IO_IN;
    if (bridge->pending->len > 0)
        condition |= G_IO_OUT;
    if (!condition && bridge->tag) {
        g_source_remove_unix_fd(bridge->source, bridge->tag);
        bridge->tag = NULL;
    } else if (condition && bridge->tag) {
        g_source_modify_unix_fd(bridge->source, bridge->tag, condition);
    } else if (condition) {
        bridge->tag = g_source_add_unix_fd(bridge->source, bridge->fd, condition);
    }
}

static void fail(Bridge *bridge, const char *what)
{
    GError *error = NULL;

    vx_fail_errno(&error, VIR_ERR_SYSTEM_ERROR, errno, "cannot %s the device behind the stream", what);
    vx_rpc_stream_fail(bridge->stream, error);
}

static bool is_temporary(int errno_value)
{
    return errno_value == EAGAIN || errno_value == EWOULDBLOCK || errno_value == EINTR;
}

/* False when the stream has ended. */
static bool write_pending(Bridge *bridge)
{
    while (bridge->pending->len > 0) {
        ssize_t n = write(bridge->fd, bridge->pending->data, bridge->pending->len);

        if (n < 0 && is_temporary(errno))
            break;
        if (n < 0) {
            fail(bridge, "write to");
            return false;
        }
        g_byte_array_remove_range(bridge->pending, 0, (guint)n);
    }
    if (bridge->finish && bridge->pending->len == 0) {
        vx_rpc_stream_confirm(bridge->stream);
        return false;
    }
    if (bridge->pending->len <= PENDING_LOW)
        vx_rpc_stream_hold_input(bridge->stream, false);
    return true;
}

/* One buffer a turn, so that a talkative device does not keep others waiting. False when the stream has ended. */
static bool read_some(Bridge *bridge)
{
    guint8 buffer[16 * 1024];
    ssize_t n = read(bridge->fd, buffer, sizeof buffer);

    if (n > 0) {
        bridge->waiting = !vx_rpc_stream_send(bridge->stream, buffer, (gsize)n);
    } else if (n == 0 || errno == EIO || errno == ECONNRESET) { /* EIO: the other side of a pty was closed */
        bridge->at_end = true;
        vx_rpc_stream_send_end(bridge->stream);
    } else if (!is_temporary(errno)) {
        fail(bridge, "read from");
        return false;
    }
    return true;
}

static gboolean check(GSource *source)
{
    Bridge *bridge = ((BridgeSource *)source)->bridge;

    return bridge->tag && g_source_query_unix_fd(source, bridge->tag) != 0;
}

static gboolean dispatch(GSource *source, GSourceFunc function G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
    Bridge *bridge = ((BridgeSource *)source)->bridge;
    GIOCondition condition = g_source_query_unix_fd(source, bridge->tag);

    if (bridge->pending->len > 0 && condition & (G_IO_OUT | G_IO_ERR | G_IO_HUP) && !write_pending(bridge))
        return G_SOURCE_REMOVE;
    if (!bridge->at_end && !bridge->waiting && condition & (G_IO_IN | G_IO_HUP | G_IO_ERR) && !read_some(bridge))
        return G_SOURCE_REMOVE;
    watch(bridge);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_functions = {.check = check, .dispatch = dispatch};

static void on_started(VxRpcStream *stream, void *data)
{
    Bridge *bridge = data;

    bridge->stream = stream;
    bridge->source = g_source_new(&source_functions, sizeof(BridgeSource));
    ((BridgeSource *)bridge->source)->bridge = bridge;
    g_source_attach(bridge->source, vx_rpc_connection_get_context(vx_rpc_stream_get_connection(stream)));
    watch(bridge);
}

static void on_received(VxRpcStream *stream, const guint8 *bytes, gsize length, void *data)
{
    Bridge *bridge = data;

    g_byte_array_append(bridge->pending, bytes, (guint)length);
    if (!write_pending(bridge))
        return;
    if (bridge->pending->len >= PENDING_HIGH)
        vx_rpc_stream_hold_input(stream, true);
    watch(bridge);
}

static void on_finish(VxRpcStream *stream, void *data)
{
    Bridge *bridge = data;

    if (bridge->pending->len == 0)
        vx_rpc_stream_confirm(stream);
    else
        bridge->finish = true;
}

static void on_writable(VxRpcStream *stream G_GNUC_UNUSED, void *data)
{
    Bridge *bridge = data;

    bridge->waiting = false;
    watch(bridge);
}

static void on_ended(VxRpcStream *stream G_GNUC_UNUSED, void *data)
{
    Bridge *bridge = data;

    if (bridge->source) {
        g_source_destroy(bridge->source);
        g_source_unref(bridge->source);
    }
    close(bridge->fd);
    g_byte_array_unref(bridge->pending);
    if (bridge->ended)
        bridge->ended(bridge->ended_data);
    g_free(bridge);
}

static const VxRpcStreamHandlers bridge_handlers = {
    .started = on_started,
    .received = on_received,
    .finish = on_finish,
    .writable = on_writable,
    .ended = on_ended,
};

void vx_rpc_call_reply_with_fd_stream(VxRpcCall *call, const void *result, int fd, GDestroyNotify ended, void *data)
{
    Bridge *bridge = g_new0(Bridge, 1);

    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    *bridge = (Bridge){.fd = fd, .pending = g_byte_array_new(), .ended = ended, .ended_data = data};
    vx_rpc_call_reply_with_stream(call, result, &bridge_handlers, bridge);
}
