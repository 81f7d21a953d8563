/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What libxlutil cannot judge of the syntax tree: places, messages, bounds, and hostile texts.
 */
#include <glib.h>
#include <string.h>

#include "util/vx_file.h"
#include "xlcfg/xlcfg_tree.h"

static VxXlcfgTree *parse_good(const char *text)
{
    g_autoptr(VxDiag) diag = vx_diag_new("t", text, strlen(text), VX_DIAG_STRICT);
    VxXlcfgTree *tree = vx_xlcfg_tree_parse(text, strlen(text), diag);

    g_assert_nonnull(tree);
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 0);
    return tree;
}

static const VxXlcfgValue *value_of(const VxXlcfgTree *tree, const char *key)
{
    const VxXlcfgSetting *setting = vx_xlcfg_tree_get(tree, key);

    g_assert_nonnull(setting);
    return &setting->value;
}

static void test_order(void)
{
    g_autoptr(VxXlcfgTree) tree = parse_good("b=1\na='x'\nb=[2]\nc=3\nc+='4'\n");
    const VxXlcfgSetting *setting = vx_xlcfg_tree_next(tree, NULL);

    g_assert_cmpuint(vx_xlcfg_tree_n_settings(tree), ==, 3);
    g_assert_cmpstr(setting->key, ==, "a");
    g_assert_null(setting->earlier);
    setting = vx_xlcfg_tree_next(tree, setting);
    g_assert_cmpstr(setting->key, ==, "b");
    g_assert_cmpuint(setting->earlier->key_place, ==, 1);
    g_assert_false(setting->value.is_sum);
    setting = vx_xlcfg_tree_next(tree, setting);
    g_assert_cmpstr(setting->key, ==, "c");
    g_assert_true(setting->value.is_sum);
    g_assert_cmpstr(setting->value.string, ==, "34");
    g_assert_null(vx_xlcfg_tree_next(tree, setting));
    g_assert_null(vx_xlcfg_tree_get(tree, "d"));
}

static void test_places(void)
{
    /*                        123456789012345678901 */
    static const char text[] = "a = 12\nb='x\\ty\\012z'\nb += \"uv\"\nc=[ 'p' , [7] ]\n";
    g_autoptr(VxDiag) diag = vx_diag_new("t", text, strlen(text), 0);
    g_autoptr(VxXlcfgTree) tree = vx_xlcfg_tree_parse(text, strlen(text), diag);
    const VxXlcfgValue *b = value_of(tree, "b"), *c = value_of(tree, "c");

    g_assert_cmpuint(vx_diag_n_warnings(diag), ==, 1); /* of the octal escape */
    g_assert_cmpuint(vx_xlcfg_value_place(value_of(tree, "a"), 1), ==, 6);
    g_assert_cmpstr(b->string, ==, "x\tyzuv");
    for (guint32 i = 0; i <= b->length; i++)
        g_assert_cmpuint(vx_xlcfg_value_place(b, i), ==, 1 + strcspn(text, "x") + ((int[]){0, 1, 3, 8, 17, 18, 19})[i]);
    g_assert_cmpuint(c->items[0].place, ==, 1 + (strchr(text, 'p') - 1 - text));
    g_assert_cmpuint(c->items[1].items[0].place, ==, 1 + (strchr(text, '7') - text));
    g_assert_false(c->items[1].items[0].is_quoted);
    g_assert_true(c->items[0].is_quoted);
}

/* A text and all that is said of it. */
typedef struct {
    const char *text;
    const char *said;
} Complaint;

static const Complaint complaints[] = {
    {"a=1 b=2\nc=\nd='x\ne=[1\nf=2\n",
     "t:1:5: error: a newline or ; is missing before 'b'\n"
     "t:2:3: error: a value is missing at the end of the line: a number, a \"string\" or a [list]\n"
     "t:3:3: error: the string does not end on its line: close it with ', and write a line break as \\n\n"
     "t:4:3: error: the list that begins here is not closed before 'f': add ]\n"},
    {"a=[1", "t:1:3: error: the list that begins here is never closed: add ]\n"},
    {"a=['x'\n'y']\nb=-1\n", "t:2:1: error: a comma or ] is missing before ''y''\n"
                             "t:3:3: error: a number with a sign must stand in quotes: write \"-1\"\n"},
    {"a=[1,,2]\n", "t:1:6: error: a value is missing before ',': a number, a \"string\" or a [list]\n"},
    {"a=true\nb=[no]\nc=foo\n", "t:1:3: error: 'true' is not a value: write 1\n"
                                "t:2:4: error: 'no' is not a value: write 0, or leave the option out\n"
                                "t:3:3: error: 'foo' is not a value: put text in quotes\n"},
    {"Name='x'\nimport os\n",
     "t:1:1: error: 'Name='x'' cannot begin a word: names are in lower case, and text stands in quotes\n"
     "t:2:1: error: 'import' is not an assignment: write NAME = VALUE\n"},
    {"a=1\r\nb=2\r\nc=\n",
     "t:1:4: error: the line ends in CR LF, which xl refuses: convert the file to plain LF\n"
     "t:3:3: error: a value is missing at the end of the line: a number, a \"string\" or a [list]\n"},
    {"a=1.5\nb='\\d'\n",
     "t:1:4: error: only whole numbers go without quotes: put the value in quotes\n"
     "t:2:4: error: xl does not know this escape: there are \\n \\t \\r \\a \\b \\f \\v \\\\ \\\" \\', and any other "
     "character stands for itself without a backslash\n"},
    {"a='x'\na+=[1]\nb=[]\nb+=1\n",
     "t:2:4: error: a list cannot be added to 'a', which is a string or number so far: write a string\n"
     "t:4:4: error: a string or number cannot be added to 'b', which is a list so far: write a list in [ ]\n"},
    {"a=1\n# end", "t:2:1: error: the comment in the last line has no newline behind it, which xl refuses: add one\n"},
    {"\xef\xbb\xbf"
     "a=1\n",
     "t:1:1: error: a byte order mark, which xl refuses: store the file without one\n"},
    {"a=\x1b[31mred\xff\n",
     "t:1:3: error: '.[31mred.' means nothing outside quotes: put text in quotes and begin a comment with #\n"},
    {"a=1\n$", "t:2:1: warning: the last character of the file means nothing to xl, which passes over it: remove it\n"},
};

static void test_complaints(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(complaints); i++) {
        const char *text = complaints[i].text;
        g_autoptr(VxDiag) diag = vx_diag_new("t", text, strlen(text), 0);
        g_autoptr(GString) said = g_string_new(NULL);

        vx_xlcfg_tree_free(vx_xlcfg_tree_parse(text, strlen(text), diag));
        vx_diag_format(diag, 0, said);
        g_assert_cmpstr(said->str, ==, complaints[i].said);
    }
}

static void test_numbers(void)
{
    g_autoptr(VxXlcfgTree) tree = parse_good("a='-0x10'\nb=010\nc='9 '\nd=[1]\ne+=1\nf=99999999999999999999\ng=7");
    gint64 number = 0;
    bool truth = false;
    g_autoptr(VxDiag) diag = vx_diag_new("t", NULL, 0, 0);

    g_assert_cmpint(vx_xlcfg_value_to_int64(value_of(tree, "a"), -16, 0, &number), ==, VX_XLCFG_NUMBER_GOOD);
    g_assert_cmpint(number, ==, -16);
    g_assert_cmpint(vx_xlcfg_value_to_int64(value_of(tree, "a"), -15, 0, &number), ==, VX_XLCFG_NUMBER_OUT_OF_RANGE);
    g_assert_true(vx_xlcfg_read_int64(diag, "b", value_of(tree, "b"), 0, 8, &number));
    g_assert_cmpint(number, ==, 8);
    g_assert_true(vx_xlcfg_read_bool(diag, "g", value_of(tree, "g"), &truth));
    g_assert_true(truth);
    g_assert_cmpstr(vx_xlcfg_read_string(diag, "b", value_of(tree, "b")), ==, "010");
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 0);
    g_assert_false(vx_xlcfg_read_int64(diag, "c", value_of(tree, "c"), 0, 9, &number));
    g_assert_false(vx_xlcfg_read_int64(diag, "d", value_of(tree, "d"), 0, 9, &number));
    g_assert_false(vx_xlcfg_read_int64(diag, "e", value_of(tree, "e"), 0, 9, &number));
    g_assert_false(vx_xlcfg_read_int64(diag, "f", value_of(tree, "f"), 0, 9, &number));
    /* The same sentence at the same place is said once. */
    g_assert_false(vx_xlcfg_read_bool(diag, "c", value_of(tree, "c"), &truth));
    g_assert_false(vx_xlcfg_read_bool(diag, "d", value_of(tree, "d"), &truth));
    g_assert_null(vx_xlcfg_read_string(diag, "d", value_of(tree, "d")));
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 6);
}

static void test_long_quotation(void)
{
    g_autofree char *digits = g_strnfill(100000, '9'), *text = g_strconcat("a=", digits, NULL);
    g_autoptr(VxXlcfgTree) tree = parse_good(text);
    g_autoptr(VxDiag) diag = vx_diag_new("t", text, strlen(text), 0);
    g_autoptr(GString) said = g_string_new(NULL);
    gint64 number;

    g_assert_false(vx_xlcfg_read_int64(diag, "a", value_of(tree, "a"), 0, 9, &number));
    vx_diag_format(diag, 0, said);
    g_assert_true(g_str_has_prefix(said->str, "t:1:3: error: 'a' must be a number from 0 to 9, not 99999"));
    g_assert_true(g_str_has_suffix(said->str, "999...\n"));
    g_assert_cmpuint(said->len, <, 600);
}

static void test_depth(void)
{
    for (unsigned depth = VX_XLCFG_MAX_DEPTH; depth <= VX_XLCFG_MAX_DEPTH + 1; depth++) {
        g_autoptr(GString) text = g_string_new("a=");
        g_autoptr(VxDiag) diag = NULL;
        g_autoptr(VxXlcfgTree) tree = NULL;

        for (unsigned i = 0; i < 2 * depth; i++)
            g_string_append_c(text, i < depth ? '[' : ']');
        diag = vx_diag_new("t", text->str, text->len, 0);
        tree = vx_xlcfg_tree_parse(text->str, text->len, diag);
        g_assert_true((tree != NULL) == (depth <= VX_XLCFG_MAX_DEPTH));
        g_assert_cmpuint(vx_diag_n_errors(diag), ==, tree ? 0 : 1);
    }
}

/* Pieces each tried for a weakness, again and again, a quarter of the longest file that is read. It takes
 * a blink if the time grows with the text, and hours, which end the test, if it grows with its square. */
static void test_hostile(void)
{
    static const char *const pieces[] = {
        "a",   "a=1\n",      "a+='x'\n",     "a+=[1]\n", "[",      "a=[",  "\n",  "a=[1,2,",
        "'",   "a='\\n\\n'", "a+='\\n'\n",   "\\",       "\r\n",   "@ ",   "a='", "#",
        "#\n", ";",          "a=[1]\na=1\n", "a+='' ;",  "[],[],", "\"\\", "]",   "a=[ 1 ",
        "A ",  "=",          "a+=[];"};
    const gsize length = VX_FILE_MAX_BYTES / 4;

    for (unsigned i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autofree char *text = g_malloc(length);
        g_autoptr(VxDiag) diag = vx_diag_new("t", NULL, 0, 0);
        g_autoptr(VxXlcfgTree) tree = NULL;
        gsize size = strlen(pieces[i]);

        for (gsize at = 0; at < length; at++)
            text[at] = pieces[i][at % size];
        tree = vx_xlcfg_tree_parse(text, length, diag);
        g_assert_true((tree == NULL) == (vx_diag_n_errors(diag) > 0));
    }
}

static void test_many_keys(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(VxXlcfgTree) tree = NULL;

    for (unsigned i = 0; i < 100000; i++)
        g_string_append_printf(text, "key%u = %u\n", i, i);
    tree = parse_good(text->str);
    g_assert_cmpuint(vx_xlcfg_tree_n_settings(tree), ==, 100000);
    for (unsigned i = 0; i < 100000; i++) {
        g_autofree char *key = g_strdup_printf("key%u", i);

        g_assert_cmpstr(value_of(tree, key)->string, ==, key + 3);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xlcfg/syntax/order", test_order);
    g_test_add_func("/xlcfg/syntax/places", test_places);
    g_test_add_func("/xlcfg/syntax/complaints", test_complaints);
    g_test_add_func("/xlcfg/syntax/numbers", test_numbers);
    g_test_add_func("/xlcfg/syntax/long-quotation", test_long_quotation);
    g_test_add_func("/xlcfg/syntax/depth", test_depth);
    g_test_add_func("/xlcfg/syntax/hostile", test_hostile);
    g_test_add_func("/xlcfg/syntax/many-keys", test_many_keys);
    return g_test_run();
}
