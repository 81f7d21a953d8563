/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon_log.h"
#include "daemon/daemon_service.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void set_number(const char *variable, unsigned long number)
{
    g_autofree char *text = g_strdup_printf("%lu", number);

    g_setenv(variable, text, TRUE);
}

static void test_sockets(void)
{
    set_number("LISTEN_PID", (unsigned long)getpid());
    g_setenv("LISTEN_FDS", "2", TRUE);
    g_setenv("LISTEN_FDNAMES", "virtxld.socket", TRUE);

    g_autoptr(GArray) sockets = vx_service_take_sockets();
    g_assert_cmpuint(sockets->len, ==, 2);
    g_assert_cmpint(g_array_index(sockets, VxServiceSocket, 0).fd, ==, 3);
    g_assert_cmpstr(g_array_index(sockets, VxServiceSocket, 0).name, ==, "virtxld.socket");
    g_assert_cmpint(g_array_index(sockets, VxServiceSocket, 1).fd, ==, 4);
    g_assert_cmpstr(g_array_index(sockets, VxServiceSocket, 1).name, ==, "");
    g_assert_null(g_getenv("LISTEN_FDS"));

    g_autoptr(GArray) none = vx_service_take_sockets();
    g_assert_cmpuint(none->len, ==, 0);
}

/* Sockets meant for another process, or a nonsensical number of them, are not taken. */
static void test_no_sockets(void)
{
    static const char *const numbers[] = {"-1", "1000000", "x", ""};

    set_number("LISTEN_PID", (unsigned long)getpid() + 1);
    g_setenv("LISTEN_FDS", "1", TRUE);
    g_autoptr(GArray) others = vx_service_take_sockets();
    g_assert_cmpuint(others->len, ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
        set_number("LISTEN_PID", (unsigned long)getpid());
        g_setenv("LISTEN_FDS", numbers[i], TRUE);
        g_autoptr(GArray) none = vx_service_take_sockets();
        g_assert_cmpuint(none->len, ==, 0);
    }
}

static void test_notify(void)
{
    g_autofree char *folder = g_dir_make_tmp("notify-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "socket", NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    char text[32] = "";

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    g_assert_no_errno(bind(fd, (struct sockaddr *)&address, sizeof address));
    vx_service_notify("READY=1"); /* nobody asked for it */
    g_setenv("NOTIFY_SOCKET", path, TRUE);
    vx_service_notify("STOPPING=1");
    g_assert_cmpint(recv(fd, text, sizeof text - 1, 0), ==, 10);
    g_assert_cmpstr(text, ==, "STOPPING=1");
    g_assert_cmpint(recv(fd, text, sizeof text - 1, 0), ==, -1);
    g_unsetenv("NOTIFY_SOCKET");
    close(fd);
    g_unlink(path);
    g_rmdir(folder);
}

typedef struct {
    unsigned n_stops;
    unsigned n_reloads;
} Counts;

static void count_stop(void *data)
{
    ((Counts *)data)->n_stops++;
}

static void count_reload(void *data)
{
    ((Counts *)data)->n_reloads++;
}

static void test_signals(void)
{
    static const VxServiceSignals signals = {.stop = count_stop, .reload = count_reload};
    static Counts counts; /* the watch stays until the end of the program */

    vx_service_watch_signals(&signals, &counts);
    raise(SIGHUP);
    raise(SIGPIPE);
    while (!counts.n_reloads)
        g_main_context_iteration(NULL, TRUE);
    raise(SIGTERM);
    while (!counts.n_stops)
        g_main_context_iteration(NULL, TRUE);
    g_assert_cmpuint(counts.n_reloads, ==, 1);
    g_assert_cmpuint(counts.n_stops, ==, 1);
}

static void test_file_limit(void)
{
    struct rlimit before, after;

    g_assert_no_errno(getrlimit(RLIMIT_NOFILE, &before));
    after = before;
    after.rlim_cur = MIN(before.rlim_max, 64);
    g_assert_no_errno(setrlimit(RLIMIT_NOFILE, &after));
    vx_service_raise_file_limit(100);
    g_assert_no_errno(getrlimit(RLIMIT_NOFILE, &after));
    g_assert_cmpuint(after.rlim_cur, ==, MIN(before.rlim_max, 100));
    g_assert_no_errno(setrlimit(RLIMIT_NOFILE, &before));
}

static void test_log(void)
{
    if (g_test_subprocess()) {
        vx_daemon_log_start(VX_LOG_INFO);
        g_info("client 3 defined 'a\nb'");
        g_debug("not wanted");
        vx_daemon_log_set_level(VX_LOG_ERROR);
        g_message("not wanted either");
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("* info: client 3 defined 'a b'\n*");
    g_test_trap_assert_stderr_unmatched("*not wanted*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/daemon/service/sockets", test_sockets);
    g_test_add_func("/daemon/service/no_sockets", test_no_sockets);
    g_test_add_func("/daemon/service/notify", test_notify);
    g_test_add_func("/daemon/service/signals", test_signals);
    g_test_add_func("/daemon/service/file_limit", test_file_limit);
    g_test_add_func("/daemon/log", test_log);
    return g_test_run();
}
