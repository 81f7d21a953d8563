/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_json.h"

#include <libxl.h>
#include <string.h>
#define HAVE_YAJL_V2 1 /* libxl_json.h of libxl asks for it: there has been no other yajl since 2011 */
#include <libxl_json.h>

#include "libxl/libxl_config.h"
#include "libxl/libxl_definition.h"

/* ---- to JSON ---- */

/* As xl does: the generator of libxl, which indents. */
static char *format_config(libxl_domain_config *config)
{
    yajl_gen generator = libxl_yajl_gen_alloc(NULL);
    const unsigned char *text = NULL;
    size_t length = 0;
    char *copy = NULL;

    if (libxl_domain_config_gen_json(generator, config) == yajl_gen_status_ok &&
        yajl_gen_get_buf(generator, &text, &length) == yajl_gen_status_ok)
        copy = g_strndup((const char *)text, length);
    yajl_gen_free(generator);
    return copy;
}

char *vx_libxl_json_format(const VxDomainDef *def, const VxXlcfgOptions *options, const VxLibxlHost *host, VxDiag *diag)
{
    g_auto(libxl_domain_config) config;
    char *text;

    vx_libxl_config_init(&config, def, options, host, diag);
    if (vx_diag_n_errors(diag) > 0)
        return NULL;
    text = format_config(&config);
    if (!text)
        vx_diag_wrong(diag, VX_NO_PLACE, "libxl cannot write the structure as JSON: some text is not UTF-8");
    return text;
}

/* ---- from JSON ---- */

/* libxl nests no deeper than ten levels. */
#define MAX_DEPTH 32

/* The tree of TEXT; of what is none, *PROBLEM says why. */
static json_object *parse_text(const char *text, gsize length, VxDiag *diag, VxJsonProblem *problem)
{
    json_object *root = vx_json_parse(text, length, MAX_DEPTH, problem);
    VxPlace place = (VxPlace)problem->at + 1;

    if (problem->is_too_deep)
        vx_diag_wrong(diag, place, "the JSON is nested deeper than %d levels", MAX_DEPTH);
    else if (problem->what)
        vx_diag_wrong(diag, place, "it is no JSON: %s", problem->what);
    return root;
}

/* The object with c_info: the JSON itself, or "config" of an entry of `xl list -l`. */
static json_object *find_config(json_object *node)
{
    json_object *config;

    if (json_object_is_type(node, json_type_array) && json_object_array_length(node) == 1)
        node = json_object_array_get_idx(node, 0);
    config = json_object_object_get(node, "config");
    if (json_object_is_type(config, json_type_object))
        node = config;
    return json_object_object_get_ex(node, "c_info", NULL) ? node : NULL;
}

VxDomainDef *vx_libxl_json_parse(const char *text, gsize length, VxDiag *diag)
{
    VxJsonProblem problem;
    g_autoptr(json_object) root = parse_text(text, length, diag, &problem);
    json_object *config = find_config(root);

    if (!problem.what && !config)
        vx_diag_wrong(diag, VX_NO_PLACE, "it is not one domain of libxl: there is no c_info");
    return config ? vx_libxl_definition_from_json(config, diag) : NULL;
}

VxDomainDef *vx_libxl_config_to_definition(libxl_domain_config *config, VxDiag *diag)
{
    g_autofree char *text = format_config(config);

    if (!text) {
        vx_diag_wrong(diag, VX_NO_PLACE, "libxl cannot write the structure as JSON");
        return NULL;
    }
    return vx_libxl_json_parse(text, strlen(text), diag);
}
