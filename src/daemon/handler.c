/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/handler.h"

#include "driver/query.h"

#include <string.h>

VxDomainObj *vx_request_find(VxRequest *request, const wire_nonnull_domain *dom, GError **error)
{
    g_free(request->subject);
    request->subject = g_strdup(dom->name);
    return vx_find_uuid(request->driver, (const guint8 *)dom->uuid.bytes, error);
}

void vx_wire_domain_take(wire_nonnull_domain *dom, VxDomainRef *ref)
{
    dom->name = g_steal_pointer(&ref->name);
    memcpy(dom->uuid.bytes, ref->uuid, sizeof dom->uuid.bytes);
    dom->id = ref->id;
}

void vx_request_return_ref(VxRequest *request, VxDomainRef *ref, wire_nonnull_domain *dom)
{
    g_free(request->subject);
    request->subject = g_strdup(ref->name);
    vx_wire_domain_take(dom, ref);
}

bool vx_request_return_domain(VxRequest *request, VxDomainObj *domain, wire_nonnull_domain *dom, GError **error)
{
    g_auto(VxDomainRef) ref = {0};

    if (!vx_domain_obj_get_ref(domain, &ref, error))
        return false;
    vx_request_return_ref(request, &ref, dom);
    return true;
}
