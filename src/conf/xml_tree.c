/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/xml_tree.h"

#include <string.h>

#define MIN_BLOCK_BYTES 1024
#define MAX_BLOCK_BYTES (64 * 1024)

/* Memory is taken from blocks and never given back alone: a definition has hundreds of small things that end at once.
 */
typedef struct Block Block;
struct Block {
    Block *before;
    gsize size, used; /* of bytes */
    max_align_t bytes[];
};

struct VxXmlDocument {
    VxXmlNode *root;
    Block *block; /* the newest */
    gsize block_bytes;
};

static Block *add_block(VxXmlDocument *document, gsize size)
{
    Block *block = g_malloc(sizeof *block + size);

    block->before = document->block;
    block->size = size;
    block->used = 0;
    document->block = block;
    return block;
}

VxXmlDocument *vx_xml_document_new(gsize bytes)
{
    VxXmlDocument *document = g_new0(VxXmlDocument, 1);

    document->block_bytes = CLAMP(bytes, MIN_BLOCK_BYTES, MAX_BLOCK_BYTES);
    add_block(document, document->block_bytes);
    return document;
}

void vx_xml_document_free(VxXmlDocument *document)
{
    Block *before;

    if (!document)
        return;
    for (Block *block = document->block; block; block = before) {
        before = block->before;
        g_free(block);
    }
    g_free(document);
}

VxXmlNode *vx_xml_root(const VxXmlDocument *document)
{
    return document ? document->root : NULL;
}

void vx_xml_set_root(VxXmlDocument *document, VxXmlNode *root)
{
    document->root = root;
}

static char *take(VxXmlDocument *document, gsize size)
{
    Block *block = document->block;
    char *taken;

    if (size > block->size - block->used)
        block = add_block(document, MAX(size, document->block_bytes));
    taken = (char *)block->bytes + block->used;
    block->used += size;
    return taken;
}

void *vx_xml_alloc(VxXmlDocument *document, gsize size)
{
    gsize unit = G_ALIGNOF(max_align_t), odd = document->block->used % unit;

    if (odd)
        document->block->used = MIN(document->block->used + unit - odd, document->block->size);
    return memset(take(document, size), 0, size);
}

char *vx_xml_strndup(VxXmlDocument *document, const char *text, gsize length)
{
    char *copy = take(document, length + 1);

    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

VxXmlNode *vx_xml_child(const VxXmlNode *node, const char *name)
{
    for (VxXmlNode *child = node->children; child; child = child->next) {
        if (child->kind == VX_XML_ELEMENT && strcmp(child->name, name) == 0)
            return child;
    }
    return NULL;
}

const char *vx_xml_value(const VxXmlNode *node, const char *name)
{
    for (const VxXmlAttribute *attribute = node->attributes; attribute; attribute = attribute->next) {
        if (!attribute->namespace_uri && strcmp(attribute->name, name) == 0)
            return attribute->value;
    }
    return NULL;
}

char *vx_xml_attribute(const VxXmlNode *node, const char *name)
{
    return g_strdup(vx_xml_value(node, name));
}

static void append_text(const VxXmlNode *node, GString *out)
{
    for (const VxXmlNode *child = node->children; child; child = child->next) {
        if (child->kind == VX_XML_ELEMENT)
            append_text(child, out);
        else if (child->kind == VX_XML_TEXT || child->kind == VX_XML_CDATA)
            g_string_append(out, child->text);
    }
}

const char *vx_xml_content(const VxXmlNode *node, char **built)
{
    const VxXmlNode *child = node->children;
    GString *out;

    *built = NULL;
    if (!child)
        return "";
    if (child->kind == VX_XML_TEXT && !child->next)
        return child->text;
    out = g_string_new(NULL);
    append_text(node, out);
    *built = g_string_free(out, FALSE);
    return *built;
}

char *vx_xml_text(const VxXmlNode *node)
{
    char *built;
    const char *text = vx_xml_content(node, &built);

    return built ? built : g_strdup(text);
}

bool vx_xml_is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}
