/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests start and stop.
 */
#include "daemon/handler.h"

#include "driver/life.h"

typedef bool (*LifeCall)(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);

static bool act(VxRequest *request, const wire_nonnull_domain *dom, LifeCall call, unsigned flags, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    return domain && call(request->driver, domain, flags, error);
}

VX_HANDLER(DOMAIN_CREATE)
{
    return act(request, &args->dom, vx_start, 0, error);
}

VX_HANDLER(DOMAIN_CREATE_WITH_FLAGS)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_start(request->driver, domain, args->flags, error) &&
           vx_request_return_domain(request, domain, &ret->dom, error);
}

VX_HANDLER(DOMAIN_CREATE_XML)
{
    g_auto(VxDomainRef) ref = {0};

    if (!vx_create_xml(request->driver, args->xml_desc, args->flags, &ref, error))
        return false;
    vx_request_return_ref(request, &ref, &ret->dom);
    return true;
}

VX_HANDLER(DOMAIN_DESTROY)
{
    return act(request, &args->dom, vx_destroy, 0, error);
}

VX_HANDLER(DOMAIN_DESTROY_FLAGS)
{
    return act(request, &args->dom, vx_destroy, args->flags, error);
}

VX_HANDLER(DOMAIN_SHUTDOWN)
{
    return act(request, &args->dom, vx_shutdown, 0, error);
}

VX_HANDLER(DOMAIN_SHUTDOWN_FLAGS)
{
    return act(request, &args->dom, vx_shutdown, args->flags, error);
}

VX_HANDLER(DOMAIN_REBOOT)
{
    return act(request, &args->dom, vx_reboot, args->flags, error);
}

VX_HANDLER(DOMAIN_SUSPEND)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_suspend(request->driver, domain, error);
}

VX_HANDLER(DOMAIN_RESUME)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_resume(request->driver, domain, error);
}
