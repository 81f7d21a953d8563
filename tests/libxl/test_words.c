/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What of libxl's messages becomes an error.
 */
#include <errno.h>
#include <string.h>

#include "libxl/libxl_words.h"

static void check(const char *message, int errno_value, const char *expected)
{
    VxLibxlWords words;
    g_autofree char *joined = NULL;

    vx_libxl_words_init(&words);
    vx_libxl_words_add(&words, message, errno_value);
    joined = vx_libxl_words_join(&words);
    g_assert_cmpstr(joined, ==, expected);
    vx_libxl_words_clear(&words);
}

static void test_line(void)
{
    check("libxl_create.c:1674:domcreate_launch_dm: Domain 5:unable to add disk devices", -1,
          "unable to add disk devices");
    check("libxl_device.c:340:libxl__device_disk_set_backend: Disk vdev=xvda failed to stat: /dev/nosuch", ENOENT,
          "Disk vdev=xvda failed to stat: /dev/nosuch: No such file or directory");
    check("Domain 12:Non-existant domain", 0, "Non-existant domain");
    check("Domain name is taken", -1, "Domain name is taken");
    check("Domain 12 is taken", -1, "Domain 12 is taken");
    check("cannot compile x.c: it is broken: yes", -1, "cannot compile x.c: it is broken: yes");
    check("x.c:12", -1, "x.c:12");
    check("panic: xg_dom_core.c:689: xc_dom_find_loader: no loader found", -1,
          "panic: xg_dom_core.c:689: xc_dom_find_loader: no loader found");
}

static void test_what_cannot_be_shown(void)
{
    check("a\nb\x1b[31m\xff"
          "c",
          -1,
          "a b [31m\xef\xbf\xbd"
          "c");
    check("libxl_x.c:1:f: Domain 1: \n", -1, NULL);
    check("", -1, NULL);
}

static void test_bounds(void)
{
    VxLibxlWords words;
    g_autofree char *joined = NULL;
    g_autofree char *nothing = NULL;
    g_autofree char *long_line = g_strnfill(100000, 'x');

    vx_libxl_words_init(&words);
    vx_libxl_words_add(&words, "first", -1);
    vx_libxl_words_add(&words, "first", -1);
    vx_libxl_words_add(&words, long_line, -1);
    for (int i = 0; i < 1000; i++) {
        g_autofree char *line = g_strdup_printf("line %d", i);

        vx_libxl_words_add(&words, line, -1);
    }
    joined = vx_libxl_words_join(&words);
    g_assert_true(g_str_has_prefix(joined, "first; xxx"));
    g_assert_true(g_str_has_suffix(joined, "; line 5"));
    g_assert_cmpuint(strlen(joined), <, VX_LIBXL_WORDS_MAX_LINES * (VX_LIBXL_WORDS_MAX_BYTES + 2));
    vx_libxl_words_forget(&words);
    nothing = vx_libxl_words_join(&words);
    g_assert_null(nothing);
    vx_libxl_words_clear(&words);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/libxl/words/line", test_line);
    g_test_add_func("/libxl/words/what-cannot-be-shown", test_what_cannot_be_shown);
    g_test_add_func("/libxl/words/bounds", test_bounds);
    return g_test_run();
}
