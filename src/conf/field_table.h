/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Field tables: one description of an XML element for every direction. A table says of each attribute and child of an
 * element what it is called, what kind of value it has, where in the C struct it is kept, and in one line what it is
 * for. The reader (field_read.c), the writer (field_write.c), clearing, copying and comparing (field_walk.c), the
 * RELAX NG schema (field_schema.c) and the reference page (field_reference.c) are walks over these tables.
 *
 * What was not given is kept apart from what was given as the default: a NULL string, a zero enum and a VxNumber that
 * is not `given` all mean "not said".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "conf/xml_tree.h"
#include "util/vx_diag.h"
#include "util/vx_enum.h"

typedef struct VxField VxField;
typedef struct VxElement VxElement;
typedef struct VxXmlWriter VxXmlWriter;

/* A number that may be absent. */
typedef struct {
    gint64 value;
    bool given;
} VxNumber;

#define VX_NUMBER(n) ((VxNumber){.value = (n), .given = true})

/* What every struct with a table of its own begins with. */
typedef struct {
    VxPlace place;   /* where in its source it stood */
    guint32 kind;    /* which of the elements of a VX_CHOICE it is: VxElement.kind */
    GPtrArray *kept; /* of VxKept: what libvirt knows and Xen cannot do; NULL when there is none */
} VxObject;

/* A piece of XML that is kept as it was and not understood. */
typedef struct {
    const VxField *field;
    VxPlace place;
    char *text; /* an attribute's value, or an element whole */
} VxKept;

/* ---- kinds of values ---- */

typedef struct {
    /* Reads TEXT into SLOT. On failure returns false and sets *WHY to a phrase that says what is wanted: "a number from
     * 0 to 7". */
    bool (*parse)(const VxField *field, const char *text, void *slot, char **why);
    /* Appends the value's text, not yet escaped. Called only when it is given. */
    void (*format)(const VxField *field, const void *slot, GString *out);
    bool (*is_given)(const void *slot);
    void (*clear)(void *slot);
    void (*copy)(void *to, const void *from);
    bool (*equal)(const void *a, const void *b);
    /* Appends the RELAX NG pattern of the value's text. */
    void (*schema)(const VxField *field, GString *out);
    /* One phrase for the reference page. The caller frees it. */
    char *(*describe)(const VxField *field);
    bool is_plain; /* it holds no memory of its own: there is nothing to clear when its struct is freed */
} VxValueType;

extern const VxValueType vx_value_string; /* char *, NULL when not given */
extern const VxValueType vx_value_number; /* VxNumber; minimum and maximum of the field hold; VX_FIELD_HEX writes 0x... */
extern const VxValueType vx_value_enum;   /* an enum of VxField.names as int, 0 when not given */
extern const VxValueType vx_value_uuid;   /* char *, lower case with dashes */
extern const VxValueType vx_value_flag;   /* bool: the empty child element is there (VX_TEXT only) */
extern const VxValueType vx_value_mac;    /* char *, lower case, six pairs with colons */

/* ---- fields ---- */

typedef enum {
    VX_ATTRIBUTE,             /* attribute of the element */
    VX_CONTENT,               /* the text in the element itself */
    VX_TEXT,                  /* child element whose text is the value */
    VX_CHILD,                 /* child element; its struct (if any) lies in ours at the offset */
    VX_CHILD_PTR,             /* child element whose struct is allocated when it is there */
    VX_LIST,                  /* any number of child elements: GPtrArray * of their structs, NULL when there are none */
    VX_CHOICE,                /* any number of children of several elements: GPtrArray * of structs, in source order */
    VX_CUSTOM,                /* child element that has functions of its own: VxField.custom */
    VX_UNSUPPORTED_ATTRIBUTE, /* libvirt knows it, Xen cannot do it: kept in VxObject.kept */
    VX_UNSUPPORTED_CHILD,     /* the same for a child element, whatever is in it */
    VX_UNSUPPORTED_WHOLE,     /* the same for the element itself: the only row of its table */
} VxPlacement;

typedef enum {
    VX_FIELD_REQUIRED = 1 << 0, /* its absence is an error */
    VX_FIELD_LIVE = 1 << 1,     /* said of a running domain only: read and written only with the flags for it */
    VX_FIELD_SECRET = 1 << 2,   /* a password: written only with VX_WRITE_SECRETS */
    VX_FIELD_HEX = 1 << 3,      /* a number written as 0x with VxField.width digits */
    VX_FIELD_READ_ONLY = 1 << 4, /* an older spelling: read, never written */
    VX_FIELD_ALWAYS = 1 << 5,   /* a VX_CHILD that is written even when nothing in it is given */
} VxFieldFlags;

typedef struct VxXmlReader VxXmlReader;

/* An element too irregular for rows. */
typedef struct {
    void (*read)(VxXmlReader *reader, const VxField *field, VxXmlNode *node, void *slot);
    void (*write)(VxXmlWriter *writer, const VxField *field, const void *slot);
    bool (*is_given)(const void *slot);
    void (*clear)(void *slot);
    void (*copy)(void *to, const void *from);
    bool (*equal)(const void *a, const void *b);
    void (*schema)(const VxField *field, GString *out); /* the whole <element> pattern */
    const char *describe;                               /* one phrase for the reference page */
} VxCustom;

struct VxField {
    VxPlacement placement;
    guint16 flags; /* VxFieldFlags */
    guint8 width;  /* digits of VX_FIELD_HEX */
    guint16 offset;
    const char *name;             /* of the attribute or child; NULL for VX_CONTENT and VX_CHOICE */
    const char *namespace_uri;    /* NULL for libvirt's own elements */
    const VxValueType *type;      /* VX_ATTRIBUTE, VX_CONTENT, VX_TEXT */
    const VxEnum *names;          /* vx_value_enum */
    gint64 minimum, maximum;      /* vx_value_number; both 0: any number from 0 */
    const VxElement *element;     /* VX_CHILD, VX_CHILD_PTR, VX_LIST */
    const VxElement *const *choices; /* VX_CHOICE: NULL-terminated */
    const VxCustom *custom;       /* VX_CUSTOM */
    const char *doc;              /* one line: what it is for; of VX_UNSUPPORTED_*: why Xen cannot */
};

struct VxElement {
    const char *name; /* of the element, and of its pattern in the schema */
    guint32 kind;     /* VxObject.kind of its objects */
    gsize size;       /* of the struct; 0 for one that is only used inline (VX_CHILD) */
    const VxField *fields;
    unsigned n_fields;
    /* Called when an object has been read whole: what takes several fields to judge, and what older spellings mean. */
    void (*after_read)(VxXmlReader *reader, VxXmlNode *node, void *object);
    const char *doc; /* one paragraph for the reference page */
};

#define VX_ELEMENT_FIELDS(table) .fields = (table), .n_fields = G_N_ELEMENTS(table)

/* Rows. STRUCT is the C type the table is about, MEMBER what is kept. */
#define VX_ATTR_STRING(attr, STRUCT, member, documentation, ...)                                                       \
    {.placement = VX_ATTRIBUTE, .name = attr, .type = &vx_value_string, .offset = offsetof(STRUCT, member),            \
     .doc = documentation, ##__VA_ARGS__}
#define VX_ATTR_NUMBER(attr, STRUCT, member, low, high, documentation, ...)                                            \
    {.placement = VX_ATTRIBUTE, .name = attr, .type = &vx_value_number, .offset = offsetof(STRUCT, member),            \
     .minimum = low, .maximum = high, .doc = documentation, ##__VA_ARGS__}
#define VX_ATTR_ENUM(attr, STRUCT, member, table, documentation, ...)                                                  \
    {.placement = VX_ATTRIBUTE, .name = attr, .type = &vx_value_enum, .offset = offsetof(STRUCT, member),              \
     .names = &table, .doc = documentation, ##__VA_ARGS__}
#define VX_TEXT_STRING(element_name, STRUCT, member, documentation, ...)                                               \
    {.placement = VX_TEXT, .name = element_name, .type = &vx_value_string, .offset = offsetof(STRUCT, member),         \
     .doc = documentation, ##__VA_ARGS__}
#define VX_TEXT_NUMBER(element_name, STRUCT, member, low, high, documentation, ...)                                    \
    {.placement = VX_TEXT, .name = element_name, .type = &vx_value_number, .offset = offsetof(STRUCT, member),         \
     .minimum = low, .maximum = high, .doc = documentation, ##__VA_ARGS__}
#define VX_TEXT_ENUM(element_name, STRUCT, member, table, documentation, ...)                                          \
    {.placement = VX_TEXT, .name = element_name, .type = &vx_value_enum, .offset = offsetof(STRUCT, member),           \
     .names = &table, .doc = documentation, ##__VA_ARGS__}
#define VX_TEXT_FLAG(element_name, STRUCT, member, documentation, ...)                                                 \
    {.placement = VX_TEXT, .name = element_name, .type = &vx_value_flag, .offset = offsetof(STRUCT, member),           \
     .doc = documentation, ##__VA_ARGS__}
#define VX_GROUP(element_name, child_element, documentation, ...)                                                      \
    {.placement = VX_CHILD, .name = element_name, .element = &child_element, .doc = documentation, ##__VA_ARGS__}
#define VX_INLINE(element_name, STRUCT, member, child_element, documentation, ...)                                     \
    {.placement = VX_CHILD, .name = element_name, .element = &child_element, .offset = offsetof(STRUCT, member),       \
     .doc = documentation, ##__VA_ARGS__}
#define VX_POINTER(element_name, STRUCT, member, child_element, documentation, ...)                                    \
    {.placement = VX_CHILD_PTR, .name = element_name, .element = &child_element, .offset = offsetof(STRUCT, member),   \
     .doc = documentation, ##__VA_ARGS__}
#define VX_MANY(element_name, STRUCT, member, child_element, documentation, ...)                                       \
    {.placement = VX_LIST, .name = element_name, .element = &child_element, .offset = offsetof(STRUCT, member),        \
     .doc = documentation, ##__VA_ARGS__}
#define VX_SPECIAL(element_name, STRUCT, member, custom_functions, documentation, ...)                                 \
    {.placement = VX_CUSTOM, .name = element_name, .custom = &custom_functions, .offset = offsetof(STRUCT, member),    \
     .doc = documentation, ##__VA_ARGS__}
#define VX_CANNOT_ATTR(attr, reason) {.placement = VX_UNSUPPORTED_ATTRIBUTE, .name = attr, .doc = reason}
#define VX_CANNOT(element_name, reason) {.placement = VX_UNSUPPORTED_CHILD, .name = element_name, .doc = reason}
#define VX_CANNOT_WHOLE(element_name, reason) {.placement = VX_UNSUPPORTED_WHOLE, .name = element_name, .doc = reason}

/* ---- objects ---- */

/* A new object of ELEMENT, all of it "not given". Never NULL. */
void *vx_object_new(const VxElement *element);
/* Frees OBJECT and all it holds; NULL is allowed. */
void vx_object_free(const VxElement *element, void *object);
/* A deep copy. The caller frees it. */
void *vx_object_copy(const VxElement *element, const void *object);

/* A copy of TEXT kept for FIELD; free functions take NULL. */
VxKept *vx_kept_new(const VxField *field, VxPlace place, const char *text);
void vx_kept_free(gpointer kept);
/* Whether KEPT is the attribute that says what of an element is escaped (xml_escape.h). */
bool vx_kept_is_about_escapes(const VxKept *kept);

/* The row VX_UNSUPPORTED_WHOLE of ELEMENT, NULL if Xen can do it. */
const VxField *vx_element_unsupported(const VxElement *element);

/* The element that ITEM, found in the list of FIELD (VX_LIST or VX_CHOICE), is of. */
const VxElement *vx_field_element_of_item(const VxField *field, const VxObject *item);

/* Whether the value of FIELD in the struct at BASE is given. */
bool vx_field_is_given(const VxField *field, const void *base);

/* Whether anything of ELEMENT, whose struct is at BASE, is given. */
bool vx_fields_any_given(const VxElement *element, const void *base);

/* What vx_object_compare calls for each thing that differs: PATH as "devices/disk[2]/source/@file". */
typedef void (*VxDifference)(const char *path, const VxField *field, gpointer data);

/* Compares two objects of ELEMENT field by field; DIFFERENCE (may be NULL) is called for each that differs. Places in
 * the source and fields of a running domain do not count. Returns whether there was none. */
bool vx_object_compare(const VxElement *element, const void *a, const void *b, VxDifference difference, gpointer data);

/* What vx_object_find_losses calls for each thing that is given in A and not the same in B: FIELD at PATH; PLACE is that
 * of the innermost object of A that holds it. */
typedef void (*VxLoss)(const char *path, const VxField *field, VxPlace place, gpointer data);

/* Finds what of A has not come to B, both of ELEMENT. What only B has is no loss; the items of a VX_CHOICE are compared
 * with those of their own kind, whatever stands between them; what is kept unread does not count. */
void vx_object_find_losses(const VxElement *element, const void *a, const void *b, VxLoss loss, gpointer data);

/* Calls VISIT for every VxKept of OBJECT and of all it holds. */
typedef void (*VxKeptVisit)(const VxKept *kept, gpointer data);
void vx_object_visit_kept(const VxElement *element, const void *object, VxKeptVisit visit, gpointer data);

/* ---- reading ---- */

typedef enum {
    VX_READ_LIVE = 1 << 0, /* fields of a running domain are taken, too (VX_FIELD_LIVE) */
} VxReadFlags;

struct VxXmlReader {
    VxDiag *diag;
    VxReadFlags flags;
};

/* Reads NODE into BASE, the struct of ELEMENT; OBJECT is the VxObject that BASE is or lies in. Problems go to the
 * reader's diag, all of them; what could be read is read. */
void vx_fields_read(VxXmlReader *reader, const VxElement *element, VxXmlNode *node, void *base, VxObject *object);

/* Reads NODE into a new object of ELEMENT. Never NULL. */
void *vx_object_read(VxXmlReader *reader, const VxElement *element, VxXmlNode *node);

/* ---- writing ---- */

typedef enum {
    VX_WRITE_LIVE = 1 << 0,    /* fields of a running domain, too */
    VX_WRITE_SECRETS = 1 << 1, /* passwords, too */
} VxWriteFlags;

struct VxXmlWriter {
    GString *out;
    VxWriteFlags flags;
    unsigned depth;           /* of indentation */
    unsigned namespaces_used; /* bit i: vx_xml_namespaces[i] is, so that the root element has to declare it */
    bool met_secrets;         /* there are some, written or not */
    GString *escaped;         /* names for the attribute virtxl:escaped of the element in progress; NULL: none */
};

/* Namespaces other than libvirt's own (which has none), with the prefix we write. */
#define VX_XEN_NAMESPACE "http://libvirt.org/schemas/domain/xen/1.0" /* libvirt's, for device-model arguments */
#define VX_VIRTXL_NAMESPACE "urn:virtxl:domain:1.0"                  /* ours, for what is carried */
#define VX_XML_N_NAMESPACES 2
typedef struct {
    const char *prefix;
    const char *uri;
} VxXmlNamespace;
extern const VxXmlNamespace vx_xml_namespaces[VX_XML_N_NAMESPACES];

/* Writes the element NAME (NULL: the element's own) of BASE, indented, with a final newline. */
void vx_fields_write(VxXmlWriter *writer, const VxElement *element, const char *name, const void *base,
                     const VxObject *object);

void vx_xml_indent(VxXmlWriter *writer);
/* Appends ` NAME='VALUE'`, escaped. */
void vx_xml_write_attribute(GString *out, const char *name, const char *value);
/* Appends NUMBER in decimal. */
void vx_append_number(GString *out, gint64 number);
/* Appends TEXT escaped for the inside of an element or of an attribute. */
void vx_xml_write_escaped(GString *out, const char *text);
/* The same, with escapes for the letters in SPECIAL only, each of them one of &<>'" or a carriage return, newline or tab:
 * of the last three a reader makes others if they stand there as they are. */
void vx_xml_write_special(GString *out, const char *text, const char *special);

/* ---- the schema and the reference page ---- */

/* Appends the RELAX NG grammar whose start is ELEMENT. */
void vx_fields_schema(const VxElement *element, GString *out);
/* Appends the reference of ELEMENT and all below it as HTML sections. */
void vx_fields_reference(const VxElement *element, GString *out);
