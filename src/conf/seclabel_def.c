/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <seclabel>: the guest's label for Xen's security module. https://libvirt.org/formatdomain.html#security-label
 */
#include "conf/domain_def.h"

VX_ENUM_DEFINE(vx_seclabel_types, VX_SECLABEL_TYPES);

static const VxField seclabel_fields[] = {
    VX_ATTR_ENUM("type", VxSeclabel, type, vx_seclabel_types, "static for a label given here"),
    VX_ATTR_STRING("model", VxSeclabel, model, "the security module: flask for Xen's"),
    VX_ATTR_ENUM("relabel", VxSeclabel, relabel, vx_yes_no, "whether the host's files get labels (Xen's never do)"),
    VX_TEXT_STRING("label", VxSeclabel, label, "the label, as in system_u:system_r:domU_t"),
    VX_TEXT_STRING("imagelabel", VxSeclabel, image_label, "the label of disks", .flags = VX_FIELD_LIVE),
    VX_TEXT_STRING("baselabel", VxSeclabel, base_label, "what a generated label is made from"),
};
const VxElement vx_seclabel_element = {
    .name = "seclabel",
    .size = sizeof(VxSeclabel),
    VX_ELEMENT_FIELDS(seclabel_fields),
    .doc = "The guest's label for Xen's security module (XSM/FLASK).",
};

VxSeclabel *vx_domain_def_add_seclabel(VxDomainDef *def)
{
    VxSeclabel *seclabel = vx_object_new(&vx_seclabel_element);

    if (!def->seclabels)
        def->seclabels = g_ptr_array_new();
    g_ptr_array_add(def->seclabels, seclabel);
    return seclabel;
}

const VxSeclabel *vx_domain_def_seclabel(const VxDomainDef *def)
{
    for (unsigned i = 0; def->seclabels && i < def->seclabels->len; i++) {
        const VxSeclabel *seclabel = def->seclabels->pdata[i];

        if (seclabel->type == VX_SECLABEL_STATIC && seclabel->label)
            return seclabel;
    }
    return NULL;
}
