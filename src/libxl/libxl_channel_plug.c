/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_channel_plug.h"

#include <libxl_utils.h>

#include "libxl/libxl_channel.h"
#include "libxl/libxl_channel_nodes.h"
#include "libxl/libxl_keep.h"
#include "libxl/libxl_monitor.h"
#include "libxl/libxl_sockets.h"
#include "libxl/libxl_store.h"

/* As long as libxl waits for either end of its devices. */
#define WAIT_US (10 * G_USEC_PER_SEC)
#define STEP_US (20 * 1000)

typedef struct {
    VxLibxlSession *session;
    struct xs_handle *store;
    int id;
    VxChannelNodes nodes;
    char *pty_chardev, *socket_chardev;
    const char *path; /* of a socket, borrowed; NULL: a pty */
} Plug;

static void plug_init(Plug *plug, VxLibxlSession *session, int id)
{
    *plug = (Plug){.session = session, .store = vx_libxl_session_store(session), .id = id};
}

static void plug_clear(Plug *plug)
{
    vx_channel_nodes_clear(&plug->nodes);
    g_free(plug->pty_chardev);
    g_free(plug->socket_chardev);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plug, plug_clear)

/* Of channel NUMBER, whose backend's folder is BACK (NULL: ours). */
static void name_nodes(Plug *plug, int number, const char *back)
{
    vx_channel_nodes_init(&plug->nodes, plug->store, plug->id, number, back);
    plug->pty_chardev = vx_channel_nodes_chardev(number, LIBXL_CHANNEL_CONNECTION_PTY);
    plug->socket_chardev = vx_channel_nodes_chardev(number, LIBXL_CHANNEL_CONNECTION_SOCKET);
}

/* ---- waiting ---- */

/* It looks, rather than be told: a guest that changes its state in a loop could keep a watcher busy. */
static bool wait_until(const Plug *plug, bool (*is_so)(const Plug *plug))
{
    gint64 end = g_get_monotonic_time() + WAIT_US;

    while (!is_so(plug)) {
        if (g_get_monotonic_time() > end)
            return false;
        g_usleep(STEP_US);
    }
    return true;
}

static bool back_is_up(const Plug *plug)
{
    g_autofree char *tty = NULL;

    if (plug->path)
        return vx_channel_nodes_back_state(&plug->nodes, plug->store) > VX_XENBUS_INITIALISING;
    tty = vx_store_read(plug->store, "%s/tty", plug->nodes.front);
    return vx_libxl_is_pty_path(tty);
}

static bool both_are_up(const Plug *plug)
{
    return vx_channel_nodes_front_state(&plug->nodes, plug->store) == VX_XENBUS_CONNECTED_BOTH &&
           vx_channel_nodes_back_state(&plug->nodes, plug->store) == VX_XENBUS_CONNECTED_BOTH;
}

/* A guest whose end never came up has nothing to let go of. */
static bool guest_let_go(const Plug *plug)
{
    VxXenbusState state = vx_channel_nodes_front_state(&plug->nodes, plug->store);

    return state == VX_XENBUS_CLOSED || state <= VX_XENBUS_INITIALISING;
}

static bool back_let_go(const Plug *plug)
{
    VxXenbusState state = vx_channel_nodes_back_state(&plug->nodes, plug->store);

    return state == VX_XENBUS_CLOSED || state == VX_XENBUS_UNKNOWN ||
           vx_channel_nodes_front_state(&plug->nodes, plug->store) == VX_XENBUS_INITIALISING;
}

/* ---- in ---- */

static bool is_paused(const Plug *plug)
{
    libxl_dominfo info;
    bool paused;

    libxl_dominfo_init(&info);
    paused = libxl_domain_info(vx_libxl_session_ctx(plug->session), &info, (uint32_t)plug->id) == 0 && info.paused;
    libxl_dominfo_dispose(&info);
    return paused;
}

static bool is_elsewhere(const Plug *plug, const libxl_device_channel *channel)
{
    uint32_t id = 0;

    return channel->backend_domname &&
           (libxl_domain_qualifier_to_domid(vx_libxl_session_ctx(plug->session), channel->backend_domname, &id) != 0 ||
            (int)id != vx_store_own_domain(plug->store));
}

static bool check_new(const Plug *plug, const libxl_device_channel *channel, GError **error)
{
    g_autoptr(GPtrArray) there = vx_libxl_read_channels(plug->store, plug->id);

    if (!channel->name)
        return vx_fail(error, VIR_ERR_XML_ERROR, "a channel needs a name: <target type='xen' name='...'/>");
    if (vx_libxl_find_channel(there, channel->name))
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "guest %d has a channel '%.60s' already", plug->id,
                       channel->name);
    if (is_elsewhere(plug, channel))
        return vx_fail(
            error, VIR_ERR_OPERATION_UNSUPPORTED,
            "the channel '%.60s' is to be served by domain '%.60s', which has to know of it before the guest "
            "starts: add it with --config and start the guest anew",
            channel->name, channel->backend_domname);
    if (!vx_libxl_has_device_model(plug->session, plug->id))
        return vx_fail(
            error, VIR_ERR_OPERATION_UNSUPPORTED,
            "guest %d runs without a device model, which serves channels: add the channel '%.60s' with "
            "--config and start the guest anew; one that is started with a channel can get more while it runs",
            plug->id, channel->name);
    return true;
}

static bool choose_number(Plug *plug, const libxl_device_channel *channel, GError **error)
{
    int number = vx_channel_nodes_find_number(plug->store, plug->id);

    if (number < 0)
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "guest %d has as many channels as it can have", plug->id);
    name_nodes(plug, number, NULL);
    plug->path = channel->connection == LIBXL_CHANNEL_CONNECTION_SOCKET ? channel->u.socket.path : NULL;
    return true;
}

/* libxl gives a guest that it makes a character device for each pty channel, too, which nothing uses: QEMU opens one of
 * its own. */
static bool remove_chardevs(const Plug *plug, GError **error)
{
    return vx_libxl_monitor_remove(plug->session, plug->id, plug->pty_chardev, error) &&
           vx_libxl_monitor_remove(plug->session, plug->id, plug->socket_chardev, error);
}

/* What one of this number has left in the device model must be gone; a socket is made before anybody asks for it. */
static bool make_chardev(const Plug *plug, const libxl_domain_config *config, const char *folder, GError **error)
{
    if (!remove_chardevs(plug, error))
        return false;
    return !plug->path ||
           (vx_libxl_prepare_sockets(config, folder, error) &&
            vx_libxl_monitor_add_socket(plug->session, plug->id, plug->socket_chardev, plug->path, error));
}

static void log_failure(const Plug *plug, const char *what, GError *failure)
{
    if (failure)
        g_warning("guest %d: %s: %s", plug->id, what, failure->message);
    g_clear_error(&failure);
}

/* The device model lets go of its character device when the nodes are gone. */
static void clear_host(const Plug *plug)
{
    GError *failure = NULL;

    remove_chardevs(plug, &failure);
    log_failure(plug, "a character device is left", failure);
    failure = NULL;
    if (plug->path)
        vx_libxl_drop_dead_socket(plug->path, &failure);
    log_failure(plug, "a socket is left", failure);
}

/* Takes all of it away. The device model hears of it late, and may have written its state meanwhile: once it has let go
 * of the character device, nobody writes any more. */
static bool clear(const Plug *plug, bool is_ours, GError **error)
{
    if (!vx_channel_nodes_remove(&plug->nodes, plug->store, error))
        return false;
    if (is_ours)
        clear_host(plug);
    return vx_channel_nodes_remove(&plug->nodes, plug->store, error);
}

static void take_back(const Plug *plug)
{
    GError *failure = NULL;

    clear(plug, true, &failure);
    log_failure(plug, "a channel is left", failure);
}

static bool wait_for_ends(const Plug *plug, const char *name, GError **error)
{
    if (!wait_until(plug, back_is_up))
        return vx_fail(error, VIR_ERR_OPERATION_TIMEOUT,
                       "the device model of guest %d does not serve the channel '%.60s'", plug->id, name);
    if (!is_paused(plug) && !wait_until(plug, both_are_up))
        return vx_fail(error, VIR_ERR_OPERATION_TIMEOUT,
                       "guest %d does not take the channel '%.60s': it has no driver for it, or does not run yet",
                       plug->id, name);
    return true;
}

static bool keep(const Plug *plug, const libxl_device_channel *channel, GError **error)
{
    libxl_device_channel kept = *channel; /* whose texts it borrows */

    kept.devid = plug->nodes.number;
    kept.backend_domid = (uint32_t)plug->nodes.own;
    return vx_libxl_keep_channel(plug->session, plug->id, &kept, error);
}

bool vx_libxl_plug_channel(VxLibxlSession *session, int id, const libxl_domain_config *config, const char *folder,
                           GError **error)
{
    const libxl_device_channel *channel = config->channels;
    g_auto(Plug) plug;

    plug_init(&plug, session, id);
    if (!check_new(&plug, channel, error) || !choose_number(&plug, channel, error) ||
        !make_chardev(&plug, config, folder, error))
        return false;
    if (vx_channel_nodes_write(&plug.nodes, plug.store, channel, error)) {
        if (wait_for_ends(&plug, channel->name, error) && keep(&plug, channel, error))
            return true;
        take_back(&plug);
    } else {
        clear_host(&plug);
    }
    return false;
}

/* ---- out ---- */

static bool close_ends(const Plug *plug, const char *name, GError **error)
{
    if (!vx_channel_nodes_ask_to_close(&plug->nodes, plug->store, error))
        return false;
    if (!wait_until(plug, guest_let_go)) {
        vx_channel_nodes_keep_open(&plug->nodes, plug->store, NULL);
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "guest %d does not let go of the channel '%.60s'", plug->id,
                       name);
    }
    if (!wait_until(plug, back_let_go))
        g_warning("guest %d: the backend of the channel '%.60s' has not closed it", plug->id, name);
    return true;
}

/* A channel in another domain's hands: its folder there is known from our own record of it. */
static void find_nodes(Plug *plug, const VxGuestChannel *channel)
{
    g_autofree char *back = vx_store_read(plug->store, "/libxl/%d/device/console/%d/backend", plug->id, channel->devid);

    name_nodes(plug, channel->devid, back);
    plug->path = channel->type == VX_CHR_UNIX ? channel->path : NULL;
}

bool vx_libxl_unplug_channel(VxLibxlSession *session, int id, const char *name, GError **error)
{
    g_autoptr(GPtrArray) there = vx_libxl_read_channels(vx_libxl_session_store(session), id);
    const VxGuestChannel *channel = vx_libxl_find_channel(there, name);
    GError *failure = NULL;
    g_auto(Plug) plug;

    plug_init(&plug, session, id);
    if (!channel)
        return vx_fail(error, VIR_ERR_DEVICE_MISSING, "guest %d has no channel '%.60s'", id, name ? name : "");
    find_nodes(&plug, channel);
    if (!close_ends(&plug, name, error) || !clear(&plug, channel->backend_id == plug.nodes.own, error))
        return false;
    vx_libxl_forget_channel(session, id, name, &failure);
    log_failure(&plug, "a channel that is gone may come back when it is restored", failure);
    return true;
}
