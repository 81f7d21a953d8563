/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The real qemu-guest-agent of this machine, through a socket and through a terminal. Only commands that change
 * nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/agent_commands.h"
#include "util/vx_error.h"

static char *qemu_ga;

typedef struct {
    char *folder;
    GPid pid;
    VxAgent *agent;
    GError *error;
} Fixture;

static void start(Fixture *f, const char *method, const char *path)
{
    g_autofree char *pid_file = g_build_filename(f->folder, "pid", NULL);
    const char *arguments[] = {qemu_ga, "-m", method, "-p", path, "-t", f->folder, "-f", pid_file, NULL};

    g_assert_true(g_spawn_async(NULL, (char **)arguments, NULL,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                                NULL, NULL, &f->pid, NULL));
}

/* Connects to the socket as soon as somebody listens. */
static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    for (unsigned i = 0; i < 1000; i++) {
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
            return fd;
        g_usleep(10 * 1000);
    }
    g_error("qemu-ga does not listen at %s: %s", path, g_strerror(errno));
}

static int open_terminal(void)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(grantpt(fd), ==, 0);
    g_assert_cmpint(unlockpt(fd), ==, 0);
    return fd;
}

static void set_up(Fixture *f, const void *is_terminal)
{
    int fd;

    if (!qemu_ga)
        return;
    f->folder = g_dir_make_tmp("agent-XXXXXX", NULL);
    if (is_terminal) {
        fd = open_terminal();
        start(f, "isa-serial", ptsname(fd));
    } else {
        g_autofree char *path = g_build_filename(f->folder, "socket", NULL);

        start(f, "unix-listen", path);
        fd = connect_to(path);
    }
    f->agent = vx_agent_new(fd, &f->error);
    g_assert_no_error(f->error);
    /* What is sent before it has opened the terminal is lost. */
    g_assert_true(vx_agent_set_timeout(f->agent, 1, NULL));
    for (unsigned i = 0; i < 20 && !vx_agent_sync(f->agent, NULL); i++)
        continue;
    g_assert_true(vx_agent_set_timeout(f->agent, 20, NULL));
}

static void remove_folder(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_remove(path);
    }
    g_dir_close(dir);
    g_rmdir(folder);
}

static void stop(Fixture *f, int signal)
{
    if (f->pid <= 0)
        return;
    kill(f->pid, signal);
    if (signal == SIGSTOP || signal == SIGCONT)
        return;
    waitpid(f->pid, NULL, 0);
    f->pid = 0;
}

static void tear_down(Fixture *f, const void *data G_GNUC_UNUSED)
{
    if (!qemu_ga)
        return;
    stop(f, SIGKILL);
    vx_agent_unref(f->agent);
    g_clear_error(&f->error);
    remove_folder(f->folder);
    g_free(f->folder);
}

static bool is_there(void)
{
    if (!qemu_ga)
        g_test_skip("there is no qemu-ga (package qemu-guest-agent)");
    return qemu_ga != NULL;
}

static void try_identity(Fixture *f)
{
    g_autofree char *name = vx_agent_get_host_name(f->agent, &f->error);
    g_autoptr(VxAgentOs) os = NULL;
    g_autoptr(VxAgentTimezone) zone = NULL;
    char expected[256];

    g_assert_no_error(f->error);
    g_assert_cmpint(gethostname(expected, sizeof expected), ==, 0);
    g_assert_cmpstr(name, ==, expected);
    os = vx_agent_get_os(f->agent, &f->error);
    g_assert_no_error(f->error);
    g_assert_nonnull(os->kernel_release);
    zone = vx_agent_get_timezone(f->agent, &f->error);
    g_assert_no_error(f->error);
}

static void try_time(Fixture *f)
{
    gint64 time_ns;

    g_assert_true(vx_agent_get_time(f->agent, &time_ns, &f->error));
    g_assert_cmpint(ABS(time_ns / 1000 - g_get_real_time()), <, 60 * G_USEC_PER_SEC);
}

static void try_lists(Fixture *f)
{
    g_autoptr(VxAgentInfo) info = vx_agent_get_info(f->agent, &f->error);
    g_autoptr(GPtrArray) interfaces = NULL, vcpus = NULL, users = NULL;
    bool has_loopback = false;

    g_assert_no_error(f->error);
    g_assert_cmpuint(info->commands->len, >, 30);
    interfaces = vx_agent_get_interfaces(f->agent, &f->error);
    g_assert_no_error(f->error);
    for (guint i = 0; i < interfaces->len; i++)
        has_loopback |= strcmp(((VxAgentInterface *)interfaces->pdata[i])->name, "lo") == 0;
    g_assert_true(has_loopback);
    vcpus = vx_agent_get_vcpus(f->agent, &f->error);
    g_assert_no_error(f->error);
    g_assert_cmpuint(vcpus->len, >, 0);
    users = vx_agent_get_users(f->agent, &f->error);
    g_assert_no_error(f->error);
}

static void try_raw(Fixture *f)
{
    g_autofree char *pong = vx_agent_command(f->agent, "{\"execute\":\"guest-ping\"}", 20, &f->error);
    g_autofree char *synced = NULL;

    g_assert_no_error(f->error);
    g_assert_cmpstr(pong, ==, "{\"return\":{}}");
    synced =
        vx_agent_command(f->agent, "{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":42}}", 20, &f->error);
    g_assert_no_error(f->error);
    g_assert_cmpstr(synced, ==, "{\"return\":42}");
    g_assert_null(vx_agent_command(f->agent, "{\"execute\":\"guest-fly\"}", 20, &f->error));
    g_assert_error(f->error, VX_ERROR, VIR_ERR_OPERATION_UNSUPPORTED);
    g_assert_nonnull(strstr(f->error->message, "'guest-fly'"));
    g_clear_error(&f->error);
    g_assert_null(vx_agent_command(f->agent, "{\"hello\":1}", 20, &f->error));
    g_assert_error(f->error, VX_ERROR, VIR_ERR_INTERNAL_ERROR);
    g_clear_error(&f->error);
}

static void test_all(Fixture *f, const void *data G_GNUC_UNUSED)
{
    if (!is_there())
        return;
    g_assert_true(vx_agent_ping(f->agent, &f->error));
    try_identity(f);
    try_time(f);
    try_lists(f);
    try_raw(f);
}

/* Some hundred kilobytes, through what is at most some kilobytes deep. */
static void test_file(Fixture *f, const void *data G_GNUC_UNUSED)
{
    gsize length = 300 * 1000;
    g_autofree char *content = g_strnfill(length, 'x'), *path = NULL, *open = NULL, *read = NULL, *answer = NULL;
    int handle;

    if (!is_there())
        return;
    path = g_build_filename(f->folder, "file", NULL);
    g_assert_true(g_file_set_contents(path, content, (gssize)length, NULL));
    open = g_strdup_printf("{\"execute\":\"guest-file-open\",\"arguments\":{\"path\":\"%s\"}}", path);
    answer = vx_agent_command(f->agent, open, 20, &f->error);
    g_assert_no_error(f->error);
    g_assert_cmpint(sscanf(answer, "{\"return\":%d}", &handle), ==, 1);
    read = g_strdup_printf("{\"execute\":\"guest-file-read\",\"arguments\":{\"handle\":%d,\"count\":300000}}", handle);
    g_free(answer);
    answer = vx_agent_command(f->agent, read, 20, &f->error);
    g_assert_no_error(f->error);
    g_assert_nonnull(strstr(answer, "\"count\":300000"));
    g_assert_cmpuint(strlen(answer), >, 400000);
}

/* Hung, then back: what it answers to the commands that were given up is thrown away. */
static void test_hung(Fixture *f, const void *data G_GNUC_UNUSED)
{
    if (!is_there())
        return;
    g_assert_true(vx_agent_set_timeout(f->agent, 1, NULL));
    stop(f, SIGSTOP);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_false(vx_agent_ping(f->agent, &f->error));
        g_assert_error(f->error, VX_ERROR, VIR_ERR_AGENT_UNRESPONSIVE);
        g_clear_error(&f->error);
    }
    stop(f, SIGCONT);
    g_assert_true(vx_agent_set_timeout(f->agent, 20, NULL));
    try_identity(f);
}

static void test_killed(Fixture *f, const void *is_terminal)
{
    if (!is_there())
        return;
    stop(f, SIGKILL);
    g_assert_true(vx_agent_set_timeout(f->agent, 1, NULL));
    g_assert_false(vx_agent_ping(f->agent, &f->error));
    g_assert_error(f->error, VX_ERROR, VIR_ERR_AGENT_UNRESPONSIVE);
    if (!is_terminal)
        g_assert_true(vx_agent_is_gone(f->agent));
}

#define ADD(name, function)                                                                                            \
    g_test_add("/agent/real/socket/" name, Fixture, NULL, set_up, function, tear_down);                                \
    g_test_add("/agent/real/terminal/" name, Fixture, "", set_up, function, tear_down)

int main(int argc, char **argv)
{
    const char *place = "/usr/sbin/qemu-ga"; /* not in everybody's PATH */

    g_test_init(&argc, &argv, NULL);
    qemu_ga = g_find_program_in_path("qemu-ga");
    if (!qemu_ga && g_file_test(place, G_FILE_TEST_IS_EXECUTABLE))
        qemu_ga = g_strdup(place);
    ADD("all", test_all);
    ADD("file", test_file);
    ADD("hung", test_hung);
    ADD("killed", test_killed);
    int result = g_test_run();

    g_free(qemu_ga);
    return result;
}
