/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Channels of running guests: what is believed of xenstore, whose frontends guests write, and what is opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pty.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_store.h"
#include "libxl/libxl_channel.h"
#include "libxl/libxl_channel_watch.h"
#include "libxl/libxl_sockets.h"
#include "libxl/libxl_store.h"
#include "util/vx_error.h"

/* ---- what is read ---- */

/* Console DEVID of guest 7, as the toolstack writes it down. */
static void put_console(int devid, const char *name, const char *connection, int backend)
{
    g_autofree char *path = g_strdup_printf("/local/domain/%d/backend/console/7/%d", backend, devid);

    fake_store_put(path, "/libxl/7/device/console/%d/backend", devid);
    fake_store_put("4", "%s/state", path);
    if (name)
        fake_store_put(name, "/libxl/7/device/console/%d/name", devid);
    if (connection)
        fake_store_put(connection, "/libxl/7/device/console/%d/connection", devid);
    fake_store_put("1", "/local/domain/7/device/console/%d/state", devid);
}

static void put_guest(void)
{
    fake_store_clear();
    fake_store_put("0", "domid");
    put_console(0, NULL, NULL, 0);
    fake_store_put("/dev/pts/3", "/local/domain/7/console/tty");
    put_console(1, "org.one", "pty", 0);
    fake_store_put("/dev/pts/4", "/local/domain/7/device/console/1/tty");
    put_console(2, "org.two", "socket", 0);
    fake_store_put("/run/two", "/libxl/7/device/console/2/path");
    put_console(10, "org.ten", "pty", 5);
    fake_store_put("/dev/pts/5", "/local/domain/7/device/console/10/tty");
}

static void test_read(void)
{
    g_autoptr(GPtrArray) channels = NULL;
    const VxGuestChannel *channel;

    put_guest();
    fake_store_put("4", "/local/domain/7/device/console/2/state");
    channels = vx_libxl_read_channels(FAKE_STORE, 7, VX_CHANNEL_ALL);
    g_assert_cmpuint(channels->len, ==, 4);
    channel = channels->pdata[0];
    g_assert_null(channel->name);
    g_assert_cmpstr(channel->path, ==, "/dev/pts/3");
    channel = vx_libxl_find_channel(channels, "org.one");
    g_assert_cmpint(channel->devid, ==, 1);
    g_assert_cmpint(channel->type, ==, VX_CHR_PTY);
    g_assert_cmpstr(channel->path, ==, "/dev/pts/4");
    g_assert_false(vx_guest_channel_is_connected(channel));
    channel = vx_libxl_find_channel(channels, "org.two");
    g_assert_cmpint(channel->type, ==, VX_CHR_UNIX);
    g_assert_cmpstr(channel->path, ==, "/run/two");
    g_assert_true(vx_guest_channel_is_connected(channel));
    g_assert_null(vx_libxl_find_channel(channels, "org.three"));
    g_assert_null(vx_libxl_find_channel(channels, NULL));
}

/* What another domain serves has no path here, whatever stands in the store. */
static void test_elsewhere(void)
{
    g_autoptr(GPtrArray) channels = NULL;
    const VxGuestChannel *channel;

    put_guest();
    channels = vx_libxl_read_channels(FAKE_STORE, 7, VX_CHANNEL_ALL);
    channel = channels->pdata[3];
    g_assert_cmpstr(channel->name, ==, "org.ten");
    g_assert_cmpint(channel->backend_id, ==, 5);
    g_assert_null(channel->path);
}

/* A guest may write its states and take its folders away. Names and paths that are not sound are not shown. */
static void test_hostile(void)
{
    static const char *const ttys[] = {
        "/etc/passwd",  "/dev/pts/../mem", "/dev/pts/4 ", "/dev/pts/",
        "/dev/pts/4/5", "pts/4",           "/dev/pts/-1", "/dev/pts/99999999999999999999"};
    static const char *const states[] = {"", "x", "4x", " 4", "-4", "99999999999999999999", "17"};

    for (unsigned i = 0; i < G_N_ELEMENTS(ttys); i++) {
        g_autoptr(GPtrArray) channels = NULL;

        put_guest();
        fake_store_put(ttys[i], "/local/domain/7/device/console/1/tty");
        channels = vx_libxl_read_channels(FAKE_STORE, 7, VX_CHANNEL_ALL);
        g_assert_null(vx_libxl_find_channel(channels, "org.one")->path);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(states); i++) {
        g_autoptr(GPtrArray) channels = NULL;

        put_guest();
        fake_store_put(states[i], "/local/domain/7/device/console/1/state");
        channels = vx_libxl_read_channels(FAKE_STORE, 7, VX_CHANNEL_ALL);
        g_assert_cmpint(vx_libxl_find_channel(channels, "org.one")->frontend_state, ==, 0);
    }
}

static void test_unsound_text(void)
{
    g_autofree char *large = g_strnfill(VX_STORE_MAX_BYTES + 1, 'x');
    const struct {
        const char *value;
        gsize length;
    } cases[] = {{"a\nb", 3},     {"a\0b", 3}, {"\xff", 1},           {"\x1b[2J", 4},
                 {"\xc2\x85", 2}, {"", 0},     {large, strlen(large)}};

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        fake_store_clear();
        fake_store_put_bytes("/x", cases[i].value, cases[i].length);
        g_assert_null(vx_store_read(FAKE_STORE, "/x"));
    }
}

static void test_backend_domain(void)
{
    g_assert_cmpint(vx_libxl_backend_domain("/local/domain/0/backend/console/7/1"), ==, 0);
    g_assert_cmpint(vx_libxl_backend_domain("/local/domain/12/backend/x"), ==, 12);
    g_assert_cmpint(vx_libxl_backend_domain("/local/domain/0"), ==, -1);
    g_assert_cmpint(vx_libxl_backend_domain("/local/domain/0x/backend/"), ==, -1);
    g_assert_cmpint(vx_libxl_backend_domain("/local/domain//backend/"), ==, -1);
    g_assert_cmpint(vx_libxl_backend_domain("/local/domain/99999/backend/"), ==, -1);
    g_assert_cmpint(vx_libxl_backend_domain("0"), ==, -1);
    g_assert_cmpint(vx_libxl_backend_domain(NULL), ==, -1);
}

static void add_channel(VxDomainDef *def, const char *name)
{
    VxChr *chr = vx_domain_def_add_device(def, VX_DEVICE_CHANNEL);

    chr->target_name = g_strdup(name);
}

static void test_check(void)
{
    g_autoptr(VxDomainDef) def = vx_domain_def_new();
    g_autoptr(GError) error = NULL;

    put_guest();
    add_channel(def, "org.two");
    add_channel(def, "org.one");
    g_assert_true(vx_libxl_check_channels(FAKE_STORE, 7, def, &error));
    add_channel(def, "org.missing");
    add_channel(def, "org.lost");
    g_assert_false(vx_libxl_check_channels(FAKE_STORE, 7, def, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_OPERATION_FAILED);
    g_assert_nonnull(strstr(error->message, "'org.missing', 'org.lost'"));
}

/* ---- what is watched ---- */

#define N_WATCHES 3u /* of a guest: its channels, and two folders of details */

static void write_down(const VxGuestEvent *event, gpointer data)
{
    if (event->kind == VX_GUEST_EVENT_DETAILS) {
        g_string_append_printf(data, "%d.%d details;", event->id, event->uuid[0]);
        return;
    }
    g_assert_cmpint(event->kind, ==, VX_GUEST_EVENT_CHANNEL);
    g_string_append_printf(data, "%d.%d %s %s;", event->id, event->uuid[0], event->channel,
                           event->connected ? "on" : "off");
}

/* Looks until there is nothing left to be done within a second and a bit, in which a new guest is looked at. */
static void settle(VxLibxlChannelWatch *channels)
{
    int wait_ms;

    while ((wait_ms = vx_libxl_channel_watch_look(channels)) >= 0 && wait_ms < 1500)
        g_usleep((gulong)wait_ms * 1000);
}

/* A watch that may mean anything. */
static bool take(VxLibxlChannelWatch *channels, const char *token)
{
    return vx_libxl_channel_watch_take(channels, "/local/domain/7/device/console", token);
}

static void test_watch(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    VxLibxlChannelWatch *channels = vx_libxl_channel_watch_new(FAKE_STORE, write_down, out);
    const guint8 uuid[16] = {9};

    put_guest();
    vx_libxl_channel_watch_add(channels, 7, uuid);
    g_assert_false(take(channels, "guests"));
    g_assert_true(take(channels, "channels:7"));
    g_assert_true(take(channels, "channels:8"));
    g_assert_true(take(channels, "channels:"));
    settle(channels);
    g_assert_cmpstr(out->str, ==, "");
    g_assert_true(take(channels, "details:8"));
    g_assert_true(take(channels, "details:7"));
    g_assert_cmpstr(out->str, ==, "7.9 details;");
    g_string_truncate(out, 0);
    fake_store_put("4", "/local/domain/7/device/console/2/state");
    take(channels, "channels:7");
    settle(channels);
    g_assert_cmpstr(out->str, ==, "7.9 org.two on;");
    fake_store_put("4", "/local/domain/7/device/console/1/state");
    fake_store_remove("/local/domain/7/device/console/2/state");
    take(channels, "channels:7");
    settle(channels);
    g_assert_cmpstr(out->str, ==, "7.9 org.two on;7.9 org.one on;7.9 org.two off;");
    fake_store_clear();
    fake_store_n_watches = N_WATCHES;
    take(channels, "channels:7");
    settle(channels);
    g_assert_true(g_str_has_suffix(out->str, ";7.9 org.one off;"));
    vx_libxl_channel_watch_drop(channels, 7);
    g_assert_cmpuint(fake_store_n_watches, ==, 0);
    vx_libxl_channel_watch_free(channels);
}

/* A guest that writes in a loop costs little, is not listened to any longer, and holds up no other. */
/* What is written beside states is not looked at. */
static void test_watch_path(void)
{
    static const struct {
        const char *path;
        bool is_looked_at;
    } cases[] = {
        {"/local/domain/7/device/console/1/ring-ref", false},
        {"/local/domain/7/device/console/1/tty", false},
        {"/local/domain/7/device/console/1/state", true},
        {"/local/domain/7/device/console/1", true},
        {"/local/domain/7/device/console", true},
        {"/local/domain/7", true},
    };
    g_autoptr(GString) out = g_string_new(NULL);
    VxLibxlChannelWatch *channels = vx_libxl_channel_watch_new(FAKE_STORE, write_down, out);
    const guint8 uuid[16] = {9};

    put_guest();
    vx_libxl_channel_watch_add(channels, 7, uuid);
    settle(channels);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_string_truncate(out, 0);
        fake_store_put("4", "/local/domain/7/device/console/2/state");
        g_assert_true(vx_libxl_channel_watch_take(channels, cases[i].path, "channels:7"));
        settle(channels);
        g_assert_cmpstr(out->str, ==, cases[i].is_looked_at ? "7.9 org.two on;" : "");
        fake_store_put("1", "/local/domain/7/device/console/2/state");
        take(channels, "channels:7");
        settle(channels);
    }
    vx_libxl_channel_watch_free(channels);
}

static void test_flood(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    VxLibxlChannelWatch *channels = vx_libxl_channel_watch_new(FAKE_STORE, write_down, out);
    const guint8 uuid[16] = {0};

    put_guest();
    vx_libxl_channel_watch_add(channels, 7, uuid);
    vx_libxl_channel_watch_add(channels, 8, uuid);
    fake_store_put("/local/domain/0/backend/console/8/1", "/libxl/8/device/console/1/backend");
    fake_store_put("other", "/libxl/8/device/console/1/name");
    settle(channels);
    g_usleep(300000); /* so that neither is looked at for the second time so soon */
    g_assert_cmpuint(fake_store_n_watches, ==, 2 * N_WATCHES);
    fake_store_n_reads = 0;
    for (int i = 0; i < 100000; i++) {
        fake_store_put(i % 2 ? "4" : "1", "/local/domain/7/device/console/1/state");
        take(channels, "channels:7");
        if (i == 50000) {
            fake_store_put("4", "/local/domain/8/device/console/1/state");
            take(channels, "channels:8");
        }
        vx_libxl_channel_watch_look(channels);
    }
    g_assert_nonnull(strstr(out->str, "8.0 other on;"));
    g_assert_cmpuint(fake_store_n_watches, ==, 2 * N_WATCHES - 1);
    g_assert_cmpuint(fake_store_n_reads, <, 500);
    g_assert_cmpint(vx_libxl_channel_watch_look(channels), >, 1000);
    vx_libxl_channel_watch_free(channels);
}

/* ---- what is opened ---- */

static char *folder;

static char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* A socket at PATH that is listened on; closing it leaves the file. */
static int serve(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    g_assert_cmpint(listen(fd, 1), ==, 0);
    return fd;
}

static void test_open_pty(void)
{
    static const char *const wrong[] = {"/dev/null", "/dev/tty", "/dev/pts/ptmx", "/etc/passwd", "/dev/pts/9999999"};
    int master, slave, fd;
    g_autofree char *path = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(openpty(&master, &slave, NULL, NULL, NULL), ==, 0);
    path = g_strdup(ttyname(slave));
    if (!vx_libxl_is_pty_path(path)) {
        g_test_skip("no /dev/pts here");
        return;
    }
    fd = vx_libxl_open_pty(path, &error);
    g_assert_no_error(error);
    g_assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    g_assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    close(master);
    close(slave);
    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) why = NULL;

        g_assert_cmpint(vx_libxl_open_pty(wrong[i], &why), ==, -1);
        g_assert_nonnull(why);
    }
}

static void test_connect(void)
{
    g_autofree char *path = in_folder("s"), *link = in_folder("link"), *file = in_folder("file");
    g_autoptr(GError) error = NULL, of_link = NULL, of_file = NULL, of_dead = NULL;
    int server = serve(path), fd = vx_libxl_connect_socket(path, &error);

    g_assert_no_error(error);
    g_assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    close(fd);
    g_assert_cmpint(symlink(path, link), ==, 0);
    g_assert_cmpint(vx_libxl_connect_socket(link, &of_link), ==, -1);
    g_assert_nonnull(of_link);
    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    g_assert_cmpint(vx_libxl_connect_socket(file, &of_file), ==, -1);
    g_assert_nonnull(of_file);
    close(server);
    g_assert_cmpint(vx_libxl_connect_socket(path, &of_dead), ==, -1);
    g_assert_cmpint(errno, ==, ECONNREFUSED);
    unlink(path);
    unlink(link);
    unlink(file);
}

/* Ours, with the socket folder NAME in the test's own. */
static VxLibxlSockets sockets_in(const char *name)
{
    static char *path;

    g_free(path);
    path = in_folder(name);
    return (VxLibxlSockets){.folder = path, .user = (uid_t)-1, .group = (gid_t)-1, .mode = 0640};
}

static void assert_refused(bool done, GError **error, const char *why)
{
    g_assert_false(done);
    g_assert_error(*error, VX_ERROR, VIR_ERR_OPERATION_FAILED);
    g_assert_nonnull(strstr((*error)->message, why));
    g_clear_error(error);
}

static void test_dead_socket(void)
{
    g_autofree char *path = in_folder("s"), *link = in_folder("link");
    VxLibxlSockets sockets = sockets_in("own");
    g_autoptr(GError) error = NULL;
    int server = serve(path);

    assert_refused(vx_libxl_drop_dead_socket(&sockets, path, &error), &error, "another process serves");
    close(server);
    g_assert_cmpint(symlink(path, link), ==, 0);
    assert_refused(vx_libxl_drop_dead_socket(&sockets, link, &error), &error, "it is a symbolic link");
    g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_true(vx_libxl_drop_dead_socket(&sockets, path, &error));
    g_assert_no_error(error);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_true(vx_libxl_drop_dead_socket(&sockets, path, &error));
    unlink(link);
}

/* A configuration of one socket, at PATH. */
static libxl_domain_config config_of(libxl_device_channel *channel, char *path)
{
    libxl_device_channel_init(channel);
    libxl_device_channel_init_connection(channel, LIBXL_CHANNEL_CONNECTION_SOCKET);
    channel->u.socket.path = path;
    return (libxl_domain_config){.num_channels = 1, .channels = channel};
}

static void test_prepare(void)
{
    g_autofree char *path = in_folder("a/b/x"), *elsewhere = in_folder("c/x");
    VxLibxlSockets sockets = sockets_in("a/b");
    libxl_device_channel channel;
    libxl_domain_config config = config_of(&channel, path);
    g_autoptr(GError) error = NULL;
    struct stat status;

    g_assert_true(vx_libxl_prepare_sockets(&sockets, &config, &error));
    g_assert_cmpint(stat(sockets.folder, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0711);
    g_assert_cmpint(chmod(sockets.folder, 0777), ==, 0);
    close(serve(path));
    g_assert_true(vx_libxl_prepare_sockets(&sockets, &config, &error));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_cmpint(stat(sockets.folder, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0711);
    channel.u.socket.path = elsewhere;
    assert_refused(vx_libxl_prepare_sockets(&sockets, &config, &error), &error, elsewhere);
    channel.backend_domid = 5; /* of a domain that has other files */
    g_assert_true(vx_libxl_prepare_sockets(&sockets, &config, NULL));
}

/* Whoever could put a link into the path of our own folder could have sockets made, and removed, anywhere. */
static void test_planted_link(void)
{
    g_autofree char *real = in_folder("real"), *victim = in_folder("real/x"), *link = in_folder("planted");
    g_autofree char *path = in_folder("planted/x"), *below = in_folder("planted/b/x");
    VxLibxlSockets sockets = sockets_in("planted");
    libxl_device_channel channel;
    libxl_domain_config config = config_of(&channel, path);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir(real, 0755), ==, 0);
    close(serve(victim));
    g_assert_cmpint(symlink(real, link), ==, 0);
    assert_refused(vx_libxl_prepare_sockets(&sockets, &config, &error), &error, "is a symbolic link or no folder");
    assert_refused(vx_libxl_drop_dead_socket(&sockets, path, &error), &error, "is a symbolic link or no folder");
    vx_libxl_clear_sockets(&sockets, &config);
    g_assert_true(g_file_test(victim, G_FILE_TEST_EXISTS));
    sockets = sockets_in("planted/b");
    channel.u.socket.path = below;
    assert_refused(vx_libxl_prepare_sockets(&sockets, &config, &error), &error, "'planted' in the path");
    unlink(link);
}

static void test_folder_of_others(void)
{
    g_autofree char *open = in_folder("open"), *path = in_folder("open/own/x");
    VxLibxlSockets sockets = sockets_in("open/own");
    libxl_device_channel channel;
    libxl_domain_config config = config_of(&channel, path);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir(open, 0755), ==, 0);
    g_assert_cmpint(chmod(open, 0777), ==, 0);
    assert_refused(vx_libxl_prepare_sockets(&sockets, &config, &error), &error, "others may write");
    g_assert_cmpint(chmod(open, 01777), ==, 0);
    g_assert_true(vx_libxl_prepare_sockets(&sockets, &config, &error));
    if (geteuid() == 0) {
        g_assert_cmpint(chown(sockets.folder, 12345, (gid_t)-1), ==, 0);
        assert_refused(vx_libxl_prepare_sockets(&sockets, &config, &error), &error, "belongs to user 12345");
    }
}

static void test_grant(void)
{
    g_autofree char *path = in_folder("granted"), *target = in_folder("target");
    VxLibxlSockets sockets = sockets_in("own");
    libxl_device_channel channel;
    libxl_domain_config config = config_of(&channel, path);
    g_autoptr(GError) error = NULL;
    struct stat status;

    assert_refused(vx_libxl_grant_sockets(&sockets, &config, &error), &error, "has not made the socket");
    close(serve(path));
    if (geteuid() == 0) {
        sockets.user = 12345;
        sockets.group = 54321;
    }
    g_assert_true(vx_libxl_grant_sockets(&sockets, &config, &error));
    g_assert_cmpint(lstat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0640);
    if (geteuid() == 0) {
        g_assert_cmpuint(status.st_uid, ==, 12345);
        g_assert_cmpuint(status.st_gid, ==, 54321);
        /* one that another user has put there gets nothing */
        assert_refused(vx_libxl_grant_sockets(&sockets, &config, &error), &error, "has not made the socket");
    }
    unlink(path);
    close(serve(target));
    g_assert_cmpint(symlink(target, path), ==, 0);
    g_assert_cmpint(chmod(target, 0700), ==, 0);
    assert_refused(vx_libxl_grant_sockets(&sockets, &config, &error), &error, "it is a symbolic link");
    g_assert_cmpint(lstat(target, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 07777, ==, 0700);
}

int main(int argc, char **argv)
{
    g_autofree char *remove = NULL;
    int status;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("virtxl-XXXXXX", NULL);
    g_test_add_func("/libxl/channels/read", test_read);
    g_test_add_func("/libxl/channels/elsewhere", test_elsewhere);
    g_test_add_func("/libxl/channels/hostile", test_hostile);
    g_test_add_func("/libxl/channels/unsound-text", test_unsound_text);
    g_test_add_func("/libxl/channels/backend-domain", test_backend_domain);
    g_test_add_func("/libxl/channels/check", test_check);
    g_test_add_func("/libxl/channels/watch", test_watch);
    g_test_add_func("/libxl/channels/watch-path", test_watch_path);
    g_test_add_func("/libxl/channels/flood", test_flood);
    g_test_add_func("/libxl/channels/open-pty", test_open_pty);
    g_test_add_func("/libxl/channels/connect", test_connect);
    g_test_add_func("/libxl/channels/dead-socket", test_dead_socket);
    g_test_add_func("/libxl/channels/prepare", test_prepare);
    g_test_add_func("/libxl/channels/planted-link", test_planted_link);
    g_test_add_func("/libxl/channels/folder-of-others", test_folder_of_others);
    g_test_add_func("/libxl/channels/grant", test_grant);
    status = g_test_run();
    fake_store_clear();
    remove = g_strdup_printf("rm -rf '%s'", folder);
    g_spawn_command_line_sync(remove, NULL, NULL, NULL, NULL);
    g_free(folder);
    return status;
}
