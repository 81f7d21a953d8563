/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The reference page: a walk over the field tables that says in HTML what each element may hold.
 */
#include <string.h>

#include "conf/field_table.h"

typedef struct {
    GString *out;
    GPtrArray *pending; /* elements that will get one, with their paths at the same index of `paths` */
    GPtrArray *paths;
} Reference;

static void append_escaped(GString *out, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);

    g_string_append(out, escaped);
}

/* The anchor of the section of the element at PATH. */
static void append_anchor(GString *out, const char *path)
{
    for (; *path; path++)
        g_string_append_c(out, g_ascii_isalnum(*path) ? *path : '-');
}

/* Where the section of ELEMENT is: at PATH, unless it has one elsewhere. */
static const char *request(Reference *reference, const VxElement *element, const char *path)
{
    for (unsigned i = 0; i < reference->pending->len; i++) {
        if (reference->pending->pdata[i] == element)
            return reference->paths->pdata[i];
    }
    g_ptr_array_add(reference->pending, (gpointer)element);
    g_ptr_array_add(reference->paths, g_strdup(path));
    return path;
}

static void append_link(Reference *reference, const VxElement *element, const char *parent, const char *name)
{
    g_autofree char *path = g_strdup_printf("%s/%s", parent, name);
    const char *section = element->n_fields > 0 ? request(reference, element, path) : NULL;

    if (section) {
        g_string_append(reference->out, "<a href=\"#");
        append_anchor(reference->out, section);
        g_string_append(reference->out, "\">");
    }
    g_string_append_printf(reference->out, "<code>&lt;%s&gt;</code>%s", name, section ? "</a>" : "");
}

static const char *prefix_of(const VxField *field)
{
    for (unsigned i = 0; field->namespace_uri && i < VX_XML_N_NAMESPACES; i++) {
        if (strcmp(vx_xml_namespaces[i].uri, field->namespace_uri) == 0)
            return vx_xml_namespaces[i].prefix;
    }
    return "";
}

static void append_what(Reference *reference, const VxField *field, const char *path)
{
    g_autofree char *name = g_strconcat(prefix_of(field), *prefix_of(field) ? ":" : "", field->name, NULL);

    if (field->element)
        append_link(reference, field->element, path, name);
    else if (field->placement == VX_ATTRIBUTE || field->placement == VX_UNSUPPORTED_ATTRIBUTE)
        g_string_append_printf(reference->out, "<code>%s=</code>", name);
    else if (field->placement == VX_CONTENT)
        g_string_append(reference->out, "its text");
    else
        g_string_append_printf(reference->out, "<code>&lt;%s&gt;</code>", name);
}

static void append_value(Reference *reference, const VxField *field)
{
    g_autofree char *value = NULL;

    if (field->type)
        value = field->type->describe(field);
    else if (field->custom)
        value = g_strdup(field->custom->describe);
    else if (field->placement == VX_LIST)
        value = g_strdup("any number of them");
    else if (field->placement == VX_UNSUPPORTED_ATTRIBUTE || field->placement == VX_UNSUPPORTED_CHILD ||
             field->placement == VX_UNSUPPORTED_WHOLE)
        value = g_strdup("kept; Xen cannot do it");
    if (value)
        append_escaped(reference->out, value);
}

static void append_remarks(Reference *reference, const VxField *field)
{
    append_escaped(reference->out, field->doc ? field->doc : "");
    if (field->flags & VX_FIELD_REQUIRED)
        g_string_append(reference->out, " (required)");
    if (field->flags & VX_FIELD_LIVE)
        g_string_append(reference->out, " (of a running domain only)");
    if (field->flags & VX_FIELD_SECRET)
        g_string_append(reference->out, " (shown only with --security-info)");
    if (field->flags & VX_FIELD_READ_ONLY)
        g_string_append(reference->out, " (read, never written)");
}

static void append_row(Reference *reference, const VxField *field, const char *path)
{
    bool cannot;

    if (field->placement == VX_CHOICE) {
        for (const VxElement *const *choice = field->choices; *choice; choice++) {
            if (vx_element_unsupported(*choice)) {
                append_row(reference, vx_element_unsupported(*choice), path);
                continue;
            }
            g_string_append(reference->out, "<tr><td>");
            append_link(reference, *choice, path, (*choice)->name);
            g_string_append(reference->out, "</td><td>any number of them</td><td>");
            append_escaped(reference->out, (*choice)->doc ? (*choice)->doc : "");
            g_string_append(reference->out, "</td></tr>\n");
        }
        return;
    }
    cannot = field->placement == VX_UNSUPPORTED_ATTRIBUTE || field->placement == VX_UNSUPPORTED_CHILD;
    g_string_append_printf(reference->out, "<tr%s><td>", cannot ? " class=\"cannot\"" : "");
    append_what(reference, field, path);
    g_string_append(reference->out, "</td><td>");
    append_value(reference, field);
    g_string_append(reference->out, "</td><td>");
    append_remarks(reference, field);
    g_string_append(reference->out, "</td></tr>\n");
}

static void append_section(Reference *reference, const VxElement *element, const char *path)
{
    g_string_append(reference->out, "<h3 id=\"");
    append_anchor(reference->out, path);
    g_string_append_printf(reference->out, "\"><code>%s</code></h3>\n", path);
    if (element->doc) {
        g_string_append(reference->out, "<p>");
        append_escaped(reference->out, element->doc);
        g_string_append(reference->out, "</p>\n");
    }
    g_string_append(reference->out, "<table>\n<tr><th>what</th><th>value</th><th>what it is for</th></tr>\n");
    for (unsigned i = 0; i < element->n_fields; i++)
        append_row(reference, &element->fields[i], path);
    g_string_append(reference->out, "</table>\n");
}

/* What there are sections of, in their order. */
static void append_index(const Reference *reference, GString *out)
{
    g_string_append(out, "<ul class=\"index\">\n");
    for (unsigned i = 0; i < reference->paths->len; i++) {
        g_string_append(out, "<li><a href=\"#");
        append_anchor(out, reference->paths->pdata[i]);
        g_string_append_printf(out, "\"><code>%s</code></a></li>\n", (const char *)reference->paths->pdata[i]);
    }
    g_string_append(out, "</ul>\n");
}

void vx_fields_reference(const VxElement *element, GString *out)
{
    g_autoptr(GPtrArray) pending = g_ptr_array_new();
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) sections = g_string_new(NULL);
    Reference reference = {.out = sections, .pending = pending, .paths = paths};

    request(&reference, element, element->name);
    for (unsigned i = 0; i < pending->len; i++) /* grows as it is walked */
        append_section(&reference, pending->pdata[i], paths->pdata[i]);
    append_index(&reference, out);
    g_string_append_len(out, sections->str, (gssize)sections->len);
}
