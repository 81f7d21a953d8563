/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <unistd.h>

#include "fixture.h"
#include "util/vx_file.h"

static bool has_file(const Fixture *fixture, const char *name)
{
    g_autofree char *path = fixture_path(fixture, name);

    return access(path, F_OK) == 0;
}

static void write_file(const Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = fixture_path(fixture, name);
    GError *error = NULL;

    g_file_set_contents(path, text, -1, &error);
    g_assert_no_error(error);
}

static void assert_heard(Fixture *fixture, const char *expected)
{
    g_autofree char *heard = fixture_take_heard(fixture);

    g_assert_cmpstr(heard, ==, expected);
}

static void define_new(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    g_autofree char *path = fixture_path(fixture, "libxl/web.xml");
    g_autofree char *text = NULL, *xml = NULL;
    GError *error = NULL;
    gsize length;

    (void)data;
    assert_heard(fixture, "web lifecycle 0 0;");
    assert_good(vx_file_read(path, 1 << 20, &text, &length, &error), error);
    xml = vx_get_xml(fixture->driver, domain, VIR_DOMAIN_XML_SECURE, &error);
    g_assert_no_error(error);
    g_assert_true(g_str_has_prefix(text, "<!--\n"));
    g_assert_nonnull(strstr(text, "virsh edit web\n"));
    g_assert_true(g_str_has_suffix(text, xml));
    g_assert_nonnull(strstr(xml, "<on_reboot>restart</on_reboot>"));
}

static void define_again(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    g_autoptr(VxDomainObj) again = define_guest(fixture, "web", 1);

    (void)data;
    g_assert_true(domain == again);
    assert_heard(fixture, "web lifecycle 0 0;web lifecycle 0 1;");
}

static void define_clash(Fixture *fixture, gconstpointer data)
{
    G_GNUC_UNUSED g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    g_autofree char *same_name = guest_xml("web", 2, NULL);
    g_autofree char *same_uuid = guest_xml("mail", 1, NULL);
    g_auto(VxDomainRef) ref = {0};
    GError *error = NULL;

    (void)data;
    assert_fails(vx_define_xml(fixture->driver, same_name, 0, &ref, &error), error, VIR_ERR_OPERATION_FAILED,
                 "8b3a0c1e-0000-4000-8000-000000000001");
    assert_fails(vx_define_xml(fixture->driver, same_uuid, 0, &ref, &error), error, VIR_ERR_OPERATION_FAILED,
                 "the domain 'web', not 'mail'");
    g_assert_false(has_file(fixture, "libxl/mail.xml"));
    g_assert_cmpuint(vx_count_defined(fixture->driver), ==, 1);
}

static void define_wrong(Fixture *fixture, gconstpointer data)
{
    static const struct {
        const char *xml;
        int code;
        const char *words;
    } cases[] = {
        {"<domain", VIR_ERR_XML_DETAIL, "line 1"},
        {"", VIR_ERR_XML_DETAIL, "empty"},
        {"<disk/>", VIR_ERR_XML_DETAIL, "write a <domain>"},
        {"<domain type='xen'>\n<name>a</name>\n<memory>x</memory><os><type>hvm</type></os></domain>", VIR_ERR_XML_ERROR,
         "line 3"},
        {"<domain type='kvm'><name>a</name><memory>4096</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>",
         VIR_ERR_CONFIG_UNSUPPORTED, "type='xen'"},
        {"<domain type='xen'><name>a/b</name><memory>4096</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>",
         VIR_ERR_XML_ERROR, "no '/'"},
        {"<domain type='xen'><name>a</name><vcpu>1</vcpu><os><type>hvm</type></os></domain>", VIR_ERR_XML_ERROR,
         "<memory>"},
        {"<domain type='xen'><name>a</name><memory>9</memory><vcpu "
         "current='2'>1</vcpu><os><type>hvm</type></os></domain>",
         VIR_ERR_XML_ERROR, "more than the 1"},
    };
    GError *error = NULL;

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        VxDomainRef ref = {0};

        assert_fails(vx_define_xml(fixture->driver, cases[i].xml, 0, &ref, &error), error, cases[i].code,
                     cases[i].words);
    }
    g_assert_cmpuint(vx_count_defined(fixture->driver), ==, 0);
}

static void define_validate(Fixture *fixture, gconstpointer data)
{
    g_autofree char *xml = guest_xml("web", 1, "<teapot/>");
    g_auto(VxDomainRef) ref = {0}, loose = {0};
    GError *error = NULL;

    (void)data;
    assert_fails(vx_define_xml(fixture->driver, xml, VIR_DOMAIN_DEFINE_VALIDATE, &ref, &error), error,
                 VIR_ERR_XML_INVALID_SCHEMA, "teapot");
    assert_good(vx_define_xml(fixture->driver, xml, 0, &loose, &error), error);
    assert_fails(vx_define_xml(fixture->driver, xml, 1 << 20, &ref, &error), error, VIR_ERR_INVALID_ARG, "flags");
}

static void define_virtio(Fixture *fixture, gconstpointer data)
{
    g_autofree char *xml = guest_xml("web", 1,
                                     "<channel type='unix'><source mode='bind' path='/run/x.sock'/>"
                                     "<target type='virtio' name='org.qemu.guest_agent.0'/></channel>");
    g_auto(VxDomainRef) ref = {0};
    g_autoptr(VxDomainObj) domain = NULL;
    g_autofree char *out = NULL;
    GError *error = NULL;

    (void)data;
    fixture->driver->config.virtio_channels = VX_VIRTIO_CHANNELS_REFUSE;
    assert_fails(vx_define_xml(fixture->driver, xml, 0, &ref, &error), error, VIR_ERR_CONFIG_UNSUPPORTED,
                 "type='xen' name='org.qemu.guest_agent.0'");
    fixture->driver->config.virtio_channels = VX_VIRTIO_CHANNELS_MAP;
    assert_good(vx_define_xml(fixture->driver, xml, 0, &ref, &error), error);
    domain = vx_find_name(fixture->driver, "web", &error);
    out = vx_get_xml(fixture->driver, domain, 0, &error);
    g_assert_nonnull(strstr(out, "<target type='xen' name='org.qemu.guest_agent.0'/>"));
    g_assert_nonnull(strstr(out, "path='/run/x.sock'"));
}

static void undefine(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    GError *error = NULL;

    (void)data;
    assert_good(vx_set_autostart(fixture->driver, domain, true, &error), error);
    assert_fails(
        vx_undefine(fixture->driver, domain, VIR_DOMAIN_UNDEFINE_NVRAM | VIR_DOMAIN_UNDEFINE_KEEP_NVRAM, &error), error,
        VIR_ERR_INVALID_ARG, "exclude");
    assert_good(vx_undefine(fixture->driver, domain, VIR_DOMAIN_UNDEFINE_MANAGED_SAVE, &error), error);
    assert_heard(fixture, "web lifecycle 0 0;web lifecycle 1 0;");
    g_assert_false(has_file(fixture, "libxl/web.xml"));
    g_assert_false(has_file(fixture, "libxl/autostart/web.xml"));
    assert_fails(vx_undefine(fixture->driver, domain, 0, &error), error, VIR_ERR_NO_DOMAIN, "000000000001");
    g_assert_null(vx_find_name(fixture->driver, "web", NULL));
}

static void restart(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autoptr(VxDomainObj) mail = define_guest(fixture, "m a'il&", 2);
    g_autoptr(VxDomainObj) found = NULL;
    g_autofree char *before = NULL, *after = NULL;
    GError *error = NULL;
    bool autostart;

    (void)data;
    assert_good(vx_set_autostart(fixture->driver, web, true, &error), error);
    before = vx_get_xml(fixture->driver, mail, 0, &error);
    fixture_restart(fixture);
    g_assert_cmpuint(vx_count_defined(fixture->driver), ==, 2);
    found = vx_find_name(fixture->driver, "m a'il&", &error);
    g_assert_no_error(error);
    after = vx_get_xml(fixture->driver, found, 0, &error);
    g_assert_cmpstr(before, ==, after);
    assert_good(vx_get_autostart(found, &autostart, &error), error);
    g_assert_false(autostart);
    g_clear_pointer(&found, vx_domain_obj_unref);
    found = vx_find_name(fixture->driver, "web", &error);
    assert_good(vx_get_autostart(found, &autostart, &error), error);
    g_assert_true(autostart);
}

static void rename_domain(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    G_GNUC_UNUSED g_autoptr(VxDomainObj) mail = define_guest(fixture, "mail", 2);
    g_autoptr(VxDomainObj) found = NULL;
    GError *error = NULL;
    bool autostart;

    (void)data;
    assert_good(vx_set_autostart(fixture->driver, web, true, &error), error);
    g_free(fixture_take_heard(fixture));
    assert_fails(vx_rename(fixture->driver, web, "mail", 0, &error), error, VIR_ERR_OPERATION_INVALID,
                 "already exists");
    assert_fails(vx_rename(fixture->driver, web, "web", 0, &error), error, VIR_ERR_OPERATION_INVALID, "called 'web'");
    assert_fails(vx_rename(fixture->driver, web, "../x", 0, &error), error, VIR_ERR_XML_ERROR, "no '/'");
    assert_good(vx_rename(fixture->driver, web, "shop", 0, &error), error);
    assert_heard(fixture, "web lifecycle 1 1;shop lifecycle 0 2;");
    g_assert_null(vx_find_name(fixture->driver, "web", NULL));
    g_assert_false(has_file(fixture, "libxl/web.xml"));
    fixture_restart(fixture);
    found = vx_find_name(fixture->driver, "shop", &error);
    g_assert_no_error(error);
    assert_good(vx_get_autostart(found, &autostart, &error), error);
    g_assert_true(autostart);
}

/* A crash between the two steps of a rename leaves the new definition under the old file name. */
static void rename_finished(Fixture *fixture, gconstpointer data)
{
    g_autofree char *xml = guest_xml("shop", 1, NULL);
    g_autoptr(VxDomainObj) found = NULL;

    (void)data;
    write_file(fixture, "libxl/web.xml", xml);
    fixture_restart(fixture);
    found = vx_find_name(fixture->driver, "shop", NULL);
    g_assert_nonnull(found);
    g_assert_true(has_file(fixture, "libxl/shop.xml"));
    g_assert_false(has_file(fixture, "libxl/web.xml"));
}

static void damaged(Fixture *fixture, gconstpointer data)
{
    G_GNUC_UNUSED g_autoptr(VxDomainObj) good = define_guest(fixture, "good", 1);
    g_autoptr(VxDomainObj) again = NULL;

    (void)data;
    write_file(fixture, "libxl/torn.xml", "<domain type='xen'><name>torn</na");
    write_file(fixture, "libxl/odd.xml", "<domain type='xen'><name>odd</name></domain>");
    write_file(fixture, "libxl/.0123abcd.vxnew", "<dom");
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "cannot load *.xml: *");
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*");
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*");
    fixture_restart(fixture);
    g_test_assert_expected_messages();
    g_assert_cmpuint(vx_count_defined(fixture->driver), ==, 1);
    g_assert_true(has_file(fixture, "libxl/torn.xml.damaged"));
    g_assert_true(has_file(fixture, "libxl/odd.xml"));
    g_assert_false(has_file(fixture, "libxl/.0123abcd.vxnew"));

    /* A new domain of that name does not cost the file that could not be read. */
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*odd.xml is kept as *");
    again = define_guest(fixture, "odd", 3);
    g_test_assert_expected_messages();
    g_assert_true(has_file(fixture, "libxl/odd.xml.damaged"));
}

static void no_space(Fixture *fixture, gconstpointer data)
{
    g_autofree char *folder = fixture_path(fixture, "libxl");
    g_autofree char *away = fixture_path(fixture, "away");
    g_autofree char *xml = guest_xml("web", 1, NULL);
    g_autoptr(VxDomainObj) domain = NULL;
    VxDomainRef ref = {0};
    GError *error = NULL;

    (void)data;
    g_assert_cmpint(g_rename(folder, away), ==, 0);
    assert_fails(vx_define_xml(fixture->driver, xml, 0, &ref, &error), error, VIR_ERR_SYSTEM_ERROR, "cannot write");
    g_assert_null(vx_find_name(fixture->driver, "web", NULL));
    g_assert_cmpint(g_rename(away, folder), ==, 0);
    domain = define_guest(fixture, "web", 1);
    assert_heard(fixture, "web lifecycle 0 0;");
}

static void longest_name(Fixture *fixture, gconstpointer data)
{
    g_autofree char *name = g_strnfill(VX_STORE_NAME_MAX_BYTES, 'n');
    g_autofree char *longer = g_strnfill(VX_STORE_NAME_MAX_BYTES + 1, 'n');
    g_autofree char *xml = guest_xml(longer, 2, NULL);
    G_GNUC_UNUSED g_autoptr(VxDomainObj) domain = define_guest(fixture, name, 1);
    VxDomainRef ref = {0};
    GError *error = NULL;

    (void)data;
    assert_fails(vx_define_xml(fixture->driver, xml, 0, &ref, &error), error, VIR_ERR_XML_ERROR, "252 bytes");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(function) g_test_add("/define/" #function, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
    ADD(define_new);
    ADD(define_again);
    ADD(define_clash);
    ADD(define_wrong);
    ADD(define_validate);
    ADD(define_virtio);
    ADD(undefine);
    ADD(restart);
    ADD(rename_domain);
    ADD(rename_finished);
    ADD(damaged);
    ADD(no_space);
    ADD(longest_name);
    return g_test_run();
}
