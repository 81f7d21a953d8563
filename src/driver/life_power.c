/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A running guest is asked to shut down, paused, put to sleep, and what happens when it dies.
 */
#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/agent_calls.h"
#include "driver/change.h"
#include "driver/life.h"
#include "driver/life_state.h"
#include "driver/status.h"
#include "util/vx_error.h"

/* Takes the job of DOMAIN, which has to be running, for WHAT, and looks at how it is. */
static bool begin(VxDriver *driver, VxChange *change, VxDomainObj *domain, const char *what, GError **error)
{
    if (!vx_life_check_not_host(domain, error) ||
        !vx_change_begin(change, domain, what, VIR_DOMAIN_AFFECT_LIVE, error) ||
        !vx_driver_need_hypervisor(driver, error))
        return false;
    vx_life_refresh(driver, domain);
    g_mutex_lock(&domain->lock);
    change->view.state = domain->state;
    change->view.id = domain->id;
    g_mutex_unlock(&domain->lock);
    if (change->view.id < 0)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is not running", change->view.live->name);
    return true;
}

/* The same for a guest that is to do something, and cannot when it has shut down. */
static bool begin_awake(VxDriver *driver, VxChange *change, VxDomainObj *domain, const char *what, GError **error)
{
    if (!begin(driver, change, domain, what, error))
        return false;
    if (change->view.state == VIR_DOMAIN_SHUTDOWN || change->view.state == VIR_DOMAIN_CRASHED)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' has shut down: destroy it",
                       change->view.live->name);
    return true;
}

/* ---- asking it to stop ---- */

/* Whether the guest's next poweroff is to be a reboot. */
static void mark_reboot(VxDriver *driver, VxDomainObj *domain, bool reboots)
{
    bool is_marked;

    g_mutex_lock(&domain->lock);
    is_marked = g_strcmp0(domain->pending, VX_PENDING_REBOOT) == 0;
    g_mutex_unlock(&domain->lock);
    if (is_marked != reboots)
        vx_status_set_pending(driver, domain, reboots ? VX_PENDING_REBOOT : NULL, NULL);
}

bool vx_shutdown(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};
    bool done;

    if (!vx_check_flags(
            flags, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN | VIR_DOMAIN_SHUTDOWN_GUEST_AGENT | VIR_DOMAIN_SHUTDOWN_PARAVIRT,
            "virDomainShutdownFlags", error) ||
        !vx_agent_first(driver, domain, &flags, VIR_DOMAIN_SHUTDOWN_GUEST_AGENT, false, &done, error))
        return false;
    if (done)
        return true;
    if (!begin_awake(driver, &change, domain, "shut down", error))
        return false;
    mark_reboot(driver, domain, false);
    return driver->hypervisor->ops->shutdown(driver->hypervisor, change.view.id,
                                             flags == VIR_DOMAIN_SHUTDOWN_PARAVIRT         ? VX_GUEST_ASK_PV
                                             : flags == VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN ? VX_GUEST_ASK_ACPI
                                                                                           : VX_GUEST_ASK_ANY,
                                             error);
}

/* ACPI has a power button, and none to reboot: what the guest does upon it is told apart when it has done it. */
static bool press_to_reboot(VxDriver *driver, VxChange *change, GError **error)
{
    mark_reboot(driver, change->domain, true);
    if (driver->hypervisor->ops->shutdown(driver->hypervisor, change->view.id, VX_GUEST_ASK_ACPI, error))
        return true;
    mark_reboot(driver, change->domain, false);
    return false;
}

bool vx_reboot(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};
    g_autoptr(GError) why = NULL;
    bool done;

    if (!vx_check_flags(flags,
                        VIR_DOMAIN_REBOOT_ACPI_POWER_BTN | VIR_DOMAIN_REBOOT_GUEST_AGENT | VIR_DOMAIN_REBOOT_PARAVIRT,
                        "virDomainReboot", error) ||
        !vx_agent_first(driver, domain, &flags, VIR_DOMAIN_REBOOT_GUEST_AGENT, true, &done, error))
        return false;
    if (done)
        return true;
    if (!begin_awake(driver, &change, domain, "reboot", error))
        return false;
    if (flags == VIR_DOMAIN_REBOOT_ACPI_POWER_BTN)
        return press_to_reboot(driver, &change, error);
    if (driver->hypervisor->ops->reboot(driver->hypervisor, change.view.id, &why))
        return true;
    if (flags != VIR_DOMAIN_REBOOT_PARAVIRT && g_error_matches(why, VX_ERROR, VIR_ERR_OPERATION_UNSUPPORTED))
        return press_to_reboot(driver, &change, error);
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

static bool trigger(VxDriver *driver, VxDomainObj *domain, const char *what, VxGuestTrigger which, GError **error)
{
    g_auto(VxChange) change = {0};

    return begin_awake(driver, &change, domain, what, error) &&
           driver->hypervisor->ops->trigger(driver->hypervisor, change.view.id, which, error);
}

bool vx_reset(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    return vx_check_flags(flags, 0, "virDomainReset", error) &&
           trigger(driver, domain, "reset", VX_GUEST_TRIGGER_RESET, error);
}

bool vx_inject_nmi(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    return vx_check_flags(flags, 0, "virDomainInjectNMI", error) &&
           trigger(driver, domain, "interrupt", VX_GUEST_TRIGGER_NMI, error);
}

/* ---- pausing ---- */

bool vx_suspend(VxDriver *driver, VxDomainObj *domain, GError **error)
{
    g_auto(VxChange) change = {0};

    if (!begin_awake(driver, &change, domain, "suspend", error))
        return false;
    if (change.view.state == VIR_DOMAIN_PAUSED)
        return true;
    if (!driver->hypervisor->ops->pause(driver->hypervisor, change.view.id, error))
        return false;
    vx_life_become_paused(driver, domain, change.view.id, true, VIR_DOMAIN_PAUSED_USER);
    return true;
}

bool vx_resume(VxDriver *driver, VxDomainObj *domain, GError **error)
{
    g_auto(VxChange) change = {0};

    if (!begin_awake(driver, &change, domain, "resume", error))
        return false;
    if (change.view.state == VIR_DOMAIN_RUNNING)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is not paused: it is already running",
                       change.view.live->name);
    if (change.view.state == VIR_DOMAIN_PMSUSPENDED)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is asleep: wake it up with dompmwakeup",
                       change.view.live->name);
    if (!driver->hypervisor->ops->unpause(driver->hypervisor, change.view.id, error))
        return false;
    vx_life_become_paused(driver, domain, change.view.id, false, VIR_DOMAIN_RUNNING_UNPAUSED);
    return true;
}

/* ---- sleeping ---- */

bool vx_pm_suspend(VxDriver *driver, VxDomainObj *domain, unsigned target, guint64 duration_s, unsigned flags,
                   GError **error)
{
    g_auto(VxChange) change = {0};
    VxWait wait;

    if (!vx_check_flags(flags, 0, "virDomainPMSuspendForDuration", error))
        return false;
    if (target != VIR_NODE_SUSPEND_TARGET_MEM)
        return vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                       "Xen suspends guests to memory only: ask for the target mem");
    if (duration_s != 0)
        return vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                       "Xen does not wake guests up by itself: ask for a duration of 0");
    if (!begin_awake(driver, &change, domain, "suspend", error))
        return false;
    if (change.view.state != VIR_DOMAIN_RUNNING)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is not running", change.view.live->name);
    vx_wait_begin(&wait);
    driver->hypervisor->ops->suspend(driver->hypervisor, change.view.id, vx_wait_done, &wait);
    if (!vx_wait_end(&wait, NULL, error))
        return false;
    vx_life_become_asleep(driver, domain, change.view.id, true);
    return true;
}

bool vx_pm_wakeup(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};
    VxWait wait;

    if (!vx_check_flags(flags, 0, "virDomainPMWakeup", error) ||
        !begin_awake(driver, &change, domain, "wake up", error))
        return false;
    if (change.view.state != VIR_DOMAIN_PMSUSPENDED)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is not suspended", change.view.live->name);
    vx_wait_begin(&wait);
    driver->hypervisor->ops->resume(driver->hypervisor, change.view.id, vx_wait_done, &wait);
    if (!vx_wait_end(&wait, NULL, error))
        return false;
    vx_life_become_asleep(driver, domain, change.view.id, false);
    return true;
}

/* ---- what happens when it dies ---- */

typedef struct {
    unsigned type;
    int action;
} Lifecycle;

static bool edit_lifecycle(VxDomainDef *def, gpointer data, GError **error)
{
    const Lifecycle *lifecycle = data;

    (void)error;
    *(lifecycle->type == VIR_DOMAIN_LIFECYCLE_POWEROFF ? &def->on_poweroff
      : lifecycle->type == VIR_DOMAIN_LIFECYCLE_REBOOT ? &def->on_reboot
                                                       : &def->on_crash) = lifecycle->action;
    return true;
}

bool vx_set_lifecycle_action(VxDriver *driver, VxDomainObj *domain, unsigned type, unsigned action, unsigned flags,
                             GError **error)
{
    static const int actions[] = {
        [VIR_DOMAIN_LIFECYCLE_ACTION_DESTROY] = VX_ACTION_DESTROY,
        [VIR_DOMAIN_LIFECYCLE_ACTION_RESTART] = VX_ACTION_RESTART,
        [VIR_DOMAIN_LIFECYCLE_ACTION_RESTART_RENAME] = VX_ACTION_RENAME_RESTART,
        [VIR_DOMAIN_LIFECYCLE_ACTION_PRESERVE] = VX_ACTION_PRESERVE,
        [VIR_DOMAIN_LIFECYCLE_ACTION_COREDUMP_DESTROY] = VX_ACTION_COREDUMP_DESTROY,
        [VIR_DOMAIN_LIFECYCLE_ACTION_COREDUMP_RESTART] = VX_ACTION_COREDUMP_RESTART,
    };
    g_auto(VxChange) change = {0};
    Lifecycle lifecycle = {.type = type};

    if (!vx_check_flags(flags, VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG, "virDomainSetLifecycleAction", error))
        return false;
    if (type > VIR_DOMAIN_LIFECYCLE_CRASH)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "there is no lifecycle event %u", type);
    if (action >= G_N_ELEMENTS(actions))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "there is no lifecycle action %u", action);
    if (type != VIR_DOMAIN_LIFECYCLE_CRASH && action >= VIR_DOMAIN_LIFECYCLE_ACTION_COREDUMP_DESTROY)
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "the memory of a guest is kept when it crashes: only on_crash can be %s",
                       vx_enum_to_text(&vx_lifecycle_actions, actions[action]));
    lifecycle.action = actions[action];
    return vx_life_check_not_host(domain, error) &&
           vx_change_begin(&change, domain, "change the lifecycle actions of", flags, error) &&
           vx_change_both(driver, &change, edit_lifecycle, &lifecycle, error);
}
