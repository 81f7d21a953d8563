/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl from-xl and virtxl to-xl.
 */
#include <string.h>

#include "batch.h"
#include "convert.h"

typedef struct {
    Language from;
    VxXlcfgOptions xlcfg;
    char *channel_dir, *virtio, *dialect; /* as they were given, NULL when not */
    gboolean keep_xml;
} TextOptions;

static Language other(Language language)
{
    return language == LANGUAGE_XL ? LANGUAGE_XML : LANGUAGE_XL;
}

static void refuse_wrong_language(const TextOptions *options, const char *text, gsize length, VxDiag *diag)
{
    if (tell_language(text, length) == options->from || length == 0)
        return;
    vx_diag_wrong(diag, 1, "this is %s: 'virtxl %s' reads it",
                  options->from == LANGUAGE_XL ? "XML and no xl.cfg" : "no XML",
                  options->from == LANGUAGE_XL ? "to-xl" : "from-xl");
}

static char *convert_text(gconstpointer data, const char *text, gsize length, VxDiag *diag)
{
    const TextOptions *options = data;
    g_autoptr(VxDomainDef) def = NULL;

    refuse_wrong_language(options, text, length, diag);
    if (vx_diag_n_wrong(diag) > 0)
        return NULL;
    def = read_definition(options->from, options->xlcfg.dialect, text, length, diag);
    if (!def || vx_diag_n_wrong(diag) > 0) /* under --strict the writer may have more to say */
        return NULL;
    return write_definition(def, other(options->from), &options->xlcfg, diag);
}

static ExitStatus check_options(gpointer data)
{
    TextOptions *options = data;
    const char *virtio = options->virtio, *dialect = options->dialect;

    if (virtio && strcmp(virtio, "map") != 0 && strcmp(virtio, "refuse") != 0)
        return complain(EXIT_USAGE, "--virtio-channels is '%s': write map or refuse", virtio);
    if (dialect && strcmp(dialect, "xl") != 0 && strcmp(dialect, "xm") != 0)
        return complain(EXIT_USAGE, "--dialect is '%s': write xl or xm", dialect);
    if (options->keep_xml && dialect && strcmp(dialect, "xm") == 0)
        return complain(EXIT_USAGE, "--keep-xml is for xl only: leave out --dialect=xm");
    options->xlcfg = (VxXlcfgOptions){
        .channel_dir = options->channel_dir ? options->channel_dir : VX_XLCFG_CHANNEL_DIR,
        .refuse_virtio_channels = virtio && strcmp(virtio, "refuse") == 0,
        .dialect = dialect && strcmp(dialect, "xm") == 0 ? VX_XLCFG_XM : VX_XLCFG_XL,
        .map_virtio_channels_silently = virtio && strcmp(virtio, "map") == 0,
        .keep_xml = options->keep_xml,
    };
    return EXIT_GOOD;
}

static ExitStatus run_from(Language from, const char *command_name, int argc, char **argv)
{
    TextOptions options = {.from = from};
    bool to_xl = from == LANGUAGE_XML;
    const GOptionEntry entries[] = {
        {"dialect", 0, 0, G_OPTION_ARG_STRING, &options.dialect,
         "Which toolstack's file it is: xl's (the default), or that of xm, the one before it", "xl|xm"},
        {to_xl ? "channel-dir" : NULL, 0, 0, G_OPTION_ARG_FILENAME, &options.channel_dir,
         "Where channels without a path get their sockets (default: " VX_XLCFG_CHANNEL_DIR ")", "DIR"},
        {"virtio-channels", 0, 0, G_OPTION_ARG_STRING, &options.virtio,
         "What to make of virtio channels: map them to Xen channels (the default), or refuse them", "map|refuse"},
        {"keep-xml", 0, 0, G_OPTION_ARG_NONE, &options.keep_xml,
         "Keep the domain XML in the xl.cfg, so that from-xl gives it back exactly", NULL},
        {0},
    };
    Conversion conversion = {
        .convert = convert_text,
        .check = check_options,
        .data = &options,
        .from_endings = {to_xl ? ".xml" : ".cfg"},
        .to_ending = to_xl ? ".cfg" : ".xml",
    };
    ExitStatus status = run_conversion(&conversion, find_command(command_name), entries, argc, argv);

    g_free(options.channel_dir);
    g_free(options.virtio);
    g_free(options.dialect);
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
