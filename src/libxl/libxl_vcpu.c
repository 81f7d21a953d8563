/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The virtual CPUs of running guests.
 */
#include <libxl_utils.h>
#include <string.h>

#include "libxl/libxl_live.h"

static VxGuestVcpu vcpu_of(const libxl_vcpuinfo *info)
{
    bool has_run = info->online && info->cpu != (uint32_t)-1;

    return (VxGuestVcpu){
        .number = info->vcpuid,
        .online = info->online,
        .running = info->running,
        .blocked = info->blocked,
        .cpu = has_run ? (int)info->cpu : -1,
        .cpu_time_ns = info->vcpu_time,
        .map = g_memdup2(info->cpumap.map, info->cpumap.size),
        .map_bytes = info->cpumap.size,
    };
}

GArray *vx_libxl_vcpus(VxHypervisor *hypervisor, int id, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    int n = 0, n_cpus = 0;
    libxl_vcpuinfo *infos;
    GArray *vcpus;

    if (!session)
        return NULL;
    infos = libxl_list_vcpu(vx_libxl_session_ctx(session), (uint32_t)id, &n, &n_cpus);
    if (!infos) {
        vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, 0, "cannot list the vcpus of guest %d", id);
        return NULL;
    }
    vcpus = g_array_sized_new(FALSE, FALSE, sizeof(VxGuestVcpu), (guint)n);
    g_array_set_clear_func(vcpus, vx_guest_vcpu_clear);
    for (int i = 0; i < n; i++) {
        VxGuestVcpu vcpu = vcpu_of(&infos[i]);

        g_array_append_val(vcpus, vcpu);
    }
    libxl_vcpuinfo_list_free(infos, n);
    return vcpus;
}

/* libxl plugs vcpus into the device model of an HVM guest and takes none out again, and says that it has. */
static bool check_fewer(VxLibxlSession *session, VxHypervisor *hypervisor, int id, unsigned n_vcpus, GError **error)
{
    VxGuestInfo info;

    if (!vx_libxl_info(hypervisor, id, &info, error))
        return false;
    if (n_vcpus >= info.n_vcpus || vx_libxl_guest_type(vx_libxl_session_store(session), id) != VX_GUEST_HVM)
        return true;
    return vx_fail(
        error, VIR_ERR_OPERATION_UNSUPPORTED,
        "no vcpu can be taken away from an HVM guest while it runs: 'setvcpus --guest' has its agent take them "
        "offline, 'setvcpus --config' changes the next start");
}

bool vx_libxl_set_vcpus(VxHypervisor *hypervisor, int id, unsigned n_vcpus, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    libxl_bitmap online;
    int rc;

    if (!session || !check_fewer(session, hypervisor, id, n_vcpus, error))
        return false;
    libxl_bitmap_init(&online);
    rc = libxl_cpu_bitmap_alloc(vx_libxl_session_ctx(session), &online, (int)n_vcpus);
    for (unsigned i = 0; rc == 0 && i < n_vcpus; i++)
        libxl_bitmap_set(&online, (int)i);
    if (rc == 0)
        rc = libxl_set_vcpuonline(vx_libxl_session_ctx(session), (uint32_t)id, &online, NULL);
    libxl_bitmap_dispose(&online);
    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot give guest %d %u vcpus", id,
                                     n_vcpus);
    return true;
}

bool vx_libxl_pin_vcpu(VxHypervisor *hypervisor, int id, unsigned vcpu, const guint8 *map, gsize map_bytes,
                       GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    libxl_bitmap cpus;
    int rc;

    if (!session)
        return false;
    libxl_bitmap_init(&cpus);
    rc = libxl_cpu_bitmap_alloc(vx_libxl_session_ctx(session), &cpus, 0); /* as many as the host has */
    if (rc == 0) {
        memcpy(cpus.map, map, MIN(map_bytes, cpus.size));
        rc = libxl_set_vcpuaffinity(vx_libxl_session_ctx(session), (uint32_t)id, vcpu, &cpus, NULL);
    }
    libxl_bitmap_dispose(&cpus);
    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot pin vcpu %u of guest %d",
                                     vcpu, id);
    return true;
}
