/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * XML as a tree, and back word for word; metadata, which is changed in such a tree.
 */
#include <string.h>

#include "conf/metadata.h"
#include "conf/xml_source.h"

static VxXmlDocument *parse(const char *text)
{
    g_autoptr(VxDiag) diag = vx_diag_new("x", text, strlen(text), VX_DIAG_QUIET);
    VxXmlDocument *document = vx_xml_parse(text, strlen(text), diag);

    g_assert_nonnull(document);
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 0);
    return document;
}

/* Of each document, its first child element as it is written again. */
static void test_verbatim(void)
{
    static const struct {
        const char *text, *verbatim;
    } cases[] = {
        {"<r><a/></r>", "<a/>"},
        {"<r><a></a></r>", "<a/>"},
        {"<r>\n <a x='1'  y=\"2\" >\n t </a ></r>", "<a x=\"1\" y=\"2\">\n t </a>"},
        {"<r><a x='&lt;&amp;&quot;&apos;&#10;&#9;&#13;é'/></r>", "<a x=\"&lt;&amp;&quot;'&#10;&#9;&#13;é\"/>"},
        {"<r><a>&lt;&amp;&gt;'\"&#13;\n</a></r>", "<a>&lt;&amp;&gt;'\"&#13;\n</a>"},
        {"<r><a><!-- c --><?p i?><?q?><![CDATA[<&]]><b/>t</a></r>", "<a><!-- c --><?p i?><?q?><![CDATA[<&]]><b/>t</a>"},
        {"<r><a><![CDATA[]]></a></r>", "<a><![CDATA[]]></a>"},
        /* Declarations come along where they are used, each once. */
        {"<r xmlns:p='urn:p' xmlns:q='urn:q'><p:a><p:b q:c='1'/></p:a></r>",
         "<p:a xmlns:p=\"urn:p\" xmlns:q=\"urn:q\"><p:b q:c=\"1\"/></p:a>"},
        {"<r xmlns='urn:d' xmlns:q='urn:q'><a><b/></a></r>", "<a xmlns=\"urn:d\"><b/></a>"},
        {"<r xmlns='urn:d'><a xmlns=''><b/></a></r>", "<a xmlns=\"\"><b/></a>"},
        {"<r xmlns:p='urn:1'><a xmlns:p='urn:2'><p:b/></a></r>", "<a xmlns:p=\"urn:2\"><p:b/></a>"},
        {"<r><a xml:lang='de'/></r>", "<a xml:lang=\"de\"/>"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VxXmlDocument) document = parse(cases[i].text);
        const VxXmlNode *node = vx_xml_child(vx_xml_root(document), "a");
        g_autofree char *verbatim = vx_xml_verbatim(node);

        g_assert_cmpstr(verbatim, ==, cases[i].verbatim);
    }
}

static void test_text(void)
{
    g_autoptr(VxXmlDocument) document = parse("<r a='1'>o<!-- c -->n<b>e</b><![CDATA[ &]]>&amp;<c/></r>");
    const VxXmlNode *root = vx_xml_root(document);
    g_autofree char *text = vx_xml_text(root), *attribute = vx_xml_attribute(root, "a");

    g_assert_cmpstr(text, ==, "one &&");
    g_assert_cmpstr(attribute, ==, "1");
    g_assert_null(vx_xml_value(root, "b"));
    g_assert_null(vx_xml_child(root, "d"));
    g_assert_cmpuint(vx_xml_child(root, "b")->place, ==, 1 + strlen("<r a='1'>o<!-- c -->n"));
}

/* Some that Expat knows, one that is told to it, and its characters. */
static void test_encodings(void)
{
    static const char *const texts[] = {
        "<?xml version='1.0' encoding='UTF-8'?><r>\xc3\xa9</r>",
        "<?xml version='1.0' encoding='ISO-8859-1'?><r>\xe9</r>",
        "<?xml version='1.0' encoding='ISO-8859-15'?><r>\xe9</r>",
        "<?xml version='1.0' encoding='windows-1252'?><r>\xe9</r>",
        "\xef\xbb\xbf<r>\xc3\xa9</r>",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(VxXmlDocument) document = parse(texts[i]);
        g_autofree char *text = vx_xml_text(vx_xml_root(document));

        g_assert_cmpstr(text, ==, "é");
    }
}

/* A tree with pieces of memory smaller and larger than a block, of which nothing overlaps. */
static void test_memory(void)
{
    g_autoptr(VxXmlDocument) document = vx_xml_document_new(1);
    g_autoptr(GPtrArray) texts = g_ptr_array_new();

    for (unsigned i = 0; i < 300; i++) {
        g_autofree char *text = g_strnfill(i * 7, 'a' + i % 26);
        void *block = vx_xml_alloc(document, 24);

        g_assert_cmpuint(GPOINTER_TO_SIZE(block) % G_ALIGNOF(max_align_t), ==, 0);
        memset(block, 0xff, 24);
        g_ptr_array_add(texts, vx_xml_strndup(document, text, strlen(text)));
    }
    for (unsigned i = 0; i < texts->len; i++) {
        const char *text = texts->pdata[i];

        g_assert_cmpuint(strlen(text), ==, i * 7);
        g_assert_cmpuint(strspn(text, (char[]){(char)('a' + i % 26), '\0'}), ==, i * 7);
    }
}

static void assert_set(char **metadata, const char *element, const char *prefix, const char *uri, const char *expected)
{
    g_autoptr(VxDiag) diag = vx_diag_new("element", element, element ? strlen(element) : 0, VX_DIAG_QUIET);

    g_assert_true(vx_metadata_set(metadata, element, prefix, uri, diag));
    g_assert_cmpstr(*metadata, ==, expected);
}

static void test_metadata(void)
{
    g_autofree char *metadata = NULL, *got = NULL;
    const char *taken = "<b xmlns:p='urn:other'/>";
    g_autoptr(VxDiag) diag = vx_diag_new("element", taken, strlen(taken), VX_DIAG_QUIET);

    assert_set(&metadata, "<a x='1'><b/></a>", "p", "urn:p",
               "<metadata><p:a xmlns:p=\"urn:p\" x=\"1\"><b/></p:a></metadata>");
    assert_set(&metadata, "<c/>", "q", "urn:q",
               "<metadata><p:a xmlns:p=\"urn:p\" x=\"1\"><b/></p:a><q:c xmlns:q=\"urn:q\"/></metadata>");
    got = vx_metadata_get(metadata, "urn:p");
    g_assert_cmpstr(got, ==, "<a x=\"1\"><b/></a>");
    g_assert_null(vx_metadata_get(metadata, "urn:none"));
    assert_set(&metadata, "<d/>", "p", "urn:p",
               "<metadata><q:c xmlns:q=\"urn:q\"/><p:d xmlns:p=\"urn:p\"/></metadata>");
    g_assert_false(vx_metadata_set(&metadata, taken, "p", "urn:p", diag));
    assert_set(&metadata, NULL, NULL, "urn:q", "<metadata><p:d xmlns:p=\"urn:p\"/></metadata>");
    assert_set(&metadata, NULL, NULL, "urn:p", NULL);
}

/* What an element of a namespace is called below one that declares it for all. */
static void test_metadata_of_others(void)
{
    g_autofree char *got =
        vx_metadata_get("<metadata xmlns:p='urn:p'><p:a p:x='1'><p:b/><c/></p:a></metadata>", "urn:p");

    g_assert_cmpstr(got, ==, "<a xmlns:p=\"urn:p\" p:x=\"1\"><b/><c/></a>");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml-tree/verbatim", test_verbatim);
    g_test_add_func("/xml-tree/text", test_text);
    g_test_add_func("/xml-tree/encodings", test_encodings);
    g_test_add_func("/xml-tree/memory", test_memory);
    g_test_add_func("/xml-tree/metadata", test_metadata);
    g_test_add_func("/xml-tree/metadata/of-others", test_metadata_of_others);
    return g_test_run();
}
