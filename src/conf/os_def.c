/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <os>: how the guest boots. https://libvirt.org/formatdomain.html#operating-system-booting
 */
#include "conf/domain_def.h"
#include "conf/domain_elements.h"

VX_ENUM_DEFINE(vx_os_types, VX_OS_TYPES);
VX_ENUM_DEFINE(vx_boot_devices, VX_BOOT_DEVICES);
VX_ENUM_DEFINE(vx_loader_types, VX_LOADER_TYPES);

static const VxField boot_fields[] = {
    VX_ATTR_ENUM("dev", VxBoot, device, vx_boot_devices, "the device to boot from", .flags = VX_FIELD_REQUIRED),
};
const VxElement vx_boot_element = {.name = "boot", .size = sizeof(VxBoot), VX_ELEMENT_FIELDS(boot_fields)};

static const VxField loader_fields[] = {
    VX_ATTR_ENUM("readonly", VxLoader, readonly, vx_yes_no, "whether the guest may write to the firmware's image"),
    VX_ATTR_ENUM("secure", VxLoader, secure, vx_yes_no, "whether the firmware checks signatures"),
    VX_ATTR_ENUM("type", VxLoader, type, vx_loader_types, "rom for SeaBIOS or ROMBIOS, pflash for OVMF"),
    VX_ATTR_STRING("format", VxLoader, format, "format of the image"),
    VX_CANNOT_ATTR("stateless", "Xen's firmware always has its own variables"),
    {.placement = VX_CONTENT, .type = &vx_value_string, .offset = offsetof(VxLoader, path), .doc = "path of the image"},
};
const VxElement vx_loader_element = {.name = "loader", .size = sizeof(VxLoader), VX_ELEMENT_FIELDS(loader_fields)};

static const VxField acpi_table_fields[] = {
    VX_ATTR_STRING("type", VxAcpiTable, type, "kind of the table: slic", .flags = VX_FIELD_REQUIRED),
    {.placement = VX_CONTENT, .type = &vx_value_string, .offset = offsetof(VxAcpiTable, path),
     .doc = "path of a file that holds the table"},
};
const VxElement vx_acpi_table_element = {
    .name = "table", .size = sizeof(VxAcpiTable), VX_ELEMENT_FIELDS(acpi_table_fields),
};

static const VxField type_fields[] = {
    VX_ATTR_STRING("arch", VxOs, arch, "architecture: x86_64, i686, aarch64, armv7l"),
    VX_ATTR_STRING("machine", VxOs, machine, "machine: xenpv, xenpvh or xenfv"),
    {.placement = VX_CONTENT, .type = &vx_value_enum, .names = &vx_os_types, .offset = offsetof(VxOs, type),
     .flags = VX_FIELD_REQUIRED, .doc = "linux or xen for PV, xenpvh for PVH, hvm for HVM"},
};
static const VxElement type_element = {.name = "type", VX_ELEMENT_FIELDS(type_fields)};

static const VxField nvram_fields[] = {
    VX_ATTR_STRING("template", VxOs, nvram_template, "what the variables of the firmware are first copied from"),
    VX_CANNOT_ATTR("type", "Xen keeps no firmware variables in a file"),
    VX_CANNOT_ATTR("format", "Xen keeps no firmware variables in a file"),
    VX_CANNOT("source", "Xen keeps no firmware variables in a file"),
    {.placement = VX_CONTENT, .type = &vx_value_string, .offset = offsetof(VxOs, nvram),
     .doc = "path of the file that holds the firmware's variables"},
};
static const VxElement nvram_element = {.name = "nvram", VX_ELEMENT_FIELDS(nvram_fields)};

static const VxField bootmenu_fields[] = {
    VX_ATTR_ENUM("enable", VxOs, bootmenu, vx_yes_no, "whether the firmware offers a menu of boot devices"),
    VX_ATTR_NUMBER("timeout", VxOs, bootmenu_timeout_ms, 0, 65535, "how long the menu waits, in milliseconds"),
};
static const VxElement bootmenu_element = {.name = "bootmenu", VX_ELEMENT_FIELDS(bootmenu_fields)};

static const VxField acpi_fields[] = {
    VX_MANY("table", VxOs, acpi_tables, vx_acpi_table_element, "an ACPI table given to the guest"),
};
static const VxElement acpi_element = {.name = "acpi", VX_ELEMENT_FIELDS(acpi_fields)};

static const VxField os_fields[] = {
    VX_ATTR_STRING("firmware", VxOs, firmware, "efi or bios: the host chooses an image of that kind"),
    VX_GROUP("type", type_element, "the type of guest", .flags = VX_FIELD_REQUIRED),
    VX_CANNOT("firmware", "Xen's firmware has no features to choose"),
    VX_POINTER("loader", VxOs, loader, vx_loader_element, "the firmware"),
    VX_GROUP("nvram", nvram_element, "the firmware's variables"),
    VX_TEXT_STRING("kernel", VxOs, kernel, "path of the kernel on the host"),
    VX_TEXT_STRING("initrd", VxOs, initrd, "path of the initial RAM disk on the host"),
    VX_TEXT_STRING("cmdline", VxOs, cmdline, "command line of the kernel"),
    VX_TEXT_STRING("dtb", VxOs, dtb, "path of a device tree on the host"),
    VX_CANNOT("shim", "Xen starts a kernel without a shim"),
    VX_GROUP("acpi", acpi_element, "ACPI tables given to the guest"),
    VX_MANY("boot", VxOs, boot, vx_boot_element, "a device to boot from, in order"),
    VX_GROUP("bootmenu", bootmenu_element, "the firmware's menu of boot devices"),
    VX_CANNOT("bios", "Xen's BIOS has no such settings"),
    VX_CANNOT("smbios", "Xen fills the SMBIOS tables itself"),
    VX_CANNOT("init", "it is for containers"),
    VX_CANNOT("initarg", "it is for containers"),
    VX_CANNOT("initenv", "it is for containers"),
    VX_CANNOT("initdir", "it is for containers"),
    VX_CANNOT("inituser", "it is for containers"),
    VX_CANNOT("initgroup", "it is for containers"),
    VX_CANNOT("root", "a PV kernel's root= stands in its <cmdline>"),
};
const VxElement vx_os_element = {.name = "os", VX_ELEMENT_FIELDS(os_fields), .doc = "How the guest boots."};
