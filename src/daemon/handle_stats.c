/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What domains have used.
 */
#include "daemon/handler.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "daemon/typed_params.h"
#include "driver/query.h"
#include "driver/stats.h"
#include "util/vx_error.h"

/* ---- all at once ---- */

#define STATS_BEHAVIOUR                                                                                                \
    (VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT | VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING |                            \
     VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS)

/* Those that ARGS names and that are still there; NULL: it names none. */
static GPtrArray *find_named(VxRequest *request, const VxArgs_CONNECT_GET_ALL_DOMAIN_STATS *args)
{
    GPtrArray *domains;

    if (args->doms.doms_len == 0)
        return NULL;
    domains = g_ptr_array_new_with_free_func((GDestroyNotify)vx_domain_obj_unref);
    for (u_int i = 0; i < args->doms.doms_len; i++) {
        VxDomainObj *domain = vx_find_uuid(request->driver, (const guint8 *)args->doms.doms_val[i].uuid.bytes, NULL);

        if (domain)
            g_ptr_array_add(domains, domain);
    }
    return domains;
}

static void set_param(wire_typed_param *param, const VxStat *stat)
{
    param->field = g_strdup(stat->field);
    param->value.type = stat->type;
    switch (stat->type) {
    case VIR_TYPED_PARAM_INT:
        param->value.wire_typed_param_value_u.i = stat->i;
        break;
    case VIR_TYPED_PARAM_UINT:
        param->value.wire_typed_param_value_u.ui = stat->ui;
        break;
    case VIR_TYPED_PARAM_LLONG:
        param->value.wire_typed_param_value_u.l = stat->l;
        break;
    case VIR_TYPED_PARAM_ULLONG:
        param->value.wire_typed_param_value_u.ul = stat->ul;
        break;
    default:
        param->value.wire_typed_param_value_u.s = g_strdup(stat->s);
        break;
    }
}

/* Returns whether DOMAIN is still there. */
static bool fill_record(VxRequest *request, VxDomainObj *domain, unsigned groups, wire_domain_stats_record *record)
{
    g_autoptr(GArray) stats = vx_get_stats(request->driver, domain, groups, NULL);
    g_auto(VxDomainRef) ref = {0};

    if (!stats || !vx_domain_obj_get_ref(domain, &ref, NULL))
        return false;
    vx_wire_domain_take(&record->dom, &ref);
    record->params.params_len = stats->len;
    record->params.params_val = g_new0(wire_typed_param, stats->len);
    for (unsigned i = 0; i < stats->len; i++)
        set_param(&record->params.params_val[i], &g_array_index(stats, VxStat, i));
    return true;
}

VX_HANDLER(CONNECT_GET_ALL_DOMAIN_STATS)
{
    unsigned wanted = args->stats ? args->stats : vx_stats_groups;
    g_autoptr(GPtrArray) named = NULL, domains = NULL;

    if (args->flags & ~(vx_domain_filters | STATS_BEHAVIOUR))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "virConnectGetAllDomainStats has no flags 0x%x",
                       args->flags & ~(vx_domain_filters | STATS_BEHAVIOUR));
    if ((args->flags & VIR_CONNECT_GET_ALL_DOMAINS_STATS_ENFORCE_STATS) && (wanted & ~vx_stats_groups))
        return vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "there are no statistics of the groups 0x%x here",
                       wanted & ~vx_stats_groups);
    named = find_named(request, args);
    domains = vx_select_domains(request->driver, named, args->flags & vx_domain_filters);
    ret->retStats.retStats_val = g_new0(wire_domain_stats_record, domains->len);
    for (unsigned i = 0; i < domains->len; i++)
        if (fill_record(request, domains->pdata[i], wanted, &ret->retStats.retStats_val[ret->retStats.retStats_len]))
            ret->retStats.retStats_len++;
    return true;
}

/* ---- vcpus ---- */

/* The most vcpus and bytes of their maps that are asked for: more would not fit into an answer. */
#define MAXIMUM_VCPUS 16384
#define MAXIMUM_MAP_BYTES 8388608

VX_HANDLER(DOMAIN_GET_VCPUS)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    g_autoptr(GArray) vcpus = NULL;

    if (!domain)
        return false;
    if (args->maxinfo < 0 || args->maxinfo > MAXIMUM_VCPUS || args->maplen < 0 ||
        (args->maxinfo > 0 && args->maplen > MAXIMUM_MAP_BYTES / args->maxinfo))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "%d vcpus with maps of %d bytes cannot be asked for", args->maxinfo,
                       args->maplen);
    vcpus = vx_get_running_vcpus(request->driver, domain, error);
    if (!vcpus)
        return false;
    ret->info.info_len = MIN((u_int)args->maxinfo, vcpus->len);
    ret->info.info_val = g_new0(wire_vcpu_info, ret->info.info_len);
    ret->cpumaps.cpumaps_len = (u_int)args->maxinfo * (u_int)args->maplen;
    ret->cpumaps.cpumaps_val = g_malloc0(MAX(ret->cpumaps.cpumaps_len, 1));
    for (u_int i = 0; i < ret->info.info_len; i++) {
        const VxGuestVcpu *vcpu = &g_array_index(vcpus, VxGuestVcpu, i);

        ret->info.info_val[i] = (wire_vcpu_info){
            .number = vcpu->number, .state = vx_vcpu_state(vcpu), .cpu_time = vcpu->cpu_time_ns, .cpu = vcpu->cpu};
        if (vcpu->map)
            memcpy(ret->cpumaps.cpumaps_val + (gsize)i * (gsize)args->maplen, vcpu->map,
                   MIN(vcpu->map_bytes, (gsize)args->maplen));
    }
    return true;
}

/* ---- disks ---- */

static bool get_block_stats(VxRequest *request, const wire_nonnull_domain *dom, const char *path,
                            VxGuestBlockStats *stats, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    return domain && vx_get_block_stats(request->driver, domain, path, stats, error);
}

VX_HANDLER(DOMAIN_BLOCK_STATS)
{
    VxGuestBlockStats stats;

    if (!get_block_stats(request, &args->dom, args->path, &stats, error))
        return false;
    ret->rd_req = stats.read_requests;
    ret->rd_bytes = stats.read_bytes;
    ret->wr_req = stats.write_requests;
    ret->wr_bytes = stats.write_bytes;
    ret->errs = stats.errors;
    return true;
}

/* Asked first for how many there are, then for them. */
VX_HANDLER(DOMAIN_BLOCK_STATS_FLAGS)
{
    VxGuestBlockStats stats;
    const struct {
        const char *field;
        const gint64 *value;
    } all[] = {
        {VIR_DOMAIN_BLOCK_STATS_READ_BYTES, &stats.read_bytes},
        {VIR_DOMAIN_BLOCK_STATS_READ_REQ, &stats.read_requests},
        {VIR_DOMAIN_BLOCK_STATS_WRITE_BYTES, &stats.write_bytes},
        {VIR_DOMAIN_BLOCK_STATS_WRITE_REQ, &stats.write_requests},
        {VIR_DOMAIN_BLOCK_STATS_ERRS, &stats.errors},
    };
    u_int maximum = (u_int)CLAMP(args->nparams, 0, (int)G_N_ELEMENTS(all));

    if (args->flags & ~(unsigned)VIR_TYPED_PARAM_STRING_OKAY)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "virDomainBlockStatsFlags has no flags 0x%x", args->flags);
    if (!get_block_stats(request, &args->dom, args->path, &stats, error))
        return false;
    ret->params.params_val = g_new0(wire_typed_param, MAX(maximum, 1));
    for (u_int i = 0; i < G_N_ELEMENTS(all); i++) {
        if (*all[i].value < 0)
            continue;
        ret->nparams++;
        if (ret->params.params_len < maximum)
            set_param(&ret->params.params_val[ret->params.params_len++],
                      &(VxStat){.field = (char *)all[i].field, .type = VIR_TYPED_PARAM_LLONG, .l = *all[i].value});
    }
    return true;
}

VX_HANDLER(DOMAIN_GET_BLOCK_INFO)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    VxBlockInfo info;

    if (!domain || !vx_get_block_info(domain, args->path, args->flags, &info, error))
        return false;
    ret->allocation = info.allocation;
    ret->capacity = info.capacity;
    ret->physical = info.physical;
    return true;
}

/* ---- interfaces and memory ---- */

VX_HANDLER(DOMAIN_INTERFACE_STATS)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    VxGuestInterfaceStats stats;

    if (!domain || !vx_get_interface_stats(request->driver, domain, args->device, &stats, error))
        return false;
    ret->rx_bytes = stats.rx_bytes;
    ret->rx_packets = stats.rx_packets;
    ret->rx_errs = stats.rx_errors;
    ret->rx_drop = stats.rx_dropped;
    ret->tx_bytes = stats.tx_bytes;
    ret->tx_packets = stats.tx_packets;
    ret->tx_errs = stats.tx_errors;
    ret->tx_drop = stats.tx_dropped;
    return true;
}

VX_HANDLER(DOMAIN_MEMORY_STATS)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    VxMemoryStats stats;
    const struct {
        int tag;
        const guint64 *value;
    } all[] = {
        {VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON, &stats.balloon_kib},
        {VIR_DOMAIN_MEMORY_STAT_RSS, &stats.resident_kib},
    };

    if (!domain || !vx_get_guest_memory_stats(request->driver, domain, args->flags, &stats, error))
        return false;
    ret->stats.stats_len = MIN(args->maxStats, (u_int)G_N_ELEMENTS(all));
    ret->stats.stats_val = g_new0(wire_domain_memory_stat, G_N_ELEMENTS(all));
    for (u_int i = 0; i < ret->stats.stats_len; i++)
        ret->stats.stats_val[i] = (wire_domain_memory_stat){.tag = all[i].tag, .val = *all[i].value};
    return true;
}
