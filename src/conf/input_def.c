/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/input_def.h"

VX_ENUM_DEFINE(vx_input_types, VX_INPUT_TYPES);
VX_ENUM_DEFINE(vx_input_buses, VX_INPUT_BUSES);

static const VxField input_fields[] = {
    VX_ATTR_ENUM("type", VxInput, type, vx_input_types, "mouse, tablet or keyboard", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_ENUM("bus", VxInput, bus, vx_input_buses, "ps2 and xen are always there; usb is added"),
    VX_CANNOT_ATTR("model", "it is virtio's, which Xen's device model does not offer for input"),
    VX_CANNOT("driver", "it is virtio's, which Xen's device model does not offer for input"),
    VX_GROUP("alias", vx_device_alias_element, "the name of the device, for clients that refer to it"),
    VX_CANNOT("acpi", "Xen numbers no devices in ACPI"),
    VX_POINTER("address", VxDevice, address, vx_address_element, "where the guest sees the device"),
    VX_CANNOT("source", "Xen passes no input device of the host through; a USB device can be a <hostdev>"),
    {.placement = VX_LIST,
     .name = "option",
     .namespace_uri = VX_VIRTXL_NAMESPACE,
     .element = &vx_option_element,
     .offset = offsetof(VxDevice, options),
     .doc = "an xl.cfg key that libvirt has no element for"},
};
const VxElement vx_input_element = {
    .name = "input",
    .kind = VX_DEVICE_INPUT,
    .size = sizeof(VxInput),
    VX_ELEMENT_FIELDS(input_fields),
    .doc = "A mouse, keyboard or tablet.",
};
