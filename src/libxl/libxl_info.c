/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What Xen says of the machine and of its guests.
 */
#include <stdlib.h>
#include <string.h>

#include "libxl/libxl_live.h"

#define KIB 1024u

/* ---- the machine ---- */

/* Xen calls the third part of its version ".5", ".5-rc1", "-unstable". */
static gulong release_of(const char *extra)
{
    return extra && extra[0] == '.' ? strtoul(extra + 1, NULL, 10) : 0;
}

static void set_version(VxHostInfo *info, const libxl_version_info *version)
{
    info->version = 1000000ul * version->xen_version_major + 1000ul * version->xen_version_minor +
                    release_of(version->xen_version_extra);
    info->capabilities = g_strstrip(g_strdup(version->capabilities ? version->capabilities : ""));
}

static void set_machine(VxHostInfo *info, const libxl_physinfo *machine, guint64 page_bytes)
{
    info->memory_kib = machine->total_pages * page_bytes / KIB;
    info->free_memory_kib = machine->free_pages * page_bytes / KIB;
    info->n_cpus = machine->nr_cpus;
    info->mhz = machine->cpu_khz / 1000;
    info->threads = MAX(1, machine->threads_per_core);
    info->cores = MAX(1, machine->cores_per_socket);
    info->nodes = MAX(1, machine->nr_nodes);
    info->sockets = MAX(1, machine->nr_cpus / (info->threads * info->cores * info->nodes));
}

bool vx_libxl_host_info(VxHypervisor *hypervisor, VxHostInfo *info, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    const libxl_version_info *version;
    libxl_physinfo machine;
    int rc;

    *info = (VxHostInfo){0};
    if (!session)
        return false;
    version = libxl_get_version_info(vx_libxl_session_ctx(session));
    if (!version)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, 0, "Xen does not tell its version");
    libxl_physinfo_init(&machine);
    rc = libxl_get_physinfo(vx_libxl_session_ctx(session), &machine);
    if (rc == 0) {
        set_version(info, version);
        set_machine(info, &machine, version->pagesize);
    } else {
        vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "Xen does not describe the machine");
    }
    libxl_physinfo_dispose(&machine);
    return rc == 0;
}

/* Which CPU is in which node, for "cpus = nodes:1". */
bool vx_libxl_learn_host(VxLibxlHypervisor *hypervisor, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(&hypervisor->base, error);
    libxl_cputopology *cpus;
    int n = 0;

    if (!session)
        return false;
    cpus = libxl_get_cpu_topology(vx_libxl_session_ctx(session), &n);
    if (!cpus || n <= 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, 0, "Xen does not describe its CPUs");
    hypervisor->host = (VxLibxlHost){.n_cpus = (unsigned)n, .n_nodes = 1};
    hypervisor->node_of_cpu = g_new0(unsigned, n);
    for (int i = 0; i < n; i++) {
        if (cpus[i].node == LIBXL_CPUTOPOLOGY_INVALID_ENTRY)
            continue;
        hypervisor->node_of_cpu[i] = cpus[i].node;
        hypervisor->host.n_nodes = MAX(hypervisor->host.n_nodes, cpus[i].node + 1);
    }
    hypervisor->host.node_of_cpu = hypervisor->node_of_cpu;
    libxl_cputopology_list_free(cpus, n);
    return true;
}

/* ---- guests ---- */

GArray *vx_libxl_list(VxHypervisor *hypervisor, GError **error)
{
    return vx_libxl_guests_list(((VxLibxlHypervisor *)hypervisor)->guests, error);
}

bool vx_libxl_info(VxHypervisor *hypervisor, int id, VxGuestInfo *info, GError **error)
{
    return vx_libxl_guests_find(((VxLibxlHypervisor *)hypervisor)->guests, id, info, error);
}
