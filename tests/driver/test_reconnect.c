/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The daemon comes back: what it finds, and what it missed.
 */
#include "driver/save.h"
#include "fixture.h"

static int start(Fixture *fixture, VxDomainObj *domain, unsigned flags)
{
    GError *error = NULL;

    assert_good(vx_start(fixture->driver, domain, flags, NULL, &error), error);
    vx_memory_hypervisor_settle(fixture->memory);
    return id_of(domain);
}

static VxDomainObj *define_and_start(Fixture *fixture, const char *name, unsigned uuid_end, unsigned flags, int *id)
{
    VxDomainObj *domain = define_guest(fixture, name, uuid_end);

    *id = start(fixture, domain, flags);
    return domain;
}

/* The guest ID of DOMAIN disappears, or dies, while nobody looks. */
static void unwatch(Fixture *fixture)
{
    ((VxHypervisor *)fixture->memory)->ops->watch((VxHypervisor *)fixture->memory, NULL, NULL);
}

static void restart(Fixture *fixture, VxDomainObj **domain, const char *name)
{
    g_clear_pointer(domain, vx_domain_obj_unref);
    fixture_restart(fixture);
    *domain = find_domain(fixture, name);
}

/* Whether the status file PATH says that a guest is half made, which it may for a moment after that has started. */
static bool is_half_made(const char *path)
{
    g_autofree char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, "<pending");
}

static void write_status(Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *file = g_strdup_printf("run/%s.xml", name), *path = fixture_path(fixture, file);

    wait_for(!is_half_made(path));
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *status_text(const char *name, unsigned uuid_end, int id, const char *head, const char *more)
{
    g_autofree char *xml = guest_xml(name, uuid_end, NULL);

    return g_strdup_printf("<domstatus %s pid='0'>\n%s<domain type='xen' id='%d'>%s</domstatus>\n", head, more, id,
                           xml + strlen("<domain type='xen'>"));
}

static void as_they_were(Fixture *fixture, gconstpointer data)
{
    int id_web, id_mail, reason;
    g_autoptr(VxDomainObj) web = define_and_start(fixture, "web", 1, 0, &id_web);
    g_autoptr(VxDomainObj) mail = define_and_start(fixture, "mail", 2, VIR_DOMAIN_START_PAUSED, &id_mail);
    g_autofree char *xml = guest_xml("gone", 4, NULL), *status = fixture_path(fixture, "run/web.xml"), *text = NULL;
    g_auto(VxDomainRef) ref = {0};
    GError *error = NULL;

    (void)data;
    assert_good(vx_create_xml(fixture->driver, xml, 0, NULL, &ref, &error), error);
    g_assert_true(g_file_get_contents(status, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "<domstatus state='running' reason='booted' pid='"));
    restart(fixture, &web, "web");
    g_clear_pointer(&mail, vx_domain_obj_unref);
    mail = find_domain(fixture, "mail");
    g_assert_cmpint(id_of(web), ==, id_web);
    g_assert_cmpint(state_of(fixture, web, &reason), ==, VIR_DOMAIN_RUNNING);
    g_assert_cmpint(reason, ==, VIR_DOMAIN_RUNNING_BOOTED);
    g_assert_cmpint(id_of(mail), ==, id_mail);
    g_assert_cmpint(state_of(fixture, mail, NULL), ==, VIR_DOMAIN_PAUSED);
    vx_domain_obj_unref(find_domain(fixture, "gone"));
    assert_good(vx_destroy(fixture->driver, web, 0, &error), error);
    g_assert_false(g_file_test(status, G_FILE_TEST_EXISTS));
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 2);
}

/* What the guest was told to do before, it does after. */
static void reboot_by_button(Fixture *fixture, gconstpointer data)
{
    int id;
    g_autoptr(VxDomainObj) web = define_and_start(fixture, "web", 1, 0, &id);
    GError *error = NULL;

    (void)data;
    assert_good(vx_reboot(fixture->driver, web, VIR_DOMAIN_REBOOT_ACPI_POWER_BTN, &error), error);
    restart(fixture, &web, "web");
    restart(fixture, &web, "web");
    vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_POWEROFF);
    wait_for(id_of(web) > id);
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_RUNNING);
}

static void missed(Fixture *fixture, gconstpointer data)
{
    int id_web, id_mail, id_shop;
    g_autoptr(VxDomainObj) web = define_and_start(fixture, "web", 1, 0, &id_web);
    g_autoptr(VxDomainObj) mail = define_and_start(fixture, "mail", 2, 0, &id_mail);
    g_autoptr(VxDomainObj) shop = define_and_start(fixture, "shop", 3, 0, &id_shop);
    g_autofree char *status = fixture_path(fixture, "run/web.xml");

    (void)data;
    unwatch(fixture);
    vx_memory_hypervisor_remove(fixture->memory, id_web);
    vx_memory_hypervisor_shut_down(fixture->memory, id_mail, VX_GUEST_POWEROFF);
    vx_memory_hypervisor_shut_down(fixture->memory, id_shop, VX_GUEST_REBOOT);
    restart(fixture, &web, "web");
    g_clear_pointer(&mail, vx_domain_obj_unref);
    mail = find_domain(fixture, "mail");
    g_clear_pointer(&shop, vx_domain_obj_unref);
    shop = find_domain(fixture, "shop");
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_SHUTOFF);
    g_assert_false(g_file_test(status, G_FILE_TEST_EXISTS));
    wait_for(id_of(mail) == -1);
    wait_for(id_of(shop) > id_shop && is_idle(shop));
    wait_for(vx_memory_hypervisor_count(fixture->memory) == 1);
}

/* A channel came into the guest, and its definition did not say so yet. */
static void plugging(Fixture *fixture, gconstpointer data)
{
    static const char element[] = "<target type='xen' name='org.late'";
    int id;
    g_autoptr(VxDomainObj) web = define_and_start(fixture, "web", 1, 0, &id);
    g_autofree char *status = fixture_path(fixture, "run/web.xml"), *text = NULL;

    (void)data;
    vx_memory_hypervisor_leave_unsettled(fixture->memory, id, "org.late");
    restart(fixture, &web, "web");
    wait_for(g_file_get_contents(status, &text, NULL, NULL) && strstr(text, element) ? true : (g_free(text), false));
    g_assert_cmpint(id_of(web), ==, id);
}

/* Somebody else's guest has the id that ours had. */
static void reused_id(Fixture *fixture, gconstpointer data)
{
    int id_other;
    g_autoptr(VxDomainObj) other = define_and_start(fixture, "other", 2, 0, &id_other);
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autofree char *text = status_text("web", 1, id_other, "state='running' reason='booted'", "");

    (void)data;
    write_status(fixture, "web", text);
    restart(fixture, &web, "web");
    g_clear_pointer(&other, vx_domain_obj_unref);
    other = find_domain(fixture, "other");
    g_assert_cmpint(id_of(web), ==, -1);
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_SHUTOFF);
    g_assert_cmpint(id_of(other), ==, id_other);
    g_assert_cmpint(state_of(fixture, other, NULL), ==, VIR_DOMAIN_RUNNING);
}

/* As libvirt's daemon leaves it, with its own things in it. */
static void taken_over(Fixture *fixture, gconstpointer data)
{
    int id, reason;
    g_autoptr(VxDomainObj) web = define_and_start(fixture, "web", 1, 0, &id);
    g_autofree char *text =
        status_text("web", 1, id, "state='running' reason='unpaused'",
                    "<taint flag='custom-argv'/>\n<lockstate>x</lockstate>\n<lockProcessRunning/>\n");

    (void)data;
    write_status(fixture, "web", text);
    restart(fixture, &web, "web");
    g_assert_cmpint(id_of(web), ==, id);
    g_assert_cmpint(state_of(fixture, web, &reason), ==, VIR_DOMAIN_RUNNING);
    g_assert_cmpint(reason, ==, VIR_DOMAIN_RUNNING_UNPAUSED);
}

/* Files that make no sense are left, and harm nobody. */
static void hostile(Fixture *fixture, gconstpointer data)
{
    g_autofree char *wrong_state = status_text("a", 10, 1, "state='asleep'", "");
    g_autofree char *wrong_name = status_text("b", 11, 1, "state='running'", "");
    g_autofree char *taken = status_text("taken", 1, 1, "state='running'", "");
    const char *const files[][3] = {{"garbage", "\x01\x02<<<", "*garbage.xml*"},
                                    {"empty", "", "*empty.xml*"},
                                    {"a", wrong_state, "*asleep*"},
                                    {"c", wrong_name, "*of the domain 'b'*"},
                                    {"root", "<domain type='xen'/>", "*no <domstatus>*"},
                                    {"none", "<domstatus state='running'><domain type='xen'/></domstatus>", "*lacks*"},
                                    {"taken", taken, "*belongs to*"}};
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *name = g_strdup_printf("run/%s.xml", files[i][0]), *path = fixture_path(fixture, name);

        write_status(fixture, files[i][0], files[i][1]);
        g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, files[i][2]);
        restart(fixture, &web, "web");
        g_test_assert_expected_messages();
        g_assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
        g_assert_cmpint(id_of(web), ==, -1);
        g_assert_cmpint(remove(path), ==, 0);
    }
}

/* What the daemon was about to do when it was killed. */
static void pending(Fixture *fixture, gconstpointer data)
{
    int id;
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autoptr(VxDomainObj) mail = define_and_start(fixture, "mail", 2, VIR_DOMAIN_START_PAUSED, &id);
    g_autoptr(VxDomainObj) shop = define_and_start(fixture, "shop", 3, 0, &id);
    g_autofree char *restarting = status_text("web", 1, 77, "state='shutdown'", "<pending action='restart'/>");
    g_autofree char *starting = status_text("mail", 2, 77, "state='shutoff'", "<pending action='start'/>");
    g_autofree char *saving = status_text("shop", 3, id, "state='running'", "<pending action='save'/>");

    (void)data;
    unwatch(fixture);
    vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_SUSPEND);
    write_status(fixture, "web", restarting);
    write_status(fixture, "mail", starting);
    write_status(fixture, "shop", saving);
    restart(fixture, &web, "web");
    g_clear_pointer(&mail, vx_domain_obj_unref);
    mail = find_domain(fixture, "mail");
    g_clear_pointer(&shop, vx_domain_obj_unref);
    shop = find_domain(fixture, "shop");
    wait_for(id_of(web) > 0 && is_idle(web));
    wait_for(id_of(mail) == -1 && is_idle(mail));
    wait_for(is_idle(shop));
    g_assert_cmpint(state_of(fixture, shop, NULL), ==, VIR_DOMAIN_RUNNING);
    wait_for(vx_memory_hypervisor_count(fixture->memory) == 2);
}

/* Xen does not answer at first: what the files say counts until it does. */
static void silent_xen(Fixture *fixture, gconstpointer data)
{
    int id;
    g_autoptr(VxDomainObj) web = define_and_start(fixture, "web", 1, 0, &id);

    (void)data;
    unwatch(fixture);
    vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_POWEROFF);
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*cannot be listed*");
    vx_memory_hypervisor_fail_at(fixture->memory, 1);
    restart(fixture, &web, "web");
    g_test_assert_expected_messages();
    g_assert_cmpint(id_of(web), ==, id);
    wait_for(id_of(web) == -1);
}

static void autostart(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autoptr(VxDomainObj) mail = define_guest(fixture, "mail", 2);
    g_autofree char *mark = fixture_path(fixture, "run/autostarted");
    GError *error = NULL;

    (void)data;
    assert_good(vx_set_autostart(fixture->driver, web, true, &error), error);
    restart(fixture, &web, "web"); /* the daemon, not the host */
    g_usleep(20000);
    g_assert_cmpint(id_of(web), ==, -1);
    g_assert_cmpint(remove(mark), ==, 0);
    restart(fixture, &web, "web");
    wait_for(id_of(web) > 0);
    g_assert_true(g_file_test(mark, G_FILE_TEST_EXISTS));
    g_clear_pointer(&mail, vx_domain_obj_unref);
    mail = find_domain(fixture, "mail");
    g_assert_cmpint(id_of(mail), ==, -1);
}

/* libvirt's daemon leaves a file of the host among those of its guests, and may leave a definition. */
static void host_of_libvirt(Fixture *fixture, gconstpointer data)
{
    static const char xml[] = "<domain type='xen' id='0'><name>Domain-0</name>"
                              "<uuid>00000000-0000-0000-0000-000000000000</uuid><memory>65536</memory><vcpu>1</vcpu>"
                              "<os><type>linux</type></os></domain>";
    g_autofree char *text = g_strdup_printf("<domstatus state='running' reason='booted' pid='0'>%s</domstatus>\n", xml);
    g_autofree char *definition = fixture_path(fixture, "libxl/Domain-0.xml");
    g_autoptr(VxDomainObj) host = NULL;

    write_status(fixture, "Domain-0", text);
    if (g_str_equal(data, "defined"))
        g_assert_true(g_file_set_contents(definition, xml, -1, NULL));
    restart(fixture, &host, "Domain-0");
    g_usleep(20000); /* what was lost would be swept up by now */
    g_clear_pointer(&host, vx_domain_obj_unref);
    host = find_domain(fixture, "Domain-0");
    g_assert_true(host->is_domain_zero);
    g_assert_cmpint(id_of(host), ==, 0);
    g_assert_cmpint(state_of(fixture, host, NULL), ==, VIR_DOMAIN_RUNNING);
}

#define ADD(name) g_test_add("/driver/reconnect/" #name, Fixture, "memory", fixture_set_up, name, fixture_tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(as_they_were);
    ADD(reboot_by_button);
    ADD(missed);
    ADD(plugging);
    ADD(reused_id);
    ADD(taken_over);
    ADD(host_of_libvirt);
    g_test_add("/driver/reconnect/host_of_libvirt_defined", Fixture, "defined", fixture_set_up, host_of_libvirt,
               fixture_tear_down);
    ADD(hostile);
    ADD(pending);
    ADD(silent_xen);
    ADD(autostart);
    return g_test_run();
}
