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

static VxGuestShutdown shutdown_of(const libxl_dominfo *info)
{
    if (!info->shutdown)
        return VX_GUEST_NOT_SHUT_DOWN;
    switch (info->shutdown_reason) {
    case LIBXL_SHUTDOWN_REASON_REBOOT:
        return VX_GUEST_REBOOT;
    case LIBXL_SHUTDOWN_REASON_SUSPEND:
        return VX_GUEST_SUSPEND;
    case LIBXL_SHUTDOWN_REASON_CRASH:
        return VX_GUEST_CRASH;
    case LIBXL_SHUTDOWN_REASON_WATCHDOG:
        return VX_GUEST_WATCHDOG;
    case LIBXL_SHUTDOWN_REASON_SOFT_RESET:
        return VX_GUEST_SOFT_RESET;
    case LIBXL_SHUTDOWN_REASON_POWEROFF:
    case LIBXL_SHUTDOWN_REASON_UNKNOWN:
        break;
    }
    return VX_GUEST_POWEROFF;
}

static VxGuestInfo guest_of(const libxl_dominfo *info)
{
    VxGuestInfo guest = {
        .id = (int)info->domid,
        .paused = info->paused,
        .blocked = info->blocked && !info->running,
        .dying = info->dying,
        .shutdown = shutdown_of(info),
        .memory_kib = info->current_memkb,
        .maximum_memory_kib = info->max_memkb,
        .cpu_time_ns = info->cpu_time,
        .n_vcpus = info->vcpu_online,
        .maximum_vcpus = info->vcpu_max_id + 1,
    };

    memcpy(guest.uuid, info->uuid.uuid, sizeof(guest.uuid));
    return guest;
}

GArray *vx_libxl_list_guests(VxLibxlSession *session, GError **error)
{
    int n = 0;
    libxl_dominfo *infos = libxl_list_domain(vx_libxl_session_ctx(session), &n);
    GArray *guests;

    if (!infos) {
        vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, 0, "Xen does not list its guests");
        return NULL;
    }
    guests = g_array_sized_new(FALSE, FALSE, sizeof(VxGuestInfo), (guint)n);
    for (int i = 0; i < n; i++) {
        VxGuestInfo guest = guest_of(&infos[i]);

        g_array_append_val(guests, guest);
    }
    libxl_dominfo_list_free(infos, n);
    return guests;
}

GArray *vx_libxl_list(VxHypervisor *hypervisor, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);

    return session ? vx_libxl_list_guests(session, error) : NULL;
}

static bool ask_info(VxLibxlSession *session, int id, VxGuestInfo *info, GError **error)
{
    libxl_dominfo domain;
    int rc;

    libxl_dominfo_init(&domain);
    rc = libxl_domain_info(vx_libxl_session_ctx(session), &domain, (uint32_t)id);
    if (rc == 0)
        *info = guest_of(&domain);
    else if (rc == ERROR_DOMAIN_NOTFOUND)
        vx_fail(error, VIR_ERR_NO_DOMAIN, "there is no running guest with the id %d", id);
    else
        vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "Xen does not describe guest %d", id);
    libxl_dominfo_dispose(&domain);
    return rc == 0;
}

/* With a session that is always there, for to open another one is to wait for xenstored. */
bool vx_libxl_info(VxHypervisor *hypervisor, int id, VxGuestInfo *info, GError **error)
{
    VxLibxlHypervisor *self = (VxLibxlHypervisor *)hypervisor;
    VxLibxlSession *session;
    bool good;

    g_mutex_lock(&self->quick_lock);
    session = vx_libxl_session_begin(self->quick, error);
    good = session && ask_info(session, id, info, error);
    if (session)
        vx_libxl_session_end(session);
    g_mutex_unlock(&self->quick_lock);
    return good;
}
