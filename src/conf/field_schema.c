/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The RELAX NG schema of the elements: a walk over the field tables. Every element becomes one <define>, named after
 * where it stands, so that two elements of one name (the <source> of a disk and of a console) do not meet.
 */
#include <string.h>

#include "conf/field_table.h"
#include "conf/xml_escape.h"

/* The attribute of elements with text that XML cannot say. */
#define ESCAPED "<ref name='escaped'/>"

/* A definition that has yet to be written. */
typedef struct {
    const VxElement *element;
    char *name;
} Pending;

typedef struct {
    GString *out;
    GPtrArray *pending; /* of Pending, in the order in which they are referred to; those written stay */
} Schema;

static void pending_free(gpointer data)
{
    Pending *pending = data;

    g_free(pending->name);
    g_free(pending);
}

/* The name of the pattern of ELEMENT, which stands in the pattern PARENT under NAME; its own if several parents share
 * it. */
static const char *refer(Schema *schema, const VxElement *element, const char *parent, const char *name)
{
    Pending *pending;

    for (unsigned i = 0; i < schema->pending->len; i++) {
        pending = schema->pending->pdata[i];
        if (pending->element == element)
            return pending->name;
    }
    pending = g_new0(Pending, 1);
    pending->element = element;
    pending->name = parent ? g_strdup_printf("%s.%s", parent, name) : g_strdup(name);
    g_ptr_array_add(schema->pending, pending);
    return pending->name;
}

static void write_name(GString *out, const VxField *field, const char *name)
{
    g_string_append_printf(out, "<element name='%s'%s%s%s>", name, field->namespace_uri ? " ns='" : "",
                           field->namespace_uri ? field->namespace_uri : "", field->namespace_uri ? "'" : "");
}

static void write_reference(Schema *schema, const VxField *field, const VxElement *element, const char *parent,
                            const char *name)
{
    write_name(schema->out, field, name);
    g_string_append_printf(schema->out, "<ref name='%s'/></element>", refer(schema, element, parent, name));
}

static bool may_be_escaped(const VxField *field)
{
    return (field->placement == VX_ATTRIBUTE || field->placement == VX_CONTENT || field->placement == VX_TEXT) &&
           field->type == &vx_value_string;
}

static void write_value(Schema *schema, const VxField *field)
{
    field->type->schema(field, schema->out);
}

static void write_choice(Schema *schema, const VxField *field, const char *parent)
{
    g_string_append(schema->out, "<zeroOrMore><choice>");
    for (const VxElement *const *choice = field->choices; *choice; choice++)
        write_reference(schema, field, *choice, parent, (*choice)->name);
    g_string_append(schema->out, "</choice></zeroOrMore>");
}

static void write_child(Schema *schema, const VxField *field, const char *parent)
{
    switch (field->placement) {
    case VX_TEXT:
        write_name(schema->out, field, field->name);
        if (may_be_escaped(field))
            g_string_append(schema->out, ESCAPED);
        write_value(schema, field);
        g_string_append(schema->out, "</element>");
        break;
    case VX_CHILD:
    case VX_CHILD_PTR:
    case VX_LIST:
        write_reference(schema, field, field->element, parent, field->name);
        break;
    case VX_CUSTOM:
        field->custom->schema(field, schema->out);
        break;
    case VX_UNSUPPORTED_CHILD:
        write_name(schema->out, field, field->name);
        g_string_append(schema->out, "<ref name='anything'/></element>");
        break;
    case VX_ATTRIBUTE:
    case VX_CONTENT:
    case VX_CHOICE:
    case VX_UNSUPPORTED_ATTRIBUTE:
    case VX_UNSUPPORTED_WHOLE:
        g_assert_not_reached();
    }
}

static void write_attribute(Schema *schema, const VxField *field)
{
    g_string_append_printf(schema->out, "<attribute name='%s'>", field->name);
    if (field->placement == VX_ATTRIBUTE)
        write_value(schema, field);
    else
        g_string_append(schema->out, "<text/>");
    g_string_append(schema->out, "</attribute>");
}

/* How often FIELD may be there; NULL for exactly once. */
static const char *occurrence(const VxField *field)
{
    if (field->placement == VX_LIST || field->placement == VX_UNSUPPORTED_CHILD)
        return "zeroOrMore";
    return field->flags & VX_FIELD_REQUIRED ? NULL : "optional";
}

static void write_field(Schema *schema, const VxField *field, const char *parent)
{
    const char *times = occurrence(field);

    g_string_append(schema->out, "      ");
    if (field->placement == VX_UNSUPPORTED_WHOLE) {
        g_string_append(schema->out, "<ref name='anything'/>");
    } else if (field->placement == VX_CHOICE) {
        write_choice(schema, field, parent);
    } else if (field->placement == VX_CONTENT) {
        g_string_append(schema->out, "<text/>"); /* RELAX NG cannot mix typed text with elements in an interleave */
    } else {
        if (times)
            g_string_append_printf(schema->out, "<%s>", times);
        if (field->placement == VX_ATTRIBUTE || field->placement == VX_UNSUPPORTED_ATTRIBUTE)
            write_attribute(schema, field);
        else
            write_child(schema, field, parent);
        if (times)
            g_string_append_printf(schema->out, "</%s>", times);
    }
    g_string_append_c(schema->out, '\n');
}

static void write_define(Schema *schema, const Pending *pending)
{
    const VxElement *element = pending->element;
    bool has_text = false;

    g_string_append_printf(schema->out, "  <define name='%s'>\n    <interleave>\n", pending->name);
    for (unsigned i = 0; i < element->n_fields; i++) {
        write_field(schema, &element->fields[i], pending->name);
        has_text = has_text || (may_be_escaped(&element->fields[i]) && element->fields[i].placement != VX_TEXT);
    }
    if (has_text)
        g_string_append(schema->out, "      " ESCAPED "\n");
    if (element->n_fields == 0)
        g_string_append(schema->out, "      <empty/>\n");
    g_string_append(schema->out, "    </interleave>\n  </define>\n");
}

static const char head[] =
    "<?xml version='1.0' encoding='UTF-8'?>\n"
    "<!-- SPDX-License-Identifier: LGPL-2.1-or-later\n"
    "     Made from the field tables in src/conf by gen-docs: 'ninja -C build regenerate-schema' makes it anew. -->\n"
    "<grammar xmlns='http://relaxng.org/ns/structure/1.0' "
    "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>\n";

static const char escaped[] =
    "  <define name='escaped'>\n"
    "    <optional>\n"
    "      <attribute name='" VX_XML_ESCAPED "' ns='" VX_VIRTXL_NAMESPACE "'><text/></attribute>\n"
    "    </optional>\n"
    "  </define>\n";

static const char anything[] = "  <define name='anything'>\n"
                               "    <zeroOrMore>\n"
                               "      <choice>\n"
                               "        <text/>\n"
                               "        <attribute><anyName/></attribute>\n"
                               "        <element><anyName/><ref name='anything'/></element>\n"
                               "      </choice>\n"
                               "    </zeroOrMore>\n"
                               "  </define>\n"
                               "</grammar>\n";

void vx_fields_schema(const VxElement *element, GString *out)
{
    g_autoptr(GPtrArray) pending = g_ptr_array_new_with_free_func(pending_free);
    Schema schema = {.out = out, .pending = pending};

    g_string_append(out, head);
    g_string_append_printf(out, "  <start><element name='%s'><ref name='%s'/></element></start>\n", element->name,
                           refer(&schema, element, NULL, element->name));
    for (unsigned i = 0; i < pending->len; i++) /* grows as it is walked */
        write_define(&schema, pending->pdata[i]);
    g_string_append(out, escaped);
    g_string_append(out, anything);
}
