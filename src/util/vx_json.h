/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * JSON as trees of json-c, where null is NULL, as is what is not there: json_object_object_get_ex() tells a member that
 * is null from none. A tree belongs to one thread at a time.
 */
#pragma once

#include <glib.h>
#include <json-c/json.h>
#include <stdbool.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_object, json_object_put)

/* What is wrong with a text. */
typedef struct {
    const char *what; /* in a few words, a constant; NULL: nothing */
    gsize at;         /* where, in bytes from the beginning */
    bool is_too_deep;
} VxJsonProblem;

/* The tree of the LENGTH bytes of TEXT, which are one JSON value and at most blanks around it, nested no deeper than
 * MAX_DEPTH lists and objects (one more if that is empty), and valid UTF-8. Of members with the same name the last
 * counts. NULL if it is none, with *PROBLEM (which may be NULL), or if it is null. The caller puts it. Any thread. */
json_object *vx_json_parse(const char *text, gsize length, unsigned max_depth, VxJsonProblem *problem);

/* The string that NODE is, NULL if it is none. It belongs to NODE, and ends at the first NUL. */
const char *vx_json_string(json_object *node);

/* The number that NODE is, without its fraction; 0 if it is none. One from 2^63 on, as libxl's unsigned ones may be,
 * keeps its bits. */
gint64 vx_json_int(json_object *node);
