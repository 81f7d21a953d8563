/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_roll.h"

#include <string.h>

typedef struct {
    guint64 call; /* the last at which it was there */
    guint8 uuid[16];
    VxGuestShutdown shutdown;
} Known;

struct VxLibxlRoll {
    GHashTable *guests; /* id -> Known */
    guint64 call;
};

/* A call, and what is to be told of it, kept until all of it is known: who has gone comes first, for its id may be
 * another's now. */
typedef struct {
    GArray *gone, *rest; /* of VxGuestEvent */
    VxLibxlReady ready;
    gpointer data;
    bool is_complete;
} News;

VxLibxlRoll *vx_libxl_roll_new(void)
{
    VxLibxlRoll *roll = g_new0(VxLibxlRoll, 1);

    roll->guests = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    return roll;
}

void vx_libxl_roll_free(VxLibxlRoll *roll)
{
    if (!roll)
        return;
    g_hash_table_unref(roll->guests);
    g_free(roll);
}

static void note(GArray *events, VxGuestEventKind kind, int id, const Known *known)
{
    VxGuestEvent event = {.kind = kind, .id = id};

    memcpy(event.uuid, known->uuid, sizeof(event.uuid));
    if (kind == VX_GUEST_EVENT_SHUTDOWN)
        event.shutdown = known->shutdown;
    g_array_append_val(events, event);
}

/* A guest that is kept after it has shut down is given another UUID. */
static bool is_another(const Known *known, const VxGuestInfo *guest)
{
    bool was_shut_down = known->shutdown && known->shutdown == guest->shutdown;

    return !was_shut_down && memcmp(known->uuid, guest->uuid, sizeof(known->uuid)) != 0;
}

static void call_one(VxLibxlRoll *roll, const VxGuestInfo *guest, News *news)
{
    Known *known = g_hash_table_lookup(roll->guests, GINT_TO_POINTER(guest->id));
    bool is_other = known && is_another(known, guest);

    if ((!known || is_other) && news->ready && !news->ready(guest->id, news->data)) {
        news->is_complete = false;
        return; /* which leaves the other one to those that have gone */
    }
    if (is_other)
        note(news->gone, VX_GUEST_EVENT_GONE, guest->id, known);
    if (!known || is_other) {
        known = g_new0(Known, 1);
        memcpy(known->uuid, guest->uuid, sizeof(known->uuid));
        g_hash_table_insert(roll->guests, GINT_TO_POINTER(guest->id), known);
        note(news->rest, VX_GUEST_EVENT_NEW, guest->id, known);
    }
    known->call = roll->call;
    memcpy(known->uuid, guest->uuid, sizeof(known->uuid));
    if (guest->shutdown != known->shutdown) {
        known->shutdown = guest->shutdown;
        if (guest->shutdown)
            note(news->rest, VX_GUEST_EVENT_SHUTDOWN, guest->id, known);
    }
}

static void drop_gone(VxLibxlRoll *roll, News *news)
{
    GHashTableIter iter;
    gpointer id, value;

    g_hash_table_iter_init(&iter, roll->guests);
    while (g_hash_table_iter_next(&iter, &id, &value)) {
        const Known *known = value;

        if (known->call == roll->call)
            continue;
        note(news->gone, VX_GUEST_EVENT_GONE, GPOINTER_TO_INT(id), known);
        g_hash_table_iter_remove(&iter);
    }
}

static void tell(const GArray *events, VxGuestWatch watch, gpointer data)
{
    for (guint i = 0; i < events->len; i++)
        watch(&g_array_index(events, VxGuestEvent, i), data);
}

bool vx_libxl_roll_call(VxLibxlRoll *roll, const GArray *guests, VxLibxlReady ready, VxGuestWatch watch, gpointer data)
{
    g_autoptr(GArray) gone = g_array_new(FALSE, FALSE, sizeof(VxGuestEvent));
    g_autoptr(GArray) rest = g_array_new(FALSE, FALSE, sizeof(VxGuestEvent));
    News news = {gone, rest, ready, data, true};

    roll->call++;
    for (guint i = 0; i < guests->len; i++) {
        const VxGuestInfo *guest = &g_array_index(guests, VxGuestInfo, i);

        if (!guest->dying)
            call_one(roll, guest, &news);
    }
    drop_gone(roll, &news);
    tell(gone, watch, data);
    tell(rest, watch, data);
    return news.is_complete;
}

const guint8 *vx_libxl_roll_find(const VxLibxlRoll *roll, int id)
{
    const Known *known = g_hash_table_lookup(roll->guests, GINT_TO_POINTER(id));

    return known ? known->uuid : NULL;
}
