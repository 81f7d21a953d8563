/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/device_def.h"

#include <string.h>

VX_ENUM_DEFINE(vx_yes_no, VX_YES_NO);
VX_ENUM_DEFINE(vx_on_off, VX_ON_OFF);
VX_ENUM_DEFINE(vx_startup_policies, VX_STARTUP_POLICIES);

#define VX_DEVICE_KIND_ELEMENT(id, element) &element,
const VxElement *const vx_device_elements[] = {VX_DEVICE_KINDS(VX_DEVICE_KIND_ELEMENT) NULL};

const VxElement *vx_device_element(const VxDevice *device)
{
    return vx_device_elements[device->object.kind - 1];
}

void vx_device_free(VxDevice *device)
{
    if (device)
        vx_object_free(vx_device_element(device), device);
}

/* ---- options that are carried ---- */

static const VxField option_item_fields[] = {
    VX_ATTR_STRING("value", VxOption, value, "the item, as xl.cfg has it"),
    {.placement = VX_LIST, .name = "item", .namespace_uri = VX_VIRTXL_NAMESPACE, .element = &vx_option_item_element,
     .offset = offsetof(VxOption, items), .doc = "an item of a list within the list"},
};
const VxElement vx_option_item_element = {
    .name = "item", .size = sizeof(VxOption), VX_ELEMENT_FIELDS(option_item_fields),
};

static const VxField option_fields[] = {
    VX_ATTR_STRING("name", VxOption, name, "the option, by its xl.cfg name", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_STRING("value", VxOption, value, "its value, as xl.cfg has it"),
    {.placement = VX_LIST, .name = "item", .namespace_uri = VX_VIRTXL_NAMESPACE, .element = &vx_option_item_element,
     .offset = offsetof(VxOption, items), .doc = "an item of an option that is a list"},
};
const VxElement vx_option_element = {
    .name = "option",
    .size = sizeof(VxOption),
    VX_ELEMENT_FIELDS(option_fields),
    .doc = "An option of xl.cfg(5) that libvirt has no element for.",
};

const VxOption *vx_options_find(const GPtrArray *options, const char *name)
{
    for (unsigned i = 0; options && i < options->len; i++) {
        const VxOption *option = options->pdata[i];

        if (g_strcmp0(option->name, name) == 0) /* one read from XML that has errors may lack its name */
            return option;
    }
    return NULL;
}

static VxOption *add_option(GPtrArray **options, const VxElement *element, const char *name, const char *value)
{
    VxOption *option = vx_object_new(element);

    option->name = g_strdup(name);
    option->value = g_strdup(value);
    if (!*options)
        *options = g_ptr_array_new();
    g_ptr_array_add(*options, option);
    return option;
}

VxOption *vx_options_add(GPtrArray **options, const char *name, const char *value)
{
    return add_option(options, &vx_option_element, name, value);
}

void vx_options_remove(GPtrArray **options, const char *name)
{
    VxOption *option;

    while ((option = (VxOption *)vx_options_find(*options, name))) {
        g_ptr_array_remove(*options, option);
        vx_object_free(&vx_option_element, option);
    }
    if (*options && (*options)->len == 0)
        g_clear_pointer(options, g_ptr_array_unref);
}

VxOption *vx_option_add_item(VxOption *list, const char *value)
{
    return add_option(&list->items, &vx_option_item_element, NULL, value);
}

/* ---- what all devices have ---- */

#define ADDRESS_PART(member, documentation) VX_ATTR_STRING(#member, VxAddress, member, documentation)
static const VxField address_fields[] = {
    VX_ATTR_STRING("type", VxAddress, type, "pci, drive, usb, isa, ...", .flags = VX_FIELD_REQUIRED),
    ADDRESS_PART(domain, "PCI domain"),
    ADDRESS_PART(controller, "index of the controller"),
    ADDRESS_PART(bus, "bus"),
    ADDRESS_PART(slot, "PCI slot"),
    ADDRESS_PART(function, "PCI function"),
    ADDRESS_PART(multifunction, "whether the PCI slot has several functions"),
    ADDRESS_PART(target, "target on the bus"),
    ADDRESS_PART(unit, "unit of the target"),
    ADDRESS_PART(port, "port of the hub or bus"),
    ADDRESS_PART(iobase, "ISA port"),
    ADDRESS_PART(irq, "ISA interrupt"),
    ADDRESS_PART(reg, "register"),
    ADDRESS_PART(base, "address in memory"),
    ADDRESS_PART(uuid, "UUID of a mediated device"),
    VX_CANNOT_ATTR("cssid", "it is IBM Z's"),
    VX_CANNOT_ATTR("ssid", "it is IBM Z's"),
    VX_CANNOT_ATTR("devno", "it is IBM Z's"),
    VX_CANNOT("zpci", "it is IBM Z's"),
};
const VxElement vx_address_element = {
    .name = "address", .size = sizeof(VxAddress), VX_ELEMENT_FIELDS(address_fields),
};

static const VxField boot_fields[] = {
    VX_ATTR_NUMBER("order", VxDevice, boot_order, 1, G_MAXINT32, "1 is tried first", .flags = VX_FIELD_REQUIRED),
    VX_CANNOT_ATTR("loadparm", "it is IBM Z's"),
};
const VxElement vx_device_boot_element = {.name = "boot", VX_ELEMENT_FIELDS(boot_fields)};

static const VxField backend_fields[] = {
    VX_ATTR_STRING("name", VxDevice, backend_domain, "name of the domain", .flags = VX_FIELD_REQUIRED),
};
const VxElement vx_device_backend_element = {.name = "backenddomain", VX_ELEMENT_FIELDS(backend_fields)};

static const VxField alias_fields[] = {
    VX_ATTR_STRING("name", VxDevice, alias, "the name", .flags = VX_FIELD_REQUIRED),
};
const VxElement vx_device_alias_element = {.name = "alias", VX_ELEMENT_FIELDS(alias_fields)};
