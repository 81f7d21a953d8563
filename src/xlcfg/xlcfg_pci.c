/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * pci = [ "0000:03:10.1,permissive=1" ] <-> <hostdev type='pci'>. xl-pci-configuration(5). What pci_msitranslate= and
 * its like say of all devices is said of each.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/hostdev_def.h"
#include "conf/net_def.h"
#include "xlcfg/xlcfg_device.h"
#include "xlcfg/xlcfg_groups.h"

/* All functions of a device, "03:10.*", is carried as bdf=. */
#define BDF "bdf"

/* ---- switches, which can be said of one device or of all ---- */

typedef struct {
    const char *key, *of_all;
    gsize field; /* of a VxYesNo in VxHostdev; 0: it is carried */
    VxYesNo when_on;
} Switch;

static const Switch switches[] = {
    {"msitranslate", "pci_msitranslate", 0, 0},
    {"power_mgmt", "pci_power_mgmt", offsetof(VxHostdev, power_mgmt_filtering), VX_NO},
    {"permissive", "pci_permissive", offsetof(VxHostdev, write_filtering), VX_NO},
    {"seize", "pci_seize", offsetof(VxHostdev, managed), VX_YES},
};

static void set_switch(VxHostdev *hostdev, const Switch *which, bool is_on)
{
    if (which->field)
        *(int *)((char *)hostdev + which->field) = is_on ? (int)which->when_on : 0;
    else if (is_on)
        vx_xl_device_carry(&hostdev->device, which->key, "1");
    else
        vx_options_remove(&hostdev->device.options, which->key);
}

static const Switch *find_switch(const char *key)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(switches); i++) {
        if (strcmp(switches[i].key, key) == 0)
            return &switches[i];
    }
    return NULL;
}

/* ---- reading ---- */

typedef struct {
    VxXlReader *reader;
    const VxXlcfgValue *item;
    VxHostdev *hostdev;
    bool has_address, has_name;
} Spec;

static VxPlace place_of(const Spec *spec, const char *at)
{
    return vx_xlcfg_value_place(spec->item, (gsize)(at - spec->item->string));
}

static bool wrong(const Spec *spec, const char *at, const char *why)
{
    vx_diag_wrong(spec->reader->diag, place_of(spec, at), "%s", why);
    return false;
}

/* A hexadecimal number of at most MAXIMUM, before which blanks and a '+' may stand; moves *AT behind it. */
static bool read_hex(const char **at, guint32 maximum, guint32 *number)
{
    const char *start = *at + strspn(*at, " \t\n\v\f\r");
    char *end;
    guint64 value;

    start += *start == '+';
    if (!g_ascii_isxdigit(*start))
        return false;
    value = g_ascii_strtoull(start, &end, 16);
    *at = end;
    *number = (guint32)MIN(value, G_MAXUINT32);
    return value <= maximum;
}

/* [DOMAIN:]BUS:SLOT; *AT is moved behind it if it is one. */
static bool read_slot(const char **at, VxHostAddress *address)
{
    gsize front = strspn(*at, "0123456789abcdefABCDEF:");
    unsigned colons = 0;

    for (gsize i = 0; i < front; i++)
        colons += (*at)[i] == ':';
    if (colons == 2 && (!read_hex(at, 0xffff, &address->domain) || *(*at)++ != ':'))
        return false;
    return (colons == 1 || colons == 2) && read_hex(at, 0xff, &address->bus) && *(*at)++ == ':' &&
           read_hex(at, 0x1f, &address->slot);
}

/* [DOMAIN:]BUS:SLOT.FUNCTION; *AT is moved behind it if it is one. */
static bool read_bdf(const char **at, VxHostdev *hostdev)
{
    VxHostAddress address = {.kind = VX_HOST_PCI};
    const char *p = *at;
    bool is_all;

    if (!read_slot(&p, &address) || *p++ != '.')
        return false;
    is_all = *p == '*';
    if (is_all)
        p++;
    else if (!read_hex(&p, 7, &address.function))
        return false;
    vx_host_address.clear(&hostdev->address);
    hostdev->address = address;
    if (is_all) {
        g_autofree char *text = g_strdup_printf("%04x:%02x:%02x.*", address.domain, address.bus, address.slot);

        vx_xl_device_carry(&hostdev->device, BDF, text);
    }
    *at = p;
    return true;
}

/* Whether TEXT is an address but for the '.' before its function, for which xl 4.17 does not look. */
static bool lacks_dot(const char *text)
{
    VxHostAddress address = {0};

    return read_slot(&text, &address) && *text != '.';
}

/* Reads *TEXT, which is moved behind the number. */
static bool set_vslot(const Spec *spec, const char *at, const char **text)
{
    guint32 slot;
    char shown[8];

    if (!read_hex(text, 0x1f, &slot))
        return wrong(spec, at, "the vslot of pci is a hexadecimal number from 0 to 1f: write one");
    g_snprintf(shown, sizeof(shown), "%x", slot);
    vx_xl_device_carry(&spec->hostdev->device, "vslot", shown);
    return true;
}

/* The policy that xl takes TEXT for, in any case of letters; NULL if it is none. */
static const char *find_policy(const char *text)
{
    static const char *const policies[] = {"strict", "relaxed"};

    for (unsigned i = 0; i < G_N_ELEMENTS(policies); i++) {
        if (g_ascii_strcasecmp(policies[i], text) == 0)
            return policies[i];
    }
    return NULL;
}

static bool read_pair(Spec *spec, const char *at, const char *key, const char *value)
{
    const Switch *which = find_switch(key);

    if (which) {
        set_switch(spec->hostdev, which, atoi(value) != 0);
    } else if (strcmp(key, BDF) == 0) {
        spec->has_address = true;
        if (!read_bdf(&value, spec->hostdev)) {
            vx_diag_report(spec->reader->diag, vx_xl_severity(spec->reader, lacks_dot(value)), place_of(spec, at),
                           "the bdf of pci is no address: write DOMAIN:BUS:SLOT.FUNCTION, as in 0000:03:10.1");
            return false;
        }
    } else if (strcmp(key, "vslot") == 0) {
        return set_vslot(spec, at, &value);
    } else if (strcmp(key, "rdm_policy") == 0) {
        const char *policy = find_policy(value);

        if (!policy)
            return wrong(spec, at, "the rdm_policy of pci is neither: write strict or relaxed");
        vx_xl_device_carry(&spec->hostdev->device, key, policy);
    } else if (strcmp(key, "name") == 0) {
        spec->has_name = true;
        vx_xl_device_carry(&spec->hostdev->device, key, value);
    } else {
        return wrong(spec, at,
                     "pci has no such key: write bdf, name, vslot, permissive, msitranslate, seize, power_mgmt "
                     "or rdm_policy");
    }
    return true;
}

/* What stands behind an address in front, or all of it. */
static bool read_pairs(Spec *spec, const char *at)
{
    while (*at) {
        gsize to_value = strcspn(at, "="), length;
        g_autofree char *key = g_strndup(at, to_value), *value = NULL;

        if (!at[to_value])
            return wrong(spec, at,
                         "pci has something that is neither an address nor key=value: write an address first, as "
                         "in 0000:03:10.1");
        length = strcspn(at + to_value + 1, ",");
        value = g_strndup(at + to_value + 1, length);
        if (!read_pair(spec, at, key, value))
            return false;
        at += to_value + 1 + length;
        at += *at == ',';
    }
    return true;
}

static bool read_spec(Spec *spec)
{
    const char *at = spec->item->string;

    if (read_bdf(&at, spec->hostdev)) {
        spec->has_address = true;
        if (*at == '@') {
            const char *behind = at + 1;

            if (!set_vslot(spec, at, &behind))
                return false;
            at = behind;
        }
        if (*at && *at != ',')
            return wrong(spec, at, "pci has something behind the address: write a comma, then key=value");
        at += *at == ',';
    }
    if (!read_pairs(spec, at))
        return false;
    if (spec->has_address == spec->has_name)
        return wrong(spec, spec->item->string,
                     "pci has both an address and a name, or none of them: write one, as in 0000:03:10.1");
    return true;
}

static void read_device(VxXlReader *reader, const VxXlcfgValue *item)
{
    VxHostdev *hostdev = vx_domain_def_add_device(reader->def, VX_DEVICE_HOSTDEV);
    Spec spec = {.reader = reader, .item = item, .hostdev = hostdev};

    hostdev->device.object.place = item->place;
    hostdev->mode = VX_HOSTDEV_SUBSYSTEM;
    hostdev->type = VX_HOSTDEV_PCI;
    for (unsigned i = 0; i < G_N_ELEMENTS(switches); i++) {
        VxNumber of_all;

        if (vx_xl_number(reader, switches[i].of_all, &of_all))
            set_switch(hostdev, &switches[i], of_all.value != 0);
    }
    read_spec(&spec);
    if (!hostdev->managed)
        hostdev->managed = VX_NO;
}

static void read_devices(VxXlReader *reader)
{
    vx_xl_read_items(reader, "pci", read_device);
    for (unsigned i = 0; i < G_N_ELEMENTS(switches) && !vx_xl_value(reader, "pci"); i++)
        vx_xl_carry(reader, switches[i].of_all);
}

/* ---- writing ---- */

static void add_address(const VxHostAddress *address, const GPtrArray *options, GString *item)
{
    const VxOption *all = vx_options_find(options, BDF);
    g_autofree char *text = g_strdup_printf("%04x:%02x:%02x.", address->domain, address->bus, address->slot);

    if (address->kind != VX_HOST_PCI)
        return;
    g_string_append(item, text);
    if (all && all->value && g_str_has_prefix(all->value, text) && g_str_has_suffix(all->value, "*"))
        g_string_append_c(item, '*');
    else
        g_string_append_printf(item, "%x", address->function);
}

static void add_options(VxXlWriter *writer, const VxDevice *device, GString *item)
{
    for (unsigned i = 0; device->options && i < device->options->len; i++) {
        const VxOption *option = device->options->pdata[i];

        if (strcmp(option->name, BDF) == 0)
            continue;
        if (option->value && !strchr(option->value, ','))
            vx_xlcfg_pairs_add(item, option->name, option->value);
        else
            vx_diag_wrong(writer->diag, device->object.place, "%s of pci has a comma: xl.cfg cannot say it",
                          option->name);
    }
}

static void add_switches(const VxHostdev *hostdev, GString *item)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(switches); i++) {
        const Switch *which = &switches[i];

        if (which->field && *(const int *)((const char *)hostdev + which->field) == (int)which->when_on)
            vx_xlcfg_pairs_add(item, which->key, "1");
    }
}

/* An interface of type hostdev is a PCI device for xl. */
static void write_interface(VxXlWriter *writer, const void *device, GString *item)
{
    const VxNet *net = device;

    if (net->type != VX_NET_HOSTDEV)
        return;
    if (net->source_device.kind != VX_HOST_PCI) {
        vx_diag_wrong(writer->diag, net->device.object.place,
                      "the interface has no PCI address: write <source><address "
                      "type='pci' .../></source>");
        return;
    }
    vx_diag_warn(writer->diag, net->device.object.place,
                 "the interface becomes a PCI device: xl.cfg cannot set its MAC address");
    add_address(&net->source_device, NULL, item);
    if (net->managed == VX_YES)
        vx_xlcfg_pairs_add(item, "seize", "1");
}

static void format_device(VxXlWriter *writer, const void *device, GString *item)
{
    const VxHostdev *hostdev = device;
    VxPlace place = hostdev->device.object.place;

    if (((const VxObject *)device)->kind == VX_DEVICE_INTERFACE) {
        write_interface(writer, device, item);
        return;
    }
    if (hostdev->type == VX_HOSTDEV_USB)
        return; /* it is in usbdev= */
    if (hostdev->type != VX_HOSTDEV_PCI || hostdev->mode == VX_HOSTDEV_CAPABILITIES) {
        vx_diag_wrong(writer->diag, place, "xl.cfg passes PCI and USB devices through only");
        return;
    }
    if (hostdev->address.kind != VX_HOST_PCI && !vx_options_find(hostdev->device.options, "name")) {
        vx_diag_wrong(writer->diag, place, "the PCI device has no address: write <source><address .../></source>");
        return;
    }
    add_address(&hostdev->address, hostdev->device.options, item);
    add_switches(hostdev, item);
    add_options(writer, &hostdev->device, item);
}

static void write_devices(VxXlWriter *writer)
{
    const VxDeviceKind kinds[] = {VX_DEVICE_HOSTDEV, VX_DEVICE_INTERFACE};

    vx_xl_write_devices_of(writer, "pci", kinds, G_N_ELEMENTS(kinds), format_device);
}

const VxXlGroup vx_xl_pci = {.name = "PCI devices", .read = read_devices, .write = write_devices};
