/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Lines out of the bytes that a guest sends, within a bound. The byte 0xFF, which no UTF-8 text contains, is the
 * protocol's sentinel (QEMU's manual, guest-sync-delimited): whatever came before it belongs to somebody who has given
 * up on it, and is forgotten.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    GString *text;     /* what has come of the present line */
    gsize max_length;  /* of a line, in bytes */
    bool is_delimited; /* a sentinel came right before the line */
    bool is_overlong;  /* more than max_length bytes came; the rest of the line is passed over */
} VxAgentLine;

void vx_agent_line_init(VxAgentLine *line);
void vx_agent_line_clear(VxAgentLine *line);

/* Forgets what has come and begins a new line of at most MAX_LENGTH bytes. */
void vx_agent_line_begin(VxAgentLine *line, gsize max_length);

/* Takes bytes of the LENGTH ones of DATA until the line is complete (then true) or there are no more (then false), and
 * sets *TAKEN to how many were taken; the newline is among them, but not in the text. Empty lines are passed over. */
bool vx_agent_line_feed(VxAgentLine *line, const char *data, gsize length, gsize *taken);
