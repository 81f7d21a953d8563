/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/life_state.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "conf/graphics_def.h"
#include "driver/change.h"
#include "driver/define.h"
#include "driver/status.h"
#include "util/vx_error.h"

/* ---- long calls ---- */

void vx_wait_begin(VxWait *wait)
{
    *wait = (VxWait){.id = -1};
    g_mutex_init(&wait->lock);
    g_cond_init(&wait->done);
}

void vx_wait_done(int id, GError *error, gpointer data)
{
    VxWait *wait = data;

    g_mutex_lock(&wait->lock);
    wait->is_done = true;
    wait->id = id;
    wait->error = error;
    g_cond_signal(&wait->done);
    g_mutex_unlock(&wait->lock);
}

bool vx_wait_end(VxWait *wait, int *id, GError **error)
{
    g_mutex_lock(&wait->lock);
    while (!wait->is_done)
        g_cond_wait(&wait->done, &wait->lock);
    g_mutex_unlock(&wait->lock);
    g_mutex_clear(&wait->lock);
    g_cond_clear(&wait->done);
    if (id)
        *id = wait->id;
    if (!wait->error)
        return true;
    g_propagate_error(error, wait->error);
    return false;
}

/* ---- tasks ---- */

typedef struct {
    VxTask run;
    VxDomainObj *domain;
    int number;
} Task;

bool vx_life_push_task(VxDriver *driver, VxTask run, VxDomainObj *domain, int number)
{
    bool is_begun;
    Task *task;

    g_mutex_lock(&driver->tasks_lock);
    is_begun = !g_atomic_int_get(&driver->is_stopping);
    if (is_begun) {
        task = g_new(Task, 1);
        *task = (Task){run, domain ? vx_domain_obj_ref(domain) : NULL, number};
        g_thread_pool_push(driver->tasks, task, NULL);
    }
    g_mutex_unlock(&driver->tasks_lock);
    return is_begun;
}

void vx_life_run_task(gpointer data, gpointer driver)
{
    g_autofree Task *task = data;

    task->run(driver, task->domain, task->number);
    vx_domain_obj_unref(task->domain);
}

void vx_life_sweep(VxDriver *driver, VxDomainObj *domain, int number)
{
    g_autofree char *name = NULL;
    bool is_nothing;

    (void)number;
    if (!vx_domain_obj_await_job(domain, "sweep up"))
        return;
    g_mutex_lock(&domain->lock);
    is_nothing = !domain->persistent && !domain->live;
    g_mutex_unlock(&domain->lock);
    name = is_nothing ? vx_domain_list_name_of(driver->list, domain) : NULL;
    if (name)
        vx_define_withdraw(driver, domain, name);
    vx_domain_obj_end_job(domain);
}

/* ---- definitions of guests ---- */

VxDomainRecord *vx_life_live_record(VxDriver *driver, VxDomainDef *def, int id)
{
    g_autoptr(GError) error = NULL;

    def->id = VX_NUMBER(id);
    if (!driver->hypervisor->ops->fill_live(driver->hypervisor, id, def, &error))
        g_info("what was chosen for domain '%s' is not known yet: %s", def->name, error->message);
    return vx_domain_record_new(def, true);
}

/* As the hotplug scripts call interfaces: vif, the guest's id, a dot, a number. */
static bool is_chosen_vif(const char *name)
{
    return name && g_regex_match_simple("^vif[0-9]+\\.[0-9]+(-emu)?$", name, 0, 0);
}

static void strip_chr(VxChr *chr)
{
    if (chr->type == VX_CHR_PTY)
        vx_chr_drop_sources(chr);
    g_clear_pointer(&chr->tty, g_free);
}

static void strip_device(VxDevice *device)
{
    if (device->object.kind == VX_DEVICE_INTERFACE) {
        VxNet *net = (VxNet *)device;

        if (is_chosen_vif(net->target))
            g_clear_pointer(&net->target, g_free);
    } else if (device->object.kind == VX_DEVICE_GRAPHICS) {
        VxGraphics *graphics = (VxGraphics *)device;

        if (graphics->autoport == VX_YES)
            graphics->port = VX_NUMBER(-1);
    } else if (device->object.kind == VX_DEVICE_CONSOLE || device->object.kind == VX_DEVICE_SERIAL ||
               device->object.kind == VX_DEVICE_PARALLEL || device->object.kind == VX_DEVICE_CHANNEL) {
        strip_chr((VxChr *)device);
    }
}

void vx_life_strip(VxDomainDef *def)
{
    def->id = (VxNumber){0};
    for (unsigned i = 0; def->devices && i < def->devices->len; i++)
        strip_device(def->devices->pdata[i]);
}

/* ---- steps ---- */

void vx_life_become_running(VxDriver *driver, VxDomainObj *domain, VxDomainRecord *live, int id, bool paused,
                            bool restored)
{
    VxDomainRecord *old;

    g_mutex_lock(&domain->lock);
    old = domain->live;
    domain->live = vx_domain_record_ref(live);
    domain->id = id;
    domain->updated = false;
    domain->shutdown = VX_GUEST_NOT_SHUT_DOWN;
    if (paused)
        domain->pending = NULL;
    domain->started_us = g_get_monotonic_time();
    domain->state = paused ? VIR_DOMAIN_PAUSED : VIR_DOMAIN_RUNNING;
    domain->reason = paused     ? VIR_DOMAIN_PAUSED_USER
                     : restored ? VIR_DOMAIN_RUNNING_RESTORED
                                : VIR_DOMAIN_RUNNING_BOOTED;
    g_mutex_unlock(&domain->lock);
    vx_domain_record_unref(old);
    vx_domain_list_add_id(driver->list, domain, id);
    vx_status_write(driver, domain);
    vx_emit_lifecycle(driver, live, id, VIR_DOMAIN_EVENT_STARTED,
                      restored ? VIR_DOMAIN_EVENT_STARTED_RESTORED : VIR_DOMAIN_EVENT_STARTED_BOOTED);
    if (paused)
        vx_emit_lifecycle(driver, live, id, VIR_DOMAIN_EVENT_SUSPENDED,
                          restored ? VIR_DOMAIN_EVENT_SUSPENDED_RESTORED : VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
}

/* Under the lock: whether ID is DOMAIN's guest, and alive. */
static bool is_alive(const VxDomainObj *domain, int id)
{
    return domain->live && domain->id == id && domain->shutdown == VX_GUEST_NOT_SHUT_DOWN;
}

/* Under the lock: makes the state STATE. Returns a reference to the live definition when that is news, else NULL. */
static VxDomainRecord *change_state(VxDomainObj *domain, int state, int reason)
{
    bool is_new = domain->state != state;

    domain->state = state;
    domain->reason = reason;
    return is_new ? vx_domain_record_ref(domain->live) : NULL;
}

void vx_life_become_paused(VxDriver *driver, VxDomainObj *domain, int id, bool paused, int reason)
{
    g_autoptr(VxDomainRecord) live = NULL;

    g_mutex_lock(&domain->lock);
    if (is_alive(domain, id))
        live = change_state(domain, paused ? VIR_DOMAIN_PAUSED : VIR_DOMAIN_RUNNING, reason);
    g_mutex_unlock(&domain->lock);
    if (!live)
        return;
    vx_status_write(driver, domain);
    if (paused)
        vx_emit_lifecycle(driver, live, id, VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
    else
        vx_emit_lifecycle(driver, live, id, VIR_DOMAIN_EVENT_RESUMED, VIR_DOMAIN_EVENT_RESUMED_UNPAUSED);
}

static void emit_pm(VxDriver *driver, const VxDomainRecord *live, int id, bool asleep)
{
    VxDomainEvent event = {.id = asleep ? VIR_DOMAIN_EVENT_ID_PMSUSPEND : VIR_DOMAIN_EVENT_ID_PMWAKEUP,
                           .domain = {.name = (char *)live->name, .id = id}};

    memcpy(event.domain.uuid, live->uuid, sizeof(event.domain.uuid));
    vx_domain_events_emit(driver->events, &event);
    if (asleep)
        vx_emit_lifecycle(driver, live, id, VIR_DOMAIN_EVENT_PMSUSPENDED, VIR_DOMAIN_EVENT_PMSUSPENDED_MEMORY);
    else
        vx_emit_lifecycle(driver, live, id, VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_WAKEUP);
}

void vx_life_become_asleep(VxDriver *driver, VxDomainObj *domain, int id, bool asleep)
{
    g_autoptr(VxDomainRecord) live = NULL;

    g_mutex_lock(&domain->lock);
    if (is_alive(domain, id))
        live = asleep ? change_state(domain, VIR_DOMAIN_PMSUSPENDED, VIR_DOMAIN_PMSUSPENDED_UNKNOWN)
                      : change_state(domain, VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_WAKEUP);
    g_mutex_unlock(&domain->lock);
    if (!live)
        return;
    vx_status_write(driver, domain);
    emit_pm(driver, live, id, asleep);
}

bool vx_life_become_dead(VxDriver *driver, VxDomainObj *domain, int id, VxGuestShutdown shutdown)
{
    bool has_crashed = shutdown == VX_GUEST_CRASH || shutdown == VX_GUEST_WATCHDOG;
    g_autoptr(VxDomainRecord) live = NULL;

    g_mutex_lock(&domain->lock);
    if (is_alive(domain, id) && domain->n_ending == 0) {
        domain->shutdown = shutdown;
        live = has_crashed ? change_state(domain, VIR_DOMAIN_CRASHED, VIR_DOMAIN_CRASHED_UNKNOWN)
                           : change_state(domain, VIR_DOMAIN_SHUTDOWN, VIR_DOMAIN_SHUTDOWN_USER);
    }
    g_mutex_unlock(&domain->lock);
    if (!live)
        return false;
    vx_status_write(driver, domain);
    if (!has_crashed)
        vx_emit_lifecycle(driver, live, id, VIR_DOMAIN_EVENT_SHUTDOWN, VIR_DOMAIN_EVENT_SHUTDOWN_FINISHED);
    return true;
}

bool vx_life_become_shut_off(VxDriver *driver, VxDomainObj *domain, int id, int reason, int detail)
{
    g_autoptr(VxDomainRecord) live = NULL;
    bool is_kept = false, is_ours = false;

    g_mutex_lock(&domain->status_lock);
    g_mutex_lock(&domain->lock);
    if (domain->live && domain->id == id) {
        live = g_steal_pointer(&domain->live);
        is_ours = !domain->is_foreign;
        is_kept = domain->pending != NULL && strcmp(domain->pending, VX_PENDING_RESTART) == 0;
        domain->id = -1;
        domain->updated = false;
        domain->owner = NULL;
        domain->shutdown = VX_GUEST_NOT_SHUT_DOWN;
        domain->state = VIR_DOMAIN_SHUTOFF;
        domain->reason = reason;
        if (!is_kept)
            domain->pending = NULL;
    }
    g_mutex_unlock(&domain->lock);
    if (live && !is_kept && is_ours)
        vx_status_remove(driver, live->name);
    g_mutex_unlock(&domain->status_lock);
    if (!live) /* somebody else has seen it first */
        return false;
    vx_domain_list_drop_id(driver->list, id);
    vx_emit_lifecycle(driver, live, -1, VIR_DOMAIN_EVENT_STOPPED, detail);
    return true;
}

/* Under the lock: what the end of a guest is called that ended after SHUTDOWN. */
static void reason_of_end(int shutdown, int *reason, int *detail)
{
    switch (shutdown) {
    case VX_GUEST_NOT_SHUT_DOWN:
        *reason = VIR_DOMAIN_SHUTOFF_DESTROYED;
        *detail = VIR_DOMAIN_EVENT_STOPPED_DESTROYED;
        break;
    case VX_GUEST_CRASH:
    case VX_GUEST_WATCHDOG:
        *reason = VIR_DOMAIN_SHUTOFF_CRASHED;
        *detail = VIR_DOMAIN_EVENT_STOPPED_CRASHED;
        break;
    default:
        *reason = VIR_DOMAIN_SHUTOFF_SHUTDOWN;
        *detail = VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN;
    }
}

bool vx_life_become_gone(VxDriver *driver, VxDomainObj *domain, int id)
{
    int reason, detail;
    bool is_ours;

    g_mutex_lock(&domain->lock);
    is_ours = domain->n_ending == 0;
    reason_of_end(domain->shutdown, &reason, &detail);
    g_mutex_unlock(&domain->lock);
    if (!is_ours || !vx_life_become_shut_off(driver, domain, id, reason, detail))
        return false;
    vx_life_push_task(driver, vx_life_sweep, domain, 0);
    return true;
}

/* ---- looking ---- */

void vx_life_refresh_from(VxDriver *driver, VxDomainObj *domain, const VxGuestInfo *info)
{
    bool is_asleep, is_paused, is_starting;

    if (memcmp(info->uuid, domain->uuid, sizeof(info->uuid)) != 0) { /* the id is another guest's by now */
        vx_life_become_gone(driver, domain, info->id);
        return;
    }
    if (info->shutdown == VX_GUEST_SUSPEND) /* whoever has suspended it says what it is for */
        return;
    if (info->shutdown != VX_GUEST_NOT_SHUT_DOWN) {
        if (vx_life_become_dead(driver, domain, info->id, info->shutdown))
            vx_life_push_task(driver, vx_life_act, domain, info->id);
        return;
    }
    g_mutex_lock(&domain->lock);
    is_asleep = domain->state == VIR_DOMAIN_PMSUSPENDED;
    is_paused = domain->state == VIR_DOMAIN_PAUSED;
    is_starting = domain->is_starting;
    g_mutex_unlock(&domain->lock);
    if (is_starting) /* it is about to run */
        return;
    if (is_asleep && !info->paused)
        vx_life_become_asleep(driver, domain, info->id, false);
    else if (is_paused != info->paused)
        vx_life_become_paused(driver, domain, info->id, info->paused,
                              info->paused ? VIR_DOMAIN_PAUSED_UNKNOWN : VIR_DOMAIN_RUNNING_UNPAUSED);
}

void vx_life_refresh(VxDriver *driver, VxDomainObj *domain)
{
    g_autoptr(GError) error = NULL;
    VxGuestInfo info;
    bool is_live;
    int id;

    g_mutex_lock(&domain->lock);
    is_live = domain->live != NULL;
    id = domain->id;
    g_mutex_unlock(&domain->lock);
    if (!is_live || !driver->hypervisor)
        return;
    if (driver->hypervisor->ops->info(driver->hypervisor, id, &info, &error))
        vx_life_refresh_from(driver, domain, &info);
    else if (g_error_matches(error, VX_ERROR, VIR_ERR_NO_DOMAIN))
        vx_life_become_gone(driver, domain, id);
    else
        g_debug("the state of guest %d cannot be learned: %s", id, error->message);
}

bool vx_life_check_not_host(const VxDomainObj *domain, GError **error)
{
    if (domain->is_domain_zero)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID,
                       "Domain-0 does not support requested operation: it is the host itself");
    return true;
}
