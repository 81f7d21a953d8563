/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Memory and share of the CPUs of running guests.
 */
#include "libxl/libxl_live.h"

bool vx_libxl_set_memory(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    int rc =
        session ? libxl_set_memory_target(vx_libxl_session_ctx(session), (uint32_t)id, (int64_t)memory_kib, 0, 1) : 0;

    if (rc != 0)
        vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc,
                              "cannot set the memory of guest %d to %" G_GUINT64_FORMAT " KiB", id, memory_kib);
    return session && rc == 0;
}

bool vx_libxl_set_maximum_memory(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    int rc = session ? libxl_domain_setmaxmem(vx_libxl_session_ctx(session), (uint32_t)id, memory_kib) : 0;

    if (rc != 0)
        vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc,
                              "cannot set the most memory of guest %d to %" G_GUINT64_FORMAT " KiB", id, memory_kib);
    return session && rc == 0;
}

bool vx_libxl_get_credit(VxHypervisor *hypervisor, int id, int *weight, int *cap, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    libxl_domain_sched_params params;
    int rc;

    if (!session)
        return false;
    libxl_domain_sched_params_init(&params);
    rc = libxl_domain_sched_params_get(vx_libxl_session_ctx(session), (uint32_t)id, &params);
    *weight = params.weight;
    *cap = params.cap;
    libxl_domain_sched_params_dispose(&params);
    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc,
                                     "cannot tell how guest %d is scheduled", id);
    return true;
}

bool vx_libxl_set_credit(VxHypervisor *hypervisor, int id, int weight, int cap, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    libxl_domain_sched_params params;
    int rc;

    if (!session)
        return false;
    libxl_domain_sched_params_init(&params);
    if (weight >= 0)
        params.weight = weight;
    if (cap >= 0)
        params.cap = cap;
    rc = libxl_domain_sched_params_set(vx_libxl_session_ctx(session), (uint32_t)id, &params);
    libxl_domain_sched_params_dispose(&params);
    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc,
                                     "cannot change how guest %d is scheduled", id);
    return true;
}

const char *vx_libxl_scheduler(VxHypervisor *hypervisor)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, NULL);
    int scheduler = session ? libxl_get_scheduler(vx_libxl_session_ctx(session)) : -1;
    const char *name = scheduler >= 0 ? libxl_scheduler_to_string((libxl_scheduler)scheduler) : NULL;

    return name ? name : "unknown";
}
