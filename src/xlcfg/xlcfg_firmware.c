/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The firmware of an HVM guest: bios, bios_path_override, firmware_override, and firmware, which stands for one of them
 * <-> <os firmware=...> and <loader>; acpi_firmware <-> <acpi><table>.
 *
 * OVMF that the host chooses is firmware='efi'; an image of OVMF a loader of type pflash; another hvmloader a loader of
 * type rom. Another BIOS has no word in libvirt, and is carried.
 */
#include <string.h>

#include "xlcfg/xlcfg_groups.h"

static VxLoader *new_loader(VxLoaderType type, const char *path)
{
    VxLoader *loader = vx_object_new(&vx_loader_element);

    loader->type = type;
    loader->readonly = type == VX_LOADER_PFLASH ? VX_YES : VX_YES_NO_NOT_GIVEN;
    loader->path = g_strdup(path);
    return loader;
}

/* Whether WORD begins WHOLE: xl is content with the beginning. */
static bool begins(const char *whole, const char *word)
{
    return strncmp(whole, word, strlen(word)) == 0;
}

bool vx_xl_is_usual_hvmloader(const char *path)
{
    return strcmp(path, "hvmloader") == 0 ||
           (g_str_has_suffix(path, "/boot/hvmloader") && g_regex_match_simple("/xen[^/]*/boot/hvmloader$", path, 0, 0));
}

/* What `firmware` says, which counts more than what the other two say. */
static void apply_firmware(const char *firmware, const char **bios, const char **override)
{
    const VxEnum *bioses = vx_xl_option_find("bios")->words;

    for (unsigned i = 0; i < bioses->n_texts; i++) {
        if (g_ascii_strcasecmp(bioses->texts[i], firmware) == 0) {
            *bios = bioses->texts[i];
            return;
        }
    }
    if (begins("uefi", firmware))
        *bios = "ovmf";
    else if (!begins("bios", firmware))
        *override = firmware;
}

static void carry_text(VxXlReader *reader, const char *key, const char *text)
{
    if (text)
        vx_options_add(&reader->def->options, key, text);
}

static void read_firmware(VxXlReader *reader)
{
    VxOs *os = &reader->def->os;
    const char *bios = vx_xl_word(reader, "bios");
    const char *image = vx_xl_string(reader, "bios_path_override");
    const char *override = vx_xl_string(reader, "firmware_override");
    const char *firmware = vx_xl_string(reader, "firmware");

    if (reader->guest != VX_GUEST_HVM)
        return;
    if (firmware)
        apply_firmware(firmware, &bios, &override);
    if (bios && strcmp(bios, "ovmf") == 0) {
        if (image && *image)
            os->loader = new_loader(VX_LOADER_PFLASH, image);
        else
            os->firmware = g_strdup("efi");
        if (image && !*image)
            carry_text(reader, "bios_path_override", image);
    } else {
        carry_text(reader, "bios", bios);
        carry_text(reader, "bios_path_override", image);
    }
    if (override && !os->loader && *override && !vx_xl_is_usual_hvmloader(override))
        os->loader = new_loader(VX_LOADER_ROM, override);
    else
        carry_text(reader, "firmware_override", override);
}

static void write_loader(VxXlWriter *writer, const VxLoader *loader)
{
    if (loader->type == VX_LOADER_PFLASH) {
        vx_xl_write_string(writer, "bios", "ovmf");
        vx_xl_write_string(writer, "bios_path_override", loader->path);
    } else if (loader->path && !vx_xl_is_usual_hvmloader(loader->path)) {
        vx_xl_write_string(writer, "firmware_override", loader->path);
    }
}

static void write_firmware(VxXlWriter *writer)
{
    const VxOs *os = &writer->def->os;

    if (writer->guest != VX_GUEST_HVM || vx_xl_carries(writer, "firmware"))
        return;
    if (g_strcmp0(os->firmware, "efi") == 0 && !(os->loader && os->loader->type == VX_LOADER_PFLASH))
        vx_xl_write_string(writer, "bios", "ovmf");
    if (os->loader)
        write_loader(writer, os->loader);
}

const VxXlGroup vx_xl_firmware = {.name = "firmware", .read = read_firmware, .write = write_firmware};

/* ---- acpi_firmware ---- */

static void read_acpi_firmware(VxXlReader *reader)
{
    const char *path = vx_xl_string(reader, "acpi_firmware");
    VxAcpiTable *table;

    if (!path)
        return;
    table = vx_object_new(&vx_acpi_table_element);
    table->type = g_strdup("slic");
    table->path = g_strdup(path);
    reader->def->os.acpi_tables = g_ptr_array_new();
    g_ptr_array_add(reader->def->os.acpi_tables, table);
}

static void write_acpi_firmware(VxXlWriter *writer)
{
    const GPtrArray *tables = writer->def->os.acpi_tables;

    if (!tables || tables->len == 0 || writer->guest != VX_GUEST_HVM || vx_xl_carries(writer, "acpi_firmware"))
        return;
    vx_xl_write_string(writer, "acpi_firmware", ((const VxAcpiTable *)tables->pdata[0])->path);
    if (tables->len > 1)
        vx_diag_wrong(writer->diag, ((const VxAcpiTable *)tables->pdata[1])->object.place,
                      "xl.cfg has one file of ACPI tables: write them one behind the other into a single <table>");
}

const VxXlGroup vx_xl_acpi_firmware = {
    .name = "acpi_firmware", .read = read_acpi_firmware, .write = write_acpi_firmware};
