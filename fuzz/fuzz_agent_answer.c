/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Any bytes from a guest agent, cut into lines as they come; each line as an answer, and its result as every kind of
 * record. Whatever is taken as an answer is valid JSON in one line, and means the same when it is read again.
 */
#include <stdint.h>
#include <string.h>

#include "agent/agent_answer.h"
#include "agent/agent_json.h"
#include "agent/agent_line.h"
#include "agent/agent_results.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const VxAgentAnswer *answer)
{
    g_autoptr(VxAgentAnswer) again = NULL;

    g_assert_null(strchr(answer->text, '\n'));
    again = vx_agent_answer_parse(answer->text, strlen(answer->text), NULL);
    g_assert_nonnull(again);
    g_assert_cmpstr(again->text, ==, answer->text);
    g_assert_true(json_object_equal(again->root, answer->root));
}

static void check_line(const VxAgentLine *line)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VxAgentAnswer) answer = vx_agent_answer_parse(line->text->str, line->text->len, &error);

    g_assert_true(!answer == (error != NULL));
    if (!answer)
        return;
    check_text(answer);
    g_assert_true(vx_agent_answer_check(answer, "guest-x", &error) == answer->is_return);
    g_assert_true(!error || g_utf8_validate(error->message, -1, NULL));
    for (unsigned i = 0; answer->is_return && vx_agent_all_records[i]; i++) {
        const VxAgentRecord *record = vx_agent_all_records[i];
        GPtrArray *list = vx_agent_record_read_list(record, answer->result, "guest-x", NULL);

        record->free(vx_agent_record_read(record, answer->result, "guest-x", NULL));
        g_clear_pointer(&list, g_ptr_array_unref);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    VxAgentLine line;
    const char *at = (const char *)data;
    gsize taken;

    vx_agent_line_init(&line);
    vx_agent_line_begin(&line, 64 * 1024);
    while (vx_agent_line_feed(&line, at, size, &taken)) {
        check_line(&line);
        at += taken;
        size -= taken;
        vx_agent_line_begin(&line, 64 * 1024);
    }
    g_assert_cmpuint(taken, ==, size);
    vx_agent_line_clear(&line);
    return 0;
}
