/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * USB controllers and USB devices of the host: xl.cfg(5) usbctrl and usbdev.
 */
#include <string.h>

#include "libxl/libxl_device.h"

VX_LIBXL_NAMES(usbctrl_type, NULL);
VX_LIBXL_NAMES(usbdev_type, NULL);

static const VxLibxlRow usbctrl_rows[] = {
    VX_LIBXL_ROW("type", enum, libxl_device_usbctrl, type, .names = &names_usbctrl_type),
    VX_LIBXL_ROW("version", int, libxl_device_usbctrl, version),
    VX_LIBXL_ROW("ports", int, libxl_device_usbctrl, ports),
};

static void init_usbctrl(void *device)
{
    libxl_device_usbctrl_init(device);
}

static const VxLibxlDevice usbctrl_device = {
    VX_LIBXL_ARRAY(usbctrls, libxl_device_usbctrl),
    VX_LIBXL_ROWS(usbctrl_rows),
    .init = init_usbctrl,
    .devid = offsetof(libxl_device_usbctrl, devid),
};

VX_LIBXL_DEVICE_FUNCTIONS(usbctrl, usbctrl_device)

static const VxLibxlRow usbdev_rows[] = {
    VX_LIBXL_ROW("type", enum, libxl_device_usbdev, type, .names = &names_usbdev_type),
    VX_LIBXL_ROW("hostbus", uint8, libxl_device_usbdev, u.hostdev.hostbus),
    VX_LIBXL_ROW("hostaddr", uint8, libxl_device_usbdev, u.hostdev.hostaddr),
    VX_LIBXL_ROW("controller", int, libxl_device_usbdev, ctrl),
    VX_LIBXL_ROW("port", int, libxl_device_usbdev, port),
};

static void init_usbdev(void *device)
{
    libxl_device_usbdev_init(device);
}

/* A branch of a union stands for the type that it belongs to. */
static void tell_usbdev_pairs(VxLibxlReader *reader, json_object *object, GString *item)
{
    if (vx_libxl_find_object(reader, object, "u.hostdev"))
        vx_libxl_add_pair(item, "type", "hostdev");
}

static const VxLibxlDevice usbdev_device = {
    VX_LIBXL_ARRAY(usbdevs, libxl_device_usbdev),
    VX_LIBXL_ROWS(usbdev_rows),
    .init = init_usbdev,
    .tell_pairs = tell_usbdev_pairs,
};

VX_LIBXL_DEVICE_FUNCTIONS(usbdev, usbdev_device)
