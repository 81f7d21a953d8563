/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_channel_plug.h"

#include "libxl/libxl_channel.h"
#include "libxl/libxl_channel_far.h"
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
    const VxLibxlSockets *sockets;
    struct xs_handle *store;
    int id;
    VxChannelNodes nodes;
    const char *name, *path; /* borrowed; PATH of a socket; NULL: a pty */
    char *chardev;           /* the device model's that it uses if it was plugged in */
    char *of_libxl;          /* the one that libxl makes for each channel of a new guest: only a socket uses it */
} Plug;

static void plug_init(Plug *plug, VxLibxlSession *session, const VxLibxlSockets *sockets, int id)
{
    *plug = (Plug){.session = session, .sockets = sockets, .store = vx_libxl_session_store(session), .id = id};
}

static void plug_clear(Plug *plug)
{
    vx_channel_nodes_clear(&plug->nodes);
    g_free(plug->chardev);
    g_free(plug->of_libxl);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plug, plug_clear)

/* Of channel NUMBER, whose backend's folder is BACK (NULL: ours), whose name is NAME and its socket PATH, if it has
 * one. */
static void name_nodes(Plug *plug, int number, const char *back, const char *name, const char *path)
{
    vx_channel_nodes_init(&plug->nodes, plug->store, plug->id, number, back);
    plug->name = name;
    plug->path = path;
    plug->chardev =
        vx_channel_nodes_chardev(number, path ? LIBXL_CHANNEL_CONNECTION_SOCKET : LIBXL_CHANNEL_CONNECTION_PTY);
    plug->of_libxl = g_strdup_printf("libxl-channel%d", number);
}

/* ---- waiting ---- */

/* The toolstack's record of it goes with the guest. */
static bool is_gone(const Plug *plug)
{
    g_autofree char *frontend = vx_store_read(plug->store, "%s/frontend", plug->nodes.record);

    return !frontend;
}

/* It looks, rather than be told: a guest that changes its state in a loop could keep a watcher busy. */
static bool wait_until(const Plug *plug, bool (*is_so)(const Plug *plug))
{
    gint64 end = g_get_monotonic_time() + WAIT_US;

    while (!is_so(plug)) {
        if (g_get_monotonic_time() > end || is_gone(plug))
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

/* A driver domain that has ended, or has taken its end away, says nothing that a guest could answer. */
static bool is_abandoned(const Plug *plug)
{
    return plug->nodes.backend != plug->nodes.own &&
           vx_channel_nodes_back_state(&plug->nodes, plug->store) == VX_XENBUS_UNKNOWN;
}

/* A guest whose end never came up has nothing to let go of. */
static bool guest_let_go(const Plug *plug)
{
    VxXenbusState state = vx_channel_nodes_front_state(&plug->nodes, plug->store);

    if (is_abandoned(plug))
        return true;
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

static bool check_new(const Plug *plug, const libxl_device_channel *channel, GError **error)
{
    g_autoptr(GPtrArray) there = vx_libxl_read_channels(plug->store, plug->id, VX_CHANNEL_NAMES);
    int backend;

    if (!channel->name)
        return vx_fail(error, VIR_ERR_XML_ERROR, "a channel needs a name: <target type='xen' name='...'/>");
    if (vx_libxl_find_channel(there, channel->name))
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "guest %d has a channel '%.60s' already", plug->id,
                       channel->name);
    if (!vx_libxl_find_backend(plug->session, channel, &backend, error))
        return false;
    if (backend != vx_store_own_domain(plug->store))
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
    name_nodes(plug, number, NULL, channel->name,
               channel->connection == LIBXL_CHANNEL_CONNECTION_SOCKET ? channel->u.socket.path : NULL);
    return true;
}

static bool remove_chardev(const Plug *plug, const char *chardev, GError **error)
{
    return vx_libxl_monitor_remove(plug->id, chardev, error);
}

/* What one of this number has left in the device model must be gone, and what is to be there has room. */
static bool make_room(const Plug *plug, const libxl_domain_config *config, GError **error)
{
    return remove_chardev(plug, plug->chardev, error) && vx_libxl_prepare_sockets(plug->sockets, config, error);
}

/* A socket is there, for those who may use it, before anybody is told of the channel. */
static bool make_socket(const Plug *plug, const libxl_domain_config *config, GError **error)
{
    return !plug->path || (vx_libxl_monitor_add_socket(plug->id, plug->chardev, plug->path, error) &&
                           vx_libxl_grant_sockets(plug->sockets, config, error));
}

static void log_failure(const Plug *plug, const char *what, GError *failure)
{
    if (failure)
        g_warning("guest %d: %s: %s", plug->id, what, failure->message);
    g_clear_error(&failure);
}

/* The device model lets go of its character device when the nodes are gone. One that libxl has made it, of which it
 * makes no use if it is a pty, is in the way of the next channel. */
static void clear_host(const Plug *plug)
{
    GError *failure = NULL;

    if (remove_chardev(plug, plug->chardev, &failure))
        remove_chardev(plug, plug->of_libxl, &failure);
    log_failure(plug, "a character device is left", failure);
    failure = NULL;
    if (plug->path)
        vx_libxl_drop_dead_socket(plug->sockets, plug->path, &failure);
    log_failure(plug, "a socket is left", failure);
}

static bool back_is_closed(const Plug *plug)
{
    return vx_channel_nodes_back_state(&plug->nodes, plug->store) == VX_XENBUS_CLOSED;
}

/* Has the device model let go of a channel that the guest has not closed. */
static bool close_for_guest(const Plug *plug, GError **error)
{
    if (is_gone(plug) || back_is_closed(plug))
        return true;
    if (!vx_channel_nodes_close_front(&plug->nodes, plug->store, error))
        return false;
    wait_until(plug, back_is_closed);
    return true;
}

/* Takes all of it away. The device model hears of it late, and may have written its state meanwhile: once it has let go
 * of the character device, nobody writes any more. */
static bool clear(const Plug *plug, bool is_ours, GError **error)
{
    if ((is_ours && !close_for_guest(plug, error)) || !vx_channel_nodes_remove(&plug->nodes, plug->store, error))
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

static bool fail_as_gone(const Plug *plug, GError **error)
{
    return vx_fail(error, VIR_ERR_OPERATION_FAILED, "guest %d has ended meanwhile", plug->id);
}

static bool wait_for_ends(const Plug *plug, GError **error)
{
    bool is_served = wait_until(plug, back_is_up);

    if (is_served && (is_paused(plug) || wait_until(plug, both_are_up)))
        return true;
    if (is_gone(plug))
        return fail_as_gone(plug, error);
    if (!is_served)
        return vx_fail(error, VIR_ERR_OPERATION_TIMEOUT,
                       "the device model of guest %d does not serve the channel '%.60s'", plug->id, plug->name);
    return vx_fail(error, VIR_ERR_OPERATION_TIMEOUT,
                   "guest %d does not take the channel '%.60s': it has no driver for it, or does not run yet", plug->id,
                   plug->name);
}

static bool keep(const Plug *plug, const libxl_device_channel *channel, GError **error)
{
    libxl_device_channel kept = *channel; /* whose texts it borrows */

    kept.devid = plug->nodes.number;
    kept.backend_domid = (uint32_t)plug->nodes.own;
    return vx_libxl_keep_channel(plug->session, plug->id, &kept, error);
}

/* Its mark is set. */
static bool plug_in(const Plug *plug, const libxl_domain_config *config, GError **error)
{
    const libxl_device_channel *channel = config->channels;

    if (!make_room(plug, config, error))
        return false;
    if (!make_socket(plug, config, error) || !vx_channel_nodes_write(&plug->nodes, plug->store, channel, error)) {
        clear_host(plug);
        return false;
    }
    if (wait_for_ends(plug, error) && keep(plug, channel, error))
        return true;
    take_back(plug);
    return false;
}

bool vx_libxl_plug_channel(VxLibxlSession *session, int id, const libxl_domain_config *config,
                           const VxLibxlSockets *sockets, GError **error)
{
    const libxl_device_channel *channel = config->channels;
    g_auto(Plug) plug;
    bool done;

    plug_init(&plug, session, sockets, id);
    if (!check_new(&plug, channel, error) || !choose_number(&plug, channel, error) ||
        !vx_channel_nodes_mark(&plug.nodes, plug.store, plug.name, plug.path, error))
        return false;
    done = plug_in(&plug, config, error);
    vx_channel_nodes_unmark(&plug.nodes, plug.store);
    return done;
}

/* ---- out ---- */

/* A guest that lets go of a channel cannot be given it back: so who serves it has to answer first. */
static bool check_device_model(const Plug *plug, bool is_ours, GError **error)
{
    return !is_ours || !vx_libxl_has_device_model(plug->session, plug->id) || vx_libxl_monitor_answers(plug->id, error);
}

static bool close_ends(const Plug *plug, GError **error)
{
    if (!vx_channel_nodes_ask_to_close(&plug->nodes, plug->store, error))
        return false;
    if (!wait_until(plug, guest_let_go) && !is_gone(plug)) {
        vx_channel_nodes_keep_open(&plug->nodes, plug->store, NULL);
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "guest %d does not let go of the channel '%.60s'", plug->id,
                       plug->name);
    }
    if (!wait_until(plug, back_let_go) && !is_gone(plug))
        g_warning("guest %d: the backend of the channel '%.60s' has not closed it", plug->id, plug->name);
    return true;
}

/* A channel in another domain's hands: its folder there is known from our own record of it. */
static void find_nodes(Plug *plug, const VxGuestChannel *channel)
{
    g_autofree char *back = vx_store_read(plug->store, "/libxl/%d/device/console/%d/backend", plug->id, channel->devid);

    name_nodes(plug, channel->devid, back, channel->name, channel->type == VX_CHR_UNIX ? channel->path : NULL);
}

static void forget(const Plug *plug)
{
    GError *failure = NULL;

    vx_libxl_forget_channel(plug->session, plug->id, plug->name, &failure);
    log_failure(plug, "a channel that is gone may come back when it is restored", failure);
}

bool vx_libxl_unplug_channel(VxLibxlSession *session, int id, const char *name, const VxLibxlSockets *sockets,
                             GError **error)
{
    g_autoptr(GPtrArray) there = vx_libxl_read_channels(vx_libxl_session_store(session), id, VX_CHANNEL_ALL);
    const VxGuestChannel *channel = vx_libxl_find_channel(there, name);
    g_auto(Plug) plug;
    bool is_ours, done;

    plug_init(&plug, session, sockets, id);
    if (!channel)
        return vx_fail(error, VIR_ERR_DEVICE_MISSING, "guest %d has no channel '%.60s'", id, name ? name : "");
    find_nodes(&plug, channel);
    is_ours = channel->backend_id == plug.nodes.own;
    if (!check_device_model(&plug, is_ours, error) ||
        !vx_channel_nodes_mark(&plug.nodes, plug.store, plug.name, plug.path, error))
        return false;
    done = close_ends(&plug, error) && clear(&plug, is_ours, error);
    if (done)
        forget(&plug);
    vx_channel_nodes_unmark(&plug.nodes, plug.store);
    return done;
}

/* ---- what a daemon that died was about ---- */

/* Whether all of it is there, and it was not to go. IS_KEPT: libxl has it in its own records. */
static bool is_whole(const Plug *plug, bool is_kept)
{
    return is_kept && !is_gone(plug) && vx_store_read_number(plug->store, 1, 0, "%s/online", plug->nodes.back) == 1;
}

void vx_libxl_settle_channel(VxLibxlSession *session, int id, const VxChannelMark *mark, bool is_kept,
                             const VxLibxlSockets *sockets)
{
    g_autofree char *back = NULL;
    g_auto(Plug) plug;

    plug_init(&plug, session, sockets, id);
    back = vx_store_read(plug.store, "/libxl/%d/device/console/%d/backend", id, mark->number);
    name_nodes(&plug, mark->number, back, mark->name, mark->path);
    if (is_whole(&plug, is_kept)) {
        g_info("guest %d keeps the channel '%.60s', which was on its way when the daemon ended", id, mark->name);
    } else {
        g_info("guest %d loses the channel '%.60s', which was on its way when the daemon ended", id, mark->name);
        take_back(&plug);
        forget(&plug);
    }
    vx_channel_nodes_unmark(&plug.nodes, plug.store);
}
