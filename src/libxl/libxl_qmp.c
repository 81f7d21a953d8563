/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_qmp.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/vx_error.h"

/* A guest may have taken its device model over, so what that says has bounds. */
#define MAX_LINE_BYTES (64u * 1024)
#define MAX_BRACKETS 500u /* json-glib goes down into each */

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

static bool is_shallow(const char *line)
{
    unsigned n = 0;

    for (; *line; line++)
        n += *line == '[' || *line == '{';
    return n <= MAX_BRACKETS;
}

/* The message in LINE, NULL if it is none. */
static JsonObject *parse(const char *line)
{
    g_autoptr(JsonNode) node = is_shallow(line) ? json_from_string(line, NULL) : NULL;

    return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_dup_object(node) : NULL;
}

/* The next message; NULL with *ERROR set if none comes. */
static JsonObject *read_message(Monitor *monitor, GError **error)
{
    g_autofree char *line = read_line(monitor, error);
    JsonObject *message = line ? parse(line) : NULL;

    if (line && !message)
        fail(monitor, error, "does not answer in QMP");
    return message;
}

static bool fail_as_told(const Monitor *monitor, JsonObject *message, GError **error)
{
    JsonNode *node = json_object_get_member(message, "error");
    JsonObject *told = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    const char *why = told ? json_object_get_string_member_with_default(told, "desc", NULL) : NULL;
    g_autofree char *what = g_strdup_printf("refuses the command: %.200s", why ? why : "it does not say why");

    return fail(monitor, error, what);
}

/* Sends COMMAND, a line of QMP, and returns what it "return"s; events may come before that. */
static JsonNode *run(Monitor *monitor, const char *command, GError **error)
{
    if (!send_all(monitor, command, error))
        return NULL;
    for (;;) {
        g_autoptr(JsonObject) message = read_message(monitor, error);

        if (!message)
            return NULL;
        if (json_object_has_member(message, "return"))
            return json_node_copy(json_object_get_member(message, "return"));
        if (json_object_has_member(message, "error")) {
            fail_as_told(monitor, message, error);
            return NULL;
        }
    }
}

static char *human_command(const char *command)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;

    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "execute");
    json_builder_add_string_value(builder, "human-monitor-command");
    json_builder_set_member_name(builder, "arguments");
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "command-line");
    json_builder_add_string_value(builder, command);
    json_builder_end_object(builder);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, FALSE);
    return g_strconcat(text, "\n", NULL);
}

/* QEMU greets first, and takes commands when it was asked which of its capabilities are wanted. */
static char *converse(Monitor *monitor, const char *command, GError **error)
{
    g_autoptr(JsonObject) greeting = read_message(monitor, error);
    g_autoptr(JsonNode) ready = greeting ? run(monitor, "{\"execute\":\"qmp_capabilities\"}\n", error) : NULL;
    g_autofree char *line = human_command(command);
    g_autoptr(JsonNode) answer = ready ? run(monitor, line, error) : NULL;

    if (!answer)
        return NULL;
    if (JSON_NODE_HOLDS_VALUE(answer) && json_node_get_value_type(answer) == G_TYPE_STRING)
        return json_node_dup_string(answer);
    fail(monitor, error, "answers with something else than text");
    return NULL;
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
