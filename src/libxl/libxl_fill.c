/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a running guest's definition says beyond what it was made from.
 */
#include <string.h>

#include "conf/graphics_def.h"
#include "libxl/libxl_channel.h"
#include "libxl/libxl_live.h"
#include "libxl/libxl_store.h"

#define MAX_PORT 65535

/* ---- consoles ---- */

static void set_path(VxChr *chr, const char *path)
{
    VxChrSource *source = vx_chr_make_source(chr);

    g_free(source->path);
    source->path = g_strdup(path);
}

/* The path of CHR's pty: TTY, or none. */
static void set_pty(VxChr *chr, const char *tty)
{
    if (chr->type && chr->type != VX_CHR_PTY)
        return;
    g_free(chr->tty);
    chr->tty = chr->device.object.kind == VX_DEVICE_CONSOLE ? g_strdup(tty) : NULL;
    if (tty)
        set_path(chr, tty);
}

/* A socket for which the definition names no path. */
static void set_socket(VxChr *chr, const char *path)
{
    if (path && chr->type == VX_CHR_UNIX && !vx_chr_path(chr))
        set_path(chr, path);
}

static char *read_tty(struct xs_handle *store, int id, const VxChr *chr)
{
    bool is_serial = chr->device.object.kind == VX_DEVICE_SERIAL || chr->target_type == VX_CHR_TARGET_SERIAL;
    int port = chr->target_port.given ? (int)chr->target_port.value : 0;
    char *tty = NULL;

    if (is_serial)
        tty = vx_store_read(store, "/local/domain/%d/serial/%d/tty", id, port);
    else if (port == 0)
        tty = vx_store_read(store, "/local/domain/%d/console/tty", id);
    if (!vx_libxl_is_pty_path(tty))
        g_clear_pointer(&tty, g_free);
    return tty;
}

static void fill_ttys(struct xs_handle *store, int id, VxDomainDef *def, VxDeviceKind kind)
{
    VxChr *chr;

    for (unsigned i = 0; (chr = vx_domain_def_next_device(def, kind, &i));) {
        g_autofree char *tty = read_tty(store, id, chr);

        set_pty(chr, tty);
    }
}

/* Reading xenstore is what takes the time when clients ask for the XML of many guests again and again. */
static bool are_channels_known(VxDomainDef *def)
{
    VxChr *chr;

    for (unsigned i = 0; (chr = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i));) {
        if (!chr->target_state || !vx_chr_path(chr))
            return false;
    }
    return true;
}

static void fill_channels(struct xs_handle *store, int id, VxDomainDef *def)
{
    g_autoptr(GPtrArray) channels = are_channels_known(def) ? NULL : vx_libxl_read_channels(store, id, VX_CHANNEL_ALL);
    VxChr *chr;

    if (!channels)
        return;
    for (unsigned i = 0; (chr = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i));) {
        const VxGuestChannel *channel = vx_libxl_find_channel(channels, chr->target_name);

        if (!channel)
            continue;
        chr->target_state = vx_guest_channel_is_connected(channel) ? VX_CHR_STATE_CONNECTED : VX_CHR_STATE_DISCONNECTED;
        if (channel->type == VX_CHR_PTY)
            set_pty(chr, channel->path);
        else if (channel->type == VX_CHR_UNIX)
            set_socket(chr, channel->path);
    }
}

/* ---- displays, interfaces ---- */

static void fill_graphics(struct xs_handle *store, int id, VxDomainDef *def)
{
    VxGraphics *graphics;

    for (unsigned i = 0; (graphics = vx_domain_def_next_device(def, VX_DEVICE_GRAPHICS, &i));) {
        int port = 0;

        if (graphics->type == VX_GRAPHICS_VNC && !(graphics->port.given && graphics->port.value > 0))
            port = vx_store_read_number(store, MAX_PORT, 0, "/local/domain/%d/console/vnc-port", id);
        if (port > 0)
            graphics->port = VX_NUMBER(port);
    }
}

static void fill_interfaces(struct xs_handle *store, int id, VxDomainDef *def)
{
    VxNet *net;

    for (unsigned i = 0; (net = vx_domain_def_next_device(def, VX_DEVICE_INTERFACE, &i));) {
        int devid = net->device.backend_domain || net->target ? -1 : vx_libxl_find_vif(store, id, net);

        if (devid < 0)
            continue;
        g_free(net->target);
        net->target = vx_libxl_vif_name(store, id, devid);
    }
}

bool vx_libxl_fill_live(VxHypervisor *hypervisor, int id, VxDomainDef *def, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    struct xs_handle *store;

    if (!session)
        return false;
    store = vx_libxl_session_store(session);
    fill_ttys(store, id, def, VX_DEVICE_SERIAL);
    fill_ttys(store, id, def, VX_DEVICE_CONSOLE);
    fill_channels(store, id, def);
    fill_graphics(store, id, def);
    fill_interfaces(store, id, def);
    return true;
}
