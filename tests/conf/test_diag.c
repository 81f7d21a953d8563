/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Diagnostics, enum tables and files: src/util.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "util/vx_diag.h"
#include "util/vx_enum.h"
#include "util/vx_error.h"
#include "util/vx_file.h"

static const char text[] = "one\n\tzwei = \xc3\xbc"
                           "ber\nthree\n";

static char *formatted(VxDiag *diag, VxDiagShow show)
{
    GString *out = g_string_new(NULL);

    vx_diag_format(diag, show, out);
    return g_string_free(out, FALSE);
}

static void test_order_and_columns(void)
{
    g_autoptr(VxDiag) diag = vx_diag_new("f.cfg", text, strlen(text), 0);
    g_autofree char *out = NULL;

    vx_diag_wrong(diag, 1 + (VxPlace)(strstr(text, "three") - text), "third line");
    vx_diag_warn(diag, 1 + (VxPlace)(strstr(text, "ber") - text), "behind one character of two bytes");
    vx_diag_unfit(diag, VX_NO_PLACE, "nowhere");
    out = formatted(diag, VX_DIAG_SHOW_SOURCE);
    g_assert_cmpstr(out, ==,
                    "f.cfg: warning: nowhere\n"
                    "f.cfg:2:10: warning: behind one character of two bytes\n"
                    "    \tzwei = \xc3\xbc"
                    "ber\n"
                    "    \t        ^\n"
                    "f.cfg:3:1: error: third line\n"
                    "    three\n"
                    "    ^\n");
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 1);
    g_assert_cmpuint(vx_diag_n_warnings(diag), ==, 2);
}

static void test_what_counts_as_error(void)
{
    static const struct {
        VxDiagFlags flags;
        unsigned n_errors, n_warnings;
    } cases[] = {
        {0, 1, 2},
        {VX_DIAG_STRICT, 3, 0},
        {VX_DIAG_FOR_GUEST, 2, 1},
        {VX_DIAG_QUIET, 1, 0},
        {VX_DIAG_QUIET | VX_DIAG_STRICT, 3, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(VxDiag) diag = vx_diag_new("f", NULL, 0, cases[i].flags);

        vx_diag_warn(diag, VX_NO_PLACE, "a");
        vx_diag_unfit(diag, VX_NO_PLACE, "b");
        vx_diag_wrong(diag, VX_NO_PLACE, "c");
        g_assert_cmpuint(vx_diag_n_errors(diag), ==, cases[i].n_errors);
        g_assert_cmpuint(vx_diag_n_warnings(diag), ==, cases[i].n_warnings);
    }
}

static void test_said_again(void)
{
    g_autoptr(VxDiag) diag = vx_diag_new("f", text, strlen(text), 0);
    g_autofree char *out = NULL;

    vx_diag_warn(diag, 1, "a");
    vx_diag_wrong(diag, 1, "a");
    vx_diag_unfit(diag, 1, "a");
    vx_diag_warn(diag, 2, "a");
    vx_diag_warn(diag, 1, "b");
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, 1);
    g_assert_cmpuint(vx_diag_n_wrong(diag), ==, 1);
    g_assert_cmpuint(vx_diag_n_warnings(diag), ==, 2);
    out = formatted(diag, 0);
    g_assert_true(g_str_has_prefix(out, "f:1:1: error: a\n"));
}

static void test_too_many(void)
{
    g_autoptr(VxDiag) diag = vx_diag_new("f", NULL, 0, 0);
    g_autofree char *out = NULL;

    for (unsigned i = 0; i < VX_DIAG_MAX_PROBLEMS + 5; i++)
        vx_diag_wrong(diag, VX_NO_PLACE, "problem %u", i);
    out = formatted(diag, 0);
    g_assert_true(g_str_has_suffix(out, "f: and 5 problems more\n"));
    g_assert_cmpuint(vx_diag_n_errors(diag), ==, VX_DIAG_MAX_PROBLEMS + 5);
}

static void test_to_error(void)
{
    g_autoptr(VxDiag) diag = vx_diag_new("f", text, strlen(text), 0);
    g_autoptr(GError) error = NULL;

    g_assert_null(vx_diag_to_error(diag, VIR_ERR_XML_ERROR));
    vx_diag_warn(diag, 1, "not an error");
    vx_diag_wrong(diag, 6, "second");
    vx_diag_wrong(diag, 1, "first");
    error = vx_diag_to_error(diag, VIR_ERR_XML_ERROR);
    g_assert_error(error, VX_ERROR, VIR_ERR_XML_ERROR);
    g_assert_cmpstr(error->message, ==, "line 1: first\nline 2: second");
}

static void test_nearest(void)
{
    static const char *const words[] = {"connection", NULL, "path", "name", "backend"};

    g_assert_cmpstr(vx_nearest_text("conection", words, G_N_ELEMENTS(words)), ==, "connection");
    g_assert_cmpstr(vx_nearest_text("nmae", words, G_N_ELEMENTS(words)), ==, "name");
    g_assert_null(vx_nearest_text("zzzzzz", words, G_N_ELEMENTS(words)));
    g_assert_null(vx_nearest_text("", words, G_N_ELEMENTS(words)));
}

/* A file is replaced whole, keeps a link that points to it, and leaves nothing beside it. */
static void test_files(void)
{
    g_autofree char *folder = g_dir_make_tmp("vxfile-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "file", NULL);
    g_autofree char *link = g_build_filename(folder, "link", NULL);
    g_autofree char *missing = g_build_filename(folder, "no", "file", NULL);
    g_autofree char *content = NULL;
    g_autoptr(GError) error = NULL;
    gsize length;

    g_assert_true(vx_file_write(path, "old", 3, 0600, NULL));
    g_assert_cmpint(symlink("file", link), ==, 0);
    g_assert_true(vx_file_write(link, "newer", 5, 0600, NULL));
    g_assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
    g_assert_true(vx_file_read(path, 5, &content, &length, NULL));
    g_assert_cmpstr(content, ==, "newer");
    g_clear_pointer(&content, g_free);
    g_assert_false(vx_file_read(path, 4, &content, &length, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_OPERATION_INVALID);
    g_clear_error(&error);
    g_assert_false(vx_file_write(missing, "x", 1, 0600, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_SYSTEM_ERROR);
    g_assert_cmpint(g_unlink(link) | g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0); /* fails if anything else is left in it */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/diag/order-and-columns", test_order_and_columns);
    g_test_add_func("/diag/what-counts-as-error", test_what_counts_as_error);
    g_test_add_func("/diag/said-again", test_said_again);
    g_test_add_func("/diag/too-many", test_too_many);
    g_test_add_func("/diag/to-error", test_to_error);
    g_test_add_func("/enum/nearest", test_nearest);
    g_test_add_func("/file/whole-or-not-at-all", test_files);
    return g_test_run();
}
