/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The kinds of values of libxl's structures: from text, and from libxl's JSON to text.
 */
#include <stdlib.h>
#include <string.h>

#include "libxl/libxl_rows.h"

#define KIB_PER_MIB 1024

bool vx_libxl_parse_number(const char *text, int base, guint64 *number, const char **rest)
{
    char *end;

    if (!g_ascii_isxdigit(*text))
        return false;
    *number = g_ascii_strtoull(text, &end, base);
    if (end == text || (!rest && *end))
        return false;
    if (rest)
        *rest = end;
    return true;
}

/* A number as xl reads it: decimal, 0x hexadecimal or 0 octal, with a sign. */
static bool parse_signed(const char *text, gint64 *number)
{
    char *end;

    *number = g_ascii_strtoll(text, &end, 0);
    return end != text && !*end;
}

static char *text_of_number(gint64 number)
{
    return g_strdup_printf("%" G_GINT64_FORMAT, number);
}

/* ---- strings ---- */

void vx_libxl_replace(char **slot, const char *text)
{
    free(*slot);
    *slot = text ? strdup(text) : NULL;
}

static bool set_string(const VxLibxlRow *row, const char *text, void *slot)
{
    (void)row;
    vx_libxl_replace(slot, text);
    return true;
}

static char *get_string(const VxLibxlRow *row, json_object *node)
{
    (void)row;
    return g_strdup(vx_json_string(node));
}

const VxLibxlType vx_libxl_string = {.set = set_string, .get = get_string};

/* ---- numbers ---- */

static char *get_number(const VxLibxlRow *row, json_object *node)
{
    (void)row;
    return json_object_is_type(node, json_type_int) ? text_of_number(vx_json_int(node)) : NULL;
}

static bool set_int(const VxLibxlRow *row, const char *text, void *slot)
{
    gint64 number;

    (void)row;
    if (!parse_signed(text, &number) || number < G_MININT32 || number > G_MAXUINT32)
        return false;
    *(guint32 *)slot = (guint32)number;
    return true;
}

const VxLibxlType vx_libxl_int = {.set = set_int, .get = get_number, .is_number = true};

static bool set_uint8(const VxLibxlRow *row, const char *text, void *slot)
{
    gint64 number;

    (void)row;
    if (!parse_signed(text, &number) || number < 0 || number > G_MAXUINT8)
        return false;
    *(guint8 *)slot = (guint8)number;
    return true;
}

const VxLibxlType vx_libxl_uint8 = {.set = set_uint8, .get = get_number, .is_number = true};

static bool set_mib(const VxLibxlRow *row, const char *text, void *slot)
{
    gint64 mib;

    (void)row;
    if (!parse_signed(text, &mib) || mib < 0 || mib > G_MAXINT64 / KIB_PER_MIB)
        return false;
    *(uint64_t *)slot = (uint64_t)mib * KIB_PER_MIB;
    return true;
}

/* Rounded up, so that the guest has no less. */
static char *get_mib(const VxLibxlRow *row, json_object *node)
{
    gint64 kib;

    (void)row;
    if (!json_object_is_type(node, json_type_int))
        return NULL;
    kib = vx_json_int(node);
    return text_of_number(kib / KIB_PER_MIB + (kib % KIB_PER_MIB > 0));
}

const VxLibxlType vx_libxl_mib = {.set = set_mib, .get = get_mib, .is_number = true};

/* ---- yes or no ---- */

static bool set_bool(const VxLibxlRow *row, const char *text, void *slot)
{
    gint64 number;

    (void)row;
    if (!parse_signed(text, &number))
        return false;
    *(bool *)slot = number != 0;
    return true;
}

static char *get_bool(const VxLibxlRow *row, json_object *node)
{
    (void)row;
    return json_object_is_type(node, json_type_boolean) ? g_strdup(json_object_get_boolean(node) ? "1" : "0") : NULL;
}

const VxLibxlType vx_libxl_truth = {.set = set_bool, .get = get_bool, .is_number = true};

static bool set_defbool(const VxLibxlRow *row, const char *text, void *slot)
{
    gint64 number;

    (void)row;
    if (!parse_signed(text, &number))
        return false;
    libxl_defbool_set(slot, number != 0);
    return true;
}

static char *get_defbool(const VxLibxlRow *row, json_object *node)
{
    const char *word = vx_json_string(node);

    (void)row;
    if (g_strcmp0(word, "True") == 0)
        return g_strdup("1");
    return g_strcmp0(word, "False") == 0 ? g_strdup("0") : NULL;
}

const VxLibxlType vx_libxl_defbool = {.set = set_defbool, .get = get_defbool, .is_number = true};

/* ---- enums ---- */

static bool set_enum(const VxLibxlRow *row, const char *text, void *slot)
{
    const VxLibxlWord *words = row->names->words;

    for (unsigned i = 0; words && words[i].xl; i++) {
        if (strcmp(words[i].xl, text) == 0) {
            text = words[i].libxl;
            break;
        }
    }
    return row->names->parse(text, slot);
}

static char *get_enum(const VxLibxlRow *row, json_object *node)
{
    const VxLibxlWord *words = row->names->words;
    const char *text = vx_json_string(node);
    int value;

    if (!text || !row->names->parse(text, &value))
        return NULL;
    for (unsigned i = 0; words && words[i].xl; i++) {
        if (strcmp(words[i].libxl, text) == 0)
            return g_strdup(words[i].xl);
    }
    return g_strdup(text);
}

const VxLibxlType vx_libxl_enum = {.set = set_enum, .get = get_enum};

/* ---- UUIDs and MAC addresses ---- */

static bool set_uuid(const VxLibxlRow *row, const char *text, void *slot)
{
    (void)row;
    return libxl_uuid_from_string(slot, text) == 0;
}

const VxLibxlType vx_libxl_uuid = {.set = set_uuid, .get = get_string};

static bool set_mac(const VxLibxlRow *row, const char *text, void *slot)
{
    libxl_mac *mac = slot;

    (void)row;
    for (unsigned i = 0; i < G_N_ELEMENTS(*mac); i++) {
        guint64 byte;

        if (!vx_libxl_parse_number(text, 16, &byte, &text) || byte > G_MAXUINT8)
            return false;
        (*mac)[i] = (uint8_t)byte;
        if (i + 1 < G_N_ELEMENTS(*mac) && *text++ != ':')
            return false;
    }
    return !*text;
}

const VxLibxlType vx_libxl_mac = {.set = set_mac, .get = get_string};

/* ---- memory that libxl frees, hence from malloc ---- */

void *vx_libxl_array(gsize count, gsize size)
{
    void *array = count == 0 ? NULL : calloc(count, size);

    if (!array && count > 0)
        g_error("no memory for %" G_GSIZE_FORMAT " elements of %" G_GSIZE_FORMAT " bytes", count, size);
    return array;
}

void vx_libxl_bitmap_alloc(libxl_bitmap *bitmap, unsigned n_bits)
{
    bitmap->size = (n_bits + 7) / 8;
    bitmap->map = vx_libxl_array(bitmap->size, 1);
}

libxl_string_list vx_libxl_strings(const VxXlcfgValue *value)
{
    bool is_list = value->kind == VX_XLCFG_LIST;
    guint32 count = is_list ? value->length : 1;
    libxl_string_list strings = vx_libxl_array(count + 1, sizeof(*strings));

    for (guint32 i = 0; i < count; i++) {
        const char *text = vx_xlcfg_value_string(is_list ? &value->items[i] : value);

        if (!text) /* a list, where xl ends reading */
            break;
        strings[i] = strdup(text);
    }
    return strings;
}
