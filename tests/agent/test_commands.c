/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Each typed command: what is sent, and what becomes of the answer.
 */
#include "agent/agent_commands.h"

#include <string.h>

#include "fake_agent.h"
#include "util/vx_error.h"

typedef struct {
    VxAgent *agent;
    FakeAgent *fake;
    GError *error;
} Fixture;

static void set_up(Fixture *f, const void *data G_GNUC_UNUSED)
{
    f->fake = fake_agent_new(&f->agent);
}

static void tear_down(Fixture *f, const void *data G_GNUC_UNUSED)
{
    fake_agent_free(f->fake);
    vx_agent_unref(f->agent);
    g_clear_error(&f->error);
}

static void answer(Fixture *f, const char *result)
{
    g_autofree char *text = g_strdup_printf("{\"return\":%s}", result);

    fake_agent_answer(f->fake, text);
}

static void expect_sent(Fixture *f, const char *name, const char *arguments)
{
    g_autofree char *last = fake_agent_last(f->fake);
    g_autofree char *expected = g_strdup_printf("{\"execute\":\"%s\"%s%s}", name, arguments ? ",\"arguments\":" : "",
                                                arguments ? arguments : "");

    g_assert_no_error(f->error);
    g_assert_cmpstr(last, ==, expected);
}

static void expect_refused(Fixture *f, int code, const char *part)
{
    g_assert_error(f->error, VX_ERROR, code);
    g_assert_nonnull(strstr(f->error->message, part));
    g_clear_error(&f->error);
}

static void test_info(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(VxAgentInfo) info = NULL;
    const VxAgentCommandInfo *command;

    answer(f, "{\"version\":\"7.2\",\"supported_commands\":[{\"name\":\"guest-shutdown\",\"enabled\":true,"
              "\"success-response\":false}]}");
    info = vx_agent_get_info(f->agent, &f->error);
    expect_sent(f, "guest-info", NULL);
    g_assert_cmpstr(info->version, ==, "7.2");
    g_assert_cmpuint(info->commands->len, ==, 1);
    command = info->commands->pdata[0];
    g_assert_cmpstr(command->name, ==, "guest-shutdown");
    g_assert_true(command->is_enabled && !command->answers_success);
}

static void test_host_name(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autofree char *name = NULL;

    answer(f, "{\"host-name\":\"b\\u00fccher\"}");
    name = vx_agent_get_host_name(f->agent, &f->error);
    expect_sent(f, "guest-get-host-name", NULL);
    g_assert_cmpstr(name, ==,
                    "b\xc3\xbc"
                    "cher");
    answer(f, "{}");
    g_assert_null(vx_agent_get_host_name(f->agent, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "'guest-get-host-name' is refused: its \"host-name\" is missing");
}

/* null is an answer where only success counts, and no record, list, number or word. */
static void test_null(Fixture *f, const void *data G_GNUC_UNUSED)
{
    bool is_frozen;
    gint64 time_ns;

    answer(f, "null");
    g_assert_true(vx_agent_ping(f->agent, &f->error));
    answer(f, "null");
    g_assert_null(vx_agent_get_info(f->agent, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "'guest-info' is refused: it is not an object");
    answer(f, "null");
    g_assert_null(vx_agent_get_users(f->agent, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "'guest-get-users' is refused: it is not a list");
    answer(f, "null");
    g_assert_false(vx_agent_get_time(f->agent, &time_ns, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "it is not a number");
    answer(f, "null");
    g_assert_false(vx_agent_get_frozen(f->agent, &is_frozen, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "it must be \"frozen\" or \"thawed\"");
}

static void test_interfaces(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GPtrArray) interfaces = NULL;
    const VxAgentInterface *lo, *eth;
    const VxAgentAddress *address;

    answer(f, "[{\"name\":\"lo\"},"
              "{\"name\":\"eth0\",\"hardware-address\":\"00:16:3e:00:00:01\",\"ip-addresses\":["
              "{\"ip-address-type\":\"ipv4\",\"ip-address\":\"10.0.0.2\",\"prefix\":24}]},"
              "{\"name\":\"eth0:1\",\"ip-addresses\":["
              "{\"ip-address-type\":\"ipv6\",\"ip-address\":\"fe80::1\",\"prefix\":64}]},"
              "{\"name\":\"eth0:2\",\"statistics\":{\"rx-bytes\":1}}]");
    interfaces = vx_agent_get_interfaces(f->agent, &f->error);
    expect_sent(f, "guest-network-get-interfaces", NULL);
    g_assert_cmpuint(interfaces->len, ==, 2);
    lo = interfaces->pdata[0];
    eth = interfaces->pdata[1];
    g_assert_cmpstr(lo->name, ==, "lo");
    g_assert_null(lo->hardware_address);
    g_assert_cmpuint(lo->addresses->len, ==, 0);
    g_assert_cmpstr(eth->hardware_address, ==, "00:16:3e:00:00:01");
    g_assert_cmpuint(eth->addresses->len, ==, 2);
    address = eth->addresses->pdata[1];
    g_assert_cmpstr(address->address, ==, "fe80::1");
    g_assert_cmpint(address->prefix, ==, 64);
    answer(f,
           "[{\"name\":\"x\",\"ip-addresses\":[{\"ip-address-type\":\"ipv4\",\"ip-address\":\"1\",\"prefix\":129}]}]");
    g_assert_null(vx_agent_get_interfaces(f->agent, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "\"prefix\" is out of range");
}

static void test_filesystems(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GPtrArray) all = NULL;
    const VxAgentFilesystem *root, *boot;
    const VxAgentDiskAddress *disk;

    answer(f, "[{\"mountpoint\":\"/boot\",\"name\":\"xvda2\",\"type\":\"vfat\",\"disk\":[]},"
              "{\"mountpoint\":\"/\",\"name\":\"xvda1\",\"type\":\"ext4\",\"used-bytes\":5,\"total-bytes\":9000000000,"
              "\"disk\":[{\"bus-type\":\"unknown\",\"bus\":0,\"target\":0,\"unit\":0,\"dev\":\"/dev/xvda1\","
              "\"pci-controller\":{\"domain\":-1,\"bus\":-1,\"slot\":-1,\"function\":-1}}]}]");
    all = vx_agent_get_filesystems(f->agent, &f->error);
    expect_sent(f, "guest-get-fsinfo", NULL);
    g_assert_cmpuint(all->len, ==, 2);
    root = all->pdata[0];
    boot = all->pdata[1];
    g_assert_cmpstr(root->mount_point, ==, "/");
    g_assert_cmpint(root->total_bytes, ==, 9000000000);
    g_assert_cmpint(boot->used_bytes, ==, -1);
    disk = root->disks->pdata[0];
    g_assert_cmpstr(disk->device, ==, "/dev/xvda1");
    g_assert_cmpint(disk->pci->slot, ==, -1);
    g_assert_null(disk->serial);
}

static void test_disks(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GPtrArray) disks = NULL;
    const VxAgentDisk *disk;

    answer(f, "[{\"name\":\"/dev/dm-0\",\"partition\":false,\"dependencies\":[\"/dev/xvda1\",\"/dev/xvda2\"],"
              "\"alias\":\"vg-root\"}]");
    disks = vx_agent_get_disks(f->agent, &f->error);
    expect_sent(f, "guest-get-disks", NULL);
    disk = disks->pdata[0];
    g_assert_cmpuint(g_strv_length(disk->dependencies), ==, 2);
    g_assert_cmpstr(disk->dependencies[1], ==, "/dev/xvda2");
    g_assert_cmpstr(disk->alias, ==, "vg-root");
    g_assert_null(disk->address);
}

static void test_people(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GPtrArray) users = NULL;
    g_autoptr(VxAgentTimezone) zone = NULL;
    g_autoptr(VxAgentOs) os = NULL;
    const VxAgentUser *user;

    answer(f, "[{\"user\":\"root\",\"login-time\":1700000000.25}]");
    users = vx_agent_get_users(f->agent, &f->error);
    expect_sent(f, "guest-get-users", NULL);
    user = users->pdata[0];
    g_assert_cmpstr(user->name, ==, "root");
    g_assert_cmpfloat(user->login_time, ==, 1700000000.25);
    g_assert_null(user->domain);

    answer(f, "{\"zone\":\"CET\",\"offset\":3600}");
    zone = vx_agent_get_timezone(f->agent, &f->error);
    expect_sent(f, "guest-get-timezone", NULL);
    g_assert_cmpint(zone->offset_s, ==, 3600);

    answer(f, "{\"id\":\"debian\",\"version-id\":\"12\",\"something-new\":[]}");
    os = vx_agent_get_os(f->agent, &f->error);
    expect_sent(f, "guest-get-osinfo", NULL);
    g_assert_cmpstr(os->version_id, ==, "12");
    g_assert_null(os->variant);
}

static void test_time(Fixture *f, const void *data G_GNUC_UNUSED)
{
    gint64 time_ns;

    answer(f, "1700000000123456789");
    g_assert_true(vx_agent_get_time(f->agent, &time_ns, &f->error));
    expect_sent(f, "guest-get-time", NULL);
    g_assert_cmpint(time_ns, ==, 1700000000123456789);
    g_assert_true(vx_agent_set_time(f->agent, 1700000000123456789, &f->error));
    expect_sent(f, "guest-set-time", "{\"time\":1700000000123456789}");
    g_assert_true(vx_agent_set_time_from_rtc(f->agent, &f->error));
    expect_sent(f, "guest-set-time", NULL);
    answer(f, "\"noon\"");
    g_assert_false(vx_agent_get_time(f->agent, &time_ns, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "'guest-get-time' is refused: it is not a number");
}

static void test_freeze(Fixture *f, const void *data G_GNUC_UNUSED)
{
    const char *points[] = {"/", "/a \"b\""};
    const char *odd[] = {"/\xff"};
    bool is_frozen = false;
    unsigned n;

    answer(f, "3");
    g_assert_true(vx_agent_freeze(f->agent, NULL, 0, &n, &f->error));
    expect_sent(f, "guest-fsfreeze-freeze", NULL);
    g_assert_cmpuint(n, ==, 3);
    answer(f, "2");
    g_assert_true(vx_agent_freeze(f->agent, points, 2, &n, &f->error));
    expect_sent(f, "guest-fsfreeze-freeze-list", "{\"mountpoints\":[\"/\",\"/a \\\"b\\\"\"]}");
    answer(f, "\"frozen\"");
    g_assert_true(vx_agent_get_frozen(f->agent, &is_frozen, &f->error));
    expect_sent(f, "guest-fsfreeze-status", NULL);
    g_assert_true(is_frozen);
    answer(f, "0");
    g_assert_true(vx_agent_thaw(f->agent, &n, &f->error));
    expect_sent(f, "guest-fsfreeze-thaw", NULL);
    answer(f, "-1");
    g_assert_false(vx_agent_thaw(f->agent, &n, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "number from 0");
    answer(f, "\"lukewarm\"");
    g_assert_false(vx_agent_get_frozen(f->agent, &is_frozen, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "thawed");
    g_assert_false(vx_agent_freeze(f->agent, odd, 1, &n, &f->error));
    expect_refused(f, VIR_ERR_INVALID_ARG, "guest-fsfreeze-freeze-list");
}

static void test_trim(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(VxAgentTrim) trim = NULL;
    const VxAgentTrimmed *path;

    answer(f, "{\"paths\":[{\"path\":\"/\",\"error\":\"no discard\"}]}");
    trim = vx_agent_trim(f->agent, 4096, &f->error);
    expect_sent(f, "guest-fstrim", "{\"minimum\":4096}");
    path = trim->paths->pdata[0];
    g_assert_cmpstr(path->error, ==, "no discard");
    g_assert_cmpint(path->trimmed_bytes, ==, -1);
}

static void test_password(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_assert_true(vx_agent_set_password(f->agent, "root", "s3cret", false, &f->error));
    expect_sent(f, "guest-set-user-password", "{\"username\":\"root\",\"password\":\"czNjcmV0\",\"crypted\":false}");
    g_assert_true(vx_agent_set_password(f->agent, "a/b", "\xff\xff\xff", true, &f->error)); /* no escape for a slash */
    expect_sent(f, "guest-set-user-password", "{\"username\":\"a/b\",\"password\":\"////\",\"crypted\":true}");
    g_assert_false(vx_agent_set_password(f->agent, "\xff", "x", true, &f->error));
    expect_refused(f, VIR_ERR_INVALID_ARG, "UTF-8");
}

static void test_ssh_keys(Fixture *f, const void *data G_GNUC_UNUSED)
{
    const char *const add[] = {"ssh-ed25519 AAAA me", NULL};
    g_auto(GStrv) keys = NULL;

    answer(f, "{\"keys\":[\"a\",\"b\"]}");
    keys = vx_agent_get_ssh_keys(f->agent, "root", &f->error);
    expect_sent(f, "guest-ssh-get-authorized-keys", "{\"username\":\"root\"}");
    g_assert_cmpuint(g_strv_length(keys), ==, 2);
    g_assert_true(vx_agent_add_ssh_keys(f->agent, "root", add, true, &f->error));
    expect_sent(f, "guest-ssh-add-authorized-keys",
                "{\"username\":\"root\",\"keys\":[\"ssh-ed25519 AAAA me\"],\"reset\":true}");
    g_assert_true(vx_agent_remove_ssh_keys(f->agent, "root", add, &f->error));
    expect_sent(f, "guest-ssh-remove-authorized-keys", "{\"username\":\"root\",\"keys\":[\"ssh-ed25519 AAAA me\"]}");
}

static void test_suspend(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_assert_true(vx_agent_set_timeout(f->agent, 5, NULL));
    fake_agent_answer(f->fake, "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"no\"}}");
    g_assert_false(vx_agent_suspend(f->agent, VX_AGENT_SUSPEND_DISK, &f->error));
    expect_refused(f, VIR_ERR_OPERATION_UNSUPPORTED, "guest-suspend-disk");
    fake_agent_answer_closing(f->fake);
    g_assert_true(vx_agent_suspend(f->agent, VX_AGENT_SUSPEND_RAM, &f->error));
}

#define VCPU(id, online, offlinable) "{\"logical-id\":" #id ",\"online\":" #online ",\"can-offline\":" #offlinable "}"

static GPtrArray *get_vcpus(Fixture *f)
{
    GPtrArray *vcpus;

    answer(f, "[" VCPU(0, true, true) "," VCPU(1, true, false) "," VCPU(2, true, true) "," VCPU(3, false, true) "]");
    vcpus = vx_agent_get_vcpus(f->agent, &f->error);
    expect_sent(f, "guest-get-vcpus", NULL);
    g_assert_cmpuint(vcpus->len, ==, 4);
    return vcpus;
}

static void test_choose_vcpus(Fixture *f, const void *data G_GNUC_UNUSED)
{
    static const struct {
        unsigned n_online, n_chosen;
        int first; /* its number */
        int code;
    } cases[] = {{3, 0, -1, 0},
                 {4, 1, 3, 0},
                 {2, 1, 2, 0},
                 {1, 0, -1, VIR_ERR_INVALID_ARG},
                 {0, 0, -1, VIR_ERR_INVALID_ARG},
                 {5, 0, -1, VIR_ERR_INTERNAL_ERROR}};
    g_autoptr(GPtrArray) vcpus = get_vcpus(f);

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) chosen = vx_agent_choose_vcpus(vcpus, cases[i].n_online, &error);

        if (cases[i].code) {
            g_assert_error(error, VX_ERROR, cases[i].code);
            continue;
        }
        g_assert_cmpuint(chosen->len, ==, cases[i].n_chosen);
        if (chosen->len > 0)
            g_assert_cmpint(((VxAgentVcpu *)chosen->pdata[0])->id, ==, cases[i].first);
    }
}

static void test_set_vcpus(Fixture *f, const void *data G_GNUC_UNUSED)
{
    g_autoptr(GPtrArray) vcpus = get_vcpus(f);

    answer(f, "3"); /* the agent stops, and is asked again from there */
    answer(f, "1");
    g_assert_true(vx_agent_set_vcpus(f->agent, vcpus, &f->error));
    expect_sent(f, "guest-set-vcpus", "{\"vcpus\":[{\"logical-id\":3,\"online\":false}]}");
    answer(f, "5");
    g_assert_false(vx_agent_set_vcpus(f->agent, vcpus, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "from 0 to 4");
    answer(f, "0");
    g_assert_false(vx_agent_set_vcpus(f->agent, vcpus, &f->error));
    expect_refused(f, VIR_ERR_INTERNAL_ERROR, "does not say why");
}

#define ADD(name, function) g_test_add("/agent/commands/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("info", test_info);
    ADD("host-name", test_host_name);
    ADD("null", test_null);
    ADD("interfaces", test_interfaces);
    ADD("filesystems", test_filesystems);
    ADD("disks", test_disks);
    ADD("people", test_people);
    ADD("time", test_time);
    ADD("freeze", test_freeze);
    ADD("trim", test_trim);
    ADD("password", test_password);
    ADD("ssh-keys", test_ssh_keys);
    ADD("suspend", test_suspend);
    ADD("choose-vcpus", test_choose_vcpus);
    ADD("set-vcpus", test_set_vcpus);
    return g_test_run();
}
