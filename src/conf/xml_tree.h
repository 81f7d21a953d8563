/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * An XML document as a tree, all of which lies in the document's own memory and goes with it. A tree is one thread's.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "util/vx_diag.h"

typedef enum {
    VX_XML_ELEMENT,
    VX_XML_TEXT,
    VX_XML_CDATA,
    VX_XML_COMMENT,
    VX_XML_INSTRUCTION, /* <?name text?> */
} VxXmlKind;

typedef struct VxXmlAttribute VxXmlAttribute;
struct VxXmlAttribute {
    VxXmlAttribute *next;
    const char *name;          /* without its prefix */
    const char *prefix;        /* NULL: none */
    const char *namespace_uri; /* NULL: none */
    const char *value;
};

/* xmlns:PREFIX="URI" of an element. */
typedef struct VxXmlDeclaration VxXmlDeclaration;
struct VxXmlDeclaration {
    VxXmlDeclaration *next;
    const char *prefix; /* NULL: of names without a prefix */
    const char *uri;    /* "": those are in none again */
};

typedef struct VxXmlNode VxXmlNode;
struct VxXmlNode {
    VxXmlKind kind;
    VxPlace place;      /* of an element: where its start tag begins, */
    guint32 tag_bytes;  /* and how long that is in the source */
    const char *name;   /* of an element, without its prefix, or of an instruction */
    const char *prefix; /* of an element; NULL: none */
    const char *namespace_uri;
    const char *text; /* of anything but an element */
    VxXmlAttribute *attributes;
    VxXmlDeclaration *declarations;
    VxXmlNode *parent, *children, *next;
};

typedef struct VxXmlDocument VxXmlDocument;

/* An empty document; BYTES is a guess at the memory that its tree will take. Never NULL. */
VxXmlDocument *vx_xml_document_new(gsize bytes);
/* NULL is allowed. */
void vx_xml_document_free(VxXmlDocument *document);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxXmlDocument, vx_xml_document_free)

/* The root element; NULL while there is none, or if DOCUMENT is NULL. */
VxXmlNode *vx_xml_root(const VxXmlDocument *document);
void vx_xml_set_root(VxXmlDocument *document, VxXmlNode *root);

/* SIZE cleared bytes, or LENGTH bytes of TEXT and a NUL, that go with DOCUMENT. Never NULL. */
void *vx_xml_alloc(VxXmlDocument *document, gsize size);
char *vx_xml_strndup(VxXmlDocument *document, const char *text, gsize length);

/* ---- looking ---- */

/* The first child of NODE that is an element called NAME; NULL if there is none. */
VxXmlNode *vx_xml_child(const VxXmlNode *node, const char *name);

/* The value of the attribute NAME (in no namespace) of NODE, NULL if there is none. It goes with the document. */
const char *vx_xml_value(const VxXmlNode *node, const char *name);
/* The same as a copy, which the caller frees. */
char *vx_xml_attribute(const VxXmlNode *node, const char *name);

/* All text in NODE and below it. *BUILT is set to what the caller frees, NULL if that is nothing; the rest goes with
 * the document. */
const char *vx_xml_content(const VxXmlNode *node, char **built);
/* The same as a copy, which the caller frees. */
char *vx_xml_text(const VxXmlNode *node);

bool vx_xml_is_blank(const char *text);

/* ---- writing ---- */

/* The element NODE as it stands in its document, but for the way in which its tags are written, with the namespace
 * declarations that it needs of those around it. The caller frees it. */
char *vx_xml_verbatim(const VxXmlNode *node);
