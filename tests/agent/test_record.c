/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Every member of every record, from the tables themselves: missing, of each wrong type, out of range.
 */
#include <string.h>

#include "agent/agent_results.h"
#include "util/vx_error.h"

static json_object *sample(const VxAgentRecord *record);

static json_object *sample_of_field(const VxAgentField *field)
{
    json_object *array;

    switch (field->type) {
    case VX_AGENT_STRING:
        return json_object_new_string("text");
    case VX_AGENT_BOOL:
        return json_object_new_boolean(true);
    case VX_AGENT_INT:
        return json_object_new_int64(field->max);
    case VX_AGENT_NUMBER:
        return json_object_new_double(1.5);
    case VX_AGENT_RECORD:
        return sample(field->record);
    case VX_AGENT_STRINGS:
    case VX_AGENT_LIST:
        array = json_object_new_array();
        json_object_array_add(array,
                              field->type == VX_AGENT_STRINGS ? json_object_new_string("one") : sample(field->record));
        return array;
    }
    g_assert_not_reached();
}

/* An object that has every member. */
static json_object *sample(const VxAgentRecord *record)
{
    json_object *object = json_object_new_object();

    for (unsigned i = 0; i < record->n_fields; i++)
        json_object_object_add(object, record->fields[i].key, sample_of_field(&record->fields[i]));
    return object;
}

static void expect(const VxAgentRecord *record, json_object *node, bool is_good)
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
    g_autoptr(json_object) object = sample(record);

    json_object_object_del(object, field->key);
    expect(record, object, field->is_optional);
    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++) {
        bool is_good = (i == 1 && field->type == VX_AGENT_STRING) || (i == 2 && field->type == VX_AGENT_BOOL) ||
                       (i == 3 && (field->type == VX_AGENT_INT || field->type == VX_AGENT_NUMBER)) ||
                       (i == 4 && field->type == VX_AGENT_NUMBER) ||
                       (i == 5 && (field->type == VX_AGENT_LIST || field->type == VX_AGENT_STRINGS));

        if (i == 6 && field->type == VX_AGENT_RECORD)
            continue; /* its own members are tried by themselves */
        json_object_object_add(object, field->key, vx_json_parse(values[i], strlen(values[i]), 2, NULL));
        expect(record, object, is_good);
    }
    if (field->type == VX_AGENT_INT && field->max < G_MAXINT64) {
        json_object_object_add(object, field->key, json_object_new_int64(field->max + 1));
        expect(record, object, false);
    }
    if (field->type == VX_AGENT_INT) {
        json_object_object_add(object, field->key, json_object_new_int64(field->min - 1));
        expect(record, object, false);
    }
}

static void test_record(const void *data)
{
    const VxAgentRecord *record = data;
    g_autoptr(json_object) node = sample(record), number = json_object_new_int64(1);

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
