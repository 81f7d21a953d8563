/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl to-json and virtxl from-json: libxl's own JSON of a guest, without Xen.
 */
#include "batch.h"
#include "conf/domain_xml.h"
#include "convert.h"
#include "libxl/libxl_json.h"

typedef struct {
    VxXlcfgOptions xlcfg;
    VxLibxlHost host;
    char *channel_dir;   /* as it was given, NULL when not */
    int n_cpus, n_nodes; /* of the host */
} JsonOptions;

#define MAX_HOST_CPUS 65536

static char *to_json(gconstpointer data, const char *text, gsize length, VxDiag *diag)
{
    const JsonOptions *options = data;
    g_autoptr(VxDomainDef) def = read_definition(tell_language(text, length), VX_XLCFG_XL, text, length, diag);

    if (!def || vx_diag_n_errors(diag) > 0)
        return NULL;
    return vx_libxl_json_format(def, &options->xlcfg, &options->host, diag);
}

static ExitStatus check_options(gpointer data)
{
    JsonOptions *options = data;

    if (options->n_cpus < 1 || options->n_cpus > MAX_HOST_CPUS)
        return complain(EXIT_USAGE, "--host-cpus is %d: write a number from 1 to %d", options->n_cpus, MAX_HOST_CPUS);
    if (options->n_nodes < 1 || options->n_nodes > options->n_cpus)
        return complain(EXIT_USAGE, "--host-nodes is %d: write a number from 1 to that of the CPUs", options->n_nodes);
    options->host = (VxLibxlHost){.n_cpus = (unsigned)options->n_cpus, .n_nodes = (unsigned)options->n_nodes};
    options->xlcfg.channel_dir = options->channel_dir ? options->channel_dir : VX_XLCFG_CHANNEL_DIR;
    return EXIT_GOOD;
}

ExitStatus run_to_json(int argc, char **argv)
{
    VxLibxlHost host = vx_libxl_host_guess();
    JsonOptions options = {.n_cpus = (int)host.n_cpus, .n_nodes = (int)host.n_nodes};
    const GOptionEntry entries[] = {
        {"host-cpus", 0, 0, G_OPTION_ARG_INT, &options.n_cpus,
         "How many CPUs the host has (default: as many as this machine)", "N"},
        {"host-nodes", 0, 0, G_OPTION_ARG_INT, &options.n_nodes, "How many NUMA nodes they are on (default: 1)", "N"},
        {"channel-dir", 0, 0, G_OPTION_ARG_FILENAME, &options.channel_dir,
         "Where channels without a path get their sockets (default: " VX_XLCFG_CHANNEL_DIR ")", "DIR"},
        {0},
    };
    Conversion conversion = {
        .convert = to_json,
        .check = check_options,
        .data = &options,
        .xml_flags = VX_DIAG_FOR_GUEST, /* of an xl.cfg, xl itself would make the guest */
        .from_endings = {".cfg", ".xml"},
        .to_ending = ".json",
    };
    ExitStatus status = run_conversion(&conversion, find_command("to-json"), entries, argc, argv);

    g_free(options.channel_dir);
    return status;
}

static char *from_json(gconstpointer data, const char *text, gsize length, VxDiag *diag)
{
    g_autoptr(VxDomainDef) def = vx_libxl_json_parse(text, length, diag);

    (void)data;
    return def ? vx_domain_def_format(def, VX_WRITE_SECRETS, NULL) : NULL;
}

ExitStatus run_from_json(int argc, char **argv)
{
    Conversion conversion = {.convert = from_json, .from_endings = {".json"}, .to_ending = ".xml"};

    return run_conversion(&conversion, find_command("from-json"), NULL, argc, argv);
}
