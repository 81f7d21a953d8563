/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is JSON, and what is not; what is taken, json-c takes too.
 */
#include <string.h>

#include "agent/agent_json.h"
#include "util/vx_json.h"

static const char *const good[] = {
    "{}",
    "[]",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "12",
    "-7",
    "1.5",
    "1e5",
    "1E-5",
    "-1.25e+3",
    "\"\"",
    " {} \r\n\t",
    "\"\\u00e9\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\ud83d\\ude00\"",
    "\"\xc3\xa9\"",
    "[1,[2,[3]],{}]",
    "{\"a\":{\"b\":[true,false,null]},\"c\":\"d\"}",
    "9223372036854775807",
    "-9223372036854775808",
    "{\"\":0}",
};

static const char *const bad[] = {
    "",
    " ",
    "{",
    "}",
    "[",
    "]",
    "[1,]",
    "[,1]",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{1:2}",
    "{\"a\" 1}",
    "01",
    "-",
    "+1",
    "1.",
    ".5",
    "1e",
    "1e+",
    "0x10",
    "NaN",
    "Infinity",
    "tru",
    "nul",
    "True",
    "'a'",
    "\"",
    "\"a",
    "\"\\\"",
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\\u00g0\"",
    "\"\\ud800\"",
    "\"\\ude00\"",
    "\"\\ud800\\u0041\"",
    "\"\\u0000\"",
    "\"a\tb\"",
    "\"\xff\"",
    "\"\xed\xa0\x80\"",
    "\xef\xbb\xbf{}",
    "{} {}",
    "1 2",
    "[1 2]",
    "// x\n1",
    "9223372036854775808",
    "1e400",
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
};

/* Which one it is that fails. */
static void show(const char *text)
{
    g_autofree char *escaped = g_strescape(text, NULL);

    g_test_message("%s", escaped);
}

static void test_good(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autoptr(json_object) root = NULL;
        VxJsonProblem problem;

        show(good[i]);
        g_assert_cmpstr(vx_agent_json_check(good[i], strlen(good[i])), ==, NULL);
        root = vx_json_parse(good[i], strlen(good[i]), VX_AGENT_JSON_MAX_DEPTH, &problem);
        g_assert_cmpstr(problem.what, ==, NULL);
    }
}

static void test_bad(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        show(bad[i]);
        g_assert_nonnull(vx_agent_json_check(bad[i], strlen(bad[i])));
    }
}

/* Each beginning of a text is refused: nothing is read past its end (which the sanitizers would see). */
static void test_beginnings(void)
{
    const char *text = "{\"a\":[1.5e3,\"\\ud83d\\ude00\",true,null],\"b\":{\"c\":-2}}";

    for (gsize length = 0; length < strlen(text); length++) {
        g_autofree char *beginning = g_memdup2(text, length);

        g_assert_nonnull(vx_agent_json_check(beginning ? beginning : "", length));
    }
}

static char *nested(unsigned depth)
{
    g_autofree char *open = g_strnfill(depth, '['), *shut = g_strnfill(depth, ']');

    return g_strconcat(open, shut, NULL);
}

static void test_depth(void)
{
    g_autofree char *most = nested(VX_AGENT_JSON_MAX_DEPTH), *more = nested(VX_AGENT_JSON_MAX_DEPTH + 1);

    g_assert_cmpstr(vx_agent_json_check(most, strlen(most)), ==, NULL);
    g_assert_cmpstr(vx_agent_json_check(more, strlen(more)), ==, "it is nested too deeply");
}

static void test_compact(void)
{
    const char *text = " { \"a b\" :\t[ 1 , \"\\\" \\\\\" , \" \" ] }\r\n";
    g_autofree char *compact = vx_agent_json_compact(text, strlen(text));

    g_assert_cmpstr(compact, ==, "{\"a b\":[1,\"\\\" \\\\\",\" \"]}");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/agent/json/good", test_good);
    g_test_add_func("/agent/json/bad", test_bad);
    g_test_add_func("/agent/json/beginnings", test_beginnings);
    g_test_add_func("/agent/json/depth", test_depth);
    g_test_add_func("/agent/json/compact", test_compact);
    return g_test_run();
}
