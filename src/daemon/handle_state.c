/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How a running domain is: whether it can be controlled, what is wrong with it, what is in its memory.
 */
#include "daemon/handler.h"

#include <libvirt/libvirt.h>

#include "driver/change.h"
#include "driver/dump.h"
#include "driver/life.h"
#include "driver/query.h"
#include "util/vx_error.h"

static bool dump(VxRequest *request, const wire_nonnull_domain *dom, const char *path, unsigned format, unsigned flags,
                 GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    return domain && vx_core_dump(request->driver, domain, path, format, flags, error);
}

VX_HANDLER(DOMAIN_CORE_DUMP)
{
    return dump(request, &args->dom, args->to, VIR_DOMAIN_CORE_DUMP_FORMAT_RAW, args->flags, error);
}

VX_HANDLER(DOMAIN_CORE_DUMP_WITH_FORMAT)
{
    return dump(request, &args->dom, args->to, args->dumpformat, args->flags, error);
}

/* The domain, which has to run. */
static VxDomainObj *find_running(VxRequest *request, const wire_nonnull_domain *dom, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);
    bool is_active;

    if (!domain || !vx_is_active(domain, &is_active, error))
        return NULL;
    if (!is_active) {
        vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is not running", request->subject);
        return NULL;
    }
    return g_steal_pointer(&domain);
}

VX_HANDLER(DOMAIN_GET_CONTROL_INFO)
{
    g_autoptr(VxDomainObj) domain = find_running(request, &args->dom, error);
    guint64 elapsed_ms;
    int type;

    if (!domain || !vx_check_flags(args->flags, 0, "virDomainGetControlInfo", error) ||
        !vx_get_job(domain, &type, &elapsed_ms, error))
        return false;
    ret->state = type == VIR_DOMAIN_JOB_NONE ? VIR_DOMAIN_CONTROL_OK : VIR_DOMAIN_CONTROL_JOB;
    ret->stateTime = elapsed_ms;
    return true;
}

/* Nothing that this driver does taints a domain, and no configuration is out of date. */
VX_HANDLER(DOMAIN_GET_MESSAGES)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_check_flags(args->flags, VIR_DOMAIN_MESSAGE_DEPRECATION | VIR_DOMAIN_MESSAGE_TAINTING,
                                    "virDomainGetMessages", error);
}

/* Xen stops no guest for an error of a disk: the guest is told. */
VX_HANDLER(DOMAIN_GET_DISK_ERRORS)
{
    g_autoptr(VxDomainObj) domain = find_running(request, &args->dom, error);

    return domain && vx_check_flags(args->flags, 0, "virDomainGetDiskErrors", error);
}

/* No security driver labels domains: an empty label says so. */
VX_HANDLER(DOMAIN_GET_SECURITY_LABEL)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    ret->label.label_val = g_new0(char, 1);
    ret->label.label_len = 1;
    return domain != NULL;
}

VX_HANDLER(DOMAIN_GET_SECURITY_LABEL_LIST)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain != NULL;
}
