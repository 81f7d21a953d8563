/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * usbctrl = [ "type=qusb,version=2,ports=8" ] <-> <controller type='usb'>, and
 * usbdev = [ "type=hostdev,hostbus=1,hostaddr=3" ] <-> <hostdev type='usb'>. xl.cfg(5) "usbctrl", "usbdev".
 */
#include <stdlib.h>
#include <string.h>

#include "conf/controller_def.h"
#include "conf/hostdev_def.h"
#include "xlcfg/xlcfg_device.h"
#include "xlcfg/xlcfg_groups.h"

/* What xl is not told is carried as this: libvirt's controllers always have a model, and its devices a type. */
#define NOT_SAID ""

/* The number in front of the value, as much of it as fits into xl's int; xl takes no notice of what stands behind it,
 * nor of a value without a number. */
static gint32 leading_number(VxXlReader *reader, const VxXlDevice *table, const VxXlcfgPair *pair)
{
    char *end;
    gint64 number = g_ascii_strtoll(pair->value, &end, 10);

    if (end == pair->value || *end)
        vx_diag_unfit(reader->diag, pair->value_place,
                      "%s of %s is '%.60s', of which xl takes the number in front only", pair->key, table->option,
                      pair->value);
    return (gint32)number;
}

/* The same for the places of the host's devices, which are bytes, and may be said in any base. */
static guint8 leading_byte(VxXlReader *reader, const VxXlDevice *table, const VxXlcfgPair *pair)
{
    char *end;
    guint64 number = g_ascii_strtoull(pair->value, &end, 0);

    if (end == pair->value || *end || number > G_MAXUINT8)
        vx_diag_unfit(reader->diag, pair->value_place, "%s of %s is '%.60s', of which xl takes %u: write that",
                      pair->key, table->option, pair->value, (guint8)number);
    return (guint8)number;
}

static const char *carried(const VxDevice *device, const char *key)
{
    const VxOption *option = vx_options_find(device->options, key);

    return option ? option->value : NULL;
}

/* Whether KEY is carried as "not said": then it is not written. */
static bool is_not_said(const VxDevice *device, const char *key)
{
    const char *value = carried(device, key);

    return value && !*value;
}

/* ---- controllers ---- */

static const VxXlDevice controller_table;

static const struct {
    const char *model, *type;
    unsigned version;
} models[] = {
    {"qusb1", "qusb", 1},
    {"qusb2", "qusb", 2},
    {"piix3-uhci", "devicemodel", 1},
    {"ich9-ehci1", "devicemodel", 2},
    {"nec-xhci", "devicemodel", 3},
};

static void read_type(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    const char *types[] = {"auto", "pv", "devicemodel", "qusb"};

    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_ascii_strcasecmp(types[i], pair->value) == 0) {
            vx_xl_device_carry(device, "type", types[i]);
            return;
        }
    }
    vx_diag_wrong(reader->diag, pair->value_place, "type of usbctrl is '%.60s': write qusb, pv, devicemodel or auto",
                  pair->value);
}

static void carry_number(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    char text[24];

    g_snprintf(text, sizeof(text), "%d", leading_number(reader, &controller_table, pair));
    vx_xl_device_carry(device, pair->key, text);
}

static void read_ports(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxController *controller = device;

    gint32 ports = leading_number(reader, &controller_table, pair);
    char text[24];

    controller->ports = (VxNumber){.value = ports, .given = ports > 0};
    if (ports >= 0)
        return;
    g_snprintf(text, sizeof(text), "%d", ports);
    vx_xl_device_carry(device, pair->key, text);
}

static const VxXlDeviceKey controller_keys[] = {
    {.key = "type", .read = read_type, .carried = true, .doc = "auto, pv, devicemodel or qusb"},
    {.key = "version", .read = carry_number, .carried = true, .doc = "version of USB"},
    {.key = "ports", .read = read_ports, .doc = "number of ports"},
};
static const VxXlDevice controller_table = {
    .option = "usbctrl", VX_XL_KEYS(controller_keys), .refuses_unknown = true, .keeps_blanks = true};

/* The model that says both type and version, so that they need not be carried; if there is none, the nearest model. */
static void settle_model(VxController *controller)
{
    VxDevice *device = &controller->device;
    const char *type = carried(device, "type"), *version = carried(device, "version");
    unsigned number = version ? (unsigned)atoi(version) : 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        if (type && strcmp(models[i].type, type) == 0 && models[i].version == number) {
            controller->model = g_strdup(models[i].model);
            vx_options_remove(&device->options, "type");
            vx_options_remove(&device->options, "version");
            return;
        }
    }
    controller->model = g_strdup(number == 1 ? "qusb1" : "qusb2");
    if (!type)
        vx_xl_device_carry(device, "type", NOT_SAID);
    if (!version)
        vx_xl_device_carry(device, "version", NOT_SAID);
}

static gint64 next_index(const VxDomainDef *def)
{
    const VxController *controller;
    gint64 n = 0;

    for (unsigned i = 0; (controller = vx_domain_def_next_device(def, VX_DEVICE_CONTROLLER, &i));)
        n += controller->type == VX_CONTROLLER_USB;
    return n;
}

static void read_controller(VxXlReader *reader, const VxXlcfgValue *item)
{
    gint64 index = next_index(reader->def);
    VxController *controller = vx_domain_def_add_device(reader->def, VX_DEVICE_CONTROLLER);

    controller->device.object.place = item->place;
    controller->type = VX_CONTROLLER_USB;
    controller->index = VX_NUMBER(index);
    vx_xl_device_read(reader, &controller_table, item, controller);
    settle_model(controller);
}

static void read_controllers(VxXlReader *reader)
{
    vx_xl_read_items(reader, "usbctrl", read_controller);
}

static void add_text(const VxDevice *device, const char *key, const char *text, GString *item)
{
    if (carried(device, key))
        text = carried(device, key);
    if (!is_not_said(device, key) && text)
        vx_xlcfg_pairs_add(item, key, text);
}

static void format_controller(VxXlWriter *writer, const void *device, GString *item)
{
    const VxController *controller = device;
    const char *type = NULL;
    g_autofree char *version = NULL;

    if (controller->type != VX_CONTROLLER_USB)
        return; /* Xen's own, or the device model's, which makes it without being told */
    for (unsigned i = 0; controller->model && i < G_N_ELEMENTS(models); i++) {
        if (strcmp(models[i].model, controller->model) == 0) {
            type = models[i].type;
            version = g_strdup_printf("%u", models[i].version);
        }
    }
    if (controller->model && !type) {
        vx_diag_warn(
            writer->diag, controller->device.object.place,
            "xl.cfg has no USB controller of model '%.40s': left out (write qusb1, qusb2, piix3-uhci, ich9-ehci1 "
            "or nec-xhci)",
            controller->model);
        return;
    }
    add_text(&controller->device, "type", type, item);
    add_text(&controller->device, "version", version, item);
    if (controller->ports.given)
        vx_xlcfg_pairs_add_int(item, "ports", controller->ports.value);
    else
        add_text(&controller->device, "ports", NULL, item);
    if (item->len == 0)
        g_string_append(item, VX_XL_DEVICE_WITHOUT_PAIRS);
}

static void write_controllers(VxXlWriter *writer)
{
    vx_xl_write_devices(writer, "usbctrl", VX_DEVICE_CONTROLLER, format_controller);
}

const VxXlGroup vx_xl_usb_controllers = {
    .name = "USB controllers", .read = read_controllers, .write = write_controllers};

/* ---- devices ---- */

static const VxXlDevice device_table;

static void read_device_type(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    if (g_ascii_strcasecmp(pair->value, "hostdev") != 0)
        vx_diag_wrong(reader->diag, pair->value_place, "type of usbdev is '%.60s': write hostdev", pair->value);
    vx_xl_device_carry(device, "type", "hostdev");
}

static void read_host_bus(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    ((VxHostdev *)device)->address.bus = leading_byte(reader, &device_table, pair);
}

static void read_host_address(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    ((VxHostdev *)device)->address.device = leading_byte(reader, &device_table, pair);
}

/* Where the guest sees the device: the controller is the bus. */
static void set_guest_part(VxXlReader *reader, const VxXlcfgPair *pair, VxDevice *device, gsize part)
{
    char **slot;

    if (!device->address) {
        device->address = vx_object_new(&vx_address_element);
        device->address->type = g_strdup("usb");
    }
    slot = (char **)((char *)device->address + part);
    g_free(*slot);
    *slot = g_strdup_printf("%d", leading_number(reader, &device_table, pair));
}

static void read_guest_controller(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    set_guest_part(reader, pair, device, offsetof(VxAddress, bus));
}

static void read_guest_port(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    set_guest_part(reader, pair, device, offsetof(VxAddress, port));
}

static const VxXlDeviceKey device_keys[] = {
    {.key = "type", .read = read_device_type, .carried = true, .doc = "hostdev"},
    {.key = "hostbus", .read = read_host_bus, .doc = "bus of the host"},
    {.key = "hostaddr", .read = read_host_address, .doc = "address on the bus"},
    {.key = "controller", .read = read_guest_controller, .doc = "controller of the guest"},
    {.key = "port", .read = read_guest_port, .doc = "port of the controller"},
};
static const VxXlDevice device_table = {
    .option = "usbdev", VX_XL_KEYS(device_keys), .refuses_unknown = true, .keeps_blanks = true};

static void read_device(VxXlReader *reader, const VxXlcfgValue *item)
{
    VxHostdev *hostdev = vx_domain_def_add_device(reader->def, VX_DEVICE_HOSTDEV);

    hostdev->device.object.place = item->place;
    hostdev->mode = VX_HOSTDEV_SUBSYSTEM;
    hostdev->type = VX_HOSTDEV_USB;
    hostdev->managed = VX_NO;
    hostdev->address.kind = VX_HOST_USB;
    vx_xl_device_read(reader, &device_table, item, hostdev);
    if (carried(&hostdev->device, "type")) {
        vx_options_remove(&hostdev->device.options, "type");
        return;
    }
    vx_diag_unfit(reader->diag, item->place, "the usbdev has no type: write type=hostdev");
    vx_xl_device_carry(&hostdev->device, "type", NOT_SAID);
}

static void read_devices(VxXlReader *reader)
{
    vx_xl_read_items(reader, "usbdev", read_device);
}

static void format_device(VxXlWriter *writer, const void *device, GString *item)
{
    const VxHostdev *hostdev = device;
    const VxAddress *guest = hostdev->device.address;

    if (hostdev->type != VX_HOSTDEV_USB)
        return;
    if (hostdev->address.kind != VX_HOST_USB) {
        vx_diag_wrong(
            writer->diag, hostdev->device.object.place,
            "xl.cfg finds a USB device by its place: write <source><address bus='...' device='...'/></source>");
        return;
    }
    if (hostdev->usb_vendor.given)
        vx_diag_warn(writer->diag, hostdev->device.object.place,
                     "xl.cfg finds a USB device by its place: vendor and product are left out");
    add_text(&hostdev->device, "type", "hostdev", item);
    vx_xlcfg_pairs_add_int(item, "hostbus", hostdev->address.bus);
    vx_xlcfg_pairs_add_int(item, "hostaddr", hostdev->address.device);
    if (guest && g_strcmp0(guest->type, "usb") == 0) {
        vx_xl_device_write_pair(writer, &device_table, device, item, "controller", guest->bus);
        vx_xl_device_write_pair(writer, &device_table, device, item, "port", guest->port);
    }
}

static void write_devices(VxXlWriter *writer)
{
    vx_xl_write_devices(writer, "usbdev", VX_DEVICE_HOSTDEV, format_device);
}

const VxXlGroup vx_xl_usb_devices = {.name = "USB devices", .read = read_devices, .write = write_devices};
