/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The machine, and what can run on it.
 */
#include "daemon/handler.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/change.h"
#include "driver/host.h"
#include "driver/tune.h"
#include "util/vx_error.h"

VX_HANDLER(CONNECT_GET_TYPE)
{
    ret->type = g_strdup(VX_DRIVER_TYPE);
    return true;
}

VX_HANDLER(CONNECT_GET_VERSION)
{
    gulong version;

    if (!vx_get_version(request->driver, &version, error))
        return false;
    ret->hv_ver = version;
    return true;
}

VX_HANDLER(CONNECT_GET_HOSTNAME)
{
    ret->hostname = vx_get_hostname();
    return true;
}

VX_HANDLER(CONNECT_GET_SYSINFO)
{
    ret->sysinfo = vx_get_sysinfo(request->driver, args->flags, error);
    return ret->sysinfo != NULL;
}

VX_HANDLER(CONNECT_GET_MAX_VCPUS)
{
    unsigned n;

    if (!vx_get_max_vcpus(request->driver, &n, error))
        return false;
    ret->max_vcpus = (int)n;
    return true;
}

VX_HANDLER(CONNECT_GET_CAPABILITIES)
{
    ret->capabilities = vx_get_capabilities(request->driver, error);
    return ret->capabilities != NULL;
}

VX_HANDLER(CONNECT_GET_DOMAIN_CAPABILITIES)
{
    ret->capabilities =
        vx_get_domain_capabilities(request->driver, vx_wire_text(args->emulatorbin), vx_wire_text(args->arch),
                                   vx_wire_text(args->machine), vx_wire_text(args->virttype), args->flags, error);
    return ret->capabilities != NULL;
}

VX_HANDLER(NODE_GET_INFO)
{
    VxNodeInfo info;

    if (!vx_get_node_info(request->driver, &info, error))
        return false;
    G_STATIC_ASSERT(sizeof ret->model == sizeof info.model);
    memcpy(ret->model, info.model, sizeof ret->model);
    ret->memory = info.memory_kib;
    ret->cpus = (int)info.cpus;
    ret->mhz = (int)info.mhz;
    ret->nodes = (int)info.nodes;
    ret->sockets = (int)info.sockets;
    ret->cores = (int)info.cores;
    ret->threads = (int)info.threads;
    return true;
}

VX_HANDLER(NODE_GET_CPU_MAP)
{
    unsigned n_cpus, n_online;
    g_autofree guint8 *map = vx_get_cpu_map(request->driver, &n_cpus, &n_online, args->flags, error);

    if (!map)
        return false;
    ret->ret = (int)n_cpus;
    ret->online = args->need_online ? n_online : 0;
    if (!args->need_map)
        return true;
    ret->cpumap.cpumap_len = (n_cpus + 7) / 8;
    ret->cpumap.cpumap_val = (char *)g_steal_pointer(&map);
    return true;
}

/* Guests of Xen have the host's CPU: there is no other model to choose. */
VX_HANDLER(CONNECT_GET_CPU_MODEL_NAMES)
{
    return vx_check_flags(args->flags, 0, "virConnectGetCPUModelNames", error);
}

VX_HANDLER(NODE_GET_FREE_MEMORY)
{
    guint64 bytes;

    if (!vx_get_free_memory(request->driver, &bytes, error))
        return false;
    ret->freeMem = bytes;
    return true;
}

#define MAXIMUM_CELLS 1024 /* of the wire */

/* As many nodes as there are from the first one on that is asked for. */
VX_HANDLER(NODE_GET_CELLS_FREE_MEMORY)
{
    VxNodeInfo info;
    int n;

    if (args->startCell < 0 || args->maxcells < 0 || args->maxcells > MAXIMUM_CELLS)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "%d NUMA nodes from %d on cannot be asked for", args->maxcells,
                       args->startCell);
    if (!vx_get_node_info(request->driver, &info, error))
        return false;
    if (args->startCell >= (int)info.nodes)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "there is no NUMA node %d: the last one is %u", args->startCell,
                       info.nodes - 1);
    n = MIN(args->maxcells, (int)info.nodes - args->startCell);
    ret->cells.cells_val = g_new0(u_quad_t, n);
    for (ret->cells.cells_len = 0; (int)ret->cells.cells_len < n; ret->cells.cells_len++) {
        guint64 bytes;

        if (!vx_get_cell_free_memory(request->driver, (unsigned)args->startCell + ret->cells.cells_len, &bytes, error))
            return false;
        ret->cells.cells_val[ret->cells.cells_len] = bytes;
    }
    return true;
}

/* Asked first for how many there are, then for them. */
VX_HANDLER(NODE_GET_MEMORY_STATS)
{
    VxNodeMemory memory;
    const struct {
        const char *field;
        const guint64 *value;
    } stats[] = {
        {VIR_NODE_MEMORY_STATS_TOTAL, &memory.total_kib},
        {VIR_NODE_MEMORY_STATS_FREE, &memory.free_kib},
        {VIR_NODE_MEMORY_STATS_BUFFERS, &memory.buffers_kib},
        {VIR_NODE_MEMORY_STATS_CACHED, &memory.cached_kib},
    };

    if (!vx_check_flags(args->flags, 0, "virNodeGetMemoryStats", error))
        return false;
    if (args->cellNum != VIR_NODE_MEMORY_STATS_ALL_CELLS)
        return vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                       "memory is counted for the whole host, not for NUMA node %d alone", args->cellNum);
    if (!vx_get_memory_stats(request->driver, &memory, error))
        return false;
    ret->nparams = G_N_ELEMENTS(stats);
    ret->params.params_len = (u_int)CLAMP(args->nparams, 0, (int)G_N_ELEMENTS(stats));
    ret->params.params_val = g_new0(wire_node_get_memory_stats, ret->params.params_len);
    for (u_int i = 0; i < ret->params.params_len; i++) {
        ret->params.params_val[i].field = g_strdup(stats[i].field);
        ret->params.params_val[i].value = *stats[i].value;
    }
    return true;
}

/* No security driver labels domains: an empty name says so. */
VX_HANDLER(NODE_GET_SECURITY_MODEL)
{
    ret->model.model_val = g_new0(char, 1);
    ret->model.model_len = 1;
    ret->doi.doi_val = g_new0(char, 1);
    ret->doi.doi_len = 1;
    return true;
}
