/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl check: only says what is wrong.
 */
#include "convert.h"
#include "util/vx_file.h"
#include "virtxl.h"

static ExitStatus check_file(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VxDiag) diag = NULL;
    g_autoptr(VxDomainDef) def = NULL;
    g_autofree char *text = NULL;
    g_autofree char *problems = NULL;
    gsize length;

    if (!vx_file_read(path, VX_FILE_MAX_BYTES, &text, &length, &error))
        return complain(status_of_read_error(error), "%s", error->message);
    diag = vx_diag_new(shown_name(path), text, length, diag_flags());
    if (!refuse_utf16(text, length, diag))
        def = read_definition(tell_language(text, length), VX_XLCFG_XL, text, length, diag);
    problems = format_problems(diag);
    fputs(problems, stderr);
    return vx_diag_n_errors(diag) > 0 ? EXIT_WRONG_INPUT : EXIT_GOOD;
}

ExitStatus run_check(int argc, char **argv)
{
    const Command *command = find_command("check");
    ExitStatus status = EXIT_GOOD;

    if (!parse_options(command, NULL, NULL, &argc, &argv, &status))
        return status;
    if (argc < 2)
        return complain(EXIT_USAGE, "which files?");
    for (int i = 1; i < argc; i++) {
        ExitStatus one = check_file(argv[i]);

        status = MAX(status, one);
    }
    return status;
}
