/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Text that XML cannot say, with escapes and without them again.
 */
#include "conf/xml_escape.h"

#include <string.h>

static void test_can_say(void)
{
    static const char *const sayable[] = {"",     "plain \\x01",  "tab\tline\nreturn\r", "M\xc3\xbcller",
                                          "\x7f", "\xef\xbf\xbd", "\xf0\x9f\x90\xa7"};
    static const char *const others[] = {"\x01",         "a\x1f",        "\xff",         "caf\xe9", "\xc3",
                                         "\xef\xbf\xbe", "\xef\xbf\xbf", "\xed\xa0\x80", "\xc0\xaf"};

    for (gsize i = 0; i < G_N_ELEMENTS(sayable); i++)
        g_assert_true(vx_xml_can_say(sayable[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(vx_xml_can_say(others[i]));
}

static void assert_escaped(const char *text, const char *expected)
{
    g_autofree char *escaped = vx_xml_escape(text);
    g_autofree char *again = vx_xml_unescape(escaped);

    g_assert_cmpstr(escaped, ==, expected);
    g_assert_cmpstr(again, ==, text);
    g_assert_true(vx_xml_can_say(escaped));
}

static void test_round(void)
{
    char every_byte[256];

    assert_escaped("", "");
    assert_escaped("a\x01\xff", "a\\x01\\xff");
    assert_escaped("M\xc3\xbcller\xc3", "M\xc3\xbcller\\xc3");
    assert_escaped("\\x01\x02", "\\x5cx01\\x02");
    assert_escaped("\xef\xbf\xbf", "\\xef\\xbf\\xbf");
    for (int i = 1; i < 256; i++)
        every_byte[i - 1] = (char)i;
    every_byte[255] = '\0';
    {
        g_autofree char *escaped = vx_xml_escape(every_byte);
        g_autofree char *again = vx_xml_unescape(escaped);

        g_assert_true(vx_xml_can_say(escaped));
        g_assert_cmpstr(again, ==, every_byte);
    }
}

static void test_no_escape(void)
{
    static const char *const wrong[] = {"\\", "\\x", "\\x1", "\\xg1", "\\x1g", "\\n", "\\\\", "a\\x00b"};

    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_null(vx_xml_unescape(wrong[i]));
}

static void test_names(void)
{
    g_assert_true(vx_xml_is_escaped("file", "file"));
    g_assert_true(vx_xml_is_escaped("dev file .", "."));
    g_assert_false(vx_xml_is_escaped("profile files", "file"));
    g_assert_false(vx_xml_is_escaped(NULL, "file"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/xml-escape/can-say", test_can_say);
    g_test_add_func("/xml-escape/round", test_round);
    g_test_add_func("/xml-escape/no-escape", test_no_escape);
    g_test_add_func("/xml-escape/names", test_names);
    return g_test_run();
}
