/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices of the host that a guest is given: <hostdev>.
 * https://libvirt.org/formatdomain.html#usb-pci-scsi-devices
 */
#pragma once

#include "conf/device_def.h"

#define VX_HOSTDEV_MODES(X) X(VX_HOSTDEV_SUBSYSTEM, "subsystem") X(VX_HOSTDEV_CAPABILITIES, "capabilities")
typedef enum { VX_HOSTDEV_MODE_NOT_GIVEN, VX_HOSTDEV_MODES(VX_ENUM_ID) } VxHostdevMode;
VX_ENUM_DECLARE(vx_hostdev_modes);

#define VX_HOSTDEV_TYPES(X)                                                                                            \
    X(VX_HOSTDEV_PCI, "pci")                                                                                           \
    X(VX_HOSTDEV_USB, "usb")                                                                                           \
    X(VX_HOSTDEV_SCSI, "scsi")                                                                                         \
    X(VX_HOSTDEV_SCSI_HOST, "scsi_host")                                                                               \
    X(VX_HOSTDEV_MDEV, "mdev")                                                                                         \
    X(VX_HOSTDEV_STORAGE, "storage")                                                                                   \
    X(VX_HOSTDEV_MISC, "misc")                                                                                         \
    X(VX_HOSTDEV_NET, "net")
typedef enum { VX_HOSTDEV_TYPE_NOT_GIVEN, VX_HOSTDEV_TYPES(VX_ENUM_ID) } VxHostdevType;
VX_ENUM_DECLARE(vx_hostdev_types);

/* Where a device is on the host. */
typedef enum { VX_HOST_NOWHERE, VX_HOST_PCI, VX_HOST_USB, VX_HOST_OTHER } VxHostBus;
typedef struct {
    VxHostBus kind;
    char *type;                          /* as it was said: "pci"; NULL when the element leaves it out */
    guint32 domain, bus, slot, function; /* VX_HOST_PCI; of VX_HOST_USB the bus */
    guint32 device;                      /* VX_HOST_USB */
    char *multifunction;
    char *other; /* VX_HOST_OTHER: the element, verbatim */
} VxHostAddress;

/* VX_SPECIAL: <address> of a device of the host, as a VxHostAddress. */
extern const VxCustom vx_host_address;

typedef struct {
    VxDevice device;
    int mode;            /* VxHostdevMode */
    int type;            /* VxHostdevType */
    int managed;         /* VxYesNo: whether the host's driver gives the device up by itself */
    int no_strict_reset; /* VxYesNo: Qubes OS: take a device even if it cannot be reset */
    char *driver_name;
    int startup_policy;       /* VxStartupPolicy */
    int write_filtering;      /* VxYesNo: no is Xen's "permissive" */
    int power_mgmt_filtering; /* VxYesNo: Qubes OS */
    VxHostAddress address;
    VxNumber usb_vendor, usb_product;
    bool readonly, shareable;
} VxHostdev;

/* What libvirt's Xen driver takes for the mode, the management and the driver where they are not given. */
void vx_hostdev_add_defaults(VxHostdev *hostdev);
