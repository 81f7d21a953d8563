/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/controller_def.h"

#include "conf/memory_def.h"

VX_ENUM_DEFINE(vx_controller_types, VX_CONTROLLER_TYPES);

#define NO_TUNING "Xen's device model is told of no such tuning"
#define NO_PCI_TOPOLOGY "Xen's guests have the PCI bus that the device model gives them"

static const VxField driver_fields[] = {
    VX_CANNOT_ATTR("queues", NO_TUNING),      VX_CANNOT_ATTR("cmd_per_lun", NO_TUNING),
    VX_CANNOT_ATTR("max_sectors", NO_TUNING), VX_CANNOT_ATTR("ioeventfd", NO_TUNING),
    VX_CANNOT_ATTR("iothread", NO_TUNING),    VX_CANNOT_ATTR("iommu", NO_TUNING),
    VX_CANNOT_ATTR("ats", NO_TUNING),         VX_CANNOT_ATTR("packed", NO_TUNING),
    VX_CANNOT_ATTR("page_per_vq", NO_TUNING),
};
static const VxElement driver_element = {.name = "driver", VX_ELEMENT_FIELDS(driver_fields)};

static const VxField master_fields[] = {
    VX_ATTR_NUMBER("startport", VxController, master_startport, 0, G_MAXUINT16, "the first port that it shares",
                   .flags = VX_FIELD_REQUIRED),
};
static const VxElement master_element = {.name = "master", VX_ELEMENT_FIELDS(master_fields)};

static const VxField controller_fields[] = {
    VX_ATTR_ENUM("type", VxController, type, vx_controller_types, "what hangs on it", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_NUMBER("index", VxController, index, 0, G_MAXINT32, "its number among those of its type, from 0"),
    VX_ATTR_STRING("model", VxController, model,
                   "which one it is: qusb1 or qusb2 for USB without an emulated controller"),
    VX_ATTR_NUMBER("ports", VxController, ports, 0, G_MAXINT32, "number of ports"),
    VX_ATTR_NUMBER("vectors", VxController, vectors, 0, G_MAXINT32, "interrupts of a virtio-serial controller: kept"),
    VX_ATTR_NUMBER("maxGrantFrames", VxController, max_grant_frames, 0, G_MAXINT32,
                   "of xenbus: how many frames of grants the guest may have"),
    VX_ATTR_NUMBER("maxEventChannels", VxController, max_event_channels, 0, G_MAXINT32,
                   "of xenbus: how many event channels the guest may have"),
    VX_GROUP("driver", driver_element, "tuning"),
    VX_GROUP("master", master_element, "of a USB companion controller: the ports that it shares"),
    VX_CANNOT("model", NO_PCI_TOPOLOGY),
    VX_CANNOT("target", NO_PCI_TOPOLOGY),
    VX_SPECIAL("pcihole64", VxController, pcihole64_kib, vx_memory_kib, "kept: Xen's firmware sizes the hole"),
    VX_DEVICE_ROWS,
};

const VxElement vx_controller_element = {
    .name = "controller",
    .kind = VX_DEVICE_CONTROLLER,
    .size = sizeof(VxController),
    VX_ELEMENT_FIELDS(controller_fields),
    .doc = "A controller that other devices hang on; xenbus is Xen's own.",
};
