/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What has happened between two lists of guests.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libxl/libxl_roll.h"

static const char *const kinds[] = {
    [VX_GUEST_EVENT_NEW] = "new", [VX_GUEST_EVENT_SHUTDOWN] = "shutdown", [VX_GUEST_EVENT_GONE] = "gone"};

static void write_down(const VxGuestEvent *event, gpointer data)
{
    GString *out = data;

    g_string_append_printf(out, "%s%s %d.%d", out->len > 0 ? ", " : "", kinds[event->kind], event->id, event->uuid[0]);
    if (event->kind == VX_GUEST_EVENT_SHUTDOWN)
        g_string_append_printf(out, " %d", event->shutdown);
}

/* GUESTS is "ID.UUID" with an optional 'd' (dying) or 's' (shut down by reboot) behind. */
static GArray *parse(const char *guests)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(VxGuestInfo));
    g_auto(GStrv) words = g_strsplit(guests, " ", -1);

    for (char **word = words; *word; word++) {
        VxGuestInfo info = {0};
        char *end = *word;

        if (!**word)
            continue;
        info.id = (int)strtol(end, &end, 10);
        info.uuid[0] = (guint8)strtol(end + 1, &end, 10);
        info.dying = *end == 'd';
        info.shutdown = *end == 's' ? VX_GUEST_REBOOT : *end == 'c' ? VX_GUEST_CRASH : VX_GUEST_NOT_SHUT_DOWN;
        g_array_append_val(list, info);
    }
    return list;
}

static void call(VxLibxlRoll *roll, const char *guests, const char *expected)
{
    g_autoptr(GArray) list = parse(guests);
    g_autoptr(GString) out = g_string_new(NULL);

    vx_libxl_roll_call(roll, list, NULL, write_down, out);
    if (expected)
        g_assert_cmpstr(out->str, ==, expected);
}

static void test_story(void)
{
    g_autoptr(VxLibxlRoll) roll = vx_libxl_roll_new();

    call(roll, "0.0 1.1", NULL);
    call(roll, "0.0 1.1", "");
    call(roll, "0.0 1.1 2.2", "new 2.2");
    call(roll, "0.0 1.1s 2.2", "shutdown 1.1 2");
    call(roll, "0.0 1.1s 2.2", "");
    call(roll, "0.0 1.1 2.2", "");
    call(roll, "0.0 1.1c 2.2", "shutdown 1.1 4");
    call(roll, "0.0 2.2 3.3", "gone 1.1, new 3.3");
    call(roll, "0.0 2.2d 3.3", "gone 2.2");
    call(roll, "0.0 2.2d 3.3", "");
    call(roll, "0.0 3.3", "");
    g_assert_null(vx_libxl_roll_find(roll, 2));
    g_assert_cmpint(vx_libxl_roll_find(roll, 3)[0], ==, 3);
}

/* A guest that came and went between two calls leaves no trace; one whose number another has now has gone. */
static void test_between_calls(void)
{
    g_autoptr(VxLibxlRoll) roll = vx_libxl_roll_new();

    call(roll, "0.0 5.1", NULL);
    call(roll, "0.0 5.2", "gone 5.1, new 5.2");
    call(roll, "0.0 6.3s", "gone 5.2, new 6.3, shutdown 6.3 2");
    call(roll, "0.0 6.4s", "");
    call(roll, "0.0 7.1d", "gone 6.4");
}

static bool is_even(int id, gpointer data)
{
    (void)data;
    return id % 2 == 0;
}

static void test_ready(void)
{
    g_autoptr(VxLibxlRoll) roll = vx_libxl_roll_new();
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GArray) list = parse("0.0 1.1 2.2"), other = parse("0.0 1.1 2.3");

    g_assert_false(vx_libxl_roll_call(roll, list, is_even, write_down, out));
    g_assert_cmpstr(out->str, ==, "new 0.0, new 2.2");
    g_assert_true(vx_libxl_roll_call(roll, list, NULL, write_down, out));
    g_assert_cmpstr(out->str, ==, "new 0.0, new 2.2, new 1.1");
    g_assert_true(vx_libxl_roll_call(roll, other, is_even, write_down, out));
    g_assert_true(g_str_has_suffix(out->str, "new 1.1, gone 2.2, new 2.3"));
}

static void count(const VxGuestEvent *event, gpointer data)
{
    (void)event;
    ++*(unsigned *)data;
}

/* The time of ten calls about N guests of which one is new each time. */
static double measure(unsigned n)
{
    g_autoptr(VxLibxlRoll) roll = vx_libxl_roll_new();
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(VxGuestInfo));
    clock_t begun = clock(); /* of the CPU: others use the machine as well */
    unsigned n_events = 0;

    for (unsigned i = 0; i < n; i++) {
        VxGuestInfo info = {.id = (int)i};

        g_array_append_val(list, info);
        if (i > n - 10)
            vx_libxl_roll_call(roll, list, NULL, count, &n_events);
    }
    g_assert_cmpuint(n_events, ==, n);
    return (double)(clock() - begun) * 1e6 / CLOCKS_PER_SEC;
}

static void test_growth(void)
{
    double small = measure(2000), large = G_MAXDOUBLE;

    for (int i = 0; i < 3; i++)
        large = MIN(large, measure(20000));

    g_test_message("2000 guests: %.0f us, 20000: %.0f us", small, large);
    g_assert_cmpfloat(large, <, 40 * small + 20000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/libxl/roll/story", test_story);
    g_test_add_func("/libxl/roll/between-calls", test_between_calls);
    g_test_add_func("/libxl/roll/ready", test_ready);
    g_test_add_func("/libxl/roll/growth", test_growth);
    return g_test_run();
}
