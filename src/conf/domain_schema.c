/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * libxml2 judges by the schema. Nothing else needs it, and few ask for a judgement: so it is loaded when somebody does,
 * and the memory of all others is saved, most of which its own libraries would take.
 */
#include "conf/domain_schema.h"

#include <dlfcn.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>

#include "conf/domain_def.h"
#include "conf/xml_source.h"

/* Since 2.14 it has another name. */
#define LIBXML2 (LIBXML_VERSION >= 21400 ? "libxml2.so.16" : "libxml2.so.2")

#define FOR_EACH_FUNCTION(X)                                                                                           \
    X(xmlInitParser)                                                                                                   \
    X(xmlReadMemory)                                                                                                   \
    X(xmlFreeDoc)                                                                                                      \
    X(xmlDocGetRootElement)                                                                                            \
    X(xmlRelaxNGNewMemParserCtxt)                                                                                      \
    X(xmlRelaxNGSetParserStructuredErrors)                                                                             \
    X(xmlRelaxNGParse)                                                                                                 \
    X(xmlRelaxNGFreeParserCtxt)                                                                                        \
    X(xmlRelaxNGNewValidCtxt)                                                                                          \
    X(xmlRelaxNGSetValidStructuredErrors)                                                                              \
    X(xmlRelaxNGValidateDoc)                                                                                           \
    X(xmlRelaxNGFreeValidCtxt)

#define DECLARE(function) __typeof__(function) *function;
typedef struct {
    FOR_EACH_FUNCTION(DECLARE)
    xmlRelaxNG *schema; /* NULL: libxml2 cannot be loaded */
    char *why;
} Judge;

/* What is being judged. */
typedef struct {
    VxDiag *diag;
    const VxXmlNode *root;   /* as we have read it, */
    const xmlNode *xml_root; /* and as libxml2 has */
} Case;

static void ignore(void *data, xmlError *error)
{
    (void)data, (void)error;
}

static bool load_functions(Judge *judge)
{
    void *library = dlopen(LIBXML2, RTLD_NOW | RTLD_LOCAL);
    bool found = library != NULL;

#define FIND(function) found = found && (*(void **)&judge->function = dlsym(library, #function));
    FOR_EACH_FUNCTION(FIND)
    if (!found)
        judge->why = g_strdup(dlerror());
    return found;
}

static xmlRelaxNG *parse_schema(const Judge *judge)
{
    g_autoptr(GString) text = g_string_new(NULL);
    xmlRelaxNGParserCtxt *context;
    xmlRelaxNG *schema;

    vx_fields_schema(&vx_domain_element, text);
    context = judge->xmlRelaxNGNewMemParserCtxt(text->str, (int)text->len);
    judge->xmlRelaxNGSetParserStructuredErrors(context, ignore, NULL);
    schema = judge->xmlRelaxNGParse(context);
    judge->xmlRelaxNGFreeParserCtxt(context);
    return schema; /* NULL only if our own schema were wrong, which a test would find */
}

/* Made once and kept. */
static const Judge *get_judge(void)
{
    static Judge judge;
    static gsize is_made;

    if (g_once_init_enter(&is_made)) {
        if (load_functions(&judge)) {
            judge.xmlInitParser();
            judge.schema = parse_schema(&judge);
        }
        g_once_init_leave(&is_made, 1);
    }
    return &judge;
}

/* Our node of the element that libxml2 complains of: both trees have the same elements in the same order. */
static const VxXmlNode *find_node(const VxXmlNode *node, const xmlNode *xml_node, const xmlNode *wanted)
{
    const VxXmlNode *found = xml_node == wanted ? node : NULL;

    xml_node = xml_node->children;
    for (node = node->children; node && !found; node = node->next) {
        if (node->kind != VX_XML_ELEMENT)
            continue;
        while (xml_node && xml_node->type != XML_ELEMENT_NODE)
            xml_node = xml_node->next;
        if (!xml_node)
            return NULL;
        found = find_node(node, xml_node, wanted);
        xml_node = xml_node->next;
    }
    return found;
}

static void take_error(void *data, xmlError *error)
{
    const Case *judged = data;
    const VxXmlNode *node = error->node ? find_node(judged->root, judged->xml_root, error->node) : NULL;
    g_autofree char *message = g_strdup(error->message ? error->message : "it is not as the schema wants it");

    vx_diag_wrong(judged->diag, node ? node->place : VX_NO_PLACE, "the schema does not allow it: %s",
                  g_strchomp(message));
}

static void judge_document(const Judge *judge, xmlDoc *document, const VxXmlNode *root, VxDiag *diag)
{
    static GMutex lock; /* libxml2 does not say that a schema can be used by several threads at once */
    Case judged = {.diag = diag, .root = root, .xml_root = judge->xmlDocGetRootElement(document)};
    xmlRelaxNGValidCtxt *context;

    g_mutex_lock(&lock);
    context = judge->xmlRelaxNGNewValidCtxt(judge->schema);
    judge->xmlRelaxNGSetValidStructuredErrors(context, take_error, &judged);
    if (judge->xmlRelaxNGValidateDoc(context, document) != 0 && vx_diag_n_errors(diag) == 0)
        vx_diag_wrong(diag, VX_NO_PLACE, "the schema does not allow it");
    judge->xmlRelaxNGFreeValidCtxt(context);
    g_mutex_unlock(&lock);
}

void vx_domain_schema_check(const char *text, gsize length, VxDiag *diag)
{
    g_autoptr(VxXmlDocument) ours = vx_xml_parse(text, length, diag);
    const Judge *judge = ours ? get_judge() : NULL;
    xmlDoc *document;

    if (!ours)
        return;
    if (!judge->schema) {
        vx_diag_wrong(diag, VX_NO_PLACE, "libxml2, which judges by the schema, cannot be loaded: %s", judge->why);
        return;
    }
    document = judge->xmlReadMemory(text, (int)length, NULL, NULL,
                                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT);
    if (!document) {
        vx_diag_wrong(diag, VX_NO_PLACE, "libxml2 cannot read it");
        return;
    }
    judge_document(judge, document, vx_xml_root(ours), diag);
    judge->xmlFreeDoc(document);
}
