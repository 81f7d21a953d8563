/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_disk_check.h"

#include <string.h>

#include "libxl/libxl_channel.h"
#include "libxl/libxl_store.h"
#include "util/vx_error.h"

#define STEP_US (20 * 1000)
#define INITIALISING 1 /* xenbus: as the toolstack has made the node, which nobody has taken up */
#define MAX_STATE 16

/* A CD-ROM drive is of the emulated machine, and may be empty. */
static bool is_cdrom(struct xs_handle *store, const char *backend)
{
    g_autofree char *type = vx_store_read(store, "%s/device-type", backend);

    return g_strcmp0(type, "cdrom") == 0;
}

/* The folder of the backend, if it is one of a device model here. The caller frees it. */
static char *find_backend(struct xs_handle *store, int id, int devid)
{
    char *backend = vx_store_read(store, "/libxl/%d/device/vbd/%d/backend", id, devid);

    if (backend && strstr(backend, "/backend/qdisk/") &&
        vx_libxl_backend_domain(backend) == vx_store_own_domain(store) && !is_cdrom(store, backend))
        return backend;
    g_free(backend);
    return NULL;
}

static bool await_served(struct xs_handle *store, const char *backend, gint64 end)
{
    while (vx_store_read_number(store, MAX_STATE, 0, "%s/state", backend) <= INITIALISING) {
        if (g_get_monotonic_time() > end)
            return false;
        g_usleep(STEP_US);
    }
    return true;
}

bool vx_libxl_check_disks(struct xs_handle *store, int id, unsigned wait_ms, GError **error)
{
    g_autoptr(GArray) devids = vx_store_list_numbers(store, "/libxl/%d/device/vbd", id);
    gint64 end = g_get_monotonic_time() + wait_ms * G_TIME_SPAN_MILLISECOND;

    for (guint i = 0; i < devids->len; i++) {
        g_autofree char *backend = find_backend(store, id, g_array_index(devids, int, i));

        if (backend && !await_served(store, backend, end)) {
            g_autofree char *name = vx_store_read(store, "%s/dev", backend);

            return vx_fail(error, VIR_ERR_OPERATION_FAILED, "the device model does not serve the disk '%s'",
                           name ? name : "");
        }
    }
    return true;
}
