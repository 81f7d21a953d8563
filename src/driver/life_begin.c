/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Making the guest of a domain, and ending it.
 */
#include <libvirt/libvirt.h>

#include "driver/complete.h"
#include "driver/life_state.h"
#include "driver/status.h"
#include "util/vx_error.h"

/* Fails when somebody has destroyed what is to be started again. */
static bool begin_starting(VxDomainObj *domain, const VxDomainRecord *record, GError **error)
{
    bool is_cancelled;

    g_mutex_lock(&domain->lock);
    is_cancelled = domain->is_cancelled;
    domain->is_starting = !is_cancelled;
    domain->start_id = -1;
    g_mutex_unlock(&domain->lock);
    return is_cancelled
               ? vx_fail(error, VIR_ERR_OPERATION_ABORTED, "the domain '%s' has just been destroyed", record->name)
               : true;
}

/* Returns whether somebody has destroyed it meanwhile. */
static bool end_starting(VxDomainObj *domain)
{
    bool is_cancelled;

    g_mutex_lock(&domain->lock);
    domain->is_starting = false;
    domain->start_id = -1;
    is_cancelled = domain->is_cancelled;
    g_mutex_unlock(&domain->lock);
    return is_cancelled;
}

static bool make_guest(VxDriver *driver, const VxDomainDef *def, const VxLifeStart *how, int *id, GError **error)
{
    VxWait wait;

    vx_wait_begin(&wait);
    if (how->fd >= 0)
        driver->hypervisor->ops->restore(driver->hypervisor, def, how->fd, vx_wait_done, &wait);
    else
        driver->hypervisor->ops->start(driver->hypervisor, def, vx_wait_done, &wait);
    return vx_wait_end(&wait, id, error);
}

static void forget_start(VxDriver *driver, VxDomainObj *domain, const VxDomainRecord *record)
{
    g_mutex_lock(&domain->status_lock);
    g_mutex_lock(&domain->lock);
    domain->pending = NULL;
    g_mutex_unlock(&domain->lock);
    vx_status_remove(driver, record->name);
    g_mutex_unlock(&domain->status_lock);
}

/* A VxTask. */
static void write_status(VxDriver *driver, VxDomainObj *domain, int number)
{
    (void)number;
    vx_status_write(driver, domain);
}

/* Lets the guest ID run, which is known to be there. Until it does, its status file says that it is half made. */
static bool let_run(VxDriver *driver, VxDomainObj *domain, int id, GError **error)
{
    if (!driver->hypervisor->ops->unpause(driver->hypervisor, id, error)) {
        vx_life_end(driver, domain, id, VIR_DOMAIN_SHUTOFF_FAILED, VIR_DOMAIN_EVENT_STOPPED_FAILED, NULL);
        return false;
    }
    g_mutex_lock(&domain->lock);
    domain->pending = NULL;
    g_mutex_unlock(&domain->lock);
    /* Nobody has to wait for that. */
    if (!vx_life_push_task(driver, write_status, domain, 0))
        vx_status_write(driver, domain);
    return true;
}

/* The guest ID of DEF has been made. What there is to be noted of it is noted before it runs: from then on it wants the
 * host's processors for itself. */
static bool begin_running(VxDriver *driver, VxDomainObj *domain, VxDomainDef *def, const VxLifeStart *how, int id,
                          GError **error)
{
    g_autoptr(VxDomainRecord) live = vx_life_live_record(driver, def, id);

    g_mutex_lock(&domain->lock);
    domain->owner = how->owner;
    domain->is_foreign = false;
    g_mutex_unlock(&domain->lock);
    vx_life_become_running(driver, domain, live, id, how->paused, how->fd >= 0);
    return how->paused || let_run(driver, domain, id, error);
}

/* Fails with WHY (taken), unless somebody has wanted it so. */
static bool fail_start(const VxDomainRecord *record, bool is_cancelled, GError *why, GError **error)
{
    if (!is_cancelled) {
        g_propagate_error(error, why);
        return false;
    }
    g_clear_error(&why);
    return vx_fail(error, VIR_ERR_OPERATION_ABORTED, "the domain '%s' was destroyed while it was starting",
                   record->name);
}

bool vx_life_start(VxDriver *driver, VxDomainObj *domain, VxDomainRecord *record, const VxLifeStart *how,
                   GError **error)
{
    g_autoptr(VxDomainDef) def = NULL;
    GError *why = NULL;
    bool is_made, runs, is_cancelled;
    int id = -1;

    if (!vx_driver_need_hypervisor(driver, error))
        return false;
    def = vx_domain_record_open(record, error);
    if (!def || !vx_complete_for_start(def, error))
        return false;
    if (record->is_live)
        vx_life_strip(def);
    if (!begin_starting(domain, record, error))
        return false;
    vx_status_set_pending(driver, domain, how->paused ? VX_PENDING_PAUSED : VX_PENDING_START, record);
    is_made = make_guest(driver, def, how, &id, &why);
    runs = is_made && begin_running(driver, domain, def, how, id, &why);
    is_cancelled = end_starting(domain); /* not before: a guest of unknown id could be taken for somebody else's */
    if (!is_made)
        forget_start(driver, domain, record);
    if (!runs)
        return fail_start(record, is_cancelled, why, error);
    if (how->paused)
        vx_life_refresh(driver, domain); /* it may have been destroyed before its id was known here */
    return true;
}

static void count_ending(VxDomainObj *domain, int change)
{
    g_mutex_lock(&domain->lock);
    domain->n_ending = (unsigned)((int)domain->n_ending + change);
    g_mutex_unlock(&domain->lock);
}

bool vx_life_end(VxDriver *driver, VxDomainObj *domain, int id, int reason, int detail, GError **error)
{
    g_autoptr(GError) why = NULL;
    bool is_over;
    VxWait wait;

    count_ending(domain, 1);
    vx_wait_begin(&wait);
    driver->hypervisor->ops->destroy(driver->hypervisor, id, vx_wait_done, &wait);
    is_over = vx_wait_end(&wait, NULL, &why) || g_error_matches(why, VX_ERROR, VIR_ERR_NO_DOMAIN);
    if (is_over)
        vx_life_become_shut_off(driver, domain, id, reason, detail);
    count_ending(domain, -1);
    if (!is_over)
        g_propagate_error(error, g_steal_pointer(&why));
    return is_over;
}
