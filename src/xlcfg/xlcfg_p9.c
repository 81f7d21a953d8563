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

static const VxXlDeviceKey p9_keys[] = {
    VX_XL_KEY_STRING("tag", VxFilesystem, target, "the tag by which the guest mounts it"),
    VX_XL_KEY_STRING("path", VxFilesystem, source_dir, "path of the folder on the host"),
    {.key = "security_model", .read = read_model, .write = write_model, .doc = "whose files they are: none"},
    VX_XL_KEY_STRING("backend", VxDevice, backend_domain, "the driver domain that serves the folder"),
};
static const VxXlDevice p9_table = {.option = "p9", VX_XL_KEYS(p9_keys), .refuses_unknown = true};

static void read_share(VxXlReader *reader, const VxXlcfgValue *item)
{
    VxFilesystem *filesystem = vx_domain_def_add_device(reader->def, VX_DEVICE_FILESYSTEM);
    unsigned errors_before = vx_diag_n_errors(reader->diag);

    filesystem->device.object.place = item->place;
    filesystem->type = VX_FILESYSTEM_MOUNT;
    vx_xl_device_read(reader, &p9_table, item, filesystem);
    if (vx_diag_n_errors(reader->diag) > errors_before)
        return;
    if (!filesystem->target || !filesystem->source_dir ||
        (!filesystem->access_mode && !vx_options_find(filesystem->device.options, "security_model")))
        vx_diag_wrong(reader->diag, item->place, "the p9 share lacks a key: write tag=, path= and security_model=none");
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
