/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices that are no more than a few keys: vtpm, p9, pvcalls, virtio. xl.cfg(5).
 */
#include <string.h>

#include "libxl/libxl_device.h"

static const VxLibxlRow vtpm_rows[] = {
    VX_LIBXL_ROW("backend", string, libxl_device_vtpm, backend_domname),
    VX_LIBXL_ROW("uuid", uuid, libxl_device_vtpm, uuid),
};

static void init_vtpm(void *device)
{
    libxl_device_vtpm_init(device);
}

static const VxLibxlDevice vtpm_device = {
    VX_LIBXL_ARRAY(vtpms, libxl_device_vtpm),
    VX_LIBXL_ROWS(vtpm_rows),
    .init = init_vtpm,
    .devid = offsetof(libxl_device_vtpm, devid),
};

VX_LIBXL_DEVICE_FUNCTIONS(vtpm, vtpm_device)

static const VxLibxlRow p9_rows[] = {
    VX_LIBXL_ROW("tag", string, libxl_device_p9, tag),
    VX_LIBXL_ROW("path", string, libxl_device_p9, path),
    VX_LIBXL_ROW("security_model", string, libxl_device_p9, security_model),
    VX_LIBXL_ROW("backend", string, libxl_device_p9, backend_domname),
};

static void init_p9(void *device)
{
    libxl_device_p9_init(device);
}

static const VxLibxlDevice p9_device = {
    VX_LIBXL_ARRAY(p9s, libxl_device_p9),
    VX_LIBXL_ROWS(p9_rows),
    .init = init_p9,
    .trims = true,
};

VX_LIBXL_DEVICE_FUNCTIONS(p9, p9_device)

static const VxLibxlRow pvcalls_rows[] = {
    VX_LIBXL_ROW("backend", string, libxl_device_pvcallsif, backend_domname),
};

static void init_pvcalls(void *device)
{
    libxl_device_pvcallsif_init(device);
}

static const VxLibxlDevice pvcalls_device = {
    VX_LIBXL_ARRAY(pvcallsifs, libxl_device_pvcallsif),
    VX_LIBXL_ROWS(pvcalls_rows),
    .init = init_pvcalls,
    .devid = offsetof(libxl_device_pvcallsif, devid),
};

VX_LIBXL_DEVICE_FUNCTIONS(pvcalls, pvcalls_device)

#ifdef HAVE_LIBXL_VIRTIO
VX_LIBXL_NAMES(virtio_transport, NULL);

static const VxLibxlRow virtio_rows[] = {
    VX_LIBXL_ROW("backend", string, libxl_device_virtio, backend_domname),
    VX_LIBXL_ROW("type", string, libxl_device_virtio, type),
    VX_LIBXL_ROW("transport", enum, libxl_device_virtio, transport, .names = &names_virtio_transport),
    VX_LIBXL_ROW("grant_usage", defbool, libxl_device_virtio, grant_usage),
};

static void init_virtio(void *device)
{
    libxl_device_virtio_init(device);
}

/* A type may have a comma in it: "virtio,device22". */
static bool apply_virtio_pair(VxLibxlWriter *writer, const char *key, const char *value, void *device)
{
    libxl_device_virtio *virtio = device;
    char *joined;

    (void)writer;
    if (value || !virtio->type || strchr(virtio->type, ','))
        return false;
    joined = g_strconcat(virtio->type, ",", key, NULL);
    vx_libxl_replace(&virtio->type, joined);
    g_free(joined);
    return true;
}

static const VxLibxlDevice virtio_device = {
    VX_LIBXL_ARRAY(virtios, libxl_device_virtio),  VX_LIBXL_ROWS(virtio_rows),      .init = init_virtio,
    .devid = offsetof(libxl_device_virtio, devid), .apply_pair = apply_virtio_pair,
};

VX_LIBXL_DEVICE_FUNCTIONS(virtio, virtio_device)
#endif
