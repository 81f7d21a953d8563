/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl from-xl and virtxl to-xl: one file to standard output (or -o), or many files into a folder, several at once.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "convert.h"
#include "util/vx_error.h"
#include "util/vx_file.h"
#include "virtxl.h"

typedef struct {
    Language from;
    VxXlcfgOptions xlcfg;
    char *output;     /* -o: the file, NULL for standard output */
    char *output_dir; /* --output-dir */
} Conversion;

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

static Language other(Language language)
{
    return language == LANGUAGE_XL ? LANGUAGE_XML : LANGUAGE_XL;
}

static void refuse_wrong_language(const Conversion *conversion, const char *text, gsize length, VxDiag *diag)
{
    if (tell_language(text, length) == conversion->from || length == 0)
        return;
    vx_diag_wrong(diag, 1, "this is %s: 'virtxl %s' reads it",
                  conversion->from == LANGUAGE_XL ? "XML and no xl.cfg" : "no XML",
                  conversion->from == LANGUAGE_XL ? "to-xl" : "from-xl");
}

static char *convert_text(const Conversion *conversion, const char *text, gsize length, VxDiag *diag)
{
    g_autoptr(VxDomainDef) def = NULL;

    refuse_wrong_language(conversion, text, length, diag);
    if (vx_diag_n_wrong(diag) > 0)
        return NULL;
    def = read_definition(conversion->from, text, length, diag);
    if (!def || vx_diag_n_wrong(diag) > 0) /* under --strict the writer may have more to say */
        return NULL;
    return write_definition(def, other(conversion->from), &conversion->xlcfg, diag);
}

static void convert_file(const Conversion *conversion, const char *path, Outcome *outcome)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(VxDiag) diag = NULL;
    g_autofree char *text = NULL;
    gsize length;

    if (!vx_file_read(path, VX_FILE_MAX_BYTES, &text, &length, &error)) {
        outcome->status = status_of_read_error(error);
        outcome->problems = g_strdup_printf("virtxl: %s\n", error->message);
        return;
    }
    diag = vx_diag_new(shown_name(path), text, length, diag_flags());
    outcome->text = convert_text(conversion, text, length, diag);
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

/* Where in the output folder the result of PATH goes: the same name with the other language's ending. */
static char *output_path(const Conversion *conversion, const char *path)
{
    g_autofree char *name = g_path_get_basename(path);
    const char *ending = conversion->from == LANGUAGE_XL ? ".xml" : ".cfg";
    const char *old = conversion->from == LANGUAGE_XL ? ".cfg" : ".xml";
    g_autofree char *new_name = NULL;

    if (g_str_has_suffix(name, old))
        name[strlen(name) - strlen(old)] = '\0';
    new_name = g_strconcat(name, ending, NULL);
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

/* ---- the commands ---- */

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

static ExitStatus run_conversion(Conversion *conversion, const char *command_name, int argc, char **argv)
{
    const Command *command = find_command(command_name);
    bool to_xl = conversion->from == LANGUAGE_XML;
    int n_threads = (int)g_get_num_processors();
    g_autofree char *channel_dir = NULL;
    g_autofree char *virtio = NULL;
    const GOptionEntry entries[] = {
        {"output", 'o', 0, G_OPTION_ARG_FILENAME, &conversion->output, "Write to FILE instead of standard output",
         "FILE"},
        {"output-dir", 0, 0, G_OPTION_ARG_FILENAME, &conversion->output_dir,
         "Write a file for each into the folder DIR", "DIR"},
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &n_threads, "With --output-dir: convert N files at once", "N"},
        {to_xl ? "channel-dir" : NULL, 0, 0, G_OPTION_ARG_FILENAME, &channel_dir,
         "Where channels without a path get their sockets (default: " VX_XLCFG_CHANNEL_DIR ")", "DIR"},
        {"virtio-channels", 0, 0, G_OPTION_ARG_STRING, &virtio,
         "What to make of virtio channels: map them to Xen channels (the default), or refuse them", "map|refuse"},
        {0},
    };
    ExitStatus status = EXIT_GOOD;

    if (!parse_options(command, entries, "A FILE of '-', or none, is standard input.", &argc, &argv, &status))
        return status;
    status = check_arguments(conversion, argc - 1, n_threads);
    if (status != EXIT_GOOD)
        return status;
    if (virtio && strcmp(virtio, "map") != 0 && strcmp(virtio, "refuse") != 0)
        return complain(EXIT_USAGE, "--virtio-channels is '%s': write map or refuse", virtio);
    conversion->xlcfg = (VxXlcfgOptions){
        .channel_dir = channel_dir ? channel_dir : VX_XLCFG_CHANNEL_DIR,
        .refuse_virtio_channels = virtio && strcmp(virtio, "refuse") == 0,
        .map_virtio_channels_silently = virtio && strcmp(virtio, "map") == 0,
    };
    if (conversion->output_dir)
        return convert_many(conversion, argv + 1, argc - 1, n_threads);
    return convert_one(conversion, argc > 1 ? argv[1] : "-");
}

static ExitStatus run_from(Language language, const char *command_name, int argc, char **argv)
{
    Conversion conversion = {.from = language};
    ExitStatus status = run_conversion(&conversion, command_name, argc, argv);

    g_free(conversion.output);
    g_free(conversion.output_dir);
    return status;
}

ExitStatus run_from_xl(int argc, char **argv)
{
    return run_from(LANGUAGE_XL, "from-xl", argc, argv);
}

ExitStatus run_to_xl(int argc, char **argv)
{
    return run_from(LANGUAGE_XML, "to-xl", argc, argv);
}
