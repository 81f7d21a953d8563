/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent/agent_answer.h"

#include "agent/agent_json.h"
#include "util/vx_error.h"

/* How much of a guest's words goes into a message, in characters. */
#define MAX_SHOWN_CHARS 300

static bool refuse(GError **error, const char *problem)
{
    return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "the guest agent's answer is refused: %s", problem);
}

static JsonNode *parse_tree(const char *text, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) problem = NULL;

    if (!json_parser_load_from_data(parser, text, -1, &problem)) {
        refuse(error, problem->message);
        return NULL;
    }
    return json_parser_steal_root(parser);
}

static const char *string_member(JsonNode *node, const char *name)
{
    JsonNode *member = JSON_NODE_HOLDS_OBJECT(node) ? json_object_get_member(json_node_get_object(node), name) : NULL;

    return member && json_node_get_value_type(member) == G_TYPE_STRING ? json_node_get_string(member) : NULL;
}

static bool take_members(VxAgentAnswer *answer, GError **error)
{
    JsonObject *object;
    JsonNode *failure;

    if (!JSON_NODE_HOLDS_OBJECT(answer->root))
        return refuse(error, "it is not a JSON object");
    object = json_node_get_object(answer->root);
    answer->result = json_object_get_member(object, "return");
    failure = json_object_get_member(object, "error");
    if (!answer->result == !failure)
        return refuse(error, "it must have either \"return\" or \"error\"");
    if (failure && !JSON_NODE_HOLDS_OBJECT(failure))
        return refuse(error, "its \"error\" is not a JSON object");
    if (failure) {
        answer->error_class = string_member(failure, "class");
        answer->error_desc = string_member(failure, "desc");
    }
    return true;
}

VxAgentAnswer *vx_agent_answer_parse(const char *line, gsize length, GError **error)
{
    g_autoptr(VxAgentAnswer) answer = NULL;
    const char *problem;

    problem = length > VX_AGENT_MAX_ANSWER ? "it is too long" : vx_agent_json_check(line, length);
    if (problem) {
        refuse(error, problem);
        return NULL;
    }
    answer = g_new0(VxAgentAnswer, 1);
    answer->text = vx_agent_json_compact(line, length);
    answer->root = parse_tree(answer->text, error);
    if (!answer->root || !take_members(answer, error))
        return NULL;
    return g_steal_pointer(&answer);
}

void vx_agent_answer_free(VxAgentAnswer *answer)
{
    if (!answer)
        return;
    g_clear_pointer(&answer->root, json_node_unref);
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

    if (answer->result)
        return true;
    name = shown(command);
    words = shown(answer->error_desc    ? answer->error_desc
                  : is_unsupported      ? "the guest agent does not have it"
                  : answer->error_class ? answer->error_class
                                        : "the guest agent does not say why");
    return vx_fail(error, is_unsupported ? VIR_ERR_OPERATION_UNSUPPORTED : VIR_ERR_INTERNAL_ERROR,
                   "unable to execute QEMU agent command '%s': %s", name, words);
}
