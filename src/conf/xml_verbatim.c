/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From the tree back to text: for what is kept word for word.
 */
#include <string.h>

#include "conf/field_table.h"
#include "conf/xml_tree.h"

/* ---- namespaces ---- */

static bool same_prefix(const char *a, const char *b)
{
    return g_strcmp0(a, b) == 0;
}

/* Whether a declaration at NODE, or around it up to TOP, says what PREFIX is. */
static bool is_declared(const VxXmlNode *node, const VxXmlNode *top, const char *prefix)
{
    for (;; node = node->parent) {
        for (const VxXmlDeclaration *each = node->declarations; each; each = each->next) {
            if (same_prefix(each->prefix, prefix))
                return true;
        }
        if (node == top)
            return false;
    }
}

/* Appends PREFIX of NODE, which is in the namespace URI, if it is declared outside of TOP only. */
static void need(GArray *needed, const VxXmlNode *node, const VxXmlNode *top, const char *prefix, const char *uri)
{
    const VxXmlDeclaration found = {.prefix = prefix, .uri = uri};

    if (!uri || g_strcmp0(prefix, "xml") == 0 || is_declared(node, top, prefix))
        return;
    for (guint i = 0; i < needed->len; i++) {
        if (same_prefix(g_array_index(needed, VxXmlDeclaration, i).prefix, prefix))
            return;
    }
    g_array_append_val(needed, found);
}

static void collect_needed(GArray *needed, const VxXmlNode *node, const VxXmlNode *top)
{
    need(needed, node, top, node->prefix, node->namespace_uri);
    for (const VxXmlAttribute *attribute = node->attributes; attribute; attribute = attribute->next)
        need(needed, node, top, attribute->prefix, attribute->namespace_uri);
    for (const VxXmlNode *child = node->children; child; child = child->next) {
        if (child->kind == VX_XML_ELEMENT)
            collect_needed(needed, child, top);
    }
}

/* ---- text ---- */

static void append_attribute(GString *out, const char *prefix, const char *name, const char *value)
{
    g_string_append_c(out, ' ');
    if (prefix) {
        g_string_append(out, prefix);
        g_string_append_c(out, ':');
    }
    g_string_append(out, name);
    g_string_append(out, "=\"");
    vx_xml_write_special(out, value, "&<>\"\r\n\t");
    g_string_append_c(out, '"');
}

static void append_declaration(GString *out, const VxXmlDeclaration *declaration)
{
    append_attribute(out, declaration->prefix ? "xmlns" : NULL, declaration->prefix ? declaration->prefix : "xmlns",
                     declaration->uri);
}

static void append_name(GString *out, const VxXmlNode *node)
{
    if (node->prefix) {
        g_string_append(out, node->prefix);
        g_string_append_c(out, ':');
    }
    g_string_append(out, node->name);
}

static void append_node(GString *out, const VxXmlNode *node, const GArray *needed);

static void append_element(GString *out, const VxXmlNode *node, const GArray *needed)
{
    g_string_append_c(out, '<');
    append_name(out, node);
    for (const VxXmlDeclaration *each = node->declarations; each; each = each->next)
        append_declaration(out, each);
    for (guint i = 0; needed && i < needed->len; i++)
        append_declaration(out, &g_array_index(needed, VxXmlDeclaration, i));
    for (const VxXmlAttribute *each = node->attributes; each; each = each->next)
        append_attribute(out, each->prefix, each->name, each->value);
    if (!node->children) {
        g_string_append(out, "/>");
        return;
    }
    g_string_append_c(out, '>');
    for (const VxXmlNode *child = node->children; child; child = child->next)
        append_node(out, child, NULL);
    g_string_append(out, "</");
    append_name(out, node);
    g_string_append_c(out, '>');
}

/* NEEDED (may be NULL) is declared at an element beside what it declares itself. */
static void append_node(GString *out, const VxXmlNode *node, const GArray *needed)
{
    switch (node->kind) {
    case VX_XML_ELEMENT:
        append_element(out, node, needed);
        break;
    case VX_XML_TEXT:
        vx_xml_write_special(out, node->text, "&<>\r");
        break;
    case VX_XML_CDATA:
        g_string_append_printf(out, "<![CDATA[%s]]>", node->text);
        break;
    case VX_XML_COMMENT:
        g_string_append_printf(out, "<!--%s-->", node->text);
        break;
    case VX_XML_INSTRUCTION:
        g_string_append_printf(out, "<?%s%s%s?>", node->name, *node->text ? " " : "", node->text);
        break;
    }
}

char *vx_xml_verbatim(const VxXmlNode *node)
{
    g_autoptr(GArray) needed = g_array_new(FALSE, FALSE, sizeof(VxXmlDeclaration));
    GString *out = g_string_new(NULL);

    collect_needed(needed, node, node);
    append_node(out, node, needed);
    return g_string_free(out, FALSE);
}
