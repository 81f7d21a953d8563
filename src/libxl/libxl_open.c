/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The host's end of serials, consoles and channels of running guests.
 */
#include <string.h>

#include "libxl/libxl_channel.h"
#include "libxl/libxl_live.h"
#include "libxl/libxl_store.h"

GPtrArray *vx_libxl_channels(VxHypervisor *hypervisor, int id, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);

    return session ? vx_libxl_read_channels(vx_libxl_session_store(session), id, VX_CHANNEL_ALL) : NULL;
}

/* ---- serials and consoles ---- */

static int open_tty(const char *tty, const char *what, GError **error)
{
    if (tty)
        return vx_libxl_open_pty(tty, error);
    vx_fail(error, VIR_ERR_OPERATION_FAILED, "the guest has no %s", what);
    return -1;
}

static int open_serial(struct xs_handle *store, int id, const VxChr *chr, GError **error)
{
    int port = chr->target_port.given ? (int)chr->target_port.value : 0;
    g_autofree char *tty = vx_store_read(store, "/local/domain/%d/serial/%d/tty", id, port);
    g_autofree char *what = g_strdup_printf("serial port %d", port);

    return open_tty(tty, what, error);
}

static int open_console(struct xs_handle *store, int id, const VxChr *chr, GError **error)
{
    g_autofree char *tty = NULL;

    if (chr->target_type == VX_CHR_TARGET_SERIAL)
        return open_serial(store, id, chr, error);
    if (chr->target_port.given && chr->target_port.value != 0) {
        vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED, "only the first console of a guest can be opened");
        return -1;
    }
    tty = vx_store_read(store, "/local/domain/%d/console/tty", id);
    return open_tty(tty, "console", error);
}

/* ---- channels ---- */

static int open_named(struct xs_handle *store, int id, const VxChr *chr, const VxGuestChannel *channel, GError **error)
{
    if (channel->backend_id != vx_store_own_domain(store)) {
        vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                "channel '%s' of guest %d is served by domain %d, not by this one", channel->name, id,
                channel->backend_id);
        return -1;
    }
    if (!channel->path) {
        vx_fail(error, VIR_ERR_OPERATION_FAILED, "channel '%s' of guest %d is not connected to anything here",
                channel->name, id);
        return -1;
    }
    if (channel->type == VX_CHR_UNIX && (chr->type == VX_CHR_UNIX || !chr->type))
        return vx_libxl_connect_socket(channel->path, error);
    if (channel->type == VX_CHR_PTY && (chr->type == VX_CHR_PTY || !chr->type))
        return vx_libxl_open_pty(channel->path, error);
    vx_fail(error, VIR_ERR_OPERATION_FAILED, "channel '%s' of guest %d is not what its definition says", channel->name,
            id);
    return -1;
}

static int open_channel(struct xs_handle *store, int id, const VxChr *chr, GError **error)
{
    g_autoptr(GPtrArray) channels = vx_libxl_read_channels(store, id, VX_CHANNEL_ALL);
    const VxGuestChannel *channel = vx_libxl_find_channel(channels, chr->target_name);

    if (channel)
        return open_named(store, id, chr, channel, error);
    vx_fail(error, VIR_ERR_OPERATION_FAILED, "guest %d has no channel '%.60s'", id,
            chr->target_name ? chr->target_name : "");
    return -1;
}

int vx_libxl_open_chr(VxHypervisor *hypervisor, int id, const VxChr *chr, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    int kind = chr->device.object.kind;

    if (!session)
        return -1;
    if (kind == VX_DEVICE_CHANNEL)
        return open_channel(vx_libxl_session_store(session), id, chr, error);
    if (chr->type != VX_CHR_PTY && chr->type) {
        vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED, "it is no pty, and nothing else can be opened");
        return -1;
    }
    return kind == VX_DEVICE_SERIAL ? open_serial(vx_libxl_session_store(session), id, chr, error)
                                    : open_console(vx_libxl_session_store(session), id, chr, error);
}
