/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/video_def.h"

VX_ENUM_DEFINE(vx_video_models, VX_VIDEO_MODELS);

#define XEN_CHOOSES "kept: Xen's device model chooses it"

static const VxField model_fields[] = {
    VX_ATTR_ENUM("type", VxVideo, model, vx_video_models, "model of the card; Xen has cirrus, vga, qxl, xen and none",
                 .flags = VX_FIELD_REQUIRED),
    VX_ATTR_NUMBER("ram", VxVideo, ram_kib, 0, G_MAXINT32, "qxl: memory of its first bar in KiB; " XEN_CHOOSES),
    VX_ATTR_NUMBER("vram", VxVideo, vram_kib, 0, G_MAXINT32, "its memory in KiB"),
    VX_ATTR_NUMBER("vram64", VxVideo, vram64_kib, 0, G_MAXINT32, "qxl: memory beyond 4 GiB in KiB; " XEN_CHOOSES),
    VX_ATTR_NUMBER("vgamem", VxVideo, vgamem_kib, 0, G_MAXINT32, "qxl: memory of its VGA mode in KiB; " XEN_CHOOSES),
    VX_ATTR_NUMBER("heads", VxVideo, heads, 1, G_MAXINT32, "how many screens it has; Xen's cards have 1"),
    VX_ATTR_ENUM("primary", VxVideo, primary, vx_yes_no, "whether the guest boots on it"),
    VX_CANNOT_ATTR("blob", "Xen's device model has no such cards"),
    VX_CANNOT("acceleration", "Xen's cards have none"),
    VX_CANNOT("resolution", "the guest chooses it"),
};
static const VxElement model_element = {.name = "model", VX_ELEMENT_FIELDS(model_fields)};

static const VxField video_fields[] = {
    VX_CANNOT("driver", "Xen's device model is the only driver"),
    VX_GROUP("model", model_element, "the card"),
    VX_GROUP("alias", vx_device_alias_element, "the name of the device, for clients that refer to it"),
    VX_CANNOT("acpi", "Xen numbers no devices in ACPI"),
    VX_POINTER("address", VxDevice, address, vx_address_element, "where the guest sees the device"),
    {.placement = VX_LIST,
     .name = "option",
     .namespace_uri = VX_VIRTXL_NAMESPACE,
     .element = &vx_option_element,
     .offset = offsetof(VxDevice, options),
     .doc = "an xl.cfg key that libvirt has no element for"},
};
const VxElement vx_video_element = {
    .name = "video",
    .kind = VX_DEVICE_VIDEO,
    .size = sizeof(VxVideo),
    VX_ELEMENT_FIELDS(video_fields),
    .doc = "The guest's graphics card.",
};

VxNumber vx_video_default_vram_kib(VxVideoModel model)
{
    switch (model) {
    case VX_VIDEO_VGA:
        return VX_NUMBER(16 * 1024);
    case VX_VIDEO_CIRRUS:
        return VX_NUMBER(8 * 1024);
    case VX_VIDEO_QXL:
        return VX_NUMBER(128 * 1024);
    case VX_VIDEO_XEN:
        return VX_NUMBER(4 * 1024);
    default:
        return (VxNumber){0};
    }
}
