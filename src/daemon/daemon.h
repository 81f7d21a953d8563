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

/* A daemon that listens. CONFIG is taken, OPTIONS borrowed. NULL with *ERROR set when it cannot be. */
VxDaemon *vx_daemon_new(const VxOptions *options, VxDaemonConfig *config, GError **error);
/* NULL is allowed. */
void vx_daemon_free(VxDaemon *daemon);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDaemon, vx_daemon_free)

/* Serves until it is told to stop (SIGTERM, SIGINT); then calls in flight are answered first. */
void vx_daemon_run(VxDaemon *daemon);
