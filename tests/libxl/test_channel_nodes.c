/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is written to xenstore when a channel is plugged into a running guest: who may write what, all at once or
 * nothing.
 */
#include <libxl.h>
#include <string.h>

#include "fake_store.h"
#include "libxl/libxl_channel_nodes.h"
#include "libxl/libxl_monitor.h"

#define GUEST 7
#define FRONT "/local/domain/7/device/console/2/"
#define BACK "/local/domain/0/backend/console/7/2/"
#define RECORD "/libxl/7/device/console/2/"

static void put_guest(void)
{
    fake_store_clear();
    fake_store_put("0", "domid");
    fake_store_put("", "/local/domain/7");
    fake_store_put("", "/libxl/7/device/console/1");
}

static libxl_device_channel make_channel(libxl_channel_connection connection)
{
    libxl_device_channel channel = {.name = (char *)"org.x", .connection = connection};

    if (connection == LIBXL_CHANNEL_CONNECTION_SOCKET)
        channel.u.socket.path = (char *)"/run/x";
    return channel;
}

static bool write_channel(libxl_channel_connection connection, GError **error)
{
    libxl_device_channel channel = make_channel(connection);
    g_auto(VxChannelNodes) nodes = {0};

    vx_channel_nodes_init(&nodes, FAKE_STORE, GUEST, 2, NULL);
    return vx_channel_nodes_write(&nodes, FAKE_STORE, &channel, error);
}

static void assert_node(const char *path, const char *value)
{
    unsigned length;
    char *there = xs_read(FAKE_STORE, XBT_NULL, path, &length);

    g_assert_cmpstr(there, ==, value);
    free(there);
}

/* A guest that writes elsewhere than here could say where its bytes go, or whose device it is. */
static void test_permissions(void)
{
    static const char *const guests[] = {FRONT "port", FRONT "ring-ref", FRONT "state"};
    g_autoptr(GPtrArray) paths = NULL;
    unsigned n_guests = 0;

    put_guest();
    g_assert_true(write_channel(LIBXL_CHANNEL_CONNECTION_PTY, NULL));
    paths = fake_store_list();
    for (guint i = 0; i < paths->len; i++) {
        const char *path = paths->pdata[i], *wanted = "n0,r7";

        if (!strstr(path, "console/2") && !strstr(path, "console/7/2"))
            continue;
        if (g_str_has_prefix(path, "/libxl"))
            wanted = ""; /* as the folder above: the toolstack's alone */
        for (unsigned k = 0; k < G_N_ELEMENTS(guests); k++) {
            if (strcmp(path, guests[k]) == 0) {
                wanted = "n7,r0";
                n_guests++;
            }
        }
        g_test_message("%s", path);
        g_assert_cmpstr(fake_store_permissions(path), ==, wanted);
    }
    g_assert_cmpuint(n_guests, ==, G_N_ELEMENTS(guests));
}

/* A driver domain writes its own end and the path of its pty; the guest still no more than before. */
static void test_permissions_far(void)
{
    static const struct {
        const char *path, *wanted;
    } cases[] = {
        {FRONT "name", "n0,r7,r5"},
        {FRONT "backend", "n0,r7,r5"},
        {FRONT "output", "n0,r7,r5"},
        {FRONT "tty", "n0,r7,b5"},
        {FRONT "state", "n7,r5"},
        {FRONT "port", "n7,r5"},
        {"/local/domain/7/device/console/2", "n0,r7,r5"},
        {"/local/domain/5/backend/console/7/2", "n5,r7"},
        {"/local/domain/5/backend/console/7/2/path", "n5,r7"},
        {RECORD "path", ""},
    };
    libxl_device_channel channel = make_channel(LIBXL_CHANNEL_CONNECTION_SOCKET);
    g_auto(VxChannelNodes) nodes = {0};

    put_guest();
    vx_channel_nodes_init(&nodes, FAKE_STORE, GUEST, 2, "/local/domain/5/backend/console/7/2");
    g_assert_true(vx_channel_nodes_write(&nodes, FAKE_STORE, &channel, NULL));
    assert_node(FRONT "backend-id", "5");
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].path);
        g_assert_cmpstr(fake_store_permissions(cases[i].path), ==, cases[i].wanted);
    }
}

static void test_pty(void)
{
    put_guest();
    g_assert_true(write_channel(LIBXL_CHANNEL_CONNECTION_PTY, NULL));
    assert_node(FRONT "output", "pty");
    assert_node(FRONT "tty", "");
    assert_node(FRONT "state", "1");
    assert_node(FRONT "backend", "/local/domain/0/backend/console/7/2");
    assert_node(BACK "state", "1");
    assert_node(BACK "online", "1");
    assert_node(BACK "frontend", "/local/domain/7/device/console/2");
    assert_node(BACK "path", NULL);
    assert_node(RECORD "name", "org.x");
    assert_node(RECORD "connection", "pty");
    assert_node(RECORD "backend", "/local/domain/0/backend/console/7/2");
    assert_node(RECORD "frontend", "/local/domain/7/device/console/2");
}

static void test_socket(void)
{
    put_guest();
    g_assert_true(write_channel(LIBXL_CHANNEL_CONNECTION_SOCKET, NULL));
    assert_node(FRONT "output", "chardev:virtxl-channel2");
    assert_node(FRONT "path", NULL); /* of the host, it is no guest's business */
    assert_node(RECORD "path", "/run/x");
    assert_node(BACK "path", "/run/x");
}

static void test_all_or_nothing(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) paths = NULL, now = NULL;

    put_guest();
    fake_store_put("x", BACK "name"); /* left by somebody */
    fake_store_put("", "/local/domain/0/backend/console/7/2");
    paths = fake_store_list();
    g_assert_false(write_channel(LIBXL_CHANNEL_CONNECTION_PTY, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_OPERATION_FAILED);
    now = fake_store_list();
    g_assert_cmpuint(now->len, ==, paths->len);
}

static void test_gone(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) paths = NULL;

    fake_store_clear();
    g_assert_false(write_channel(LIBXL_CHANNEL_CONNECTION_PTY, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_NO_DOMAIN);
    paths = fake_store_list();
    g_assert_cmpuint(paths->len, ==, 0);
}

static void test_conflict(void)
{
    put_guest();
    fake_store_n_conflicts = 3;
    g_assert_true(write_channel(LIBXL_CHANNEL_CONNECTION_PTY, NULL));
    g_assert_cmpuint(fake_store_n_conflicts, ==, 0);
    assert_node(FRONT "state", "1");
}

static void test_end(void)
{
    g_auto(VxChannelNodes) nodes = {0};
    g_autoptr(GPtrArray) before = NULL, after = NULL;

    put_guest();
    before = fake_store_list();
    g_assert_true(write_channel(LIBXL_CHANNEL_CONNECTION_PTY, NULL));
    vx_channel_nodes_init(&nodes, FAKE_STORE, GUEST, 2, NULL);
    g_assert_true(vx_channel_nodes_ask_to_close(&nodes, FAKE_STORE, NULL));
    assert_node(BACK "online", "0");
    assert_node(BACK "state", "5");
    g_assert_true(vx_channel_nodes_keep_open(&nodes, FAKE_STORE, NULL));
    assert_node(BACK "online", "1");
    assert_node(BACK "state", "4");
    g_assert_true(vx_channel_nodes_close_front(&nodes, FAKE_STORE, NULL));
    assert_node(FRONT "state", "6");
    g_assert_cmpstr(fake_store_permissions(FRONT "state"), ==, "n7,r0");
    g_assert_true(vx_channel_nodes_remove(&nodes, FAKE_STORE, NULL));
    g_assert_true(vx_channel_nodes_close_front(&nodes, FAKE_STORE, NULL));
    assert_node(FRONT "state", NULL);
    g_assert_true(vx_channel_nodes_remove(&nodes, FAKE_STORE, NULL)); /* once more is no failure */
    after = fake_store_list();
    g_assert_cmpuint(after->len, ==, before->len);
    g_assert_true(vx_channel_nodes_ask_to_close(&nodes, FAKE_STORE, NULL)); /* nor makes it what is gone anew */
    assert_node(BACK "online", NULL);
}

/* It says what is on its way, once, and only of a guest that is there. */
static void test_mark(void)
{
    g_auto(VxChannelNodes) nodes = {0};
    g_auto(VxChannelMark) mark = {0}, second = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) before = NULL, after = NULL;

    put_guest();
    before = fake_store_list();
    vx_channel_nodes_init(&nodes, FAKE_STORE, GUEST, 2, NULL);
    g_assert_false(vx_channel_nodes_find_mark(FAKE_STORE, GUEST, &mark));
    g_assert_true(vx_channel_nodes_mark(&nodes, FAKE_STORE, "org.x y", "/run/a b", NULL));
    g_assert_true(vx_channel_nodes_find_mark(FAKE_STORE, GUEST, &mark));
    g_assert_cmpint(mark.number, ==, 2);
    g_assert_cmpstr(mark.name, ==, "org.x y");
    g_assert_cmpstr(mark.path, ==, "/run/a b");
    g_assert_false(vx_channel_nodes_mark(&nodes, FAKE_STORE, "org.y", NULL, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_OPERATION_FAILED);
    g_clear_error(&error);
    vx_channel_nodes_unmark(&nodes, FAKE_STORE);
    vx_channel_nodes_unmark(&nodes, FAKE_STORE);
    after = fake_store_list();
    g_assert_cmpuint(after->len, ==, before->len + 1);
    assert_node("/libxl/7/plugged-last", "2");
    g_assert_true(vx_channel_nodes_mark(&nodes, FAKE_STORE, "org.y", NULL, NULL));
    g_assert_true(vx_channel_nodes_find_mark(FAKE_STORE, GUEST, &second));
    g_assert_null(second.path);
    fake_store_clear();
    g_assert_false(vx_channel_nodes_mark(&nodes, FAKE_STORE, "org.x", NULL, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_NO_DOMAIN);
}

static void test_states(void)
{
    static const struct {
        const char *state;
        int wanted;
    } cases[] = {{"4", 4}, {"6", 6}, {"0", 0}, {"", 0}, {"9", 0}, {"-1", 0}, {"4 ", 0}, {"\x01", 0}, {"four", 0}};
    g_auto(VxChannelNodes) nodes = {0};

    put_guest();
    vx_channel_nodes_init(&nodes, FAKE_STORE, GUEST, 2, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        fake_store_put(cases[i].state, FRONT "state");
        g_assert_cmpint(vx_channel_nodes_front_state(&nodes, FAKE_STORE), ==, cases[i].wanted);
    }
}

/* A number that has just become free is not the next one: the guest may not have seen yet that the device is gone. */
static void test_number_behind(void)
{
    static const struct {
        const char *last;
        int wanted;
    } cases[] = {{"1", 2}, {"2", 4}, {"4", 5}, {"8", 9}, {"9", 2}, {"11", 4}, {"63", 2}, {"64", 2}, {"x", 2}};

    put_guest();
    fake_store_put("", "/local/domain/7/device/console/3");
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        fake_store_put(cases[i].last, "/libxl/7/plugged-last");
        g_assert_cmpint(vx_channel_nodes_find_number(FAKE_STORE, GUEST), ==, cases[i].wanted);
    }
}

static void test_number(void)
{
    put_guest();
    g_assert_cmpint(vx_channel_nodes_find_number(FAKE_STORE, GUEST), ==, 2);
    fake_store_put("", "/local/domain/7/device/console/2");
    fake_store_put("", "/local/domain/0/backend/console/7/3");
    g_assert_cmpint(vx_channel_nodes_find_number(FAKE_STORE, GUEST), ==, 4);
    for (unsigned i = 4; i < 10; i++)
        fake_store_put("", "/libxl/7/device/console/%u", i);
    g_assert_cmpint(vx_channel_nodes_find_number(FAKE_STORE, GUEST), ==, 11); /* Linux takes 10 for the console */
    for (unsigned i = 11; i < 64; i++)
        fake_store_put("", "/libxl/7/device/console/%u", i);
    g_assert_cmpint(vx_channel_nodes_find_number(FAKE_STORE, GUEST), ==, -1);
}

static void test_quote(void)
{
    g_autofree char *plain = vx_libxl_monitor_quote("a b,c"), *odd = vx_libxl_monitor_quote("a\"b\\c");

    g_assert_cmpstr(plain, ==, "\"a b,c\"");
    g_assert_cmpstr(odd, ==, "\"a\\\"b\\\\c\"");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nodes/permissions", test_permissions);
    g_test_add_func("/nodes/permissions-far", test_permissions_far);
    g_test_add_func("/nodes/pty", test_pty);
    g_test_add_func("/nodes/socket", test_socket);
    g_test_add_func("/nodes/all-or-nothing", test_all_or_nothing);
    g_test_add_func("/nodes/gone", test_gone);
    g_test_add_func("/nodes/conflict", test_conflict);
    g_test_add_func("/nodes/end", test_end);
    g_test_add_func("/nodes/mark", test_mark);
    g_test_add_func("/nodes/states", test_states);
    g_test_add_func("/nodes/number", test_number);
    g_test_add_func("/nodes/number-behind", test_number_behind);
    g_test_add_func("/monitor/quote", test_quote);
    return g_test_run();
}
