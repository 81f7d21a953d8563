/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_watch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "libxl/libxl_channel_watch.h"
#include "libxl/libxl_live.h"
#include "libxl/libxl_roll.h"

#define GUESTS_TOKEN "guests"
#define RETRY_MS 1000
#define MAX_READS 1000u /* watches taken at a time, before guests are looked at */

struct VxLibxlWatch {
    VxLibxlGuests *guests;
    VxGuestWatch watch;
    gpointer data;
    GThread *thread;
    int stop_fd;

    /* What follows is the thread's, once it runs. */
    struct xs_handle *store;
    VxLibxlRoll *roll;
    VxLibxlChannelWatch *channels;
    bool is_dirty;      /* guests have come or gone */
    bool tells_nothing; /* of the guests that are there at the beginning */
};

/* ---- guests ---- */

static void on_guest(const VxGuestEvent *event, gpointer data)
{
    VxLibxlWatch *watch = data;

    if (event->kind == VX_GUEST_EVENT_GONE)
        vx_libxl_channel_watch_drop(watch->channels, event->id);
    if (!watch->tells_nothing)
        watch->watch(event, watch->data);
    if (event->kind == VX_GUEST_EVENT_NEW && event->id != 0)
        vx_libxl_channel_watch_add(watch->channels, event->id, event->uuid);
}

/* The toolstack introduces a guest to xenstore when it has written down what it is. */
static bool is_ready(int id, gpointer data)
{
    VxLibxlWatch *watch = data;

    return xs_is_domain_introduced(watch->store, (unsigned)id);
}

/* Returns whether there is nothing more to be found out. */
static bool call_roll(VxLibxlWatch *watch)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) guests = vx_libxl_guests_list(watch->guests, &error);

    if (!guests) {
        g_warning("cannot see which guests there are: %s", error->message);
        return false;
    }
    return vx_libxl_roll_call(watch->roll, guests, is_ready, on_guest, watch);
}

/* ---- the store ---- */

static bool begin(VxLibxlWatch *watch)
{
    watch->store = xs_open(0);
    if (!watch->store || !xs_watch(watch->store, "@introduceDomain", GUESTS_TOKEN) ||
        !xs_watch(watch->store, "@releaseDomain", GUESTS_TOKEN)) {
        g_critical("cannot watch xenstore: what guests do by themselves will not be seen: %s", g_strerror(errno));
        return false;
    }
    watch->roll = vx_libxl_roll_new();
    watch->channels = vx_libxl_channel_watch_new(watch->store, watch->watch, watch->data);
    watch->tells_nothing = true;
    watch->is_dirty = !call_roll(watch);
    watch->tells_nothing = false;
    return true;
}

static void end(VxLibxlWatch *watch)
{
    vx_libxl_channel_watch_free(watch->channels);
    vx_libxl_roll_free(watch->roll);
    if (watch->store)
        xs_close(watch->store);
}

/* Returns whether there may be more: its descriptor need not say so any longer. */
static bool take_watches(VxLibxlWatch *watch)
{
    for (unsigned i = 0; i < MAX_READS; i++) {
        char **found = xs_check_watch(watch->store);

        if (!found)
            return false;
        if (!vx_libxl_channel_watch_take(watch->channels, found[XS_WATCH_PATH], found[XS_WATCH_TOKEN]))
            watch->is_dirty = true;
        free(found);
    }
    return true;
}

/* ---- the thread ---- */

/* Returns in how many milliseconds there is more to do without a watch; -1: not at all. */
static int work(VxLibxlWatch *watch)
{
    bool has_more = take_watches(watch);
    int wait_ms;

    if (watch->is_dirty)
        watch->is_dirty = !call_roll(watch);
    wait_ms = vx_libxl_channel_watch_look(watch->channels);
    if (watch->is_dirty && (wait_ms < 0 || wait_ms > RETRY_MS))
        wait_ms = RETRY_MS;
    return has_more ? 0 : wait_ms;
}

static gpointer run(gpointer data)
{
    VxLibxlWatch *watch = data;
    struct pollfd fds[2] = {{.fd = watch->stop_fd, .events = POLLIN}, {.events = POLLIN}};

    fds[1].fd = xs_fileno(watch->store);
    while (!fds[0].revents)
        poll(fds, 2, work(watch));
    return NULL;
}

VxLibxlWatch *vx_libxl_watch_new(VxLibxlGuests *guests, VxGuestWatch tell, gpointer data)
{
    VxLibxlWatch *watch = g_new0(VxLibxlWatch, 1);

    watch->guests = guests;
    watch->watch = tell;
    watch->data = data;
    watch->stop_fd = eventfd(0, EFD_CLOEXEC);
    if (watch->stop_fd < 0)
        g_error("no file descriptor for a thread: %s", g_strerror(errno));
    if (begin(watch)) /* here, so that no guest is made unseen once this returns */
        watch->thread = g_thread_new("guests", run, watch);
    return watch;
}

void vx_libxl_watch_free(VxLibxlWatch *watch)
{
    const guint64 one = 1;

    if (!watch)
        return;
    if (write(watch->stop_fd, &one, sizeof(one)) < 0)
        g_error("cannot stop a thread: %s", g_strerror(errno));
    if (watch->thread)
        g_thread_join(watch->thread);
    end(watch);
    close(watch->stop_fd);
    g_free(watch);
}
