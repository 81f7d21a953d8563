/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent/agent_record.h"

#include "util/vx_error.h"

/* Where something was found that is not what it should be. */
typedef struct {
    const char *command, *key;
    GError **error;
} Place;

static bool refuse(const Place *place, const char *what)
{
    if (place->key)
        return vx_fail(place->error, VIR_ERR_INTERNAL_ERROR,
                       "the guest agent's answer to '%s' is refused: its \"%s\" %s", place->command, place->key, what);
    return vx_fail(place->error, VIR_ERR_INTERNAL_ERROR, "the guest agent's answer to '%s' is refused: it %s",
                   place->command, what);
}

static bool read_string(const Place *place, json_object *node, char **value)
{
    if (!vx_json_string(node))
        return refuse(place, "is not a string");
    *value = g_strdup(vx_json_string(node));
    return true;
}

static bool read_strings(const Place *place, json_object *node, char ***value)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

    if (!json_object_is_type(node, json_type_array))
        return refuse(place, "is not a list");
    for (guint i = 0; i < json_object_array_length(node); i++) {
        g_autofree char *text = NULL;

        if (!read_string(place, json_object_array_get_idx(node, i), &text))
            return false;
        g_strv_builder_add(builder, text);
    }
    *value = g_strv_builder_end(builder);
    return true;
}

static bool read_bool(const Place *place, json_object *node, bool *value)
{
    if (!json_object_is_type(node, json_type_boolean))
        return refuse(place, "is not true or false");
    *value = json_object_get_boolean(node);
    return true;
}

static bool read_int(const Place *place, json_object *node, const VxAgentField *field, gint64 *value)
{
    if (!json_object_is_type(node, json_type_int))
        return refuse(place, "is not a whole number");
    if (vx_json_int(node) < field->min || vx_json_int(node) > field->max)
        return refuse(place, "is out of range");
    *value = vx_json_int(node);
    return true;
}

static bool read_number(const Place *place, json_object *node, double *value)
{
    if (!json_object_is_type(node, json_type_int) && !json_object_is_type(node, json_type_double))
        return refuse(place, "is not a number");
    *value = json_object_get_double(node);
    return true;
}

static bool read_record(const VxAgentRecord *record, const Place *place, json_object *node, void **value);
static bool read_records(const VxAgentRecord *record, const Place *place, json_object *node, GPtrArray **value);

static bool read_field(const VxAgentField *field, const Place *place, json_object *node, void *value)
{
    switch (field->type) {
    case VX_AGENT_STRING:
        return read_string(place, node, value);
    case VX_AGENT_STRINGS:
        return read_strings(place, node, value);
    case VX_AGENT_BOOL:
        return read_bool(place, node, value);
    case VX_AGENT_INT:
        return read_int(place, node, field, value);
    case VX_AGENT_NUMBER:
        return read_number(place, node, value);
    case VX_AGENT_RECORD:
        return read_record(field->record, place, node, value);
    case VX_AGENT_LIST:
        return read_records(field->record, place, node, value);
    }
    g_return_val_if_reached(false);
}

/* Sets a field to what it is if it is not given. */
static void set_absent(const VxAgentField *field, void *value)
{
    if (field->type == VX_AGENT_INT)
        *(gint64 *)value = field->min > G_MININT64 ? field->min - 1 : G_MININT64;
    else if (field->type == VX_AGENT_LIST)
        *(GPtrArray **)value = g_ptr_array_new_with_free_func(field->record->free);
}

static bool read_fields(const VxAgentRecord *record, const Place *place, json_object *object, void *data)
{
    for (unsigned i = 0; i < record->n_fields; i++) {
        const VxAgentField *field = &record->fields[i];
        Place here = {place->command, field->key, place->error};
        void *value = (char *)data + field->offset;
        json_object *node;
        bool is_there = json_object_object_get_ex(object, field->key, &node); /* as null, too */

        if (!is_there && !field->is_optional)
            return refuse(&here, "is missing");
        if (!is_there)
            set_absent(field, value);
        else if (!read_field(field, &here, node, value))
            return false;
    }
    return true;
}

static bool read_record(const VxAgentRecord *record, const Place *place, json_object *node, void **value)
{
    if (!json_object_is_type(node, json_type_object))
        return refuse(place, "is not an object");
    *value = g_malloc0(record->size);
    if (read_fields(record, place, node, *value))
        return true;
    g_clear_pointer(value, record->free);
    return false;
}

static bool read_records(const VxAgentRecord *record, const Place *place, json_object *node, GPtrArray **value)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(record->free);

    if (!json_object_is_type(node, json_type_array))
        return refuse(place, "is not a list");
    for (guint i = 0; i < json_object_array_length(node); i++) {
        void *data;

        if (!read_record(record, place, json_object_array_get_idx(node, i), &data))
            return false;
        g_ptr_array_add(records, data);
    }
    *value = g_steal_pointer(&records);
    return true;
}

void *vx_agent_record_read(const VxAgentRecord *record, json_object *node, const char *command, GError **error)
{
    void *data = NULL;

    return read_record(record, &(Place){command, NULL, error}, node, &data) ? data : NULL;
}

GPtrArray *vx_agent_record_read_list(const VxAgentRecord *record, json_object *node, const char *command,
                                     GError **error)
{
    GPtrArray *records = NULL;

    return read_records(record, &(Place){command, NULL, error}, node, &records) ? records : NULL;
}

static void free_field(const VxAgentField *field, void *value)
{
    switch (field->type) {
    case VX_AGENT_STRING:
        g_free(*(char **)value);
        break;
    case VX_AGENT_STRINGS:
        g_strfreev(*(char ***)value);
        break;
    case VX_AGENT_RECORD:
        field->record->free(*(void **)value);
        break;
    case VX_AGENT_LIST:
        g_clear_pointer((GPtrArray **)value, g_ptr_array_unref);
        break;
    case VX_AGENT_BOOL:
    case VX_AGENT_INT:
    case VX_AGENT_NUMBER:
        break;
    }
}

void vx_agent_record_free(const VxAgentRecord *record, void *data)
{
    if (!data)
        return;
    for (unsigned i = 0; i < record->n_fields; i++)
        free_field(&record->fields[i], (char *)data + record->fields[i].offset);
    g_free(data);
}
