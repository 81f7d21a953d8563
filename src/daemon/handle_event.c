/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Registering for events, in both families.
 */
#include "daemon/handler.h"

#include <libvirt/libvirt.h>

VX_HANDLER(CONNECT_DOMAIN_EVENT_REGISTER)
{
    ret->cb_registered = 1;
    return vx_event_client_add(vx_client_need_events(request->client), VIR_DOMAIN_EVENT_ID_LIFECYCLE, error);
}

VX_HANDLER(CONNECT_DOMAIN_EVENT_DEREGISTER)
{
    ret->cb_registered = 0;
    return vx_event_client_remove(vx_client_need_events(request->client), VIR_DOMAIN_EVENT_ID_LIFECYCLE, error);
}

VX_HANDLER(CONNECT_DOMAIN_EVENT_REGISTER_ANY)
{
    return vx_event_client_add(vx_client_need_events(request->client), args->eventID, error);
}

VX_HANDLER(CONNECT_DOMAIN_EVENT_DEREGISTER_ANY)
{
    return vx_event_client_remove(vx_client_need_events(request->client), args->eventID, error);
}

VX_HANDLER(CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY)
{
    const guint8 *uuid = args->dom ? (const guint8 *)args->dom->uuid.bytes : NULL;

    return vx_event_client_add_callback(vx_client_need_events(request->client), args->eventID, uuid, &ret->callbackID,
                                        error);
}

VX_HANDLER(CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY)
{
    return vx_event_client_remove_callback(vx_client_need_events(request->client), args->callbackID, error);
}
