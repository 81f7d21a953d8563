/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/event_message.h"

#include "rpc/rpc_connection.h"
#include "rpc/wire.h"

#include <libvirt/libvirt.h>
#include <string.h>

/* The domain as messages have it; what it points to belongs to EVENT. */
static wire_nonnull_domain domain_of(const VxDomainEvent *event)
{
    wire_nonnull_domain dom = {.name = event->domain.name, .id = event->domain.id};

    memcpy(dom.uuid.bytes, event->domain.uuid, sizeof dom.uuid.bytes);
    return dom;
}

/* Events 0 to 15 have two messages: the old one, and the old one behind a callback id. */
#define SEND_BOTH(NAME, name, ...)                                                                                     \
    do {                                                                                                               \
        wire_domain_event_callback_##name##_msg message = {.callbackID = callback_id, .msg = {__VA_ARGS__}};           \
        if (callback_id == VX_EVENT_NO_CALLBACK)                                                                       \
            send(VX_REMOTE_DOMAIN_EVENT_##NAME, &message.msg);                                                         \
        else                                                                                                           \
            send(VX_REMOTE_DOMAIN_EVENT_CALLBACK_##NAME, &message);                                                    \
    } while (0)

/* The others have one. The old family cannot know of them. */
#define SEND_NEW(NAME, name, ...)                                                                                      \
    do {                                                                                                               \
        wire_domain_event_callback_##name##_msg message = {.callbackID = callback_id, __VA_ARGS__};                    \
        if (callback_id != VX_EVENT_NO_CALLBACK)                                                                       \
            send(VX_REMOTE_DOMAIN_EVENT_CALLBACK_##NAME, &message);                                                    \
    } while (0)

#define send(number, message) vx_rpc_connection_send_event(connection, VX_PROGRAM_REMOTE, number, message)

static void send_device(const VxDomainEvent *event, int callback_id, VxRpcConnection *connection)
{
    wire_nonnull_domain dom = domain_of(event);
    char *alias = event->device.alias;

    if (event->id == VIR_DOMAIN_EVENT_ID_DEVICE_ADDED)
        SEND_NEW(DEVICE_ADDED, device_added, .dom = dom, .devAlias = alias);
    else if (event->id == VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED)
        SEND_BOTH(DEVICE_REMOVED, device_removed, .dom = dom, .devAlias = alias);
    else
        SEND_NEW(DEVICE_REMOVAL_FAILED, device_removal_failed, .dom = dom, .devAlias = alias);
}

static void send_metadata(const VxDomainEvent *event, int callback_id, VxRpcConnection *connection)
{
    char *uri = event->metadata.uri;

    SEND_NEW(METADATA_CHANGE, metadata_change, .dom = domain_of(event), .type = event->metadata.type,
             .nsuri = uri ? &uri : NULL);
}

void vx_event_send(const VxDomainEvent *event, int callback_id, gpointer data)
{
    VxRpcConnection *connection = data;
    wire_nonnull_domain dom = domain_of(event);

    switch (event->id) {
    case VIR_DOMAIN_EVENT_ID_LIFECYCLE:
        SEND_BOTH(LIFECYCLE, lifecycle, .dom = dom, .event = event->lifecycle.type, .detail = event->lifecycle.detail);
        break;
    case VIR_DOMAIN_EVENT_ID_REBOOT:
        SEND_BOTH(REBOOT, reboot, .dom = dom);
        break;
    case VIR_DOMAIN_EVENT_ID_RTC_CHANGE:
        SEND_BOTH(RTC_CHANGE, rtc_change, .dom = dom, .offset = event->rtc.offset_seconds);
        break;
    case VIR_DOMAIN_EVENT_ID_WATCHDOG:
        SEND_BOTH(WATCHDOG, watchdog, .dom = dom, .action = event->watchdog.action);
        break;
    case VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE:
        SEND_BOTH(BALLOON_CHANGE, balloon_change, .dom = dom, .actual = event->balloon.actual_kib);
        break;
    case VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE:
        SEND_NEW(AGENT_LIFECYCLE, agent_lifecycle, .dom = dom, .state = event->agent.state,
                 .reason = event->agent.reason);
        break;
    case VIR_DOMAIN_EVENT_ID_DEVICE_ADDED:
    case VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED:
    case VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED:
        send_device(event, callback_id, connection);
        break;
    case VIR_DOMAIN_EVENT_ID_METADATA_CHANGE:
        send_metadata(event, callback_id, connection);
        break;
    default: /* the driver has no others */
        break;
    }
}
