/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent/agent_answer.h"

#include <string.h>

#include "agent/agent_json.h"
#include "util/vx_error.h"

/* How much of a guest's words goes into a message, in characters. */
#define MAX_SHOWN_CHARS 300

static bool refuse(GError **error, const char *problem)
{
    return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "the guest agent's answer is refused: %s", problem);
}

static bool take_members(VxAgentAnswer *answer, GError **error)
{
    json_object *failure;
    bool is_failure;

    if (!json_object_is_type(answer->root, json_type_object))
        return refuse(error, "it is not a JSON object");
    answer->is_return = json_object_object_get_ex(answer->root, "return", &answer->result);
    is_failure = json_object_object_get_ex(answer->root, "error", &failure);
    if (answer->is_return == is_failure)
        return refuse(error, "it must have either \"return\" or \"error\"");
    if (is_failure && !json_object_is_type(failure, json_type_object))
        return refuse(error, "its \"error\" is not a JSON object");
    answer->error_class = vx_json_string(json_object_object_get(failure, "class"));
    answer->error_desc = vx_json_string(json_object_object_get(failure, "desc"));
    return true;
}

VxAgentAnswer *vx_agent_answer_parse(const char *line, gsize length, GError **error)
{
    g_autoptr(VxAgentAnswer) answer = NULL;
    VxJsonProblem of_tree;
    const char *problem;

    problem = length > VX_AGENT_MAX_ANSWER ? "it is too long" : vx_agent_json_check(line, length);
    if (problem) {
        refuse(error, problem);
        return NULL;
    }
    answer = g_new0(VxAgentAnswer, 1);
    answer->text = vx_agent_json_compact(line, length);
    answer->root = vx_json_parse(answer->text, strlen(answer->text), VX_AGENT_JSON_MAX_DEPTH, &of_tree);
    if (!(of_tree.what ? refuse(error, of_tree.what) : take_members(answer, error)))
        return NULL;
    return g_steal_pointer(&answer);
}

void vx_agent_answer_free(VxAgentAnswer *answer)
{
    if (!answer)
        return;
    g_clear_pointer(&answer->root, json_object_put);
    g_free(answer->text);
    g_free(answer);
}

bool vx_agent_answer_is_unsupported(const VxAgentAnswer *answer)
{
    return g_strcmp0(answer->error_class, "CommandNotFound") == 0 ||
           g_strcmp0(answer->error_class, "CommandDisabled") == 0;
}

/* A guest's TEXT, cut to what a message bears, with a dot for each character that a terminal might obey. */
static char *shown(const char *text)
{
    GString *copy = g_string_new(NULL);

    for (unsigned n_chars = 0; *text && n_chars < MAX_SHOWN_CHARS; text = g_utf8_next_char(text), n_chars++) {
        gunichar c = g_utf8_get_char(text);

        g_string_append_unichar(copy, g_unichar_isprint(c) ? c : '.');
    }
    if (*text)
        g_string_append(copy, "...");
    return g_string_free(copy, FALSE);
}

bool vx_agent_answer_check(const VxAgentAnswer *answer, const char *command, GError **error)
{
    bool is_unsupported = vx_agent_answer_is_unsupported(answer);
    g_autofree char *name = NULL, *words = NULL;

    if (answer->is_return)
        return true;
    name = shown(command);
    words = shown(answer->error_desc    ? answer->error_desc
                  : is_unsupported      ? "the guest agent does not have it"
                  : answer->error_class ? answer->error_class
                                        : "the guest agent does not say why");
    return vx_fail(error, is_unsupported ? VIR_ERR_OPERATION_UNSUPPORTED : VIR_ERR_INTERNAL_ERROR,
                   "unable to execute QEMU agent command '%s': %s", name, words);
}
