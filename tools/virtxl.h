/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the commands of virtxl share.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "util/vx_diag.h"

/* Exit statuses, which scripts may rely on. */
typedef enum {
    EXIT_GOOD = 0,
    EXIT_WRONG_INPUT = 1, /* with --strict: or something could not be kept */
    EXIT_USAGE = 2,
    EXIT_IO = 3,
} ExitStatus;

/* Options that every command takes. */
typedef struct {
    bool strict;
    bool quiet;
    bool color; /* of messages */
    char *color_text;
} CommonOptions;

extern CommonOptions common_options;

typedef struct {
    const char *name;
    const char *arguments; /* behind the options, as "[FILE|-]..." */
    const char *summary; /* one line */
    ExitStatus (*run)(int argc, char **argv);
} Command;

extern const Command commands[];
extern const unsigned n_commands;

/* The command NAME, NULL if there is none. */
const Command *find_command(const char *name);

/* Parses the options ENTRIES (may be NULL) and the common ones. What is left in ARGV are the arguments. Returns false when
 * the command ends here, with *STATUS. DESCRIPTION goes under the options in --help. */
bool parse_options(const Command *command, const GOptionEntry *entries, const char *description, int *argc, char ***argv,
                   ExitStatus *status);

/* Says "virtxl: MESSAGE" on standard error and, of a wrong usage, where help is. Returns STATUS. */
ExitStatus complain(ExitStatus status, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The flags of diagnostics that the common options ask for. */
VxDiagFlags diag_flags(void);
/* What messages call the file PATH ("-" is standard input). */
const char *shown_name(const char *path);
/* The exit status for an ERROR of vx_file_read(): a file too large is wrong input, all else is I/O. */
ExitStatus status_of_read_error(const GError *error);
/* The problems of DIAG as they are shown on standard error. The caller frees it. Any thread. */
char *format_problems(VxDiag *diag);

/* One per file of its own. */
ExitStatus run_from_xl(int argc, char **argv);
ExitStatus run_to_xl(int argc, char **argv);
ExitStatus run_to_json(int argc, char **argv);
ExitStatus run_from_json(int argc, char **argv);
ExitStatus run_check(int argc, char **argv);
ExitStatus run_channel(int argc, char **argv);
ExitStatus run_options(int argc, char **argv);
