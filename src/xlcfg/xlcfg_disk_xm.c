/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A disk as xm has it: "PREFIX:SOURCE,DEVICE[:cdrom],ACCESS", where the prefix says the backend and the format.
 */
#include <string.h>

#include "xlcfg/xlcfg_xm.h"

static void cannot(VxXlWriter *writer, const VxDisk *disk, const char *what)
{
    vx_xm_cannot(writer->diag, disk->device.object.place, "%s of the disk '%.40s'", what,
                 disk->target ? disk->target : "");
}

/* The prefix that stands for a script of Xen's; NULL if there is none. */
static const char *prefix_of_script(const char *script)
{
    static const struct {
        const char *script, *prefix;
    } scripts[] = {{"block-iscsi", "iscsi:"}, {"block-nbd", "nbd:"}, {"block-enbd", "enbd:"}, {"block-drbd", "drbd:"}};

    for (unsigned i = 0; i < G_N_ELEMENTS(scripts); i++) {
        if (strcmp(scripts[i].script, script) == 0)
            return scripts[i].prefix;
    }
    return NULL;
}

/* The prefix for FORMAT and the driver of DISK; NULL if xm has none. */
static const char *find_prefix(const VxDisk *disk, const char *format)
{
    static const struct {
        const char *format, *prefix;
    } formats[] = {{"qcow", "tap:qcow:"}, {"qcow2", "tap:qcow2:"}, {"vhd", "tap:vhd:"}};
    const char *driver = disk->driver_name ? disk->driver_name : "";
    bool is_raw = strcmp(format, "raw") == 0;

    if (disk->script)
        return is_raw ? prefix_of_script(disk->script) : NULL;
    if (is_raw && g_str_has_prefix(driver, "tap"))
        return "tap:aio:";
    if (strcmp(driver, "phy") == 0)
        return is_raw ? "phy:" : NULL;
    if (is_raw)
        return disk->type == VX_DISK_BLOCK ? "phy:" : "file:";
    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (strcmp(formats[i].format, format) == 0)
            return formats[i].prefix;
    }
    return NULL;
}

/* Whether xm has words for all of DISK; what it has none for is reported. */
static bool check(VxXlWriter *writer, const VxDisk *disk, const char *target)
{
    const GPtrArray *options = disk->device.options;
    bool good = true;

    for (unsigned i = 0; options && i < options->len; i++) {
        const VxOption *option = options->pdata[i];

        if (strcmp(option->name, "backendtype") == 0 || strcmp(option->name, "target") == 0)
            continue;
        cannot(writer, disk, option->name);
        good = false;
    }
    if (disk->type == VX_DISK_NETWORK || disk->device.backend_domain) {
        cannot(writer, disk, disk->type == VX_DISK_NETWORK ? "the network source" : "the backend domain");
        good = false;
    }
    if ((target && strpbrk(target, ",\n")) || (disk->target && strpbrk(disk->target, ",:\n"))) {
        cannot(writer, disk, "a comma, colon or line break in the source or target");
        good = false;
    }
    return good;
}

void vx_xm_format_disk(VxXlWriter *writer, const VxDisk *disk, const char *format, const char *target, GString *item)
{
    const char *prefix = "";
    bool is_cdrom = disk->is == VX_DISK_IS_CDROM;

    if (!check(writer, disk, target))
        return;
    if (target && *target && !(prefix = find_prefix(disk, format))) {
        cannot(writer, disk, disk->script ? "the script" : "the format");
        return;
    }
    g_string_append_printf(item, "%s%s,%s%s,%s", prefix, target ? target : "", disk->target ? disk->target : "",
                           is_cdrom ? ":cdrom" : "",
                           disk->readonly || is_cdrom ? "r"
                           : disk->shareable          ? "w!"
                                                      : "w");
}
