/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon_service.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_FD 3
#define SOCKETS_MAX 64

static bool get_number(const char *variable, guint64 most, guint64 *number)
{
    const char *text = g_getenv(variable);

    return text && g_ascii_string_to_unsigned(text, 10, 0, most, number, NULL);
}

static void clear_socket(void *data)
{
    g_free(((VxServiceSocket *)data)->name);
}

GArray *vx_service_take_sockets(void)
{
    GArray *sockets = g_array_new(FALSE, FALSE, sizeof(VxServiceSocket));
    g_auto(GStrv) names = g_strsplit(g_getenv("LISTEN_FDNAMES") ? g_getenv("LISTEN_FDNAMES") : "", ":", -1);
    guint n_names = g_strv_length(names);
    guint64 pid = 0, n = 0;

    g_array_set_clear_func(sockets, clear_socket);
    if (get_number("LISTEN_PID", G_MAXINT, &pid) && (pid_t)pid == getpid())
        get_number("LISTEN_FDS", SOCKETS_MAX, &n);
    for (guint i = 0; i < n; i++) {
        VxServiceSocket passed = {.fd = FIRST_FD + (int)i, .name = g_strdup(i < n_names ? names[i] : "")};

        fcntl(passed.fd, F_SETFD, FD_CLOEXEC);
        g_array_append_val(sockets, passed);
    }
    g_unsetenv("LISTEN_PID");
    g_unsetenv("LISTEN_FDS");
    g_unsetenv("LISTEN_FDNAMES");
    return sockets;
}

void vx_service_notify(const char *state)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    gsize length = path ? strlen(path) : 0;
    int fd;

    if (length < 2 || length >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') /* an abstract name */
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
        g_warning("cannot tell the service manager '%s'", state);
    close(fd);
}

typedef struct {
    const VxServiceSignals *signals;
    void *data;
} Watch;

static gboolean on_stop(void *data)
{
    Watch *watch = data;

    watch->signals->stop(watch->data);
    return G_SOURCE_CONTINUE;
}

static gboolean on_reload(void *data)
{
    Watch *watch = data;

    watch->signals->reload(watch->data);
    return G_SOURCE_CONTINUE;
}

static void watch_signal(int number, GSourceFunc function, const Watch *watch)
{
    g_unix_signal_add_full(G_PRIORITY_DEFAULT, number, function, g_memdup2(watch, sizeof *watch), g_free);
}

void vx_service_watch_signals(const VxServiceSignals *signals, void *data)
{
    const Watch watch = {.signals = signals, .data = data};

    signal(SIGPIPE, SIG_IGN);
    watch_signal(SIGTERM, on_stop, &watch);
    watch_signal(SIGINT, on_stop, &watch);
    watch_signal(SIGHUP, on_reload, &watch);
}

void vx_service_raise_file_limit(unsigned wanted)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = MIN(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < wanted)
        g_warning("at most %lu files can be open, fewer than the %u that the limits of clients may need",
                  (unsigned long)limit.rlim_cur, wanted);
}
