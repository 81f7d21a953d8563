/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon_config.h"

#include <string.h>

typedef struct {
    VxDaemonConfig *config;
    unsigned n_errors;
    unsigned n_warnings;
    char *told;
} Parsed;

static void parsed_clear(Parsed *parsed)
{
    vx_daemon_config_free(parsed->config);
    g_free(parsed->told);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parsed, parsed_clear)

static Parsed parse(const char *text)
{
    g_autoptr(VxDiag) diag = vx_diag_new("virtxld.conf", text, strlen(text), 0);
    g_autoptr(GString) told = g_string_new(NULL);
    Parsed parsed = {.config = vx_daemon_config_new()};

    vx_daemon_config_parse(parsed.config, text, strlen(text), diag);
    vx_diag_format(diag, 0, told);
    parsed.n_errors = vx_diag_n_errors(diag);
    parsed.n_warnings = vx_diag_n_warnings(diag);
    parsed.told = g_strdup(told->str);
    return parsed;
}

static void test_defaults(void)
{
    g_autoptr(VxDaemonConfig) config = vx_daemon_config_new();

    g_assert_cmpstr(config->unix_sock_group, ==, "libvirt");
    g_assert_cmpuint(config->unix_sock_rw_perms, ==, 0770);
    g_assert_cmpuint(config->max_clients, ==, 5000);
    g_assert_cmpuint(config->max_client_requests, ==, 5);
    g_assert_cmpint(config->auth_unix_rw, ==, VX_AUTH_NONE);
    g_assert_cmpint(config->virtio_channels, ==, VX_VIRTIO_SETTING_MAP);
    g_assert_false(config->listen_legacy);
}

static void test_values(void)
{
    g_auto(Parsed) p = parse("# comment\n"
                             "unix_sock_group = \"wheel\" # why\n"
                             "\tunix_sock_ro_perms='0700'\r\n"
                             "max_clients=7\n"
                             "listen_legacy = 1\n"
                             "auth_unix_rw = \"polkit\"\n"
                             "channel_dir = \"/tmp/a b#c\"\n"
                             "virtio_channels = \"refuse\"\n"
                             "keepalive_interval = 0");

    g_assert_cmpstr(p.told, ==, "");
    g_assert_cmpstr(p.config->unix_sock_group, ==, "wheel");
    g_assert_cmpuint(p.config->unix_sock_ro_perms, ==, 0700);
    g_assert_cmpuint(p.config->max_clients, ==, 7);
    g_assert_true(p.config->listen_legacy);
    g_assert_cmpint(p.config->auth_unix_rw, ==, VX_AUTH_POLKIT);
    g_assert_cmpstr(p.config->channel_dir, ==, "/tmp/a b#c");
    g_assert_cmpint(p.config->virtio_channels, ==, VX_VIRTIO_SETTING_REFUSE);
    g_assert_cmpuint(p.config->keepalive_interval, ==, 0);
}

/* What is wrong is said, at its place, and changes nothing; the lines behind are read. */
static void test_mistakes(void)
{
    static const struct {
        const char *line;
        const char *told;
    } cases[] = {
        {"max_clients = 0", "2:15: error: max_clients takes a number from 1 to"},
        {"max_clients = \"7\"", "a number"},
        {"max_clients = 99999999999", "a number"},
        {"max_clients = -1", "a number"},
        {"max_clients =", "a number"},
        {"unix_sock_group = wheel", "in quotes"},
        {"unix_sock_group = \"wheel", "no closing \""},
        {"unix_sock_rw_perms = \"0999\"", "octal"},
        {"unix_sock_rw_perms = 0770", "octal"},
        {"unix_sock_rw_perms = \"7777\"", "octal"},
        {"listen_legacy = yes", "0 (no) or 1 (yes)"},
        {"auth_unix_rw = \"sasl\"", "none or polkit"},
        {"config_dir = \"etc\"", "an absolute path"},
        {"max_clients", "key = value"},
        {"= 3", "key = value"},
        {"[section]", "key = value"},
        {"max_clients = 5 6", "nothing but a comment"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("# first\n%s\nprio_workers = 3\n", cases[i].line);
        g_auto(Parsed) p = parse(text);

        if (p.n_errors != 1 || !strstr(p.told, cases[i].told))
            g_error("'%s' gave %u errors: %s", cases[i].line, p.n_errors, p.told);
        g_assert_cmpuint(p.config->max_clients, ==, 5000);
        g_assert_cmpuint(p.config->unix_sock_rw_perms, ==, 0770);
        g_assert_cmpuint(p.config->prio_workers, ==, 3);
    }
}

static void test_unknown(void)
{
    g_auto(Parsed) p = parse("max_client = 3\ntls_port = [ \"16514\",\n");

    g_assert_cmpuint(p.n_errors, ==, 0);
    g_assert_cmpuint(p.n_warnings, ==, 2);
    g_assert_nonnull(strstr(p.told, "did you mean 'max_clients'"));
    g_assert_nonnull(strstr(p.told, "no setting 'tls_port'"));
}

/* The file that is shipped, with every setting switched on, is the defaults again. */
static void test_example(void)
{
    g_autoptr(GString) example = g_string_new(NULL);
    g_autoptr(GString) active = g_string_new(NULL);
    g_autoptr(VxDaemonConfig) defaults = vx_daemon_config_new();
    g_auto(GStrv) lines = NULL;
    unsigned n = 0;

    vx_daemon_config_write_example(example);
    lines = g_strsplit(example->str, "\n", -1);
    for (gsize i = 0; lines[i]; i++) {
        bool is_setting = lines[i][0] == '#' && g_ascii_islower(lines[i][1]);

        g_assert_cmpuint(strlen(lines[i]), <=, 120);
        g_assert_true(!lines[i][0] || lines[i][0] == '#');
        n += is_setting;
        g_string_append_printf(active, "%s\n", lines[i] + is_setting);
    }
    g_auto(Parsed) p = parse(active->str);
    g_assert_cmpstr(p.told, ==, "");
#define CHECK(kind, key)                                                                                               \
    g_assert_cmp##kind(p.config->key, ==, defaults->key);                                                              \
    n--;
#define VX_TEXT(key, value, documentation) CHECK(str, key)
#define VX_COUNT(key, value, least, most, documentation) CHECK(uint, key)
#define VX_MODE(key, value, documentation) CHECK(uint, key)
#define VX_SWITCH(key, value, documentation) CHECK(int, key)
#define VX_CHOICE(key, value, table, documentation) CHECK(int, key)
#include "daemon/daemon_settings.def"
    g_assert_cmpuint(n, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/daemon/config/defaults", test_defaults);
    g_test_add_func("/daemon/config/values", test_values);
    g_test_add_func("/daemon/config/mistakes", test_mistakes);
    g_test_add_func("/daemon/config/unknown", test_unknown);
    g_test_add_func("/daemon/config/example", test_example);
    return g_test_run();
}
