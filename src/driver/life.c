/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/life.h"

#include <libvirt/libvirt.h>

#include "driver/change.h"
#include "driver/channel_state.h"
#include "driver/complete.h"
#include "driver/define.h"
#include "util/vx_error.h"

/* ---- waiting for a long call ---- */

typedef struct {
    GMutex lock;
    GCond done;
    bool is_done;
    int id;
    GError *error;
} Wait;

static void wait_init(Wait *wait)
{
    *wait = (Wait){0};
    g_mutex_init(&wait->lock);
    g_cond_init(&wait->done);
}

static void call_done(int id, GError *error, gpointer data)
{
    Wait *wait = data;

    g_mutex_lock(&wait->lock);
    wait->is_done = true;
    wait->id = id;
    wait->error = error;
    g_cond_signal(&wait->done);
    g_mutex_unlock(&wait->lock);
}

static bool wait_finish(Wait *wait, int *id, GError **error)
{
    bool good;

    g_mutex_lock(&wait->lock);
    while (!wait->is_done)
        g_cond_wait(&wait->done, &wait->lock);
    g_mutex_unlock(&wait->lock);
    g_mutex_clear(&wait->lock);
    g_cond_clear(&wait->done);
    *id = wait->id;
    good = wait->error == NULL;
    if (!good)
        g_propagate_error(error, wait->error);
    return good;
}

/* ---- states ---- */

static void set_state(VxDomainObj *domain, int state, int reason)
{
    g_mutex_lock(&domain->lock);
    domain->state = state;
    domain->reason = reason;
    g_mutex_unlock(&domain->lock);
}

static void become_running(VxDriver *driver, VxDomainObj *domain, VxDomainRecord *live, int id, bool paused)
{
    g_mutex_lock(&domain->lock);
    domain->live = vx_domain_record_ref(live);
    domain->id = id;
    domain->updated = false;
    g_mutex_unlock(&domain->lock);
    if (paused)
        set_state(domain, VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER);
    else
        set_state(domain, VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_BOOTED);
    vx_domain_list_add_id(driver->list, domain, id);
    vx_emit_lifecycle(driver, live, id, VIR_DOMAIN_EVENT_STARTED, VIR_DOMAIN_EVENT_STARTED_BOOTED);
    if (paused)
        vx_emit_lifecycle(driver, live, id, VIR_DOMAIN_EVENT_SUSPENDED, VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
}

/* The guest of ID is no more. A transient domain goes with it. */
static void become_shut_off(VxDriver *driver, VxDomainObj *domain, int id, int reason, int detail)
{
    g_autoptr(VxDomainRecord) live = NULL;

    g_mutex_lock(&domain->lock);
    if (domain->id == id) {
        live = g_steal_pointer(&domain->live);
        domain->id = -1;
        domain->updated = false;
        domain->state = VIR_DOMAIN_SHUTOFF;
        domain->reason = reason;
    }
    g_mutex_unlock(&domain->lock);
    if (!live) /* somebody else has seen it first */
        return;
    vx_domain_list_drop_id(driver->list, id);
    vx_emit_lifecycle(driver, live, -1, VIR_DOMAIN_EVENT_STOPPED, detail);
    vx_define_withdraw(driver, domain, live->name);
}

/* ---- starting ---- */

static bool start_guest(VxDriver *driver, VxDomainObj *domain, const VxDomainRecord *record, unsigned flags,
                        GError **error)
{
    bool paused = flags & VIR_DOMAIN_START_PAUSED;
    g_autoptr(VxDomainDef) def = NULL;
    g_autoptr(VxDomainRecord) live = NULL;
    Wait wait;
    int id;

    if (!vx_driver_need_hypervisor(driver, error))
        return false;
    def = vx_domain_record_open(record, error);
    if (!def || !vx_complete_for_start(def, error))
        return false;
    wait_init(&wait);
    driver->hypervisor->ops->start(driver->hypervisor, def, paused ? VX_GUEST_START_PAUSED : 0, call_done, &wait);
    if (!wait_finish(&wait, &id, error))
        return false;
    def->id = VX_NUMBER(id);
    live = vx_domain_record_new(def, true);
    become_running(driver, domain, live, id, paused);
    return true;
}

#define START_FLAGS (VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_FORCE_BOOT | VIR_DOMAIN_START_BYPASS_CACHE)

bool vx_start(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};

    if (!vx_check_flags(flags, START_FLAGS, "virDomainCreateWithFlags", error) ||
        !vx_change_begin(&change, domain, "start", VIR_DOMAIN_AFFECT_CURRENT, error))
        return false;
    if (change.view.live)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is already running", change.view.live->name);
    return start_guest(driver, domain, change.view.persistent, flags, error);
}

bool vx_create_xml(VxDriver *driver, const char *xml, unsigned flags, VxDomainRef *ref, GError **error)
{
    bool validate = flags & VIR_DOMAIN_START_VALIDATE;
    g_autoptr(VxDomainDef) def = NULL;
    g_autoptr(VxDomainRecord) record = NULL;
    g_autoptr(VxDomainObj) domain = NULL;
    bool is_running, done;

    if (!vx_check_flags(flags, VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_VALIDATE, "virDomainCreateXML", error))
        return false;
    def = vx_complete_xml(driver, xml, validate ? VX_COMPLETE_VALIDATE : 0, error);
    if (!def)
        return false;
    record = vx_domain_record_new(def, false);
    domain = vx_define_claim(driver, record, "create", error);
    if (!domain)
        return false;
    g_mutex_lock(&domain->lock);
    is_running = domain->live != NULL;
    g_mutex_unlock(&domain->lock);
    if (is_running)
        done = vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is already running", record->name);
    else
        done = start_guest(driver, domain, record, flags, error) && vx_domain_obj_get_ref(domain, ref, error);
    vx_define_withdraw(driver, domain, record->name);
    vx_domain_obj_end_job(domain);
    return done;
}

/* ---- stopping, pausing ---- */

bool vx_destroy(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};
    Wait wait;
    int id;

    if (!vx_check_flags(flags, VIR_DOMAIN_DESTROY_GRACEFUL, "virDomainDestroyFlags", error) ||
        !vx_change_begin(&change, domain, "destroy", VIR_DOMAIN_AFFECT_LIVE, error) ||
        !vx_driver_need_hypervisor(driver, error))
        return false;
    wait_init(&wait);
    driver->hypervisor->ops->destroy(driver->hypervisor, change.view.id, call_done, &wait);
    if (!wait_finish(&wait, &id, error))
        return false;
    become_shut_off(driver, domain, change.view.id, VIR_DOMAIN_SHUTOFF_DESTROYED, VIR_DOMAIN_EVENT_STOPPED_DESTROYED);
    return true;
}

typedef bool (*GuestCall)(VxHypervisor *hypervisor, int id, GError **error);

/* Takes the job of DOMAIN, which has to be running, for WHAT. */
static bool begin(VxDriver *driver, VxChange *change, VxDomainObj *domain, const char *what, GError **error)
{
    return vx_change_begin(change, domain, what, VIR_DOMAIN_AFFECT_LIVE, error) &&
           vx_driver_need_hypervisor(driver, error);
}

bool vx_shutdown(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};

    return vx_check_flags(flags, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN | VIR_DOMAIN_SHUTDOWN_PARAVIRT,
                          "virDomainShutdownFlags", error) &&
           begin(driver, &change, domain, "shut down", error) &&
           driver->hypervisor->ops->shutdown(driver->hypervisor, change.view.id,
                                             flags == VIR_DOMAIN_SHUTDOWN_PARAVIRT         ? VX_GUEST_ASK_PV
                                             : flags == VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN ? VX_GUEST_ASK_ACPI
                                                                                           : VX_GUEST_ASK_ANY,
                                             error);
}

bool vx_reboot(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};

    return vx_check_flags(flags, VIR_DOMAIN_REBOOT_ACPI_POWER_BTN | VIR_DOMAIN_REBOOT_PARAVIRT, "virDomainReboot",
                          error) &&
           begin(driver, &change, domain, "reboot", error) &&
           driver->hypervisor->ops->reboot(driver->hypervisor, change.view.id,
                                           flags == VIR_DOMAIN_REBOOT_PARAVIRT         ? VX_GUEST_ASK_PV
                                           : flags == VIR_DOMAIN_REBOOT_ACPI_POWER_BTN ? VX_GUEST_ASK_ACPI
                                                                                       : VX_GUEST_ASK_ANY,
                                           error);
}

bool vx_suspend(VxDriver *driver, VxDomainObj *domain, GError **error)
{
    g_auto(VxChange) change = {0};

    if (!begin(driver, &change, domain, "suspend", error))
        return false;
    if (change.view.state == VIR_DOMAIN_PAUSED)
        return true;
    if (!driver->hypervisor->ops->pause(driver->hypervisor, change.view.id, error))
        return false;
    set_state(domain, VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER);
    vx_emit_lifecycle(driver, change.view.live, change.view.id, VIR_DOMAIN_EVENT_SUSPENDED,
                      VIR_DOMAIN_EVENT_SUSPENDED_PAUSED);
    return true;
}

bool vx_resume(VxDriver *driver, VxDomainObj *domain, GError **error)
{
    g_auto(VxChange) change = {0};

    if (!begin(driver, &change, domain, "resume", error))
        return false;
    if (change.view.state != VIR_DOMAIN_PAUSED)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is not paused", change.view.live->name);
    if (!driver->hypervisor->ops->unpause(driver->hypervisor, change.view.id, error))
        return false;
    set_state(domain, VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_UNPAUSED);
    vx_emit_lifecycle(driver, change.view.live, change.view.id, VIR_DOMAIN_EVENT_RESUMED,
                      VIR_DOMAIN_EVENT_RESUMED_UNPAUSED);
    return true;
}

/* ---- what Xen says by itself ---- */

void vx_life_guest_event(const VxGuestEvent *event, gpointer data)
{
    VxDriver *driver = data;
    g_autoptr(VxDomainObj) domain = NULL;

    if (event->kind == VX_GUEST_EVENT_CHANNEL)
        vx_channel_states_take(driver->list, event);
    domain = vx_domain_list_find_id(driver->list, event->id);
    if (!domain)
        return;
    switch (event->kind) {
    case VX_GUEST_EVENT_NEW:
    case VX_GUEST_EVENT_CHANNEL:
        break;
    case VX_GUEST_EVENT_SHUTDOWN:
        if (event->shutdown == VX_GUEST_CRASH)
            set_state(domain, VIR_DOMAIN_CRASHED, VIR_DOMAIN_CRASHED_UNKNOWN);
        else
            set_state(domain, VIR_DOMAIN_SHUTDOWN, VIR_DOMAIN_SHUTDOWN_USER);
        break;
    case VX_GUEST_EVENT_GONE:
        become_shut_off(driver, domain, event->id, VIR_DOMAIN_SHUTOFF_SHUTDOWN, VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN);
        break;
    }
}
