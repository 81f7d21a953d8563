/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How the guest boots: kernel, ramdisk, the command line in its three spellings, bootloader, boot order.
 */
#include <string.h>

#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_print.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* hvmloader is what every HVM guest begins with: older files and libvirt's XML name it where nothing is to be chosen.
 */
static bool is_hvmloader(const char *path)
{
    return strcmp(base_name(path), "hvmloader") == 0;
}

/* ---- kernel ---- */

/* What a guest without firmware of its own has to begin with (xl, parse_config_data). */
static void check_start(VxXlReader *reader)
{
    const char *firmware = vx_xl_string(reader, "firmware");
    const VxXlcfgValue *place = vx_xl_value(reader, "firmware");

    if (firmware && reader->def->os.kernel)
        vx_diag_wrong(reader->diag, place->place, "there is a kernel and a firmware: write only one of them");
    else if (firmware && strncmp(firmware, "pvgrub32", strlen(firmware)) != 0 &&
             strncmp(firmware, "pvgrub64", strlen(firmware)) != 0)
        vx_diag_wrong(reader->diag, place->place, "firmware is '%.60s': write pvgrub32 or pvgrub64", firmware);
    else if (!firmware && !reader->def->os.kernel && !vx_xl_string(reader, "bootloader"))
        vx_diag_wrong(reader->diag, VX_NO_PLACE,
                      "the guest has nothing to start: write kernel = \"...\" or bootloader = "
                      "\"pygrub\"");
    vx_xl_carry(reader, "firmware");
}

/* xm takes the firmware of an HVM guest for its kernel. */
static void read_loader(VxXlReader *reader, const char *path)
{
    VxLoader *loader = vx_object_new(&vx_loader_element);

    loader->type = VX_LOADER_ROM;
    loader->path = g_strdup(path);
    reader->def->os.loader = loader;
}

static void read_kernel(VxXlReader *reader)
{
    const char *kernel = vx_xl_string(reader, "kernel");

    if (kernel && reader->guest == VX_GUEST_HVM && reader->dialect == VX_XLCFG_XM)
        read_loader(reader, kernel);
    else if (kernel && reader->guest == VX_GUEST_HVM && is_hvmloader(kernel))
        vx_diag_warn(reader->diag, vx_xl_place(reader, "kernel"),
                     "kernel is left out: xl chooses hvmloader itself, unless firmware_override says which");
    else
        reader->def->os.kernel = g_strdup(kernel);
    if (reader->guest != VX_GUEST_HVM)
        check_start(reader);
}

/* libvirt defines such a guest; xl refuses its file. */
static void check_start_of_definition(VxXlWriter *writer)
{
    const VxDomainDef *def = writer->def;

    if (writer->guest != VX_GUEST_HVM && !def->os.kernel && !def->bootloader && !vx_xl_carries(writer, "firmware"))
        vx_diag_unfit(writer->diag, def->object.place,
                      "the guest has nothing to start, and xl will refuse it: write <kernel> in <os>, or <bootloader>");
}

static void write_kernel(VxXlWriter *writer)
{
    check_start_of_definition(writer);
    vx_xl_write_string(writer, "kernel", writer->def->os.kernel);
}

const VxXlGroup vx_xl_kernel = {.name = "kernel", .always = true, .read = read_kernel, .write = write_kernel};

/* ---- cmdline; root and extra, from which older files have xl put it together ---- */

static void read_command_line(VxXlReader *reader)
{
    const char *cmdline = vx_xl_string(reader, "cmdline");
    const char *root = vx_xl_string(reader, "root");
    const char *extra = vx_xl_string(reader, "extra");
    char **slot = &reader->def->os.cmdline;

    if (cmdline) {
        if (root || extra)
            vx_diag_warn(reader->diag, vx_xl_place(reader, root ? "root" : "extra"),
                         "%s is left out: xl takes no notice of it beside cmdline", root ? "root" : "extra");
        *slot = g_strdup(cmdline);
    } else if (root) {
        *slot = g_strdup_printf("root=%s%s%s", root, extra ? " " : "", extra ? extra : "");
    } else {
        *slot = g_strdup(extra);
    }
}

static void write_command_line(VxXlWriter *writer)
{
    vx_xl_write_string(writer, "cmdline", writer->def->os.cmdline);
}

const VxXlGroup vx_xl_command_line = {.name = "cmdline", .read = read_command_line, .write = write_command_line};

/* ---- bootloader_args: a list, in older files one string that xl cuts at blanks; libvirt has one string ---- */

#define BLANKS " \t\n"

static bool is_one_word(const VxXlcfgValue *item)
{
    const char *text = vx_xlcfg_value_string(item);

    return text && *text && !strpbrk(text, BLANKS);
}

/* One blank between two words is what comes back of a list. */
static char *without_spare_blanks(const char *text)
{
    GString *out = g_string_new(NULL);

    while (*(text += strspn(text, BLANKS))) {
        gsize length = strcspn(text, BLANKS);

        g_string_append_printf(out, "%s%.*s", out->len ? " " : "", (int)length, text);
        text += length;
    }
    return g_string_free(out, FALSE);
}

static void read_bootloader_args(VxXlReader *reader)
{
    const VxXlcfgValue *value = vx_xl_value(reader, "bootloader_args");
    g_autoptr(GString) text = g_string_new(NULL);

    if (value->kind == VX_XLCFG_STRING) {
        const char *string = vx_xl_value_text(reader, "bootloader_args", value);

        reader->def->bootloader_args = string && string[strspn(string, BLANKS)] ? without_spare_blanks(string) : NULL;
        return;
    }
    for (guint32 i = 0; i < value->length; i++) {
        if (!is_one_word(&value->items[i]) || !vx_xl_value_text(reader, "bootloader_args", &value->items[i])) {
            vx_xl_carry(reader, "bootloader_args");
            return;
        }
        g_string_append_printf(text, "%s%s", i ? " " : "", value->items[i].string);
    }
    if (value->length > 0)
        reader->def->bootloader_args = g_string_free(g_steal_pointer(&text), FALSE);
}

static void write_bootloader_args(VxXlWriter *writer)
{
    const char *args = writer->def->bootloader_args;
    g_auto(GStrv) words = args ? g_strsplit_set(args, BLANKS, -1) : NULL;
    VxXlcfgList list;

    if (!args || vx_xl_carries(writer, "bootloader_args"))
        return;
    vx_xlcfg_list_begin(&list, writer->out, "bootloader_args");
    for (char **word = words; *word; word++) {
        if (**word)
            vx_xlcfg_list_add_string(&list, *word);
    }
    vx_xlcfg_list_end(&list);
}

const VxXlGroup vx_xl_bootloader_args = {
    .name = "bootloader_args", .read = read_bootloader_args, .write = write_bootloader_args};

/* ---- boot: a letter a device ---- */

static const char boot_letters[] = {
    [VX_BOOT_FLOPPY] = 'a', [VX_BOOT_CDROM] = 'd', [VX_BOOT_DISK] = 'c', [VX_BOOT_NETWORK] = 'n'};

static VxBootDevice boot_from_letter(char letter)
{
    for (unsigned i = 1; i < sizeof(boot_letters); i++) {
        if (boot_letters[i] == letter)
            return (VxBootDevice)i;
    }
    return VX_BOOT_NOT_GIVEN;
}

static void read_boot(VxXlReader *reader)
{
    const char *letters = vx_xl_string(reader, "boot");

    if (!letters || !*letters || strspn(letters, "acdn") != strlen(letters)) {
        vx_xl_carry(reader, "boot");
        return;
    }
    reader->def->os.boot = g_ptr_array_new();
    for (; *letters; letters++) {
        VxBoot *boot = vx_object_new(&vx_boot_element);

        boot->device = boot_from_letter(*letters);
        g_ptr_array_add(reader->def->os.boot, boot);
    }
}

static void write_boot(VxXlWriter *writer)
{
    const GPtrArray *boot = writer->def->os.boot;
    g_autoptr(GString) letters = g_string_new(NULL);

    for (unsigned i = 0; boot && i < boot->len; i++)
        g_string_append_c(letters, boot_letters[((const VxBoot *)boot->pdata[i])->device]);
    if (letters->len && writer->guest == VX_GUEST_HVM && !vx_xl_carries(writer, "boot"))
        vx_xl_write_string(writer, "boot", letters->str);
}

const VxXlGroup vx_xl_boot = {.name = "boot", .read = read_boot, .write = write_boot};
