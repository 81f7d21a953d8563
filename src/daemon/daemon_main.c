/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

#include "daemon/daemon_log.h"

#include <locale.h>
#include <malloc.h>

/* Heaps of glibc, which would give each thread one of its own: threads wait most of the time, and what one has freed is
 * no use to the others then. */
#define N_HEAPS 2

typedef enum { EXIT_STOPPED = 0, EXIT_CANNOT_SERVE = 1, EXIT_USAGE = 2 } ExitStatus;

static ExitStatus say(const GError *error, ExitStatus status)
{
    g_printerr("virtxld: %s\n", error->message);
    if (status == EXIT_USAGE)
        g_printerr("Try 'virtxld --help'.\n");
    return status;
}

int vx_daemon_main(int argc, char **argv, VxHypervisorOpen open_hypervisor)
{
    g_auto(VxOptions) options = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(VxDaemon) daemon = NULL;
    VxHypervisor *hypervisor = NULL;
    VxDaemonConfig *config;

    mallopt(M_ARENA_MAX, N_HEAPS);
    setlocale(LC_CTYPE, "");
    if (!vx_options_parse(&options, &argc, &argv, &error))
        return say(error, EXIT_USAGE);
    if (options.version) {
        g_print("virtxld %s\n", VX_VERSION);
        return EXIT_STOPPED;
    }
    config = vx_options_load_config(&options, &error);
    if (!config)
        return say(error, EXIT_CANNOT_SERVE);
    vx_daemon_log_start((VxLogLevel)config->log_level);
    if (!options.offline)
        hypervisor = open_hypervisor(config, &error);
    if (error) { /* without it, guests that run would look as if they were shut off, and could be started again */
        g_prefix_error(&error,
                       "this is a host of Xen, whose guests cannot be reached (--offline serves without them): ");
        return say(error, EXIT_CANNOT_SERVE);
    }
    daemon = vx_daemon_new(&options, config, hypervisor, &error);
    if (!daemon)
        return say(error, EXIT_CANNOT_SERVE);
    vx_daemon_run(daemon);
    return EXIT_STOPPED;
}
