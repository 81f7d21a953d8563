/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Channels as libxl_device_channel: xl.cfg(5) "CHANNEL", xen-pv-channel(7).
 *
 * devid stays at its initial -1, unlike xl does it: libxl then numbers the channels behind the primary console, while
 * xl's first channel gets the number of that console and is never there.
 */
#include <string.h>

#include "libxl/libxl_device.h"

#define ROW(name, value_type, member, ...) VX_LIBXL_ROW(name, value_type, libxl_device_channel, member, ##__VA_ARGS__)

VX_LIBXL_NAMES(channel_connection, NULL);

static const VxLibxlRow channel_rows[] = {
    ROW("name", string, name),
    ROW("backend", string, backend_domname),
};

static void init_channel(void *device)
{
    libxl_device_channel_init(device);
}

/* The branch of the union is chosen by the connection, which may stand behind the path. */
static bool apply_channel_pair(VxLibxlWriter *writer, const char *key, const char *value, void *device)
{
    libxl_device_channel *channel = device;
    int connection;

    if (strcmp(key, "path") == 0) {
        vx_libxl_replace(&channel->u.socket.path, value);
        return true;
    }
    if (strcmp(key, "connection") != 0)
        return false;
    if (value && names_channel_connection.parse(value, &connection))
        channel->connection = (libxl_channel_connection)connection;
    else
        vx_diag_wrong(writer->diag, writer->place, "connection of a channel is '%.60s': write pty or socket", value);
    return true;
}

/* A path of a pty, which libxl could not free. */
static void finish_channel(VxLibxlWriter *writer, void *device)
{
    libxl_device_channel *channel = device;

    (void)writer;
    if (channel->connection != LIBXL_CHANNEL_CONNECTION_SOCKET)
        vx_libxl_replace(&channel->u.socket.path, NULL);
}

/* connection and, of a socket, path: "connection.socket": {"path": "..."}. */
static void tell_channel_pairs(VxLibxlReader *reader, json_object *object, GString *item)
{
    json_object *socket = vx_libxl_find_object(reader, object, "u.socket");

    if (socket) {
        vx_libxl_add_pair(item, "connection", "socket");
        vx_xlcfg_pairs_add(item, "path", vx_libxl_find_string(reader, socket, "path"));
    } else if (vx_libxl_find_object(reader, object, "u.pty")) {
        vx_libxl_add_pair(item, "connection", "pty");
    }
}

static const VxLibxlDevice channel_device = {
    VX_LIBXL_ARRAY(channels, libxl_device_channel),
    VX_LIBXL_ROWS(channel_rows),
    .trims = true,
    .kind = VX_DEVICE_CHANNEL,
    .init = init_channel,
    .apply_pair = apply_channel_pair,
    .finish = finish_channel,
    .tell_pairs = tell_channel_pairs,
};

VX_LIBXL_DEVICE_FUNCTIONS(channel, channel_device)
