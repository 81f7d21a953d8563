/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/sound_def.h"

VX_ENUM_DEFINE(vx_sound_models, VX_SOUND_MODELS);

static const VxField sound_fields[] = {
    VX_ATTR_ENUM("model", VxSound, model, vx_sound_models, "model of the card; Xen has sb16, es1370, ac97 and ich6",
                 .flags = VX_FIELD_REQUIRED),
    VX_CANNOT_ATTR("multichannel", "Xen's device model has no USB sound card"),
    VX_CANNOT("codec", "Xen's device model chooses the codec itself"),
    VX_CANNOT("audio", "Xen's device model chooses the host's sound itself"),
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
const VxElement vx_sound_element = {
    .name = "sound",
    .kind = VX_DEVICE_SOUND,
    .size = sizeof(VxSound),
    VX_ELEMENT_FIELDS(sound_fields),
    .doc = "A sound card of an HVM guest.",
};
