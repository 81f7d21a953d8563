/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Listening sockets: what they replace and what they leave alone; and how many clients come in.
 */
#include "peer.h"
#include "rpc/rpc_server.h"
#include "util/vx_error.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NO_GROUP ((gid_t)-1)

typedef struct {
    char *folder;
    char *path;
    unsigned n_opened;
    unsigned n_closed;
    unsigned last_tag;
    VxRpcConnection *last;
} Fixture;

static void set_up(Fixture *f, const void *data G_GNUC_UNUSED)
{
    f->folder = g_dir_make_tmp("rpc-server-XXXXXX", NULL);
    f->path = g_build_filename(f->folder, "sock", NULL);
}

static void tear_down(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_unlink(f->path);
    g_assert_no_errno(g_rmdir(f->folder)); /* nothing is left behind */
    g_free(f->path);
    g_free(f->folder);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static void test_mode_and_end(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcListener listener;
    struct stat status;

    g_assert_true(vx_rpc_listener_open(&listener, f->path, 0750, getgid(), NULL));
    g_assert_no_errno(lstat(f->path, &status));
    g_assert_true(S_ISSOCK(status.st_mode));
    g_assert_cmpint(status.st_mode & 07777, ==, 0750);
    g_assert_cmpint(status.st_gid, ==, getgid());
    vx_rpc_listener_close(&listener);
    g_assert_cmpint(lstat(f->path, &status), ==, -1);
}

static void test_stale_is_replaced(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcListener dead, listener;
    int client;

    g_assert_true(vx_rpc_listener_open(&dead, f->path, 0700, NO_GROUP, NULL));
    close(dead.fd); /* as after a crash: the path stays */
    g_assert_true(vx_rpc_listener_open(&listener, f->path, 0700, NO_GROUP, NULL));
    client = connect_to(f->path);
    g_assert_cmpint(client, >=, 0);
    close(client);
    dead.fd = dup(0);
    vx_rpc_listener_close(&dead); /* its path now belongs to the other, and stays */
    client = connect_to(f->path);
    g_assert_cmpint(client, >=, 0);
    close(client);
    vx_rpc_listener_close(&listener);
}

static void expect_refusal(Fixture *f, const char *part)
{
    g_autoptr(GError) error = NULL;
    VxRpcListener listener;

    g_assert_false(vx_rpc_listener_open(&listener, f->path, 0700, NO_GROUP, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_OPERATION_INVALID);
    g_assert_nonnull(strstr(error->message, part));
}

static void test_living_is_left(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcListener living;

    g_assert_true(vx_rpc_listener_open(&living, f->path, 0700, NO_GROUP, NULL));
    expect_refusal(f, "another program listens");
    vx_rpc_listener_close(&living);
}

static void test_others_are_left(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *victim = g_build_filename(f->folder, "victim", NULL);
    g_autofree char *text = NULL;

    g_assert_true(g_file_set_contents(f->path, "keep", 4, NULL));
    expect_refusal(f, "not a socket");
    g_assert_true(g_file_get_contents(f->path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "keep");
    g_assert_no_errno(g_rename(f->path, victim));
    g_assert_no_errno(symlink(victim, f->path));
    expect_refusal(f, "not a socket");
    g_assert_true(g_file_test(f->path, G_FILE_TEST_IS_SYMLINK));
    g_assert_no_errno(g_unlink(victim));
}

static void test_long_path(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *name = g_strnfill(150, 'x');
    g_autofree char *path = g_build_filename(f->folder, name, NULL);
    g_autofree char *nowhere = g_build_filename(f->folder, "none", "sock", NULL);
    g_autoptr(GError) no_folder = NULL;
    VxRpcListener listener;

    if (vx_rpc_listener_open(&listener, path, 0700, NO_GROUP, NULL))
        g_error("a path of more than 107 bytes cannot be connected to");
    g_assert_false(vx_rpc_listener_open(&listener, nowhere, 0700, NO_GROUP, &no_folder));
    g_assert_error(no_folder, VX_ERROR, VIR_ERR_SYSTEM_ERROR);
}

static void on_opened(VxRpcConnection *connection, unsigned tag, void *data)
{
    Fixture *f = data;

    f->n_opened++;
    f->last_tag = tag;
    f->last = connection;
}

static void on_call(VxRpcConnection *connection G_GNUC_UNUSED, VxRpcCall *call, void *data G_GNUC_UNUSED)
{
    vx_rpc_call_free(call);
}

static void on_closed(VxRpcConnection *connection G_GNUC_UNUSED, const GError *reason G_GNUC_UNUSED, void *data)
{
    ((Fixture *)data)->n_closed++;
}

static const VxRpcServerHandlers handlers = {.opened = on_opened, .call = on_call, .closed = on_closed};

static VxRpcServer *start(Fixture *f, const VxRpcServerLimits *limits)
{
    VxRpcServer *server = vx_rpc_server_new(NULL, limits, &handlers, f);
    VxRpcListener listener;

    g_assert_true(vx_rpc_listener_open(&listener, f->path, 0700, NO_GROUP, NULL));
    vx_rpc_server_add_listener(server, &listener, 7);
    return server;
}

static const VxRpcServerLimits wide = {
    .max_clients = 3,
    .max_anonymous_clients = 2,
    .anonymous_timeout_s = 60,
    .connection = {.max_calls = 5},
};

static void test_limits(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(VxRpcServer) server = start(f, &wide);
    int clients[5];

    for (int i = 0; i < 5; i++)
        clients[i] = connect_to(f->path);
    PEER_RUN_UNTIL(f->n_opened == 2);
    peer_settle();
    g_assert_cmpuint(f->n_opened, ==, 2); /* two anonymous */
    g_assert_cmpuint(f->last_tag, ==, 7);
    vx_rpc_server_set_authenticated(server, f->last);
    PEER_RUN_UNTIL(f->n_opened == 3);
    vx_rpc_server_set_authenticated(server, f->last);
    peer_settle();
    g_assert_cmpuint(f->n_opened, ==, 3); /* three in all */
    g_assert_cmpuint(vx_rpc_server_count_clients(server), ==, 3);
    close(clients[0]);
    PEER_RUN_UNTIL(f->n_opened == 4);
    g_assert_cmpuint(f->n_closed, ==, 1);
    for (int i = 1; i < 5; i++)
        close(clients[i]);
}

static void test_anonymous_timeout(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcServerLimits limits = wide;
    g_autoptr(VxRpcServer) server = NULL;
    int silent, other;

    limits.anonymous_timeout_s = 1;
    server = start(f, &limits);
    silent = connect_to(f->path);
    other = connect_to(f->path);
    PEER_RUN_UNTIL(f->n_opened == 2);
    vx_rpc_server_set_authenticated(server, f->last);
    PEER_RUN_UNTIL(f->n_closed == 1);
    g_assert_null(peer_receive(silent));
    g_usleep(1200000);
    peer_settle();
    g_assert_cmpuint(f->n_closed, ==, 1);
    close(silent);
    close(other);
}

static void test_stop(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(VxRpcServer) server = start(f, &wide);
    int client = connect_to(f->path);

    PEER_RUN_UNTIL(f->n_opened == 1);
    vx_rpc_server_stop_accepting(server);
    g_assert_cmpint(connect_to(f->path), ==, -1);
    g_assert_cmpuint(vx_rpc_server_count_clients(server), ==, 1);
    g_clear_pointer(&server, vx_rpc_server_free);
    g_assert_cmpuint(f->n_closed, ==, 1);
    close(client);
}

static void test_adopt(Fixture *f, const void *data G_GNUC_UNUSED)
{
    VxRpcListener opened, adopted;
    g_autoptr(GError) error = NULL;
    int pair[2];

    g_assert_true(vx_rpc_listener_open(&opened, f->path, 0700, NO_GROUP, NULL));
    g_assert_true(vx_rpc_listener_adopt(&adopted, dup(opened.fd), NULL));
    vx_rpc_listener_close(&adopted); /* an inherited socket's path is not ours to remove */
    g_assert_true(g_file_test(f->path, G_FILE_TEST_EXISTS));
    vx_rpc_listener_close(&opened);
    peer_make_pair(pair);
    g_assert_false(vx_rpc_listener_adopt(&adopted, pair[0], &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_INVALID_ARG);
    close(pair[0]);
    close(pair[1]);
}

#define ADD(name) g_test_add("/rpc/server/" #name, Fixture, NULL, set_up, test_##name, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(mode_and_end);
    ADD(stale_is_replaced);
    ADD(living_is_left);
    ADD(others_are_left);
    ADD(long_path);
    ADD(limits);
    ADD(anonymous_timeout);
    ADD(stop);
    ADD(adopt);
    return g_test_run();
}
