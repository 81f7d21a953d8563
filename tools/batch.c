/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "batch.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "convert.h"
#include "util/vx_file.h"

/* What became of one file. */
typedef struct {
    ExitStatus status;
    char *text;     /* the result; NULL unless status is good */
    char *problems; /* lines for standard error */
} Outcome;

static void outcome_clear(Outcome *outcome)
{
    g_free(outcome->text);
    g_free(outcome->problems);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Outcome, outcome_clear)

static void convert_file(const Conversion *conversion, const char *path, Outcome *outcome)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VxDiag) diag = NULL;
    g_autofree char *text = NULL;
    VxDiagFlags flags = diag_flags();
    gsize length;

    if (!vx_file_read(path, VX_FILE_MAX_BYTES, &text, &length, &error)) {
        outcome->status = status_of_read_error(error);
        outcome->problems = g_strdup_printf("virtxl: %s\n", error->message);
        return;
    }
    if (tell_language(text, length) == LANGUAGE_XML)
        flags |= conversion->xml_flags;
    diag = vx_diag_new(shown_name(path), text, length, flags);
    if (!refuse_utf16(text, length, diag))
        outcome->text = conversion->convert(conversion->data, text, length, diag);
    outcome->problems = format_problems(diag);
    if (vx_diag_n_errors(diag) > 0) {
        outcome->status = EXIT_WRONG_INPUT;
        g_clear_pointer(&outcome->text, g_free);
    }
}

static void write_outcome(const char *path, Outcome *outcome)
{
    g_autoptr(GError) error = NULL;

    if (outcome->status != EXIT_GOOD || vx_file_write(path, outcome->text, strlen(outcome->text), 0666, &error))
        return;
    outcome->status = EXIT_IO;
    g_free(outcome->problems);
    outcome->problems = g_strdup_printf("virtxl: %s\n", error->message);
}

static ExitStatus convert_one(const Conversion *conversion, const char *path)
{
    g_auto(Outcome) outcome = {0};

    convert_file(conversion, path, &outcome);
    if (conversion->output)
        write_outcome(conversion->output, &outcome);
    else if (outcome.status == EXIT_GOOD)
        fputs(outcome.text, stdout);
    if (outcome.problems)
        fputs(outcome.problems, stderr);
    return outcome.status;
}

/* ---- many files ---- */

typedef struct {
    const Conversion *conversion;
    GMutex lock; /* held while one file's lines are shown, and over what is below */
    unsigned n_files, n_done, n_bad;
    ExitStatus status;
    bool progress; /* a bar on a terminal, instead of a line a file */
} Batch;

#define BAR_WIDTH 40

static void draw_bar(const Batch *batch)
{
    unsigned filled = BAR_WIDTH * batch->n_done / batch->n_files;

    fprintf(stderr, "\r[%.*s%*s] %u of %u\033[K", (int)filled, "########################################",
            (int)(BAR_WIDTH - filled), "", batch->n_done, batch->n_files);
    if (batch->n_done == batch->n_files)
        fputs("\r\033[K", stderr);
}

/* Where in the output folder the result of PATH goes: the same name with another ending. */
static char *output_path(const Conversion *conversion, const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *new_name = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(conversion->from_endings); i++) {
        if (conversion->from_endings[i] && g_str_has_suffix(name, conversion->from_endings[i]))
            name[strlen(name) - strlen(conversion->from_endings[i])] = '\0';
    }
    new_name = g_strconcat(name, conversion->to_ending, NULL);
    return g_build_filename(conversion->output_dir, new_name, NULL);
}

static void finish_file(Batch *batch, const char *path, const char *target, const Outcome *outcome)
{
    g_mutex_lock(&batch->lock);
    if (batch->progress && outcome->problems && *outcome->problems)
        fputs("\r\033[K", stderr);
    if (outcome->problems)
        fputs(outcome->problems, stderr);
    batch->n_done++;
    batch->n_bad += outcome->status != EXIT_GOOD;
    batch->status = MAX(batch->status, outcome->status);
    if (batch->progress)
        draw_bar(batch);
    else if (!common_options.quiet)
        printf("%s -> %s\n", path, outcome->status == EXIT_GOOD ? target : "nothing: see above");
    g_mutex_unlock(&batch->lock);
}

static void convert_in_batch(gpointer path, gpointer data)
{
    Batch *batch = data;
    g_autofree char *target = output_path(batch->conversion, path);
    g_auto(Outcome) outcome = {0};

    convert_file(batch->conversion, path, &outcome);
    write_outcome(target, &outcome);
    finish_file(batch, path, target, &outcome);
}

/* Two files that would become one: the second would overwrite the first. */
static bool check_targets(const Conversion *conversion, char **paths, int n_paths)
{
    g_autoptr(GHashTable) targets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (int i = 0; i < n_paths; i++) {
        char *target = output_path(conversion, paths[i]);
        const char *first = g_hash_table_lookup(targets, target);

        if (first) {
            complain(EXIT_USAGE, "%s and %s would both become %s", first, paths[i], target);
            g_free(target);
            return false;
        }
        g_hash_table_insert(targets, target, paths[i]);
    }
    return true;
}

static ExitStatus convert_many(const Conversion *conversion, char **paths, int n_paths, int n_threads)
{
    Batch batch = {.conversion = conversion, .n_files = (unsigned)n_paths, .progress = isatty(STDERR_FILENO)};
    GThreadPool *pool;

    if (!check_targets(conversion, paths, n_paths))
        return EXIT_USAGE;
    if (g_mkdir_with_parents(conversion->output_dir, 0777) < 0)
        return complain(EXIT_IO, "cannot make the folder %s: %s", conversion->output_dir, g_strerror(errno));
    g_mutex_init(&batch.lock);
    pool = g_thread_pool_new(convert_in_batch, &batch, n_threads, TRUE, NULL);
    for (int i = 0; i < n_paths; i++)
        g_thread_pool_push(pool, paths[i], NULL);
    g_thread_pool_free(pool, FALSE, TRUE);
    g_mutex_clear(&batch.lock);
    printf("%u converted, %u not\n", batch.n_done - batch.n_bad, batch.n_bad);
    return batch.status;
}

/* ---- the arguments ---- */

static ExitStatus check_arguments(const Conversion *conversion, int n_paths, int n_threads)
{
    if (n_threads < 1 || n_threads > 256)
        return complain(EXIT_USAGE, "-j is %d: write a number from 1 to 256", n_threads);
    if (conversion->output && conversion->output_dir)
        return complain(EXIT_USAGE, "-o and --output-dir exclude each other");
    if (conversion->output_dir && n_paths == 0)
        return complain(EXIT_USAGE, "which files?");
    if (!conversion->output_dir && n_paths > 1)
        return complain(EXIT_USAGE, "for more than one file, say where to: --output-dir DIR");
    return EXIT_GOOD;
}

ExitStatus run_conversion(Conversion *conversion, const Command *command, const GOptionEntry *own_entries, int argc,
                          char **argv)
{
    int n_threads = (int)g_get_num_processors();
    g_autofree char *output = NULL;
    g_autofree char *output_dir = NULL;
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &output, "Write to FILE instead of standard output", "FILE"},
        {"output-dir", 0, 0, G_OPTION_ARG_FILENAME, &output_dir, "Write a file for each into the folder DIR", "DIR"},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &n_threads, "With --output-dir: convert N files at once", "N"},
        {0},
    };
    g_autoptr(GArray) all = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    ExitStatus status = EXIT_GOOD;

    g_array_append_vals(all, entries, G_N_ELEMENTS(entries) - 1);
    for (const GOptionEntry *entry = own_entries; entry && entry->long_name; entry++)
        g_array_append_val(all, *entry);
    if (!parse_options(command, (const GOptionEntry *)(gpointer)all->data, "A FILE of '-', or none, is standard input.",
                       &argc, &argv, &status))
        return status;
    conversion->output = output;
    conversion->output_dir = output_dir;
    status = check_arguments(conversion, argc - 1, n_threads);
    if (status == EXIT_GOOD && conversion->check)
        status = conversion->check(conversion->data);
    if (status != EXIT_GOOD)
        return status;
    if (output_dir)
        return convert_many(conversion, argv + 1, argc - 1, n_threads);
    return convert_one(conversion, argc > 1 ? argv[1] : "-");
}
