/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/polkit.h"

#include "rpc/wire.h"
#include "util/vx_error.h"

#include <gio/gio.h>
#include <string.h>

#define SERVICE "org.freedesktop.PolicyKit1"
#define ASK_TIMEOUT_MS (5 * 60 * 1000) /* somebody may have to type a password */
#define ALLOW_USER_INTERACTION 1u

/* When process PID began, in ticks since the machine started (proc(5), field 22 of stat): with it, polkit cannot take
 * another process for the client after the number has been used anew. */
static bool find_start_time(pid_t pid, guint64 *ticks)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) fields = NULL;
    const char *behind_name;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return false;
    behind_name = strrchr(text, ')'); /* the name may hold anything */
    if (!behind_name)
        return false;
    fields = g_strsplit(behind_name + 1, " ", -1);
    return g_strv_length(fields) > 20 && g_ascii_string_to_unsigned(fields[20], 10, 0, G_MAXUINT64, ticks, NULL);
}

static bool decide(GVariant *reply, GError **error)
{
    g_autoptr(GVariant) details = NULL;
    gboolean is_authorized, is_challenge;

    g_variant_get(reply, "((bb@a{ss}))", &is_authorized, &is_challenge, &details);
    if (is_authorized)
        return true;
    if (g_variant_lookup(details, "polkit.dismissed", "&s", &(const char *){NULL}))
        return vx_fail(error, VIR_ERR_AUTH_CANCELLED, "the question for a password was dismissed");
    if (is_challenge)
        return vx_fail(error, VIR_ERR_AUTH_UNAVAILABLE,
                       "no polkit agent is there to ask for a password: start one (pkttyagent), or become root");
    return vx_fail(error, VIR_ERR_AUTH_FAILED, "polkit does not let this user connect");
}

static void on_answer(GObject *bus, GAsyncResult *result, gpointer data)
{
    VxRpcCall *call = data;
    VxRpcConnection *connection = vx_rpc_call_get_connection(call);
    VxClient *client = vx_client_of(connection);
    const wire_auth_polkit_ret ret = {.complete = 1};
    g_autoptr(GError) trouble = NULL;
    g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result, &trouble);
    GError *error = NULL;

    client->is_asked_for = false;
    if (!reply)
        vx_fail(&error, VIR_ERR_AUTH_FAILED, "polkit does not answer: %s", trouble->message);
    if (!reply || !decide(reply, &error)) {
        g_warning("client %" G_GUINT64_FORMAT " is not let in: %s", vx_rpc_connection_get_id(connection),
                  error->message);
        vx_rpc_call_fail_from(call, VIR_FROM_POLKIT, error);
        return;
    }
    if (vx_rpc_connection_is_open(connection))
        vx_client_set_authenticated(client);
    vx_rpc_call_reply(call, &ret);
}

/* (subject, action, details, flags, cancellation id) of CheckAuthorization. */
static GVariant *question(const VxClient *client, const VxRpcPeer *peer, guint64 start_time)
{
    GVariantBuilder subject;

    g_variant_builder_init(&subject, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&subject, "{sv}", "pid", g_variant_new_uint32((guint32)peer->pid));
    g_variant_builder_add(&subject, "{sv}", "start-time", g_variant_new_uint64(start_time));
    g_variant_builder_add(&subject, "{sv}", "uid", g_variant_new_int32((gint32)peer->uid));
    return g_variant_new("((sa{sv})sa{ss}us)", "unix-process", &subject,
                         client->is_read_only ? "org.libvirt.unix.monitor" : "org.libvirt.unix.manage", NULL,
                         ALLOW_USER_INTERACTION, "");
}

static bool ask(VxClient *client, VxRpcCall *call, GError **error)
{
    const VxRpcPeer *peer = vx_rpc_connection_get_peer(client->connection);
    g_autoptr(GError) trouble = NULL;
    g_autoptr(GDBusConnection) bus = NULL;
    guint64 start_time;

    if (client->auth != VX_AUTH_POLKIT || client->is_authenticated || client->is_asked_for)
        return vx_fail(error, VIR_ERR_AUTH_FAILED, "polkit is not what this client is to authenticate with now");
    if (!find_start_time(peer->pid, &start_time))
        return vx_fail(error, VIR_ERR_AUTH_FAILED, "process %d, which connected, cannot be found", peer->pid);
    bus = g_bus_get_sync(G_BUS_TYPE_SYSTEM, NULL, &trouble);
    if (!bus)
        return vx_fail(error, VIR_ERR_AUTH_FAILED, "the system's D-Bus cannot be reached: %s", trouble->message);
    g_dbus_connection_set_exit_on_close(bus, FALSE); /* the daemon goes on when the bus does not */
    client->is_asked_for = true;
    g_dbus_connection_call(bus, SERVICE, "/org/freedesktop/PolicyKit1/Authority", SERVICE ".Authority",
                           "CheckAuthorization", question(client, peer, start_time), G_VARIANT_TYPE("((bba{ss}))"),
                           G_DBUS_CALL_FLAGS_NONE, ASK_TIMEOUT_MS, NULL, on_answer, call);
    return true;
}

void vx_polkit_ask(VxClient *client, VxRpcCall *call)
{
    GError *error = NULL;

    if (!ask(client, call, &error))
        vx_rpc_call_fail_from(call, VIR_FROM_POLKIT, error);
}
