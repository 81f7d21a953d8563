/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The command line of virtxld, and the settings that come of it and of the configuration file.
 */
#pragma once

#include "daemon/daemon_config.h"

typedef struct {
    char *config_path; /* NULL: the usual one, which need not be there */
    char *socket_dir;  /* NULL: as configured; so the next two */
    char *state_dir;
    char *run_dir;
    gboolean offline;
    gboolean verbose;
    gboolean version; /* only to be shown */
} VxOptions;

void vx_options_clear(VxOptions *options);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxOptions, vx_options_clear)

/* Fills OPTIONS from the command line; --help prints and ends the process. Fails with *ERROR set when the command line
 * is wrong. */
bool vx_options_parse(VxOptions *options, int *argc, char ***argv, GError **error);

/* The settings of the configuration file as the command line changes them. Warnings about the file go to the log. NULL
 * with *ERROR set: VIR_ERR_CONF_SYNTAX with a line for each mistake, or VIR_ERR_SYSTEM_ERROR. */
VxDaemonConfig *vx_options_load_config(const VxOptions *options, GError **error);
