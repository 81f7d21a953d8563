/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <input>: mouse, keyboard, tablet. https://libvirt.org/formatdomain.html#input-devices
 */
#pragma once

#include "conf/device_def.h"

#define VX_INPUT_TYPES(X)                                                                                              \
    X(VX_INPUT_MOUSE, "mouse")                                                                                         \
    X(VX_INPUT_TABLET, "tablet")                                                                                       \
    X(VX_INPUT_KEYBOARD, "keyboard")                                                                                   \
    X(VX_INPUT_PASSTHROUGH, "passthrough")                                                                             \
    X(VX_INPUT_EVDEV, "evdev")
typedef enum { VX_INPUT_NOT_GIVEN, VX_INPUT_TYPES(VX_ENUM_ID) } VxInputType;
VX_ENUM_DECLARE(vx_input_types);

#define VX_INPUT_BUSES(X)                                                                                              \
    X(VX_INPUT_BUS_PS2, "ps2")                                                                                         \
    X(VX_INPUT_BUS_USB, "usb")                                                                                         \
    X(VX_INPUT_BUS_XEN, "xen")                                                                                         \
    X(VX_INPUT_BUS_PARALLELS, "parallels")                                                                             \
    X(VX_INPUT_BUS_VIRTIO, "virtio")                                                                                   \
    X(VX_INPUT_BUS_NONE, "none")
typedef enum { VX_INPUT_BUS_NOT_GIVEN, VX_INPUT_BUSES(VX_ENUM_ID) } VxInputBus;
VX_ENUM_DECLARE(vx_input_buses);

typedef struct {
    VxDevice device;
    int type; /* VxInputType */
    int bus;  /* VxInputBus */
} VxInput;
