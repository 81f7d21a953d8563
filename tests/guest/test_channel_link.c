/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The links of a guest's channels, in a folder that looks like its /sys, /dev and /run; names as hostile as they can
 * be.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#include "channel_link.h"
#include "xenstore_name.h"

#define MAX_NUMBER 10

typedef struct {
    char *root, *devices, *dev, *state;
    const char *names[MAX_NUMBER];
    VxChannelPlaces places;
} Fixture;

static bool read_name(void *data, unsigned number, char *name, size_t size)
{
    Fixture *f = data;

    return f->names[number] && g_strlcpy(name, f->names[number], size) < size;
}

static void set_up(Fixture *f, const void *data G_GNUC_UNUSED)
{
    f->root = g_dir_make_tmp("guest-XXXXXX", NULL);
    f->devices = g_build_filename(f->root, "sys", NULL);
    f->dev = g_build_filename(f->root, "dev", NULL);
    f->state = g_build_filename(f->root, "run", NULL);
    g_assert_cmpint(g_mkdir(f->devices, 0755), ==, 0);
    g_assert_cmpint(g_mkdir(f->dev, 0755), ==, 0);
    f->places = (VxChannelPlaces){f->devices, f->dev, f->state, read_name, f};
}

static void tear_down(Fixture *f, const void *data G_GNUC_UNUSED)
{
    const char *arguments[] = {"rm", "-r", f->root, NULL};

    g_assert_true(
        g_spawn_sync(NULL, (char **)arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
    g_free(f->root);
    g_free(f->devices);
    g_free(f->dev);
    g_free(f->state);
}

static char *device_path(Fixture *f, unsigned number)
{
    return g_strdup_printf("%s/console-%u/driver", f->devices, number);
}

static char *hvc_path(Fixture *f, unsigned hvc)
{
    return g_strdup_printf("%s/hvc%u", f->dev, hvc);
}

/* What the kernel does when a channel appears. */
static void plug(Fixture *f, unsigned number, unsigned hvc, const char *name)
{
    g_autofree char *device = device_path(f, number), *path = hvc_path(f, hvc);

    g_assert_cmpint(g_mkdir_with_parents(device, 0755), ==, 0);
    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    f->names[number] = name;
}

static void unplug(Fixture *f, unsigned number, unsigned hvc)
{
    g_autofree char *device = device_path(f, number), *path = hvc_path(f, hvc), *folder = g_path_get_dirname(device);

    g_assert_cmpint(g_rmdir(device), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
    g_assert_cmpint(g_unlink(path), ==, 0);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Refreshes, and compares "NAME>TARGET ..." in the order of names with what is there. */
static void expect_links(Fixture *f, const char *expected)
{
    g_autofree char *folder = g_build_filename(f->dev, "xen-channel", NULL), *alias = NULL, *all = NULL;
    g_autoptr(GPtrArray) links = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = NULL;
    const char *name;

    g_assert_cmpint(vx_channel_refresh(&f->places), ==, 0);
    dir = g_dir_open(folder, 0, NULL);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL), *target = g_file_read_link(path, NULL);

        g_ptr_array_add(links, g_strdup_printf("%s>%s", name, target ? target : ""));
    }
    g_ptr_array_sort(links, by_text);
    g_ptr_array_add(links, NULL);
    all = g_strjoinv(" ", (char **)links->pdata);
    g_assert_cmpstr(all, ==, expected);
    g_free(folder);
    folder = g_build_filename(f->dev, "xen-channels", NULL);
    alias = g_file_read_link(folder, NULL);
    g_assert_cmpstr(alias, ==, "xen-channel");
}

static void test_come_and_go(Fixture *f, const void *data G_GNUC_UNUSED)
{
    expect_links(f, "");
    plug(f, 0, 0, "console"); /* the console is no channel */
    plug(f, 1, 1, "org.qemu.guest_agent.0");
    expect_links(f, "org.qemu.guest_agent.0>../hvc1");
    plug(f, 2, 2, "two");
    expect_links(f, "org.qemu.guest_agent.0>../hvc1 two>../hvc2");
    plug(f, 3, 3, "three");
    expect_links(f, "org.qemu.guest_agent.0>../hvc1 three>../hvc3 two>../hvc2");
    expect_links(f, "org.qemu.guest_agent.0>../hvc1 three>../hvc3 two>../hvc2");
    unplug(f, 1, 1);
    expect_links(f, "three>../hvc3 two>../hvc2");
    plug(f, 7, 1, "seven"); /* the kernel gives the lowest that is free */
    expect_links(f, "seven>../hvc1 three>../hvc3 two>../hvc2");
    f->names[2] = "renamed";
    expect_links(f, "renamed>../hvc2 seven>../hvc1 three>../hvc3");
    unplug(f, 7, 1);
    unplug(f, 2, 2);
    unplug(f, 3, 3);
    expect_links(f, "");
}

static void test_driver_not_there_yet(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *driver = device_path(f, 1), *hvc = hvc_path(f, 1);

    plug(f, 1, 1, "one");
    g_assert_cmpint(g_rmdir(driver), ==, 0);
    expect_links(f, "");
    g_assert_cmpint(g_mkdir(driver, 0755), ==, 0);
    g_assert_cmpint(g_unlink(hvc), ==, 0);
    expect_links(f, "");
    plug(f, 1, 1, "one");
    expect_links(f, "one>../hvc1");
}

static void test_hostile_names(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *outside = g_build_filename(f->root, "evil", NULL);

    plug(f, 1, 1, "../../evil");
    expect_links(f, "_._.._evil>../hvc1");
    g_assert_false(g_file_test(outside, G_FILE_TEST_EXISTS));
}

/* A file that somebody else put there is left, and is in nobody's way but its own channel's. */
static void test_same_name_and_strangers(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *folder = g_build_filename(f->dev, "xen-channel", NULL);
    g_autofree char *file = g_build_filename(folder, "note", NULL);

    plug(f, 1, 1, "same");
    expect_links(f, "same>../hvc1");
    plug(f, 2, 2, "other");
    expect_links(f, "other>../hvc2 same>../hvc1");
    f->names[2] = "same"; /* one link, to either: which device came first, only sysfs can tell, not this folder */
    g_assert_cmpint(vx_channel_refresh(&f->places), ==, 0);
    f->names[2] = NULL;
    expect_links(f, "same>../hvc1");
    f->names[2] = "same";
    g_assert_true(g_file_set_contents(file, "", 0, NULL));
    unplug(f, 1, 1);
    expect_links(f, "note> same>../hvc2");
}

static void test_clean_names(void)
{
    static const char *const names[][2] = {{"org.qemu.guest_agent.0", "org.qemu.guest_agent.0"},
                                           {"a/b", "a_b"},
                                           {"..", "_."},
                                           {".", "_"},
                                           {".hidden", "_hidden"},
                                           {"/", "_"},
                                           {"../../etc/passwd", "_._.._etc_passwd"},
                                           {"a b\n\x1b[2J", "a_b___2J"},
                                           {"\xc3\xa9", "__"},
                                           {"-rf", "-rf"},
                                           {"a..b", "a..b"}};
    g_autofree char *longest = g_strnfill(VX_CHANNEL_MAX_NAME - 1, 'x'), *longer = g_strnfill(VX_CHANNEL_MAX_NAME, 'x');
    char clean[VX_CHANNEL_MAX_NAME];

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_true(vx_channel_clean_name(names[i][0], clean));
        g_assert_cmpstr(clean, ==, names[i][1]);
    }
    g_assert_false(vx_channel_clean_name("", clean));
    g_assert_true(vx_channel_clean_name(longest, clean));
    g_assert_false(vx_channel_clean_name(longer, clean));
}

/* Xenstore's side of one request. */
static bool ask(unsigned type, const char *value, gsize length, char *name, gsize size)
{
    struct xsd_sockmsg header = {.type = type, .len = (guint32)length};
    char request[128];
    bool found;
    int fds[2];
    ssize_t n;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
    g_assert_cmpint(write(fds[1], &header, sizeof header), ==, sizeof header);
    g_assert_cmpint(write(fds[1], value, length), ==, length);
    shutdown(fds[1], SHUT_WR);
    found = vx_xenstore_read_name(fds[0], 3, name, size);
    n = read(fds[1], request, sizeof request);
    g_assert_cmpint(n, ==, sizeof header + sizeof "device/console/3/name");
    g_assert_cmpstr(request + sizeof header, ==, "device/console/3/name");
    close(fds[0]);
    close(fds[1]);
    return found;
}

static void test_xenstore(void)
{
    char name[16];

    g_assert_true(ask(XS_READ, "agent", 5, name, sizeof name));
    g_assert_cmpstr(name, ==, "agent");
    g_assert_true(ask(XS_READ, "fifteen bytes..", 15, name, sizeof name));
    g_assert_false(ask(XS_READ, "sixteen bytes...", 16, name, sizeof name));
    g_assert_false(ask(XS_READ, "a\0b", 3, name, sizeof name));
    g_assert_false(ask(XS_ERROR, "ENOENT", 7, name, sizeof name));
}

static void answer(int fd, const char *value)
{
    struct xsd_sockmsg header = {.type = XS_READ, .len = (uint32_t)strlen(value)};

    g_assert_cmpint(write(fd, &header, sizeof header), ==, sizeof header);
    g_assert_cmpint(write(fd, value, header.len), ==, header.len);
}

/* A name that does not fit is passed over whole: those of other channels are found behind it. */
static void test_xenstore_too_long(void)
{
    g_autofree char *too_long = g_strnfill(3000, 'x');
    char name[16];
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    answer(fds[1], too_long);
    answer(fds[1], "sixteen bytes...");
    answer(fds[1], "agent");
    g_assert_false(vx_xenstore_read_name(fds[0], 1, name, sizeof name));
    g_assert_false(vx_xenstore_read_name(fds[0], 2, name, sizeof name));
    g_assert_true(vx_xenstore_read_name(fds[0], 3, name, sizeof name));
    g_assert_cmpstr(name, ==, "agent");
    close(fds[0]);
    close(fds[1]);
}

#define ADD(name, function) g_test_add("/guest/links/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("come-and-go", test_come_and_go);
    ADD("driver-not-there-yet", test_driver_not_there_yet);
    ADD("hostile-names", test_hostile_names);
    ADD("same-name-and-strangers", test_same_name_and_strangers);
    g_test_add_func("/guest/clean-names", test_clean_names);
    g_test_add_func("/guest/xenstore", test_xenstore);
    g_test_add_func("/guest/xenstore-too-long", test_xenstore_too_long);
    return g_test_run();
}
