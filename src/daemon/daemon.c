/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon.h"

#include "daemon/client.h"
#include "daemon/daemon_log.h"
#include "daemon/daemon_service.h"
#include "daemon/dispatch.h"
#include "daemon/sockets.h"
#include "driver/agents.h"
#include "util/vx_error.h"

#include <errno.h>
#include <glob.h>

#define FILES_BESIDE_CLIENTS 200 /* definitions, logs, libraries, consoles */

/* ---- clients ---- */

static void on_opened(VxRpcConnection *connection, unsigned tag, void *data)
{
    const VxRpcPeer *peer = vx_rpc_connection_get_peer(connection);

    vx_client_attach(data, connection, tag == VX_SOCKET_READ_ONLY);
    g_debug("client %" G_GUINT64_FORMAT ": user %u, process %d%s", vx_rpc_connection_get_id(connection), peer->uid,
            peer->pid, tag == VX_SOCKET_READ_ONLY ? ", read-only" : "");
}

static void on_call(VxRpcConnection *connection, VxRpcCall *call, void *data G_GNUC_UNUSED)
{
    vx_dispatch(vx_client_of(connection), call);
}

static void on_closed(VxRpcConnection *connection, const GError *reason, void *data)
{
    VxDaemon *daemon = data;

    vx_client_end(vx_client_of(connection));
    g_debug("client %" G_GUINT64_FORMAT " has gone%s%s", vx_rpc_connection_get_id(connection), reason ? ": " : "",
            reason ? reason->message : "");
    /* The one that goes is still counted. */
    if (daemon->is_stopping && vx_rpc_server_count_clients(daemon->server) <= 1)
        g_main_loop_quit(daemon->loop);
}

static const VxRpcServerHandlers server_handlers = {.opened = on_opened, .call = on_call, .closed = on_closed};

/* ---- parts ---- */

static VxRpcServerLimits limits_of(const VxDaemonConfig *config)
{
    return (VxRpcServerLimits){
        .max_clients = config->max_clients,
        .max_anonymous_clients = config->max_anonymous_clients,
        .anonymous_timeout_s = config->anonymous_timeout,
        .connection = {.max_calls = config->max_client_requests,
                       .keepalive_interval_s = config->keepalive_interval,
                       .keepalive_count = config->keepalive_count},
    };
}

static VxWorkerLimits worker_limits_of(const VxDaemonConfig *config)
{
    return (VxWorkerLimits){
        .n_general = config->max_workers, .n_urgent = config->prio_workers, .n_patient = config->agent_workers};
}

static bool make_folder(const char *path, int mode, GError **error)
{
    if (g_mkdir_with_parents(path, mode) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make the folder '%s'", path);
    return true;
}

/* CONFIGURED, or else what the first fitting pattern finds, or NULL. The caller frees it. */
static char *find_program_of_xen(const char *configured, const char *const *patterns, gsize n_patterns)
{
    if (*configured)
        return g_strdup(configured);
    for (gsize i = 0; i < n_patterns; i++) {
        glob_t found = {0};
        char *path = glob(patterns[i], 0, NULL, &found) == 0 ? g_strdup(found.gl_pathv[found.gl_pathc - 1]) : NULL;

        globfree(&found);
        if (path)
            return path;
    }
    return NULL;
}

static const char *const emulators[] = {"/usr/libexec/xen-qemu-system-i386", "/usr/lib/xen*/bin/qemu-system-i386",
                                        "/usr/libexec/xen/bin/qemu-system-i386", "/usr/bin/qemu-system-i386",
                                        "/usr/bin/qemu-system-x86_64"};
static const char *const loaders[] = {"/usr/lib/xen*/boot/hvmloader", "/usr/libexec/xen/boot/hvmloader"};

static VxDriver *make_driver(const VxDaemonConfig *config, VxHypervisor *hypervisor, GError **error)
{
    g_autofree char *autostart = g_build_filename(config->config_dir, "autostart", NULL);
    g_autofree char *emulator = find_program_of_xen(config->emulator, emulators, G_N_ELEMENTS(emulators));
    g_auto(GStrv) agent_channels = g_strsplit_set(config->agent_channels, ", ", -1);
    g_autofree char *hvmloader = find_program_of_xen(config->hvmloader, loaders, G_N_ELEMENTS(loaders));
    g_autofree char *saves = g_build_filename(config->state_dir, "save", NULL);
    g_autofree char *dumps = g_build_filename(config->state_dir, "dump", NULL);
    const VxDriverConfig settings = {
        .config_folder = config->config_dir,
        .autostart_folder = autostart,
        .run_folder = config->run_dir,
        .save_folder = saves,
        .dump_folder = dumps,
        .channel_folder = config->channel_dir,
        .lock_folder = config->lock_dir,
        .emulator = emulator,
        .hvmloader = hvmloader,
        .virtio_channels =
            config->virtio_channels == VX_VIRTIO_SETTING_REFUSE ? VX_VIRTIO_CHANNELS_REFUSE : VX_VIRTIO_CHANNELS_MAP,
        .agent_channels = (const char *const *)agent_channels,
        .agent_check_interval_s = config->agent_check_interval,
    };

    if (!make_folder(config->config_dir, 0700, error) || !make_folder(autostart, 0700, error)) {
        if (hypervisor)
            hypervisor->ops->free(hypervisor);
        return NULL;
    }
    return vx_driver_new(&settings, hypervisor, error);
}

VxDaemon *vx_daemon_new(const VxOptions *options, VxDaemonConfig *config, VxHypervisor *hypervisor, GError **error)
{
    g_autoptr(VxDaemon) daemon = g_new0(VxDaemon, 1);
    VxRpcServerLimits limits = limits_of(config);

    daemon->options = options;
    daemon->config = config;
    vx_service_raise_file_limit(config->max_clients + FILES_BESIDE_CLIENTS);
    daemon->driver = make_driver(config, hypervisor, error);
    if (!daemon->driver)
        return NULL;
    if (!daemon->driver->hypervisor)
        g_info("no Xen hypervisor: domains can be defined and changed, but not started");
    daemon->loop = g_main_loop_new(NULL, FALSE);
    daemon->workers = vx_workers_new(worker_limits_of(config));
    daemon->server = vx_rpc_server_new(NULL, &limits, &server_handlers, daemon);
    if (!vx_sockets_open(daemon->server, config, error))
        return NULL;
    return g_steal_pointer(&daemon);
}

void vx_daemon_free(VxDaemon *daemon)
{
    if (!daemon)
        return;
    vx_workers_free(daemon->workers); /* first: what they carry out needs all the rest */
    vx_rpc_server_free(daemon->server);
    /* Answers that the workers posted hold references to their connections. */
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    vx_driver_free(daemon->driver);
    g_clear_pointer(&daemon->loop, g_main_loop_unref);
    vx_daemon_config_free(daemon->config);
    g_free(daemon);
}

/* ---- running ---- */

static void finish_client(VxRpcConnection *connection, void *data G_GNUC_UNUSED)
{
    vx_rpc_connection_close_when_written(connection);
}

static void stop(void *data)
{
    VxDaemon *daemon = data;

    if (daemon->is_stopping)
        return;
    daemon->is_stopping = true;
    vx_service_notify("STOPPING=1");
    g_info("stopping");
    vx_rpc_server_stop_accepting(daemon->server);
    vx_agents_end_calls(daemon->driver->agents); /* others end by themselves */
    if (vx_rpc_server_count_clients(daemon->server) == 0)
        g_main_loop_quit(daemon->loop);
    else
        vx_rpc_server_foreach(daemon->server, finish_client, NULL);
}

/* What may change while it runs: limits, the log, how clients authenticate. */
static void apply_config(VxDaemon *daemon, VxDaemonConfig *config)
{
    VxRpcServerLimits limits = limits_of(config);

    vx_rpc_server_set_limits(daemon->server, &limits);
    vx_workers_set_limits(daemon->workers, worker_limits_of(config));
    vx_daemon_log_set_level((VxLogLevel)config->log_level);
    vx_daemon_config_free(daemon->config);
    daemon->config = config;
}

static void reload(void *data)
{
    VxDaemon *daemon = data;
    g_autoptr(GError) error = NULL;
    VxDaemonConfig *config;

    vx_service_notify("RELOADING=1");
    config = vx_options_load_config(daemon->options, &error);
    if (config) {
        apply_config(daemon, config);
        g_info("settings reloaded; those of sockets and folders count from the next start on");
    } else {
        g_warning("the settings stay as they were: %s", error->message);
    }
    vx_service_notify("READY=1");
}

static const VxServiceSignals signals = {.stop = stop, .reload = reload};

void vx_daemon_run(VxDaemon *daemon)
{
    vx_service_watch_signals(&signals, daemon);
    vx_service_notify("READY=1");
    g_main_loop_run(daemon->loop);
}
