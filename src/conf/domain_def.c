/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/domain_def.h"

#include <string.h>

#include "conf/domain_elements.h"
#include "conf/memory_def.h"
#include "conf/verbatim_def.h"
#include "conf/xml_source.h"

VX_ENUM_DEFINE(vx_guest_types, VX_GUEST_TYPES);
VX_ENUM_DEFINE(vx_lifecycle_actions, VX_LIFECYCLE_ACTIONS);
VX_ENUM_DEFINE(vx_vcpu_placements, VX_VCPU_PLACEMENTS);
VX_ENUM_DEFINE(vx_emulator_types, VX_EMULATOR_TYPES);

/* ---- the domain ---- */

static const VxField vcpu_fields[] = {
    VX_ATTR_ENUM("placement", VxVcpus, placement, vx_vcpu_placements, "who chooses the host's CPUs"),
    VX_ATTR_STRING("cpuset", VxVcpus, cpuset, "the host's CPUs that virtual CPUs may run on, as in 0-3,^2"),
    VX_ATTR_NUMBER("current", VxVcpus, current, 1, 65535, "how many are there at the start"),
    {.placement = VX_CONTENT, .type = &vx_value_number, .minimum = 1, .maximum = 65535,
     .offset = offsetof(VxVcpus, maximum), .flags = VX_FIELD_REQUIRED, .doc = "how many there can be"},
};
static const VxElement vcpu_element = {.name = "vcpu", VX_ELEMENT_FIELDS(vcpu_fields)};

static const VxField memory_backing_fields[] = {
    VX_CANNOT("hugepages", "Xen chooses the size of pages itself"),
    VX_TEXT_FLAG("nosharepages", VxDomainDef, memory_nosharepages, "pages are not merged with other guests' (Xen never does)"),
    VX_TEXT_FLAG("locked", VxDomainDef, memory_locked, "pages stay in memory (Xen's always do)"),
    VX_CANNOT("source", "Xen's memory has no file behind it"),
    VX_CANNOT("access", "Xen's memory has no file behind it"),
    VX_CANNOT("allocation", "Xen allocates memory when the guest starts"),
    VX_CANNOT("discard", "Xen's memory has no file behind it"),
};
static const VxElement memory_backing_element = {.name = "memoryBacking", VX_ELEMENT_FIELDS(memory_backing_fields)};

static const VxField emulator_fields[] = {
    VX_ATTR_ENUM("type", VxEmulator, type, vx_emulator_types, "Qubes OS: stubdom-linux for one in a domain of its own"),
    VX_ATTR_STRING("kernel", VxEmulator, kernel, "Qubes OS: path of that domain's kernel"),
    VX_ATTR_STRING("ramdisk", VxEmulator, ramdisk, "Qubes OS: path of that domain's RAM disk"),
    VX_ATTR_STRING("cmdline", VxEmulator, cmdline, "Qubes OS: command line of that domain's kernel"),
    VX_ATTR_NUMBER("memory", VxEmulator, memory_kib, 0, VX_EMULATOR_MAX_KIB, "Qubes OS: memory of that domain in KiB"),
    {.placement = VX_CONTENT, .type = &vx_value_string, .offset = offsetof(VxEmulator, path),
     .doc = "path of the device model on the host"},
};
static const VxElement emulator_element = {.name = "emulator", VX_ELEMENT_FIELDS(emulator_fields)};

static const VxField suspend_to_mem_fields[] = {
    VX_ATTR_ENUM("enabled", VxDomainDef, suspend_to_mem, vx_yes_no, "whether the guest is offered it"),
};
static const VxElement suspend_to_mem_element = {.name = "suspend-to-mem", VX_ELEMENT_FIELDS(suspend_to_mem_fields)};

static const VxField suspend_to_disk_fields[] = {
    VX_ATTR_ENUM("enabled", VxDomainDef, suspend_to_disk, vx_yes_no, "whether the guest is offered it"),
};
static const VxElement suspend_to_disk_element = {.name = "suspend-to-disk", VX_ELEMENT_FIELDS(suspend_to_disk_fields)};

static const VxField pm_fields[] = {
    VX_GROUP("suspend-to-mem", suspend_to_mem_element, "ACPI state S3"),
    VX_GROUP("suspend-to-disk", suspend_to_disk_element, "ACPI state S4"),
};
static const VxElement pm_element = {.name = "pm", VX_ELEMENT_FIELDS(pm_fields)};

static const VxField devices_fields[] = {
    VX_INLINE("emulator", VxDomainDef, emulator, emulator_element, "the device model"),
    {.placement = VX_CHOICE, .choices = vx_device_elements, .offset = offsetof(VxDomainDef, devices), .doc = "a device"},
};
static const VxElement devices_element = {.name = "devices", VX_ELEMENT_FIELDS(devices_fields)};

static const VxField argument_fields[] = {
    VX_ATTR_STRING("value", VxArgument, value, "the argument", .flags = VX_FIELD_REQUIRED),
};
static const VxElement argument_element = {.name = "arg", .size = sizeof(VxArgument), VX_ELEMENT_FIELDS(argument_fields)};

static const VxField command_line_fields[] = {
    {.placement = VX_LIST, .name = "arg", .namespace_uri = VX_XEN_NAMESPACE, .element = &argument_element,
     .offset = offsetof(VxDomainDef, device_model_args), .doc = "one argument"},
};
static const VxElement command_line_element = {.name = "commandline", VX_ELEMENT_FIELDS(command_line_fields)};

static const VxField xl_fields[] = {
    {.placement = VX_LIST, .name = "option", .namespace_uri = VX_VIRTXL_NAMESPACE, .element = &vx_option_element,
     .offset = offsetof(VxDomainDef, options), .doc = "one option"},
};
static const VxElement xl_element = {.name = "xl", VX_ELEMENT_FIELDS(xl_fields)};

static void complete_max_memory(VxXmlReader *reader, VxXmlNode *node, void *base)
{
    VxMaxMemory *maximum = base;
    guint64 unit_bytes = vx_memory_unit_bytes(maximum->unit);

    if (!maximum->kib.given)
        return;
    if (unit_bytes == 0)
        vx_diag_wrong(reader->diag, vx_xml_attribute_place(reader->diag, node, "unit"),
                      "unit of <maxMemory> is '%.20s': write b, KiB, MiB, GiB, TiB, or KB, MB, GB, TB", maximum->unit);
    else if (!vx_memory_to_kib((guint64)maximum->kib.value, unit_bytes, &maximum->kib))
        vx_diag_wrong(reader->diag, node->place, "<maxMemory> is too much");
    g_free(maximum->unit);
    maximum->unit = g_strdup("KiB");
}

static const VxField max_memory_fields[] = {
    VX_ATTR_NUMBER("slots", VxMaxMemory, slots, 0, 255, "how many modules can be plugged in"),
    VX_ATTR_STRING("unit", VxMaxMemory, unit, "unit of the amount; written as KiB"),
    {.placement = VX_CONTENT, .type = &vx_value_number, .offset = offsetof(VxMaxMemory, kib),
     .flags = VX_FIELD_REQUIRED, .minimum = 0, .maximum = G_MAXINT64 - 1, .doc = "the amount"},
};
static const VxElement max_memory_element = {
    .name = "maxMemory", VX_ELEMENT_FIELDS(max_memory_fields), .after_read = complete_max_memory,
};

#define MEMORY(element_name, member, documentation, ...)                                                               \
    VX_SPECIAL(element_name, VxDomainDef, member, vx_memory_kib, documentation, ##__VA_ARGS__)

/* In the order in which libvirt writes them. */
static const VxField domain_fields[] = {
    VX_ATTR_STRING("type", VxDomainDef, type, "xen", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_NUMBER("id", VxDomainDef, id, 0, G_MAXINT32, "Xen's id of the running domain", .flags = VX_FIELD_LIVE),
    VX_TEXT_STRING("name", VxDomainDef, name, "the name of the domain", .flags = VX_FIELD_REQUIRED),
    {.placement = VX_TEXT, .name = "uuid", .type = &vx_value_uuid, .offset = offsetof(VxDomainDef, uuid),
     .doc = "the UUID of the domain"},
    VX_CANNOT("hwuuid", "Xen shows the guest the UUID of the domain"),
    VX_CANNOT("genid", "xl.cfg's ms_vm_genid=\"generate\" makes Xen choose one"),
    VX_TEXT_STRING("title", VxDomainDef, title, "a short description"),
    VX_TEXT_STRING("description", VxDomainDef, description, "a description for people"),
    VX_SPECIAL("metadata", VxDomainDef, metadata, vx_verbatim, "data of applications, kept word for word"),
    VX_INLINE("maxMemory", VxDomainDef, max_memory, max_memory_element, "the memory that could be plugged in"),
    MEMORY("memory", memory_kib, "the memory that the guest may have"),
    MEMORY("currentMemory", current_memory_kib, "the memory that it has at the start"),
    VX_CANNOT("blkiotune", "Xen has no such limits"),
    VX_CANNOT("memtune", "Xen has no such limits"),
    VX_GROUP("memoryBacking", memory_backing_element, "what is behind the guest's memory"),
    VX_INLINE("vcpu", VxDomainDef, vcpus, vcpu_element, "the virtual CPUs"),
    VX_CANNOT("vcpus", "Xen adds and removes virtual CPUs by number only"),
    VX_CANNOT("iothreads", "Xen's device model has none"),
    VX_CANNOT("iothreadids", "Xen's device model has none"),
    VX_CANNOT("defaultiothread", "Xen's device model has none"),
    VX_INLINE("cputune", VxDomainDef, cpu_tune, vx_cpu_tune_element, "where and how much they run"),
    VX_CANNOT("numatune", "Xen places memory near the CPUs that the guest is pinned to"),
    VX_CANNOT("resource", "Xen guests are in no control group; cpupools are xl.cfg's pool="),
    VX_CANNOT("sysinfo", "Xen fills the SMBIOS tables itself"),
    VX_TEXT_STRING("bootloader", VxDomainDef, bootloader, "program on the host that finds a PV guest's kernel"),
    VX_TEXT_STRING("bootloader_args", VxDomainDef, bootloader_args, "its arguments"),
    VX_INLINE("os", VxDomainDef, os, vx_os_element, "how the guest boots", .flags = VX_FIELD_REQUIRED),
    VX_CANNOT("idmap", "it is for containers"),
    VX_INLINE("features", VxDomainDef, features, vx_features_element, "what the guest's machine can do"),
    VX_INLINE("cpu", VxDomainDef, cpu, vx_cpu_element, "what the processors look like"),
    VX_INLINE("clock", VxDomainDef, clock, vx_clock_element, "the guest's clock"),
    VX_TEXT_ENUM("on_poweroff", VxDomainDef, on_poweroff, vx_lifecycle_actions, "what to do when the guest powers off"),
    VX_TEXT_ENUM("on_reboot", VxDomainDef, on_reboot, vx_lifecycle_actions, "what to do when the guest reboots"),
    VX_TEXT_ENUM("on_crash", VxDomainDef, on_crash, vx_lifecycle_actions, "what to do when the guest crashes"),
    VX_CANNOT("on_lockfailure", "Xen's disks have no such locks"),
    VX_GROUP("pm", pm_element, "sleeping states that the firmware offers to the guest"),
    VX_CANNOT("perf", "Xen has no such counters"),
    VX_GROUP("devices", devices_element, "the devices"),
    VX_MANY("seclabel", VxDomainDef, seclabels, vx_seclabel_element, "the guest's security label"),
    VX_CANNOT("keywrap", "it is IBM Z's"),
    VX_CANNOT("launchSecurity", "Xen has no such guests"),
    {.placement = VX_CHILD, .name = "commandline", .namespace_uri = VX_XEN_NAMESPACE, .element = &command_line_element,
     .doc = "arguments for the device model"},
    {.placement = VX_CHILD, .name = "xl", .namespace_uri = VX_VIRTXL_NAMESPACE, .element = &xl_element,
     .doc = "options of xl.cfg(5) that libvirt has no elements for"},
};

const VxElement vx_domain_element = {
    .name = "domain", .size = sizeof(VxDomainDef), VX_ELEMENT_FIELDS(domain_fields), .doc = "A domain: a Xen guest.",
};

VxDomainDef *vx_domain_def_new(void)
{
    return vx_object_new(&vx_domain_element);
}

void vx_domain_def_free(VxDomainDef *def)
{
    vx_object_free(&vx_domain_element, def);
}

VxDomainDef *vx_domain_def_copy(const VxDomainDef *def)
{
    return vx_object_copy(&vx_domain_element, def);
}

void vx_domain_def_add_device_model_argument(VxDomainDef *def, const char *value)
{
    VxArgument *argument = vx_object_new(&argument_element);

    argument->value = g_strdup(value);
    if (!def->device_model_args)
        def->device_model_args = g_ptr_array_new();
    g_ptr_array_add(def->device_model_args, argument);
}

VxGuestType vx_domain_def_guest_type(const VxDomainDef *def)
{
    const char *machine = def->os.machine;

    if (def->os.type == VX_OS_HVM)
        return VX_GUEST_HVM;
    if (def->os.type == VX_OS_XENPVH || (machine && strcmp(machine, "xenpvh") == 0))
        return VX_GUEST_PVH;
    return VX_GUEST_PV;
}

static const VxElement *element_of_kind(VxDeviceKind kind)
{
    return vx_device_elements[kind - 1];
}

void vx_domain_def_insert_device(VxDomainDef *def, VxDevice *device)
{
    unsigned behind;

    if (!def->devices)
        def->devices = g_ptr_array_new();
    for (behind = def->devices->len; behind > 0; behind--) {
        if (((const VxObject *)def->devices->pdata[behind - 1])->kind <= device->object.kind)
            break;
    }
    g_ptr_array_insert(def->devices, (gint)behind, device);
}

void *vx_domain_def_add_device(VxDomainDef *def, VxDeviceKind kind)
{
    VxDevice *device = vx_object_new(element_of_kind(kind));

    vx_domain_def_insert_device(def, device);
    return device;
}

void vx_domain_def_drop_device(VxDomainDef *def, void *device)
{
    g_ptr_array_remove(def->devices, device);
    vx_object_free(element_of_kind(((VxObject *)device)->kind), device);
}

void *vx_domain_def_next_device(const VxDomainDef *def, VxDeviceKind kind, unsigned *i)
{
    while (def->devices && *i < def->devices->len) {
        VxObject *device = def->devices->pdata[(*i)++];

        if (device->kind == kind)
            return device;
    }
    return NULL;
}
