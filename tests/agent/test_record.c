/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Every member of every record, from the tables themselves: missing, of each wrong type, out of range.
 */
#include "agent/agent_results.h"
#include "util/vx_error.h"

static JsonNode *sample(const VxAgentRecord *record);

static JsonNode *sample_of_field(const VxAgentField *field)
{
    JsonNode *node = json_node_alloc();
    JsonArray *array;

    switch (field->type) {
    case VX_AGENT_STRING:
        return json_node_init_string(node, "text");
    case VX_AGENT_BOOL:
        return json_node_init_boolean(node, TRUE);
    case VX_AGENT_INT:
        return json_node_init_int(node, field->max);
    case VX_AGENT_NUMBER:
        return json_node_init_double(node, 1.5);
    case VX_AGENT_RECORD:
        json_node_unref(node);
        return sample(field->record);
    case VX_AGENT_STRINGS:
    case VX_AGENT_LIST:
        array = json_array_new();
        if (field->type == VX_AGENT_STRINGS)
            json_array_add_string_element(array, "one");
        else
            json_array_add_element(array, sample(field->record));
        json_node_init_array(node, array);
        json_array_unref(array);
        return node;
    }
    g_assert_not_reached();
}

/* An object that has every member. */
static JsonNode *sample(const VxAgentRecord *record)
{
    JsonObject *object = json_object_new();
    JsonNode *node = json_node_init_object(json_node_alloc(), object);

    for (unsigned i = 0; i < record->n_fields; i++)
        json_object_set_member(object, record->fields[i].key, sample_of_field(&record->fields[i]));
    json_object_unref(object);
    return node;
}

static void expect(const VxAgentRecord *record, JsonNode *node, bool is_good)
{
    g_autoptr(GError) error = NULL;
    void *data = vx_agent_record_read(record, node, "guest-x", &error);

    if (is_good)
        g_assert_no_error(error);
    else
        g_assert_error(error, VX_ERROR, VIR_ERR_INTERNAL_ERROR);
    g_assert_true(is_good == (data != NULL));
    record->free(data);
}

static void try_field(const VxAgentRecord *record, const VxAgentField *field)
{
    static const char *const values[] = {"null", "\"text\"", "true", "0", "0.5", "[]", "{}", "[null]"};
    g_autoptr(JsonNode) node = sample(record);
    JsonObject *object = json_node_get_object(node);

    json_object_remove_member(object, field->key);
    expect(record, node, field->is_optional);
    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
        bool is_good = (i == 1 && field->type == VX_AGENT_STRING) || (i == 2 && field->type == VX_AGENT_BOOL) ||
                       (i == 3 && (field->type == VX_AGENT_INT || field->type == VX_AGENT_NUMBER)) ||
                       (i == 4 && field->type == VX_AGENT_NUMBER) ||
                       (i == 5 && (field->type == VX_AGENT_LIST || field->type == VX_AGENT_STRINGS));

        if (i == 6 && field->type == VX_AGENT_RECORD)
            continue; /* its own members are tried by themselves */
        json_object_set_member(object, field->key, json_from_string(values[i], NULL));
        expect(record, node, is_good);
    }
    if (field->type == VX_AGENT_INT && field->max < G_MAXINT64) {
        json_object_set_int_member(object, field->key, field->max + 1);
        expect(record, node, false);
    }
    if (field->type == VX_AGENT_INT) {
        json_object_set_int_member(object, field->key, field->min - 1);
        expect(record, node, false);
    }
}

static void test_record(const void *data)
{
    const VxAgentRecord *record = data;
    g_autoptr(JsonNode) node = sample(record), number = json_node_init_int(json_node_alloc(), 1);

    expect(record, node, true);
    expect(record, number, false);
    for (unsigned i = 0; i < record->n_fields; i++)
        try_field(record, &record->fields[i]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; vx_agent_all_records[i]; i++) {
        const VxAgentRecord *record = vx_agent_all_records[i];
        g_autofree char *path = g_strdup_printf("/agent/record/%u-%s", i, record->fields[0].key);

        g_test_add_data_func(path, record, test_record);
    }
    return g_test_run();
}
