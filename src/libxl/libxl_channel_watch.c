/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_channel_watch.h"

#include <string.h>

#include "libxl/libxl_channel.h"
#include "libxl/libxl_store.h"

#define CONSOLES "/local/domain/%d/device/console"
#define TOKEN_PREFIX "channels:"
#define DETAILS_PREFIX "details:"
#define PAUSE_MS 200  /* between two looks at the same guest */
#define NEW_MS 1000   /* before the first look at a guest: who makes one writes a hundred nodes in that time */
#define CALM_MS 5000  /* for how long a guest is not listened to that writes too much */
#define COUNT_MS 1000 /* within which at most so many watches of a guest are borne */
#define MAX_WATCHES 150u
#define MAX_LOOKS 64u /* at a time, so that guests that come and go are told in between */

typedef struct {
    int id;
    guint8 uuid[16];
    GHashTable *connected; /* names of the channels whose guest's end is attached */
    gint64 looked_us;      /* when, the last time; 0: not yet, and its details are not listened to */
    gint64 due_us;         /* when next; 0: not before a watch comes */
    unsigned n_watches;    /* that have come since counted_us */
    gint64 counted_us;
    bool is_listening; /* its watch is set */
    GList link;        /* in one of the queues while it is due */
    GQueue *queue;
} Guest;

struct VxLibxlChannelWatch {
    struct xs_handle *store;
    VxGuestWatch watch;
    gpointer data;
    GHashTable *guests; /* id -> Guest */
    GQueue fresh;       /* of Guest, each in the order of its time, for all in one wait equally long */
    GQueue at_once;
    GQueue soon;
    GQueue calming;
};

/* ---- queues ---- */

static void leave_queue(Guest *guest)
{
    if (guest->queue)
        g_queue_unlink(guest->queue, &guest->link);
    guest->queue = NULL;
    guest->due_us = 0;
}

static void join_queue(Guest *guest, GQueue *queue, gint64 due_us)
{
    leave_queue(guest);
    guest->link = (GList){.data = guest};
    guest->due_us = due_us;
    guest->queue = queue;
    g_queue_push_tail_link(queue, &guest->link);
}

/* ---- listening ---- */

static void listen_to(VxLibxlChannelWatch *channels, Guest *guest, bool on)
{
    g_autofree char *path = g_strdup_printf(CONSOLES, guest->id);
    g_autofree char *token = g_strdup_printf(TOKEN_PREFIX "%d", guest->id);

    if (guest->is_listening == on)
        return;
    if (on)
        xs_watch(channels->store, path, token);
    else
        xs_unwatch(channels->store, path, token);
    guest->is_listening = on;
}

/* Where the toolstack and the device model say what they have chosen, which guests cannot write. */
static void listen_to_details(VxLibxlChannelWatch *channels, const Guest *guest, bool on)
{
    static const char *const folders[] = {"console", "serial"};
    g_autofree char *token = g_strdup_printf(DETAILS_PREFIX "%d", guest->id);

    for (unsigned i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_strdup_printf("/local/domain/%d/%s", guest->id, folders[i]);

        if (on)
            xs_watch(channels->store, path, token);
        else
            xs_unwatch(channels->store, path, token);
    }
}

/* ---- guests ---- */

static void free_guest(gpointer data)
{
    Guest *guest = data;

    leave_queue(guest);
    g_hash_table_unref(guest->connected);
    g_free(guest);
}

VxLibxlChannelWatch *vx_libxl_channel_watch_new(struct xs_handle *store, VxGuestWatch watch, gpointer data)
{
    VxLibxlChannelWatch *channels = g_new0(VxLibxlChannelWatch, 1);

    channels->store = store;
    channels->watch = watch;
    channels->data = data;
    channels->guests = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_guest);
    return channels;
}

void vx_libxl_channel_watch_free(VxLibxlChannelWatch *channels)
{
    if (!channels)
        return;
    g_hash_table_unref(channels->guests);
    g_free(channels);
}

void vx_libxl_channel_watch_add(VxLibxlChannelWatch *channels, int id, const guint8 uuid[16])
{
    Guest *guest = g_new0(Guest, 1);

    guest->id = id;
    memcpy(guest->uuid, uuid, sizeof(guest->uuid));
    guest->connected = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_insert(channels->guests, GINT_TO_POINTER(id), guest);
    join_queue(guest, &channels->fresh, g_get_monotonic_time() + NEW_MS * 1000);
}

void vx_libxl_channel_watch_drop(VxLibxlChannelWatch *channels, int id)
{
    Guest *guest = g_hash_table_lookup(channels->guests, GINT_TO_POINTER(id));

    if (!guest)
        return;
    listen_to(channels, guest, false);
    if (guest->looked_us)
        listen_to_details(channels, guest, false);
    g_hash_table_remove(channels->guests, GINT_TO_POINTER(id));
}

/* The guest that TOKEN, which begins with PREFIX, is of; NULL: it is no more. */
static Guest *find_guest(VxLibxlChannelWatch *channels, const char *token, const char *prefix)
{
    int id = vx_store_parse_number(token + strlen(prefix), G_MAXINT, -1);

    return g_hash_table_lookup(channels->guests, GINT_TO_POINTER(id));
}

/* Whether a change of PATH, something below GUEST's consoles, says that one has come or gone, or is in another state: a
 * toolstack that makes one writes a dozen nodes of it. */
static bool is_state(const Guest *guest, const char *path)
{
    g_autofree char *folder = g_strdup_printf(CONSOLES, guest->id);
    const char *number, *rest;

    if (!g_str_has_prefix(path, folder))
        return true;
    number = path + strlen(folder);
    rest = *number == '/' ? strchr(number + 1, '/') : NULL;
    return !rest || strcmp(rest, "/state") == 0;
}

static void count_watch(Guest *guest, gint64 now_us)
{
    if (now_us - guest->counted_us >= COUNT_MS * 1000) {
        guest->counted_us = now_us;
        guest->n_watches = 0;
    }
    guest->n_watches++;
}

/* Looks at GUEST's channels as soon as it is its turn, after a change of PATH. */
static void await_look(VxLibxlChannelWatch *channels, Guest *guest, const char *path)
{
    gint64 now_us = g_get_monotonic_time(), next_us;

    count_watch(guest, now_us);
    if (guest->n_watches == MAX_WATCHES) {
        g_info("guest %d changes its channels too often: it is not listened to for %d s", guest->id, CALM_MS / 1000);
        listen_to(channels, guest, false);
        join_queue(guest, &channels->calming, now_us + CALM_MS * 1000);
    } else if (!guest->queue && is_state(guest, path)) {
        next_us = guest->looked_us + PAUSE_MS * 1000;
        join_queue(guest, next_us <= now_us ? &channels->at_once : &channels->soon, MAX(next_us, now_us));
    }
}

static void tell_details(VxLibxlChannelWatch *channels, const Guest *guest)
{
    VxGuestEvent event = {.kind = VX_GUEST_EVENT_DETAILS, .id = guest->id};

    memcpy(event.uuid, guest->uuid, sizeof(event.uuid));
    channels->watch(&event, channels->data);
}

bool vx_libxl_channel_watch_take(VxLibxlChannelWatch *channels, const char *path, const char *token)
{
    bool is_channels = g_str_has_prefix(token, TOKEN_PREFIX);
    Guest *guest;

    if (!is_channels && !g_str_has_prefix(token, DETAILS_PREFIX))
        return false;
    guest = find_guest(channels, token, is_channels ? TOKEN_PREFIX : DETAILS_PREFIX);
    if (guest && is_channels)
        await_look(channels, guest, path);
    else if (guest)
        tell_details(channels, guest);
    return true;
}

/* ---- looking ---- */

static void tell(VxLibxlChannelWatch *channels, const Guest *guest, const char *name, bool connected)
{
    VxGuestEvent event = {.kind = VX_GUEST_EVENT_CHANNEL, .id = guest->id, .channel = name, .connected = connected};

    memcpy(event.uuid, guest->uuid, sizeof(event.uuid));
    channels->watch(&event, channels->data);
}

static void tell_change(VxLibxlChannelWatch *channels, Guest *guest, const VxGuestChannel *channel)
{
    bool connected = vx_guest_channel_is_connected(channel);

    if (!channel->name || connected == g_hash_table_contains(guest->connected, channel->name))
        return;
    if (connected)
        g_hash_table_add(guest->connected, g_strdup(channel->name));
    else
        g_hash_table_remove(guest->connected, channel->name);
    tell(channels, guest, channel->name, connected);
}

/* Channels that are no longer there, with all that they were. */
static void tell_lost(VxLibxlChannelWatch *channels, Guest *guest, const GPtrArray *now)
{
    GHashTableIter iter;
    gpointer name;

    g_hash_table_iter_init(&iter, guest->connected);
    while (g_hash_table_iter_next(&iter, &name, NULL)) {
        if (vx_libxl_find_channel(now, name))
            continue;
        tell(channels, guest, name, false);
        g_hash_table_iter_remove(&iter);
    }
}

static void look(VxLibxlChannelWatch *channels, Guest *guest)
{
    g_autoptr(GPtrArray) now = vx_libxl_read_channels(channels->store, guest->id, VX_CHANNEL_STATES);

    leave_queue(guest);
    listen_to(channels, guest, true);
    if (!guest->looked_us)
        listen_to_details(channels, guest, true);
    guest->looked_us = g_get_monotonic_time();
    for (guint i = 0; i < now->len; i++)
        tell_change(channels, guest, now->pdata[i]);
    tell_lost(channels, guest, now);
}

int vx_libxl_channel_watch_look(VxLibxlChannelWatch *channels)
{
    GQueue *const queues[] = {&channels->fresh, &channels->at_once, &channels->soon, &channels->calming};
    gint64 now_us = g_get_monotonic_time(), next_us = G_MAXINT64;
    unsigned n_looks = 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(queues); i++) {
        Guest *guest;

        while (n_looks < MAX_LOOKS && (guest = g_queue_peek_head(queues[i])) && guest->due_us <= now_us) {
            look(channels, guest);
            n_looks++;
        }
        guest = g_queue_peek_head(queues[i]);
        if (guest)
            next_us = MIN(next_us, guest->due_us);
    }
    if (next_us == G_MAXINT64)
        return -1;
    now_us = g_get_monotonic_time();
    return next_us <= now_us ? 0 : (int)((next_us - now_us + 999) / 1000);
}
