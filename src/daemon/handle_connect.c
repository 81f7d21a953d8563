/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The connection itself: who it is, what it can do, opening and closing.
 */
#include "daemon/handler.h"

#include <libvirt/libvirt.h>

#include "util/vx_error.h"

#define OUR_URI "xen:///system"

VX_HANDLER(AUTH_LIST)
{
    wire_auth_type *type = g_new(wire_auth_type, 1);

    *type = request->client->auth == VX_AUTH_POLKIT && !request->client->is_authenticated ? WIRE_AUTH_POLKIT
                                                                                          : WIRE_AUTH_NONE;
    ret->types.types_val = type;
    ret->types.types_len = 1;
    return true;
}

/* "xen:///system", "xen:///", or nothing: a server is asked for what it has. */
static bool check_uri(const char *name, GError **error)
{
    g_autoptr(GUri) uri = NULL;

    if (!name || !*name)
        return true;
    uri = g_uri_parse(name, G_URI_FLAGS_NON_DNS, NULL);
    if (!uri || !g_str_equal(g_uri_get_scheme(uri), "xen"))
        return vx_fail(error, VIR_ERR_NO_CONNECT, "'%s' is not served here: open " OUR_URI, name);
    if (g_uri_get_host(uri) && *g_uri_get_host(uri))
        return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "'%s' is for another host: open " OUR_URI, name);
    if (!g_str_equal(g_uri_get_path(uri), "/system") && !g_str_equal(g_uri_get_path(uri), "/"))
        return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "unexpected Xen URI path '%s': open " OUR_URI,
                       g_uri_get_path(uri));
    return true;
}

VX_HANDLER(CONNECT_OPEN)
{
    if (request->client->is_open)
        return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "connection already open");
    if (args->flags & ~(unsigned)(VIR_CONNECT_RO | VIR_CONNECT_NO_ALIASES))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "unsupported flags (0x%x) in virConnectOpen", args->flags);
    if (!check_uri(vx_wire_text(args->name), error))
        return false;
    if (args->flags & VIR_CONNECT_RO)
        request->client->is_read_only = true;
    request->client->is_open = true;
    return true;
}

/* The answer still goes out, and then the connection ends. */
VX_HANDLER(CONNECT_CLOSE)
{
    vx_rpc_connection_close_when_written(request->client->connection);
    return true;
}

/* The numbers of virDrvFeature, which only libvirt's own programs know; those not named here are not there. */
enum {
    FEATURE_FD_PASSING = 8,
    FEATURE_TYPED_PARAM_STRING = 9,
    FEATURE_KEEPALIVE = 10,
    FEATURE_EVENT_CALLBACK = 14,
    FEATURE_CLOSE_CALLBACK = 15,
    FEATURE_NETWORK_UPDATE_ORDER = 16,
};

VX_HANDLER(CONNECT_SUPPORTS_FEATURE)
{
    if (!request->client->is_open && args->feature != FEATURE_KEEPALIVE)
        return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "connection not open");
    switch (args->feature) {
    case FEATURE_KEEPALIVE:
        vx_rpc_connection_start_keepalive(request->client->connection);
        ret->supported = 1;
        break;
    case FEATURE_FD_PASSING:
    case FEATURE_TYPED_PARAM_STRING:
    case FEATURE_EVENT_CALLBACK:
    case FEATURE_CLOSE_CALLBACK:
    case FEATURE_NETWORK_UPDATE_ORDER:
        ret->supported = 1;
        break;
    }
    return true;
}

/* There is nothing behind this connection that could be lost while it stands, so the message is never sent. */
VX_HANDLER(CONNECT_REGISTER_CLOSE_CALLBACK)
{
    return true;
}

VX_HANDLER(CONNECT_UNREGISTER_CLOSE_CALLBACK)
{
    return true;
}

VX_HANDLER(CONNECT_GET_URI)
{
    ret->uri = g_strdup(OUR_URI);
    return true;
}

/* That of the libvirt whose behaviour this is. */
VX_HANDLER(CONNECT_GET_LIB_VERSION)
{
    ret->lib_ver = LIBVIR_VERSION_NUMBER;
    return true;
}

/* Nobody can listen in on a UNIX socket. */
VX_HANDLER(CONNECT_IS_SECURE)
{
    ret->secure = 1;
    return true;
}
