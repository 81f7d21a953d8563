/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "driver/host.h"
#include "fixture.h"

static unsigned count(Fixture *fixture, unsigned flags)
{
    GError *error = NULL;
    g_autoptr(GArray) refs = vx_list_domains(fixture->driver, flags, &error);

    g_assert_no_error(error);
    return refs->len;
}

static void find(Fixture *fixture, gconstpointer data)
{
    G_GNUC_UNUSED g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    static const guint8 nobody[16] = {1};
    GError *error = NULL;

    (void)data;
    g_assert_null(vx_find_name(fixture->driver, "mail", &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_NO_DOMAIN);
    g_clear_error(&error);
    g_assert_null(vx_find_uuid(fixture->driver, nobody, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_NO_DOMAIN);
    g_clear_error(&error);
    g_assert_null(vx_find_id(fixture->driver, 1, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_NO_DOMAIN);
    g_clear_error(&error);
}

/* web runs, mail is paused and starts with the host, shop is off, gone runs and is transient; there is Domain-0, too.
 */
static void filters(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autoptr(VxDomainObj) mail = define_guest(fixture, "mail", 2);
    G_GNUC_UNUSED g_autoptr(VxDomainObj) shop = define_guest(fixture, "shop", 3);
    g_autofree char *gone = guest_xml("gone", 4, NULL);
    g_auto(VxDomainRef) ref = {0};
    g_autoptr(GPtrArray) names = NULL;
    g_autoptr(GArray) ids = NULL;
    GError *error = NULL;

    (void)data;
    assert_good(vx_start(fixture->driver, web, 0, NULL, &error), error);
    assert_good(vx_start(fixture->driver, mail, VIR_DOMAIN_START_PAUSED, NULL, &error), error);
    assert_good(vx_set_autostart(fixture->driver, mail, true, &error), error);
    assert_good(vx_create_xml(fixture->driver, gone, 0, NULL, &ref, &error), error);
    g_assert_cmpuint(count(fixture, 0), ==, 5);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_ACTIVE), ==, 4);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_INACTIVE), ==, 1);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_INACTIVE), ==, 5);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_PERSISTENT), ==, 4);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_TRANSIENT), ==, 1);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_RUNNING), ==, 3);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_PAUSED | VIR_CONNECT_LIST_DOMAINS_SHUTOFF), ==, 2);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_OTHER), ==, 0);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_AUTOSTART), ==, 1);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART | VIR_CONNECT_LIST_DOMAINS_ACTIVE), ==, 3);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE), ==, 0);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT), ==, 5);
    g_assert_cmpuint(count(fixture, VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT), ==, 0);
    g_assert_null(vx_list_domains(fixture->driver, 1u << 31, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_INVALID_ARG);
    g_clear_error(&error);
    names = vx_list_defined_names(fixture->driver, 10);
    g_assert_cmpuint(names->len, ==, 1);
    g_assert_cmpstr(names->pdata[0], ==, "shop");
    ids = vx_list_ids(fixture->driver, 2);
    g_assert_cmpuint(ids->len, ==, 2);
}

static void life(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    VxDriver *driver = fixture->driver;
    g_autofree char *heard = NULL;
    g_auto(VxDomainRef) ref = {0};
    GError *error = NULL;
    int state, reason;

    (void)data;
    g_free(fixture_take_heard(fixture));
    assert_fails(vx_destroy(driver, web, 0, &error), error, VIR_ERR_OPERATION_INVALID, "not running");
    assert_good(vx_start(driver, web, 0, NULL, &error), error);
    assert_fails(vx_start(driver, web, 0, NULL, &error), error, VIR_ERR_OPERATION_INVALID, "already running");
    assert_fails(vx_resume(driver, web, &error), error, VIR_ERR_OPERATION_INVALID, "not paused");
    assert_good(vx_suspend(driver, web, &error), error);
    assert_good(vx_get_state(fixture->driver, web, 0, &state, &reason, &error), error);
    g_assert_cmpint(state, ==, VIR_DOMAIN_PAUSED);
    assert_good(vx_resume(driver, web, &error), error);
    assert_good(vx_domain_obj_get_ref(web, &ref, &error), error);
    vx_memory_hypervisor_happen(fixture->memory, ref.id, VX_GUEST_EVENT_GONE);
    assert_good(vx_get_state(fixture->driver, web, 0, &state, &reason, &error), error);
    g_assert_cmpint(state, ==, VIR_DOMAIN_SHUTOFF);
    heard = fixture_take_heard(fixture);
    g_assert_cmpstr(heard, ==, "web lifecycle 2 0;web lifecycle 3 0;web lifecycle 4 0;web lifecycle 5 1;");
}

/* A transient domain goes with its guest; an undefined one that runs becomes transient. */
static void transient(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    VxDriver *driver = fixture->driver;
    GError *error = NULL;
    bool persistent;

    (void)data;
    assert_good(vx_start(driver, web, 0, NULL, &error), error);
    assert_good(vx_undefine(driver, web, 0, &error), error);
    assert_good(vx_is_persistent(web, &persistent, &error), error);
    g_assert_false(persistent);
    assert_fails(vx_set_autostart(driver, web, true, &error), error, VIR_ERR_OPERATION_INVALID, "transient");
    assert_good(vx_destroy(driver, web, 0, &error), error);
    g_assert_null(vx_find_name(driver, "web", NULL));
}

static void failed_start(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autofree char *xml = guest_xml("gone", 4, NULL);
    VxDomainRef ref = {0};
    GError *error = NULL;

    (void)data;
    vx_memory_hypervisor_fail_at(fixture->memory, 1);
    assert_fails(vx_start(fixture->driver, web, 0, NULL, &error), error, VIR_ERR_INTERNAL_ERROR, "told to fail");
    vx_memory_hypervisor_fail_at(fixture->memory, 1);
    assert_fails(vx_create_xml(fixture->driver, xml, 0, NULL, &ref, &error), error, VIR_ERR_INTERNAL_ERROR,
                 "told to fail");
    g_assert_null(vx_find_name(fixture->driver, "gone", NULL));
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 0);
    assert_good(vx_start(fixture->driver, web, 0, NULL, &error), error);
}

static void offline(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autofree char *capabilities = NULL, *domain_capabilities = NULL, *sysinfo = NULL;
    g_autofree guint8 *map = NULL;
    unsigned n, n_online;
    VxNodeInfo node;
    guint64 bytes;
    GError *error = NULL;

    (void)data;
    assert_fails(vx_start(fixture->driver, web, 0, NULL, &error), error, VIR_ERR_OPERATION_INVALID,
                 "no Xen hypervisor on this host");
    assert_good(vx_get_node_info(fixture->driver, &node, &error), error);
    g_assert_cmpuint(node.nodes * node.sockets * node.cores * node.threads, ==, node.cpus);
    assert_good(vx_get_free_memory(fixture->driver, &bytes, &error), error);
    g_assert_cmpuint(bytes, >, 0);
    map = vx_get_cpu_map(fixture->driver, &n, &n_online, 0, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(n_online, ==, node.cpus);
    capabilities = vx_get_capabilities(fixture->driver, &error);
    g_assert_nonnull(strstr(capabilities, "<os_type>xenpvh</os_type>"));
    domain_capabilities = vx_get_domain_capabilities(fixture->driver, NULL, NULL, NULL, "xen", 0, &error);
    g_assert_nonnull(strstr(domain_capabilities, "<machine>xenpv</machine>"));
    g_assert_null(vx_get_domain_capabilities(fixture->driver, NULL, NULL, "pc", NULL, 0, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_INVALID_ARG);
    g_clear_error(&error);
    sysinfo = vx_get_sysinfo(fixture->driver, 0, &error);
    g_assert_true(g_str_has_suffix(sysinfo, "</sysinfo>\n"));
}

/* libvirt writes a PV guest's type as "linux" into XML, and calls it "xen" when asked. */
static void os_types(Fixture *fixture, gconstpointer data)
{
    static const char pv[] = "<domain type='xen'><name>old</name><memory>65536</memory><vcpu>1</vcpu>"
                             "<os><type>linux</type><kernel>/k</kernel></os></domain>";
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1), old = NULL;
    g_auto(VxDomainRef) ref = {0};
    GError *error = NULL;

    (void)data;
    assert_good(vx_define_xml(fixture->driver, pv, 0, &ref, &error), error);
    old = find_domain(fixture, "old");
    g_assert_cmpstr(vx_get_os_type(old, &error), ==, "xen");
    g_assert_cmpstr(vx_get_os_type(web, &error), ==, "xenpvh");
}

static void hear_nothing(const VxDomainEvent *event, int callback_id, gpointer data)
{
    (void)event, (void)callback_id;
    ++*(unsigned *)data;
}

static void registrations(Fixture *fixture, gconstpointer data)
{
    unsigned heard = 0;
    VxEventClient *client = vx_event_client_new(fixture->driver->events, hear_nothing, &heard);
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autoptr(VxDomainObj) again = NULL;
    GError *error = NULL;
    int first, second;

    (void)data;
    assert_good(vx_event_client_add(client, 0, &error), error);
    assert_fails(vx_event_client_add(client, 0, &error), error, VIR_ERR_INVALID_ARG, "already");
    assert_fails(vx_event_client_add(client, 99, &error), error, VIR_ERR_INTERNAL_ERROR, "no kind of event 99");
    assert_good(vx_event_client_add_callback(client, 0, web->uuid, &first, &error), error);
    assert_good(vx_event_client_add_callback(client, 0, NULL, &second, &error), error);
    g_assert_cmpint(first, !=, second);
    again = define_guest(fixture, "mail", 2);
    g_assert_cmpuint(heard, ==, 2); /* the filter on web lets mail's go by */
    assert_good(vx_event_client_remove(client, 0, &error), error);
    assert_good(vx_event_client_remove_callback(client, second, &error), error);
    assert_fails(vx_event_client_remove_callback(client, second, &error), error, VIR_ERR_INTERNAL_ERROR, "callback id");
    assert_good(vx_undefine(fixture->driver, web, 0, &error), error);
    g_assert_cmpuint(heard, ==, 3);
    vx_event_client_free(client);
}

#define N_THREADS 4
#define N_ROUNDS 50

/* Every thread defines, renames and undefines domains whose names and UUIDs the others fight for. */
static gpointer fight(gpointer data)
{
    VxDriver *driver = data;

    for (unsigned i = 0; i < N_ROUNDS; i++) {
        unsigned number = g_random_int() % 3;
        g_autofree char *name = g_strdup_printf("d%u", (unsigned)(g_random_int() % 3));
        g_autofree char *xml = guest_xml(name, number, NULL);
        g_auto(VxDomainRef) ref = {0};
        g_autoptr(VxDomainObj) domain = NULL;

        if (vx_define_xml(driver, xml, 0, &ref, NULL))
            domain = vx_find_uuid(driver, ref.uuid, NULL);
        if (domain && g_random_int() % 2)
            vx_rename(driver, domain, g_random_int() % 2 ? "d0" : "d9", 0, NULL);
        if (domain && g_random_int() % 2)
            vx_undefine(driver, domain, 0, NULL);
    }
    return NULL;
}

static void concurrency(Fixture *fixture, gconstpointer data)
{
    GThread *threads[N_THREADS];
    unsigned before;

    (void)data;
    for (unsigned i = 0; i < N_THREADS; i++)
        threads[i] = g_thread_new("fight", fight, fixture->driver);
    for (unsigned i = 0; i < N_THREADS; i++)
        g_thread_join(threads[i]);
    before = count(fixture, 0);
    fixture_restart(fixture); /* a warning would fail the test */
    g_assert_cmpuint(count(fixture, 0), ==, before);
}

static bool xml_says(Fixture *fixture, VxDomainObj *domain, unsigned flags, const char *words)
{
    GError *error = NULL;
    g_autofree char *xml = vx_get_xml(fixture->driver, domain, flags, &error);

    g_assert_no_error(error);
    return strstr(xml, words) != NULL;
}

/* Whether the XML of DOMAIN is told without a question to the hypervisor. */
static bool is_kept(Fixture *fixture, VxDomainObj *domain, unsigned flags)
{
    bool said_so = vx_is_xml_at_hand(fixture->driver, domain, flags), asked;

    vx_memory_hypervisor_fail_at(fixture->memory, 1);
    g_assert_true(xml_says(fixture, domain, flags, "<name>web</name>"));
    asked = !vx_memory_hypervisor_is_to_fail(fixture->memory);
    vx_memory_hypervisor_fail_at(fixture->memory, 0);
    g_assert_true(said_so == !asked);
    return said_so;
}

/* The XML of a running domain is made anew when something in it may have changed, and only then. */
static void kept_xml(Fixture *fixture, gconstpointer data)
{
    const char *devices = "<channel type='pty'><target type='xen' name='org.x'/></channel>"
                          "<graphics type='vnc' passwd='secret'/>";
    g_autofree char *text = guest_xml("web", 1, devices);
    g_autofree char *another = guest_xml("web", 1, "");
    g_auto(VxDomainRef) ref = {0}, again = {0};
    g_autoptr(VxDomainObj) web = NULL;
    GError *error = NULL;

    (void)data;
    assert_good(vx_create_xml(fixture->driver, text, 0, NULL, &ref, &error), error);
    web = vx_find_name(fixture->driver, "web", &error);
    vx_memory_hypervisor_set_connected(fixture->memory, ref.id, "org.x", false);
    vx_memory_hypervisor_settle(fixture->memory);
    g_assert_true(xml_says(fixture, web, 0, "state='disconnected'"));
    g_assert_true(is_kept(fixture, web, 0));
    g_assert_true(is_kept(fixture, web, VIR_DOMAIN_XML_INACTIVE));
    g_assert_false(is_kept(fixture, web, VIR_DOMAIN_XML_SECURE));
    g_assert_true(xml_says(fixture, web, VIR_DOMAIN_XML_SECURE, "passwd='secret'"));
    g_assert_false(xml_says(fixture, web, 0, "passwd="));

    vx_memory_hypervisor_set_connected(fixture->memory, ref.id, "org.x", true);
    vx_memory_hypervisor_settle(fixture->memory);
    g_assert_true(xml_says(fixture, web, 0, "state='connected'"));
    g_assert_true(is_kept(fixture, web, 0));
    vx_memory_hypervisor_happen(fixture->memory, ref.id, VX_GUEST_EVENT_DETAILS);
    g_assert_false(is_kept(fixture, web, 0)); /* nor was that one, for which Xen said nothing */
    g_assert_true(xml_says(fixture, web, 0, "<name>web</name>"));
    g_assert_true(is_kept(fixture, web, 0));

    assert_good(vx_destroy(fixture->driver, web, 0, &error), error);
    assert_good(vx_create_xml(fixture->driver, another, 0, NULL, &again, &error), error);
    g_clear_pointer(&web, vx_domain_obj_unref);
    web = vx_find_name(fixture->driver, "web", &error);
    g_assert_false(xml_says(fixture, web, 0, "org.x"));
}

#define N_MANY 10000
#define MANY_SECONDS 60.0 /* the aim is two, for a benchmark to watch; this finds what grows faster than the number */

static void many(Fixture *fixture, gconstpointer data)
{
    g_autoptr(GTimer) timer = NULL;

    (void)data;
    for (unsigned i = 0; i < N_MANY; i++) {
        g_autofree char *name = g_strdup_printf("libxl/guest%05u.xml", i);
        g_autofree char *path = fixture_path(fixture, name);
        g_autofree char *text = g_strdup_printf(
            "<domain type='xen'><name>guest%05u</name><uuid>8b3a0c1e-0000-4000-8000-%012x</uuid>"
            "<memory>65536</memory><vcpu>1</vcpu><os><type>hvm</type></os><devices>"
            "<disk type='file' device='disk'><source file='/g%u'/><target dev='xvda'/></disk>"
            "<interface type='bridge'><mac address='00:16:3e:00:00:01'/><source bridge='x'/></interface>"
            "<channel type='pty'><target type='xen' name='org.x'/></channel></devices></domain>",
            i, i, i);
        FILE *file = fopen(path, "w");

        fputs(text, file);
        fclose(file);
    }
    timer = g_timer_new();
    fixture_restart(fixture);
    g_test_message("%d definitions in %.2f s", N_MANY, g_timer_elapsed(timer, NULL));
    g_assert_cmpuint(vx_count_defined(fixture->driver), ==, N_MANY);
    g_assert_cmpfloat(g_timer_elapsed(timer, NULL), <, MANY_SECONDS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(function) g_test_add("/query/" #function, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
#define ADD_LIVE(function) g_test_add("/query/" #function, Fixture, "", fixture_set_up, function, fixture_tear_down)
    ADD(find);
    ADD_LIVE(filters);
    ADD_LIVE(life);
    ADD_LIVE(transient);
    ADD_LIVE(failed_start);
    ADD_LIVE(kept_xml);
    ADD(os_types);
    ADD(offline);
    ADD(registrations);
    ADD(concurrency);
    ADD(many);
    return g_test_run();
}
