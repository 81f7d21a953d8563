/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Commands that turn the text of a file into another: one file to standard output (or -o), or many files into a folder,
 * several at once.
 */
#pragma once

#include "virtxl.h"

typedef struct {
    /* The text that the LENGTH bytes of TEXT become; problems go to DIAG; NULL, or not to be used, when it has errors.
     * Called from several threads at once. The caller frees it. */
    char *(*convert)(gconstpointer data, const char *text, gsize length, VxDiag *diag);
    /* Judges the command's own options when they have been parsed; complains and returns what to exit with. May be
     * NULL. */
    ExitStatus (*check)(gpointer data);
    gpointer data;               /* of both functions */
    VxDiagFlags xml_flags; /* besides those that the common options ask for, when the text is XML */
    const char *from_endings[2]; /* of names that --output-dir takes off: ".cfg"; NULL: none */
    const char *to_ending;       /* ... and puts there */
    const char *output;          /* -o: the file, NULL for standard output; set by run_conversion() */
    const char *output_dir;      /* --output-dir, likewise */
} Conversion;

/* Parses the options of COMMAND (OWN_ENTRIES, which may be NULL, and those of all conversions) and converts the files
 * that the arguments name. */
ExitStatus run_conversion(Conversion *conversion, const Command *command, const GOptionEntry *own_entries, int argc,
                          char **argv);
