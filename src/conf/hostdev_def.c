/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/hostdev_def.h"

VX_ENUM_DEFINE(vx_hostdev_modes, VX_HOSTDEV_MODES);
VX_ENUM_DEFINE(vx_hostdev_types, VX_HOSTDEV_TYPES);

static const VxField vendor_fields[] = {
    VX_ATTR_NUMBER("id", VxHostdev, usb_vendor, 0, 0xffff, "its number", .flags = VX_FIELD_REQUIRED | VX_FIELD_HEX,
                   .width = 4),
};
static const VxElement vendor_element = {.name = "vendor", VX_ELEMENT_FIELDS(vendor_fields)};

static const VxField product_fields[] = {
    VX_ATTR_NUMBER("id", VxHostdev, usb_product, 0, 0xffff, "its number", .flags = VX_FIELD_REQUIRED | VX_FIELD_HEX,
                   .width = 4),
};
static const VxElement product_element = {.name = "product", VX_ELEMENT_FIELDS(product_fields)};

#define NO_SCSI "Xen passes PCI and USB devices through only"
#define NO_CAPABILITY "it is for containers"

static const VxField source_fields[] = {
    VX_ATTR_ENUM("startupPolicy", VxHostdev, startup_policy, vx_startup_policies,
                 "what to do when the device is missing as the guest starts"),
    VX_ATTR_ENUM("writeFiltering", VxHostdev, write_filtering, vx_yes_no,
                 "whether Xen filters what the guest writes to the device's configuration; no is xl's permissive"),
    VX_ATTR_ENUM("powerManagementFiltering", VxHostdev, power_mgmt_filtering, vx_yes_no,
                 "whether the guest is kept from the device's power states; as Qubes OS writes it"),
    VX_CANNOT_ATTR("guestReset", "Xen lets a guest reset its USB devices"),
    VX_CANNOT_ATTR("protocol", NO_SCSI),
    VX_CANNOT_ATTR("wwpn", NO_SCSI),
    VX_CANNOT_ATTR("name", NO_SCSI),
    VX_GROUP("vendor", vendor_element, "the vendor of a USB device"),
    VX_GROUP("product", product_element, "the product of the vendor"),
    VX_CANNOT("adapter", NO_SCSI),
    VX_SPECIAL("address", VxHostdev, address, vx_host_address, "where the device is on the host"),
    VX_CANNOT("host", NO_SCSI),
    VX_CANNOT("auth", NO_SCSI),
    VX_CANNOT("initiator", NO_SCSI),
    VX_CANNOT("block", NO_CAPABILITY),
    VX_CANNOT("char", NO_CAPABILITY),
    VX_CANNOT("interface", NO_CAPABILITY),
};
static const VxElement source_element = {.name = "source", VX_ELEMENT_FIELDS(source_fields)};

static const VxField driver_fields[] = {
    VX_ATTR_STRING("name", VxHostdev, driver_name, "xen: the host's driver that gives the device to the guest"),
    VX_CANNOT_ATTR("model", "Xen has one driver for this"),
};
static const VxElement driver_element = {.name = "driver", VX_ELEMENT_FIELDS(driver_fields)};

static const VxField hostdev_fields[] = {
    VX_ATTR_ENUM("mode", VxHostdev, mode, vx_hostdev_modes, "subsystem"),
    VX_ATTR_ENUM("type", VxHostdev, type, vx_hostdev_types, "pci or usb", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_ENUM("managed", VxHostdev, managed, vx_yes_no,
                 "whether the host's driver gives the device up by itself when the guest starts"),
    VX_ATTR_ENUM("nostrictreset", VxHostdev, no_strict_reset, vx_yes_no,
                 "whether a device is taken even if it cannot be reset; as Qubes OS writes it"),
    VX_CANNOT_ATTR("sgio", NO_SCSI),
    VX_CANNOT_ATTR("rawio", NO_SCSI),
    VX_CANNOT_ATTR("model", NO_SCSI),
    VX_CANNOT_ATTR("display", NO_SCSI),
    VX_CANNOT_ATTR("ramfb", NO_SCSI),
    VX_GROUP("driver", driver_element, "the host's driver that gives the device to the guest"),
    VX_GROUP("source", source_element, "the device", .flags = VX_FIELD_ALWAYS),
    VX_CANNOT("ip", NO_CAPABILITY),
    VX_CANNOT("route", NO_CAPABILITY),
    VX_CANNOT("teaming", "Xen's interfaces are in no team"),
    VX_TEXT_FLAG("readonly", VxHostdev, readonly, "the guest cannot write to it"),
    VX_TEXT_FLAG("shareable", VxHostdev, shareable, "several guests may have it"),
    VX_DEVICE_BACKEND_ROW,
    VX_DEVICE_NAME_ROWS,
    VX_CANNOT("rom", "Xen's device model reads the ROM from the device"),
    VX_DEVICE_PLACE_ROWS,
};

const VxElement vx_hostdev_element = {
    .name = "hostdev",
    .kind = VX_DEVICE_HOSTDEV,
    .size = sizeof(VxHostdev),
    VX_ELEMENT_FIELDS(hostdev_fields),
    .doc = "A PCI or USB device of the host that the guest is given.",
};

void vx_hostdev_add_defaults(VxHostdev *hostdev)
{
    if (!hostdev->mode)
        hostdev->mode = VX_HOSTDEV_SUBSYSTEM;
    if (!hostdev->managed && hostdev->mode == VX_HOSTDEV_SUBSYSTEM)
        hostdev->managed = VX_NO;
    if (!hostdev->driver_name && hostdev->type == VX_HOSTDEV_PCI)
        hostdev->driver_name = g_strdup("xen");
}
