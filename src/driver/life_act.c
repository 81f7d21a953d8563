/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What Xen says by itself, and what is done when a guest has shut down: <on_poweroff>, <on_reboot>, <on_crash>.
 */
#include <libvirt/libvirt.h>
#include <string.h>
#include <time.h>

#include "driver/agents.h"
#include "driver/change.h"
#include "driver/channel_state.h"
#include "driver/define.h"
#include "driver/foreign.h"
#include "driver/life.h"
#include "driver/life_state.h"
#include "driver/live_xml.h"
#include "driver/status.h"
#include "util/vx_error.h"

/* A guest that has died by itself, and the domain whose job is held. */
typedef struct {
    VxDriver *driver;
    VxDomainObj *domain;
    int id;
    VxGuestShutdown shutdown;
    VxDomainDef *def; /* live */
    VxDomainRecord *live, *persistent;
    bool lived_long;
    bool reboots; /* it was to reboot, whatever it calls its end */
} Death;

static bool has_crashed(const Death *death)
{
    return death->shutdown == VX_GUEST_CRASH || death->shutdown == VX_GUEST_WATCHDOG;
}

/* ---- a guest comes to its end ---- */

#define TRIES 3
#define PAUSE_US (G_USEC_PER_SEC / 2)

/* A guest that cannot be destroyed today may be tomorrow: but not everything waits for that. */
static bool end_guest(const Death *death)
{
    for (unsigned i = 0; i < TRIES; i++) {
        g_autoptr(GError) error = NULL;

        if (vx_life_end(death->driver, death->domain, death->id,
                        has_crashed(death) ? VIR_DOMAIN_SHUTOFF_CRASHED : VIR_DOMAIN_SHUTOFF_SHUTDOWN,
                        has_crashed(death) ? VIR_DOMAIN_EVENT_STOPPED_CRASHED : VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN,
                        &error))
            return true;
        g_warning("domain '%s' has shut down, but its guest %d cannot be destroyed: %s", death->live->name, death->id,
                  error->message);
        g_usleep(PAUSE_US);
    }
    return false;
}

#define QUICK_DEATHS 3

/* Whether the domain may be started once more: one that dies again and again at once is in a loop. */
static bool may_restart(const Death *death)
{
    VxDomainObj *domain = death->domain;
    unsigned n;

    g_mutex_lock(&domain->lock);
    n = domain->n_quick_deaths = death->lived_long ? 0 : domain->n_quick_deaths + 1;
    g_mutex_unlock(&domain->lock);
    if (n < QUICK_DEATHS)
        return true;
    g_warning("domain '%s' is not restarted: it has lived for less than %u ms %u times in a row", death->live->name,
              death->driver->minimum_life_ms, n);
    return false;
}

static void emit_reboot(VxDriver *driver, VxDomainObj *domain)
{
    VxDomainEvent event = {.id = VIR_DOMAIN_EVENT_ID_REBOOT};

    if (vx_domain_obj_get_ref(domain, &event.domain, NULL))
        vx_domain_events_emit(driver->events, &event);
    vx_domain_ref_clear(&event.domain);
}

static void fail_restart(const Death *death, const GError *why)
{
    g_warning("domain '%s' cannot be restarted: %s", death->live->name, why->message);
    vx_status_set_pending(death->driver, death->domain, NULL, NULL);
    g_mutex_lock(&death->domain->status_lock);
    vx_status_remove(death->driver, death->live->name);
    g_mutex_unlock(&death->domain->status_lock);
}

/* The guest is gone, and the domain has got none. When we are to stop, the next daemon finds in the status file that it
 * is to be started. */
static void start_again(const Death *death)
{
    const VxLifeStart how = {.fd = -1};
    g_autoptr(GError) error = NULL;

    if (g_atomic_int_get(&death->driver->is_stopping))
        return;
    if (vx_life_start(death->driver, death->domain, death->persistent ? death->persistent : death->live, &how, &error))
        emit_reboot(death->driver, death->domain);
    else
        fail_restart(death, error);
}

static void restart(const Death *death)
{
    if (!may_restart(death)) {
        end_guest(death);
        return;
    }
    vx_status_set_pending(death->driver, death->domain, VX_PENDING_RESTART, NULL);
    if (end_guest(death))
        start_again(death);
    else
        vx_status_set_pending(death->driver, death->domain, NULL, NULL);
}

/* ---- a guest stays ---- */

/* The name of a domain and a number, which nobody has. */
static char *preserved_name(VxDriver *driver, const char *name)
{
    for (unsigned i = 1;; i++) {
        g_autofree char *candidate = g_strdup_printf("%s-%u", name, i);
        g_autoptr(VxDomainObj) other = vx_domain_list_find_name(driver->list, candidate);

        if (!other)
            return g_steal_pointer(&candidate);
    }
}

/* The definition under which the guest stays: nothing more happens to it by itself. */
static VxDomainRecord *preserved_record(const Death *death, const char *name, const guint8 uuid[16])
{
    g_autoptr(VxDomainDef) def = vx_domain_def_copy(death->def);

    g_free(def->name);
    def->name = g_strdup(name);
    g_free(def->uuid);
    def->uuid = g_malloc(VX_UUID_TEXT_BYTES);
    vx_uuid_format(uuid, def->uuid);
    def->id = VX_NUMBER(death->id);
    def->on_poweroff = def->on_reboot = def->on_crash = VX_ACTION_PRESERVE;
    return vx_domain_record_new(def, true);
}

/* The guest becomes one of a transient domain of its own, which is dead. */
static void give_away(const Death *death, VxDomainRecord *record)
{
    VxDriver *driver = death->driver;
    bool is_new;
    g_autoptr(VxDomainObj) kept = vx_domain_list_claim(driver->list, record->uuid, record->name, &is_new, NULL);

    vx_life_become_shut_off(driver, death->domain, death->id,
                            has_crashed(death) ? VIR_DOMAIN_SHUTOFF_CRASHED : VIR_DOMAIN_SHUTOFF_SHUTDOWN,
                            has_crashed(death) ? VIR_DOMAIN_EVENT_STOPPED_CRASHED : VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN);
    if (!kept)
        return;
    g_mutex_lock(&kept->lock);
    kept->live = vx_domain_record_ref(record);
    kept->id = death->id;
    kept->shutdown = (int)death->shutdown;
    kept->state = has_crashed(death) ? VIR_DOMAIN_CRASHED : VIR_DOMAIN_SHUTDOWN;
    kept->reason = has_crashed(death) ? (int)VIR_DOMAIN_CRASHED_UNKNOWN : (int)VIR_DOMAIN_SHUTDOWN_USER;
    g_mutex_unlock(&kept->lock);
    vx_domain_list_add_id(driver->list, kept, death->id);
    vx_status_write(driver, kept);
}

static void rename_and_restart(const Death *death)
{
    VxDriver *driver = death->driver;
    g_autofree char *name = preserved_name(driver, death->live->name);
    g_autoptr(GError) error = NULL;
    g_autoptr(VxDomainRecord) record = NULL;
    guint8 uuid[16];

    if (!may_restart(death)) {
        end_guest(death);
        return;
    }
    vx_uuid_generate(uuid);
    if (!driver->hypervisor->ops->preserve(driver->hypervisor, death->id, name, uuid, &error)) {
        g_warning("domain '%s' is not restarted, for its guest %d cannot be renamed to '%s': %s", death->live->name,
                  death->id, name, error->message);
        return;
    }
    record = preserved_record(death, name, uuid);
    vx_status_set_pending(driver, death->domain, VX_PENDING_RESTART, NULL);
    give_away(death, record);
    start_again(death);
}

static void preserve(const Death *death)
{
    if (has_crashed(death))
        vx_emit_lifecycle(death->driver, death->live, death->id, VIR_DOMAIN_EVENT_CRASHED,
                          VIR_DOMAIN_EVENT_CRASHED_PANICKED);
}

/* ---- its memory ---- */

static void dump_core(const Death *death)
{
    VxDriver *driver = death->driver;
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autofree char *time = g_date_time_format(now, "%Y-%m-%d-%H:%M:%S"), *path = NULL;
    g_autoptr(GError) error = NULL;
    VxWait wait;

    if (!driver->config.dump_folder)
        return;
    path = g_strdup_printf("%s/%s-%s", driver->config.dump_folder, death->live->name, time);
    g_mkdir_with_parents(driver->config.dump_folder, 0700);
    vx_wait_begin(&wait);
    driver->hypervisor->ops->dump_core(driver->hypervisor, death->id, path, vx_wait_done, &wait);
    if (vx_wait_end(&wait, NULL, &error))
        g_info("domain '%s' has crashed: its memory is in %s", death->live->name, path);
    else
        g_warning("domain '%s' has crashed, and its memory cannot be kept: %s", death->live->name, error->message);
}

/* ---- which of it ---- */

static int action_of(const Death *death)
{
    switch (death->shutdown == VX_GUEST_POWEROFF && death->reboots ? VX_GUEST_REBOOT : death->shutdown) {
    case VX_GUEST_POWEROFF:
        return death->def->on_poweroff ? death->def->on_poweroff : VX_ACTION_DESTROY;
    case VX_GUEST_REBOOT:
        return death->def->on_reboot ? death->def->on_reboot : VX_ACTION_RESTART;
    case VX_GUEST_CRASH:
    case VX_GUEST_WATCHDOG:
        return death->def->on_crash ? death->def->on_crash : VX_ACTION_DESTROY;
    case VX_GUEST_SOFT_RESET: /* for the guest's own next kernel, which a new guest boots as well */
        return VX_ACTION_RESTART;
    default:
        return VX_ACTION_PRESERVE;
    }
}

static void act(const Death *death)
{
    switch ((VxLifecycleAction)action_of(death)) {
    case VX_ACTION_COREDUMP_DESTROY:
        dump_core(death);
        end_guest(death);
        break;
    case VX_ACTION_COREDUMP_RESTART:
        dump_core(death);
        restart(death);
        break;
    case VX_ACTION_RESTART:
        restart(death);
        break;
    case VX_ACTION_RENAME_RESTART:
        rename_and_restart(death);
        break;
    case VX_ACTION_PRESERVE:
        preserve(death);
        break;
    case VX_ACTION_DESTROY:
    case VX_ACTION_NOT_GIVEN:
        end_guest(death);
    }
}

/* Looks at how things are once the job is held. Returns false when there is nothing to do any more. */
static bool look(Death *death)
{
    VxDomainObj *domain = death->domain;
    gint64 life_us;
    bool is_due;

    g_mutex_lock(&domain->lock);
    is_due =
        domain->live && domain->id == death->id && domain->shutdown != VX_GUEST_NOT_SHUT_DOWN && !domain->is_foreign;
    if (is_due) {
        death->shutdown = (VxGuestShutdown)domain->shutdown;
        death->reboots = g_strcmp0(domain->pending, VX_PENDING_REBOOT) == 0;
        death->live = vx_domain_record_ref(domain->live);
        death->persistent = domain->persistent ? vx_domain_record_ref(domain->persistent) : NULL;
    }
    life_us = g_get_monotonic_time() - domain->started_us;
    g_mutex_unlock(&domain->lock);
    death->lived_long = life_us >= (gint64)death->driver->minimum_life_ms * G_TIME_SPAN_MILLISECOND;
    return is_due;
}

void vx_life_act(VxDriver *driver, VxDomainObj *domain, int number)
{
    Death death = {.driver = driver, .domain = domain, .id = number};
    g_autoptr(GError) error = NULL;

    if (g_atomic_int_get(&driver->is_stopping) || !vx_domain_obj_await_job(domain, "act on the end of"))
        return;
    if (look(&death)) {
        death.def = vx_domain_record_open(death.live, &error);
        if (death.def)
            act(&death);
        else
            g_warning("nothing is done about the end of domain '%s': %s", death.live->name, error->message);
        vx_define_withdraw(driver, domain, death.live->name);
    }
    vx_domain_obj_end_job(domain);
    vx_domain_def_free(death.def);
    vx_domain_record_unref(death.live);
    vx_domain_record_unref(death.persistent);
}

/* ---- what Xen says ---- */

/* The id of a guest that is being started, for whoever has to end it meanwhile. */
static void note_new(VxDriver *driver, const VxGuestEvent *event)
{
    g_autoptr(VxDomainObj) domain = vx_domain_list_find_uuid(driver->list, event->uuid);
    bool is_ours = false;

    if (domain) {
        g_mutex_lock(&domain->lock);
        is_ours = domain->is_starting || domain->id == event->id;
        if (domain->is_starting) {
            domain->start_id = event->id;
            g_cond_broadcast(&domain->job_free);
        }
        g_mutex_unlock(&domain->lock);
    }
    if (!is_ours)
        vx_life_push_task(driver, vx_foreign_appear, NULL, event->id);
}

void vx_life_guest_event(const VxGuestEvent *event, gpointer data)
{
    VxDriver *driver = data;
    g_autoptr(VxDomainObj) domain = NULL;

    vx_agents_guest_event(driver->agents, event);
    if (event->kind == VX_GUEST_EVENT_NEW) {
        note_new(driver, event);
        return;
    }
    if (event->kind == VX_GUEST_EVENT_CHANNEL)
        vx_channel_states_take(driver->list, event);
    vx_live_xml_news(driver->list, event);
    domain = vx_domain_list_find_id(driver->list, event->id);
    if (!domain || domain->is_domain_zero)
        return;
    switch (event->kind) {
    case VX_GUEST_EVENT_NEW:
    case VX_GUEST_EVENT_CHANNEL:
    case VX_GUEST_EVENT_DETAILS:
        break;
    case VX_GUEST_EVENT_SHUTDOWN:
        if (event->shutdown != VX_GUEST_SUSPEND && vx_life_become_dead(driver, domain, event->id, event->shutdown))
            vx_life_push_task(driver, vx_life_act, domain, event->id);
        break;
    case VX_GUEST_EVENT_GONE:
        vx_life_become_gone(driver, domain, event->id);
        break;
    }
}
