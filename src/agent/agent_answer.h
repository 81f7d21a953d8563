/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One answer of a guest agent: a line that is a JSON object with either "return" or "error" (QEMU's manual, QMP
 * specification, which the guest agent follows). The guest is not trusted: what is anything else is refused.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "util/vx_json.h"

/* The largest answer, in bytes. Only guest-file-read has larger ones, for those who ask for that much at once. */
#define VX_AGENT_MAX_ANSWER ((gsize)16 * 1024 * 1024)

typedef struct {
    char *text;              /* the whole answer, as JSON without blanks */
    json_object *root;       /* the same, as a tree */
    bool is_return;          /* whether it has a "return"; otherwise the command failed */
    json_object *result;     /* what "return" says, NULL if that is null. Of ROOT */
    const char *error_class; /* of an "error"; NULL if it has none. Of ROOT */
    const char *error_desc;  /* likewise */
} VxAgentAnswer;

/* Reads the LENGTH bytes of LINE. Fails with VIR_ERR_INTERNAL_ERROR. The caller frees the answer. Any thread. */
VxAgentAnswer *vx_agent_answer_parse(const char *line, gsize length, GError **error);
void vx_agent_answer_free(VxAgentAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxAgentAnswer, vx_agent_answer_free)

/* Whether the agent says that it has no such command or may not run it. */
bool vx_agent_answer_is_unsupported(const VxAgentAnswer *answer);

/* Whether the answer is a "return"; otherwise fails with VIR_ERR_OPERATION_UNSUPPORTED if the agent does not have the
 * COMMAND, and else with VIR_ERR_INTERNAL_ERROR as libvirt does, and with the agent's own words. */
bool vx_agent_answer_check(const VxAgentAnswer *answer, const char *command, GError **error);
