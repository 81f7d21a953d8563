/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/device.h"
#include "driver/metadata.h"
#include "driver/native.h"
#include "driver/tune.h"
#include "fixture.h"

static void assert_xml_has(Fixture *fixture, VxDomainObj *domain, unsigned flags, const char *words)
{
    GError *error = NULL;
    g_autofree char *xml = vx_get_xml(fixture->driver, domain, flags, &error);

    g_assert_no_error(error);
    if (!strstr(xml, words))
        g_error("no '%s' in %s", words, xml);
}

static void assert_xml_lacks(Fixture *fixture, VxDomainObj *domain, const char *words)
{
    g_autofree char *xml = vx_get_xml(fixture->driver, domain, 0, NULL);

    if (strstr(xml, words))
        g_error("'%s' in %s", words, xml);
}

static void set_memory(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    VxDriver *driver = fixture->driver;
    VxDomainInfo info;
    GError *error = NULL;

    (void)data;
    assert_good(vx_set_memory(driver, domain, 400 * 1024, VIR_DOMAIN_AFFECT_CONFIG, &error), error);
    assert_xml_has(fixture, domain, 0, "<currentMemory unit='KiB'>409600<");
    assert_fails(vx_set_memory(driver, domain, 600 * 1024, 0, &error), error, VIR_ERR_INVALID_ARG, "raise that first");
    assert_fails(vx_set_memory(driver, domain, 0, 0, &error), error, VIR_ERR_INVALID_ARG, "0 KiB");
    assert_fails(vx_set_memory(driver, domain, 4096, VIR_DOMAIN_AFFECT_LIVE, &error), error, VIR_ERR_OPERATION_INVALID,
                 "not running");
    assert_good(vx_set_memory(driver, domain, 300 * 1024, VIR_DOMAIN_MEM_MAXIMUM, &error), error);
    assert_good(vx_get_info(driver, domain, &info, &error), error);
    g_assert_cmpuint(info.maximum_memory_kib, ==, 300 * 1024);
    g_assert_cmpuint(info.memory_kib, ==, 300 * 1024);
}

static void set_memory_live(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    VxDriver *driver = fixture->driver;
    VxDomainInfo info;
    GError *error = NULL;

    (void)data;
    assert_good(vx_start(driver, domain, 0, NULL, &error), error);
    assert_good(vx_set_memory(driver, domain, 400 * 1024, VIR_DOMAIN_AFFECT_LIVE, &error), error);
    assert_good(vx_get_info(driver, domain, &info, &error), error);
    g_assert_cmpuint(info.memory_kib, ==, 400 * 1024);
    assert_xml_has(fixture, domain, VIR_DOMAIN_XML_INACTIVE, "<currentMemory unit='KiB'>262144<");
    assert_xml_has(fixture, domain, 0, "<currentMemory unit='KiB'>409600<");
    vx_memory_hypervisor_fail_at(fixture->memory, 1);
    assert_fails(vx_set_memory(driver, domain, 300 * 1024, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG, &error),
                 error, VIR_ERR_INTERNAL_ERROR, "told to fail");
    assert_xml_has(fixture, domain, VIR_DOMAIN_XML_INACTIVE, "<currentMemory unit='KiB'>262144<");
}

static void set_vcpus(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    VxDriver *driver = fixture->driver;
    GError *error = NULL;
    unsigned n;

    (void)data;
    assert_good(vx_set_vcpus(driver, domain, 3, VIR_DOMAIN_AFFECT_CONFIG, &error), error);
    assert_good(vx_get_vcpus(domain, VIR_DOMAIN_AFFECT_CONFIG, &n, &error), error);
    g_assert_cmpuint(n, ==, 3);
    assert_fails(vx_set_vcpus(driver, domain, 5, 0, &error), error, VIR_ERR_INVALID_ARG, "maximum of 4");
    assert_fails(vx_set_vcpus(driver, domain, 0, 0, &error), error, VIR_ERR_INVALID_ARG, "0 virtual CPUs");
    assert_fails(vx_get_vcpus(domain, VIR_DOMAIN_AFFECT_LIVE, &n, &error), error, VIR_ERR_OPERATION_INVALID,
                 "not running");
    assert_good(vx_set_vcpus(driver, domain, 2, VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_VCPU_MAXIMUM, &error), error);
    assert_xml_has(fixture, domain, 0, ">2</vcpu>");
    assert_xml_lacks(fixture, domain, "current='");
}

static void pin(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    guint8 map[2] = {0x0f, 0x80}, none[2] = {0}, maps[8];
    GError *error = NULL;
    unsigned n;

    (void)data;
    assert_good(vx_pin_vcpu(fixture->driver, domain, 1, map, 2, VIR_DOMAIN_AFFECT_CONFIG, &error), error);
    assert_xml_has(fixture, domain, 0, "<vcpupin vcpu='1' cpuset='0-3,15'/>");
    assert_good(vx_get_vcpu_pins(domain, 12, maps, 4, 2, 0, &n, &error), error);
    g_assert_cmpuint(n, ==, 4);
    g_assert_cmphex(maps[0] | maps[1] << 8, ==, 0x0fff);
    g_assert_cmphex(maps[2] | maps[3] << 8, ==, 0x800f);
    assert_fails(vx_pin_vcpu(fixture->driver, domain, 1, none, 2, 0, &error), error, VIR_ERR_INVALID_ARG,
                 "at least one");
    assert_fails(vx_pin_vcpu(fixture->driver, domain, 4, map, 2, 0, &error), error, VIR_ERR_INVALID_ARG,
                 "last one is 3");
}

static void schedule(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    VxCredit credit = {.weight = 512, .cap = 50}, read;
    GError *error = NULL;
    unsigned n;

    (void)data;
    g_assert_cmpstr(vx_get_scheduler(fixture->driver, domain, &n, &error), ==, "credit2");
    g_assert_cmpuint(n, ==, 2);
    assert_good(vx_get_credit(fixture->driver, domain, 0, &read, &error), error);
    g_assert_cmpint(read.weight, ==, -1);
    assert_good(vx_set_credit(fixture->driver, domain, &credit, VIR_DOMAIN_AFFECT_CONFIG, &error), error);
    credit = (VxCredit){.weight = -1, .cap = 25};
    assert_good(vx_set_credit(fixture->driver, domain, &credit, VIR_DOMAIN_AFFECT_CONFIG, &error), error);
    assert_good(vx_get_credit(fixture->driver, domain, VIR_DOMAIN_AFFECT_CONFIG, &read, &error), error);
    g_assert_cmpint(read.weight, ==, 512);
    g_assert_cmpint(read.cap, ==, 25);
    assert_fails(vx_get_credit(fixture->driver, domain, VIR_DOMAIN_AFFECT_LIVE, &read, &error), error,
                 VIR_ERR_OPERATION_INVALID, "not running");
}

static void describe(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    VxDriver *driver = fixture->driver;
    g_autofree char *title = NULL, *heard = NULL;
    GError *error = NULL;

    (void)data;
    g_free(fixture_take_heard(fixture));
    g_assert_null(vx_get_metadata(domain, VIR_DOMAIN_METADATA_TITLE, NULL, 0, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_NO_DOMAIN_METADATA);
    g_clear_error(&error);
    assert_good(vx_set_metadata(driver, domain, VIR_DOMAIN_METADATA_TITLE, "a < b", NULL, NULL, 0, &error), error);
    title = vx_get_metadata(domain, VIR_DOMAIN_METADATA_TITLE, NULL, 0, &error);
    g_assert_cmpstr(title, ==, "a < b");
    assert_fails(vx_set_metadata(driver, domain, VIR_DOMAIN_METADATA_TITLE, "a\nb", NULL, NULL, 0, &error), error,
                 VIR_ERR_INVALID_ARG, "one line");
    assert_good(vx_set_metadata(driver, domain, VIR_DOMAIN_METADATA_DESCRIPTION, "", NULL, NULL, 0, &error), error);
    heard = fixture_take_heard(fixture);
    g_assert_cmpstr(heard, ==, "web metadata 1 -;web metadata 0 -;");
}

static void metadata(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    VxDriver *driver = fixture->driver;
    const int type = VIR_DOMAIN_METADATA_ELEMENT;
    g_autofree char *text = NULL, *other = NULL;
    GError *error = NULL;

    (void)data;
    assert_good(vx_set_metadata(driver, domain, type, "<app x='1'><in/></app>", "a", "urn:a", 0, &error), error);
    assert_good(vx_set_metadata(driver, domain, type, "<b/>", "b", "urn:b", 0, &error), error);
    assert_good(vx_set_metadata(driver, domain, type, "<app x='2'><in/></app>", "a", "urn:a", 0, &error), error);
    assert_xml_has(fixture, domain, 0, "<a:app xmlns:a=\"urn:a\" x=\"2\"><in/></a:app>");
    text = vx_get_metadata(domain, type, "urn:a", 0, &error);
    g_assert_cmpstr(text, ==, "<app x=\"2\"><in/></app>");
    assert_good(vx_set_metadata(driver, domain, type, NULL, NULL, "urn:a", 0, &error), error);
    g_assert_null(vx_get_metadata(domain, type, "urn:a", 0, NULL));
    other = vx_get_metadata(domain, type, "urn:b", 0, &error);
    g_assert_cmpstr(other, ==, "<b/>");
    assert_good(vx_set_metadata(driver, domain, type, NULL, NULL, "urn:b", 0, &error), error);
    assert_xml_lacks(fixture, domain, "metadata");
    assert_fails(vx_set_metadata(driver, domain, type, "<b", "b", "urn:b", 0, &error), error, VIR_ERR_XML_DETAIL, "");
    assert_fails(vx_set_metadata(driver, domain, type, "<b/>", "a b", "urn:b", 0, &error), error, VIR_ERR_INVALID_ARG,
                 "key");
    assert_fails(vx_set_metadata(driver, domain, type, "<b/>", "b", NULL, 0, &error), error, VIR_ERR_INVALID_ARG,
                 "URI");
}

static void devices(Fixture *fixture, gconstpointer data)
{
    static const char disk[] = "<disk type='file' device='disk'><source file='/a.img'/><target dev='xvda'/></disk>";
    static const char other[] = "<disk type='file' device='disk'><source file='/b.img'/><target dev='xvda'/></disk>";
    static const char net[] =
        "<interface type='bridge'><mac address='00:16:3e:01:02:03'/><source bridge='x'/></interface>";
    static const char channel[] = "<channel type='pty'><target type='virtio' name='org.x'/>"
                                  "<address type='virtio-serial' controller='0'/></channel>";
    static const char socket[] =
        "<channel type='unix'><source mode='bind' path='/run/s'/><target type='xen' name='org.%s'/>%s</channel>";
    g_autofree char *first = g_strdup_printf(socket, "s1", ""), *second = g_strdup_printf(socket, "s2", ""),
                    *elsewhere = g_strdup_printf(socket, "s3", "<backenddomain name='drv'/>");
    const unsigned config = VIR_DOMAIN_AFFECT_CONFIG;
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    VxDriver *driver = fixture->driver;
    GError *error = NULL;

    (void)data;
    assert_good(vx_attach_device(driver, domain, first, config, &error), error);
    assert_fails(vx_attach_device(driver, domain, second, config, &error), error, VIR_ERR_INVALID_ARG,
                 "the path '/run/s' already");
    assert_good(vx_attach_device(driver, domain, elsewhere, config, &error), error);
    assert_good(vx_detach_device(driver, domain, elsewhere, config, &error), error);
    assert_good(vx_detach_device(driver, domain, first, config, &error), error);
    assert_good(vx_attach_device(driver, domain, disk, config, &error), error);
    assert_good(vx_attach_device(driver, domain, net, config, &error), error);
    assert_good(vx_attach_device(driver, domain, channel, config, &error), error);
    assert_xml_has(fixture, domain, 0, "<target type='xen' name='org.x'/>");
    assert_xml_lacks(fixture, domain, "virtio");
    assert_fails(vx_attach_device(driver, domain, disk, config, &error), error, VIR_ERR_INVALID_ARG,
                 "that target already");
    assert_good(vx_update_device(driver, domain, other, config, &error), error);
    assert_xml_has(fixture, domain, 0, "/b.img");
    assert_good(vx_detach_device(driver, domain, "<disk><target dev='xvda'/></disk>", config, &error), error);
    assert_xml_lacks(fixture, domain, "xvda");
    assert_fails(vx_detach_device(driver, domain, disk, config, &error), error, VIR_ERR_DEVICE_MISSING,
                 "no such <disk>");
    assert_good(vx_detach_device(driver, domain, net, config, &error), error);
    assert_xml_lacks(fixture, domain, "<interface");
    assert_good(vx_detach_device(driver, domain, "<channel type='pty'><target type='xen' name='org.x'/></channel>",
                                 config, &error),
                error);
    assert_xml_lacks(fixture, domain, "<channel");
    assert_fails(vx_attach_device(driver, domain, "<teapot/>", config, &error), error, VIR_ERR_XML_DETAIL, "<teapot>");
    assert_fails(vx_attach_device(driver, domain, disk, VIR_DOMAIN_AFFECT_LIVE, &error), error,
                 VIR_ERR_OPERATION_INVALID, "not running");
}

static void same_macs(Fixture *fixture, gconstpointer data)
{
    g_autofree char *xml = guest_xml("web", 1,
                                     "<interface type='bridge'><source bridge='a'/></interface>"
                                     "<interface type='bridge'><source bridge='b'/></interface>");
    g_auto(VxDomainRef) ref = {0};
    g_autoptr(VxDomainObj) domain = NULL;
    GError *error = NULL;

    (void)data;
    assert_good(vx_define_xml(fixture->driver, xml, 0, &ref, &error), error);
    domain = vx_find_name(fixture->driver, "web", &error);
    assert_xml_has(fixture, domain, 0, "<mac address='00:16:3e:");
    assert_good(vx_detach_device(fixture->driver, domain, "<interface type='bridge'><source bridge='b'/></interface>",
                                 0, &error),
                error);
    assert_xml_has(fixture, domain, 0, "bridge='a'");
    assert_xml_lacks(fixture, domain, "bridge='b'");
}

static void devices_live(Fixture *fixture, gconstpointer data)
{
    static const char disk[] = "<disk type='file' device='disk'><source file='/a.img'/><target dev='xvda'/>"
                               "<alias name='ua-a'/></disk>";
    const unsigned both = VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_AFFECT_LIVE;
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    g_autofree char *heard = NULL;
    GError *error = NULL;

    (void)data;
    assert_good(vx_start(fixture->driver, domain, 0, NULL, &error), error);
    g_free(fixture_take_heard(fixture));
    assert_good(vx_attach_device(fixture->driver, domain, disk, both, &error), error);
    assert_xml_has(fixture, domain, 0, "xvda");
    assert_xml_has(fixture, domain, VIR_DOMAIN_XML_INACTIVE, "xvda");
    assert_good(vx_detach_alias(fixture->driver, domain, "ua-a", both, &error), error);
    assert_xml_lacks(fixture, domain, "xvda");
    heard = fixture_take_heard(fixture);
    g_assert_cmpstr(heard, ==, "web added ua-a;web event 15;");
}

/* What the guest does not let happen has happened nowhere. */
static void devices_refused(Fixture *fixture, gconstpointer data)
{
    static const char channel[] = "<channel type='pty'><target type='xen' name='org.x'/></channel>";
    const unsigned both = VIR_DOMAIN_AFFECT_CONFIG | VIR_DOMAIN_AFFECT_LIVE;
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    g_autofree char *heard = NULL;
    GError *error = NULL;

    (void)data;
    assert_good(vx_start(fixture->driver, domain, 0, NULL, &error), error);
    vx_memory_hypervisor_fail_at(fixture->memory, 1);
    assert_fails(vx_attach_device(fixture->driver, domain, channel, both, &error), error, VIR_ERR_OPERATION_FAILED, "");
    assert_xml_lacks(fixture, domain, "org.x");
    assert_good(vx_attach_device(fixture->driver, domain, channel, both, &error), error);
    g_free(fixture_take_heard(fixture));
    vx_memory_hypervisor_fail_at(fixture->memory, 1);
    assert_fails(vx_detach_device(fixture->driver, domain, channel, both, &error), error, VIR_ERR_OPERATION_FAILED, "");
    heard = fixture_take_heard(fixture);
    g_assert_cmpstr(heard, ==, "web event 22;"); /* VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED */
    assert_xml_has(fixture, domain, 0, "org.x");
    assert_xml_has(fixture, domain, VIR_DOMAIN_XML_INACTIVE, "org.x");
}

static void native(Fixture *fixture, gconstpointer data)
{
    g_autofree char *xml = NULL, *config = NULL;
    GError *error = NULL;

    (void)data;
    xml = vx_xml_from_native(fixture->driver, "xen-xl", "name='a'\ntype='pvh'\nkernel='/k'\nmemory=64\n", 0, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(xml, "<name>a</name>"));
    config = vx_xml_to_native(fixture->driver, "xen-xl", xml, 0, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(config, "memory = 64"));
    assert_fails(vx_xml_from_native(fixture->driver, "xen-xl", "name='a\n", 0, &error), error, VIR_ERR_CONF_SYNTAX,
                 "line 1");
    assert_fails(vx_xml_to_native(fixture->driver, "vmx", xml, 0, &error), error, VIR_ERR_INVALID_ARG, "xen-xl");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(function) g_test_add("/change/" #function, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
#define ADD_LIVE(function) g_test_add("/change/" #function, Fixture, "", fixture_set_up, function, fixture_tear_down)
    ADD(set_memory);
    ADD_LIVE(set_memory_live);
    ADD(set_vcpus);
    ADD(pin);
    ADD(schedule);
    ADD(describe);
    ADD(metadata);
    ADD(devices);
    ADD(same_macs);
    ADD_LIVE(devices_live);
    ADD_LIVE(devices_refused);
    ADD(native);
    return g_test_run();
}
