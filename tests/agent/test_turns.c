/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One command at a time, for several callers; giving up; commands after which the guest goes.
 */
#include <string.h>
#include <unistd.h>

#include "agent/agent_commands.h"
#include "fake_agent.h"
#include "util/vx_error.h"

typedef struct {
    VxAgent *agent;
    FakeAgent *fake;
} Fixture;

static void set_up(Fixture *f, const void *data G_GNUC_UNUSED)
{
    f->fake = fake_agent_new(&f->agent);
}

static void tear_down(Fixture *f, const void *data G_GNUC_UNUSED)
{
    fake_agent_free(f->fake);
    vx_agent_unref(f->agent);
}

/* A caller of its own thread: returns the error's code, 0 for success. */
static void *call_and_block(void *data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *answer G_GNUC_UNUSED =
        vx_agent_command(data, "{\"execute\":\"guest-slow\"}", VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK, &error);

    return GINT_TO_POINTER(error ? error->code : 0);
}

/* A caller whose answer comes after DELAY_MS; returns when the agent has the command. */
static GThread *start_slow(Fixture *f, unsigned delay_ms)
{
    const char *answer = "{\"return\":\"slow\"}\n";
    GThread *thread;
    bool has_come = false;

    fake_agent_answer_bytes(f->fake, answer, strlen(answer), delay_ms);
    thread = g_thread_new("slow caller", call_and_block, f->agent);
    while (!has_come) {
        g_autofree char *last = fake_agent_last(f->fake);

        has_come = last != NULL;
        g_usleep(1000);
    }
    return thread;
}

static void expect_turn(Fixture *f, int timeout_s, int code)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = vx_agent_command(f->agent, "{\"execute\":\"guest-ping\"}", timeout_s, &error);

    if (code == 0) {
        g_assert_no_error(error);
        g_assert_cmpstr(answer, ==, "{\"return\":{}}");
    } else {
        g_assert_error(error, VX_ERROR, code);
        g_assert_nonnull(strstr(error->message, "guest-slow"));
    }
}

static void test_second_caller(Fixture *f, const void *data G_GNUC_UNUSED)
{
    GThread *thread = start_slow(f, 1500);

    expect_turn(f, VIR_DOMAIN_QEMU_AGENT_COMMAND_NOWAIT, VIR_ERR_OPERATION_TIMEOUT);
    expect_turn(f, 1, VIR_ERR_OPERATION_TIMEOUT);
    expect_turn(f, VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK, 0);
    g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(thread)), ==, 0);
}

static void *count(void *data)
{
    VxAgent *agent = data;

    for (int i = 0; i < 50; i++) {
        int n = g_random_int_range(0, G_MAXINT32);
        g_autofree char *command = g_strdup_printf("{\"execute\":\"count\",\"arguments\":{\"n\":%d}}", n);
        g_autofree char *expected = g_strdup_printf("{\"return\":%d}", n);
        g_autofree char *answer = vx_agent_command(agent, command, 60, NULL);

        g_assert_cmpstr(answer, ==, expected);
    }
    vx_agent_unref(agent);
    return NULL;
}

static void test_many_callers(Fixture *f, const void *data G_GNUC_UNUSED)
{
    GThread *threads[8];

    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("caller", count, vx_agent_ref(f->agent));
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
}

/* Both who waits for an answer and who waits for a turn are woken. */
static void test_close(Fixture *f, const void *data G_GNUC_UNUSED)
{
    GThread *first = start_slow(f, 300), *second = g_thread_new("second", call_and_block, f->agent);
    gint64 start_us = g_get_monotonic_time();

    g_usleep(50 * 1000);
    vx_agent_close(f->agent);
    g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(first)), ==, VIR_ERR_AGENT_UNRESPONSIVE);
    g_assert_cmpint(GPOINTER_TO_INT(g_thread_join(second)), ==, VIR_ERR_AGENT_UNRESPONSIVE);
    g_assert_cmpint(g_get_monotonic_time() - start_us, <, 5 * G_USEC_PER_SEC);
    g_assert_true(vx_agent_is_gone(f->agent));
}

static void test_no_wait(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *last = NULL, *answer = NULL;
    const char *late = "{\"return\":1}\n";

    fake_agent_answer_bytes(f->fake, late, strlen(late), 200);
    answer = vx_agent_command(f->agent, "{\"execute\":\"guest-x\"}", VIR_DOMAIN_QEMU_AGENT_COMMAND_NOWAIT, &error);
    g_assert_error(error, VX_ERROR, VIR_ERR_AGENT_UNRESPONSIVE);
    g_assert_true(vx_agent_ping(f->agent, NULL)); /* and its answer is no other's */
    last = fake_agent_last(f->fake);
    g_assert_cmpstr(last, ==, "{\"execute\":\"guest-ping\"}");
}

static void test_wrong_timeout(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(vx_agent_command(f->agent, "{}", -3, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_INVALID_ARG);
    g_assert_false(vx_agent_set_timeout(f->agent, -3, NULL));
    g_assert_cmpint(vx_agent_get_timeout(f->agent), ==, VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK);
}

static void test_wrong_command(Fixture *f, const void *data G_GNUC_UNUSED)
{
    static const char *const wrong[] = {"", "guest-ping", "[]", "\"x\"", "{\"execute\":}", "{}x", "{\"a\":\"\xff\"}"};

    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(vx_agent_command(f->agent, wrong[i], 5, &error));
        g_assert_error(error, VX_ERROR, VIR_ERR_INVALID_ARG);
    }
    g_assert_cmpuint(fake_agent_n_syncs(f->fake), ==, 0); /* nothing was sent */
}

/* Commands of several lines become one, and answers too. */
static void test_one_line(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *answer = NULL, *last = NULL;

    fake_agent_answer(f->fake, "\r\n\n \t{ \"return\" : [ 1.50, \"a \\\" b\" ] }\r");
    answer = vx_agent_command(f->agent, "{\n  \"execute\": \"guest  x\"\n}\n", 5, NULL);
    last = fake_agent_last(f->fake);
    g_assert_cmpstr(last, ==, "{\"execute\":\"guest  x\"}");
    g_assert_cmpstr(answer, ==, "{\"return\":[1.50,\"a \\\" b\"]}");
}

static void test_shutdown(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *last = NULL;

    fake_agent_answer(f->fake, "{\"error\":{\"class\":\"GenericError\",\"desc\":\"not today\"}}");
    g_assert_false(vx_agent_shutdown(f->agent, VX_AGENT_REBOOT, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_INTERNAL_ERROR);
    g_assert_nonnull(strstr(error->message, "not today"));
    last = fake_agent_last(f->fake);
    g_assert_cmpstr(last, ==, "{\"execute\":\"guest-shutdown\",\"arguments\":{\"mode\":\"reboot\"}}");
    fake_agent_answer_closing(f->fake);
    g_assert_true(vx_agent_shutdown(f->agent, VX_AGENT_POWERDOWN, NULL));
    g_assert_false(vx_agent_shutdown(f->agent, VX_AGENT_POWERDOWN, NULL)); /* gone before it was told */
}

static void test_bad_descriptor(void)
{
    g_autoptr(GError) error = NULL;
    int fds[2];

    g_assert_cmpint(pipe(fds), ==, 0);
    close(fds[0]);
    close(fds[1]);
    g_assert_null(vx_agent_new(fds[0], &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_SYSTEM_ERROR);
}

#define ADD(name, function) g_test_add("/agent/turns/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("second-caller", test_second_caller);
    ADD("many-callers", test_many_callers);
    ADD("close", test_close);
    ADD("no-wait", test_no_wait);
    ADD("wrong-timeout", test_wrong_timeout);
    ADD("wrong-command", test_wrong_command);
    ADD("one-line", test_one_line);
    ADD("shutdown", test_shutdown);
    g_test_add_func("/agent/turns/bad-descriptor", test_bad_descriptor);
    return g_test_run();
}
