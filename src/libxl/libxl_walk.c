/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What rows are walked with: settings on one side, libxl's JSON on the other.
 */
#include <string.h>

#include "libxl/libxl_rows.h"

/* ---- from settings ---- */

const VxXlcfgValue *vx_libxl_setting(const VxLibxlWriter *writer, const char *key)
{
    const VxXlcfgSetting *setting = vx_xlcfg_tree_get(writer->settings, key);

    return setting ? &setting->value : NULL;
}

const char *vx_libxl_text(const VxLibxlWriter *writer, const char *key)
{
    const VxXlcfgValue *value = vx_libxl_setting(writer, key);

    return value ? vx_xlcfg_value_string(value) : NULL;
}

gint64 vx_libxl_number(const VxLibxlWriter *writer, const char *key, gint64 fallback)
{
    const VxXlcfgValue *value = vx_libxl_setting(writer, key);
    gint64 number;

    if (!value || vx_xlcfg_value_to_int64(value, G_MININT64, G_MAXINT64, &number) != VX_XLCFG_NUMBER_GOOD)
        return fallback;
    return number;
}

void vx_libxl_set(VxLibxlWriter *writer, const VxLibxlRow *row, const char *text, void *base)
{
    if (!row->type->set(row, text, (char *)base + row->offset))
        vx_diag_wrong(writer->diag, writer->place, "libxl takes no '%.100s' as %s", text, row->key);
}

const VxLibxlRow *vx_libxl_row_find(const char *key)
{
    for (unsigned i = 0; i < vx_libxl_n_rows; i++) {
        if (strcmp(vx_libxl_rows[i].key, key) == 0)
            return &vx_libxl_rows[i];
    }
    return NULL;
}

/* ---- from JSON ---- */

/* The member "DISCRIMINATOR.NAME" of OBJECT: the branch NAME of a union. */
static json_object *find_branch(json_object *object, const char *name)
{
    if (!json_object_is_type(object, json_type_object))
        return NULL;
    json_object_object_foreach(object, member, node)
    {
        const char *dot = strchr(member, '.');

        if (dot && strcmp(dot + 1, name) == 0)
            return node;
    }
    return NULL;
}

json_object *vx_libxl_find(VxLibxlReader *reader, json_object *object, const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, ".", -1);
    json_object *node = object;

    for (char **name = names; node && *name; name++) {
        bool is_union = strcmp(*name, "u") == 0 && name[1];

        node = is_union ? find_branch(node, *++name) : json_object_object_get(node, *name);
    }
    if (node)
        g_hash_table_add(reader->seen, node);
    return node;
}

static void report_kind(VxLibxlReader *reader, const char *path, const char *wanted)
{
    vx_diag_wrong(reader->diag, VX_NO_PLACE, "%s is no %s", path, wanted);
}

/* The node at PATH, which is to be of TYPE. */
static json_object *find_typed(VxLibxlReader *reader, json_object *object, const char *path, json_type type,
                               const char *wanted)
{
    json_object *node = vx_libxl_find(reader, object, path);

    if (!node || json_object_is_type(node, type))
        return node;
    report_kind(reader, path, wanted);
    return NULL;
}

json_object *vx_libxl_find_list(VxLibxlReader *reader, json_object *object, const char *path)
{
    return find_typed(reader, object, path, json_type_array, "list");
}

json_object *vx_libxl_find_object(VxLibxlReader *reader, json_object *object, const char *path)
{
    return find_typed(reader, object, path, json_type_object, "object");
}

gint64 vx_libxl_find_number(VxLibxlReader *reader, json_object *object, const char *path, gint64 fallback)
{
    json_object *node = find_typed(reader, object, path, json_type_int, "number");

    return node ? vx_json_int(node) : fallback;
}

const char *vx_libxl_find_string(VxLibxlReader *reader, json_object *object, const char *path)
{
    return vx_json_string(find_typed(reader, object, path, json_type_string, "string"));
}

static void mark_members(VxLibxlReader *reader, json_object *object)
{
    json_object_object_foreach(object, name, member)
    {
        (void)name;
        vx_libxl_mark_all(reader, member);
    }
}

void vx_libxl_mark_all(VxLibxlReader *reader, json_object *node)
{
    if (!node)
        return;
    g_hash_table_add(reader->seen, node);
    if (json_object_is_type(node, json_type_object))
        mark_members(reader, node);
    for (unsigned i = 0; json_object_is_type(node, json_type_array) && i < json_object_array_length(node); i++)
        vx_libxl_mark_all(reader, json_object_array_get_idx(node, i));
}

char *vx_libxl_get(VxLibxlReader *reader, const VxLibxlRow *row, json_object *object)
{
    json_object *node = vx_libxl_find(reader, object, row->path);
    char *text = node ? row->type->get(row, node) : NULL;

    if (node && !text)
        vx_diag_wrong(reader->diag, VX_NO_PLACE, "%s is not what libxl has there", row->path);
    return text;
}

void vx_libxl_tell_strings(VxLibxlReader *reader, const char *key, json_object *list)
{
    VxXlcfgList strings;

    if (!list || json_object_array_length(list) == 0)
        return;
    vx_xlcfg_list_begin(&strings, reader->out, key);
    for (unsigned i = 0; i < json_object_array_length(list); i++) {
        const char *item = vx_json_string(json_object_array_get_idx(list, i));

        if (item)
            vx_xlcfg_list_add_string(&strings, item);
        else
            report_kind(reader, key, "list of strings");
    }
    vx_xlcfg_list_end(&strings);
}
