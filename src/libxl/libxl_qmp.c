/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/vx_error.h"
#include "util/vx_json.h"

/* A guest may have taken its device model over, so what that says has bounds. */
#define MAX_LINE_BYTES (64u * 1024)
#define MAX_DEPTH 64

typedef struct {
    int fd, id;
    gint64 end; /* of g_get_monotonic_time() */
    GString *came;
} Monitor;

static bool fail(const Monitor *monitor, GError **error, const char *what)
{
    return vx_fail(error, VIR_ERR_OPERATION_FAILED, "the device model of guest %d %s", monitor->id, what);
}

static bool fail_errno(const Monitor *monitor, GError **error, int why)
{
    if (why == EAGAIN || why == EWOULDBLOCK)
        return fail(monitor, error, "does not answer");
    if (why == ENOENT || why == ECONNREFUSED || why == EPIPE || why == ECONNRESET)
        return fail(monitor, error, "has ended");
    return vx_fail_errno(error, VIR_ERR_OPERATION_FAILED, why, "cannot talk to the device model of guest %d",
                         monitor->id);
}

/* ---- bytes ---- */

/* A socket that gives up sending, and waiting for its turn, in time. */
static bool open_socket(Monitor *monitor, const char *path, unsigned wait_ms, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = wait_ms % 1000 * 1000};

    if (g_strlcpy(address.sun_path, path, sizeof address.sun_path) >= sizeof address.sun_path)
        return fail_errno(monitor, error, ENAMETOOLONG);
    monitor->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (monitor->fd < 0 || setsockopt(monitor->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) < 0 ||
        connect(monitor->fd, (struct sockaddr *)&address, sizeof address) < 0)
        return fail_errno(monitor, error, errno);
    return true;
}

static bool send_all(const Monitor *monitor, const char *text, GError **error)
{
    for (gsize length = strlen(text); length > 0;) {
        ssize_t n = send(monitor->fd, text, length, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR)
            return fail_errno(monitor, error, errno);
        text += MAX(n, 0);
        length -= (gsize)MAX(n, 0);
    }
    return true;
}

static bool wait_for_more(const Monitor *monitor, GError **error)
{
    gint64 left_ms = (monitor->end - g_get_monotonic_time()) / 1000;
    struct pollfd polled = {.fd = monitor->fd, .events = POLLIN};
    int n = left_ms > 0 ? poll(&polled, 1, (int)left_ms) : 0;

    if (n > 0 || (n < 0 && errno == EINTR))
        return true;
    return fail_errno(monitor, error, n < 0 ? errno : EAGAIN);
}

static bool read_more(Monitor *monitor, GError **error)
{
    char bytes[4096];
    ssize_t n;

    if (!wait_for_more(monitor, error))
        return false;
    n = recv(monitor->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n == 0)
        return fail_errno(monitor, error, ECONNRESET);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN || fail_errno(monitor, error, errno);
    g_string_append_len(monitor->came, bytes, n);
    return monitor->came->len <= MAX_LINE_BYTES || fail(monitor, error, "says too much at once");
}

/* The next line, which the caller frees. */
static char *read_line(Monitor *monitor, GError **error)
{
    const char *newline;
    char *line;

    while (!(newline = memchr(monitor->came->str, '\n', monitor->came->len))) {
        if (!read_more(monitor, error))
            return NULL;
    }
    line = g_strndup(monitor->came->str, (gsize)(newline - monitor->came->str));
    g_string_erase(monitor->came, 0, newline - monitor->came->str + 1);
    return line;
}

/* ---- messages ---- */

/* The message in LINE, NULL if it is none. */
static json_object *parse(const char *line)
{
    g_autoptr(json_object) message = vx_json_parse(line, strlen(line), MAX_DEPTH, NULL);

    return json_object_is_type(message, json_type_object) ? g_steal_pointer(&message) : NULL;
}

/* The next message; NULL with *ERROR set if none comes. */
static json_object *read_message(Monitor *monitor, GError **error)
{
    g_autofree char *line = read_line(monitor, error);
    json_object *message = line ? parse(line) : NULL;

    if (line && !message)
        fail(monitor, error, "does not answer in QMP");
    return message;
}

static bool fail_as_told(const Monitor *monitor, json_object *told, GError **error)
{
    const char *why = vx_json_string(json_object_object_get(told, "desc"));
    g_autofree char *what = g_strdup_printf("refuses the command: %.200s", why ? why : "it does not say why");

    return fail(monitor, error, what);
}

/* Sends COMMAND, a line of QMP, and gives what it "return"s; events may come before that. */
static bool run(Monitor *monitor, const char *command, json_object **result, GError **error)
{
    if (!send_all(monitor, command, error))
        return false;
    for (;;) {
        g_autoptr(json_object) message = read_message(monitor, error);
        json_object *told;

        if (!message)
            return false;
        if (json_object_object_get_ex(message, "return", &told)) {
            *result = json_object_get(told);
            return true;
        }
        if (json_object_object_get_ex(message, "error", &told))
            return fail_as_told(monitor, told, error);
    }
}

static char *human_command(const char *command)
{
    g_autoptr(json_object) root = json_object_new_object();
    json_object *arguments = json_object_new_object();

    json_object_object_add(root, "execute", json_object_new_string("human-monitor-command"));
    json_object_object_add(root, "arguments", arguments);
    json_object_object_add(arguments, "command-line", json_object_new_string(command));
    return g_strconcat(json_object_to_json_string_ext(root, JSON_C_TO_STRING_NOSLASHESCAPE), "\n", NULL);
}

/* QEMU greets first, and takes commands when it was asked which of its capabilities are wanted. */
static char *converse(Monitor *monitor, const char *command, GError **error)
{
    g_autoptr(json_object) greeting = read_message(monitor, error);
    g_autoptr(json_object) capabilities = NULL;
    g_autoptr(json_object) answer = NULL;
    g_autofree char *line = human_command(command);

    if (!greeting || !run(monitor, "{\"execute\":\"qmp_capabilities\"}\n", &capabilities, error) ||
        !run(monitor, line, &answer, error))
        return NULL;
    if (!vx_json_string(answer))
        fail(monitor, error, "answers with something else than text");
    return g_strdup(vx_json_string(answer));
}

char *vx_libxl_qmp_ask(const char *path, int id, const char *command, unsigned wait_ms, GError **error)
{
    Monitor monitor = {
        .fd = -1, .id = id, .end = g_get_monotonic_time() + wait_ms * 1000LL, .came = g_string_new(NULL)};
    char *answer = NULL;

    if (open_socket(&monitor, path, wait_ms, error))
        answer = converse(&monitor, command, error);
    if (monitor.fd >= 0)
        close(monitor.fd);
    g_string_free(monitor.came, TRUE);
    return answer;
}
