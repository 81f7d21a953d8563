/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * type and builder: PV, PVH or HVM.
 */
#include <string.h>

#include "xlcfg/xlcfg_groups.h"

/* The guest type that WORD begins, as xl reads it: "p" is enough for pv, and nothing at all for hvm. */
static VxGuestType type_from_text(const char *word)
{
    static const struct {
        const char *word;
        VxGuestType guest;
    } types[] = {{"hvm", VX_GUEST_HVM}, {"pv", VX_GUEST_PV}, {"pvh", VX_GUEST_PVH}};

    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        if (strncmp(word, types[i].word, strlen(word)) == 0)
            return types[i].guest;
    }
    return VX_GUEST_NOT_GIVEN;
}

/* The same for builder, the option of old: hvm or generic. */
static VxGuestType builder_from_text(const char *word)
{
    if (strncmp(word, "hvm", strlen(word)) == 0)
        return VX_GUEST_HVM;
    return strncmp(word, "generic", strlen(word)) == 0 ? VX_GUEST_PV : VX_GUEST_NOT_GIVEN;
}

static VxGuestType read_option(VxXlReader *reader, const char *key, VxGuestType (*from_text)(const char *word),
                               const char *choices)
{
    const char *word = vx_xl_string(reader, key);
    VxGuestType guest = word ? from_text(word) : VX_GUEST_NOT_GIVEN;

    if (word && guest == VX_GUEST_NOT_GIVEN)
        vx_diag_wrong(reader->diag, vx_xl_value(reader, key)->place, "%s is '%.60s': write %s", key, word, choices);
    return guest;
}

static void set_os_type(VxOs *os, VxGuestType guest)
{
    static const struct {
        VxOsType type;
        const char *machine;
    } types[] = {
        [VX_GUEST_PV] = {VX_OS_LINUX, "xenpv"},
        [VX_GUEST_PVH] = {VX_OS_XENPVH, "xenpvh"},
        [VX_GUEST_HVM] = {VX_OS_HVM, "xenfv"},
    };

    os->type = types[guest].type;
    os->machine = g_strdup(types[guest].machine);
    os->arch = g_strdup("x86_64");
}

void vx_xl_read_guest_type(VxXlReader *reader)
{
    VxGuestType guest = read_option(reader, "type", type_from_text, "pv, pvh or hvm");
    bool is_linux = reader->dialect == VX_XLCFG_XM && g_strcmp0(vx_xl_string(reader, "builder"), "linux") == 0;
    VxGuestType older =
        is_linux ? VX_GUEST_PV : read_option(reader, "builder", builder_from_text, "type = \"pv\", \"pvh\" or \"hvm\" instead");

    if (guest && older && guest != older)
        vx_diag_wrong(reader->diag, vx_xl_place(reader, "builder"),
                      "builder says %s and type says %s: leave builder out, it is an older spelling of type",
                      vx_enum_to_text(&vx_guest_types, older), vx_enum_to_text(&vx_guest_types, guest));
    reader->guest = guest ? guest : older ? older : VX_GUEST_PV;
    set_os_type(&reader->def->os, reader->guest);
}

static void read_type(VxXlReader *reader)
{
    (void)reader; /* it had to be known before all others: vx_xl_read_guest_type() */
}

static void write_type(VxXlWriter *writer)
{
    vx_xl_write_string(writer, "type", vx_enum_to_text(&vx_guest_types, writer->guest));
}

const VxXlGroup vx_xl_type = {.name = "type", .read = read_type, .write = write_type};
