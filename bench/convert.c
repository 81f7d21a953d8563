/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * bench/convert: conversions a second, in-process, over the files of a folder of pairs (tests/xlconfigdata), and the
 * peak of memory, in processor time. Each file is converted over and over for a share of the time; files that do not
 * convert are passed over.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "conf/domain_defaults.h"
#include "conf/domain_validate.h"
#include "conf/domain_xml.h"
#include "util/vx_file.h"
#include "xlcfg/xlcfg.h"

#ifdef HAVE_LIBXL
#include "libxl/libxl_config.h"
#endif

#define SECONDS_PER_DIRECTION 2.0
#define ROUNDS 20 /* over all files, between two looks at the clock */

static const VxXlcfgOptions xlcfg_options = {.channel_dir = VX_XLCFG_CHANNEL_DIR};

typedef struct {
    char *text;
    gsize length;
    VxDomainDef *def; /* what the text says, for conversions that begin with a definition */
} Source;

static void source_free(gpointer data)
{
    Source *source = data;

    vx_domain_def_free(source->def);
    g_free(source->text);
    g_free(source);
}

/* One conversion each; what they make is counted and thrown away. */
static gsize from_xl(const Source *source)
{
    g_autoptr(VxDiag) diag = vx_diag_new("bench", source->text, source->length, VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) def = vx_xlcfg_parse(source->text, source->length, diag);
    g_autofree char *xml = NULL;
    gsize length;

    if (!def || vx_diag_n_errors(diag) > 0)
        return 0;
    xml = vx_domain_def_format(def, VX_WRITE_SECRETS, &length);
    return length;
}

static gsize to_xl(const Source *source)
{
    g_autoptr(VxDiag) diag = vx_diag_new("bench", source->text, source->length, VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) def = vx_domain_def_parse(source->text, source->length, 0, diag);
    g_autofree char *xlcfg = NULL;

    if (!def)
        return 0;
    vx_domain_def_add_defaults(def);
    vx_domain_def_validate(def, diag);
    xlcfg = vx_xlcfg_format(def, &xlcfg_options, diag);
    return vx_diag_n_errors(diag) > 0 ? 0 : strlen(xlcfg);
}

#ifdef HAVE_LIBXL
static gsize to_libxl(const Source *source)
{
    static const VxLibxlHost host = {.n_cpus = 64, .n_nodes = 4};
    g_autoptr(VxDiag) diag = vx_diag_new("bench", NULL, 0, VX_DIAG_QUIET);
    g_auto(libxl_domain_config) config;

    vx_libxl_config_init(&config, source->def, &xlcfg_options, &host, diag);
    return vx_diag_n_errors(diag) > 0 ? 0 : 1;
}
#endif

/* Reads the file PATH; false when it says no whole guest. */
static bool source_read(Source *source, const char *path)
{
    g_autoptr(VxDiag) diag = NULL;

    if (!vx_file_read(path, VX_FILE_MAX_BYTES, &source->text, &source->length, NULL))
        return false;
    diag = vx_diag_new("bench", source->text, source->length, VX_DIAG_QUIET);
    if (g_str_has_suffix(path, ".cfg"))
        source->def = vx_xlcfg_parse(source->text, source->length, diag);
    else
        source->def = vx_domain_def_parse(source->text, source->length, 0, diag);
    return source->def && vx_diag_n_errors(diag) == 0;
}

static GPtrArray *load(const char *folder, const char *ending, gsize (*convert)(const Source *source))
{
    GPtrArray *sources = g_ptr_array_new_with_free_func(source_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        Source *source;

        if (!g_str_has_suffix(name, ending))
            continue;
        source = g_new0(Source, 1);
        if (source_read(source, path) && convert(source) > 0)
            g_ptr_array_add(sources, source);
        else
            source_free(source);
    }
    return sources;
}

/* The processor time of this process, which what else the machine does leaves alone. */
static double cpu_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure(const char *label, const char *folder, const char *ending, gsize (*convert)(const Source *source))
{
    g_autoptr(GPtrArray) sources = load(folder, ending, convert);
    gsize n_conversions = 0, n_bytes = 0;
    double start, seconds;

    if (sources->len == 0) {
        printf("%-16s no files\n", label);
        return;
    }
    for (unsigned i = 0; i < sources->len; i++)
        n_bytes += ((const Source *)sources->pdata[i])->length;
    start = cpu_seconds();
    while ((seconds = cpu_seconds() - start) < SECONDS_PER_DIRECTION) {
        for (unsigned round = 0; round < ROUNDS; round++) {
            for (unsigned i = 0; i < sources->len; i++)
                convert(sources->pdata[i]);
        }
        n_conversions += ROUNDS * sources->len;
    }
    printf("%-16s %8.0f a second, %6.2f us each; %u files of %" G_GSIZE_FORMAT " bytes on average\n", label,
           (double)n_conversions / seconds, seconds * 1e6 / (double)n_conversions, sources->len,
           n_bytes / sources->len);
}

int main(int argc, char **argv)
{
    struct rusage usage;

    if (argc != 2) {
        fprintf(stderr, "Usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    measure("xl.cfg to XML", argv[1], ".cfg", from_xl);
    measure("XML to xl.cfg", argv[1], ".xml", to_xl);
#ifdef HAVE_LIBXL
    measure("to libxl", argv[1], ".cfg", to_libxl);
#endif
    getrusage(RUSAGE_SELF, &usage);
    printf("%-16s %ld KiB\n", "peak memory", usage.ru_maxrss);
    return 0;
}
