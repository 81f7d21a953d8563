/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * bench/channel VIRTXLD_MEMORY: bytes through virDomainOpenChannel beside the same bytes through the bare socket or
 * pty, in turns in one run. The far end echoes. bench/channel URI DOMAIN CHANNEL PATH does it with a running guest that
 * echoes over the channel whose socket or pty is PATH.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "memory_echo.h"

#define TURNS 5 /* of each way; the median counts */
#define MESSAGE 64
#define PIECE 65536
#define START_TIMEOUT_S 30

static int n_trips = 2000;
static gsize n_bytes = 16 * 1024 * 1024;
static bool shows_turns; /* of a guest that takes minutes */

static G_NORETURN void fail(const char *what)
{
    fprintf(stderr, "channel: %s: %s\n", what, virGetLastError() ? virGetLastErrorMessage() : g_strerror(errno));
    exit(1);
}

/* Either a descriptor or a stream. */
typedef struct {
    int fd; /* non-blocking; -1: the stream */
    virStreamPtr stream;
} End;

/* ---- moving bytes ---- */

static void await(int fd, short events)
{
    struct pollfd poll_fd = {fd, events, 0};

    if (poll(&poll_fd, 1, -1) < 0)
        fail("poll");
}

static gsize receive_some(const End *end, char *bytes, gsize length)
{
    ssize_t n;

    if (end->fd < 0)
        n = virStreamRecv(end->stream, bytes, length);
    else
        while ((n = read(end->fd, bytes, length)) < 0 && errno == EAGAIN)
            await(end->fd, POLLIN);
    if (n == 0)
        errno = ENODATA;
    if (n <= 0)
        fail("receive");
    return (gsize)n;
}

static void send_all(const End *end, const char *bytes, gsize length)
{
    while (length > 0) {
        ssize_t n;

        if (end->fd < 0)
            n = virStreamSend(end->stream, bytes, length);
        else
            while ((n = write(end->fd, bytes, length)) < 0 && errno == EAGAIN)
                await(end->fd, POLLOUT);
        if (n <= 0)
            fail("send");
        bytes += n;
        length -= (gsize)n;
    }
}

static double trips(const End *end)
{
    gint64 start = g_get_monotonic_time();
    char bytes[MESSAGE] = "round trip";

    for (int i = 0; i < n_trips; i++) {
        send_all(end, bytes, sizeof bytes);
        for (gsize n = 0; n < sizeof bytes;)
            n += receive_some(end, bytes, sizeof bytes - n);
    }
    return (double)(g_get_monotonic_time() - start) / n_trips;
}

/* As much as FD takes is sent while what comes is read. */
static void pump_fd(const End *end, const char *out, char *in)
{
    gsize n_out = 0, n_in = 0;

    while (n_in < n_bytes) {
        struct pollfd poll_fd = {end->fd, n_out < n_bytes ? POLLIN | POLLOUT : POLLIN, 0};
        ssize_t n;

        if (poll(&poll_fd, 1, -1) < 0)
            fail("poll");
        if (poll_fd.revents & POLLIN && (n = read(end->fd, in, PIECE)) > 0)
            n_in += (gsize)n;
        if (poll_fd.revents & POLLOUT && (n = write(end->fd, out, MIN(PIECE, n_bytes - n_out))) > 0)
            n_out += (gsize)n;
    }
}

/* libvirt's client reads while it sends. */
static void pump_stream(const End *end, const char *out, char *in)
{
    for (gsize n = 0; n < n_bytes; n += PIECE)
        send_all(end, out, PIECE);
    for (gsize n = 0; n < n_bytes;)
        n += receive_some(end, in, PIECE);
}

static double throughput(const End *end)
{
    gint64 start = g_get_monotonic_time();
    static char out[PIECE], in[PIECE];

    if (end->fd < 0)
        pump_stream(end, out, in);
    else
        pump_fd(end, out, in);
    return (double)n_bytes / (double)(g_get_monotonic_time() - start);
}

/* ---- both ends ---- */

static int open_path(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct termios raw;
    struct stat status;
    int fd;

    if (stat(path, &status) < 0)
        fail(path);
    if (S_ISSOCK(status.st_mode)) {
        g_strlcpy(address.sun_path, path, sizeof address.sun_path);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
            fail(path);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        return fd;
    }
    fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || tcgetattr(fd, &raw) < 0)
        fail(path);
    cfmakeraw(&raw);
    tcsetattr(fd, TCSANOW, &raw);
    return fd;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return left < right ? -1 : left > right;
}

static double median(double *values)
{
    qsort(values, TURNS, sizeof *values, compare);
    return values[TURNS / 2];
}

/* PATH: NULL for a socket pair with an echo of our own. */
static int open_bare(const char *path, VxMemoryEcho *echo)
{
    int ends[2];

    if (path)
        return open_path(path);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
        fail("socketpair");
    vx_memory_echo_add(echo, ends[1], 1);
    return ends[0];
}

static void measure(const char *what, virDomainPtr domain, const char *channel, const char *path)
{
    double trip[2][TURNS], rate[2][TURNS];
    VxMemoryEcho *echo = vx_memory_echo_new();

    for (unsigned i = 0; i < 2 * TURNS; i++) {
        End end = {.fd = -1};

        if (i % 2 == 0) {
            end.fd = open_bare(path, echo);
        } else {
            end.stream = virStreamNew(virDomainGetConnect(domain), 0);
            if (virDomainOpenChannel(domain, channel, end.stream, 0) < 0)
                fail(channel);
        }
        trip[i % 2][i / 2] = trips(&end);
        rate[i % 2][i / 2] = throughput(&end);
        if (shows_turns) {
            printf("# %s: %.1f us, %.3f MB/s\n", i % 2 ? "stream" : "bare", trip[i % 2][i / 2], rate[i % 2][i / 2]);
            fflush(stdout);
        }
        if (i % 2 == 0) {
            close(end.fd);
        } else {
            virStreamFinish(end.stream);
            virStreamFree(end.stream);
        }
    }
    printf("%-8s %-8s %10s %12s\n", what, "", "trip us", "MB/s");
    printf("%-8s %-8s %10.1f %12.3f\n", "", "bare", median(trip[0]), median(rate[0]));
    printf("%-8s %-8s %10.1f %12.3f\n", "", "stream", median(trip[1]), median(rate[1]));
    printf("%-8s %-8s %9.2fx %11.0f%%\n", "", "", median(trip[1]) / median(trip[0]),
           100 * median(rate[1]) / median(rate[0]));
    vx_memory_echo_free(echo);
}

/* ---- a daemon of our own ---- */

#define GUEST                                                                                                          \
    "<domain type='xen'><name>echo</name><memory>262144</memory><os><type>linux</type><kernel>/k</kernel></os>"        \
    "<devices><channel type='unix'><target type='xen' name='socket'/></channel>"                                       \
    "<channel type='pty'><target type='xen' name='pty'/></channel></devices></domain>"

static virConnectPtr start_daemon(const char *program, const char *folder, GPid *pid)
{
    g_autofree char *sockets = g_build_filename(folder, "s", NULL);
    g_autofree char *state = g_build_filename(folder, "state", NULL);
    g_autofree char *run = g_build_filename(folder, "run", NULL);
    g_autofree char *uri = g_strdup_printf("xen+unix:///system?socket=%s/virtxend-sock", sockets);
    const char *arguments[] = {program, "--socket-dir", sockets, "--state-dir", state, "--run-dir", run, NULL};
    virConnectPtr connection = NULL;

    if (!g_spawn_async(NULL, (char **)arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                       NULL, pid, NULL))
        fail(program);
    for (int i = 0; !connection && i < START_TIMEOUT_S * 50; i++) {
        g_usleep(20000);
        connection = virConnectOpen(uri);
    }
    return connection;
}

/* The path of the pty in the live XML. */
static char *find_pty(virDomainPtr domain)
{
    char *xml = virDomainGetXMLDesc(domain, 0);
    const char *path = strstr(xml, "/dev/pts/");
    char *copy = path ? g_strndup(path, strcspn(path, "'")) : NULL;

    free(xml);
    return copy;
}

static void measure_memory(const char *program)
{
    g_autofree char *folder = g_dir_make_tmp("channel-XXXXXX", NULL);
    g_autofree char *remove = g_strdup_printf("rm -r '%s'", folder);
    GPid pid;
    virConnectPtr connection = start_daemon(program, folder, &pid);
    virDomainPtr domain = connection ? virDomainCreateXML(connection, GUEST, 0) : NULL;
    g_autofree char *pty = domain ? find_pty(domain) : NULL;

    if (pty) {
        measure("socket", domain, "socket", NULL);
        measure("pty", domain, "pty", pty);
        virDomainDestroy(domain);
        virDomainFree(domain);
        virConnectClose(connection);
    }
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    if (system(remove) != 0 || !pty)
        fail("no guest");
}

static void measure_guest(char **arguments)
{
    virConnectPtr connection = virConnectOpen(arguments[0]);
    virDomainPtr domain = connection ? virDomainLookupByName(connection, arguments[1]) : NULL;

    if (!domain)
        fail(arguments[1]);
    n_trips = 200;
    n_bytes = 256 * 1024;
    shows_turns = true;
    measure(arguments[2], domain, arguments[2], arguments[3]);
    virDomainFree(domain);
    virConnectClose(connection);
}

static void stay_quiet(void *data G_GNUC_UNUSED, virErrorPtr error G_GNUC_UNUSED)
{
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    virSetErrorFunc(NULL, stay_quiet);
    if (argc == 2)
        measure_memory(argv[1]);
    else if (argc == 5)
        measure_guest(argv + 1);
    else
        fputs("Usage: channel VIRTXLD_MEMORY | URI DOMAIN CHANNEL PATH\n", stderr);
    return argc == 2 || argc == 5 ? 0 : 2;
}
