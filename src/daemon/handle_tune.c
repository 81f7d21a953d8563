/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Memory, virtual CPUs, scheduling.
 */
#include "daemon/handler.h"

#include <libvirt/libvirt.h>

#include "daemon/dispatch.h"
#include "daemon/typed_params.h"
#include "driver/agent_calls.h"
#include "driver/host.h"
#include "driver/query.h"
#include "driver/tune.h"
#include "util/vx_error.h"

VX_HANDLER(DOMAIN_GET_MAX_MEMORY)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    VxDomainInfo info;

    if (!domain || !vx_get_info(request->driver, domain, &info, error))
        return false;
    ret->memory = info.maximum_memory_kib;
    return true;
}

static bool set_memory(VxRequest *request, const wire_nonnull_domain *dom, guint64 memory_kib, unsigned flags,
                       GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    return domain && vx_set_memory(request->driver, domain, memory_kib, flags, error);
}

VX_HANDLER(DOMAIN_SET_MAX_MEMORY)
{
    return set_memory(request, &args->dom, args->memory, VIR_DOMAIN_MEM_MAXIMUM, error);
}

VX_HANDLER(DOMAIN_SET_MEMORY)
{
    return set_memory(request, &args->dom, args->memory, VIR_DOMAIN_MEM_LIVE, error);
}

VX_HANDLER(DOMAIN_SET_MEMORY_FLAGS)
{
    return set_memory(request, &args->dom, args->memory, args->flags, error);
}

/* ---- virtual CPUs ---- */

static bool get_vcpus(VxRequest *request, const wire_nonnull_domain *dom, unsigned flags, int *num, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);
    unsigned n_vcpus;

    if (!domain)
        return false;
    if (!(flags & VIR_DOMAIN_VCPU_GUEST ? vx_count_guest_vcpus(request->driver, domain, flags, &n_vcpus, error)
                                        : vx_get_vcpus(domain, flags, &n_vcpus, error)))
        return false;
    *num = (int)n_vcpus;
    return true;
}

VX_HANDLER(DOMAIN_GET_MAX_VCPUS)
{
    return get_vcpus(request, &args->dom, VIR_DOMAIN_VCPU_MAXIMUM, &ret->num, error);
}

VX_HANDLER(DOMAIN_GET_VCPUS_FLAGS)
{
    return get_vcpus(request, &args->dom, args->flags, &ret->num, error);
}

static bool set_vcpus(VxRequest *request, const wire_nonnull_domain *dom, unsigned n_vcpus, unsigned flags,
                      GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    if (!domain)
        return false;
    return flags & VIR_DOMAIN_VCPU_GUEST ? vx_set_guest_vcpu_count(request->driver, domain, n_vcpus, flags, error)
                                         : vx_set_vcpus(request->driver, domain, n_vcpus, flags, error);
}

VX_HANDLER(DOMAIN_SET_VCPUS)
{
    return set_vcpus(request, &args->dom, args->nvcpus, VIR_DOMAIN_VCPU_LIVE, error);
}

VX_HANDLER(DOMAIN_SET_VCPUS_FLAGS)
{
    return set_vcpus(request, &args->dom, args->nvcpus, args->flags, error);
}

static bool pin(VxRequest *request, const wire_nonnull_domain *dom, unsigned vcpu, const char *map, unsigned map_bytes,
                unsigned flags, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    return domain && vx_pin_vcpu(request->driver, domain, vcpu, (const guint8 *)map, map_bytes, flags, error);
}

VX_HANDLER(DOMAIN_PIN_VCPU)
{
    return pin(request, &args->dom, args->vcpu, args->cpumap.cpumap_val, args->cpumap.cpumap_len,
               VIR_DOMAIN_AFFECT_LIVE, error);
}

VX_HANDLER(DOMAIN_PIN_VCPU_FLAGS)
{
    return pin(request, &args->dom, args->vcpu, args->cpumap.cpumap_val, args->cpumap.cpumap_len, args->flags, error);
}

/* The most virtual CPUs and bytes of their maps that are asked for: more would not fit into an answer. */
#define MAXIMUM_MAPS 16384
#define MAXIMUM_MAP_BYTES 8388608

VX_HANDLER(DOMAIN_GET_VCPU_PIN_INFO)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    VxNodeInfo host;
    unsigned n_filled;

    if (!domain)
        return false;
    if (args->ncpumaps < 1 || args->maplen < 1 || args->ncpumaps > MAXIMUM_MAPS ||
        args->maplen > MAXIMUM_MAP_BYTES / args->ncpumaps)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "%d maps of %d bytes cannot be asked for", args->ncpumaps,
                       args->maplen);
    ret->cpumaps.cpumaps_len = (u_int)args->ncpumaps * (u_int)args->maplen;
    ret->cpumaps.cpumaps_val = g_malloc0(ret->cpumaps.cpumaps_len);
    if (!vx_get_node_info(request->driver, &host, error) ||
        !vx_get_vcpu_pins(domain, host.cpus, (guint8 *)ret->cpumaps.cpumaps_val, (unsigned)args->ncpumaps,
                          (gsize)args->maplen, args->flags, &n_filled, error))
        return false;
    ret->num = (int)n_filled;
    return true;
}

/* ---- the scheduler ---- */

VX_HANDLER(DOMAIN_GET_SCHEDULER_TYPE)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    unsigned n_parameters = 0;

    ret->type = g_strdup(domain ? vx_get_scheduler(request->driver, domain, &n_parameters, error) : NULL);
    ret->nparams = (int)n_parameters;
    return ret->type != NULL;
}

/* What Xen takes for a domain that says nothing. */
#define DEFAULT_WEIGHT 256
#define DEFAULT_CAP 0

/* At most MAXIMUM of the scheduler's parameters: all that there are, since clients set only those that they are shown.
 */
static bool get_credit(VxRequest *request, const wire_nonnull_domain *dom, int maximum, unsigned flags, u_int *n_params,
                       wire_typed_param **params, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);
    static const char *const names[] = {VIR_DOMAIN_SCHEDULER_WEIGHT, VIR_DOMAIN_SCHEDULER_CAP};
    VxCredit credit;

    if (!domain || !vx_get_credit(request->driver, domain, flags, &credit, error))
        return false;
    credit.weight = credit.weight >= 0 ? credit.weight : DEFAULT_WEIGHT;
    credit.cap = credit.cap >= 0 ? credit.cap : DEFAULT_CAP;
    *n_params = (u_int)CLAMP(maximum, 0, (int)G_N_ELEMENTS(names));
    *params = g_new0(wire_typed_param, *n_params);
    for (u_int i = 0; i < *n_params; i++)
        vx_typed_param_set_uint(&(*params)[i], names[i], i == 0 ? (guint32)credit.weight : (guint32)credit.cap);
    return true;
}

VX_HANDLER(DOMAIN_GET_SCHEDULER_PARAMETERS)
{
    return get_credit(request, &args->dom, args->nparams, 0, &ret->params.params_len, &ret->params.params_val, error);
}

VX_HANDLER(DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS)
{
    return get_credit(request, &args->dom, args->nparams, args->flags, &ret->params.params_len, &ret->params.params_val,
                      error);
}

static bool set_credit(VxRequest *request, const wire_nonnull_domain *dom, u_int n_params,
                       const wire_typed_param *params, unsigned flags, GError **error)
{
    VxTypedParam wanted[] = {
        {.field = VIR_DOMAIN_SCHEDULER_WEIGHT, .type = VIR_TYPED_PARAM_UINT},
        {.field = VIR_DOMAIN_SCHEDULER_CAP, .type = VIR_TYPED_PARAM_UINT},
    };
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);
    VxCredit credit;

    if (!domain || !vx_typed_params_read(params, n_params, wanted, G_N_ELEMENTS(wanted), error))
        return false;
    credit.weight = wanted[0].is_given ? (int)MIN(wanted[0].ui, G_MAXINT) : -1;
    credit.cap = wanted[1].is_given ? (int)MIN(wanted[1].ui, G_MAXINT) : -1;
    return vx_set_credit(request->driver, domain, &credit, flags, error);
}

VX_HANDLER(DOMAIN_SET_SCHEDULER_PARAMETERS)
{
    return set_credit(request, &args->dom, args->params.params_len, args->params.params_val, 0, error);
}

VX_HANDLER(DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS)
{
    return set_credit(request, &args->dom, args->params.params_len, args->params.params_val, args->flags, error);
}
