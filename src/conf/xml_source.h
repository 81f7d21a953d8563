/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * XML as hostile input: parsed by libxml2 without network, without document types and entities, within bounds of size,
 * depth and number of elements; and the places of its nodes in the source.
 */
#pragma once

#include <libxml/tree.h>

#include "util/vx_diag.h"

/* The most elements that a document may have, and the most attributes of an element: libxml2 compares each attribute with
 * all others. */
#define VX_XML_MAX_ELEMENTS 100000
#define VX_XML_MAX_ATTRIBUTES 256

/* Parses LENGTH bytes of TEXT. All problems go to DIAG, which must be about the same text. The caller frees the document
 * with xmlFreeDoc; NULL when the text is not well-formed or out of bounds. Any thread. */
xmlDoc *vx_xml_parse(const char *text, gsize length, VxDiag *diag);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(xmlDoc, xmlFreeDoc)

/* The value of ATTRIBUTE. The caller frees it. */
char *vx_xml_attribute_value(const xmlAttr *attribute);

/* In the XML TEXT (LENGTH bytes), where the thing at PATH ("source/@file", names of elements and at last perhaps an
 * attribute) of the element at PLACE stands; PLACE itself if it cannot be found. The names in front may be those of
 * elements that hold the one at PLACE. */
VxPlace vx_xml_find_place(const char *text, gsize length, VxPlace place, const char *path);

/* NODE as it stands in its document, with the namespace declarations it needs. The caller frees it. */
char *vx_xml_verbatim(xmlNode *node);
