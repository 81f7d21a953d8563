/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * disk = [ "format=qcow2,vdev=xvda,access=rw,target=/images/a" ] <-> <disk>. xl-disk-configuration(5).
 *
 * A disk of xl.cfg without backendtype= lets libxl choose, while libvirt's <driver name='qemu'/> is backendtype=qdisk.
 * libvirt's driver makes the one into the other; we say name='qemu', as it does, and keep beside it that libxl chooses.
 */
#include <string.h>

#include "conf/disk_def.h"
#include "xlcfg/xlcfg_device.h"
#include "xlcfg/xlcfg_disk_net.h"
#include "xlcfg/xlcfg_disk_scan.h"
#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_xm.h"

/* The option beside name='qemu' when libxl chooses the backend. */
#define BACKEND "backendtype"
#define CHOSEN_BY_LIBXL "auto"
/* A target that is there and empty, which libvirt has no words for. */
#define TARGET "target"

static const struct {
    const char *driver;
    VxXlDiskBackend backend;
} drivers[] = {
    /* the first of each backend is the one that is written to XML */
    {"qemu", VX_XL_DISK_QDISK}, {"phy", VX_XL_DISK_PHY},
    {"tap", VX_XL_DISK_TAP},    {"standalone", VX_XL_DISK_STANDALONE},
    {"tap2", VX_XL_DISK_TAP},   {"file", VX_XL_DISK_QDISK},
};

static const struct {
    VxDiskFormat format;
    const char *word;
} formats[] = {
    {VX_DISK_FORMAT_NOT_GIVEN, "raw"},
    {VX_DISK_RAW, "raw"},
    {VX_DISK_AIO, "raw"},
    {VX_DISK_ISO, "raw"},
    {VX_DISK_QCOW, "qcow"},
    {VX_DISK_QCOW2, "qcow2"},
    {VX_DISK_VHD, "vhd"},
    {VX_DISK_VPC, "vhd"},
    {VX_DISK_QED, "qed"},
    {VX_DISK_NONE, "empty"},
};

/* ---- reading ---- */

static const char *driver_of_backend(VxXlDiskBackend backend)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (drivers[i].backend == backend)
            return drivers[i].driver;
    }
    return "qemu";
}

static VxDiskBus bus_of(const VxXlReader *reader, const char *vdev)
{
    if (g_str_has_prefix(vdev, "xvd") || reader->guest != VX_GUEST_HVM)
        return VX_DISK_BUS_XEN;
    return g_str_has_prefix(vdev, "sd") ? VX_DISK_BUS_SCSI : VX_DISK_BUS_IDE;
}

static void read_target(VxDisk *disk, const VxXlDisk *parts)
{
    disk->type = parts->backend == VX_XL_DISK_PHY ? VX_DISK_BLOCK : VX_DISK_FILE;
    if (!parts->target)
        return;
    if (!*parts->target && parts->is_cdrom) {
        vx_options_add(&disk->device.options, TARGET, "");
        return;
    }
    if (!parts->script && vx_xl_disk_net_parse(parts->target, vx_disk_make_source(disk))) {
        disk->type = VX_DISK_NETWORK;
        disk->auth = g_steal_pointer(&disk->source->auth);
        return;
    }
    vx_disk_set_path(disk, parts->target);
}

static void warn_of_unfit(VxXlReader *reader, const VxXlcfgValue *item, const VxXlDisk *parts)
{
    if (!*parts->vdev)
        vx_diag_unfit(reader->diag, item->place, "the disk's vdev is empty: write vdev=xvda or the like");
    if (parts->target && !*parts->target && !parts->is_cdrom)
        vx_diag_unfit(reader->diag, item->place, "the disk's target is empty: write target=/...");
    if (parts->format == VX_DISK_NONE && !parts->is_cdrom)
        vx_diag_unfit(reader->diag, item->place, "the disk's format is empty, which only a CD-ROM drive can be");
}

void vx_xl_read_disk(VxXlReader *reader, const VxXlcfgValue *item)
{
    g_auto(VxXlDisk) parts = {0};
    VxDisk *disk;

    if (!vx_xl_disk_scan(reader, item, &parts))
        return;
    warn_of_unfit(reader, item, &parts);
    if (reader->dialect == VX_XLCFG_XM && g_str_has_prefix(item->string, "phy:"))
        parts.backend = VX_XL_DISK_PHY; /* to xl the prefix says nothing */
    disk = vx_domain_def_add_device(reader->def, VX_DEVICE_DISK);
    disk->device.object.place = item->place;
    disk->is = parts.is_cdrom ? VX_DISK_IS_CDROM : VX_DISK_IS_DISK;
    disk->driver_name = g_strdup(driver_of_backend((VxXlDiskBackend)parts.backend));
    disk->format =
        parts.format == VX_DISK_NONE && parts.is_cdrom && !(parts.target && *parts.target) ? 0 : parts.format;
    disk->discard = parts.discard;
    disk->device.options = g_steal_pointer(&parts.options);
    if (!parts.backend)
        vx_options_add(&disk->device.options, BACKEND, CHOSEN_BY_LIBXL);
    read_target(disk, &parts);
    disk->target = g_steal_pointer(&parts.vdev);
    disk->bus = bus_of(reader, disk->target);
    disk->readonly = parts.is_readonly;
    disk->shareable = parts.is_shareable;
    disk->script = g_steal_pointer(&parts.script);
    disk->device.backend_domain = g_steal_pointer(&parts.backend_domain);
}

static void read_disks(VxXlReader *reader)
{
    vx_xl_read_items(reader, "disk", vx_xl_read_disk);
}

/* ---- writing ---- */

static void cannot(VxXlWriter *writer, const VxDisk *disk, const char *why)
{
    vx_diag_wrong(writer->diag, disk->device.object.place, "xl.cfg cannot say the disk '%.40s': %s",
                  disk->target ? disk->target : "", why);
}

/* What xl.cfg has no words for and the guest can do without. */
static void warn_of_lost(VxXlWriter *writer, const VxDisk *disk)
{
    const struct {
        const char *what;
        bool is_given;
    } hints[] = {
        {"cache", disk->cache},
        {"error_policy", disk->error_policy},
        {"rerror_policy", disk->rerror_policy},
        {"io", disk->io},
        {"detect_zeroes", disk->detect_zeroes},
        {"queues", disk->queues.given},
        {"<shareable/>", disk->shareable},
        {"<serial>", disk->serial},
        {"<wwn>", disk->wwn},
        {"<vendor>", disk->vendor},
        {"<product>", disk->product},
        {"removable='on'", disk->removable == VX_ON},
        {"the secret of <auth>", disk->auth && (disk->auth->secret_uuid || disk->auth->secret_usage)},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(hints); i++) {
        if (hints[i].is_given)
            vx_diag_warn(writer->diag, disk->device.object.place,
                         "xl.cfg has no word for %s of the disk '%.40s': left out", hints[i].what,
                         disk->target ? disk->target : "");
    }
}

/* The target of DISK, NULL if it has none. Returns false, and says why, if xl.cfg cannot say it. */
static bool find_target(VxXlWriter *writer, const VxDisk *disk, char **target)
{
    const VxDiskAuth *auth = disk->auth ? disk->auth : disk->source ? disk->source->auth : NULL;

    *target = NULL;
    switch ((VxDiskType)disk->type) {
    case VX_DISK_TYPE_NOT_GIVEN:
    case VX_DISK_FILE:
    case VX_DISK_BLOCK:
        *target = g_strdup(vx_disk_path(disk));
        return true;
    case VX_DISK_NETWORK:
        *target = disk->source ? vx_xl_disk_net_format(disk->source, auth) : NULL;
        if (!*target)
            cannot(writer, disk, "its source has no server and name in a protocol that Xen's device model knows");
        return *target != NULL;
    case VX_DISK_VOLUME:
        cannot(writer, disk, "it is a volume of a storage pool, whose path only the host knows: write the path");
        return false;
    case VX_DISK_DIR:
    case VX_DISK_NVME:
    case VX_DISK_VHOSTUSER:
    case VX_DISK_VHOSTVDPA:
        cannot(writer, disk, "write type='file', 'block' or 'network'");
        return false;
    }
    return false;
}

static bool check_device(VxXlWriter *writer, const VxDisk *disk)
{
    if (disk->is == VX_DISK_IS_FLOPPY || disk->is == VX_DISK_IS_LUN)
        cannot(writer, disk, "Xen has device='disk' and device='cdrom' only");
    else
        return true;
    return false;
}

/* What xl calls the format; NULL, having said why, if it has no such format. */
static const char *find_format(VxXlWriter *writer, const VxDisk *disk)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        if ((int)formats[i].format == disk->format)
            return formats[i].word;
    }
    cannot(writer, disk, "Xen knows the formats raw, qcow, qcow2, qed and vhd");
    return NULL;
}

/* Returns false, and says why, if xl has no such backend; *BACKEND is 0 if libxl chooses. */
static bool find_backend(VxXlWriter *writer, const VxDisk *disk, VxXlDiskBackend *backend)
{
    const VxOption *option = vx_options_find(disk->device.options, BACKEND);

    *backend = 0;
    if (!disk->driver_name)
        return true;
    for (unsigned i = 0; i < G_N_ELEMENTS(drivers); i++) {
        if (strcmp(drivers[i].driver, disk->driver_name) != 0)
            continue;
        if (drivers[i].backend != VX_XL_DISK_QDISK || !option || g_strcmp0(option->value, CHOSEN_BY_LIBXL) != 0)
            *backend = drivers[i].backend;
        return true;
    }
    cannot(writer, disk, "Xen has the drivers qemu, phy and tap");
    return false;
}

static void add_pair(VxXlWriter *writer, const VxDisk *disk, GString *item, const char *key, const char *value)
{
    if (value && strchr(value, ','))
        cannot(writer, disk, "a comma in its target device, script or backend domain");
    else
        vx_xlcfg_pairs_add(item, key, value);
}

/* What is carried: flags, and keys with values. */
static void add_options(VxXlWriter *writer, const VxDisk *disk, GString *item)
{
    const GPtrArray *options = disk->device.options;

    for (unsigned i = 0; options && i < options->len; i++) {
        const VxOption *option = options->pdata[i];

        if (strcmp(option->name, BACKEND) == 0 || strcmp(option->name, TARGET) == 0)
            continue;
        if (g_strv_contains(vx_xl_disk_flags, option->name))
            g_string_append_printf(item, ",%s", option->name);
        else
            add_pair(writer, disk, item, option->name, option->value);
    }
}

/* target= ends with its line. In front, as the first thing without a key, a target may have line breaks; then it may
 * not look like anything else. */
static void add_target_in_front(VxXlWriter *writer, const VxDisk *disk, GString *item, const char *target)
{
    gsize word = strspn(target, "abcdefghijklmnopqrstuvwxyz0123456789");

    if (strpbrk(target, ",=") || strchr(" \t\n", *target) || (word > 0 && target[word] == ':'))
        cannot(writer, disk, "a line break in its source, with a comma, a '=', a blank in front or a prefix");
    g_string_prepend_c(item, ',');
    g_string_prepend(item, target);
}

/* The target comes last, as it takes the rest, but for one comma at the end. */
static void add_target(VxXlWriter *writer, const VxDisk *disk, GString *item, const char *target)
{
    if (!target && vx_options_find(disk->device.options, TARGET))
        target = "";
    if (!target)
        return;
    if (strchr(target, '\n')) {
        add_target_in_front(writer, disk, item, target);
        return;
    }
    g_string_append_printf(item, ",target=%s%s", target, g_str_has_suffix(target, ",") ? "," : "");
}

static void format_disk(VxXlWriter *writer, const void *device, GString *item)
{
    const VxDisk *disk = device;
    const char *format = find_format(writer, disk);
    VxXlDiskBackend backend;
    g_autofree char *target = NULL;
    bool is_cdrom = disk->is == VX_DISK_IS_CDROM;

    if (!format || !check_device(writer, disk) || !find_backend(writer, disk, &backend) ||
        !find_target(writer, disk, &target))
        return;
    if (!target && !is_cdrom) {
        cannot(writer, disk, "it has no source");
        return;
    }
    if (writer->options->dialect == VX_XLCFG_XM) {
        vx_xm_format_disk(writer, disk, format, target, item);
        return;
    }
    warn_of_lost(writer, disk);
    vx_xlcfg_pairs_add(item, "format", format);
    add_pair(writer, disk, item, "vdev", disk->target);
    vx_xlcfg_pairs_add(item, "access", disk->readonly || is_cdrom ? "ro" : "rw");
    vx_xlcfg_pairs_add(item, "backendtype", vx_enum_to_text(&vx_xl_disk_backends, (int)backend));
    if (is_cdrom)
        vx_xlcfg_pairs_add(item, "devtype", "cdrom");
    add_pair(writer, disk, item, "backend", disk->device.backend_domain);
    add_pair(writer, disk, item, "script", disk->script);
    if (disk->discard)
        g_string_append(item, disk->discard == VX_DISK_UNMAP ? ",discard" : ",no-discard");
    add_options(writer, disk, item);
    add_target(writer, disk, item, target);
}

static void write_disks(VxXlWriter *writer)
{
    vx_xl_write_devices(writer, "disk", VX_DEVICE_DISK, format_disk);
}

const VxXlGroup vx_xl_disks = {.name = "disks", .read = read_disks, .write = write_disks};
