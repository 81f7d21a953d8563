/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which interface of the host belongs to which of a guest's, by what the toolstack has written.
 */
#include <net/if.h>
#include <string.h>

#include "libxl/libxl_live.h"
#include "libxl/libxl_store.h"

int vx_libxl_find_vif(struct xs_handle *store, int id, const VxNet *net)
{
    g_autoptr(GArray) devids = vx_store_list_numbers(store, "/libxl/%d/device/vif", id);

    for (guint i = 0; net->mac && i < devids->len; i++) {
        int devid = g_array_index(devids, int, i);
        g_autofree char *mac = vx_store_read(store, "/libxl/%d/device/vif/%d/mac", id, devid);

        if (mac && g_ascii_strcasecmp(mac, net->mac) == 0)
            return devid;
    }
    return -1;
}

/* A name of sysfs is a name of a file. */
static bool is_interface_name(const char *name)
{
    return strlen(name) < IF_NAMESIZE && !strchr(name, '/') && name[0] != '.';
}

char *vx_libxl_vif_name(struct xs_handle *store, int id, int devid)
{
    char *name = vx_store_read(store, "/libxl/%d/device/vif/%d/vifname", id, devid);

    if (name && is_interface_name(name))
        return name;
    g_free(name);
    return g_strdup_printf("vif%d.%d", id, devid);
}
