/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The engine of field tables, through domain XML: what is read, kept, refused, copied, compared and written.
 */
#include <string.h>

#include "conf/chr_def.h"
#include "conf/domain_validate.h"
#include "conf/domain_xml.h"

#define MINIMAL "<name>g</name><vcpu>1</vcpu><os><type>hvm</type></os>"
#define DOMAIN(inside) "<domain type='xen'>" MINIMAL inside "</domain>"

/* Reads XML and returns what is said about it; *DEF gets the definition. */
static char *read_xml(const char *xml, VxReadFlags flags, VxDomainDef **def)
{
    g_autoptr(VxDiag) diag = vx_diag_new("x", xml, strlen(xml), 0);
    GString *out = g_string_new(NULL);

    *def = vx_domain_def_parse(xml, strlen(xml), flags, diag);
    if (*def)
        vx_domain_def_validate(*def, diag);
    vx_diag_format(diag, 0, out);
    return g_string_free(out, FALSE);
}

static const struct {
    const char *xml;
    const char *problems;
} problem_cases[] = {
    {DOMAIN(""), ""},
    {"", "x: error: the document is empty: write a <domain> element\n"},
    {"<network/>", "x:1:1: error: the document is a <network>: write a <domain> element\n"},
    {"<?xml version='1.0' encoding='UTF-7'?><domain/>",
     "x:1:1: error: the document is in an encoding other than UTF-8: store it in UTF-8\n"},
    {"<!DOCTYPE d [<!ENTITY a 'b'>]><domain>&a;</domain>",
     "x:1:13: error: the document has a <!DOCTYPE>: leave it out, domain XML has none\n"},
    {"<domain type='xen'>\n  <os><type>hvm</type></os></domain>",
     "x:1:1: error: <domain> lacks its element <name>: the name of the domain\n"},
    {DOMAIN("\n <memory unit='parsec'>1</memory>"),
     "x:2:10: error: unit of <memory> is 'parsec': write b, KiB, MiB, GiB, TiB, or KB, MB, GB, TB\n"},
    {DOMAIN("<memory>lots</memory>"), "x:1:73: error: <memory> is 'lots': write an amount of memory in KiB\n"},
    {DOMAIN("<memory unit='EiB'>99</memory>"), "x:1:73: error: <memory> is '99': write an amount of memory in EiB\n"},
    {DOMAIN("<on_crash>explode</on_crash>"),
     "x:1:73: error: <on_crash> is 'explode': write destroy, restart, rename-restart, preserve, coredump-destroy or "
     "coredump-restart\n"},
    {DOMAIN("<descriptoin>x</descriptoin>"),
     "x:1:73: warning: <domain> has no element <descriptoin>: did you mean <description>?; it is left out\n"},
    {DOMAIN("<memory>1</memory><memory>2</memory>"),
     "x:1:91: warning: <memory> is there twice: the first one counts\n"},
    {DOMAIN("<devices><channel type='pty'><target type='xen' nmae='a'/></channel></devices>"),
     "x:1:82: warning: the channel has no name, by which the guest finds it, and Xen starts no guest so: give it one\n"
     "x:1:121: warning: <target> has no attribute 'nmae': did you mean 'name'?; it is left out\n"},
    {DOMAIN("<iothreads>2</iothreads>"), "x:1:73: warning: Xen cannot do <iothreads>: Xen's device model has none\n"},
    {DOMAIN("<description bar=' foo=1' foo='2'>d</description>"),
     "x:1:86: warning: <description> has no attribute 'bar'; it is left out\n"
     "x:1:99: warning: <description> has no attribute 'foo'; it is left out\n"},
    {DOMAIN("<uuid>123</uuid>"),
     "x:1:73: error: <uuid> is '123': write 32 hexadecimal digits, as in c7a5fdb2-cdaf-9455-926a-d65c16db1809\n"},
    {DOMAIN("<vcpu>2"), "x:1:82: error: not well-formed XML: another tag ends here than <vcpu> of line 1\n"},
    {"<domain>\n<vcpu>2", "x:2:8: error: not well-formed XML: it ends before <vcpu> of line 2 does\n"},
    {"<domain><name>\xff</name></domain>", "x:1:15: error: not well-formed XML: this byte is no UTF-8\n"},
    {"<domain><name>&nbsp;</name></domain>", "x:1:15: error: not well-formed XML: undefined entity\n"},
    {"<domain><name>a</name></domain><domain/>", "x:1:32: error: not well-formed XML: junk after document element\n"},
    {"<domain name=a/>", "x:1:14: error: not well-formed XML: this cannot stand here\n"},
    {"<domain><a:b/></domain>", "x:1:9: error: not well-formed XML: unbound prefix\n"},
};

static void test_problems(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(problem_cases); i++) {
        g_autoptr(VxDomainDef) def = NULL;
        g_autofree char *problems = read_xml(problem_cases[i].xml, 0, &def);

        g_assert_cmpstr(problems, ==, problem_cases[i].problems);
    }
}

/* Everything there is one of, so that a walk that forgets a placement is found out. */
static const char full[] =
    "<domain type='xen' xmlns:xen='http://libvirt.org/schemas/domain/xen/1.0' xmlns:virtxl='urn:virtxl:domain:1.0'>\n"
    "  <name>a&amp;b</name>\n"
    "  <uuid>c7a5fdb2-cdaf-9455-926a-d65c16db1809</uuid>\n"
    "  <title>&lt;t&gt;</title>\n"
    "  <metadata>\n    <app:x xmlns:app=\"urn:x\" a=\"1\"> kept  as is<!-- even this --></app:x>\n  </metadata>\n"
    "  <memory unit='KiB'>1048576</memory>\n"
    "  <memoryBacking>\n    <hugepages><page size=\"2\" unit=\"M\"/></hugepages>\n    <nosharepages/>\n  "
    "</memoryBacking>\n"
    "  <vcpu placement='static' current='1'>2</vcpu>\n"
    "  <iothreads>3</iothreads>\n"
    "  <os>\n"
    "    <type arch='x86_64' machine='xenfv'>hvm</type>\n"
    "    <loader type='rom'>/usr/lib/xen/boot/hvmloader</loader>\n"
    "    <boot dev='cdrom'/>\n"
    "    <boot dev='hd'/>\n"
    "  </os>\n"
    "  <features>\n    <acpi/>\n    <hap state='off'/>\n  </features>\n"
    "  <clock offset='utc'>\n    <timer name='tsc' mode='native'/>\n  </clock>\n"
    "  <on_crash>preserve</on_crash>\n"
    "  <devices>\n"
    "    <emulator>/usr/lib/xen/bin/qemu</emulator>\n"
    "    <serial type='pty'>\n      <target port='0'/>\n    </serial>\n"
    "    <channel type='unix'>\n"
    "      <source mode='bind' path='/run/a&apos;b'/>\n"
    "      <target type='xen' name='org.example.a'/>\n"
    "      <backenddomain name='driver'/>\n"
    "      <virtxl:option name='extra' value='1'/>\n"
    "    </channel>\n"
    "  </devices>\n"
    "  <xen:commandline>\n    <xen:arg value='-nodefaults'/>\n  </xen:commandline>\n"
    "  <virtxl:xl>\n"
    "    <virtxl:option name='list'>\n"
    "      <virtxl:item value='one'/>\n"
    "      <virtxl:item>\n        <virtxl:item value='nested'/>\n      </virtxl:item>\n"
    "    </virtxl:option>\n"
    "  </virtxl:xl>\n"
    "</domain>\n";

static VxDomainDef *read_full(void)
{
    VxDomainDef *def;
    g_autofree char *problems = read_xml(full, 0, &def);

    g_assert_nonnull(def);
    g_assert_null(strstr(problems, "error"));
    return def;
}

static void test_comes_back(void)
{
    g_autoptr(VxDomainDef) def = read_full();
    g_autofree char *again = vx_domain_def_format(def, 0, NULL);

    g_assert_cmpstr(again, ==, full);
}

static void test_copy_is_equal(void)
{
    g_autoptr(VxDomainDef) def = read_full();
    g_autoptr(VxDomainDef) copy = vx_domain_def_copy(def);
    g_autofree char *text = vx_domain_def_format(copy, 0, NULL);

    g_assert_true(vx_object_compare(&vx_domain_element, def, copy, NULL, NULL));
    g_assert_cmpstr(text, ==, full);
}

static void note_path(const char *path, const VxField *field, gpointer data)
{
    (void)field;
    g_string_append_printf(data, "%s\n", path);
}

static void test_differences(void)
{
    g_autoptr(VxDomainDef) def = read_full();
    g_autoptr(VxDomainDef) copy = vx_domain_def_copy(def);
    g_autoptr(GString) paths = g_string_new(NULL);
    unsigned i = 0;
    VxChr *channel = vx_domain_def_next_device(copy, VX_DEVICE_CHANNEL, &i);

    ((VxBoot *)copy->os.boot->pdata[0])->device = VX_BOOT_FLOPPY;
    copy->memory_kib.value++;
    copy->features.acpi = false;
    g_free(channel->target_name);
    channel->target_name = g_strdup("another");
    g_ptr_array_set_size(copy->object.kept, 1);
    g_assert_false(vx_object_compare(&vx_domain_element, def, copy, note_path, paths));
    g_assert_cmpstr(paths->str, ==,
                    "memory\n"
                    "os/boot[1]/@dev\n"
                    "features/acpi\n"
                    "devices/channel[2]/target/@name\n"
                    "iothreads\n");
}

/* What is said of a running domain is read only where it may be, and left out of what is stored. */
static void test_live_fields(void)
{
    static const char live[] =
        "<domain type='xen' id='7'>" MINIMAL "<devices><channel type='pty' tty='/dev/pts/3'><source path='/dev/pts/3'/>"
        "<target type='xen' name='a' state='connected'/><alias name='channel0'/>"
        "<address type='xen'/></channel></devices></domain>";
    g_autoptr(VxDomainDef) running = NULL, stored = NULL;
    g_autofree char *problems = read_xml(live, VX_READ_LIVE, &running);
    g_autofree char *no_problems = read_xml(live, 0, &stored);
    g_autofree char *live_text = vx_domain_def_format(running, VX_WRITE_LIVE, NULL);
    g_autofree char *stored_text = vx_domain_def_format(stored, VX_WRITE_LIVE, NULL);

    g_assert_cmpstr(problems, ==, "");
    g_assert_cmpstr(no_problems, ==, "");
    g_assert_nonnull(strstr(live_text, "<domain type='xen' id='7'>"));
    g_assert_nonnull(strstr(live_text, "state='connected'"));
    g_assert_nonnull(strstr(live_text, "<source path='/dev/pts/3'/>"));
    g_assert_null(strstr(stored_text, "id="));
    g_assert_null(strstr(stored_text, "/dev/pts"));
    g_assert_null(strstr(stored_text, "state"));
    g_assert_null(strstr(stored_text, "alias"));
    g_assert_null(strstr(stored_text, "address"));
}

static void test_memory_units(void)
{
    static const struct {
        const char *text;
        gint64 kib;
    } cases[] = {
        {"<memory>5</memory>", 5},
        {"<memory unit='KiB'>5</memory>", 5},
        {"<memory unit='b'>1025</memory>", 2},
        {"<memory unit='MiB'>2</memory>", 2048},
        {"<memory unit='G'>1</memory>", 1048576},
        {"<memory unit='KB'>1024</memory>", 1000},
        {"<memory unit='GB'>1</memory>", 976563},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *xml = g_strdup_printf("<domain type='xen'>" MINIMAL "%s</domain>", cases[i].text);
        g_autoptr(VxDomainDef) def = NULL;
        g_autofree char *problems = read_xml(xml, 0, &def);

        g_assert_cmpstr(problems, ==, "");
        g_assert_cmpint(def->memory_kib.value, ==, cases[i].kib);
    }
}

static void test_hostile(void)
{
    g_autoptr(GString) deep = g_string_new("<domain>");
    g_autoptr(GString) wide = g_string_new("<domain>");
    g_autoptr(VxDomainDef) def = NULL;
    g_autofree char *deep_problems = NULL, *wide_problems = NULL;

    for (unsigned i = 0; i < 100000; i++) {
        g_string_append(deep, "<a>");
        g_string_append(wide, "<a/>");
    }
    deep_problems = read_xml(deep->str, 0, &def);
    g_assert_null(def);
    g_assert_nonnull(strstr(deep_problems, "the document has more than 256 elements in one another"));
    wide_problems = read_xml(wide->str, 0, &def);
    g_assert_null(def);
    g_assert_nonnull(strstr(wide_problems, "the document has more than 100000 elements"));
}

/* As libvirt chooses them, where that is a path in the folder and not too long. */
static void test_channel_paths(void)
{
    static const struct {
        const char *domain, *name, *path;
    } cases[] = {
        {"g1", "org.example.agent", "/c/g1-org.example.agent"},
        {"g1", "a..b", "/c/g1-a..b"},
        {"...", ".hidden", "/c/----.hidden-f3a318133d29"},
        {"g1", "../../etc/passwd", "/c/g1-..-..-etc-passwd-eda037be5c9b"},
        {"..", "..", "/c/------@"},
        {"/", "a", "/c/--a-@"},
        {"g1", "", "/c/g1--@"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = vx_channel_choose_path("/c", cases[i].domain, cases[i].name);
        g_autofree char *start = g_strdup(cases[i].path);
        char *any = strchr(start, '@'); /* stands for a checksum */

        if (any)
            path[any - start] = *any = '\0';
        g_assert_cmpstr(path, ==, start);
    }
}

/* However long the names are, and wherever the cut falls between bytes of UTF-8. */
static void test_long_channel_paths(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GString) name = g_string_new(NULL);
    static const char *const letters[] = {"x", "é", "/", ".", "✓"};

    for (unsigned i = 0; i < 300; i++) {
        char *path;

        g_string_append(name, letters[i % G_N_ELEMENTS(letters)]);
        path = vx_channel_choose_path("/var/lib/libvirt/libxl/channel/target", "guest", name->str);
        g_assert_cmpuint(strlen(path), <=, VX_CHANNEL_PATH_MAX_BYTES);
        g_assert_true(g_utf8_validate(path, -1, NULL));
        g_assert_true(g_str_has_prefix(path, "/var/lib/libvirt/libxl/channel/target/guest-"));
        g_assert_null(strchr(path + strlen("/var/lib/libvirt/libxl/channel/target/"), '/'));
        g_assert_true(g_hash_table_add(seen, path));
    }
}

/* A slash and a dash are told apart; so are two long names that end differently. */
static void test_channel_paths_differ(void)
{
    g_autofree char *slash = vx_channel_choose_path("/c", "g", "a/b"), *dash = vx_channel_choose_path("/c", "g", "a-b");
    g_autofree char *folder = g_strnfill(120, 'f'), *too_long = NULL;

    g_assert_cmpstr(slash, !=, dash);
    too_long = vx_channel_choose_path(folder, "g", "a");
    g_assert_true(g_str_has_prefix(too_long, folder));
    g_assert_cmpuint(strlen(too_long), >, VX_CHANNEL_PATH_MAX_BYTES);
}

/* An element with N attributes behind BEFORE, and N_DECLARED namespaces, whose declarations are attributes, too. */
static void assert_attributes(const char *before, unsigned n_declared, unsigned n, bool too_many)
{
    g_autoptr(GString) xml = g_string_new(before);
    g_autoptr(VxDomainDef) def = NULL;
    g_autofree char *problems = NULL;

    g_string_append(xml, "<domain");
    for (unsigned i = 0; i < n_declared; i++)
        g_string_append_printf(xml, " xmlns:p%u='u'", i);
    for (unsigned i = 0; i < n; i++)
        g_string_append_printf(xml, " a%u='>'", i);
    g_string_append(xml, " type='xen'><name>g</name></domain>");
    problems = read_xml(xml->str, 0, &def);
    g_assert_true((strstr(problems, "more than 256 attributes") != NULL) == too_many);
    g_assert_true((def != NULL) == !too_many);
}

static void test_many_attributes(void)
{
    assert_attributes("", 0, 255, false);
    assert_attributes("", 0, 256, true);
    assert_attributes("", 0, 1000 * 1000, true);
    assert_attributes("", 200, 55, false);
    assert_attributes("", 200, 56, true);
    assert_attributes("<!-- it's a \"comment -->", 0, 256, true);
    assert_attributes("<?this is 'an instruction?>", 0, 256, true);
}

/* N_DEEP elements in one another that declare N namespaces each. */
static void assert_declarations(unsigned n_deep, unsigned n, bool too_many)
{
    g_autoptr(GString) xml = g_string_new("<domain type='xen'><name>g</name><metadata>");
    g_autoptr(VxDomainDef) def = NULL;
    g_autofree char *problems = NULL;

    for (unsigned level = 0; level < n_deep; level++) {
        g_string_append(xml, "<a");
        for (unsigned i = 0; i < n; i++)
            g_string_append_printf(xml, " xmlns:p%u='u'", i);
        g_string_append(xml, ">");
    }
    for (unsigned level = 0; level < n_deep; level++)
        g_string_append(xml, "</a>");
    g_string_append(xml, "</metadata></domain>");
    problems = read_xml(xml->str, 0, &def);
    g_assert_true((strstr(problems, "more than 256 namespaces") != NULL) == too_many);
    g_assert_true((def != NULL) == !too_many);
}

/* Looking for one among very many takes time in proportion to their number, for each name. */
static void test_many_declarations(void)
{
    assert_declarations(1, 256, false);
    assert_declarations(1, 257, true);
    assert_declarations(2, 128, false);
    assert_declarations(2, 129, true);
    assert_declarations(1, 300 * 1000, true);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/domain-xml/problems", test_problems);
    g_test_add_func("/domain-xml/comes-back", test_comes_back);
    g_test_add_func("/domain-xml/copy-is-equal", test_copy_is_equal);
    g_test_add_func("/domain-xml/differences", test_differences);
    g_test_add_func("/domain-xml/live-fields", test_live_fields);
    g_test_add_func("/domain-xml/memory-units", test_memory_units);
    g_test_add_func("/domain-xml/hostile", test_hostile);
    g_test_add_func("/domain-xml/channel-paths", test_channel_paths);
    g_test_add_func("/domain-xml/channel-paths/long", test_long_channel_paths);
    g_test_add_func("/domain-xml/channel-paths/differ", test_channel_paths_differ);
    g_test_add_func("/domain-xml/many-attributes", test_many_attributes);
    g_test_add_func("/domain-xml/many-declarations", test_many_declarations);
    return g_test_run();
}
