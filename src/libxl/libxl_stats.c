/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What disks and interfaces have moved, as the kernel's backends count it in sysfs.
 */
#include <libxl_utils.h>
#include <string.h>

#include "libxl/libxl_live.h"
#include "libxl/libxl_store.h"
#include "util/vx_file.h"

#define COUNTER_MAX_BYTES 64
#define SECTOR_BYTES 512

/* The number in FOLDER/NAME, -1 when there is none. */
static gint64 read_counter(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    gsize length;
    char *end;
    gint64 number;

    if (!vx_file_read(path, COUNTER_MAX_BYTES, &text, &length, NULL))
        return -1;
    number = g_ascii_strtoll(text, &end, 10);
    return end > text ? number : -1;
}

static gint64 bytes_of(gint64 sectors)
{
    return sectors < 0 ? -1 : sectors * SECTOR_BYTES;
}

/* ---- disks ---- */

static int find_vbd(VxLibxlSession *session, int id, const VxDisk *disk)
{
    libxl_device_disk wanted;
    libxl_diskinfo info;
    int devid = -1;

    libxl_device_disk_init(&wanted);
    libxl_diskinfo_init(&info);
    wanted.vdev = strdup(disk->target ? disk->target : "");
    if (libxl_device_disk_getinfo(vx_libxl_session_ctx(session), (uint32_t)id, &wanted, &info) == 0)
        devid = info.devid;
    libxl_device_disk_dispose(&wanted);
    libxl_diskinfo_dispose(&info);
    return devid;
}

bool vx_libxl_block_stats(VxHypervisor *hypervisor, int id, const VxDisk *disk, VxGuestBlockStats *stats,
                          GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    int devid = session ? find_vbd(session, id, disk) : -1;
    g_autofree char *folder = NULL;

    if (!session)
        return false;
    if (devid < 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_INVALID_ARG, 0, "guest %d has no disk '%.60s'", id,
                                     disk->target ? disk->target : "");
    folder = g_strdup_printf("/sys/bus/xen-backend/devices/vbd-%d-%d/statistics", id, devid);
    *stats = (VxGuestBlockStats){
        .read_requests = read_counter(folder, "rd_req"),
        .read_bytes = bytes_of(read_counter(folder, "rd_sect")),
        .write_requests = read_counter(folder, "wr_req"),
        .write_bytes = bytes_of(read_counter(folder, "wr_sect")),
        .errors = -1,
    };
    if (stats->read_requests < 0)
        return vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                       "disk '%s' of guest %d is served by a device model, which counts nothing", disk->target, id);
    return true;
}

/* ---- interfaces ---- */

/* What the host receives there is what the guest sends. */
bool vx_libxl_interface_stats(VxHypervisor *hypervisor, int id, const VxNet *net, VxGuestInterfaceStats *stats,
                              GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    g_autofree char *name = NULL;
    g_autofree char *folder = NULL;
    int devid;

    if (!session)
        return false;
    devid = vx_libxl_find_vif(vx_libxl_session_store(session), id, net);
    if (devid < 0)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "guest %d has no interface '%.60s'", id, net->mac ? net->mac : "");
    name = vx_libxl_vif_name(vx_libxl_session_store(session), id, devid);
    folder = g_strdup_printf("/sys/class/net/%s/statistics", name);
    *stats = (VxGuestInterfaceStats){
        .rx_bytes = read_counter(folder, "tx_bytes"),
        .rx_packets = read_counter(folder, "tx_packets"),
        .rx_errors = read_counter(folder, "tx_errors"),
        .rx_dropped = read_counter(folder, "tx_dropped"),
        .tx_bytes = read_counter(folder, "rx_bytes"),
        .tx_packets = read_counter(folder, "rx_packets"),
        .tx_errors = read_counter(folder, "rx_errors"),
        .tx_dropped = read_counter(folder, "rx_dropped"),
    };
    if (stats->rx_bytes < 0)
        return vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED, "the host has no interface '%s', which guest %d would use",
                       name, id);
    return true;
}
