/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests start and stop.
 */
#include "daemon/handler.h"
#include "daemon/typed_params.h"

#include <libvirt/libvirt.h>

#include "driver/change.h"
#include "driver/life.h"

typedef bool (*LifeCall)(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);

static bool act(VxRequest *request, const wire_nonnull_domain *dom, LifeCall call, unsigned flags, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    return domain && call(request->driver, domain, flags, error);
}

/* What was started to go with its client goes at once when the client has gone meanwhile. */
static void look_for_owner(const VxRequest *request, unsigned flags)
{
    if ((flags & VIR_DOMAIN_START_AUTODESTROY) && vx_client_has_ended(request->client))
        vx_life_owner_gone(request->driver, request->client);
}

static bool start(VxRequest *request, const wire_nonnull_domain *dom, unsigned flags, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    if (!domain || !vx_start(request->driver, domain, flags, request->client, error))
        return false;
    look_for_owner(request, flags);
    return true;
}

VX_HANDLER(DOMAIN_CREATE)
{
    return start(request, &args->dom, 0, error);
}

VX_HANDLER(DOMAIN_CREATE_WITH_FLAGS)
{
    g_autoptr(VxDomainObj) domain = NULL;

    if (!start(request, &args->dom, args->flags, error))
        return false;
    domain = vx_request_find(request, &args->dom, error);
    return domain && vx_request_return_domain(request, domain, &ret->dom, error);
}

VX_HANDLER(DOMAIN_CREATE_XML)
{
    g_auto(VxDomainRef) ref = {0};

    if (!vx_create_xml(request->driver, args->xml_desc, args->flags, request->client, &ref, error))
        return false;
    look_for_owner(request, args->flags);
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

VX_HANDLER(DOMAIN_RESET)
{
    return act(request, &args->dom, vx_reset, args->flags, error);
}

VX_HANDLER(DOMAIN_INJECT_NMI)
{
    return act(request, &args->dom, vx_inject_nmi, args->flags, error);
}

VX_HANDLER(DOMAIN_PM_SUSPEND_FOR_DURATION)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_pm_suspend(request->driver, domain, args->target, args->duration, args->flags, error);
}

VX_HANDLER(DOMAIN_PM_WAKEUP)
{
    return act(request, &args->dom, vx_pm_wakeup, args->flags, error);
}

VX_HANDLER(DOMAIN_SET_LIFECYCLE_ACTION)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_set_lifecycle_action(request->driver, domain, args->type, args->action, args->flags, error);
}

/* ---- jobs ---- */

VX_HANDLER(DOMAIN_GET_JOB_INFO)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    guint64 elapsed_ms;

    if (!domain || !vx_get_job(domain, &ret->type, &elapsed_ms, error))
        return false;
    ret->timeElapsed = elapsed_ms;
    return true;
}

VX_HANDLER(DOMAIN_GET_JOB_STATS)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    guint64 elapsed_ms;

    if (!domain || !vx_check_flags(args->flags, VIR_DOMAIN_JOB_STATS_COMPLETED | VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED,
                                   "virDomainGetJobStats", error))
        return false;
    if (args->flags & VIR_DOMAIN_JOB_STATS_COMPLETED) { /* of a job that is over, nothing is kept */
        ret->type = VIR_DOMAIN_JOB_NONE;
        return true;
    }
    if (!vx_get_job(domain, &ret->type, &elapsed_ms, error))
        return false;
    if (ret->type == VIR_DOMAIN_JOB_NONE)
        return true;
    ret->params.params_len = 1;
    ret->params.params_val = g_new0(wire_typed_param, 1);
    vx_typed_param_set_ullong(ret->params.params_val, VIR_DOMAIN_JOB_TIME_ELAPSED, elapsed_ms);
    return true;
}

VX_HANDLER(DOMAIN_ABORT_JOB)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_abort_job(domain, 0, error);
}

VX_HANDLER(DOMAIN_ABORT_JOB_FLAGS)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_abort_job(domain, args->flags, error);
}
