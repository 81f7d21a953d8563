/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_server.h"

#include "util/vx_error.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long accepting rests when the process is out of descriptors or memory. */
#define REST_MS 1000

/* Clients accepted before those connected have their turn. */
#define ACCEPTS_PER_TURN 16

typedef struct {
    VxRpcServer *server;
    VxRpcListener listener;
    unsigned tag;
    GSource *source; /* NULL: resting, or full */
} Door;

/* What the server keeps of a connection. */
typedef struct {
    VxRpcServer *server;
    VxRpcConnection *connection;
    GSource *anonymous_timer; /* NULL: authenticated */
} Guest;

struct VxRpcServer {
    GMainContext *context;
    VxRpcServerLimits limits;
    const VxRpcServerHandlers *handlers;
    void *handlers_data;
    GPtrArray *doors;
    GHashTable *guests; /* VxRpcConnection -> Guest */
    unsigned n_anonymous;
    GSource *rest_timer;
};

static gboolean accept_some(int fd, GIOCondition condition, void *data);

static void destroy_source(GSource **source)
{
    if (*source)
        g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

static bool is_full(const VxRpcServer *server)
{
    return g_hash_table_size(server->guests) >= server->limits.max_clients ||
           server->n_anonymous >= server->limits.max_anonymous_clients;
}

/* Polls the listeners exactly when another client may come. */
static void update_doors(VxRpcServer *server)
{
    bool accepting = !is_full(server) && !server->rest_timer;

    for (guint i = 0; i < server->doors->len; i++) {
        Door *door = server->doors->pdata[i];

        if (!accepting) {
            destroy_source(&door->source);
        } else if (!door->source) {
            door->source = g_unix_fd_source_new(door->listener.fd, G_IO_IN);
            g_source_set_callback(door->source, G_SOURCE_FUNC(accept_some), door, NULL);
            g_source_attach(door->source, server->context);
        }
    }
}

static gboolean stop_resting(void *data)
{
    VxRpcServer *server = data;

    g_clear_pointer(&server->rest_timer, g_source_unref);
    update_doors(server);
    return G_SOURCE_REMOVE;
}

static void rest(VxRpcServer *server, int errno_value)
{
    g_warning("cannot accept a client: %s; the next attempt is in %d ms", g_strerror(errno_value), REST_MS);
    server->rest_timer = g_timeout_source_new(REST_MS);
    g_source_set_callback(server->rest_timer, stop_resting, server, NULL);
    g_source_attach(server->rest_timer, server->context);
    update_doors(server);
}

static void set_not_anonymous(Guest *guest)
{
    if (!guest->anonymous_timer)
        return;
    destroy_source(&guest->anonymous_timer);
    guest->server->n_anonymous--;
}

static void free_guest(void *data)
{
    Guest *guest = data;

    set_not_anonymous(guest);
    vx_rpc_connection_unref(guest->connection);
    g_free(guest);
}

static void on_call(VxRpcConnection *connection, VxRpcCall *call, void *data)
{
    VxRpcServer *server = data;

    server->handlers->call(connection, call, server->handlers_data);
}

static void on_closed(VxRpcConnection *connection, const GError *reason, void *data)
{
    VxRpcServer *server = data;

    server->handlers->closed(connection, reason, server->handlers_data);
    g_hash_table_remove(server->guests, connection);
    update_doors(server);
}

static const VxRpcConnectionHandlers connection_handlers = {.call = on_call, .closed = on_closed};

static gboolean end_anonymous(void *data)
{
    Guest *guest = data;
    g_autoptr(GError) error = NULL;

    vx_fail(&error, VIR_ERR_RPC, "the client did not authenticate within %u seconds",
            guest->server->limits.anonymous_timeout_s);
    vx_rpc_connection_close(guest->connection, error);
    return G_SOURCE_REMOVE;
}

static void welcome(Door *door, int fd)
{
    VxRpcServer *server = door->server;
    Guest *guest = g_new0(Guest, 1);

    guest->server = server;
    guest->connection =
        vx_rpc_connection_new(server->context, fd, &server->limits.connection, &connection_handlers, server);
    guest->anonymous_timer = g_timeout_source_new_seconds(server->limits.anonymous_timeout_s);
    g_source_set_callback(guest->anonymous_timer, end_anonymous, guest, NULL);
    g_source_attach(guest->anonymous_timer, server->context);
    server->n_anonymous++;
    g_hash_table_insert(server->guests, guest->connection, guest);
    server->handlers->opened(guest->connection, door->tag, server->handlers_data);
}

static gboolean accept_some(int fd, GIOCondition condition G_GNUC_UNUSED, void *data)
{
    Door *door = data;
    VxRpcServer *server = door->server;

    for (unsigned i = 0; i < ACCEPTS_PER_TURN && !is_full(server); i++) {
        int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (client >= 0) {
            welcome(door, client);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            rest(server, errno);
            return G_SOURCE_CONTINUE;
        }
    }
    update_doors(server);
    return G_SOURCE_CONTINUE;
}

static void free_door(void *data)
{
    Door *door = data;

    destroy_source(&door->source);
    vx_rpc_listener_close(&door->listener);
    g_free(door);
}

VxRpcServer *vx_rpc_server_new(GMainContext *context, const VxRpcServerLimits *limits,
                               const VxRpcServerHandlers *handlers, void *data)
{
    VxRpcServer *server = g_new0(VxRpcServer, 1);

    server->context = g_main_context_ref(context ? context : g_main_context_default());
    server->limits = *limits;
    server->handlers = handlers;
    server->handlers_data = data;
    server->doors = g_ptr_array_new_with_free_func(free_door);
    server->guests = g_hash_table_new_full(NULL, NULL, NULL, free_guest);
    return server;
}

static void close_guest(VxRpcConnection *connection, void *data G_GNUC_UNUSED)
{
    vx_rpc_connection_close(connection, NULL);
}

void vx_rpc_server_free(VxRpcServer *server)
{
    if (!server)
        return;
    vx_rpc_server_stop_accepting(server);
    destroy_source(&server->rest_timer);
    vx_rpc_server_foreach(server, close_guest, NULL);
    g_hash_table_unref(server->guests);
    g_ptr_array_unref(server->doors);
    g_main_context_unref(server->context);
    g_free(server);
}

void vx_rpc_server_add_listener(VxRpcServer *server, VxRpcListener *listener, unsigned tag)
{
    Door *door = g_new0(Door, 1);

    *door = (Door){.server = server, .listener = *listener, .tag = tag};
    *listener = (VxRpcListener){.fd = -1};
    g_ptr_array_add(server->doors, door);
    update_doors(server);
}

void vx_rpc_server_set_authenticated(VxRpcServer *server, VxRpcConnection *connection)
{
    Guest *guest = g_hash_table_lookup(server->guests, connection);

    if (guest)
        set_not_anonymous(guest);
    update_doors(server);
}

void vx_rpc_server_stop_accepting(VxRpcServer *server)
{
    g_ptr_array_set_size(server->doors, 0);
}

void vx_rpc_server_set_limits(VxRpcServer *server, const VxRpcServerLimits *limits)
{
    server->limits = *limits;
    update_doors(server);
}

unsigned vx_rpc_server_count_clients(const VxRpcServer *server)
{
    return g_hash_table_size(server->guests);
}

void vx_rpc_server_foreach(VxRpcServer *server, void (*function)(VxRpcConnection *connection, void *data), void *data)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)vx_rpc_connection_unref);
    GHashTableIter iter;
    void *connection;

    g_hash_table_iter_init(&iter, server->guests);
    while (g_hash_table_iter_next(&iter, &connection, NULL))
        g_ptr_array_add(all, vx_rpc_connection_ref(connection));
    for (guint i = 0; i < all->len; i++)
        if (vx_rpc_connection_is_open(all->pdata[i]))
            function(all->pdata[i], data);
}
