/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is asked of one domain.
 */
#include "daemon/handler.h"

#include <libvirt/libvirt.h>

#include "driver/change.h"
#include "driver/metadata.h"
#include "driver/query.h"

VX_HANDLER(DOMAIN_GET_INFO)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    VxDomainInfo info;

    if (!domain || !vx_get_info(request->driver, domain, &info, error))
        return false;
    ret->state = (u_char)info.state;
    ret->maxMem = info.maximum_memory_kib;
    ret->memory = info.memory_kib;
    ret->nrVirtCpu = (u_short)MIN(info.n_vcpus, G_MAXUSHORT);
    ret->cpuTime = info.cpu_time_ns;
    return true;
}

VX_HANDLER(DOMAIN_GET_STATE)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_get_state(request->driver, domain, args->flags, &ret->state, &ret->reason, error);
}

VX_HANDLER(DOMAIN_GET_OS_TYPE)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    ret->type = g_strdup(domain ? vx_get_os_type(domain, error) : NULL);
    return ret->type != NULL;
}

VX_IS_QUICK(DOMAIN_GET_XML_DESC)
{
    g_autoptr(VxDomainObj) domain = vx_find_uuid(request->driver, (const guint8 *)args->dom.uuid.bytes, NULL);

    return !domain || vx_is_xml_at_hand(request->driver, domain, args->flags);
}

VX_HANDLER(DOMAIN_GET_XML_DESC)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    ret->xml = domain ? vx_get_xml(request->driver, domain, args->flags, error) : NULL;
    return ret->xml != NULL;
}

/* The answers yes and no. */
static bool ask(VxRequest *request, const wire_nonnull_domain *dom,
                bool (*question)(VxDomainObj *domain, bool *answer, GError **error), int *answer, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);
    bool is_so;

    if (!domain || !question(domain, &is_so, error))
        return false;
    *answer = is_so;
    return true;
}

VX_HANDLER(DOMAIN_GET_AUTOSTART)
{
    return ask(request, &args->dom, vx_get_autostart, &ret->autostart, error);
}

VX_HANDLER(DOMAIN_IS_ACTIVE)
{
    return ask(request, &args->dom, vx_is_active, &ret->active, error);
}

VX_HANDLER(DOMAIN_IS_PERSISTENT)
{
    return ask(request, &args->dom, vx_is_persistent, &ret->persistent, error);
}

VX_HANDLER(DOMAIN_IS_UPDATED)
{
    return ask(request, &args->dom, vx_is_updated, &ret->updated, error);
}

/* No domain is saved, and none has snapshots; clients ask before they undefine one. */
VX_HANDLER(DOMAIN_SNAPSHOT_NUM)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain != NULL;
}

VX_HANDLER(DOMAIN_GET_METADATA)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    ret->metadata = domain ? vx_get_metadata(domain, args->type, vx_wire_text(args->uri), args->flags, error) : NULL;
    return ret->metadata != NULL;
}
