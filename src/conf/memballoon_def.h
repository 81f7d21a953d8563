/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <memballoon>: every Xen guest has one. https://libvirt.org/formatdomain.html#memory-balloon-device
 */
#pragma once

#include "conf/device_def.h"

#define VX_MEMBALLOON_MODELS(X)                                                                                        \
    X(VX_MEMBALLOON_VIRTIO, "virtio")                                                                                  \
    X(VX_MEMBALLOON_XEN, "xen")                                                                                        \
    X(VX_MEMBALLOON_NONE, "none")                                                                                      \
    X(VX_MEMBALLOON_VIRTIO_TRANSITIONAL, "virtio-transitional")                                                        \
    X(VX_MEMBALLOON_VIRTIO_NON_TRANSITIONAL, "virtio-non-transitional")
typedef enum { VX_MEMBALLOON_NOT_GIVEN, VX_MEMBALLOON_MODELS(VX_ENUM_ID) } VxMemballoonModel;
VX_ENUM_DECLARE(vx_memballoon_models);

typedef struct {
    VxDevice device;
    int model; /* VxMemballoonModel */
} VxMemballoon;
