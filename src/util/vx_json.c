/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/vx_json.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_tokener, json_tokener_free)

static bool refuse(VxJsonProblem *problem, const char *what, gsize at)
{
    *problem = (VxJsonProblem){.what = what, .at = at};
    return false;
}

/* json-c's own check of UTF-8 lets halves of surrogate pairs pass, and a NUL would end the text. */
static bool check_bytes(const char *text, gsize length, VxJsonProblem *problem)
{
    const char *end;

    if (length > G_MAXINT32)
        return refuse(problem, "too long", G_MAXINT32);
    return g_utf8_validate_len(text, length, &end) || refuse(problem, "not valid UTF-8", end - text);
}

static json_object *run_tokener(json_tokener *tokener, const char *text, gsize length, VxJsonProblem *problem)
{
    json_object *root = json_tokener_parse_ex(tokener, text, (int)length);
    gsize at = json_tokener_get_parse_end(tokener);
    enum json_tokener_error error = json_tokener_get_error(tokener);

    if (error == json_tokener_continue) { /* only the end of the text ends a number, and anything that is not whole */
        root = json_tokener_parse_ex(tokener, "", 1);
        error = json_tokener_get_error(tokener);
    }
    if (error != json_tokener_success)
        *problem = (VxJsonProblem){json_tokener_error_desc(error), at, error == json_tokener_error_depth};
    return root;
}

json_object *vx_json_parse(const char *text, gsize length, unsigned max_depth, VxJsonProblem *problem)
{
    VxJsonProblem unused;
    /* The outermost value counts, too. */
    g_autoptr(json_tokener) tokener = json_tokener_new_ex((int)max_depth + 1);

    problem = problem ? problem : &unused;
    *problem = (VxJsonProblem){0};
    if (!check_bytes(text, length, problem))
        return NULL;
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT); /* which minds what is behind the value as well */
    return run_tokener(tokener, text, length, problem);
}

const char *vx_json_string(json_object *node)
{
    return json_object_is_type(node, json_type_string) ? json_object_get_string(node) : NULL;
}

gint64 vx_json_int(json_object *node)
{
    bool is_number = json_object_is_type(node, json_type_int) || json_object_is_type(node, json_type_double);
    gint64 number = is_number ? json_object_get_int64(node) : 0; /* which would read strings, too */

    /* json-c takes the largest for all beyond. */
    return number == G_MAXINT64 ? (gint64)json_object_get_uint64(node) : number;
}
