/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/metadata.h"

#include <string.h>

#include "conf/xml_source.h"

#define EMPTY "<metadata/>"

/* The document of METADATA, which was read and written by us. */
static VxXmlDocument *open_metadata(const char *metadata)
{
    const char *text = metadata ? metadata : EMPTY;
    g_autoptr(VxDiag) diag = vx_diag_new("metadata", text, strlen(text), VX_DIAG_QUIET);

    return vx_xml_parse(text, strlen(text), diag);
}

static bool is_of(const VxXmlNode *node, const char *uri)
{
    return node->kind == VX_XML_ELEMENT && g_strcmp0(node->namespace_uri, uri) == 0;
}

/* Where the element of URI hangs in ROOT; where one more would if there is none. */
static VxXmlNode **find_element(VxXmlNode *root, const char *uri)
{
    VxXmlNode **slot = &root->children;

    while (*slot && !is_of(*slot, uri))
        slot = &(*slot)->next;
    return slot;
}

static void strip_namespace(VxXmlNode *node, const char *uri)
{
    if (is_of(node, uri))
        node->prefix = node->namespace_uri = NULL;
    for (VxXmlNode *child = node->children; child; child = child->next)
        strip_namespace(child, uri);
}

/* Forgets the declaration of URI at NODE, which no element uses any more. */
static void drop_declaration(VxXmlNode *node, const char *uri)
{
    VxXmlDeclaration **slot = &node->declarations;

    while (*slot && strcmp((*slot)->uri, uri) != 0)
        slot = &(*slot)->next;
    if (*slot)
        *slot = (*slot)->next;
}

char *vx_metadata_get(const char *metadata, const char *uri)
{
    g_autoptr(VxXmlDocument) document = metadata ? open_metadata(metadata) : NULL;
    VxXmlNode *element = document ? *find_element(vx_xml_root(document), uri) : NULL;

    if (!element)
        return NULL;
    strip_namespace(element, uri);
    drop_declaration(element, uri);
    return vx_xml_verbatim(element);
}

/* The root of ELEMENT in the namespace. *SOURCE is its document, which the caller frees. */
static VxXmlNode *open_element(const char *element, const char *prefix, const char *uri, VxXmlDocument **source,
                               VxDiag *diag)
{
    VxXmlDeclaration **slot;
    VxXmlNode *root;

    *source = vx_xml_parse(element, strlen(element), diag);
    root = vx_xml_root(*source);
    if (!root)
        return NULL;
    for (slot = &root->declarations; *slot; slot = &(*slot)->next) {
        if (g_strcmp0((*slot)->prefix, prefix) == 0) {
            vx_diag_wrong(diag, VX_NO_PLACE,
                          "the element uses the prefix '%.40s' for another namespace: choose another key", prefix);
            return NULL;
        }
    }
    *slot = vx_xml_alloc(*source, sizeof **slot);
    **slot = (VxXmlDeclaration){.prefix = vx_xml_strndup(*source, prefix, strlen(prefix)),
                                .uri = vx_xml_strndup(*source, uri, strlen(uri))};
    root->prefix = (*slot)->prefix;
    root->namespace_uri = (*slot)->uri;
    return root;
}

static bool has_elements(const VxXmlNode *root)
{
    for (const VxXmlNode *child = root->children; child; child = child->next) {
        if (child->kind == VX_XML_ELEMENT)
            return true;
    }
    return false;
}

bool vx_metadata_set(char **metadata, const char *element, const char *prefix, const char *uri, VxDiag *diag)
{
    g_autoptr(VxXmlDocument) document = open_metadata(*metadata), source = NULL;
    VxXmlNode *root = vx_xml_root(document), **slot, *added = NULL;

    if (!root)
        return false;
    if (element) {
        added = open_element(element, prefix, uri, &source, diag);
        if (!added)
            return false;
    }
    slot = find_element(root, uri);
    if (*slot)
        *slot = (*slot)->next;
    while (*slot)
        slot = &(*slot)->next;
    *slot = added;
    if (added)
        added->parent = root;
    g_free(*metadata);
    *metadata = has_elements(root) ? vx_xml_verbatim(root) : NULL;
    return true;
}
