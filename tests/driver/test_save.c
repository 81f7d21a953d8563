/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Saved domains: files, managed saves, what fails half-way.
 */
#include "driver/save.h"
#include "fixture.h"

static VxDomainObj *start_guest(Fixture *fixture, const char *name, unsigned uuid_end, unsigned flags)
{
    VxDomainObj *domain = define_guest(fixture, name, uuid_end);
    GError *error = NULL;

    assert_good(vx_start(fixture->driver, domain, flags, NULL, &error), error);
    vx_memory_hypervisor_settle(fixture->memory);
    g_free(fixture_take_heard(fixture));
    return domain;
}

static void save_restore(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = start_guest(fixture, "web", 1, 0);
    g_autofree char *path = fixture_path(fixture, "file"), *heard = NULL;
    GError *error = NULL;
    int reason;

    (void)data;
    assert_good(vx_save(fixture->driver, web, path, NULL, 0, &error), error);
    g_assert_cmpint(state_of(fixture, web, &reason), ==, VIR_DOMAIN_SHUTOFF);
    g_assert_cmpint(reason, ==, VIR_DOMAIN_SHUTOFF_SAVED);
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 0);
    assert_fails(vx_save(fixture->driver, web, path, NULL, 0, &error), error, VIR_ERR_OPERATION_INVALID, "not running");
    assert_good(vx_restore(fixture->driver, path, NULL, 0, &error), error);
    g_assert_cmpint(state_of(fixture, web, &reason), ==, VIR_DOMAIN_RUNNING);
    g_assert_cmpint(reason, ==, VIR_DOMAIN_RUNNING_RESTORED);
    heard = fixture_take_heard(fixture);
    g_assert_cmpstr(heard, ==, "web lifecycle 5 4;web lifecycle 2 2;");
    assert_fails(vx_restore(fixture->driver, path, NULL, 0, &error), error, VIR_ERR_OPERATION_INVALID, "running");
}

/* A transient domain comes back from its file; one that was paused is paused. */
static void transient(Fixture *fixture, gconstpointer data)
{
    g_autofree char *xml = guest_xml("gone", 4, NULL), *path = fixture_path(fixture, "file");
    g_autoptr(VxDomainObj) domain = NULL, again = NULL;
    g_auto(VxDomainRef) ref = {0};
    GError *error = NULL;

    (void)data;
    assert_good(vx_create_xml(fixture->driver, xml, VIR_DOMAIN_START_PAUSED, NULL, &ref, &error), error);
    domain = find_domain(fixture, "gone");
    assert_good(vx_save(fixture->driver, domain, path, NULL, 0, &error), error);
    g_assert_null(vx_find_name(fixture->driver, "gone", NULL));
    assert_good(vx_restore(fixture->driver, path, NULL, 0, &error), error);
    again = find_domain(fixture, "gone");
    g_assert_cmpint(state_of(fixture, again, NULL), ==, VIR_DOMAIN_PAUSED);
}

/* What goes wrong leaves the guest running, and no file. */
static void failing(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = start_guest(fixture, "web", 1, 0);
    g_autofree char *path = fixture_path(fixture, "file"), *nowhere = fixture_path(fixture, "no/file");
    GError *error = NULL;

    (void)data;
    assert_fails(vx_save(fixture->driver, web, nowhere, NULL, 0, &error), error, VIR_ERR_SYSTEM_ERROR, "no/file");
    for (unsigned n = 2; n <= 3; n++) { /* saving, destroying; the first call looks how it is */
        vx_memory_hypervisor_fail_at(fixture->memory, n);
        assert_fails(vx_save(fixture->driver, web, path, NULL, 0, &error), error, VIR_ERR_INTERNAL_ERROR, "told to");
        g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_RUNNING);
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    }
    assert_good(vx_save(fixture->driver, web, path, NULL, 0, &error), error);
    vx_memory_hypervisor_fail_at(fixture->memory, 1);
    assert_fails(vx_restore(fixture->driver, path, NULL, 0, &error), error, VIR_ERR_INTERNAL_ERROR, "told to");
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_SHUTOFF);
    assert_good(vx_restore(fixture->driver, path, NULL, 0, &error), error);
}

static void managed(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = start_guest(fixture, "web", 1, 0);
    g_autofree char *path = fixture_path(fixture, "save/web.save");
    GError *error = NULL;
    int reason;
    bool has;

    (void)data;
    assert_good(vx_managed_save(fixture->driver, web, 0, &error), error);
    assert_good(vx_has_managed_save(web, 0, &has, &error), error);
    g_assert_true(has && g_file_test(path, G_FILE_TEST_EXISTS));
    assert_fails(vx_undefine(fixture->driver, web, 0, &error), error, VIR_ERR_OPERATION_INVALID, "managed save");
    assert_fails(vx_rename(fixture->driver, web, "x", 0, &error), error, VIR_ERR_OPERATION_INVALID, "managed save");
    fixture_restart(fixture);
    vx_domain_obj_unref(web);
    web = find_domain(fixture, "web");
    vx_memory_hypervisor_fail_at(fixture->memory, 1);
    assert_fails(vx_start(fixture->driver, web, 0, NULL, &error), error, VIR_ERR_INTERNAL_ERROR, "told to");
    assert_good(vx_start(fixture->driver, web, 0, NULL, &error), error);
    g_assert_cmpint(state_of(fixture, web, &reason), ==, VIR_DOMAIN_RUNNING);
    g_assert_cmpint(reason, ==, VIR_DOMAIN_RUNNING_RESTORED);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    assert_good(vx_managed_save(fixture->driver, web, VIR_DOMAIN_SAVE_PAUSED, &error), error);
    assert_good(vx_start(fixture->driver, web, VIR_DOMAIN_START_FORCE_BOOT, NULL, &error), error);
    g_assert_cmpint(state_of(fixture, web, &reason), ==, VIR_DOMAIN_RUNNING);
    g_assert_cmpint(reason, ==, VIR_DOMAIN_RUNNING_BOOTED);
    assert_good(vx_managed_save(fixture->driver, web, 0, &error), error);
    assert_good(vx_undefine(fixture->driver, web, VIR_DOMAIN_UNDEFINE_MANAGED_SAVE, &error), error);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void image_xml(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = start_guest(fixture, "web", 1, 0);
    g_autofree char *path = fixture_path(fixture, "file"), *xml = NULL, *again = NULL, *live = NULL;
    g_auto(GStrv) halves = NULL;
    g_autofree char *edited = NULL, *other = guest_xml("web", 9, NULL);
    GError *error = NULL;

    (void)data;
    assert_good(vx_save(fixture->driver, web, path, NULL, 0, &error), error);
    xml = vx_save_image_get_xml(path, 0, &error);
    g_assert_no_error(error);
    halves = g_strsplit(xml, "</name>", 2);
    edited = g_strconcat(halves[0], "</name><title>edited</title>", halves[1], NULL);
    assert_fails(vx_save_image_define_xml(fixture->driver, path, other, 0, &error), error, VIR_ERR_INVALID_ARG,
                 "leave both");
    assert_good(vx_save_image_define_xml(fixture->driver, path, edited, VIR_DOMAIN_SAVE_PAUSED, &error), error);
    again = vx_save_image_get_xml(path, 0, &error);
    g_assert_nonnull(strstr(again, "<title>edited</title>"));
    assert_good(vx_restore(fixture->driver, path, NULL, 0, &error), error);
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_PAUSED);
    live = vx_get_xml(fixture->driver, web, 0, &error);
    g_assert_nonnull(strstr(live, "<title>edited</title>"));
}

/* The header that libvirt writes, and what is none. */
static void header(Fixture *fixture, gconstpointer data)
{
    static const char magic[16] = "libvirt-xml\n \0 \r";
    g_autofree char *path = fixture_path(fixture, "file"), *xml = guest_xml("theirs", 5, NULL), *read = NULL;
    g_autoptr(GString) file = g_string_new_len(magic, sizeof(magic));
    guint32 words[12] = {2, (guint32)strlen(xml) + 1};
    GError *error = NULL;

    (void)data;
    g_string_append_len(file, (const char *)words, sizeof(words));
    g_string_append_len(file, xml, (gssize)strlen(xml) + 1);
    g_assert_true(g_file_set_contents(path, file->str, (gssize)file->len, NULL));
    read = vx_save_image_get_xml(path, 0, &error);
    g_assert_no_error(error);
    g_assert_nonnull(strstr(read, "<name>theirs</name>"));
    g_assert_true(g_file_set_contents(path, file->str, (gssize)file->len / 2, NULL));
    assert_fails(vx_save_image_get_xml(path, 0, &error), error, VIR_ERR_INVALID_ARG, "ends within");
    file->str[20] = file->str[21] = file->str[22] = file->str[23] = (char)0xff;
    g_assert_true(g_file_set_contents(path, file->str, (gssize)file->len, NULL));
    assert_fails(vx_save_image_get_xml(path, 0, &error), error, VIR_ERR_INVALID_ARG, "4294967295 bytes");
    file->str[16] = 9;
    g_assert_true(g_file_set_contents(path, file->str, (gssize)file->len, NULL));
    assert_fails(vx_save_image_get_xml(path, 0, &error), error, VIR_ERR_INVALID_ARG, "version 9");
    file->str[0] = 'L';
    g_assert_true(g_file_set_contents(path, file->str, (gssize)file->len, NULL));
    assert_fails(vx_restore(fixture->driver, path, NULL, 0, &error), error, VIR_ERR_INVALID_ARG, "not the file");
}

#define ADD(name) g_test_add("/driver/save/" #name, Fixture, "memory", fixture_set_up, name, fixture_tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(save_restore);
    ADD(transient);
    ADD(failing);
    ADD(managed);
    ADD(image_xml);
    ADD(header);
    return g_test_run();
}
