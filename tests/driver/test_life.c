/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What becomes of guests that die, are changed by others, or are not ours; jobs that hang.
 */
#include "conf/domain_xml.h"
#include "fixture.h"

static VxDomainObj *define_with(Fixture *fixture, const char *name, unsigned uuid_end, const char *actions)
{
    g_autofree char *plain = guest_xml(name, uuid_end, "<console type='pty'/>");
    g_auto(GStrv) halves = g_strsplit(plain, "  <devices>", 2);
    g_autofree char *xml = g_strconcat(halves[0], actions, "  <devices>", halves[1], NULL);
    g_auto(VxDomainRef) ref = {0};
    GError *error = NULL;

    assert_good(vx_define_xml(fixture->driver, xml, 0, &ref, &error), error);
    return vx_find_uuid(fixture->driver, ref.uuid, NULL);
}

static void assert_heard(Fixture *fixture, const char *wanted)
{
    g_autofree char *heard = fixture_take_heard(fixture);

    g_assert_cmpstr(heard, ==, wanted);
}

static int start(Fixture *fixture, VxDomainObj *domain, unsigned flags)
{
    GError *error = NULL;

    assert_good(vx_start(fixture->driver, domain, flags, NULL, &error), error);
    vx_memory_hypervisor_settle(fixture->memory);
    g_free(fixture_take_heard(fixture));
    return id_of(domain);
}

/* The guest ID shuts down, and what comes of it is over: the id of DOMAIN has changed. */
static void die(Fixture *fixture, VxDomainObj *domain, VxGuestShutdown reason)
{
    int id = id_of(domain);

    vx_memory_hypervisor_shut_down(fixture->memory, id, reason);
    wait_for(id_of(domain) != id && is_idle(domain));
    vx_memory_hypervisor_settle(fixture->memory);
}

static void poweroff(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    int reason;

    (void)data;
    start(fixture, web, 0);
    die(fixture, web, VX_GUEST_POWEROFF);
    g_assert_cmpint(state_of(fixture, web, &reason), ==, VIR_DOMAIN_SHUTOFF);
    g_assert_cmpint(reason, ==, VIR_DOMAIN_SHUTOFF_SHUTDOWN);
    assert_heard(fixture, "web lifecycle 6 0;web lifecycle 5 0;");
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 0);
}

static void reboot(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    int id;

    (void)data;
    id = start(fixture, web, 0);
    vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_REBOOT);
    wait_for(id_of(web) > id && is_idle(web));
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_RUNNING);
    assert_heard(fixture, "web lifecycle 6 0;web lifecycle 5 0;web lifecycle 2 0;web event 1;");
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 1);
}

/* A guest that is to reboot upon its power button powers off; unless it is told to shut down meanwhile. */
static void reboot_by_button(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    GError *error = NULL;
    int id;

    (void)data;
    id = start(fixture, web, 0);
    assert_good(vx_reboot(fixture->driver, web, VIR_DOMAIN_REBOOT_ACPI_POWER_BTN, &error), error);
    vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_POWEROFF);
    wait_for(id_of(web) > id && is_idle(web));
    assert_heard(fixture, "web lifecycle 6 0;web lifecycle 5 0;web lifecycle 2 0;web event 1;");
    assert_good(vx_reboot(fixture->driver, web, VIR_DOMAIN_REBOOT_ACPI_POWER_BTN, &error), error);
    assert_good(vx_shutdown(fixture->driver, web, 0, &error), error);
    die(fixture, web, VX_GUEST_POWEROFF);
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_SHUTOFF);
}

static void crash(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_with(fixture, "web", 1, "<on_crash>coredump-destroy</on_crash>");
    g_autofree char *folder = fixture_path(fixture, "dump");
    g_autoptr(GDir) dir = NULL;
    int reason;

    (void)data;
    start(fixture, web, 0);
    die(fixture, web, VX_GUEST_CRASH);
    g_assert_cmpint(state_of(fixture, web, &reason), ==, VIR_DOMAIN_SHUTOFF);
    g_assert_cmpint(reason, ==, VIR_DOMAIN_SHUTOFF_CRASHED);
    assert_heard(fixture, "web lifecycle 5 2;");
    dir = g_dir_open(folder, 0, NULL);
    g_assert_true(dir && g_str_has_prefix(g_dir_read_name(dir), "web-"));
}

static void crash_restarts(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_with(fixture, "web", 1, "<on_crash>coredump-restart</on_crash>");
    int id;

    (void)data;
    id = start(fixture, web, 0);
    vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_CRASH);
    wait_for(id_of(web) > id && is_idle(web));
    assert_heard(fixture, "web lifecycle 5 2;web lifecycle 2 0;web event 1;");
}

/* A guest that is preserved stays, and is seen to have died; destroying it is the user's. */
static void preserve(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_with(fixture, "web", 1, "<on_crash>preserve</on_crash>");
    GError *error = NULL;
    int id;

    (void)data;
    id = start(fixture, web, 0);
    vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_CRASH);
    wait_for(state_of(fixture, web, NULL) == VIR_DOMAIN_CRASHED && is_idle(web));
    wait_for(fixture_has_heard(fixture));
    g_assert_cmpint(id_of(web), ==, id);
    assert_heard(fixture, "web lifecycle 8 0;");
    assert_fails(vx_shutdown(fixture->driver, web, 0, &error), error, VIR_ERR_OPERATION_INVALID, "has shut down");
    fixture_restart(fixture);
    vx_domain_obj_unref(web);
    web = vx_find_name(fixture->driver, "web", &error);
    g_assert_no_error(error);
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_CRASHED);
    assert_good(vx_destroy(fixture->driver, web, 0, &error), error);
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 0);
}

static void rename_restart(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_with(fixture, "web", 1, "<on_crash>rename-restart</on_crash>");
    g_autoptr(VxDomainObj) kept = NULL;
    GError *error = NULL;
    int id;

    (void)data;
    id = start(fixture, web, 0);
    vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_CRASH);
    wait_for(id_of(web) > id && is_idle(web));
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_RUNNING);
    kept = vx_find_id(fixture->driver, id, &error);
    g_assert_no_error(error);
    g_assert_cmpint(state_of(fixture, kept, NULL), ==, VIR_DOMAIN_CRASHED);
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 2);
    g_clear_pointer(&kept, vx_domain_obj_unref);
    fixture_restart(fixture);
    kept = vx_find_name(fixture->driver, "web-1", &error);
    g_assert_no_error(error);
    g_assert_cmpint(state_of(fixture, kept, NULL), ==, VIR_DOMAIN_CRASHED);
    assert_good(vx_destroy(fixture->driver, kept, 0, &error), error);
    g_assert_null(vx_find_name(fixture->driver, "web-1", NULL));
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 1);
}

/* One that dies at once is restarted, but not for ever. */
static void loop(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    unsigned n_starts = 1;
    int id;

    (void)data;
    id = start(fixture, web, 0);
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*'web' is not restarted*");
    while (id >= 0) {
        vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_REBOOT);
        wait_for(id_of(web) != id && is_idle(web));
        id = id_of(web);
        n_starts += id >= 0;
    }
    g_test_assert_expected_messages();
    g_assert_cmpuint(n_starts, ==, 3);
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 0);
    fixture->driver->minimum_life_ms = 0;
    id = start(fixture, web, 0);
    for (unsigned i = 0; i < 10; i++) {
        vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_REBOOT);
        wait_for(id_of(web) > id && is_idle(web));
        id = id_of(web);
    }
}

/* A restart that fails leaves the domain shut off, and says why; a guest that cannot be destroyed stays. */
static void failed_restart(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autofree char *status = fixture_path(fixture, "run/web.xml");
    int id;

    (void)data;
    id = start(fixture, web, 0);
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*'web' cannot be restarted*told to fail*");
    vx_memory_hypervisor_fail_at(fixture->memory, 2);
    die(fixture, web, VX_GUEST_REBOOT);
    g_test_assert_expected_messages();
    g_assert_cmpint(id_of(web), ==, -1);
    g_assert_false(g_file_test(status, G_FILE_TEST_EXISTS));
    id = start(fixture, web, 0);
    g_assert_true(g_file_test(status, G_FILE_TEST_EXISTS));
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*cannot be destroyed*told to fail*");
    vx_memory_hypervisor_fail_at(fixture->memory, 1);
    die(fixture, web, VX_GUEST_POWEROFF);
    g_test_assert_expected_messages();
    g_assert_cmpint(id_of(web), ==, -1);
    (void)id;
}

/* A guest that is made but cannot be let run is cleared away. */
static void failed_unpause(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autofree char *status = fixture_path(fixture, "run/web.xml");
    g_autofree char *heard = NULL;
    g_autoptr(GError) error = NULL;

    (void)data;
    vx_memory_hypervisor_fail_at(fixture->memory, 3); /* start, fill_live, unpause */
    g_assert_false(vx_start(fixture->driver, web, 0, NULL, &error));
    g_assert_nonnull(strstr(error->message, "told to fail"));
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 0);
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_SHUTOFF);
    g_assert_false(g_file_test(status, G_FILE_TEST_EXISTS));
    heard = fixture_take_heard(fixture);
    g_assert_nonnull(strstr(heard, "web lifecycle 2 0;web lifecycle 5 5;")); /* started, stopped: failed */
    start(fixture, web, 0);
}

/* ---- others ---- */

static void paused_by_others(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autoptr(GArray) paused = NULL;
    GError *error = NULL;
    int id;

    (void)data;
    id = start(fixture, web, 0);
    vx_memory_hypervisor_set_paused(fixture->memory, id, true);
    paused = vx_list_domains(fixture->driver, VIR_CONNECT_LIST_DOMAINS_PAUSED, &error);
    g_assert_cmpuint(paused->len, ==, 1);
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_PAUSED);
    assert_heard(fixture, "web lifecycle 3 0;");
    assert_good(vx_resume(fixture->driver, web, &error), error);
    vx_memory_hypervisor_set_paused(fixture->memory, id, true);
    vx_memory_hypervisor_set_paused(fixture->memory, id, false);
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_RUNNING);
    assert_heard(fixture, "web lifecycle 4 0;");
    vx_memory_hypervisor_remove(fixture->memory, id);
    vx_memory_hypervisor_settle(fixture->memory);
    assert_heard(fixture, "web lifecycle 5 1;");
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_SHUTOFF);
}

static int make_foreign(Fixture *fixture, const char *name, unsigned uuid_end)
{
    g_autofree char *xml = guest_xml(name, uuid_end, NULL);
    g_autoptr(VxDiag) diag = vx_diag_new("test", xml, strlen(xml), 0);
    g_autoptr(VxDomainDef) def = vx_domain_def_parse(xml, strlen(xml), 0, diag);

    return vx_memory_hypervisor_make(fixture->memory, def);
}

static bool is_listed(Fixture *fixture, int id)
{
    g_autoptr(VxDomainObj) domain = vx_find_id(fixture->driver, id, NULL);

    return domain != NULL;
}

/* A guest of somebody else is listed, and looked after by him; the one of a definition that we have is that domain. */
static void foreign(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autoptr(VxDomainObj) other = NULL, named = NULL;
    GError *error = NULL;
    bool persistent;
    int id, id_web, id_named;

    (void)data;
    g_free(fixture_take_heard(fixture));
    id = make_foreign(fixture, "theirs", 7);
    wait_for(is_listed(fixture, id));
    other = vx_find_name(fixture->driver, "theirs", &error);
    g_assert_no_error(error);
    assert_good(vx_is_persistent(other, &persistent, &error), error);
    g_assert_false(persistent);
    wait_for(fixture_has_heard(fixture));
    assert_heard(fixture, "theirs lifecycle 2 0;");
    id_web = make_foreign(fixture, "web", 1);
    wait_for(id_of(web) == id_web);
    id_named = make_foreign(fixture, "web", 8);
    wait_for(is_listed(fixture, id_named));
    named = vx_find_id(fixture->driver, id_named, NULL);
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 3);

    vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_POWEROFF);
    wait_for(state_of(fixture, other, NULL) == VIR_DOMAIN_SHUTDOWN);
    g_usleep(20000);
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 3);
    vx_memory_hypervisor_remove(fixture->memory, id);
    wait_for(!is_listed(fixture, id));
    g_clear_pointer(&other, vx_domain_obj_unref);
    fixture_restart(fixture);
    wait_for(is_listed(fixture, id_web) && is_listed(fixture, id_named));
}

static void domain_zero(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) host = vx_find_name(fixture->driver, "Domain-0", NULL);
    g_autofree char *xml = NULL;
    GError *error = NULL;

    (void)data;
    g_assert_nonnull(host);
    g_assert_cmpint(id_of(host), ==, 0);
    g_assert_cmpint(state_of(fixture, host, NULL), ==, VIR_DOMAIN_RUNNING);
    xml = vx_get_xml(fixture->driver, host, 0, &error);
    g_assert_true(g_str_has_prefix(xml, "<domain type='xen' id='0'>"));
    assert_fails(vx_destroy(fixture->driver, host, 0, &error), error, VIR_ERR_OPERATION_INVALID, "host itself");
    assert_fails(vx_shutdown(fixture->driver, host, 0, &error), error, VIR_ERR_OPERATION_INVALID, "host itself");
    assert_fails(vx_suspend(fixture->driver, host, &error), error, VIR_ERR_OPERATION_INVALID, "host itself");
    assert_fails(vx_undefine(fixture->driver, host, 0, &error), error, VIR_ERR_OPERATION_INVALID, "host itself");
    assert_fails(vx_rename(fixture->driver, host, "x", 0, &error), error, VIR_ERR_OPERATION_INVALID, "host itself");
    assert_fails(vx_set_autostart(fixture->driver, host, true, &error), error, VIR_ERR_OPERATION_INVALID,
                 "host itself");
}

/* ---- jobs ---- */

typedef struct {
    Fixture *fixture;
    VxDomainObj *domain;
    GError *error;
} Call;

static gpointer start_in_thread(gpointer data)
{
    Call *call = data;

    vx_start(call->fixture->driver, call->domain, 0, NULL, &call->error);
    return NULL;
}

static bool has_start_id(VxDomainObj *domain)
{
    bool has;

    g_mutex_lock(&domain->lock);
    has = domain->start_id >= 0;
    g_mutex_unlock(&domain->lock);
    return has;
}

/* A start that hangs holds up nobody else, is seen as a job, and is ended by destroying the domain. */
static void hanging_start(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    Call call = {fixture, web, NULL};
    GError *error = NULL;
    guint64 elapsed_ms;
    GThread *thread;
    int type;

    (void)data;
    vx_memory_hypervisor_set_hanging(fixture->memory, true);
    thread = g_thread_new("start", start_in_thread, &call);
    wait_for(has_start_id(web));
    g_assert_cmpuint(vx_count_defined(fixture->driver), ==, 1);
    assert_good(vx_get_job(web, &type, &elapsed_ms, &error), error);
    g_assert_cmpint(type, ==, VIR_DOMAIN_JOB_UNBOUNDED);
    assert_fails(vx_abort_job(web, 0, &error), error, VIR_ERR_OPERATION_INVALID, "start");
    assert_good(vx_destroy(fixture->driver, web, 0, &error), error);
    g_thread_join(thread);
    assert_fails(call.error == NULL, call.error, VIR_ERR_OPERATION_ABORTED, "was destroyed");
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 0);
    assert_good(vx_get_job(web, &type, &elapsed_ms, &error), error);
    g_assert_cmpint(type, ==, VIR_DOMAIN_JOB_NONE);
    vx_memory_hypervisor_set_hanging(fixture->memory, false);
    start(fixture, web, 0);
}

/* Destroying a domain that is being restarted ends it for good. */
static void destroyed_restart(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    GError *error = NULL;
    int id;

    (void)data;
    id = start(fixture, web, 0);
    vx_memory_hypervisor_set_hanging(fixture->memory, true);
    vx_memory_hypervisor_shut_down(fixture->memory, id, VX_GUEST_REBOOT);
    wait_for(has_start_id(web));
    g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*'web' cannot be restarted*was destroyed*");
    assert_good(vx_destroy(fixture->driver, web, 0, &error), error);
    wait_for(is_idle(web));
    g_test_assert_expected_messages();
    g_assert_cmpint(id_of(web), ==, -1);
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 0);
}

static void owned(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    g_autoptr(VxDomainObj) mail = define_guest(fixture, "mail", 2);
    GError *error = NULL;
    int client;

    (void)data;
    assert_good(vx_start(fixture->driver, web, VIR_DOMAIN_START_AUTODESTROY, &client, &error), error);
    assert_good(vx_start(fixture->driver, mail, 0, &client, &error), error);
    vx_life_owner_gone(fixture->driver, &client);
    wait_for(id_of(web) == -1);
    g_assert_cmpint(id_of(mail), >=, 0);
}

/* ---- states ---- */

static void sleeping(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    VxDriver *driver = fixture->driver;
    GError *error = NULL;

    (void)data;
    start(fixture, web, 0);
    assert_fails(vx_pm_wakeup(driver, web, 0, &error), error, VIR_ERR_OPERATION_INVALID, "not suspended");
    assert_fails(vx_pm_suspend(driver, web, VIR_NODE_SUSPEND_TARGET_DISK, 0, 0, &error), error,
                 VIR_ERR_ARGUMENT_UNSUPPORTED, "mem");
    assert_fails(vx_pm_suspend(driver, web, VIR_NODE_SUSPEND_TARGET_MEM, 5, 0, &error), error,
                 VIR_ERR_ARGUMENT_UNSUPPORTED, "duration");
    assert_good(vx_pm_suspend(driver, web, VIR_NODE_SUSPEND_TARGET_MEM, 0, 0, &error), error);
    vx_memory_hypervisor_settle(fixture->memory);
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_PMSUSPENDED);
    assert_fails(vx_resume(driver, web, &error), error, VIR_ERR_OPERATION_INVALID, "asleep");
    assert_good(vx_pm_wakeup(driver, web, 0, &error), error);
    g_assert_cmpint(state_of(fixture, web, NULL), ==, VIR_DOMAIN_RUNNING);
    assert_heard(fixture, "web event 12;web lifecycle 7 0;web event 11;web lifecycle 2 4;");
    assert_fails(vx_reset(driver, web, 0, &error), error, VIR_ERR_OPERATION_UNSUPPORTED, "HVM");
}

static void lifecycle_action(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_guest(fixture, "web", 1);
    VxDriver *driver = fixture->driver;
    g_autofree char *xml = NULL;
    GError *error = NULL;

    (void)data;
    start(fixture, web, 0);
    assert_good(vx_set_lifecycle_action(driver, web, VIR_DOMAIN_LIFECYCLE_REBOOT, VIR_DOMAIN_LIFECYCLE_ACTION_DESTROY,
                                        VIR_DOMAIN_AFFECT_LIVE, &error),
                error);
    assert_fails(vx_set_lifecycle_action(driver, web, VIR_DOMAIN_LIFECYCLE_REBOOT,
                                         VIR_DOMAIN_LIFECYCLE_ACTION_COREDUMP_DESTROY, 0, &error),
                 error, VIR_ERR_INVALID_ARG, "on_crash");
    xml = vx_get_xml(driver, web, VIR_DOMAIN_XML_INACTIVE, &error);
    g_assert_nonnull(strstr(xml, "<on_reboot>restart"));
    die(fixture, web, VX_GUEST_REBOOT);
    g_assert_cmpint(id_of(web), ==, -1);
}

/* What Xen chose is in the XML of the running domain, and only there. */
static void live_xml(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) web = define_with(fixture, "web", 1, "");
    g_autofree char *live = NULL, *inactive = NULL;
    GError *error = NULL;

    (void)data;
    start(fixture, web, 0);
    live = vx_get_xml(fixture->driver, web, 0, &error);
    g_assert_nonnull(strstr(live, "tty='/dev/pts/"));
    inactive = vx_get_xml(fixture->driver, web, VIR_DOMAIN_XML_MIGRATABLE, &error);
    g_assert_null(strstr(inactive, "/dev/pts/"));
    g_assert_null(strstr(inactive, " id='"));
}

#define ADD(name) g_test_add("/driver/life/" #name, Fixture, "memory", fixture_set_up, name, fixture_tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(poweroff);
    ADD(reboot);
    ADD(reboot_by_button);
    ADD(crash);
    ADD(crash_restarts);
    ADD(preserve);
    ADD(rename_restart);
    ADD(loop);
    ADD(failed_restart);
    ADD(failed_unpause);
    ADD(paused_by_others);
    ADD(foreign);
    ADD(domain_zero);
    ADD(hanging_start);
    ADD(destroyed_restart);
    ADD(owned);
    ADD(sleeping);
    ADD(lifecycle_action);
    ADD(live_xml);
    return g_test_run();
}
