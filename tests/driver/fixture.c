/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fixture.h"

#include <glib/gstdio.h>

static GMutex hearing; /* guards what fixtures have heard */

static void hear(const VxDomainEvent *event, int callback_id, gpointer data)
{
    GString *heard = data;

    (void)callback_id;
    g_mutex_lock(&hearing);
    g_string_append(heard, event->domain.name);
    if (event->id == VIR_DOMAIN_EVENT_ID_LIFECYCLE)
        g_string_append_printf(heard, " lifecycle %d %d;", event->lifecycle.type, event->lifecycle.detail);
    else if (event->id == VIR_DOMAIN_EVENT_ID_METADATA_CHANGE)
        g_string_append_printf(heard, " metadata %d %s;", event->metadata.type,
                               event->metadata.uri ? event->metadata.uri : "-");
    else if (event->id == VIR_DOMAIN_EVENT_ID_DEVICE_ADDED)
        g_string_append_printf(heard, " added %s;", event->device.alias);
    else
        g_string_append_printf(heard, " event %d;", event->id);
    g_mutex_unlock(&hearing);
}

static void start_driver(Fixture *fixture)
{
    static const int ids[] = {VIR_DOMAIN_EVENT_ID_LIFECYCLE,    VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
                              VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
                              VIR_DOMAIN_EVENT_ID_REBOOT,       VIR_DOMAIN_EVENT_ID_PMSUSPEND,
                              VIR_DOMAIN_EVENT_ID_PMWAKEUP,     VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED};
    g_autofree char *config = fixture_path(fixture, "libxl");
    g_autofree char *autostart = fixture_path(fixture, "libxl/autostart");
    g_autofree char *run = fixture_path(fixture, "run"), *save = fixture_path(fixture, "save"),
                    *dump = fixture_path(fixture, "dump");
    VxDriverConfig options = {.config_folder = config,
                              .autostart_folder = autostart,
                              .run_folder = run,
                              .save_folder = save,
                              .dump_folder = dump,
                              .channel_folder = "/nonexistent"};
    GError *error = NULL;

    if (fixture->memory)
        vx_memory_hypervisor_ref(fixture->memory); /* which the driver drops */
    fixture->driver = vx_driver_new(&options, (VxHypervisor *)fixture->memory, &error);
    g_assert_no_error(error);
    fixture->client = vx_event_client_new(fixture->driver->events, hear, fixture->heard);
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        int callback_id;

        assert_good(vx_event_client_add_callback(fixture->client, ids[i], NULL, &callback_id, &error), error);
    }
}

void fixture_set_up(Fixture *fixture, gconstpointer data)
{
    GError *error = NULL;

    fixture->folder = g_dir_make_tmp("vxdriver-XXXXXX", &error);
    g_assert_no_error(error);
    fixture->memory = data ? vx_memory_hypervisor_new() : NULL;
    fixture->heard = g_string_new(NULL);
    start_driver(fixture);
}

static void stop_driver(Fixture *fixture)
{
    vx_event_client_free(fixture->client);
    vx_driver_free(fixture->driver);
}

static void remove_tree(const char *path)
{
    if (!g_file_test(path, G_FILE_TEST_IS_SYMLINK) && g_file_test(path, G_FILE_TEST_IS_DIR)) {
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        const char *entry;

        while ((entry = g_dir_read_name(dir))) {
            g_autofree char *below = g_build_filename(path, entry, NULL);

            remove_tree(below);
        }
    }
    g_remove(path);
}

void fixture_tear_down(Fixture *fixture, gconstpointer data)
{
    (void)data;
    stop_driver(fixture);
    if (fixture->memory)
        vx_memory_hypervisor_unref(fixture->memory);
    g_string_free(fixture->heard, TRUE);
    remove_tree(fixture->folder);
    g_free(fixture->folder);
}

void fixture_restart(Fixture *fixture)
{
    stop_driver(fixture);
    start_driver(fixture);
}

char *fixture_take_heard(Fixture *fixture)
{
    char *heard;

    g_mutex_lock(&hearing);
    heard = g_strdup(fixture->heard->str);
    g_string_truncate(fixture->heard, 0);
    g_mutex_unlock(&hearing);
    return heard;
}

bool fixture_has_heard(Fixture *fixture)
{
    bool has;

    g_mutex_lock(&hearing);
    has = fixture->heard->len > 0;
    g_mutex_unlock(&hearing);
    return has;
}

char *fixture_path(const Fixture *fixture, const char *name)
{
    return g_build_filename(fixture->folder, name, NULL);
}

char *guest_xml(const char *name, unsigned uuid_end, const char *devices)
{
    g_autofree char *escaped = g_markup_escape_text(name, -1);

    return g_strdup_printf("<domain type='xen'>\n"
                           "  <name>%s</name>\n"
                           "  <uuid>8b3a0c1e-0000-4000-8000-0000000000%02x</uuid>\n"
                           "  <memory unit='MiB'>512</memory>\n"
                           "  <currentMemory unit='MiB'>256</currentMemory>\n"
                           "  <vcpu current='2'>4</vcpu>\n"
                           "  <os><type>xenpvh</type><kernel>/boot/vmlinuz</kernel></os>\n"
                           "  <devices>\n%s  </devices>\n"
                           "</domain>\n",
                           escaped, uuid_end, devices ? devices : "");
}

VxDomainObj *define_guest(Fixture *fixture, const char *name, unsigned uuid_end)
{
    g_autofree char *xml = guest_xml(name, uuid_end, NULL);
    g_auto(VxDomainRef) ref = {0};
    GError *error = NULL;
    VxDomainObj *domain;

    assert_good(vx_define_xml(fixture->driver, xml, 0, &ref, &error), error);
    domain = vx_find_uuid(fixture->driver, ref.uuid, &error);
    g_assert_no_error(error);
    return domain;
}

int id_of(VxDomainObj *domain)
{
    int id;

    g_mutex_lock(&domain->lock);
    id = domain->id;
    g_mutex_unlock(&domain->lock);
    return id;
}

bool is_idle(VxDomainObj *domain)
{
    bool is;

    g_mutex_lock(&domain->lock);
    is = domain->job == NULL;
    g_mutex_unlock(&domain->lock);
    return is;
}

int state_of(Fixture *fixture, VxDomainObj *domain, int *reason)
{
    GError *error = NULL;
    int state, unused;

    assert_good(vx_get_state(fixture->driver, domain, 0, &state, reason ? reason : &unused, &error), error);
    return state;
}

VxDomainObj *find_domain(Fixture *fixture, const char *name)
{
    GError *error = NULL;
    VxDomainObj *domain = vx_find_name(fixture->driver, name, &error);

    g_assert_no_error(error);
    return domain;
}
