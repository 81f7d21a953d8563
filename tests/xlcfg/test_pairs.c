/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The key=value,... strings: what xl 4.17's own splitting (strtok, then strchr, then trimming) makes of them.
 */
#include "xlcfg/xlcfg_pairs.h"

#include <glib.h>
#include <string.h>

typedef struct {
    const char *text;  /* as it stands in the file, in quotes */
    const char *items; /* kind key [value] for each item, in the notation of describe() */
} Case;

/* P pair, p pair with nothing behind '=', W word, B blank, E empty. */
static const Case cases[] = {
    {"''", ""},
    {"'a=b'", "P<a><b>"},
    {"'a=b,c=d'", "P<a><b> P<c><d>"},
    {"' a = b ,  c=d '", "P<a><b> P<c><d>"},
    {"'\\ta\\v=\\fb\\r,\\nc=d'", "P<a><b> P<c><d>"},
    {"'a=b c'", "P<a><b c>"},
    {"'a=b=c'", "P<a><b=c>"},
    {"'a='", "p<a><>"},
    {"'a= '", "P<a><>"},
    {"'='", "p<><>"},
    {"'=b'", "P<><b>"},
    {"'a'", "W<a>"},
    {"' a b '", "W<a b>"},
    {"'a,b=c'", "W<a> P<b><c>"},
    {"','", "E<> E<>"},
    {"'a=b,'", "P<a><b> E<>"},
    {"',a=b'", "E<> P<a><b>"},
    {"'a=b,,c=d'", "P<a><b> E<> P<c><d>"},
    {"'a=b, ,c=d'", "P<a><b> B<> P<c><d>"},
    {"' '", "B<>"},
    {"'a=b;c=d'", "P<a><b;c=d>"},
};

static void describe(const VxXlcfgPair *pair, GString *out)
{
    static const char letters[] = {'P', 'W', 'B', 'E'};

    if (out->len > 0)
        g_string_append_c(out, ' ');
    g_string_append_printf(out, "%c<%s>", pair->has_no_value ? 'p' : letters[pair->kind], pair->key);
    if (pair->value)
        g_string_append_printf(out, "<%s>", pair->value);
}

/* Each key and value must stand at its place in the source, as long as it has no escapes. */
static void check_places(const char *source, const VxXlcfgPair *pair)
{
    if (strchr(source, '\\'))
        return;
    g_assert_true(g_str_has_prefix(source + pair->key_place - 1, pair->key));
    if (pair->value)
        g_assert_true(g_str_has_prefix(source + pair->value_place - 1, pair->value));
    g_assert_nonnull(strchr(",'", source[pair->end_place - 1]));
}

static void test_cases(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *source = g_strdup_printf("k = %s\n", cases[i].text);
        g_autoptr(VxDiag) diag = vx_diag_new("t", source, strlen(source), VX_DIAG_STRICT);
        g_autoptr(VxXlcfgTree) tree = vx_xlcfg_tree_parse(source, strlen(source), diag);
        g_autoptr(GString) found = g_string_new(NULL);
        g_auto(VxXlcfgPairs) pairs;

        vx_xlcfg_pairs_init(&pairs, &vx_xlcfg_tree_get(tree, "k")->value, ',');
        while (vx_xlcfg_pairs_next(&pairs)) {
            describe(&pairs.pair, found);
            check_places(source, &pairs.pair);
        }
        g_assert_false(vx_xlcfg_pairs_next(&pairs));
        g_assert_cmpstr(found->str, ==, cases[i].items);
    }
}

static void test_places_with_escapes(void)
{
    static const char source[] = "k='\\ta = \\\"b\\\" , c=d'\nk+=\"=e;f\"";
    g_autoptr(VxDiag) diag = vx_diag_new("t", source, strlen(source), 0);
    g_autoptr(VxXlcfgTree) tree = vx_xlcfg_tree_parse(source, strlen(source), diag);
    g_auto(VxXlcfgPairs) pairs;

    vx_xlcfg_pairs_init(&pairs, &vx_xlcfg_tree_get(tree, "k")->value, ',');
    g_assert_true(vx_xlcfg_pairs_next(&pairs));
    g_assert_cmpstr(pairs.pair.value, ==, "\"b\"");
    g_assert_cmpuint(pairs.pair.key_place, ==, 1 + (strchr(source, 'a') - source));
    g_assert_cmpuint(pairs.pair.value_place, ==, 1 + (strstr(source, "\\\"b") - source));
    g_assert_cmpuint(pairs.pair.end_place, ==, 1 + (strchr(source, ',') - source));
    g_assert_true(vx_xlcfg_pairs_next(&pairs));
    g_assert_cmpstr(pairs.pair.value, ==, "d=e;f");
    g_assert_cmpuint(pairs.pair.value_place, ==, 1 + (strchr(source, 'd') - source));
    g_assert_cmpuint(pairs.pair.end_place, ==, strlen(source));
}

static void test_separator(void)
{
    static const char source[] = "k='1:800x600;2:1024x768,'";
    g_autoptr(VxDiag) diag = vx_diag_new("t", source, strlen(source), 0);
    g_autoptr(VxXlcfgTree) tree = vx_xlcfg_tree_parse(source, strlen(source), diag);
    g_auto(VxXlcfgPairs) pairs;

    vx_xlcfg_pairs_init(&pairs, &vx_xlcfg_tree_get(tree, "k")->value, ';');
    g_assert_true(vx_xlcfg_pairs_next(&pairs));
    g_assert_cmpstr(pairs.pair.key, ==, "1:800x600");
    g_assert_true(vx_xlcfg_pairs_next(&pairs));
    g_assert_cmpstr(pairs.pair.key, ==, "2:1024x768,");
}

static void test_build(void)
{
    g_autoptr(GString) out = g_string_new(NULL);

    vx_xlcfg_pairs_add(out, "a", "b c");
    vx_xlcfg_pairs_add(out, "none", NULL);
    vx_xlcfg_pairs_add_int(out, "n", -5);
    g_assert_cmpstr(out->str, ==, "a=b c,n=-5");
    g_assert_true(vx_xlcfg_pairs_can_say("/a b=c"));
    g_assert_false(vx_xlcfg_pairs_can_say(""));
    g_assert_false(vx_xlcfg_pairs_can_say("a,b"));
    g_assert_false(vx_xlcfg_pairs_can_say(" a"));
    g_assert_false(vx_xlcfg_pairs_can_say("a\v"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xlcfg/pairs/cases", test_cases);
    g_test_add_func("/xlcfg/pairs/places-with-escapes", test_places_with_escapes);
    g_test_add_func("/xlcfg/pairs/separator", test_separator);
    g_test_add_func("/xlcfg/pairs/build", test_build);
    return g_test_run();
}
