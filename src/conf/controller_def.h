/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Controllers: <controller>. https://libvirt.org/formatdomain.html#controllers
 */
#pragma once

#include "conf/device_def.h"

#define VX_CONTROLLER_TYPES(X)                                                                                         \
    X(VX_CONTROLLER_IDE, "ide")                                                                                        \
    X(VX_CONTROLLER_FDC, "fdc")                                                                                        \
    X(VX_CONTROLLER_SCSI, "scsi")                                                                                      \
    X(VX_CONTROLLER_SATA, "sata")                                                                                      \
    X(VX_CONTROLLER_VIRTIO_SERIAL, "virtio-serial")                                                                    \
    X(VX_CONTROLLER_CCID, "ccid")                                                                                      \
    X(VX_CONTROLLER_USB, "usb")                                                                                        \
    X(VX_CONTROLLER_PCI, "pci")                                                                                        \
    X(VX_CONTROLLER_XENBUS, "xenbus")                                                                                  \
    X(VX_CONTROLLER_ISA, "isa")                                                                                        \
    X(VX_CONTROLLER_NVME, "nvme")
typedef enum { VX_CONTROLLER_NOT_GIVEN, VX_CONTROLLER_TYPES(VX_ENUM_ID) } VxControllerType;
VX_ENUM_DECLARE(vx_controller_types);

typedef struct {
    VxDevice device;
    int type; /* VxControllerType */
    VxNumber index;
    char *model; /* of usb: qusb1 and qusb2 (Xen's own), piix3-uhci, ehci, nec-xhci, ... */
    VxNumber ports;
    VxNumber vectors;
    VxNumber max_grant_frames;   /* of xenbus */
    VxNumber max_event_channels; /* of xenbus */
    VxNumber master_startport;   /* of a usb companion */
    VxNumber pcihole64_kib;      /* of pci-root */
} VxController;
