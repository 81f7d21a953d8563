/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From XML to structs: a walk over the field tables.
 */
#include <string.h>

#include "conf/field_table.h"
#include "conf/xml_escape.h"
#include "conf/xml_source.h"

/* No element has more fields than this. */
#define MAX_FIELDS 128

/* Which fields of an element have been met: bit i is field i. */
typedef struct {
    guint64 bits[MAX_FIELDS / 64];
} Seen;

/* Marks field I and returns whether it was marked before. */
static bool seen_mark(Seen *seen, unsigned i)
{
    guint64 bit = G_GUINT64_CONSTANT(1) << (i % 64);
    bool before = seen->bits[i / 64] & bit;

    seen->bits[i / 64] |= bit;
    return before;
}

static bool seen_has(const Seen *seen, unsigned i)
{
    return seen->bits[i / 64] & (G_GUINT64_CONSTANT(1) << (i % 64));
}

static bool same_namespace(const VxField *field, const char *uri)
{
    return g_strcmp0(field->namespace_uri, uri) == 0;
}

static bool is_attribute_row(const VxField *field)
{
    return field->placement == VX_ATTRIBUTE || field->placement == VX_UNSUPPORTED_ATTRIBUTE;
}

static bool is_child_row(const VxField *field)
{
    return !is_attribute_row(field) && field->placement != VX_CONTENT && field->placement != VX_UNSUPPORTED_WHOLE;
}

/* The choice of FIELD called NAME, NULL if there is none. */
static const VxElement *find_choice(const VxField *field, const char *name)
{
    for (const VxElement *const *choice = field->choices; *choice; choice++) {
        if (strcmp((*choice)->name, name) == 0)
            return *choice;
    }
    return NULL;
}

/* The row of ELEMENT for the child or attribute NAME; *CHOICE is set for a VX_CHOICE. */
static const VxField *find_field(const VxElement *element, bool attribute, const char *name, const char *uri,
                                 const VxElement **choice)
{
    for (unsigned i = 0; i < element->n_fields; i++) {
        const VxField *field = &element->fields[i];

        if (attribute ? !is_attribute_row(field) : !is_child_row(field))
            continue;
        if (field->placement == VX_CHOICE) {
            if (!uri && (*choice = find_choice(field, name)))
                return field;
        } else if (*field->name == *name && strcmp(field->name, name) == 0 && same_namespace(field, uri)) {
            return field;
        }
    }
    return NULL;
}

static void append_names(const VxElement *element, bool attribute, GPtrArray *names)
{
    for (unsigned i = 0; i < element->n_fields; i++) {
        const VxField *field = &element->fields[i];

        if (attribute ? !is_attribute_row(field) : !is_child_row(field))
            continue;
        if (field->placement == VX_CHOICE) {
            for (const VxElement *const *choice = field->choices; *choice; choice++)
                g_ptr_array_add(names, (gpointer)(*choice)->name);
        } else {
            g_ptr_array_add(names, (gpointer)field->name);
        }
    }
}

static void report_unknown(VxXmlReader *reader, const VxElement *element, const VxXmlNode *node, const char *name,
                           bool attribute, VxPlace place)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const char *nearest;

    append_names(element, attribute, names);
    nearest = vx_nearest_text(name, (const char *const *)names->pdata, names->len);
    if (nearest && strcmp(nearest, name) == 0) /* it is in another namespace, which is no slip of spelling */
        nearest = NULL;
    if (attribute)
        vx_diag_warn(reader->diag, place, "<%s> has no attribute '%s'%s%s%s; it is left out", node->name, name,
                     nearest ? ": did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    else
        vx_diag_warn(reader->diag, place, "<%s> has no element <%s>%s%s%s; it is left out", node->name, name,
                     nearest ? ": did you mean <" : "", nearest ? nearest : "", nearest ? ">?" : "");
}

static void keep(VxObject *object, const VxField *field, VxPlace place, const char *text)
{
    if (!object->kept)
        object->kept = g_ptr_array_new_with_free_func(vx_kept_free);
    g_ptr_array_add(object->kept, vx_kept_new(field, place, text));
}

static void keep_child(VxObject *object, const VxField *field, VxXmlNode *child)
{
    g_autofree char *text = vx_xml_verbatim(child);

    keep(object, field, child->place, text);
}

/* ---- text with escapes ---- */

/* Kept of an element that has virtxl:escaped, so that no guest is made of it in ignorance. */
static const VxField escaped_field = {
    .placement = VX_UNSUPPORTED_ATTRIBUTE,
    .name = VX_XML_ESCAPED,
};

bool vx_kept_is_about_escapes(const VxKept *kept)
{
    return kept->field == &escaped_field;
}

static bool is_escaped_attribute(const VxXmlAttribute *attribute)
{
    return attribute->namespace_uri && strcmp(attribute->name, VX_XML_ESCAPED) == 0 &&
           strcmp(attribute->namespace_uri, VX_VIRTXL_NAMESPACE) == 0;
}

/* The names of what is escaped in NODE, NULL if nothing is. OBJECT keeps them. */
static const char *read_escaped_names(const VxXmlNode *node, VxObject *object)
{
    for (const VxXmlAttribute *attribute = node->attributes; attribute; attribute = attribute->next) {
        if (!is_escaped_attribute(attribute))
            continue;
        keep(object, &escaped_field, node->place, attribute->value);
        return attribute->value;
    }
    return NULL;
}

/* What TEXT was before it was escaped: the value of NODE's attribute NAME, or (NULL) its own text. *BUILT is set to
 * what the caller frees. */
static const char *unescape(VxXmlReader *reader, const char *names, const VxXmlNode *node, const char *name,
                            const char *text, char **built)
{
    *built = NULL;
    if (!vx_xml_is_escaped(names, name ? name : VX_XML_ESCAPED_CONTENT))
        return text;
    *built = vx_xml_unescape(text);
    if (!*built)
        vx_diag_wrong(reader->diag, vx_xml_attribute_place(reader->diag, node, name),
                      "'%.100s' has a backslash that begins no escape: write \\x5c for it", text);
    return *built ? *built : "";
}

/* ---- attributes and text ---- */

/* Reads the text of NODE into SLOT; ESCAPED are the names of what is escaped in it. */
static void read_text(VxXmlReader *reader, const VxField *field, const VxXmlNode *node, void *slot, const char *escaped)
{
    g_autofree char *content = NULL, *unescaped = NULL, *why = NULL;
    const char *text = unescape(reader, escaped, node, NULL, vx_xml_content(node, &content), &unescaped);

    if (!field->type->parse(field, text, slot, &why))
        vx_diag_wrong(reader->diag, node->place, "<%s> is '%.100s': write %s", node->name, text, why);
}

static void read_attribute(VxXmlReader *reader, const VxElement *element, const VxXmlNode *node,
                           const VxXmlAttribute *attribute, const char *escaped, void *base, VxObject *object,
                           Seen *seen)
{
    const char *name = attribute->name;
    const VxElement *choice = NULL;
    const VxField *field = find_field(element, true, name, attribute->namespace_uri, &choice);
    g_autofree char *built = NULL, *why = NULL;
    const char *value;

    if (!field) {
        report_unknown(reader, element, node, name, true, vx_xml_attribute_place(reader->diag, node, name));
        return;
    }
    seen_mark(seen, (unsigned)(field - element->fields));
    value = unescape(reader, escaped, node, name, attribute->value, &built);
    if (field->placement == VX_UNSUPPORTED_ATTRIBUTE) {
        keep(object, field, vx_xml_attribute_place(reader->diag, node, name), value);
        return;
    }
    if ((field->flags & VX_FIELD_LIVE) && !(reader->flags & VX_READ_LIVE))
        return;
    if (!field->type->parse(field, value, (char *)base + field->offset, &why))
        vx_diag_wrong(reader->diag, vx_xml_attribute_place(reader->diag, node, name),
                      "%s of <%s> is '%.100s': write %s", name, node->name, value, why);
}

static void read_text_child(VxXmlReader *reader, const VxField *field, VxXmlNode *child, void *slot, VxObject *object)
{
    const char *escaped = read_escaped_names(child, object);

    for (VxXmlAttribute *attribute = child->attributes; attribute; attribute = attribute->next) {
        if (!is_escaped_attribute(attribute))
            vx_diag_warn(reader->diag, vx_xml_attribute_place(reader->diag, child, attribute->name),
                         "<%s> has no attribute '%s'; it is left out", field->name, attribute->name);
    }
    read_text(reader, field, child, slot, escaped);
}

static void append_object(GPtrArray **list, void *object)
{
    if (!*list)
        *list = g_ptr_array_new();
    g_ptr_array_add(*list, object);
}

static void read_child(VxXmlReader *reader, const VxElement *element, const VxField *field, const VxElement *choice,
                       VxXmlNode *child, void *base, VxObject *object, Seen *seen)
{
    void *slot = (char *)base + field->offset;
    bool many =
        field->placement == VX_LIST || field->placement == VX_CHOICE || field->placement == VX_UNSUPPORTED_CHILD;

    if (seen_mark(seen, (unsigned)(field - element->fields)) && !many) {
        vx_diag_warn(reader->diag, child->place, "<%s> is there twice: the first one counts", field->name);
        return;
    }
    if ((field->flags & VX_FIELD_LIVE) && !(reader->flags & VX_READ_LIVE))
        return;
    switch (field->placement) {
    case VX_TEXT:
        read_text_child(reader, field, child, slot, object);
        break;
    case VX_CHILD:
        vx_fields_read(reader, field->element, child, slot, object);
        break;
    case VX_CHILD_PTR:
        *(void **)slot = vx_object_read(reader, field->element, child);
        break;
    case VX_LIST:
        append_object(slot, vx_object_read(reader, field->element, child));
        break;
    case VX_CHOICE:
        append_object(slot, vx_object_read(reader, choice, child));
        break;
    case VX_CUSTOM:
        field->custom->read(reader, field, child, slot);
        break;
    case VX_UNSUPPORTED_CHILD:
        keep_child(object, field, child);
        break;
    case VX_ATTRIBUTE:
    case VX_CONTENT:
    case VX_UNSUPPORTED_ATTRIBUTE:
    case VX_UNSUPPORTED_WHOLE:
        break;
    }
}

static void read_children(VxXmlReader *reader, const VxElement *element, VxXmlNode *node, void *base, VxObject *object,
                          Seen *seen)
{
    for (VxXmlNode *child = node->children; child; child = child->next) {
        const VxElement *choice = NULL;
        const VxField *field;

        if (child->kind != VX_XML_ELEMENT)
            continue;
        field = find_field(element, false, child->name, child->namespace_uri, &choice);
        if (field)
            read_child(reader, element, field, choice, child, base, object, seen);
        else
            report_unknown(reader, element, node, child->name, false, child->place);
    }
}

/* The element's own text, if the table has a row for it; text where there should be none. */
static void read_content(VxXmlReader *reader, const VxElement *element, VxXmlNode *node, const char *escaped,
                         void *base)
{
    const VxField *content = NULL;

    for (unsigned i = 0; i < element->n_fields && !content; i++) {
        if (element->fields[i].placement == VX_CONTENT)
            content = &element->fields[i];
    }
    if (content) {
        if (node->children || (content->flags & VX_FIELD_REQUIRED))
            read_text(reader, content, node, (char *)base + content->offset, escaped);
        return;
    }
    for (VxXmlNode *child = node->children; child; child = child->next) {
        if ((child->kind == VX_XML_TEXT || child->kind == VX_XML_CDATA) && !vx_xml_is_blank(child->text)) {
            vx_diag_warn(reader->diag, node->place, "<%s> holds text where only elements belong; it is left out",
                         node->name);
            return;
        }
    }
}

static void report_missing(VxXmlReader *reader, const VxElement *element, const VxXmlNode *node, const Seen *seen)
{
    for (unsigned i = 0; i < element->n_fields; i++) {
        const VxField *field = &element->fields[i];

        if (!(field->flags & VX_FIELD_REQUIRED) || seen_has(seen, i) || field->placement == VX_CONTENT)
            continue;
        if (is_attribute_row(field))
            vx_diag_wrong(reader->diag, node->place, "<%s> lacks its attribute %s='...': %s", node->name, field->name,
                          field->doc);
        else
            vx_diag_wrong(reader->diag, node->place, "<%s> lacks its element <%s>: %s", node->name, field->name,
                          field->doc);
    }
}

void vx_fields_read(VxXmlReader *reader, const VxElement *element, VxXmlNode *node, void *base, VxObject *object)
{
    Seen seen = {0};
    const char *escaped = read_escaped_names(node, object);

    g_assert(element->n_fields <= MAX_FIELDS);
    for (VxXmlAttribute *attribute = node->attributes; attribute; attribute = attribute->next) {
        if (!is_escaped_attribute(attribute))
            read_attribute(reader, element, node, attribute, escaped, base, object, &seen);
    }
    read_children(reader, element, node, base, object, &seen);
    read_content(reader, element, node, escaped, base);
    report_missing(reader, element, node, &seen);
    if (element->after_read)
        element->after_read(reader, node, base);
}

void *vx_object_read(VxXmlReader *reader, const VxElement *element, VxXmlNode *node)
{
    VxObject *object = vx_object_new(element);

    object->place = node->place;
    if (vx_element_unsupported(element)) {
        keep_child(object, element->fields, node);
        return object;
    }
    vx_fields_read(reader, element, node, object, object);
    return object;
}
