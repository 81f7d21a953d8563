/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_agent.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    GBytes *bytes;
    unsigned delay_ms;
    bool closes, is_endless;
} Answer;

struct FakeAgent {
    int fd;
    GThread *thread;
    GMutex lock;
    FakeSync sync;
    GQueue answers;
    char *last;
    unsigned n_syncs;
    bool has_stopped;
};

static void send_bytes(FakeAgent *fake, const void *data, gsize length)
{
    if (send(fake->fd, data, length, MSG_NOSIGNAL) < 0)
        return; /* the agent has gone: reading finds out */
}

static void send_text(FakeAgent *fake, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void send_text(FakeAgent *fake, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    send_bytes(fake, text, strlen(text));
}

static json_object *parse(const char *line)
{
    if (*line == '\xff')
        line++;
    return vx_json_parse(line, strlen(line), 64, NULL);
}

static void answer_sync(FakeAgent *fake, const char *line, const char *name, gint64 id)
{
    bool is_delimited = strcmp(name, "guest-sync-delimited") == 0;
    const char *unsupported = "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"no such command\"}}\n";

    switch (fake->sync) {
    case FAKE_SYNC_WELL:
        send_text(fake, "%s{\"return\":%" G_GINT64_FORMAT "}\n", is_delimited ? "\xff" : "", id);
        break;
    case FAKE_SYNC_WRONG:
        send_text(fake, "\xff{\"return\":%" G_GINT64_FORMAT "}\n", id + 1);
        break;
    case FAKE_SYNC_PLAIN:
        if (is_delimited)
            send_text(fake, "%s", unsupported);
        else
            send_text(fake, "{\"return\":%" G_GINT64_FORMAT "}\n", id);
        break;
    case FAKE_SYNC_NONE:
        send_text(fake, "%s", unsupported);
        break;
    case FAKE_SYNC_ECHO:
        send_text(fake, "%s", line);
        break;
    case FAKE_SYNC_LAST_ONLY:
        send_text(fake,
                  "gar\x01\x80"
                  "bage\n{\"return\":1}\nhalf a li\xff\xff{\"return\":%" G_GINT64_FORMAT "}\n",
                  id);
        break;
    case FAKE_SYNC_SILENT:
        break;
    }
}

/* More than an answer may have, but not so much more that throwing away the rest takes long. */
#define FLOOD_BYTES (18 * 1024 * 1024)

static void flood(FakeAgent *fake, int byte)
{
    char many[64 * 1024];

    memset(many, byte, sizeof many);
    for (gsize sent = 0; sent < FLOOD_BYTES; sent += sizeof many)
        send_bytes(fake, many, sizeof many);
}

static void give_answer(FakeAgent *fake, Answer *answer)
{
    gsize length = 0;
    const char *data = answer->bytes ? g_bytes_get_data(answer->bytes, &length) : NULL;

    g_usleep(answer->delay_ms * 1000UL);
    if (answer->is_endless)
        flood(fake, *data);
    else if (answer->closes)
        shutdown(fake->fd, SHUT_RDWR);
    else
        send_bytes(fake, data, length);
    g_clear_pointer(&answer->bytes, g_bytes_unref);
    g_free(answer);
}

static void answer_by_itself(FakeAgent *fake, json_object *command)
{
    json_object *n = json_object_object_get(json_object_object_get(command, "arguments"), "n");

    if (n)
        send_text(fake, "{\"return\": %d}\n", (int)vx_json_int(n));
    else
        send_text(fake, "{\"return\": {}}\n");
}

static void answer_line(FakeAgent *fake, char *line)
{
    g_autoptr(json_object) command = parse(line);
    const char *name = vx_json_string(json_object_object_get(command, "execute"));
    Answer *answer;

    if (name && g_str_has_prefix(name, "guest-sync")) {
        g_mutex_lock(&fake->lock);
        fake->n_syncs++;
        g_mutex_unlock(&fake->lock);
        answer_sync(fake, line, name,
                    vx_json_int(json_object_object_get(json_object_object_get(command, "arguments"), "id")));
        return;
    }
    g_mutex_lock(&fake->lock);
    g_free(fake->last);
    line[strcspn(line, "\n")] = '\0';
    fake->last = g_strdup(line);
    answer = g_queue_pop_head(&fake->answers);
    g_mutex_unlock(&fake->lock);
    if (answer)
        give_answer(fake, answer);
    else if (command)
        answer_by_itself(fake, command);
}

static void *serve(void *data)
{
    FakeAgent *fake = data;
    FILE *in = fdopen(dup(fake->fd), "r");
    char *line = NULL;
    size_t size = 0;

    while (!fake->has_stopped && getline(&line, &size, in) > 0)
        answer_line(fake, line);
    free(line);
    fclose(in);
    return NULL;
}

FakeAgent *fake_agent_new(VxAgent **agent)
{
    FakeAgent *fake = g_new0(FakeAgent, 1);
    g_autoptr(GError) error = NULL;
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    *agent = vx_agent_new(fds[0], &error);
    g_assert_no_error(error);
    fake->fd = fds[1];
    g_mutex_init(&fake->lock);
    fake->thread = g_thread_new("fake agent", serve, fake);
    return fake;
}

void fake_agent_free(FakeAgent *fake)
{
    Answer *answer;

    shutdown(fake->fd, SHUT_RDWR);
    g_thread_join(fake->thread);
    close(fake->fd);
    while ((answer = g_queue_pop_head(&fake->answers))) {
        g_clear_pointer(&answer->bytes, g_bytes_unref);
        g_free(answer);
    }
    g_mutex_clear(&fake->lock);
    g_free(fake->last);
    g_free(fake);
}

void fake_agent_set_sync(FakeAgent *fake, FakeSync sync)
{
    fake->sync = sync;
}

static void push(FakeAgent *fake, Answer answer)
{
    g_mutex_lock(&fake->lock);
    g_queue_push_tail(&fake->answers, g_memdup2(&answer, sizeof answer));
    g_mutex_unlock(&fake->lock);
}

void fake_agent_answer_bytes(FakeAgent *fake, const void *data, gsize length, unsigned delay_ms)
{
    push(fake, (Answer){.bytes = g_bytes_new(data, length), .delay_ms = delay_ms});
}

void fake_agent_answer(FakeAgent *fake, const char *text)
{
    g_autofree char *line = g_strconcat(text, "\n", NULL);

    fake_agent_answer_bytes(fake, line, strlen(line), 0);
}

void fake_agent_answer_closing(FakeAgent *fake)
{
    push(fake, (Answer){.closes = true});
}

void fake_agent_answer_endlessly(FakeAgent *fake, char byte)
{
    push(fake, (Answer){.bytes = g_bytes_new(&byte, 1), .is_endless = true});
}

void fake_agent_stop_reading(FakeAgent *fake)
{
    fake->has_stopped = true;
}

char *fake_agent_last(FakeAgent *fake)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&fake->lock);

    return g_strdup(fake->last);
}

unsigned fake_agent_n_syncs(FakeAgent *fake)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&fake->lock);

    return fake->n_syncs;
}
