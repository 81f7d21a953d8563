/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Disks as libxl_device_disk: xl-disk-configuration(5). Of its spellings only today's is met here, in which target= is
 * the last and takes the rest of the item as it is.
 */
#include <string.h>

#include "libxl/libxl_device.h"

#define ROW(name, value_type, member, ...) VX_LIBXL_ROW(name, value_type, libxl_device_disk, member, ##__VA_ARGS__)
#define FLAG_ROW(name, value_type, member, value) ROW(name, value_type, member, .flag = value)

VX_LIBXL_NAMES(disk_format, NULL);
VX_LIBXL_NAMES(disk_backend, NULL);
#ifdef LIBXL_HAVE_DEVICE_DISK_SPECIFICATION
VX_LIBXL_NAMES(disk_specification, NULL);
#endif

static const VxLibxlRow disk_rows[] = {
    ROW("format", enum, format, .names = &names_disk_format),
    ROW("vdev", string, vdev),
    ROW("backend", string, backend_domname),
    ROW("backendtype", enum, backend, .names = &names_disk_backend),
    ROW("script", string, script),
#ifdef LIBXL_HAVE_DEVICE_DISK_SPECIFICATION
    ROW("specification", enum, specification, .names = &names_disk_specification),
#else
    {.key = "specification", .nothing = "this libxl is too old for it", .since = "4.17"},
#endif
    FLAG_ROW("direct-io-safe", truth, direct_io_safe, "1"),
    FLAG_ROW("discard", defbool, discard_enable, "1"),
    FLAG_ROW("no-discard", defbool, discard_enable, "0"),
#ifdef LIBXL_HAVE_DISK_TRUSTED
    FLAG_ROW("trusted", defbool, trusted, "1"),
    FLAG_ROW("untrusted", defbool, trusted, "0"),
#else
    {.key = "trusted", .flag = "1", .nothing = "this libxl is too old for it", .since = "4.17"},
    {.key = "untrusted", .flag = "0", .nothing = "this libxl is too old for it", .since = "4.17"},
#endif
    FLAG_ROW("colo", defbool, colo_enable, "1"),
    FLAG_ROW("no-colo", defbool, colo_enable, "0"),
    ROW("colo-host", string, colo_host),
    ROW("colo-port", int, colo_port),
    ROW("colo-export", string, colo_export),
    ROW("active-disk", string, active_disk),
    ROW("hidden-disk", string, hidden_disk),
};

static void init_disk(void *device)
{
    libxl_device_disk_init(device);
}

/* ---- from settings ---- */

static void set_access(VxLibxlWriter *writer, libxl_device_disk *disk, const char *word)
{
    if (strcmp(word, "r") == 0 || strcmp(word, "ro") == 0)
        disk->readwrite = 0;
    else if (strcmp(word, "w") == 0 || strcmp(word, "rw") == 0)
        disk->readwrite = 1;
    else
        vx_diag_wrong(writer->diag, writer->place, "access of the disk is '%.60s': write r or rw", word);
}

static bool apply_disk_pair(VxLibxlWriter *writer, const char *key, const char *value, void *device)
{
    libxl_device_disk *disk = device;

    if (value && strcmp(key, "access") == 0)
        set_access(writer, disk, value);
    else if (value && strcmp(key, "devtype") == 0)
        disk->is_cdrom = strcmp(value, "cdrom") == 0;
    else if (!value && strcmp(key, "cdrom") == 0)
        disk->is_cdrom = 1;
    else if (!value && strcmp(key, "removable") == 0)
        disk->removable = 1;
    else
        return false;
    return true;
}

/* What xl makes of what a disk leaves open. */
static void finish_disk(VxLibxlWriter *writer, void *device)
{
    libxl_device_disk *disk = device;

    if (disk->format == LIBXL_DISK_FORMAT_UNKNOWN)
        disk->format = LIBXL_DISK_FORMAT_RAW;
    if (disk->is_cdrom) {
        disk->removable = 1;
        disk->readwrite = 0;
        if (!disk->pdev_path || !*disk->pdev_path)
            disk->format = LIBXL_DISK_FORMAT_EMPTY;
    }
    if (!disk->vdev)
        vx_diag_wrong(writer->diag, writer->place, "the disk has no name: write a target");
    else if (!disk->pdev_path && !disk->removable)
        vx_diag_wrong(writer->diag, writer->place, "the disk '%.60s' has no source, and is not removable", disk->vdev);
}

static void tell_disk(VxLibxlReader *reader, json_object *object, GString *item);

static const VxLibxlDevice disk_device = {
    VX_LIBXL_ARRAY(disks, libxl_device_disk),
    VX_LIBXL_ROWS(disk_rows),
    .kind = VX_DEVICE_DISK,
    .init = init_disk,
    .apply_pair = apply_disk_pair,
    .tell_item = tell_disk,
};

/* The item up to "target=", which stands at its beginning or behind a comma; *TARGET is what is behind it. One with a
 * line break stands in front, without its key. */
static char *cut_target(const char *item, char **target)
{
    static const char key[] = "target=";
    gsize front = strcspn(item, ",=");

    if (item[front] == ',' && memchr(item, '\n', front)) {
        *target = g_strndup(item, front);
        return g_strdup(item + front + 1);
    }
    for (const char *at = item; (at = strstr(at, key)); at++) {
        if (at == item || at[-1] == ',' || at[-1] == ' ') {
            *target = g_strdup(at + strlen(key));
            if (g_str_has_suffix(*target, ",")) /* xl takes one for the end of the item */
                (*target)[strlen(*target) - 1] = '\0';
            return g_strndup(item, at - item);
        }
    }
    return g_strdup(item);
}

VX_LIBXL_APPLY(disk)
{
    (void)row;
    for (guint32 i = 0; value->kind == VX_XLCFG_LIST && i < value->length; i++) {
        const char *item = vx_xlcfg_value_string(&value->items[i]);
        g_autofree char *target = NULL;
        g_autofree char *pairs = cut_target(item ? item : "", &target);
        libxl_device_disk *disk = vx_libxl_device_add(writer->config, &disk_device);

        disk->readwrite = 1;
        vx_libxl_device_set_place(writer, &disk_device, i);
        if (target)
            vx_libxl_replace(&disk->pdev_path, target);
        vx_libxl_device_apply_pairs(writer, &disk_device, pairs, disk);
        finish_disk(writer, disk);
    }
}

/* ---- from JSON ---- */

static void tell_disk(VxLibxlReader *reader, json_object *object, GString *item)
{
    const char *target = vx_libxl_find_string(reader, object, "pdev_path");
    bool is_cdrom = vx_libxl_find_number(reader, object, "is_cdrom", 0) != 0;
    bool is_writable = vx_libxl_find_number(reader, object, "readwrite", 0) != 0;

    vx_libxl_device_tell_pairs(reader, &disk_device, object, item);
    vx_libxl_add_pair(item, "access", is_writable ? "rw" : "ro");
    if (is_cdrom)
        vx_libxl_add_pair(item, "devtype", "cdrom");
    vx_libxl_find(reader, object, "removable"); /* a CD-ROM is */
    if (target && strchr(target, '\n')) {       /* as xlcfg_disk.c has it */
        g_string_prepend_c(item, ',');
        g_string_prepend(item, target);
        return;
    }
    if (target)
        vx_libxl_add_pair(item, "target", target);
    if (target && g_str_has_suffix(target, ","))
        g_string_append_c(item, ','); /* of which xl takes one off */
}

VX_LIBXL_DEVICE_TELL(disk, disk_device)
