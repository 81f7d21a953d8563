/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/xml_source.h"

#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "conf/field_table.h"

/* Rides in xmlParserCtxt._private. */
typedef struct {
    VxDiag *diag;
    const char *text;
    gsize length;
    unsigned n_elements;
    bool refused; /* stopped by us: libxml2's own complaint that follows is of no use */
} Parse;

static gsize current_offset(const xmlParserCtxt *context)
{
    return context->input ? context->input->consumed + (gsize)(context->input->cur - context->input->base) : 0;
}

static VxPlace current_place(const xmlParserCtxt *context)
{
    const Parse *parse = context->_private;

    return 1 + (VxPlace)MIN(current_offset(context), parse->length);
}

static void refuse(xmlParserCtxt *context, const char *sentence)
{
    Parse *parse = context->_private;

    if (!parse->refused)
        vx_diag_wrong(parse->diag, current_place(context), "%s", sentence);
    parse->refused = true;
    xmlStopParser(context);
}

/* libxml2 builds the tree; the node remembers where its start tag ended (a place: 1 + offset). */
static void start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
                          const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
    xmlParserCtxt *context = data;
    Parse *parse = context->_private;

    xmlSAX2StartElementNs(data, name, prefix, uri, n_namespaces, namespaces, n_attributes, n_defaulted, attributes);
    if (context->node)
        context->node->_private = GSIZE_TO_POINTER(1 + current_offset(context));
    if (++parse->n_elements > VX_XML_MAX_ELEMENTS)
        refuse(context, "the document has more than " G_STRINGIFY(VX_XML_MAX_ELEMENTS) " elements");
}

static void refuse_doctype(void *data, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
    (void)name, (void)external_id, (void)system_id;
    refuse(data, "the document has a <!DOCTYPE>: leave it out, domain XML has none");
}

static void take_error(void *data, xmlError *error)
{
    xmlParserCtxt *context = data;
    Parse *parse = context->_private;
    g_autofree char *message = g_strdup(error->message ? error->message : "it cannot be read");

    if (parse->refused || error->level == XML_ERR_WARNING)
        return;
    vx_diag_wrong(parse->diag, current_place(context), "not well-formed XML: %s", g_strchomp(message));
}

/* libxml2 sets itself up at first use, which several threads must not make at once. */
static void set_up_libxml2(void)
{
    static gsize is_set_up;

    if (g_once_init_enter(&is_set_up)) {
        xmlInitParser();
        g_once_init_leave(&is_set_up, 1);
    }
}

/* Behind what begins at TEXT, if that is a comment, a CDATA section or a processing instruction, which may hold any
 * quotes and brackets; TEXT itself if it is none. */
static const char *skip_no_tag(const char *text, const char *end)
{
    static const struct {
        const char *begins, *ends;
    } others[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};

    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
        gsize length = strlen(others[i].begins);
        const char *behind;

        if ((gsize)(end - text) < length || memcmp(text, others[i].begins, length) != 0)
            continue;
        behind = memmem(text + length, (gsize)(end - text) - length, others[i].ends, strlen(others[i].ends));
        return behind ? behind + strlen(others[i].ends) : end;
    }
    return text;
}

/* Behind the tag that begins at TEXT. *TOO_MANY is set if it has too many attributes, for each of which there is a '='
 * outside of quotes. */
static const char *skip_tag(const char *text, const char *end, const char **too_many)
{
    unsigned n_attributes = 0;
    char quote = '\0';

    for (; text < end && (quote || *text != '>'); text++) {
        if (quote)
            quote = *text == quote ? '\0' : quote;
        else if (*text == '\'' || *text == '"')
            quote = *text;
        else if (*text == '=' && ++n_attributes > VX_XML_MAX_ATTRIBUTES && !*too_many)
            *too_many = text;
    }
    return text;
}

/* Whether C stands in TEXT more than LIMIT times. */
static bool has_many(const char *text, gsize length, char c, unsigned limit)
{
    const char *end = text + length;
    unsigned n = 0;

    while (n <= limit && (text = memchr(text, c, (gsize)(end - text))))
        n++, text++;
    return n > limit;
}

/* Where in TEXT an element has an attribute too many, NULL if none has. */
static const char *find_attribute_too_many(const char *text, gsize length)
{
    const char *end = text + length, *too_many = NULL;

    if (!has_many(text, length, '=', VX_XML_MAX_ATTRIBUTES))
        return NULL;
    while (!too_many && (text = memchr(text, '<', (gsize)(end - text)))) {
        const char *behind = skip_no_tag(text, end);

        text = behind > text ? behind : skip_tag(text, end, &too_many);
    }
    return too_many;
}

/* In others, find_attribute_too_many() does not see what libxml2 sees. */
static void refuse_odd_encodings(void *data)
{
    static const char *const usual[] = {"UTF-8", "UTF8", "US-ASCII", "ASCII", "ISO-8859-", "WINDOWS-125"};
    xmlParserCtxt *context = data;
    const xmlChar *declared = context->encoding ? context->encoding : context->input ? context->input->encoding : NULL;
    const char *encoding = (const char *)declared;
    bool is_usual = !encoding;

    for (unsigned i = 0; i < G_N_ELEMENTS(usual) && !is_usual; i++)
        is_usual = g_ascii_strncasecmp(encoding, usual[i], strlen(usual[i])) == 0;
    xmlSAX2StartDocument(data);
    if (!is_usual)
        refuse(context, "the document is in an encoding other than UTF-8: store it in UTF-8");
}

/* Near the end of its input, libxml2 looks for more of it at each token. Blanks of this many bytes, which may stand
 * behind the root element, keep the end away: parsing a small document takes a tenth less. */
#define BLANKS_BEHIND 256

static xmlParserCtxt *parser_of(const char *text, gsize length)
{
    g_autofree char *padded = NULL;

    if (length == 0 || length > G_MAXINT32 - BLANKS_BEHIND)
        return NULL;
    padded = g_malloc(length + BLANKS_BEHIND);
    memcpy(padded, text, length);
    memset(padded + length, ' ', BLANKS_BEHIND);
    return xmlCreateMemoryParserCtxt(padded, (int)length + BLANKS_BEHIND); /* which copies it */
}

xmlDoc *vx_xml_parse(const char *text, gsize length, VxDiag *diag)
{
    Parse parse = {.diag = diag, .text = text, .length = length};
    xmlParserCtxt *context;
    xmlDoc *document;
    const char *too_many;

    set_up_libxml2();
    context = parser_of(text, length);
    if (!context) {
        vx_diag_wrong(diag, VX_NO_PLACE, "the document is empty: write a <domain> element");
        return NULL;
    }
    if (memchr(text, '\0', length)) { /* libxml2 would take it for the end */
        vx_diag_wrong(diag, 1 + (VxPlace)((const char *)memchr(text, '\0', length) - text),
                      "not well-formed XML: a NUL byte stands here");
        xmlFreeParserCtxt(context);
        return NULL;
    }
    too_many = find_attribute_too_many(text, length);
    if (too_many) {
        vx_diag_wrong(diag, 1 + (VxPlace)(too_many - text),
                      "an element has more than " G_STRINGIFY(VX_XML_MAX_ATTRIBUTES) " attributes");
        xmlFreeParserCtxt(context);
        return NULL;
    }
    xmlCtxtUseOptions(context, XML_PARSE_NONET | XML_PARSE_COMPACT);
    context->_private = &parse;
    context->sax->startElementNs = start_element;
    context->sax->internalSubset = refuse_doctype;
    context->sax->startDocument = refuse_odd_encodings;
    context->sax->serror = take_error;
    context->sax->initialized = XML_SAX2_MAGIC;
    context->dictNames = 1;
    xmlParseDocument(context);
    document = g_steal_pointer(&context->myDoc);
    if (!context->wellFormed || parse.refused)
        g_clear_pointer(&document, xmlFreeDoc);
    xmlFreeParserCtxt(context);
    return document;
}

VxPlace vx_xml_place(const VxXmlReader *reader, const xmlNode *node)
{
    return vx_xml_attribute_place(reader, node, NULL);
}

/* The byte after a start tag is remembered; its "<" is the nearest one before, for no attribute value may hold one. */
VxPlace vx_xml_attribute_place(const VxXmlReader *reader, const xmlNode *node, const char *name)
{
    gsize end = GPOINTER_TO_SIZE(node->_private);
    gsize length, start;
    const char *text = vx_diag_text(reader->diag, &length);

    if (!text || end == 0 || end > length + 1)
        return VX_NO_PLACE;
    start = --end;
    while (start > 0 && text[start] != '<')
        start--;
    for (gsize i = start; name && i + strlen(name) < end; i++) {
        if (g_ascii_isspace(text[i]) && strncmp(text + i + 1, name, strlen(name)) == 0 &&
            strchr("= \t\r\n", text[i + 1 + strlen(name)]))
            return (VxPlace)(i + 2);
    }
    return (VxPlace)(start + 1);
}

/* The element at PLACE, which is NODE, in it, or NULL. */
static const xmlNode *node_at(const VxXmlReader *reader, const xmlNode *node, VxPlace place)
{
    const xmlNode *found = NULL;

    for (; node && !found; node = node->next) {
        if (node->type == XML_ELEMENT_NODE)
            found = vx_xml_place(reader, node) == place ? node : node_at(reader, node->children, place);
    }
    return found;
}

static const xmlNode *child_named(const xmlNode *node, const char *name)
{
    for (const xmlNode *child = node->children; child; child = child->next) {
        if (child->type == XML_ELEMENT_NODE && strcmp((const char *)child->name, name) == 0)
            return child;
    }
    return NULL;
}

/* Follows NAMES from NODE; VX_NO_PLACE if they lead nowhere. */
static VxPlace follow(const VxXmlReader *reader, const xmlNode *node, char **names)
{
    for (; *names && **names != '@'; names++) {
        node = child_named(node, *names);
        if (!node)
            return VX_NO_PLACE;
    }
    if (*names && !xmlHasProp((xmlNode *)node, (const xmlChar *)*names + 1))
        return VX_NO_PLACE;
    return vx_xml_attribute_place(reader, node, *names ? *names + 1 : NULL);
}

VxPlace vx_xml_find_place(const char *text, gsize length, VxPlace place, const char *path)
{
    g_autoptr(VxDiag) diag = vx_diag_new("", text, length, VX_DIAG_QUIET);
    g_autoptr(xmlDoc) document = place ? vx_xml_parse(text, length, diag) : NULL;
    const VxXmlReader reader = {.diag = diag};
    const xmlNode *node = document ? node_at(&reader, xmlDocGetRootElement(document), place) : NULL;
    g_auto(GStrv) names = g_strsplit(path, "/", -1);
    VxPlace found = VX_NO_PLACE;

    for (char **name = names; node && *name && !found; name++)
        found = follow(&reader, node, name);
    return found ? found : place;
}

char *vx_xml_text(const xmlNode *node)
{
    const xmlNode *child = node->children;
    xmlChar *content;
    char *text;

    if (!child)
        return g_strdup("");
    if (child->type == XML_TEXT_NODE && !child->next)
        return g_strdup((const char *)child->content);
    content = xmlNodeGetContent(node);
    text = g_strdup(content ? (const char *)content : "");
    xmlFree(content);
    return text;
}

char *vx_xml_attribute_value(const xmlAttr *attribute)
{
    return vx_xml_text((const xmlNode *)attribute);
}

char *vx_xml_attribute(const xmlNode *node, const char *name)
{
    for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
        if (!attribute->ns && strcmp((const char *)attribute->name, name) == 0)
            return vx_xml_attribute_value(attribute);
    }
    return NULL;
}

char *vx_xml_verbatim(xmlNode *node)
{
    xmlNode *copy = xmlDocCopyNode(node, node->doc, 1); /* declares what its ancestors did */
    xmlBuffer *buffer = xmlBufferCreate();
    char *text;

    xmlNodeDump(buffer, node->doc, copy, 0, 0);
    text = g_strdup((const char *)xmlBufferContent(buffer));
    xmlBufferFree(buffer);
    xmlFreeNode(copy);
    return text;
}
