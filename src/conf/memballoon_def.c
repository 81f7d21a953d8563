/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/memballoon_def.h"

VX_ENUM_DEFINE(vx_memballoon_models, VX_MEMBALLOON_MODELS);

#define VIRTIO_ONLY "it is virtio's; a Xen guest's balloon is driven by the guest"

static const VxField memballoon_fields[] = {
    VX_ATTR_ENUM("model", VxMemballoon, model, vx_memballoon_models, "xen", .flags = VX_FIELD_REQUIRED),
    VX_CANNOT_ATTR("autodeflate", VIRTIO_ONLY),
    VX_CANNOT_ATTR("freePageReporting", VIRTIO_ONLY),
    VX_CANNOT("stats", VIRTIO_ONLY),
    VX_GROUP("alias", vx_device_alias_element, "the name of the device, for clients that refer to it"),
    VX_CANNOT("acpi", "Xen numbers no devices in ACPI"),
    VX_POINTER("address", VxDevice, address, vx_address_element, "where the guest sees the device"),
    VX_CANNOT("driver", VIRTIO_ONLY),
};
const VxElement vx_memballoon_element = {
    .name = "memballoon",
    .kind = VX_DEVICE_MEMBALLOON,
    .size = sizeof(VxMemballoon),
    VX_ELEMENT_FIELDS(memballoon_fields),
    .doc = "The balloon by which the guest gives memory back; every Xen guest has one.",
};
