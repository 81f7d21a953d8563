/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The running daemon: its settings, its driver, its sockets and threads. Main thread, but for reading the driver.
 */
#pragma once

#include "daemon/daemon_config.h"
#include "daemon/options.h"
#include "daemon/workers.h"
#include "driver/driver.h"
#include "rpc/rpc_server.h"

typedef struct {
    const VxOptions *options; /* borrowed */
    VxDaemonConfig *config;
    VxDriver *driver;
    VxRpcServer *server;
    VxWorkers *workers;
    GMainLoop *loop;
    bool is_stopping;
} VxDaemon;

/* A daemon that listens. CONFIG and HYPERVISOR (NULL: offline) are taken, OPTIONS borrowed. NULL with *ERROR set when
 * it cannot be. */
VxDaemon *vx_daemon_new(const VxOptions *options, VxDaemonConfig *config, VxHypervisor *hypervisor, GError **error);
/* NULL is allowed. */
void vx_daemon_free(VxDaemon *daemon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDaemon, vx_daemon_free)

/* Serves until it is told to stop (SIGTERM, SIGINT); then calls in flight are answered first. */
void vx_daemon_run(VxDaemon *daemon);

/* Opens the door to what runs guests, as CONFIG says. NULL without *ERROR: there is nothing; with *ERROR: it is there
 * and cannot be used, which ends the daemon. Called once, unless the command line says --offline. */
typedef VxHypervisor *(*VxHypervisorOpen)(const VxDaemonConfig *config, GError **error);

/* main() of a daemon for the guests of OPEN: its exit status. */
int vx_daemon_main(int argc, char **argv, VxHypervisorOpen open_hypervisor);
