/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/domain_events.h"

#define VIR_ENUM_SENTINELS /* for VIR_DOMAIN_EVENT_ID_LAST */
#include <libvirt/libvirt.h>
#include <string.h>

#include "util/vx_error.h"

typedef struct {
    int event_id;
    int callback_id; /* VX_EVENT_NO_CALLBACK: of the old family */
    bool one_domain;
    guint8 uuid[16];
} Registration;

struct VxDomainEvents {
    GMutex lock;
    GPtrArray *clients;       /* of VxEventClient, borrowed */
    unsigned n_registrations; /* of all clients: with none, an event costs nothing */
    int next_callback_id;
};

struct VxEventClient {
    VxDomainEvents *events;
    VxEventDeliver deliver;
    gpointer data;
    GArray *registrations; /* of Registration */
};

void vx_domain_event_clear(VxDomainEvent *event)
{
    vx_domain_ref_clear(&event->domain);
    switch (event->id) {
    case VIR_DOMAIN_EVENT_ID_DEVICE_ADDED:
    case VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED:
    case VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED:
        g_clear_pointer(&event->device.alias, g_free);
        break;
    case VIR_DOMAIN_EVENT_ID_METADATA_CHANGE:
        g_clear_pointer(&event->metadata.uri, g_free);
        break;
    default:
        break;
    }
}

VxDomainEvents *vx_domain_events_new(void)
{
    VxDomainEvents *events = g_new0(VxDomainEvents, 1);

    g_mutex_init(&events->lock);
    events->clients = g_ptr_array_new();
    return events;
}

void vx_domain_events_free(VxDomainEvents *events)
{
    if (!events)
        return;
    g_assert(events->clients->len == 0);
    g_ptr_array_unref(events->clients);
    g_mutex_clear(&events->lock);
    g_free(events);
}

static void tell_client(const VxEventClient *client, const VxDomainEvent *event)
{
    for (unsigned i = 0; i < client->registrations->len; i++) {
        const Registration *registration = &g_array_index(client->registrations, Registration, i);

        if (registration->event_id == event->id &&
            (!registration->one_domain || memcmp(registration->uuid, event->domain.uuid, 16) == 0))
            client->deliver(event, registration->callback_id, client->data);
    }
}

void vx_domain_events_emit(VxDomainEvents *events, const VxDomainEvent *event)
{
    g_mutex_lock(&events->lock);
    for (unsigned i = 0; events->n_registrations > 0 && i < events->clients->len; i++)
        tell_client(events->clients->pdata[i], event);
    g_mutex_unlock(&events->lock);
}

/* ---- clients ---- */

VxEventClient *vx_event_client_new(VxDomainEvents *events, VxEventDeliver deliver, gpointer data)
{
    VxEventClient *client = g_new0(VxEventClient, 1);

    client->events = events;
    client->deliver = deliver;
    client->data = data;
    client->registrations = g_array_new(FALSE, FALSE, sizeof(Registration));
    g_mutex_lock(&events->lock);
    g_ptr_array_add(events->clients, client);
    g_mutex_unlock(&events->lock);
    return client;
}

void vx_event_client_free(VxEventClient *client)
{
    if (!client)
        return;
    g_mutex_lock(&client->events->lock);
    g_ptr_array_remove_fast(client->events->clients, client);
    client->events->n_registrations -= client->registrations->len;
    g_mutex_unlock(&client->events->lock);
    g_array_unref(client->registrations);
    g_free(client);
}

/* The most registrations of one client: libvirt's own clients merge theirs and need one a kind and domain. */
#define MAX_REGISTRATIONS 10000

static bool check_event_id(int event_id, GError **error)
{
    if (event_id < 0 || event_id >= VIR_DOMAIN_EVENT_ID_LAST)
        return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "there is no kind of event %d: 0 to %d are known", event_id,
                       VIR_DOMAIN_EVENT_ID_LAST - 1);
    return true;
}

/* Under the lock. */
static int find_old(const VxEventClient *client, int event_id)
{
    for (unsigned i = 0; i < client->registrations->len; i++) {
        const Registration *registration = &g_array_index(client->registrations, Registration, i);

        if (registration->callback_id == VX_EVENT_NO_CALLBACK && registration->event_id == event_id)
            return (int)i;
    }
    return -1;
}

static void remove_at(VxEventClient *client, int i)
{
    g_array_remove_index_fast(client->registrations, (guint)i);
    client->events->n_registrations--;
}

static bool append(VxEventClient *client, Registration registration, GError **error)
{
    if (client->registrations->len >= MAX_REGISTRATIONS)
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "a connection may register for events %d times",
                       MAX_REGISTRATIONS);
    g_array_append_val(client->registrations, registration);
    client->events->n_registrations++;
    return true;
}

bool vx_event_client_add(VxEventClient *client, int event_id, GError **error)
{
    Registration registration = {.event_id = event_id, .callback_id = VX_EVENT_NO_CALLBACK};
    bool done;

    if (!check_event_id(event_id, error))
        return false;
    g_mutex_lock(&client->events->lock);
    if (find_old(client, event_id) >= 0)
        done = vx_fail(error, VIR_ERR_INVALID_ARG, "domain event %d is registered already", event_id);
    else
        done = append(client, registration, error);
    g_mutex_unlock(&client->events->lock);
    return done;
}

bool vx_event_client_remove(VxEventClient *client, int event_id, GError **error)
{
    int i;

    if (!check_event_id(event_id, error))
        return false;
    g_mutex_lock(&client->events->lock);
    i = find_old(client, event_id);
    if (i >= 0)
        remove_at(client, i);
    g_mutex_unlock(&client->events->lock);
    return i >= 0 ? true : vx_fail(error, VIR_ERR_INVALID_ARG, "domain event %d is not registered", event_id);
}

bool vx_event_client_add_callback(VxEventClient *client, int event_id, const guint8 *uuid, int *callback_id,
                                  GError **error)
{
    Registration registration = {.event_id = event_id, .one_domain = uuid != NULL};
    bool done;

    if (!check_event_id(event_id, error))
        return false;
    if (uuid)
        memcpy(registration.uuid, uuid, sizeof(registration.uuid));
    g_mutex_lock(&client->events->lock);
    *callback_id = registration.callback_id = client->events->next_callback_id;
    done = append(client, registration, error);
    if (done)
        client->events->next_callback_id = (client->events->next_callback_id + 1) & G_MAXINT;
    g_mutex_unlock(&client->events->lock);
    return done;
}

bool vx_event_client_remove_callback(VxEventClient *client, int callback_id, GError **error)
{
    bool found = false;

    g_mutex_lock(&client->events->lock);
    for (unsigned i = 0; callback_id >= 0 && !found && i < client->registrations->len; i++) {
        found = g_array_index(client->registrations, Registration, i).callback_id == callback_id;
        if (found)
            remove_at(client, (int)i);
    }
    g_mutex_unlock(&client->events->lock);
    return found ? true
                 : vx_fail(error, VIR_ERR_INTERNAL_ERROR, "no event is registered with callback id %d", callback_id);
}
