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

/* libxl nests no deeper than ten levels; the parser calls itself for each. */
#define MAX_DEPTH 32

/* Whether TEXT nests deeper than MAX_DEPTH; where, in *AT. */
static bool is_too_deep(const char *text, gsize length, gsize *at)
{
    bool in_string = false;
    unsigned depth = 0;

    for (*at = 0; *at < length; (*at)++) {
        char letter = text[*at];

        if (in_string && letter == '\\')
            (*at)++;
        else if (letter == '"')
            in_string = !in_string;
        else if (!in_string && (letter == '{' || letter == '['))
            depth++;
        else if (!in_string && (letter == '}' || letter == ']') && depth > 0)
            depth--;
        if (depth > MAX_DEPTH)
            return true;
    }
    return false;
}

static JsonParser *parse_text(const char *text, gsize length, VxDiag *diag)
{
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    g_autoptr(GError) error = NULL;
    gsize at;

    if (is_too_deep(text, length, &at)) {
        vx_diag_wrong(diag, (VxPlace)at + 1, "the JSON is nested deeper than %d levels", MAX_DEPTH);
        return NULL;
    }
    if (!json_parser_load_from_data(parser, text, (gssize)length, &error)) {
        vx_diag_wrong(diag, VX_NO_PLACE, "it is no JSON: %s", error->message);
        return NULL;
    }
    return g_steal_pointer(&parser);
}

/* The object with c_info: the JSON itself, or "config" of an entry of `xl list -l`. */
static JsonObject *find_config(JsonNode *node)
{
    JsonObject *object;

    if (node && JSON_NODE_HOLDS_ARRAY(node) && json_array_get_length(json_node_get_array(node)) == 1)
        node = json_array_get_element(json_node_get_array(node), 0);
    if (!node || !JSON_NODE_HOLDS_OBJECT(node))
        return NULL;
    object = json_node_get_object(node);
    node = json_object_get_member(object, "config");
    if (node && JSON_NODE_HOLDS_OBJECT(node))
        object = json_node_get_object(node);
    return json_object_has_member(object, "c_info") ? object : NULL;
}

VxDomainDef *vx_libxl_json_parse(const char *text, gsize length, VxDiag *diag)
{
    g_autoptr(JsonParser) parser = parse_text(text, length, diag);
    JsonObject *config = parser ? find_config(json_parser_get_root(parser)) : NULL;

    if (parser && !config)
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
