/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is printed must look as it should, and must be read back by libxlutil to the same bytes.
 */
#include <glib.h>
#include <string.h>

#include "judge_xlcfg.h"
#include "xlcfg/xlcfg_print.h"

static void test_strings(void)
{
    for (unsigned i = 0; i < 20000; i++) {
        char value[9] = {0};
        g_autoptr(GString) out = g_string_new(NULL);
        g_autofree char *back = NULL;

        /* All single bytes and pairs with a backslash first, then anything. */
        for (unsigned j = 0; j < 8; j++)
            value[j] = i < 256   ? (j == 0 ? (char)i : '\0')
                       : i < 512 ? (j == 0   ? '\\'
                                    : j == 1 ? (char)i
                                             : '\0')
                                 : (char)g_test_rand_int_range(0, 256);
        vx_xlcfg_print_string(out, "key", value);
        back = judge_xlcfg_string(out->str, out->len, "key", -1);
        g_assert_cmpstr(back, ==, value);
    }
}

static void test_form(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    VxXlcfgList list;

    vx_xlcfg_print_string(out, "name", "a \"b\" 'c' \\ \t\n");
    vx_xlcfg_print_int(out, "n", 8);
    vx_xlcfg_print_int(out, "m", -8);
    vx_xlcfg_list_begin(&list, out, "empty");
    vx_xlcfg_list_end(&list);
    vx_xlcfg_list_begin(&list, out, "small");
    vx_xlcfg_list_add_string(&list, "a");
    vx_xlcfg_list_add_int(&list, 7);
    vx_xlcfg_list_end(&list);
    vx_xlcfg_list_begin(&list, out, "large");
    vx_xlcfg_list_add_string(&list, "connection=socket,path=/run/agents/g1,name=one");
    vx_xlcfg_list_add_string(&list, "connection=pty,name=two");
    vx_xlcfg_list_end(&list);
    vx_xlcfg_list_begin(&list, out, "nested");
    vx_xlcfg_list_open(&list);
    vx_xlcfg_list_close(&list);
    vx_xlcfg_list_open(&list);
    vx_xlcfg_list_add_string(&list, "pnode=0");
    vx_xlcfg_list_open(&list);
    vx_xlcfg_list_add_int(&list, 1);
    vx_xlcfg_list_close(&list);
    vx_xlcfg_list_close(&list);
    vx_xlcfg_list_end(&list);
    g_assert_cmpstr(out->str, ==,
                    "name = \"a \\\"b\\\" 'c' \\\\ \\t\\n\"\n"
                    "n = 8\n"
                    "m = \"-8\"\n"
                    "empty = [ ]\n"
                    "small = [ \"a\", 7 ]\n"
                    "large = [\n"
                    "    \"connection=socket,path=/run/agents/g1,name=one\",\n"
                    "    \"connection=pty,name=two\"\n"
                    "]\n"
                    "nested = [ [ ], [ \"pnode=0\", [ 1 ] ] ]\n");
}

/* Prints all of TREE anew. */
static char *print_tree(const VxXlcfgTree *tree)
{
    GString *out = g_string_new(NULL);

    for (const VxXlcfgSetting *s = NULL; (s = vx_xlcfg_tree_next(tree, s));)
        vx_xlcfg_print_value(out, s->key, &s->value);
    return g_string_free(out, FALSE);
}

static VxXlcfgTree *parse(const char *text)
{
    g_autoptr(VxDiag) diag = vx_diag_new("t", text, strlen(text), 0);

    return vx_xlcfg_tree_parse(text, strlen(text), diag);
}

static void test_values(void)
{
    static const char text[] = "a = 0x10\n"
                               "b = \"0x10\"\n"
                               "c += 8\n"
                               "d = [ ]\n"
                               "e = [ \"x\", [ 1, [ ], [ \"\\n    y\" ] ], 08 ]\n"
                               "f = [\n"
                               "    \"a rather long string of more than sixty columns, to fill the line\",\n"
                               "    [ 2, \"3\" ]\n"
                               "]\n"
                               "g = [ \"a rather long string of more than sixty columns, to fill the line\" ]\n";
    g_autoptr(VxXlcfgTree) tree = parse(text);
    g_autofree char *printed = print_tree(tree);
    g_autoptr(GString) why = g_string_new(NULL);

    g_assert_cmpstr(printed, ==, text);
    g_assert_cmpint(judge_xlcfg(printed, strlen(printed), why), ==, JUDGE_BOTH_TAKE);
}

static void test_keys(void)
{
    g_assert_true(vx_xlcfg_is_key("a"));
    g_assert_true(vx_xlcfg_is_key("a1_.b"));
    g_assert_false(vx_xlcfg_is_key(""));
    g_assert_false(vx_xlcfg_is_key("1a"));
    g_assert_false(vx_xlcfg_is_key("_a"));
    g_assert_false(vx_xlcfg_is_key("aB"));
    g_assert_false(vx_xlcfg_is_key("a-b"));
    g_assert_false(vx_xlcfg_is_key("a\n"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xlcfg/print/strings", test_strings);
    g_test_add_func("/xlcfg/print/form", test_form);
    g_test_add_func("/xlcfg/print/values", test_values);
    g_test_add_func("/xlcfg/print/keys", test_keys);
    return g_test_run();
}
