/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Texts as trees of JSON: which there are, where the others are wrong, and what numbers and strings come out as.
 */
#include <string.h>

#include "util/vx_json.h"

#define MAX_DEPTH 4

static json_object *parse(const char *text, gsize length, VxJsonProblem *problem)
{
    g_autofree char *exact = g_memdup2(text, length); /* the sanitizers see what is read behind it */

    return vx_json_parse(exact ? exact : "", length, MAX_DEPTH, problem);
}

/* Which one it is that fails. */
static void show(const char *text)
{
    g_autofree char *escaped = g_strescape(text, NULL);

    g_test_message("%s", escaped);
}

static void test_good(void)
{
    static const char *const texts[] = {
        "{}",         "[]",     "true",      "0",     "-7",  "1.5",       "1E-5",       "\"\"",
        " {} \r\n\t", "\n[1 ]", "{\"\": 0}", "17 \n", "-0 ", "[[[[1]]]]", "[[[[[]]]]]",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        VxJsonProblem problem;
        g_autoptr(json_object) root = parse(texts[i], strlen(texts[i]), &problem);

        show(texts[i]);
        g_assert_nonnull(root);
        g_assert_cmpstr(problem.what, ==, NULL);
    }
}

static void test_null(void)
{
    VxJsonProblem problem;

    g_assert_null(parse(" null ", 6, &problem));
    g_assert_cmpstr(problem.what, ==, NULL);
}

/* Each with the place where it is wrong; a problem that nobody asks for is fine, too. */
static void test_bad(void)
{
    static const struct {
        const char *text;
        gsize at;
    } bad[] = {
        {"", 0},
        {" ", 1},
        {"{", 1},
        {"{\"a\":", 5},
        {"\"a", 2},
        {"[1,]", 3},
        {"[1 2]", 3},
        {"{a:1}", 1},
        {"{\"a\":1,}", 7},
        {"'a'", 0},
        {"{} x", 3},
        {"{} {}", 3},
        {"1 2", 2},
        {"True", 0},
        {"// x\n1", 0},
        {"[+1]", 1},
        {"\"\\x41\"", 2},
        {"[\"\xff\"]", 2},
        {"\"\xed\xa0\x80\"", 1},
        {"-", 1},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        VxJsonProblem problem;

        show(bad[i].text);
        g_assert_null(parse(bad[i].text, strlen(bad[i].text), &problem));
        g_assert_nonnull(problem.what);
        g_assert_false(problem.is_too_deep);
        g_assert_cmpuint(problem.at, ==, bad[i].at);
        g_assert_null(parse(bad[i].text, strlen(bad[i].text), NULL));
    }
}

static void test_nul(void)
{
    static const char texts[][8] = {"{}\0", "{}\0{}", "\"a\0b\"", "[1\0]"};

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        VxJsonProblem problem;

        g_assert_null(parse(texts[i], sizeof texts[i], &problem));
        g_assert_cmpuint(problem.at, ==, strlen(texts[i]));
    }
}

static void test_depth(void)
{
    g_autofree char *many = g_strnfill(100000, '[');
    VxJsonProblem problem;

    g_assert_null(parse("[[[[[1]]]]]", 11, &problem));
    g_assert_true(problem.is_too_deep);
    g_assert_cmpuint(problem.at, ==, 5);
    g_assert_null(parse(many, strlen(many), &problem));
    g_assert_true(problem.is_too_deep);
}

static void test_ints(void)
{
    static const struct {
        const char *text;
        gint64 number;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"-17", -17},
        {"9223372036854775807", G_MAXINT64},
        {"-9223372036854775808", G_MININT64},
        {"9223372036854775808", G_MININT64},
        {"18446744073709551615", -1},
        {"1.5", 1},
        {"-1e3", -1000},
        {"\"12\"", 0},
        {"true", 0},
        {"null", 0},
        {"[7]", 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_object) root = parse(cases[i].text, strlen(cases[i].text), NULL);

        g_assert_cmpint(vx_json_int(root), ==, cases[i].number);
    }
}

static void test_strings(void)
{
    static const struct {
        const char *text, *string;
    } cases[] = {
        {"\"a\\u00e9\\/\"", "a\xc3\xa9/"},
        {"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
        {"\"a\\u0000b\"", "a"},
        {"12", NULL},
        {"null", NULL},
        {"[\"a\"]", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(json_object) root = parse(cases[i].text, strlen(cases[i].text), NULL);

        g_assert_cmpstr(vx_json_string(root), ==, cases[i].string);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/util/json/good", test_good);
    g_test_add_func("/util/json/null", test_null);
    g_test_add_func("/util/json/bad", test_bad);
    g_test_add_func("/util/json/nul", test_nul);
    g_test_add_func("/util/json/depth", test_depth);
    g_test_add_func("/util/json/ints", test_ints);
    g_test_add_func("/util/json/strings", test_strings);
    return g_test_run();
}
