/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/options.h"

#include "util/vx_error.h"
#include "util/vx_file.h"

#define CONFIG_MAX_BYTES ((gsize)1024 * 1024)

void vx_options_clear(VxOptions *options)
{
    g_free(options->config_path);
    g_free(options->socket_dir);
    g_free(options->state_dir);
    g_free(options->run_dir);
    *options = (VxOptions){0};
}

#define SUMMARY "Serves xen:///system to libvirt's clients: virsh, virt-manager and all that use libvirt."
#define DESCRIPTION                                                                                                    \
    "SIGTERM ends it when the calls under way are answered; SIGHUP has it read its configuration anew.\n"              \
    "Exit status: 0 when told to stop, 1 when it cannot serve, 2 when the command line is wrong."

static bool check_absolute(const char *option, char **path, GError **error)
{
    char *whole;

    if (!*path)
        return true;
    if (!**path)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "%s needs the path of a folder", option);
    whole = g_canonicalize_filename(*path, NULL);
    g_free(*path);
    *path = whole;
    return true;
}

bool vx_options_parse(VxOptions *options, int *argc, char ***argv, GError **error)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    const GOptionEntry entries[] = {
        {"config", 'f', 0, G_OPTION_ARG_FILENAME, &options->config_path,
         "Read the settings from FILE (default: " VX_CONFIG_PATH ")", "FILE"},
        {"socket-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->socket_dir, "Listen on sockets in DIR", "DIR"},
        {"state-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->state_dir,
         "Keep all that lasts below DIR: definitions, saved domains, logs, sockets of channels", "DIR"},
        {"run-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->run_dir,
         "Keep the state of running domains, and locks, in DIR", "DIR"},
        {"offline", 0, 0, G_OPTION_ARG_NONE, &options->offline, "Do not look for Xen: domains cannot be started", NULL},
        {"verbose", 'v', 0, G_OPTION_ARG_NONE, &options->verbose, "Log everything", NULL},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &options->version, "Show the version", NULL},
        G_OPTION_ENTRY_NULL,
    };

    g_option_context_set_summary(context, SUMMARY);
    g_option_context_set_description(context, DESCRIPTION);
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error))
        return false;
    if (*argc > 1)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "'%s' is no option, and there are no other arguments", (*argv)[1]);
    return check_absolute("--socket-dir", &options->socket_dir, error) &&
           check_absolute("--state-dir", &options->state_dir, error) &&
           check_absolute("--run-dir", &options->run_dir, error);
}

static void set_text(char **setting, char *value)
{
    g_free(*setting);
    *setting = value;
}

static void apply_options(VxDaemonConfig *config, const VxOptions *options)
{
    const char *state = options->state_dir;

    if (options->socket_dir)
        set_text(&config->socket_dir, g_strdup(options->socket_dir));
    if (state) {
        set_text(&config->config_dir, g_build_filename(state, "config", NULL));
        set_text(&config->state_dir, g_strdup(state));
        set_text(&config->log_dir, g_build_filename(state, "log", NULL));
        set_text(&config->channel_dir, g_build_filename(state, "channel", "target", NULL));
    }
    if (options->run_dir) {
        set_text(&config->run_dir, g_strdup(options->run_dir));
        set_text(&config->lock_dir, g_build_filename(options->run_dir, "lock", NULL));
    }
    if (options->verbose)
        config->log_level = VX_LOG_DEBUG;
}

/* The mistakes fail, the rest is said. */
static bool report(VxDiag *diag, const char *path, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(GStrv) lines = NULL;

    vx_diag_format(diag, 0, text);
    if (vx_diag_n_errors(diag) > 0) {
        g_autoptr(GError) why = vx_diag_to_error(diag, VIR_ERR_CONF_SYNTAX);

        return vx_fail(error, VIR_ERR_CONF_SYNTAX, "%s: %s", path, why->message);
    }
    lines = g_strsplit(text->str, "\n", -1);
    for (gsize i = 0; lines[i]; i++)
        if (*lines[i])
            g_warning("%s", lines[i]);
    return true;
}

VxDaemonConfig *vx_options_load_config(const VxOptions *options, GError **error)
{
    g_autoptr(VxDaemonConfig) config = vx_daemon_config_new();
    const char *path = options->config_path ? options->config_path : VX_CONFIG_PATH;
    g_autofree char *text = NULL;
    gsize length = 0;

    if (options->config_path || g_file_test(path, G_FILE_TEST_EXISTS)) {
        g_autoptr(VxDiag) diag = NULL;

        if (!vx_file_read(path, CONFIG_MAX_BYTES, &text, &length, error))
            return NULL;
        diag = vx_diag_new(path, text, length, 0);
        vx_daemon_config_parse(config, text, length, diag);
        if (!report(diag, path, error))
            return NULL;
    }
    apply_options(config, options);
    return g_steal_pointer(&config);
}
