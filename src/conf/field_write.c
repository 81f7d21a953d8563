/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From structs to XML text: a walk over the field tables. The text is written directly, in libvirt's layout: two
 * blanks a level, attributes in single quotes, the fields in the order of their table.
 */
#include <string.h>

#include "conf/field_table.h"
#include "conf/xml_escape.h"

const VxXmlNamespace vx_xml_namespaces[VX_XML_N_NAMESPACES] = {
    {"xen", VX_XEN_NAMESPACE},
    {"virtxl", VX_VIRTXL_NAMESPACE},
};

/* g_string_append_len() without the function call: most of what is written is a few bytes long. */
static void put_bytes(GString *out, const char *text, gsize length)
{
    if (length < out->allocated_len - out->len) {
        memcpy(out->str + out->len, text, length);
        out->len += length;
        out->str[out->len] = '\0';
    } else {
        g_string_append_len(out, text, (gssize)length);
    }
}

static void put(GString *out, const char *text)
{
    put_bytes(out, text, strlen(text));
}

/* The same for a literal. */
#define PUT(out, literal) put_bytes(out, "" literal, sizeof(literal) - 1)

/* A raw newline or tab in an attribute would come back as a blank, and a raw carriage return as a newline. */
#define IN_CONTENT "&<>'\"\r"
#define IN_ATTRIBUTE IN_CONTENT "\n\t"

/* The escape for C, NULL if there is none. */
static const char *escape_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '\'':
        return "&apos;";
    case '"':
        return "&quot;";
    case '\r':
        return "&#13;";
    case '\n':
        return "&#10;";
    case '\t':
        return "&#9;";
    default:
        return NULL;
    }
}

void vx_xml_write_special(GString *out, const char *text, const char *special)
{
    const char *plain = text;

    for (; *text; text++) {
        /* The characters to be escaped are all below 'A'; most text is above. */
        const char *escape = (guchar)*text < 'A' ? escape_of(*text) : NULL;

        if (!escape || !strchr(special, *text))
            continue;
        put_bytes(out, plain, (gsize)(text - plain));
        put(out, escape);
        plain = text + 1;
    }
    put_bytes(out, plain, (gsize)(text - plain));
}

void vx_xml_write_escaped(GString *out, const char *text)
{
    vx_xml_write_special(out, text, IN_CONTENT);
}

void vx_xml_write_attribute(GString *out, const char *name, const char *value)
{
    PUT(out, " ");
    put(out, name);
    PUT(out, "='");
    vx_xml_write_special(out, value, IN_ATTRIBUTE);
    PUT(out, "'");
}

void vx_xml_indent(VxXmlWriter *writer)
{
    for (unsigned i = 0; i < writer->depth; i++)
        PUT(writer->out, "  ");
}

/* ---- names and values ---- */

/* The prefix of the namespace URI (NULL: libvirt's own); that it is used is noted for whoever writes the root element.
 */
static const char *prefix_of(VxXmlWriter *writer, const char *uri)
{
    if (!uri)
        return "";
    for (unsigned i = 0; i < G_N_ELEMENTS(vx_xml_namespaces); i++) {
        if (strcmp(vx_xml_namespaces[i].uri, uri) == 0) {
            writer->namespaces_used |= 1u << i;
            return vx_xml_namespaces[i].prefix;
        }
    }
    g_assert_not_reached();
}

static void append_name(VxXmlWriter *writer, const char *prefix, const char *name)
{
    if (*prefix) {
        put(writer->out, prefix);
        PUT(writer->out, ":");
    }
    put(writer->out, name);
}

/* Whether the value of FIELD is text that XML has no way of saying. */
static bool is_unsayable(const VxField *field, const void *slot)
{
    return field->type == &vx_value_string && !vx_xml_can_say(*(char *const *)slot);
}

static void append_value(VxXmlWriter *writer, const VxField *field, const void *slot, bool in_attribute)
{
    if (is_unsayable(field, slot)) {
        g_autofree char *text = vx_xml_escape(*(char *const *)slot);

        vx_xml_write_special(writer->out, text, in_attribute ? IN_ATTRIBUTE : IN_CONTENT);
    } else if (field->type == &vx_value_string) {
        vx_xml_write_special(writer->out, *(char *const *)slot, in_attribute ? IN_ATTRIBUTE : IN_CONTENT);
    } else {
        field->type->format(field, slot, writer->out); /* no other kind of value has anything to escape */
    }
}

/* Notes for write_escaped_names() that NAME of the element in progress is escaped. */
static void note_escaped(VxXmlWriter *writer, const char *name)
{
    if (!writer->escaped)
        writer->escaped = g_string_new(name);
    else
        g_string_append_printf(writer->escaped, " %s", name);
}

static void write_escaped_names(VxXmlWriter *writer)
{
    g_autoptr(GString) names = g_steal_pointer(&writer->escaped);

    if (!names)
        return;
    PUT(writer->out, " ");
    append_name(writer, prefix_of(writer, VX_VIRTXL_NAMESPACE), VX_XML_ESCAPED);
    PUT(writer->out, "='");
    vx_xml_write_special(writer->out, names->str, IN_ATTRIBUTE);
    PUT(writer->out, "'");
}

static bool is_written(VxXmlWriter *writer, const VxField *field, const void *base, const VxObject *object)
{
    if (field->flags & VX_FIELD_READ_ONLY)
        return false;
    if ((field->flags & VX_FIELD_LIVE) && !(writer->flags & VX_WRITE_LIVE))
        return false;
    if (field->flags & VX_FIELD_SECRET) {
        writer->met_secrets = writer->met_secrets || vx_field_is_given(field, base);
        if (!(writer->flags & VX_WRITE_SECRETS))
            return false;
    }
    /* Where anything is kept, a VX_CHILD is tried: what is kept for its unsupported rows is not in its fields. */
    return (field->placement == VX_CHILD && object && object->kept) || vx_field_is_given(field, base);
}

/* Whether OBJECT keeps something for the row FIELD, from *I on; *I is moved behind it. */
static const VxKept *next_kept(const VxObject *object, const VxField *field, unsigned *i)
{
    while (object && object->kept && *i < object->kept->len) {
        const VxKept *kept = object->kept->pdata[(*i)++];

        if (kept->field == field)
            return kept;
    }
    return NULL;
}

/* Returns the row that is the element's own text, which it has passed on the way; NULL if there is none. */
static const VxField *write_attributes(VxXmlWriter *writer, const VxElement *element, const void *base,
                                       const VxObject *object)
{
    const VxField *content = NULL;

    for (unsigned i = 0; i < element->n_fields; i++) {
        const VxField *field = &element->fields[i];

        if (field->placement == VX_ATTRIBUTE && is_written(writer, field, base, object)) {
            PUT(writer->out, " ");
            put(writer->out, field->name);
            PUT(writer->out, "='");
            append_value(writer, field, (const char *)base + field->offset, true);
            PUT(writer->out, "'");
            if (is_unsayable(field, (const char *)base + field->offset))
                note_escaped(writer, field->name);
        } else if (field->placement == VX_UNSUPPORTED_ATTRIBUTE) {
            unsigned from = 0;
            const VxKept *kept = next_kept(object, field, &from);

            if (kept)
                vx_xml_write_attribute(writer->out, field->name, kept->text);
        } else if (field->placement == VX_CONTENT) {
            content = field;
        }
    }
    return content;
}

static void write_text(VxXmlWriter *writer, const VxField *field, const void *slot)
{
    const char *prefix = prefix_of(writer, field->namespace_uri);

    vx_xml_indent(writer);
    PUT(writer->out, "<");
    append_name(writer, prefix, field->name);
    if (field->type == &vx_value_flag) {
        PUT(writer->out, "/>\n");
        return;
    }
    if (is_unsayable(field, slot))
        note_escaped(writer, VX_XML_ESCAPED_CONTENT);
    write_escaped_names(writer);
    PUT(writer->out, ">");
    append_value(writer, field, slot, false);
    PUT(writer->out, "</");
    append_name(writer, prefix, field->name);
    PUT(writer->out, ">\n");
}

/* Whether an element that has nothing in it is written all the same. */
typedef enum { DROP_EMPTY, KEEP_EMPTY } Empty;

static void write_element(VxXmlWriter *writer, const VxElement *element, const char *prefix, const char *name,
                          const void *base, const VxObject *object, Empty empty);

static void write_kept_children(VxXmlWriter *writer, const VxField *field, const VxObject *object)
{
    unsigned from = 0;

    for (const VxKept *kept; (kept = next_kept(object, field, &from));) {
        vx_xml_indent(writer);
        put(writer->out, kept->text);
        PUT(writer->out, "\n");
    }
}

static void write_list(VxXmlWriter *writer, const VxField *field, const GPtrArray *list)
{
    const char *prefix = prefix_of(writer, field->namespace_uri);

    for (unsigned i = 0; i < list->len; i++) {
        const VxObject *item = list->pdata[i];
        const VxElement *element = vx_field_element_of_item(field, item);

        if (vx_element_unsupported(element)) {
            write_kept_children(writer, element->fields, item);
            continue;
        }
        write_element(writer, element, prefix, field->name ? field->name : element->name, item, item, KEEP_EMPTY);
    }
}

static void write_child(VxXmlWriter *writer, const VxField *field, const void *base, const VxObject *object)
{
    const void *slot = (const char *)base + field->offset;

    switch (field->placement) {
    case VX_TEXT:
        write_text(writer, field, slot);
        break;
    case VX_CHILD: {
        unsigned namespaces_before = writer->namespaces_used;
        gsize length_before = writer->out->len;

        write_element(writer, field->element, prefix_of(writer, field->namespace_uri), field->name, slot, object,
                      field->flags & VX_FIELD_ALWAYS ? KEEP_EMPTY : DROP_EMPTY);
        if (writer->out->len == length_before)
            writer->namespaces_used = namespaces_before; /* it was empty and is not there */
        break;
    }
    case VX_CHILD_PTR:
        slot = *(void *const *)slot;
        write_element(writer, field->element, prefix_of(writer, field->namespace_uri), field->name, slot, slot,
                      KEEP_EMPTY);
        break;
    case VX_LIST:
    case VX_CHOICE:
        write_list(writer, field, *(GPtrArray *const *)slot);
        break;
    case VX_CUSTOM:
        field->custom->write(writer, field, slot);
        break;
    case VX_ATTRIBUTE:
    case VX_CONTENT:
    case VX_UNSUPPORTED_ATTRIBUTE:
    case VX_UNSUPPORTED_CHILD:
    case VX_UNSUPPORTED_WHOLE:
        break;
    }
}

static void write_children(VxXmlWriter *writer, const VxElement *element, const void *base, const VxObject *object)
{
    for (unsigned i = 0; i < element->n_fields; i++) {
        const VxField *field = &element->fields[i];

        if (field->placement == VX_ATTRIBUTE || field->placement == VX_CONTENT)
            continue;
        if (field->placement == VX_UNSUPPORTED_CHILD)
            write_kept_children(writer, field, object);
        else if (is_written(writer, field, base, object))
            write_child(writer, field, base, object);
    }
}

/* Ends the list of attributes and appends ">text" of CONTENT (may be NULL). Returns false if there is no text. */
static bool write_content(VxXmlWriter *writer, const VxField *content, const void *base, const VxObject *object)
{
    const void *slot = content ? (const char *)base + content->offset : NULL;
    bool has_text = content && is_written(writer, content, base, object);

    if (has_text && is_unsayable(content, slot))
        note_escaped(writer, VX_XML_ESCAPED_CONTENT);
    write_escaped_names(writer);
    if (!has_text)
        return false;
    PUT(writer->out, ">");
    append_value(writer, content, slot, false);
    return true;
}

static void write_element(VxXmlWriter *writer, const VxElement *element, const char *prefix, const char *name,
                          const void *base, const VxObject *object, Empty empty)
{
    gsize start = writer->out->len, before_attributes, before_children;
    const VxField *content;
    bool has_children, has_content;

    vx_xml_indent(writer);
    PUT(writer->out, "<");
    append_name(writer, prefix, name);
    before_attributes = writer->out->len;
    content = write_attributes(writer, element, base, object);
    has_content = write_content(writer, content, base, object);
    before_children = writer->out->len;
    PUT(writer->out, ">\n");
    writer->depth++;
    write_children(writer, element, base, object);
    writer->depth--;
    has_children = writer->out->len > before_children + 2;
    if (has_children) {
        vx_xml_indent(writer);
    } else {
        g_string_truncate(writer->out, before_children);
        if (!has_content) {
            if (empty == DROP_EMPTY && before_children == before_attributes)
                g_string_truncate(writer->out, start);
            else
                PUT(writer->out, "/>\n");
            return;
        }
    }
    PUT(writer->out, "</");
    append_name(writer, prefix, name);
    PUT(writer->out, ">\n");
}

void vx_fields_write(VxXmlWriter *writer, const VxElement *element, const char *name, const void *base,
                     const VxObject *object)
{
    write_element(writer, element, "", name ? name : element->name, base, object, KEEP_EMPTY);
}
