/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What guests the host can run, as XML for clients to choose from.
 * https://libvirt.org/formatcaps.html, https://libvirt.org/formatdomaincaps.html
 */
#include <stdarg.h>
#include <string.h>

#include "driver/change.h"
#include "driver/host.h"
#include "util/vx_error.h"

/* The kinds of guests: libvirt's words for them, and Xen's for what it takes to run them. */
static const struct {
    const char *os_type, *machine;
    const char *xen_prefix; /* of a word of VxHostInfo.capabilities */
    bool is_hvm;            /* has firmware and features of its own */
} guest_kinds[] = {
    {"xen", "xenpv", "xen-3.0-", false},
    {"hvm", "xenfv", "hvm-3.0-", true},
    {"xenpvh", "xenpvh", "hvm-3.0-", false},
};

static const struct {
    const char *name;
    const char *xen_name; /* in those words */
    unsigned word_bits;
} architectures[] = {{"x86_64", "x86_64", 64}, {"i686", "x86_32", 32}};

/* Whether Xen has a word that begins with PREFIX and XEN_NAME; offline, a host is taken to be able to do everything. */
static bool can_run(const char *capabilities, const char *prefix, const char *xen_name)
{
    g_autofree char *word = g_strconcat(prefix, xen_name, NULL);

    return !capabilities || strstr(capabilities, word);
}

/* Appends FORMAT with its strings escaped. */
static void G_GNUC_PRINTF(2, 3) append(GString *out, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_markup_vprintf_escaped(format, arguments);
    va_end(arguments);
    g_string_append(out, text);
}

/* Appends <NAME>PATH</NAME>, unless the configuration says nothing of it. */
static void append_path(GString *out, const char *indent, const char *name, const char *path)
{
    if (path)
        append(out, "%s<%s>%s</%s>\n", indent, name, path, name);
}

static void append_guest(const VxDriver *driver, unsigned kind, unsigned arch, GString *out)
{
    append(out, "  <guest>\n    <os_type>%s</os_type>\n    <arch name='%s'>\n      <wordsize>%u</wordsize>\n",
           guest_kinds[kind].os_type, architectures[arch].name, architectures[arch].word_bits);
    append_path(out, "      ", "emulator", driver->config.emulator);
    if (guest_kinds[kind].is_hvm)
        append_path(out, "      ", "loader", driver->config.hvmloader);
    append(out, "      <machine>%s</machine>\n      <domain type='xen'/>\n    </arch>\n", guest_kinds[kind].machine);
    if (guest_kinds[kind].is_hvm)
        append(out,
               "    <features>\n      <pae/>\n      <nonpae/>\n      <acpi default='on' toggle='yes'/>\n"
               "      <apic default='on' toggle='no'/>\n      <hap default='on' toggle='yes'/>\n    </features>\n");
    append(out, "  </guest>\n");
}

static void append_cells(const VxNodeInfo *node, GString *out)
{
    append(out, "    <topology>\n      <cells num='%u'>\n", node->nodes);
    for (unsigned i = 0; i < node->nodes; i++)
        append(out,
               "        <cell id='%u'>\n          <memory unit='KiB'>%" G_GUINT64_FORMAT "</memory>\n        </cell>\n",
               i, node->memory_kib / node->nodes);
    append(out, "      </cells>\n    </topology>\n");
}

/* The host's own name for itself, which systemd and D-Bus have, too. */
static bool read_host_uuid(char text[VX_UUID_TEXT_BYTES])
{
    g_autofree char *id = NULL;
    guint8 uuid[16];

    if (!g_file_get_contents("/etc/machine-id", &id, NULL, NULL) || !vx_uuid_parse(g_strstrip(id), uuid))
        return false;
    vx_uuid_format(uuid, text);
    return true;
}

char *vx_get_capabilities(VxDriver *driver, GError **error)
{
    g_autoptr(GString) out = g_string_new("<capabilities>\n  <host>\n");
    g_auto(VxHostInfo) info = {0};
    char uuid[VX_UUID_TEXT_BYTES];
    VxNodeInfo node;

    if ((driver->hypervisor && !driver->hypervisor->ops->host_info(driver->hypervisor, &info, error)) ||
        !vx_get_node_info(driver, &node, error))
        return NULL;
    if (read_host_uuid(uuid))
        append(out, "    <uuid>%s</uuid>\n", uuid);
    append(out, "    <cpu>\n      <arch>%s</arch>\n", node.model);
    append(out, "      <topology sockets='%u' dies='1' cores='%u' threads='%u'/>\n    </cpu>\n", node.sockets,
           node.cores, node.threads);
    append(out, "    <power_management/>\n    <migration_features>\n      <live/>\n      <uri_transports>\n"
                "        <uri_transport>tcp</uri_transport>\n      </uri_transports>\n    </migration_features>\n");
    append_cells(&node, out);
    append(out, "  </host>\n");
    for (unsigned kind = 0; kind < G_N_ELEMENTS(guest_kinds); kind++) {
        for (unsigned arch = 0; arch < G_N_ELEMENTS(architectures); arch++) {
            if (can_run(info.capabilities, guest_kinds[kind].xen_prefix, architectures[arch].xen_name))
                append_guest(driver, kind, arch, out);
        }
    }
    append(out, "</capabilities>\n");
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* ---- of one kind of guest ---- */

/* Appends <enum name='NAME'> with the values of the NULL-terminated list. */
static void append_enum(GString *out, const char *name, const char *const *values)
{
    append(out, "      <enum name='%s'>\n", name);
    for (; *values; values++)
        append(out, "        <value>%s</value>\n", *values);
    append(out, "      </enum>\n");
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

static void append_devices(bool is_hvm, GString *out)
{
    append(out, "  <devices>\n    <disk supported='yes'>\n");
    append_enum(out, "diskDevice", is_hvm ? LIST("disk", "cdrom", "floppy") : LIST("disk", "cdrom"));
    append_enum(out, "bus", is_hvm ? LIST("ide", "scsi", "xen") : LIST("xen"));
    append(out, "    </disk>\n    <graphics supported='yes'>\n");
    append_enum(out, "type", is_hvm ? LIST("sdl", "vnc", "spice") : LIST("vnc"));
    append(out, "    </graphics>\n    <video supported='%s'>\n", is_hvm ? "yes" : "no");
    if (is_hvm)
        append_enum(out, "modelType", LIST("vga", "cirrus", "qxl", "none"));
    append(out, "    </video>\n    <hostdev supported='yes'>\n");
    append_enum(out, "mode", LIST("subsystem"));
    append_enum(out, "startupPolicy", LIST("default", "mandatory", "requisite", "optional"));
    append_enum(out, "subsysType", LIST("pci", "usb"));
    append_enum(out, "pciBackend", LIST("xen"));
    append(out, "    </hostdev>\n    <channel supported='yes'>\n");
    append_enum(out, "type", LIST("pty", "unix"));
    append(out, "    </channel>\n  </devices>\n");
}

static const char *const machine_default = "xenpv";

static int find_kind(const char *machine)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(guest_kinds); i++) {
        if (strcmp(guest_kinds[i].machine, machine) == 0)
            return (int)i;
    }
    return -1;
}

#define MAXIMUM_HVM_VCPUS 128
#define MAXIMUM_PV_VCPUS 512

char *vx_get_domain_capabilities(VxDriver *driver, const char *emulator, const char *arch, const char *machine,
                                 const char *type, unsigned flags, GError **error)
{
    g_autoptr(GString) out = g_string_new("<domainCapabilities>\n");
    int kind = find_kind(machine ? machine : machine_default);

    if (!vx_check_flags(flags, 0, "virConnectGetDomainCapabilities", error))
        return NULL;
    if (kind < 0 || (type && strcmp(type, "xen") != 0)) {
        vx_fail(error, VIR_ERR_INVALID_ARG,
                "there are no guests of machine '%s' and type '%s': write xenpv, xenpvh or xenfv, "
                "and xen",
                machine ? machine : machine_default, type ? type : "xen");
        return NULL;
    }
    if (arch && strcmp(arch, "x86_64") != 0 && strcmp(arch, "i686") != 0) {
        vx_fail(error, VIR_ERR_INVALID_ARG, "there are no guests of architecture '%s': write x86_64 or i686", arch);
        return NULL;
    }
    append_path(out, "  ", "path", emulator ? emulator : driver->config.emulator);
    append(out, "  <domain>xen</domain>\n");
    append(out, "  <machine>%s</machine>\n  <arch>%s</arch>\n", guest_kinds[kind].machine, arch ? arch : "x86_64");
    append(out, "  <vcpu max='%d'/>\n", guest_kinds[kind].is_hvm ? MAXIMUM_HVM_VCPUS : MAXIMUM_PV_VCPUS);
    append(out, "  <os supported='yes'>\n    <loader supported='%s'>\n", guest_kinds[kind].is_hvm ? "yes" : "no");
    if (guest_kinds[kind].is_hvm)
        append_path(out, "      ", "value", driver->config.hvmloader);
    append(out, "    </loader>\n");
    append(out, "  </os>\n");
    append_devices(guest_kinds[kind].is_hvm, out);
    append(out, "  <features>\n    <genid supported='no'/>\n  </features>\n</domainCapabilities>\n");
    return g_string_free(g_steal_pointer(&out), FALSE);
}
