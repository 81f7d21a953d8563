/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Any bytes on a connection, in pieces: the first byte of each piece is its length. Calls are decoded and answered,
 * some at once, some late; consoles are opened on a socket that echoes. Whatever comes, the connection ends, every call
 * is answered or dropped, and nothing is left over.
 */
#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rpc/rpc_stream_fd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    GQueue late;
    unsigned n_closed;
} State;

static void open_console(VxRpcCall *call)
{
    int fds[2];
    guint8 buffer[64] = {0};

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
        g_error("no sockets");
    if (write(fds[1], buffer, sizeof buffer) < 0)
        g_error("cannot write");
    close(fds[1]);
    vx_rpc_call_reply_with_fd_stream(call, NULL, vx_rpc_fd_stream_new(call, fds[0], NULL, NULL));
}

static void on_call(VxRpcConnection *connection, VxRpcCall *call, void *data)
{
    State *state = data;
    const VxRpcProcedure *procedure = vx_rpc_call_get_procedure(call);
    void *arguments;
    GError *error = NULL;

    if (!vx_rpc_call_decode(call, &arguments, &error))
        vx_rpc_call_fail(call, error);
    else if (procedure->stream != VX_STREAM_NONE && !procedure->ret_xdr)
        open_console(call);
    else if (procedure->number == VX_REMOTE_CONNECT_CLOSE) {
        vx_rpc_call_reply(call, NULL);
        vx_rpc_connection_close_when_written(connection);
    } else
        g_queue_push_tail(&state->late, call);
    if (state->late.length >= 4)
        vx_rpc_call_free(g_queue_pop_head(&state->late));
}

static void on_closed(VxRpcConnection *connection G_GNUC_UNUSED, const GError *reason G_GNUC_UNUSED, void *data)
{
    ((State *)data)->n_closed++;
}

static const VxRpcConnectionHandlers handlers = {.call = on_call, .closed = on_closed};
static const VxRpcConnectionLimits limits = {.max_calls = 5};

static void settle(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

/* Sends the pieces; what the server answers is thrown away, now and then. */
static void send_all(int client, const uint8_t *data, size_t size)
{
    guint8 sink[4096];

    while (size > 0) {
        gsize piece = MIN(size - 1, *data);

        if (piece > 0 && send(client, data + 1, piece, MSG_NOSIGNAL) < 0)
            break;
        data += piece + 1;
        size -= piece + 1;
        settle();
        while (piece % 3 == 0 && recv(client, sink, sizeof sink, 0) > 0)
            ;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    State state = {0};
    VxRpcConnection *connection;
    VxRpcCall *call;
    int fds[2];

    signal(SIGPIPE, SIG_IGN); /* as rpc_stream_fd.h asks for */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
        g_error("no sockets");
    connection = vx_rpc_connection_new(NULL, fds[0], &limits, &handlers, &state);
    send_all(fds[1], data, size);
    close(fds[1]);
    settle();
    vx_rpc_connection_close(connection, NULL);
    while ((call = g_queue_pop_head(&state.late)))
        vx_rpc_call_free(call);
    settle();
    g_assert_cmpuint(state.n_closed, ==, 1);
    vx_rpc_connection_unref(connection);
    return 0;
}
