/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which of many agents are there: those that answer, are silent, come late, go, and never stop talking.
 */
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/agent_commands.h"
#include "agent/agent_watch.h"
#include "fake_agent.h"
#include "util/vx_error.h"

#define WAIT_S 30

typedef struct {
    GMutex lock;
    GCond has_come;
    GString *news; /* "KEY+" answers, "KEY-" silent, "KEY." gone, "KEY!" time */
    VxAgentWatch *watch;
    VxAgent *agent;
    FakeAgent *fake;
} Fixture;

static void hear(VxAgentNews news, VxAgent *agent, gpointer key, gpointer data)
{
    Fixture *f = data;

    (void)agent;
    g_mutex_lock(&f->lock);
    g_string_append_printf(f->news, "%s%c", (const char *)key, "+-.!"[news]);
    g_cond_broadcast(&f->has_come);
    g_mutex_unlock(&f->lock);
}

static void set_up(Fixture *f, const void *data)
{
    GError *error = NULL;

    g_mutex_init(&f->lock);
    g_cond_init(&f->has_come);
    f->news = g_string_new(NULL);
    f->fake = fake_agent_new(&f->agent);
    f->watch = vx_agent_watch_new(data ? 1 : 0, hear, f, &error);
    g_assert_no_error(error);
}

static void tear_down(Fixture *f, const void *data G_GNUC_UNUSED)
{
    vx_agent_watch_free(f->watch);
    vx_agent_close(f->agent);
    vx_agent_unref(f->agent);
    fake_agent_free(f->fake);
    g_string_free(f->news, TRUE);
    g_mutex_clear(&f->lock);
    g_cond_clear(&f->has_come);
}

/* Waits until the news are WANTED. */
static void expect(Fixture *f, const char *wanted)
{
    gint64 deadline = g_get_monotonic_time() + WAIT_S * G_USEC_PER_SEC;

    g_mutex_lock(&f->lock);
    while (strcmp(f->news->str, wanted) != 0 && g_cond_wait_until(&f->has_come, &f->lock, deadline))
        continue;
    g_assert_cmpstr(f->news->str, ==, wanted);
    g_mutex_unlock(&f->lock);
}

static void test_answers(Fixture *f, const void *data G_GNUC_UNUSED)
{
    vx_agent_watch_add(f->watch, f->agent, g_strdup("a"), g_free);
    expect(f, "a+");
    g_assert_true(vx_agent_answers(f->agent));
    g_assert_true(vx_agent_ping(f->agent, NULL));
    vx_agent_watch_look(f->watch, f->agent);
    vx_agent_watch_remind(f->watch, 0, g_strdup("b"), g_free);
    expect(f, "a+b!"); /* and nothing new of the agent */
    vx_agent_watch_remove(f->watch, f->agent);
}

static void test_silent(Fixture *f, const void *data G_GNUC_UNUSED)
{
    vx_agent_watch_add(f->watch, f->agent, g_strdup("a"), g_free);
    expect(f, "a+");
    fake_agent_set_sync(f->fake, FAKE_SYNC_SILENT);
    expect(f, "a+a-");
    fake_agent_set_sync(f->fake, FAKE_SYNC_WELL);
    expect(f, "a+a-a+");
}

/* What a command finds out is known without asking again. */
static void test_command_tells(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    vx_agent_watch_add(f->watch, f->agent, g_strdup("a"), g_free);
    expect(f, "a+");
    fake_agent_set_sync(f->fake, FAKE_SYNC_SILENT);
    g_assert_true(vx_agent_set_timeout(f->agent, 1, NULL));
    g_assert_false(vx_agent_ping(f->agent, &error));
    vx_agent_watch_look(f->watch, f->agent);
    expect(f, "a+a-");
}

static void test_plain(Fixture *f, const void *data G_GNUC_UNUSED)
{
    fake_agent_set_sync(f->fake, FAKE_SYNC_PLAIN);
    vx_agent_watch_add(f->watch, f->agent, g_strdup("a"), g_free);
    expect(f, "a+");
}

/* A pair of sockets: an agent, and the other end. */
static VxAgent *new_raw(int *end)
{
    int ends[2];
    VxAgent *agent;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    agent = vx_agent_new(ends[0], NULL);
    g_assert_nonnull(agent);
    *end = ends[1];
    return agent;
}

static void test_gone(Fixture *f, const void *data G_GNUC_UNUSED)
{
    int end;
    g_autoptr(VxAgent) agent = new_raw(&end);

    vx_agent_watch_add(f->watch, agent, g_strdup("r"), g_free);
    close(end);
    expect(f, "r.");
    g_assert_true(vx_agent_is_gone(agent));
}

/* An agent that comes after its time for the first question reads that one, and is heard at once. */
static void test_late(Fixture *f, const void *data G_GNUC_UNUSED)
{
    int end;
    g_autoptr(VxAgent) agent = new_raw(&end);
    char question[256] = "";
    g_autofree char *answer = NULL;
    const char *id;
    ssize_t n;

    vx_agent_watch_add(f->watch, agent, g_strdup("r"), g_free);
    n = read(end, question, sizeof question - 1);
    g_assert_cmpint(n, >, 0);
    g_usleep((VX_AGENT_SYNC_TIMEOUT_S + 1) * G_USEC_PER_SEC);
    id = strstr(question, "\"id\":");
    g_assert_nonnull(id);
    answer = g_strdup_printf("\xff{\"return\":%" G_GINT64_FORMAT "}\n", g_ascii_strtoll(id + 5, NULL, 10));
    g_assert_cmpint(write(end, answer, strlen(answer)), ==, (ssize_t)strlen(answer));
    expect(f, "r+");
    vx_agent_watch_remove(f->watch, agent);
    close(end);
}

static gpointer babble_later(gpointer end)
{
    g_usleep(G_USEC_PER_SEC / 3);
    g_assert_cmpint(write(GPOINTER_TO_INT(end), "x\n", 2), ==, 2);
    return NULL;
}

/* A question that a command kept from being answered is asked again soon after the command. */
static void test_busy(Fixture *f, const void *data G_GNUC_UNUSED)
{
    int end;
    g_autoptr(VxAgent) agent = new_raw(&end);
    struct timeval limit = {.tv_sec = 5};
    char question[1024];
    GThread *babbler;

    vx_agent_watch_add(f->watch, agent, g_strdup("r"), g_free);
    g_assert_cmpint(read(end, question, sizeof question), >, 0);
    babbler = g_thread_new("babbler", babble_later, GINT_TO_POINTER(end));
    g_assert_true(vx_agent_set_timeout(agent, 1, NULL));
    g_assert_false(vx_agent_ping(agent, NULL));
    g_thread_join(babbler);
    g_assert_cmpint(read(end, question, sizeof question), >, 0); /* the command's own */
    vx_agent_watch_look(f->watch, agent);
    g_assert_cmpint(setsockopt(end, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), ==, 0);
    g_assert_cmpint(read(end, question, sizeof question), >, 0);
    vx_agent_watch_remove(f->watch, agent);
    close(end);
}

static gint64 cpu_us(void)
{
    struct rusage usage;

    g_assert_cmpint(getrusage(RUSAGE_SELF, &usage), ==, 0);
    return usage.ru_utime.tv_sec * G_USEC_PER_SEC + usage.ru_utime.tv_usec + usage.ru_stime.tv_sec * G_USEC_PER_SEC +
           usage.ru_stime.tv_usec;
}

/* One that talks without end is not listened to for ever, and does not keep the thread from others. */
static void test_flood(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *noise = g_strnfill(64 * 1024, 'x');
    gint64 deadline = g_get_monotonic_time() + 3 * G_USEC_PER_SEC, before = cpu_us();
    gsize n_taken = 0;
    int end;
    g_autoptr(VxAgent) agent = new_raw(&end);

    vx_agent_watch_add(f->watch, agent, g_strdup("r"), g_free);
    vx_agent_watch_add(f->watch, f->agent, g_strdup("a"), g_free);
    while (g_get_monotonic_time() < deadline) {
        ssize_t n = send(end, noise, 64 * 1024, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n > 0)
            n_taken += (gsize)n;
        else
            g_usleep(10000);
    }
    g_assert_cmpuint(n_taken, <, 16 * 1024 * 1024);
    g_assert_cmpint(cpu_us() - before, <, 2 * G_USEC_PER_SEC);
    expect(f, "a+");
    vx_agent_watch_remove(f->watch, agent);
    close(end);
}

/* Many that do not answer cost next to nothing. */
static void test_many(Fixture *f, const void *data G_GNUC_UNUSED)
{
    enum { N = 200 };
    VxAgent *agents[N];
    int ends[N];
    gint64 before;

    for (unsigned i = 0; i < N; i++) {
        agents[i] = new_raw(&ends[i]);
        vx_agent_watch_add(f->watch, agents[i], g_strdup("m"), g_free);
    }
    vx_agent_watch_add(f->watch, f->agent, g_strdup("a"), g_free);
    expect(f, "a+");
    before = cpu_us();
    g_usleep(2 * G_USEC_PER_SEC);
    g_assert_cmpint(cpu_us() - before, <, G_USEC_PER_SEC / 2);
    for (unsigned i = 0; i < N; i++) {
        vx_agent_watch_remove(f->watch, agents[i]);
        vx_agent_unref(agents[i]);
        close(ends[i]);
    }
}

#define ADD(name, data, function) g_test_add("/agent/watch/" name, Fixture, data, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("answers", NULL, test_answers);
    ADD("silent", "", test_silent);
    ADD("command tells", NULL, test_command_tells);
    ADD("plain", NULL, test_plain);
    ADD("gone", NULL, test_gone);
    ADD("late", NULL, test_late);
    ADD("busy", NULL, test_busy);
    ADD("flood", NULL, test_flood);
    ADD("many", NULL, test_many);
    return g_test_run();
}
