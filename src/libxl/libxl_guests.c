/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_guests.h"

#include <errno.h>
#include <string.h>
#include <xenctrl.h>

#include "util/vx_error.h"

#define KIB 1024u
#define GUESTS_AT_ONCE 32 /* two pages of answers */

struct VxLibxlGuests {
    GMutex lock; /* of xen, whose buffers are one thread's at a time */
    xc_interface *xen;
};

VxLibxlGuests *vx_libxl_guests_new(GError **error)
{
    VxLibxlGuests *guests = g_new0(VxLibxlGuests, 1);

    g_mutex_init(&guests->lock);
    guests->xen = xc_interface_open(NULL, NULL, 0);
    if (guests->xen)
        return guests;
    vx_fail_errno(error, VIR_ERR_OPERATION_FAILED, errno, "cannot reach the Xen hypervisor");
    vx_libxl_guests_free(guests);
    return NULL;
}

void vx_libxl_guests_free(VxLibxlGuests *guests)
{
    if (!guests)
        return;
    if (guests->xen)
        xc_interface_close(guests->xen);
    g_mutex_clear(&guests->lock);
    g_free(guests);
}

static VxGuestShutdown shutdown_of(const xc_domaininfo_t *guest)
{
    if (!(guest->flags & XEN_DOMINF_shutdown))
        return VX_GUEST_NOT_SHUT_DOWN;
    switch (guest->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask) {
    case SHUTDOWN_reboot:
        return VX_GUEST_REBOOT;
    case SHUTDOWN_suspend:
        return VX_GUEST_SUSPEND;
    case SHUTDOWN_crash:
        return VX_GUEST_CRASH;
    case SHUTDOWN_watchdog:
        return VX_GUEST_WATCHDOG;
    case SHUTDOWN_soft_reset:
        return VX_GUEST_SOFT_RESET;
    default:
        return VX_GUEST_POWEROFF;
    }
}

static VxGuestInfo info_of(const xc_domaininfo_t *guest)
{
    VxGuestInfo info = {
        .id = guest->domain,
        .paused = guest->flags & XEN_DOMINF_paused,
        .blocked = (guest->flags & XEN_DOMINF_blocked) && !(guest->flags & XEN_DOMINF_running),
        .dying = guest->flags & XEN_DOMINF_dying,
        .shutdown = shutdown_of(guest),
        .memory_kib = guest->tot_pages * (XC_PAGE_SIZE / KIB),
        .maximum_memory_kib = guest->max_pages * (XC_PAGE_SIZE / KIB),
        .cpu_time_ns = guest->cpu_time,
        .n_vcpus = guest->nr_online_vcpus,
        .maximum_vcpus = guest->max_vcpu_id + 1,
    };

    memcpy(info.uuid, guest->handle, sizeof info.uuid);
    return info;
}

/* Up to COUNT guests from id FIRST on into FOUND; how many, -1 if Xen does not answer (errno). */
static int ask(VxLibxlGuests *guests, uint32_t first, unsigned count, xc_domaininfo_t *found)
{
    int n;

    g_mutex_lock(&guests->lock);
    n = xc_domain_getinfolist(guests->xen, first, count, found);
    g_mutex_unlock(&guests->lock);
    return n;
}

GArray *vx_libxl_guests_list(VxLibxlGuests *guests, GError **error)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(VxGuestInfo));
    xc_domaininfo_t found[GUESTS_AT_ONCE];
    uint32_t first = 0;
    int n;

    do {
        n = ask(guests, first, GUESTS_AT_ONCE, found);
        for (int i = 0; i < n; i++) {
            VxGuestInfo info = info_of(&found[i]);

            g_array_append_val(list, info);
            first = found[i].domain + 1u;
        }
    } while (n == GUESTS_AT_ONCE);
    if (n >= 0)
        return list;
    vx_fail_errno(error, VIR_ERR_OPERATION_FAILED, errno, "Xen does not list its guests");
    g_array_unref(list);
    return NULL;
}

bool vx_libxl_guests_find(VxLibxlGuests *guests, int id, VxGuestInfo *info, GError **error)
{
    xc_domaininfo_t found;
    int n = ask(guests, (uint32_t)id, 1, &found); /* the first from there on */

    if (n < 0)
        return vx_fail_errno(error, VIR_ERR_OPERATION_FAILED, errno, "Xen does not describe guest %d", id);
    if (n == 0 || found.domain != id)
        return vx_fail(error, VIR_ERR_NO_DOMAIN, "there is no running guest with the id %d", id);
    *info = info_of(&found);
    return true;
}

bool vx_libxl_guests_reset(VxLibxlGuests *guests, int id, GError **error)
{
    int rc;

    g_mutex_lock(&guests->lock);
    rc = xc_domain_shutdown(guests->xen, (uint32_t)id, SHUTDOWN_reboot);
    g_mutex_unlock(&guests->lock);
    return rc == 0 || vx_fail_errno(error, VIR_ERR_OPERATION_FAILED, errno, "guest %d cannot be reset", id);
}

bool vx_libxl_guests_set_uuid(VxLibxlGuests *guests, int id, const guint8 uuid[16], GError **error)
{
    xen_domain_handle_t handle;
    int rc;

    memcpy(handle, uuid, sizeof(handle));
    g_mutex_lock(&guests->lock);
    rc = xc_domain_sethandle(guests->xen, (uint32_t)id, handle);
    g_mutex_unlock(&guests->lock);
    return rc == 0 || vx_fail_errno(error, VIR_ERR_OPERATION_FAILED, errno, "guest %d cannot get another UUID", id);
}
