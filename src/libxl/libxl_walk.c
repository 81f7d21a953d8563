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
static JsonNode *find_branch(JsonObject *object, const char *name)
{
    JsonObjectIter iter;
    const char *member;
    JsonNode *node;

    json_object_iter_init(&iter, object);
    while (json_object_iter_next(&iter, &member, &node)) {
        const char *dot = strchr(member, '.');

        if (dot && strcmp(dot + 1, name) == 0)
            return node;
    }
    return NULL;
}

JsonNode *vx_libxl_find(VxLibxlReader *reader, JsonObject *object, const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, ".", -1);
    JsonNode *node = NULL;

    for (char **name = names; *name; name++) {
        bool is_union = strcmp(*name, "u") == 0 && name[1];

        if (node && !JSON_NODE_HOLDS_OBJECT(node))
            return NULL;
        object = node ? json_node_get_object(node) : object;
        node = is_union ? find_branch(object, *++name) : json_object_get_member(object, *name);
        if (!node)
            return NULL;
    }
    g_hash_table_add(reader->seen, node);
    return JSON_NODE_HOLDS_NULL(node) ? NULL : node;
}

static void report_kind(VxLibxlReader *reader, const char *path, const char *wanted)
{
    vx_diag_wrong(reader->diag, VX_NO_PLACE, "%s is no %s", path, wanted);
}

JsonArray *vx_libxl_find_list(VxLibxlReader *reader, JsonObject *object, const char *path)
{
    JsonNode *node = vx_libxl_find(reader, object, path);

    if (!node)
        return NULL;
    if (JSON_NODE_HOLDS_ARRAY(node))
        return json_node_get_array(node);
    report_kind(reader, path, "list");
    return NULL;
}

JsonObject *vx_libxl_find_object(VxLibxlReader *reader, JsonObject *object, const char *path)
{
    JsonNode *node = vx_libxl_find(reader, object, path);

    if (!node)
        return NULL;
    if (JSON_NODE_HOLDS_OBJECT(node))
        return json_node_get_object(node);
    report_kind(reader, path, "object");
    return NULL;
}

static bool is_value(JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

gint64 vx_libxl_find_number(VxLibxlReader *reader, JsonObject *object, const char *path, gint64 fallback)
{
    JsonNode *node = vx_libxl_find(reader, object, path);

    if (!node)
        return fallback;
    if (is_value(node, G_TYPE_INT64))
        return json_node_get_int(node);
    report_kind(reader, path, "number");
    return fallback;
}

const char *vx_libxl_find_string(VxLibxlReader *reader, JsonObject *object, const char *path)
{
    JsonNode *node = vx_libxl_find(reader, object, path);

    if (!node)
        return NULL;
    if (is_value(node, G_TYPE_STRING))
        return json_node_get_string(node);
    report_kind(reader, path, "string");
    return NULL;
}

void vx_libxl_mark_all(VxLibxlReader *reader, JsonNode *node)
{
    g_hash_table_add(reader->seen, node);
    if (JSON_NODE_HOLDS_OBJECT(node)) {
        g_autoptr(GList) members = json_object_get_values(json_node_get_object(node));

        for (GList *member = members; member; member = member->next)
            vx_libxl_mark_all(reader, member->data);
    } else if (JSON_NODE_HOLDS_ARRAY(node)) {
        JsonArray *list = json_node_get_array(node);

        for (unsigned i = 0; i < json_array_get_length(list); i++)
            vx_libxl_mark_all(reader, json_array_get_element(list, i));
    }
}

char *vx_libxl_get(VxLibxlReader *reader, const VxLibxlRow *row, JsonObject *object)
{
    JsonNode *node = vx_libxl_find(reader, object, row->path);
    char *text = node ? row->type->get(row, node) : NULL;

    if (node && !text)
        vx_diag_wrong(reader->diag, VX_NO_PLACE, "%s is not what libxl has there", row->path);
    return text;
}

void vx_libxl_tell_strings(VxLibxlReader *reader, const char *key, JsonArray *list)
{
    VxXlcfgList strings;

    if (!list || json_array_get_length(list) == 0)
        return;
    vx_xlcfg_list_begin(&strings, reader->out, key);
    for (unsigned i = 0; i < json_array_get_length(list); i++) {
        JsonNode *item = json_array_get_element(list, i);

        if (is_value(item, G_TYPE_STRING))
            vx_xlcfg_list_add_string(&strings, json_node_get_string(item));
        else
            report_kind(reader, key, "list of strings");
    }
    vx_xlcfg_list_end(&strings);
}
