/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_stream_fd.h"

#include "rpc/rpc_private.h"
#include "util/vx_error.h"

#include <errno.h>
#include <glib-unix.h>
#include <unistd.h>

/* Bytes for FD that wait: reading the client stops at HIGH and resumes at LOW. A client whose bytes are not taken hears
 * nothing either, as libvirt's own waits in virStreamSend, so they are not far apart. */
#define PENDING_HIGH (256u * 1024)
#define PENDING_LOW (192u * 1024)
/* Read from FD at once. */
#define READ_BYTES (64u * 1024)
#define FEW_BYTES 1024

struct VxRpcFdStream {
    gatomicrefcount refs;
    GMainContext *context;
    VxRpcStream *stream; /* NULL: not begun, or ended */
    int fd;
    GSource *source;
    void *tag; /* NULL: not polled */
    GIOCondition condition;
    GByteArray *pending;
    gsize n_written; /* of pending */
    bool at_end;     /* FD has no more to say */
    bool deaf;       /* nobody listens behind FD: what comes for it is dropped */
    bool waiting;    /* the client's side is full */
    bool finish;     /* confirm when nothing is pending */
    bool over;
    GError *failure; /* it is to fail as soon as it begins */
    GDestroyNotify ended;
    void *ended_data;
};

typedef struct VxRpcFdStream Bridge;

VxRpcFdStream *vx_rpc_fd_stream_ref(VxRpcFdStream *stream)
{
    g_atomic_ref_count_inc(&stream->refs);
    return stream;
}

void vx_rpc_fd_stream_unref(VxRpcFdStream *stream)
{
    if (!stream || !g_atomic_ref_count_dec(&stream->refs))
        return;
    g_clear_error(&stream->failure);
    g_byte_array_unref(stream->pending);
    if (stream->context)
        g_main_context_unref(stream->context);
    g_free(stream);
}

typedef struct {
    GSource source;
    Bridge *bridge;
} BridgeSource;

static gsize n_pending(const Bridge *bridge)
{
    return bridge->pending->len - bridge->n_written;
}

/* Polls for what is of use. A descriptor that hung up would be reported for ever, so one without use is not polled. */
static void watch(Bridge *bridge)
{
    GIOCondition condition = 0;

    if (!bridge->at_end && !bridge->waiting)
        condition |= G_IO_IN;
    if (n_pending(bridge) > 0)
        condition |= G_IO_OUT;
    if (condition == bridge->condition)
        return;
    bridge->condition = condition;
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

static bool is_gone(int errno_value)
{
    return errno_value == EIO || errno_value == EPIPE || errno_value == ECONNRESET || errno_value == ENXIO;
}

static void drop_pending(Bridge *bridge)
{
    g_byte_array_set_size(bridge->pending, 0);
    bridge->n_written = 0;
}

/* Writes what FD takes of what is pending. False when it failed, and the stream has ended with it. */
static bool write_some(Bridge *bridge)
{
    while (n_pending(bridge) > 0) {
        ssize_t n = write(bridge->fd, bridge->pending->data + bridge->n_written, n_pending(bridge));

        if (n < 0 && is_gone(errno)) {
            bridge->deaf = true;
            drop_pending(bridge);
        } else if (n < 0 && !is_temporary(errno)) {
            fail(bridge, "write to");
            return false;
        } else if (n <= 0) {
            break;
        }
        bridge->n_written += (gsize)MAX(n, 0);
    }
    if (n_pending(bridge) == 0)
        drop_pending(bridge);
    return true;
}

/* False when the stream has ended. */
static bool write_pending(Bridge *bridge)
{
    if (!write_some(bridge))
        return false;
    if (bridge->finish && n_pending(bridge) == 0) {
        vx_rpc_stream_confirm(bridge->stream);
        return false;
    }
    if (n_pending(bridge) <= PENDING_LOW)
        vx_rpc_stream_hold_input(bridge->stream, false);
    return true;
}

/* Fills BUFFER: a pty gives a few KiB at a time, which would be as many packets. Of less than FEW_BYTES there is seldom
 * more, and to ask would take as long as to read them. *WHY is what the last read said. */
static gsize fill(int fd, guint8 *buffer, gsize size, ssize_t *why)
{
    gsize length = 0;

    do {
        *why = read(fd, buffer + length, size - length);
        length += (gsize)MAX(*why, 0);
    } while (*why >= FEW_BYTES && length < size);
    return length;
}

/* One buffer a turn, so that a talkative device does not keep others waiting. False when the stream has ended. */
static bool read_some(Bridge *bridge)
{
    guint8 buffer[READ_BYTES];
    ssize_t n;
    gsize length = fill(bridge->fd, buffer, sizeof buffer, &n);
    int why = errno;

    if (length > 0) {
        bridge->waiting = !vx_rpc_stream_send(bridge->stream, buffer, length);
        vx_rpc_stream_flush(bridge->stream);
    } else if (n == 0 || is_gone(why)) { /* EIO: the other side of a pty was closed */
        bridge->at_end = true;
        vx_rpc_stream_send_end(bridge->stream);
    } else if (!is_temporary(why)) {
        errno = why;
        fail(bridge, "read from");
    }
    return !bridge->over;
}

static gboolean check(GSource *source)
{
    Bridge *bridge = ((BridgeSource *)source)->bridge;

    return bridge->tag && g_source_query_unix_fd(source, bridge->tag) != 0;
}

/* False when the stream has ended. */
static bool serve(Bridge *bridge, GIOCondition condition)
{
    if (n_pending(bridge) > 0 && condition & (G_IO_OUT | G_IO_ERR | G_IO_HUP) && !write_pending(bridge))
        return false;
    if (!bridge->at_end && !bridge->waiting && condition & (G_IO_IN | G_IO_HUP | G_IO_ERR) && !read_some(bridge))
        return false;
    watch(bridge);
    return true;
}

static gboolean dispatch(GSource *source, GSourceFunc function G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
    Bridge *bridge = vx_rpc_fd_stream_ref(((BridgeSource *)source)->bridge);
    bool goes_on = serve(bridge, g_source_query_unix_fd(source, bridge->tag));

    vx_rpc_fd_stream_unref(bridge);
    return goes_on ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static GSourceFuncs source_functions = {.check = check, .dispatch = dispatch};

static void on_started(VxRpcStream *stream, void *data)
{
    Bridge *bridge = data;

    bridge->stream = stream;
    if (bridge->failure) {
        vx_rpc_stream_fail(stream, g_steal_pointer(&bridge->failure));
        return;
    }
    bridge->source = g_source_new(&source_functions, sizeof(BridgeSource));
    ((BridgeSource *)bridge->source)->bridge = bridge;
    g_source_set_can_recurse(bridge->source, TRUE); /* as a connection's does: see vx_rpc_connection_new */
    g_source_attach(bridge->source, bridge->context);
    watch(bridge);
}

/* What has been written goes when it is more than what has not, so that no byte is moved twice on average. */
static void append(Bridge *bridge, const guint8 *bytes, gsize length)
{
    if (bridge->n_written > n_pending(bridge)) {
        g_byte_array_remove_range(bridge->pending, 0, (guint)bridge->n_written);
        bridge->n_written = 0;
    }
    g_byte_array_append(bridge->pending, bytes, (guint)length);
}

static void on_received(VxRpcStream *stream, const guint8 *bytes, gsize length, void *data)
{
    Bridge *bridge = data;

    if (bridge->deaf)
        return;
    append(bridge, bytes, length);
    if (!write_pending(bridge))
        return;
    if (n_pending(bridge) >= PENDING_HIGH)
        vx_rpc_stream_hold_input(stream, true);
    watch(bridge);
}

static void on_finish(VxRpcStream *stream, void *data)
{
    Bridge *bridge = data;

    if (n_pending(bridge) == 0)
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

    bridge->stream = NULL;
    bridge->over = true;
    if (bridge->source) {
        g_source_destroy(bridge->source);
        g_source_unref(bridge->source);
    }
    close(bridge->fd);
    if (bridge->ended)
        bridge->ended(bridge->ended_data);
    vx_rpc_fd_stream_unref(bridge);
}

static const VxRpcStreamHandlers bridge_handlers = {
    .started = on_started,
    .received = on_received,
    .finish = on_finish,
    .writable = on_writable,
    .ended = on_ended,
};

VxRpcFdStream *vx_rpc_fd_stream_new(VxRpcCall *call, int fd, GDestroyNotify ended, void *data)
{
    GMainContext *context = vx_rpc_connection_get_context(vx_rpc_call_get_connection(call));
    Bridge *bridge = g_new0(Bridge, 1);

    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    *bridge = (Bridge){
        .context = context ? g_main_context_ref(context) : NULL,
        .fd = fd,
        .pending = g_byte_array_new(),
        .ended = ended,
        .ended_data = data,
    };
    g_atomic_ref_count_init(&bridge->refs);
    return bridge;
}

void vx_rpc_call_reply_with_fd_stream(VxRpcCall *call, const void *result, VxRpcFdStream *stream)
{
    vx_rpc_call_reply_with_stream(call, result, &bridge_handlers, stream);
}

typedef struct {
    Bridge *bridge;
    GError *error;
} Failure;

static void fail_in_thread(void *data)
{
    g_autofree Failure *failure = data;
    Bridge *bridge = failure->bridge;

    if (bridge->stream)
        vx_rpc_stream_fail(bridge->stream, failure->error);
    else if (!bridge->over && !bridge->failure)
        bridge->failure = failure->error;
    else
        g_error_free(failure->error);
    vx_rpc_fd_stream_unref(bridge);
}

void vx_rpc_fd_stream_fail(VxRpcFdStream *stream, GError *error)
{
    Failure *failure = g_new(Failure, 1);

    *failure = (Failure){vx_rpc_fd_stream_ref(stream), error};
    vx_rpc_post(stream->context, fail_in_thread, failure);
}
