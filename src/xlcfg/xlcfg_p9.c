/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * p9 = [ "tag=share,path=/srv/share,security_model=none" ] <-> <filesystem>. xl.cfg(5) "p9".
 */
#include <string.h>

#include "conf/filesystem_def.h"
#include "xlcfg/xlcfg_device.h"
#include "xlcfg/xlcfg_groups.h"

static const struct {
    const char *model;
    VxAccessMode mode;
} access_modes[] = {{"none", VX_ACCESS_SQUASH}, {"passthrough", VX_ACCESS_PASSTHROUGH}, {"mapped", VX_ACCESS_MAPPED}};

/* A model that libvirt has no word for is carried. */
static void read_model(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxFilesystem *filesystem = device;

    (void)reader;
    filesystem->access_mode = 0; /* of the same key before it */
    for (unsigned i = 0; i < G_N_ELEMENTS(access_modes); i++) {
        if (strcmp(access_modes[i].model, pair->value) == 0) {
            filesystem->access_mode = (int)access_modes[i].mode;
            return;
        }
    }
    vx_xl_device_carry(device, pair->key, pair->value);
}

/* libvirt's default is passthrough. */
static void write_model(VxXlWriter *writer, const void *device, GString *pairs)
{
    const VxFilesystem *filesystem = device;
    int mode = filesystem->access_mode ? filesystem->access_mode : VX_ACCESS_PASSTHROUGH;

    (void)writer;
    for (unsigned i = 0; i < G_N_ELEMENTS(access_modes); i++) {
        if ((int)access_modes[i].mode == mode)
            vx_xlcfg_pairs_add(pairs, "security_model", access_modes[i].model);
    }
}

/* What 4.19 brought, and libvirt has no words for. xl reads digits, and passes over what stands behind them. */
static void read_number(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    char *end;
    guint64 number = g_ascii_strtoull(pair->value, &end, 10);

    if (end == pair->value || *end || number > G_MAXINT32)
        vx_diag_wrong(reader->diag, pair->value_place, "%s of p9 is '%.60s': write a number from 0 to %d", pair->key,
                      pair->value, G_MAXINT32);
    vx_xl_device_carry(device, pair->key, pair->value);
}

static const char *const server_types[] = {"unknown", "qemu", "xen_9pfsd"};
static const VxEnum server_types_enum = {G_N_ELEMENTS(server_types), server_types};

static void read_type(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    g_autofree char *type = g_ascii_strdown(pair->value, -1);

    if (!vx_enum_from_text(&server_types_enum, type))
        vx_diag_wrong(reader->diag, pair->value_place, "type of p9 is '%.60s': write qemu or xen_9pfsd", pair->value);
    vx_xl_device_carry(device, pair->key, type);
}

static const char *const daemon_keys[] = {"max-files", "max-open-files", "max-space", "auto-delete"};

static const VxXlDeviceKey p9_keys[] = {
    VX_XL_KEY_STRING("tag", VxFilesystem, target, "the tag by which the guest mounts it"),
    VX_XL_KEY_STRING("path", VxFilesystem, source_dir, "path of the folder on the host"),
    {.key = "security_model", .read = read_model, .write = write_model, .doc = "whose files they are: none"},
    VX_XL_KEY_STRING("backend", VxDevice, backend_domain, "the driver domain that serves the folder"),
    {.key = "type", .carried = true, .read = read_type, .doc = "what serves the folder: qemu or xen_9pfsd; since 4.19"},
    {.key = "max-files", .carried = true, .read = read_number, .doc = "most files of the guest; since 4.19"},
    {.key = "max-open-files", .carried = true, .read = read_number, .doc = "most open files; since 4.19"},
    {.key = "max-space", .carried = true, .read = read_number, .doc = "most space, in MiB; since 4.19"},
    {.key = "auto-delete", .carried = true, .read = read_number, .doc = "whether old files make room; since 4.19"},
};
static const VxXlDevice p9_table = {.option = "p9",
                                    VX_XL_KEYS(p9_keys),
                                    .refuses_unknown = true,
                                    .keeps_blanks_of_values = true,
                                    .takes_no_pair = true};

/* The daemon of Xen has defaults for what xl asks of a share of QEMU's. */
static void complete_share(VxXlReader *reader, VxFilesystem *filesystem)
{
    const VxOption *type = vx_options_find(filesystem->device.options, "type");
    VxPlace place = filesystem->device.object.place;

    if (type && strcmp(type->value, "xen_9pfsd") == 0) {
        if (!filesystem->target)
            filesystem->target = g_strdup("Xen");
        if (!filesystem->source_dir && reader->def->name)
            filesystem->source_dir = g_strdup_printf("/var/log/xen/guests/%s", reader->def->name);
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(daemon_keys); i++) {
        if (vx_options_find(filesystem->device.options, daemon_keys[i]))
            vx_diag_wrong(reader->diag, place, "the p9 share has %s, which QEMU knows nothing of: write type=xen_9pfsd",
                          daemon_keys[i]);
    }
}

static void read_share(VxXlReader *reader, const VxXlcfgValue *item)
{
    VxFilesystem *filesystem = vx_domain_def_add_device(reader->def, VX_DEVICE_FILESYSTEM);
    unsigned errors_before = vx_diag_n_errors(reader->diag);

    filesystem->device.object.place = item->place;
    filesystem->type = VX_FILESYSTEM_MOUNT;
    vx_xl_device_read(reader, &p9_table, item, filesystem);
    if (vx_diag_n_errors(reader->diag) > errors_before)
        return;
    complete_share(reader, filesystem);
    if (!filesystem->target || !filesystem->source_dir ||
        (!filesystem->access_mode && !vx_options_find(filesystem->device.options, "security_model")))
        vx_diag_report(reader->diag, vx_xl_severity(reader, true), item->place,
                       "the p9 share lacks a key: write tag=, path= and security_model=none");
}

static void read_shares(VxXlReader *reader)
{
    vx_xl_read_items(reader, "p9", read_share);
}

static void format_share(VxXlWriter *writer, const void *device, GString *item)
{
    const VxFilesystem *filesystem = device;
    VxPlace place = filesystem->device.object.place;

    if (filesystem->type && filesystem->type != VX_FILESYSTEM_MOUNT) {
        vx_diag_wrong(writer->diag, place, "xl.cfg has no file systems of type '%s': write type='mount'",
                      vx_enum_to_text(&vx_filesystem_types, filesystem->type));
        return;
    }
    if (!filesystem->source_dir || !filesystem->target) {
        vx_diag_wrong(writer->diag, place,
                      "the file system lacks its source or target: write <source dir='...'/> and "
                      "<target dir='...'/>");
        return;
    }
    if (filesystem->readonly)
        vx_diag_wrong(writer->diag, place, "xl.cfg has no read-only shares: the guest could write to '%.60s'",
                      filesystem->source_dir);
    vx_xl_device_format(writer, &p9_table, filesystem, item);
}

static void write_shares(VxXlWriter *writer)
{
    vx_xl_write_devices(writer, "p9", VX_DEVICE_FILESYSTEM, format_share);
}

const VxXlGroup vx_xl_p9 = {.name = "9pfs shares", .read = read_shares, .write = write_shares};
