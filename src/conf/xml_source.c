/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/xml_source.h"

#include <string.h>

#include <expat.h>

/* What Expat puts between the parts of a name: namespace, name, prefix. None of them can hold it. */
#define SEPARATOR '\n'

/* What the tree of a document takes for each byte of it, about. */
#define TREE_BYTES 6

/* Of a document whose parser is kept for the next one. */
#define MAX_SPARE_BYTES (16 * 1024)

typedef struct {
    XML_Parser parser;
    VxDiag *diag;
    VxXmlDocument *document;
    VxXmlNode *open;                /* the element that we are in; NULL: outside the root */
    VxXmlNode **end;                /* where the next child of it goes */
    VxXmlDeclaration *declarations; /* of the element that begins next */
    GString *text;                  /* that has come and is in no node yet */
    unsigned n_nodes, n_elements, depth;
    unsigned n_declared; /* namespaces, here and in the elements around */
    bool in_cdata;
    bool refused; /* stopped by us */
} Parse;

static VxPlace current_place(const Parse *parse)
{
    return (VxPlace)(1 + MAX(XML_GetCurrentByteIndex(parse->parser), 0));
}

static void refuse(Parse *parse, const char *sentence)
{
    if (!parse->refused)
        vx_diag_wrong(parse->diag, current_place(parse), "%s", sentence);
    parse->refused = true;
    XML_StopParser(parse->parser, XML_FALSE);
}

/* ---- the tree ---- */

static VxXmlNode *add_node(Parse *parse, VxXmlKind kind)
{
    VxXmlNode *node = vx_xml_alloc(parse->document, sizeof *node);

    if (++parse->n_nodes > VX_XML_MAX_NODES)
        refuse(parse, "the document has more than " G_STRINGIFY(VX_XML_MAX_NODES) " elements and pieces of text");
    node->kind = kind;
    node->parent = parse->open;
    if (parse->end) {
        *parse->end = node;
        parse->end = &node->next;
    }
    return node;
}

static const char *keep(Parse *parse, const char *text)
{
    return vx_xml_strndup(parse->document, text, strlen(text));
}

/* The text that has come becomes a node. */
static void end_text(Parse *parse)
{
    if (parse->text->len == 0 && !parse->in_cdata)
        return;
    if (parse->open)
        add_node(parse, parse->in_cdata ? VX_XML_CDATA : VX_XML_TEXT)->text =
            vx_xml_strndup(parse->document, parse->text->str, parse->text->len);
    g_string_truncate(parse->text, 0);
}

/* Cuts NAME as Expat gives it. */
static void take_name(Parse *parse, const char *name, const char **local, const char **prefix, const char **uri)
{
    char *copy = vx_xml_strndup(parse->document, name, strlen(name));
    char *cut = strchr(copy, SEPARATOR);

    *local = copy;
    if (!cut)
        return;
    *uri = copy;
    *cut = '\0';
    *local = cut + 1;
    cut = strchr(cut + 1, SEPARATOR);
    if (!cut)
        return;
    *cut = '\0';
    *prefix = cut + 1;
}

static void add_attributes(Parse *parse, VxXmlNode *node, const char *const *pairs)
{
    VxXmlAttribute **end = &node->attributes;
    unsigned n = 0;

    for (const VxXmlDeclaration *each = node->declarations; each; each = each->next)
        n++; /* they are attributes, too */
    for (; *pairs; pairs += 2) {
        VxXmlAttribute *attribute = vx_xml_alloc(parse->document, sizeof *attribute);

        if (++n > VX_XML_MAX_ATTRIBUTES) {
            refuse(parse, "an element has more than " G_STRINGIFY(VX_XML_MAX_ATTRIBUTES) " attributes");
            return;
        }
        take_name(parse, pairs[0], &attribute->name, &attribute->prefix, &attribute->namespace_uri);
        attribute->value = keep(parse, pairs[1]);
        *end = attribute;
        end = &attribute->next;
    }
}

/* ---- what Expat calls ---- */

static void begin_element(void *data, const char *name, const char **attributes)
{
    Parse *parse = data;
    VxXmlNode *node;

    end_text(parse);
    if (++parse->n_elements > VX_XML_MAX_ELEMENTS)
        refuse(parse, "the document has more than " G_STRINGIFY(VX_XML_MAX_ELEMENTS) " elements");
    if (++parse->depth > VX_XML_MAX_DEPTH)
        refuse(parse, "the document has more than " G_STRINGIFY(VX_XML_MAX_DEPTH) " elements in one another");
    node = add_node(parse, VX_XML_ELEMENT);
    take_name(parse, name, &node->name, &node->prefix, &node->namespace_uri);
    node->place = current_place(parse);
    node->tag_bytes = (guint32)MAX(XML_GetCurrentByteCount(parse->parser), 0);
    node->declarations = g_steal_pointer(&parse->declarations);
    add_attributes(parse, node, (const char *const *)attributes);
    if (!parse->open)
        vx_xml_set_root(parse->document, node);
    parse->open = node;
    parse->end = &node->children;
}

static void end_element(void *data, const char *name)
{
    Parse *parse = data;

    (void)name;
    end_text(parse);
    parse->depth--;
    parse->end = parse->open->parent ? &parse->open->next : NULL;
    parse->open = parse->open->parent;
}

/* The declarations of an element come before it. */
static void declare(void *data, const char *prefix, const char *uri)
{
    Parse *parse = data;
    VxXmlDeclaration *declaration, **end = &parse->declarations;

    if (++parse->n_declared > VX_XML_MAX_DECLARED)
        refuse(parse, "more than " G_STRINGIFY(VX_XML_MAX_DECLARED) " namespaces are declared at once");
    if (parse->refused) /* Expat tells the others of this element all the same */
        return;
    declaration = vx_xml_alloc(parse->document, sizeof *declaration);
    declaration->prefix = prefix ? keep(parse, prefix) : NULL;
    declaration->uri = keep(parse, uri ? uri : "");
    while (*end)
        end = &(*end)->next;
    *end = declaration;
}

static void undeclare(void *data, const char *prefix)
{
    (void)prefix;
    ((Parse *)data)->n_declared--;
}

static void take_text(void *data, const char *text, int length)
{
    Parse *parse = data;

    g_string_append_len(parse->text, text, length);
}

static void begin_cdata(void *data)
{
    Parse *parse = data;

    end_text(parse);
    parse->in_cdata = true;
}

static void end_cdata(void *data)
{
    Parse *parse = data;

    end_text(parse);
    parse->in_cdata = false;
}

static void take_comment(void *data, const char *text)
{
    Parse *parse = data;

    if (!parse->open)
        return;
    end_text(parse);
    add_node(parse, VX_XML_COMMENT)->text = keep(parse, text);
}

static void take_instruction(void *data, const char *target, const char *text)
{
    Parse *parse = data;
    VxXmlNode *node;

    if (!parse->open)
        return;
    end_text(parse);
    node = add_node(parse, VX_XML_INSTRUCTION);
    node->name = keep(parse, target);
    node->text = keep(parse, text);
}

static void refuse_doctype(void *data, const char *name, const char *system_id, const char *public_id, int has_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_subset;
    refuse(data, "the document has a <!DOCTYPE>: leave it out, domain XML has none");
}

/* ---- encodings ---- */

/* The character that BYTE is in ENCODING, -1 if it is none. */
static int character_of(guint8 byte, const char *encoding)
{
    g_autofree char *text = g_convert((const char *)&byte, 1, "UTF-8", encoding, NULL, NULL, NULL);

    return text && *text ? (int)g_utf8_get_char(text) : -1;
}

/* Expat knows UTF-8, ISO-8859-1 and US-ASCII; of others we take those that have a byte for each character. */
static int describe_encoding(void *data, const char *encoding, XML_Encoding *description)
{
    static const char *const known[] = {"ASCII", "ISO-8859-", "WINDOWS-125"};
    Parse *parse = data;
    bool is_known = false;

    for (unsigned i = 0; i < G_N_ELEMENTS(known) && !is_known; i++)
        is_known = g_ascii_strncasecmp(encoding, known[i], strlen(known[i])) == 0;
    if (!is_known || character_of('A', encoding) != 'A') {
        refuse(parse, "the document is in an encoding other than UTF-8: store it in UTF-8");
        return XML_STATUS_ERROR;
    }
    for (unsigned byte = 0; byte < G_N_ELEMENTS(description->map); byte++)
        description->map[byte] = byte < 0x80 ? (int)byte : character_of((guint8)byte, encoding);
    description->data = NULL;
    description->convert = NULL;
    description->release = NULL;
    return XML_STATUS_OK;
}

/* ---- parsing ---- */

static bool is_no_utf8(const char *text, gsize length)
{
    const char *end;

    return !g_utf8_validate(text, (gssize)length, &end) && end == text;
}

static void report(const Parse *parse, const char *text, gsize length)
{
    enum XML_Error error = XML_GetErrorCode(parse->parser);
    VxPlace place = current_place(parse);
    gsize at = MIN(place - 1, length);
    unsigned line = 0, column;

    if (parse->open)
        vx_diag_locate(parse->diag, parse->open->place, &line, &column);
    if (error == XML_ERROR_TAG_MISMATCH)
        vx_diag_wrong(parse->diag, place, "not well-formed XML: another tag ends here than <%s> of line %u",
                      parse->open->name, line);
    else if (error == XML_ERROR_NO_ELEMENTS && parse->open)
        vx_diag_wrong(parse->diag, place, "not well-formed XML: it ends before <%s> of line %u does", parse->open->name,
                      line);
    else if (error == XML_ERROR_INVALID_TOKEN)
        vx_diag_wrong(parse->diag, place, "not well-formed XML: %s",
                      is_no_utf8(text + at, length - at) ? "this byte is no UTF-8" : "this cannot stand here");
    else
        vx_diag_wrong(parse->diag, place, "not well-formed XML: %s", XML_ErrorString(error));
}

/* One for all parsers: without it each would ask the kernel for one, against names made to fall together. */
static unsigned long hash_salt(void)
{
    static gsize salt;

    if (g_once_init_enter(&salt))
        g_once_init_leave(&salt, ((gsize)g_random_int() << 16 ^ g_random_int()) | 1);
    return salt;
}

/* A parser that was used and may be used again, or NULL: to make one takes a tenth of what parsing a guest does. */
static gpointer spare_parser;

static XML_Parser begin_parser(Parse *parse)
{
    XML_Parser parser = g_atomic_pointer_exchange(&spare_parser, NULL);

    if (!parser)
        parser = XML_ParserCreateNS(NULL, SEPARATOR);
    g_assert(parser); /* no memory is nothing that GLib goes on from, either */
    XML_SetHashSalt(parser, hash_salt());
    XML_SetReturnNSTriplet(parser, XML_TRUE);
    XML_SetUserData(parser, parse);
    XML_SetElementHandler(parser, begin_element, end_element);
    XML_SetNamespaceDeclHandler(parser, declare, undeclare);
    XML_SetCharacterDataHandler(parser, take_text);
    XML_SetCdataSectionHandler(parser, begin_cdata, end_cdata);
    XML_SetCommentHandler(parser, take_comment);
    XML_SetProcessingInstructionHandler(parser, take_instruction);
    XML_SetStartDoctypeDeclHandler(parser, refuse_doctype);
    XML_SetUnknownEncodingHandler(parser, describe_encoding, parse);
    return parser;
}

/* One that has grown with its document is not worth keeping. */
static void end_parser(XML_Parser parser, gsize length)
{
    if (length <= MAX_SPARE_BYTES && XML_ParserReset(parser, NULL))
        parser = g_atomic_pointer_exchange(&spare_parser, parser);
    if (parser)
        XML_ParserFree(parser);
}

/* Whether it makes sense to begin; what forbids it goes to DIAG. */
static bool check_text(const char *text, gsize length, VxDiag *diag)
{
    const char *nul = length > 0 ? memchr(text, '\0', length) : NULL;

    if (length == 0)
        vx_diag_wrong(diag, VX_NO_PLACE, "the document is empty: write a <domain> element");
    else if (length > G_MAXINT32)
        vx_diag_wrong(diag, VX_NO_PLACE, "the document has more than %d bytes", G_MAXINT32);
    else if (nul)
        vx_diag_wrong(diag, 1 + (VxPlace)(nul - text), "not well-formed XML: a NUL byte stands here");
    else
        return true;
    return false;
}

VxXmlDocument *vx_xml_parse(const char *text, gsize length, VxDiag *diag)
{
    Parse parse = {.diag = diag};
    bool good;

    if (!check_text(text, length, diag))
        return NULL;
    parse.document = vx_xml_document_new(length * TREE_BYTES);
    parse.text = g_string_new(NULL);
    parse.parser = begin_parser(&parse);
    good = XML_Parse(parse.parser, text, (int)length, true) == XML_STATUS_OK;
    if (!good && !parse.refused)
        report(&parse, text, length);
    end_parser(parse.parser, length);
    g_string_free(parse.text, TRUE);
    if (!good || parse.refused)
        g_clear_pointer(&parse.document, vx_xml_document_free);
    return parse.document;
}

/* ---- places ---- */

/* Where the attribute NAME stands in the start tag from TAG to END, NULL if it does not. A value is passed over whole:
 * it may be long, and may look like an attribute. */
static const char *find_attribute(const char *tag, const char *end, const char *name)
{
    gsize name_bytes = strlen(name);

    for (const char *at = tag; at + name_bytes + 1 < end; at++) {
        if (*at == '\'' || *at == '"')
            at = memchr(at + 1, *at, (gsize)(end - at - 1));
        else if (g_ascii_isspace(*at) && strncmp(at + 1, name, name_bytes) == 0 &&
                 strchr("= \t\r\n", at[1 + name_bytes]))
            return at + 1;
        if (!at)
            return NULL;
    }
    return NULL;
}

VxPlace vx_xml_attribute_place(const VxDiag *diag, const VxXmlNode *node, const char *name)
{
    gsize length, start = node->place - 1, end = start + node->tag_bytes;
    const char *text = vx_diag_text(diag, &length);
    const char *found = text && name && end <= length ? find_attribute(text + start, text + end, name) : NULL;

    return found ? (VxPlace)(found - text + 1) : node->place;
}

/* The element at PLACE, which is NODE or behind it or in either, or NULL. */
static const VxXmlNode *node_at(const VxXmlNode *node, VxPlace place)
{
    const VxXmlNode *found = NULL;

    for (; node && !found; node = node->next) {
        if (node->kind == VX_XML_ELEMENT)
            found = node->place == place ? node : node_at(node->children, place);
    }
    return found;
}

/* Follows NAMES from NODE; VX_NO_PLACE if they lead nowhere. */
static VxPlace follow(const VxDiag *diag, const VxXmlNode *node, char **names)
{
    for (; *names && **names != '@'; names++) {
        node = vx_xml_child(node, *names);
        if (!node)
            return VX_NO_PLACE;
    }
    if (*names && !vx_xml_value(node, *names + 1))
        return VX_NO_PLACE;
    return vx_xml_attribute_place(diag, node, *names ? *names + 1 : NULL);
}

VxPlace vx_xml_find_place(const char *text, gsize length, VxPlace place, const char *path)
{
    g_autoptr(VxDiag) diag = vx_diag_new("", text, length, VX_DIAG_QUIET);
    g_autoptr(VxXmlDocument) document = place ? vx_xml_parse(text, length, diag) : NULL;
    const VxXmlNode *root = vx_xml_root(document), *node = root ? node_at(root, place) : NULL;
    g_auto(GStrv) names = g_strsplit(path, "/", -1);
    VxPlace found = VX_NO_PLACE;

    for (char **name = names; node && *name && !found; name++)
        found = follow(diag, node, name);
    return found ? found : place;
}
