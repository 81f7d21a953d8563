/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent/agent_line.h"

#define SENTINEL ((char)0xff)

void vx_agent_line_init(VxAgentLine *line)
{
    *line = (VxAgentLine){.text = g_string_new(NULL)};
}

void vx_agent_line_clear(VxAgentLine *line)
{
    g_string_free(g_steal_pointer(&line->text), TRUE);
}

void vx_agent_line_begin(VxAgentLine *line, gsize max_length)
{
    /* A string keeps the memory of the longest line it has had: that of a large answer is not kept for ever. */
    if (line->text->allocated_len > 64 * 1024) {
        g_string_free(line->text, TRUE);
        line->text = g_string_new(NULL);
    }
    g_string_truncate(line->text, 0);
    line->max_length = max_length;
    line->is_delimited = line->is_overlong = false;
}

static bool is_blank(const VxAgentLine *line)
{
    for (gsize i = 0; i < line->text->len; i++)
        if (!g_ascii_isspace(line->text->str[i]))
            return false;
    return !line->is_overlong;
}

static void add(VxAgentLine *line, const char *data, gsize length)
{
    gsize room = line->max_length - line->text->len;

    if (length > room)
        line->is_overlong = true;
    g_string_append_len(line->text, data, MIN(length, room));
}

bool vx_agent_line_feed(VxAgentLine *line, const char *data, gsize length, gsize *taken)
{
    gsize at = 0;

    while (at < length) {
        gsize start = at;

        while (at < length && data[at] != '\n' && data[at] != SENTINEL)
            at++;
        add(line, data + start, at - start);
        if (at == length)
            break;
        if (data[at++] == SENTINEL) {
            vx_agent_line_begin(line, line->max_length);
            line->is_delimited = true;
        } else if (!is_blank(line)) {
            *taken = at;
            return true;
        }
    }
    *taken = at;
    return false;
}
