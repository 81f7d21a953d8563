/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <video>: the guest's graphics card. https://libvirt.org/formatdomain.html#video-devices
 */
#pragma once

#include "conf/device_def.h"

#define VX_VIDEO_MODELS(X)                                                                                             \
    X(VX_VIDEO_VGA, "vga")                                                                                             \
    X(VX_VIDEO_CIRRUS, "cirrus")                                                                                       \
    X(VX_VIDEO_VMVGA, "vmvga")                                                                                         \
    X(VX_VIDEO_XEN, "xen") /* the framebuffer of a PV guest */                                                         \
    X(VX_VIDEO_VBOX, "vbox")                                                                                           \
    X(VX_VIDEO_QXL, "qxl")                                                                                             \
    X(VX_VIDEO_PARALLELS, "parallels")                                                                                 \
    X(VX_VIDEO_VIRTIO, "virtio")                                                                                       \
    X(VX_VIDEO_GOP, "gop")                                                                                             \
    X(VX_VIDEO_NONE, "none") /* no card at all */                                                                      \
    X(VX_VIDEO_BOCHS, "bochs")                                                                                         \
    X(VX_VIDEO_RAMFB, "ramfb")                                                                                         \
    X(VX_VIDEO_XENGT, "xengt") /* Qubes OS': part of the host's graphics card */
typedef enum { VX_VIDEO_NOT_GIVEN, VX_VIDEO_MODELS(VX_ENUM_ID) } VxVideoModel;
VX_ENUM_DECLARE(vx_video_models);

typedef struct {
    VxDevice device;
    int model; /* VxVideoModel */
    VxNumber ram_kib, vram_kib, vram64_kib, vgamem_kib;
    VxNumber heads;
    int primary; /* VxYesNo */
} VxVideo;

/* The memory of a card of MODEL for which none is given, in KiB; not given for a model that Xen does not have. It is
 * what libvirt writes in XML, and libxl's own choice for device model qemu-xen. */
VxNumber vx_video_default_vram_kib(VxVideoModel model);
