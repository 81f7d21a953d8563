/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whether a text from a guest is JSON as RFC 8259 says, before anything is built from it. json-c takes more than
 * that (NaN, halves of surrogate pairs, numbers beyond what it holds) and goes as wide as the text wants; a guest may
 * want our memory.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* What a text may have: values within values, and values in all. The guest agent itself needs a depth of six. */
#define VX_AGENT_JSON_MAX_DEPTH 64
#define VX_AGENT_JSON_MAX_VALUES 100000

/* NULL if the LENGTH bytes of TEXT are one JSON value within the bounds above, of valid UTF-8, without halves of
 * surrogate pairs and without escaped NULs, whose whole numbers fit in 64 bits with a sign and whose others are finite.
 * Otherwise what is wrong, as the end of a sentence ("it is not ..."), a constant. Any thread. */
const char *vx_agent_json_check(const char *text, gsize length);

/* A checked TEXT without the white space between its tokens, in one line; numbers and strings stay letter by letter as
 * they were. The caller frees it. Any thread. */
char *vx_agent_json_compact(const char *text, gsize length);
