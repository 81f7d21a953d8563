/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/metadata.h"

#include <string.h>

#include "conf/xml_source.h"

#define EMPTY "<metadata/>"

/* The document of METADATA, which was read and written by us: NULL only for lack of memory. */
static xmlDoc *open_metadata(const char *metadata)
{
    const char *text = metadata ? metadata : EMPTY;
    g_autoptr(VxDiag) diag = vx_diag_new("metadata", text, strlen(text), VX_DIAG_QUIET);

    return vx_xml_parse(text, strlen(text), diag);
}

static bool is_of(const xmlNode *node, const char *uri)
{
    return node->type == XML_ELEMENT_NODE && node->ns && strcmp((const char *)node->ns->href, uri) == 0;
}

static xmlNode *find_element(xmlDoc *document, const char *uri)
{
    xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;

    for (xmlNode *node = root ? root->children : NULL; node; node = node->next) {
        if (is_of(node, uri))
            return node;
    }
    return NULL;
}

static void strip_namespace(xmlNode *node, const char *uri)
{
    if (is_of(node, uri))
        node->ns = NULL;
    for (xmlNode *child = node->children; child; child = child->next)
        strip_namespace(child, uri);
}

/* Forgets the declaration of URI at NODE, which nothing uses any more. */
static void drop_declaration(xmlNode *node, const char *uri)
{
    for (xmlNs **slot = &node->nsDef; *slot; slot = &(*slot)->next) {
        xmlNs *declaration = *slot;

        if (strcmp((const char *)declaration->href, uri) == 0) {
            *slot = declaration->next;
            xmlFreeNs(declaration);
            return;
        }
    }
}

char *vx_metadata_get(const char *metadata, const char *uri)
{
    g_autoptr(xmlDoc) document = metadata ? open_metadata(metadata) : NULL;
    xmlNode *element = find_element(document, uri);

    if (!element)
        return NULL;
    strip_namespace(element, uri);
    drop_declaration(element, uri);
    return vx_xml_verbatim(element);
}

/* Appends a copy of ELEMENT's root, in the namespace, to the metadata. */
static bool append_element(xmlDoc *document, const char *element, const char *prefix, const char *uri, VxDiag *diag)
{
    g_autoptr(xmlDoc) source = vx_xml_parse(element, strlen(element), diag);
    xmlNode *root = source ? xmlDocGetRootElement(source) : NULL;
    xmlNode *copy;
    xmlNs *namespace;

    if (!root)
        return false;
    copy = xmlDocCopyNode(root, document, 1);
    namespace = xmlNewNs(copy, (const xmlChar *)uri, (const xmlChar *)prefix);
    if (!namespace) {
        vx_diag_wrong(diag, VX_NO_PLACE,
                      "the element uses the prefix '%.40s' for another namespace: choose another key", prefix);
        xmlFreeNode(copy);
        return false;
    }
    xmlSetNs(copy, namespace);
    xmlAddChild(xmlDocGetRootElement(document), copy);
    return true;
}

static bool has_elements(xmlDoc *document)
{
    return xmlFirstElementChild(xmlDocGetRootElement(document)) != NULL;
}

bool vx_metadata_set(char **metadata, const char *element, const char *prefix, const char *uri, VxDiag *diag)
{
    g_autoptr(xmlDoc) document = open_metadata(*metadata);
    xmlNode *old = find_element(document, uri);

    if (!document || (element && !append_element(document, element, prefix, uri, diag)))
        return false;
    if (old) {
        xmlUnlinkNode(old);
        xmlFreeNode(old);
    }
    g_free(*metadata);
    *metadata = has_elements(document) ? vx_xml_verbatim(xmlDocGetRootElement(document)) : NULL;
    return true;
}
