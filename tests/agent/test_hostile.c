/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Agents that lie, stall, flood and go away: each makes one command fail, with one clear error, and the next one works.
 */
#include <string.h>

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

/* The next command's answer must be its own. */
static void expect_works(Fixture *f, int n)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *command = g_strdup_printf("{\"execute\":\"count\",\"arguments\":{\"n\":%d}}", n);
    g_autofree char *expected = g_strdup_printf("{\"return\":%d}", n);
    g_autofree char *answer = vx_agent_command(f->agent, command, 5, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(answer, ==, expected);
}

static void expect_fails(Fixture *f, int timeout_s, int code, const char *part)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = vx_agent_command(f->agent, "{\"execute\":\"guest-lie\"}", timeout_s, &error);

    g_assert_null(answer);
    g_assert_error(error, VX_ERROR, code);
    g_assert_nonnull(strstr(error->message, part));
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
    g_assert_false(g_str_has_suffix(error->message, "."));
}

static const struct {
    const char *answer, *part;
    int code;
} lies[] = {
    {"nonsense", "it is not JSON", VIR_ERR_INTERNAL_ERROR},
    {"{\"return\":{}", "it ends too early", VIR_ERR_INTERNAL_ERROR},
    {"{\"return\":{}} {}", "it is not JSON", VIR_ERR_INTERNAL_ERROR},
    {"[]", "it is not a JSON object", VIR_ERR_INTERNAL_ERROR},
    {"17", "it is not a JSON object", VIR_ERR_INTERNAL_ERROR},
    {"null", "it is not a JSON object", VIR_ERR_INTERNAL_ERROR},
    {"{}", "either \"return\" or \"error\"", VIR_ERR_INTERNAL_ERROR},
    {"{\"event\":\"x\"}", "either \"return\" or \"error\"", VIR_ERR_INTERNAL_ERROR},
    {"{\"return\":1,\"error\":{}}", "either \"return\" or \"error\"", VIR_ERR_INTERNAL_ERROR},
    {"{\"return\":null,\"error\":null}", "either \"return\" or \"error\"", VIR_ERR_INTERNAL_ERROR},
    {"{\"error\":null}", "\"error\" is not a JSON object", VIR_ERR_INTERNAL_ERROR},
    {"{\"error\":\"no\"}", "\"error\" is not a JSON object", VIR_ERR_INTERNAL_ERROR},
    {"{\"error\":{}}", "does not say why", VIR_ERR_INTERNAL_ERROR},
    {"{\"error\":{\"class\":7,\"desc\":[]}}", "does not say why", VIR_ERR_INTERNAL_ERROR},
    {"{\"error\":{\"class\":\"Odd\"}}", "Odd", VIR_ERR_INTERNAL_ERROR},
    {"{\"error\":{\"class\":\"GenericError\",\"desc\":\"bad\\u001b[2J\\nday\"}}", "'guest-lie': bad.[2J.day",
     VIR_ERR_INTERNAL_ERROR},
    {"{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"The command guest-lie has not been found\"}}",
     "unable to execute QEMU agent command 'guest-lie': The command guest-lie has not been found",
     VIR_ERR_OPERATION_UNSUPPORTED},
    {"{\"error\":{\"class\":\"CommandDisabled\"}}", "'guest-lie'", VIR_ERR_OPERATION_UNSUPPORTED},
    {"{\"return\":\"\xc3\x28\"}", "not valid UTF-8", VIR_ERR_INTERNAL_ERROR},
    {"\x7f"
     "ELF\x02\x01\x01\x80",
     "not valid UTF-8", VIR_ERR_INTERNAL_ERROR},
    {"{\"return\":\"\\ud800\"}", "surrogate", VIR_ERR_INTERNAL_ERROR},
    {"{\"return\":\"\\u0000\"}", "NUL", VIR_ERR_INTERNAL_ERROR},
    {"{'return':{}}", "it is not JSON", VIR_ERR_INTERNAL_ERROR},
    {"var x = {\"return\":{}}", "it is not JSON", VIR_ERR_INTERNAL_ERROR},
    {"{\"return\":{} /* fine */}", "it is not JSON", VIR_ERR_INTERNAL_ERROR},
    {"{\"return\":99999999999999999999}", "64 bits", VIR_ERR_INTERNAL_ERROR},
    {"{\"return\":1e999}", "64 bits", VIR_ERR_INTERNAL_ERROR},
    {"{\"return\":1}\n{\"return\":2}\n{\"return\":3}", NULL, 0}, /* more than was asked for: the first one counts */
};

static void test_lies(Fixture *f, const void *data G_GNUC_UNUSED)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(lies); i++) {
        fake_agent_answer(f->fake, lies[i].answer);
        if (lies[i].part)
            expect_fails(f, 5, lies[i].code, lies[i].part);
        else {
            g_autofree char *answer = vx_agent_command(f->agent, "{\"execute\":\"guest-lie\"}", 5, NULL);

            g_assert_cmpstr(answer, ==, "{\"return\":1}");
        }
        expect_works(f, (int)i);
    }
}

static void test_nul_bytes(Fixture *f, const void *data G_GNUC_UNUSED)
{
    fake_agent_answer_bytes(f->fake, "{\"return\":\0 1}\n", 15, 0);
    expect_fails(f, 5, VIR_ERR_INTERNAL_ERROR, "UTF-8");
    expect_works(f, 1);
}

static void test_deep_and_wide(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GString) deep = g_string_new("{\"return\":"), wide = g_string_new("{\"return\":[1");

    for (unsigned i = 0; i < 1000000; i++)
        g_string_append_c(deep, '[');
    fake_agent_answer(f->fake, deep->str);
    expect_fails(f, 5, VIR_ERR_INTERNAL_ERROR, "nested too deeply");
    expect_works(f, 1);
    for (unsigned i = 0; i < 1000000; i++)
        g_string_append(wide, ",1");
    g_string_append(wide, "]}");
    fake_agent_answer(f->fake, wide->str);
    expect_fails(f, 5, VIR_ERR_INTERNAL_ERROR, "too many values");
    expect_works(f, 2);
}

static void test_large(Fixture *f, const void *data G_GNUC_UNUSED)
{
    gsize length = 3 * 1024 * 1024;
    g_autofree char *filler = g_strnfill(length, 'x');
    g_autofree char *text = g_strdup_printf("{\"return\": \"%s\"}", filler);
    g_autofree char *answer = NULL;
    g_autoptr(GError) error = NULL;

    fake_agent_answer(f->fake, text);
    answer = vx_agent_command(f->agent, "{\"execute\":\"guest-file-read\"}", 20, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(strlen(answer), ==, strlen(text) - 1); /* without the blank */
    expect_works(f, 1);
}

static void test_endless(Fixture *f, const void *data)
{
    fake_agent_answer_endlessly(f->fake, *(const char *)data);
    expect_fails(f, VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK, VIR_ERR_INTERNAL_ERROR, "longer than 16777216 bytes");
    expect_works(f, 1); /* the rest of the flood is thrown away */
}

static void test_late(Fixture *f, const void *data G_GNUC_UNUSED)
{
    const char *late = "{\"return\":\"late\"}\n";

    fake_agent_answer_bytes(f->fake, late, strlen(late), 1300);
    expect_fails(f, 1, VIR_ERR_AGENT_UNRESPONSIVE, "does not answer");
    expect_works(f, 7);
    expect_works(f, 8);
}

/* Half an answer before giving up, the other half afterwards. */
static void test_late_half(Fixture *f, const void *data G_GNUC_UNUSED)
{
    fake_agent_answer_bytes(f->fake, "{\"return\":\"la", 13, 0);
    expect_fails(f, 1, VIR_ERR_AGENT_UNRESPONSIVE, "does not answer");
    fake_agent_set_sync(f->fake, FAKE_SYNC_LAST_ONLY);
    expect_works(f, 9);
}

/* Syncs that were given up on are answered late, all of them. */
static void test_silent_then_well(Fixture *f, const void *data G_GNUC_UNUSED)
{
    fake_agent_set_sync(f->fake, FAKE_SYNC_SILENT);
    g_assert_true(vx_agent_set_timeout(f->agent, 1, NULL)); /* for the syncs */
    expect_fails(f, 5, VIR_ERR_AGENT_UNRESPONSIVE, "does not answer");
    g_assert_null(fake_agent_last(f->fake)); /* without a sync no command is sent */
    expect_fails(f, -2, VIR_ERR_AGENT_UNRESPONSIVE, "does not answer");
    fake_agent_set_sync(f->fake, FAKE_SYNC_WELL);
    g_assert_true(vx_agent_set_timeout(f->agent, 5, NULL));
    expect_works(f, 1);
    g_assert_cmpuint(fake_agent_n_syncs(f->fake), ==, 3);
}

static void test_sync(Fixture *f, const void *data)
{
    const FakeSync *sync = data;

    fake_agent_set_sync(f->fake, *sync);
    g_assert_true(vx_agent_set_timeout(f->agent, 1, NULL)); /* for the syncs */
    expect_fails(f, 5, VIR_ERR_AGENT_UNSYNCED, "guest-sync");
    fake_agent_set_sync(f->fake, FAKE_SYNC_WELL);
    g_assert_true(vx_agent_set_timeout(f->agent, 5, NULL));
    expect_works(f, 1);
}

static void test_plain(Fixture *f, const void *data G_GNUC_UNUSED)
{
    fake_agent_set_sync(f->fake, FAKE_SYNC_PLAIN);
    expect_works(f, 1);
    expect_works(f, 2);
    g_assert_cmpuint(fake_agent_n_syncs(f->fake), ==, 4);
}

static void test_closing(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_assert_false(vx_agent_is_gone(f->agent));
    fake_agent_answer_closing(f->fake);
    expect_fails(f, VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK, VIR_ERR_AGENT_UNRESPONSIVE, "disappeared");
    g_assert_true(vx_agent_is_gone(f->agent));
    expect_fails(f, VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK, VIR_ERR_AGENT_UNRESPONSIVE, "disappeared");
}

static void test_not_reading(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *filler = g_strnfill(4 * 1024 * 1024, 'x');
    g_autofree char *command = g_strdup_printf("{\"execute\":\"%s\"}", filler);
    g_autofree char *answer = NULL;
    g_autoptr(GError) error = NULL;

    fake_agent_stop_reading(f->fake); /* after the sync */
    answer = vx_agent_command(f->agent, command, 1, &error);
    g_assert_error(error, VX_ERROR, VIR_ERR_AGENT_UNRESPONSIVE);
}

#define ADD(name, data, function) g_test_add("/agent/hostile/" name, Fixture, data, set_up, function, tear_down)

int main(int argc, char **argv)
{
    static const FakeSync wrong = FAKE_SYNC_WRONG, none = FAKE_SYNC_NONE, echo = FAKE_SYNC_ECHO;

    g_test_init(&argc, &argv, NULL);
    ADD("lies", NULL, test_lies);
    ADD("nul-bytes", NULL, test_nul_bytes);
    ADD("deep-and-wide", NULL, test_deep_and_wide);
    ADD("large", NULL, test_large);
    ADD("endless", "x", test_endless);
    ADD("endless-lines", "\n", test_endless);
    ADD("endless-sentinels", "\xff", test_endless);
    ADD("late", NULL, test_late);
    ADD("late-half", NULL, test_late_half);
    ADD("silent-then-well", NULL, test_silent_then_well);
    ADD("sync-wrong", &wrong, test_sync);
    ADD("sync-none", &none, test_sync);
    ADD("sync-echo", &echo, test_sync);
    ADD("sync-plain", NULL, test_plain);
    ADD("closing", NULL, test_closing);
    ADD("not-reading", NULL, test_not_reading);
    return g_test_run();
}
