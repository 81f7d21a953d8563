/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl: the command line. Each command is a row of the table below and a file of its own.
 */
#include "virtxl.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "util/vx_error.h"

CommonOptions common_options;

const Command commands[] = {
    {"from-xl", "[FILE|-]...", "print the domain XML of an xl.cfg", run_from_xl},
    {"to-xl", "[FILE|-]...", "print the xl.cfg of a domain XML", run_to_xl},
#ifdef HAVE_LIBXL
    {"to-json", "[FILE|-]...", "print what libxl is told of the guest of an xl.cfg or domain XML", run_to_json},
    {"from-json", "[FILE|-]...", "print the domain XML of libxl's JSON", run_from_json},
#endif
    {"check", "FILE...", "only say what is wrong with xl.cfg or domain XML files", run_check},
    {"channel", "list|connect|serve DOMAIN ...", "list the channels of a guest, talk over one", run_channel},
    {"options", "[KEY]", "list the options of xl.cfg and what becomes of each", run_options},
};
const unsigned n_commands = G_N_ELEMENTS(commands);

const Command *find_command(const char *name)
{
    for (unsigned i = 0; i < n_commands; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static const Command *current_command;

ExitStatus complain(ExitStatus status, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fprintf(stderr, "virtxl: %s\n", message);
    if (status == EXIT_USAGE)
        fprintf(stderr, "virtxl: 'virtxl %s%s--help' says more\n", current_command ? current_command->name : "",
                current_command ? " " : "");
    return status;
}

VxDiagFlags diag_flags(void)
{
    return (common_options.strict ? VX_DIAG_STRICT : 0) | (common_options.quiet ? VX_DIAG_QUIET : 0);
}

const char *shown_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "<stdin>" : path;
}

ExitStatus status_of_read_error(const GError *error)
{
    return error->code == VIR_ERR_SYSTEM_ERROR ? EXIT_IO : EXIT_WRONG_INPUT;
}

char *format_problems(VxDiag *diag)
{
    VxDiagShow show =
        (common_options.color ? VX_DIAG_SHOW_COLOR : 0) | (isatty(STDERR_FILENO) ? VX_DIAG_SHOW_SOURCE : 0);
    GString *text = g_string_new(NULL);

    vx_diag_format(diag, show, text);
    return g_string_free(text, FALSE);
}

static void print_version(void)
{
    puts("virtxl " VIRTXL_VERSION);
}

static bool decide_color(void)
{
    const char *when = common_options.color_text ? common_options.color_text : "auto";

    if (strcmp(when, "auto") == 0)
        common_options.color = isatty(STDERR_FILENO) && !g_getenv("NO_COLOR");
    else if (strcmp(when, "always") == 0 || strcmp(when, "never") == 0)
        common_options.color = strcmp(when, "always") == 0;
    else
        return false;
    return true;
}

/* For the completion of shells: a line "--option" each, or "--option=WHAT" if it takes something. */
static void list_options(const GOptionEntry *entries)
{
    for (; entries && entries->long_name; entries++) {
        if (entries->flags & G_OPTION_FLAG_HIDDEN)
            continue;
        printf("--%s", entries->long_name);
        if (entries->arg_description)
            printf("=%s", entries->arg_description);
        putchar('\n');
    }
}

bool parse_options(const Command *command, const GOptionEntry *entries, const char *description, int *argc,
                   char ***argv, ExitStatus *status)
{
    gboolean version = FALSE, strict = FALSE, quiet = FALSE, list = FALSE;
    const GOptionEntry common[] = {
        {"strict", 0, 0, G_OPTION_ARG_NONE, &strict, "Take every warning for an error", NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "Say nothing of what is only a warning", NULL},
        {"color", 0, 0, G_OPTION_ARG_STRING, &common_options.color_text, "Colour the messages or not",
         "auto|always|never"},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &version, "Show the version and exit", NULL},
        {"list-options", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &list, NULL, NULL},
        {0},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(command->arguments);
    g_autoptr(GError) error = NULL;
    g_autofree char *program = g_strconcat("virtxl ", command->name, NULL);

    g_set_prgname(program); /* "Usage: virtxl COMMAND" */
    g_option_context_set_summary(context, command->summary);
    g_option_context_set_description(context, description);
    if (entries)
        g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_main_entries(context, common, NULL);
    current_command = command;
    if (!g_option_context_parse(context, argc, argv, &error)) {
        *status = complain(EXIT_USAGE, "%s", error->message);
        return false;
    }
    if (list) {
        list_options(entries);
        list_options(common);
    } else if (version) {
        print_version();
    }
    if (list || version) {
        *status = EXIT_GOOD;
        return false;
    }
    common_options.strict = strict;
    common_options.quiet = quiet;
    if (!decide_color()) {
        *status = complain(EXIT_USAGE, "--color is '%s': write auto, always or never", common_options.color_text);
        return false;
    }
    return true;
}

static void print_help(void)
{
    puts("Usage: virtxl COMMAND [OPTION...] [ARGUMENT...]\n"
         "\n"
         "Turns xl.cfg files into libvirt domain XML and back, and loses nothing on the way.\n"
         "\n"
         "Commands:");
    for (unsigned i = 0; i < n_commands; i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].summary);
    puts("\n"
         "'virtxl COMMAND --help' says more of a command, virtxl(1) of all.\n"
         "\n"
         "Exit status: 0 good, 1 the input is wrong (or, with --strict, something could\n"
         "not be kept), 2 wrong usage, 3 a file could not be read or written.");
}

static ExitStatus run(int argc, char **argv)
{
    const Command *command;

    if (argc < 2)
        return complain(EXIT_USAGE, "which command?");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help();
        return EXIT_GOOD;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        print_version();
        return EXIT_GOOD;
    }
    if (strcmp(argv[1], "--list-commands") == 0) { /* for the completion of shells */
        for (unsigned i = 0; i < n_commands; i++)
            puts(commands[i].name);
        return EXIT_GOOD;
    }
    command = find_command(argv[1]);
    if (!command)
        return complain(EXIT_USAGE, "there is no command '%s'", argv[1]);
    return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    ExitStatus status;

    setlocale(LC_ALL, "");
    g_set_prgname("virtxl");
    status = run(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain(EXIT_IO, "cannot write to standard output");
    return status;
}
