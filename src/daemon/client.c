/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/client.h"

#include "daemon/event_message.h"
#include "daemon/polkit.h"
#include "driver/life.h"

/* Root could do everything without us. */
static bool needs_no_proof(const VxClient *client)
{
    return client->auth != VX_AUTH_POLKIT || vx_rpc_connection_get_peer(client->connection)->uid == 0;
}

VxClient *vx_client_attach(VxDaemon *daemon, VxRpcConnection *connection, bool is_read_only)
{
    VxClient *client = g_new0(VxClient, 1);

    client->daemon = daemon;
    client->connection = connection;
    client->is_read_only = is_read_only;
    client->auth = (VxAuthScheme)(is_read_only ? daemon->config->auth_unix_ro : daemon->config->auth_unix_rw);
    vx_rpc_connection_set_data(connection, client, g_free);
    if (needs_no_proof(client)) {
        client->auth = VX_AUTH_NONE;
        vx_client_set_authenticated(client);
    }
    return client;
}

VxClient *vx_client_of(const VxRpcConnection *connection)
{
    return vx_rpc_connection_get_data(connection);
}

void vx_client_set_authenticated(VxClient *client)
{
    client->is_authenticated = true;
    vx_rpc_server_set_authenticated(client->daemon->server, client->connection);
}

VxEventClient *vx_client_need_events(VxClient *client)
{
    if (!client->events)
        client->events = vx_event_client_new(client->daemon->driver->events, vx_event_send, client->connection);
    return client->events;
}

void vx_client_end(VxClient *client)
{
    g_clear_pointer(&client->events, vx_event_client_free);
    g_atomic_int_set(&client->has_ended, true);
    vx_polkit_forget(client);
    vx_life_owner_gone(client->daemon->driver, client);
}

bool vx_client_has_ended(const VxClient *client)
{
    return g_atomic_int_get(&client->has_ended);
}
