/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * XML as hostile input: parsed by Expat without document types and entities, within bounds of size, depth and number of
 * nodes; and the places of its elements and attributes in the source.
 */
#pragma once

#include "conf/xml_tree.h"

/* The most nodes that a document may have, elements in one another, attributes of an element, and namespaces that are
 * declared by it and the elements around it, among which its own are looked for. */
#define VX_XML_MAX_NODES 200000
#define VX_XML_MAX_ELEMENTS 100000
#define VX_XML_MAX_DEPTH 256
#define VX_XML_MAX_ATTRIBUTES 256
#define VX_XML_MAX_DECLARED 256

/* Parses LENGTH bytes of TEXT. The first problem goes to DIAG, which must be about the same text. The caller frees the
 * document; NULL when the text is not well-formed or out of bounds. Any thread. */
VxXmlDocument *vx_xml_parse(const char *text, gsize length, VxDiag *diag);

/* In the text that DIAG is about, where the attribute NAME of NODE stands; where NODE does if NAME is NULL or there is
 * no such attribute. */
VxPlace vx_xml_attribute_place(const VxDiag *diag, const VxXmlNode *node, const char *name);

/* In the XML TEXT (LENGTH bytes), where the thing at PATH ("source/@file", names of elements and at last perhaps an
 * attribute) of the element at PLACE stands; PLACE itself if it cannot be found. The names in front may be those of
 * elements that hold the one at PLACE. */
VxPlace vx_xml_find_place(const char *text, gsize length, VxPlace place, const char *path);
