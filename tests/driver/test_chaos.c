/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Every call of the hypervisor fails once, and many threads do many things at once: whatever happens, no guest is lost,
 * no domain stays busy, and the two sides agree in the end.
 */
#include "driver/save.h"
#include "fixture.h"

#define N_DOMAINS 4
static const char *const names[N_DOMAINS] = {"a", "b", "c", "d"};

static bool all_idle(Fixture *fixture)
{
    g_autoptr(GPtrArray) domains = vx_domain_list_all(fixture->driver->list);

    for (unsigned i = 0; i < domains->len; i++)
        if (!is_idle(domains->pdata[i]))
            return false;
    return g_thread_pool_unprocessed(fixture->driver->tasks) == 0;
}

/* Each guest is one domain's, and each domain that runs has one. */
static bool agree(Fixture *fixture)
{
    VxHypervisor *hypervisor = (VxHypervisor *)fixture->memory;
    g_autoptr(GArray) guests = hypervisor->ops->list(hypervisor, NULL);
    g_autoptr(GArray) ids = vx_list_ids(fixture->driver, 1000);

    if (!guests || guests->len != ids->len)
        return false;
    for (unsigned i = 0; i < guests->len; i++) {
        const VxGuestInfo *guest = &g_array_index(guests, VxGuestInfo, i);
        g_autoptr(VxDomainObj) domain = vx_find_id(fixture->driver, guest->id, NULL);

        if (!domain || memcmp(domain->uuid, guest->uuid, sizeof(guest->uuid)) != 0)
            return false;
    }
    return true;
}

static void settle(Fixture *fixture)
{
    vx_memory_hypervisor_fail_at(fixture->memory, 0);
    vx_memory_hypervisor_settle(fixture->memory);
    wait_for(all_idle(fixture) && agree(fixture));
}

/* Ends what is left, and counts. */
static void sweep(Fixture *fixture)
{
    g_autoptr(GPtrArray) domains = NULL;

    settle(fixture);
    domains = vx_domain_list_all(fixture->driver->list);
    for (unsigned i = 0; i < domains->len; i++) {
        VxDomainObj *domain = domains->pdata[i];

        vx_destroy(fixture->driver, domain, 0, NULL);
        vx_managed_save_remove(fixture->driver, domain, 0, NULL);
    }
    settle(fixture);
    g_assert_cmpuint(vx_memory_hypervisor_count(fixture->memory), ==, 0);
    g_assert_cmpuint(vx_count_running(fixture->driver), ==, 1); /* the host */
    g_assert_cmpuint(vx_memory_hypervisor_count_ends(fixture->memory), ==, 0);
}

/* A life of one domain, with all that can happen in it; each step may fail. */
static void live(Fixture *fixture, VxDomainObj *domain)
{
    VxDriver *driver = fixture->driver;
    g_autofree char *path = fixture_path(fixture, "file"), *xml = NULL;
    int state, reason;

    vx_start(driver, domain, 0, NULL, NULL);
    vx_suspend(driver, domain, NULL);
    vx_resume(driver, domain, NULL);
    vx_get_state(driver, domain, 0, &state, &reason, NULL);
    xml = vx_get_xml(driver, domain, 0, NULL);
    g_assert_nonnull(xml);
    vx_pm_suspend(driver, domain, VIR_NODE_SUSPEND_TARGET_MEM, 0, 0, NULL);
    vx_pm_wakeup(driver, domain, 0, NULL);
    vx_save(driver, domain, path, NULL, 0, NULL);
    vx_restore(driver, path, NULL, 0, NULL);
    vx_managed_save(driver, domain, 0, NULL);
    vx_start(driver, domain, 0, NULL, NULL);
    vx_reboot(driver, domain, 0, NULL);
    vx_memory_hypervisor_settle(fixture->memory);
    wait_for(all_idle(fixture));
    vx_memory_hypervisor_shut_down(fixture->memory, id_of(domain), VX_GUEST_CRASH);
    vx_memory_hypervisor_settle(fixture->memory);
    wait_for(all_idle(fixture));
    vx_destroy(driver, domain, 0, NULL);
}

static void each_fails(Fixture *fixture, gconstpointer data)
{
    g_autoptr(VxDomainObj) domain = define_guest(fixture, "web", 1);
    bool has_failed = true;
    unsigned n;

    (void)data;
    fixture->driver->minimum_life_ms = 0;
    vx_memory_hypervisor_set_obedient(fixture->memory, true);
    for (n = 1; has_failed; n++) {
        vx_memory_hypervisor_fail_at(fixture->memory, n);
        live(fixture, domain);
        has_failed = !vx_memory_hypervisor_is_to_fail(fixture->memory);
        sweep(fixture);
    }
    g_test_message("%u calls have failed", n - 2);
    g_assert_cmpuint(n, >, 20);
}

/* The same when the daemon comes back after each life that had a failure. */
static void each_fails_then_restart(Fixture *fixture, gconstpointer data)
{
    bool has_failed = true;

    (void)data;
    vx_memory_hypervisor_set_obedient(fixture->memory, true);
    vx_domain_obj_unref(define_guest(fixture, "web", 1));
    for (unsigned n = 1; has_failed; n += 3) {
        g_autoptr(VxDomainObj) domain = find_domain(fixture, "web");
        GError *error = NULL;

        vx_memory_hypervisor_fail_at(fixture->memory, n);
        vx_start(fixture->driver, domain, 0, NULL, &error);
        g_clear_error(&error);
        vx_memory_hypervisor_shut_down(fixture->memory, id_of(domain), VX_GUEST_REBOOT);
        vx_managed_save(fixture->driver, domain, 0, NULL);
        has_failed = !vx_memory_hypervisor_is_to_fail(fixture->memory);
        vx_memory_hypervisor_fail_at(fixture->memory, 0);
        g_clear_pointer(&domain, vx_domain_obj_unref);
        fixture_restart(fixture);
        sweep(fixture);
    }
}

/* ---- at once ---- */

typedef struct {
    Fixture *fixture;
    unsigned seed;
    gint *is_over; /* atomic */
} Actor;

static void act(Fixture *fixture, GRand *random)
{
    VxDriver *driver = fixture->driver;
    g_autoptr(VxDomainObj) domain = vx_find_name(driver, names[g_rand_int_range(random, 0, N_DOMAINS)], NULL);
    g_autofree char *xml = NULL;
    g_autoptr(GArray) list = NULL;
    int state, reason;

    if (!domain)
        return;
    switch (g_rand_int_range(random, 0, 12)) {
    case 0:
    case 1:
    case 2:
        vx_start(driver, domain, g_rand_boolean(random) ? VIR_DOMAIN_START_PAUSED : 0, NULL, NULL);
        break;
    case 3:
        vx_destroy(driver, domain, 0, NULL);
        break;
    case 4:
        vx_reboot(driver, domain, 0, NULL);
        break;
    case 5:
        vx_shutdown(driver, domain, 0, NULL);
        break;
    case 6:
        vx_suspend(driver, domain, NULL);
        vx_resume(driver, domain, NULL);
        break;
    case 7:
        vx_managed_save(driver, domain, 0, NULL);
        break;
    case 8:
        vx_memory_hypervisor_shut_down(fixture->memory, id_of(domain), VX_GUEST_CRASH);
        break;
    case 9:
        vx_memory_hypervisor_remove(fixture->memory, id_of(domain));
        break;
    case 10:
        vx_memory_hypervisor_fail_at(fixture->memory, (unsigned)g_rand_int_range(random, 1, 30));
        break;
    default:
        list = vx_list_domains(driver, VIR_CONNECT_LIST_DOMAINS_RUNNING, NULL);
        xml = vx_get_xml(driver, domain, 0, NULL);
        vx_get_state(driver, domain, 0, &state, &reason, NULL);
    }
}

static gpointer play(gpointer data)
{
    const Actor *actor = data;
    g_autoptr(GRand) random = g_rand_new_with_seed(actor->seed);

    while (!g_atomic_int_get(actor->is_over))
        act(actor->fixture, random);
    return NULL;
}

#define N_ACTORS 6
#define PLAY_US (2 * G_USEC_PER_SEC)

static void many_at_once(Fixture *fixture, gconstpointer data)
{
    Actor actors[N_ACTORS];
    GThread *threads[N_ACTORS];
    gint is_over = false;

    (void)data;
    for (unsigned i = 0; i < N_DOMAINS; i++)
        vx_domain_obj_unref(define_guest(fixture, names[i], i + 1));
    fixture->driver->minimum_life_ms = 0;
    vx_memory_hypervisor_set_obedient(fixture->memory, true);
    vx_memory_hypervisor_set_delay(fixture->memory, 1);
    for (unsigned i = 0; i < N_ACTORS; i++) {
        actors[i] = (Actor){fixture, (unsigned)g_test_rand_int(), &is_over};
        threads[i] = g_thread_new("actor", play, &actors[i]);
    }
    g_usleep(PLAY_US);
    g_atomic_int_set(&is_over, true);
    for (unsigned i = 0; i < N_ACTORS; i++)
        g_thread_join(threads[i]);
    sweep(fixture);
}

#define ADD(name) g_test_add("/driver/chaos/" #name, Fixture, "memory", fixture_set_up, name, fixture_tear_down)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL); /* what fails is warned of, and that is right */
    ADD(each_fails);
    ADD(each_fails_then_restart);
    ADD(many_at_once);
    return g_test_run();
}
