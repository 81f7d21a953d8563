/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/life.h"

#include <libvirt/libvirt.h>

#include "driver/change.h"
#include "driver/complete.h"
#include "driver/define.h"
#include "driver/life_state.h"
#include "driver/save.h"
#include "util/vx_error.h"

/* ---- starting ---- */

#define START_FLAGS                                                                                                    \
    (VIR_DOMAIN_START_PAUSED | VIR_DOMAIN_START_AUTODESTROY | VIR_DOMAIN_START_FORCE_BOOT |                            \
     VIR_DOMAIN_START_BYPASS_CACHE | VIR_DOMAIN_START_VALIDATE)

static VxLifeStart how_to_start(unsigned flags, gconstpointer owner)
{
    return (VxLifeStart){.paused = flags & VIR_DOMAIN_START_PAUSED,
                         .fd = -1,
                         .owner = flags & VIR_DOMAIN_START_AUTODESTROY ? owner : NULL};
}

static void forget_quick_deaths(VxDomainObj *domain)
{
    g_mutex_lock(&domain->lock);
    domain->n_quick_deaths = 0;
    g_mutex_unlock(&domain->lock);
}

static bool fail_running(const VxDomainRecord *record, GError **error)
{
    return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is already running", record->name);
}

bool vx_start(VxDriver *driver, VxDomainObj *domain, unsigned flags, gconstpointer owner, GError **error)
{
    const VxLifeStart how = how_to_start(flags, owner);
    g_auto(VxChange) change = {0};

    if (!vx_check_flags(flags, START_FLAGS, "virDomainCreateWithFlags", error) ||
        !vx_change_begin(&change, domain, "start", VIR_DOMAIN_AFFECT_CURRENT, error))
        return false;
    if (change.view.live)
        return fail_running(change.view.live, error);
    forget_quick_deaths(domain);
    if (change.view.has_managed_save && !(flags & VIR_DOMAIN_START_FORCE_BOOT))
        return vx_managed_save_start(driver, domain, change.view.persistent->name, how, error);
    if (change.view.has_managed_save && !vx_managed_save_drop(driver, domain, change.view.persistent->name, error))
        return false;
    return vx_life_start(driver, domain, change.view.persistent, &how, error);
}

bool vx_create_xml(VxDriver *driver, const char *xml, unsigned flags, gconstpointer owner, VxDomainRef *ref,
                   GError **error)
{
    const VxLifeStart how = how_to_start(flags, owner);
    g_autoptr(VxDomainDef) def = NULL;
    g_autoptr(VxDomainRecord) record = NULL;
    g_autoptr(VxDomainObj) domain = NULL;
    bool is_running, done;

    if (!vx_check_flags(flags, START_FLAGS, "virDomainCreateXML", error))
        return false;
    def = vx_complete_xml(driver, xml, flags & VIR_DOMAIN_START_VALIDATE ? VX_COMPLETE_VALIDATE : 0, error);
    if (!def)
        return false;
    record = vx_domain_record_new(def, false);
    domain = vx_define_claim(driver, record, "create", error);
    if (!domain)
        return false;
    forget_quick_deaths(domain);
    g_mutex_lock(&domain->lock);
    is_running = domain->live != NULL;
    g_mutex_unlock(&domain->lock);
    if (is_running)
        done = fail_running(record, error);
    else
        done = vx_life_start(driver, domain, record, &how, error) && vx_domain_obj_get_ref(domain, ref, error);
    vx_define_withdraw(driver, domain, record->name);
    vx_domain_obj_end_job(domain);
    return done;
}

/* ---- stopping ---- */

static bool destroy_under_job(VxDriver *driver, VxDomainObj *domain, GError **error)
{
    g_auto(VxDomainView) view = {0};

    if (!vx_domain_obj_look(domain, &view, error))
        return false;
    if (!view.live)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is not running", view.persistent->name);
    if (!vx_life_end(driver, domain, view.id, VIR_DOMAIN_SHUTOFF_DESTROYED, VIR_DOMAIN_EVENT_STOPPED_DESTROYED, error))
        return false;
    vx_define_withdraw(driver, domain, view.live->name);
    return true;
}

/* Somebody else has the job, and finds the guest gone. */
static bool break_in(VxDriver *driver, VxDomainObj *domain, int id, GError **error)
{
    if (!vx_life_end(driver, domain, id, VIR_DOMAIN_SHUTOFF_DESTROYED, VIR_DOMAIN_EVENT_STOPPED_DESTROYED, error))
        return false;
    vx_life_push_task(driver, vx_life_sweep, domain, 0);
    return true;
}

bool vx_destroy(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    bool done;
    int id;

    if (!vx_check_flags(flags, VIR_DOMAIN_DESTROY_GRACEFUL | VIR_DOMAIN_DESTROY_REMOVE_LOGS, "virDomainDestroyFlags",
                        error) ||
        !vx_life_check_not_host(domain, error) || !vx_domain_obj_begin_end(domain, "destroy", &id, error))
        return false;
    if (id >= 0)
        return break_in(driver, domain, id, error);
    done = destroy_under_job(driver, domain, error);
    vx_domain_obj_end_job(domain);
    return done;
}

/* ---- domains of a client ---- */

static void destroy_owned(VxDriver *driver, VxDomainObj *domain, int number)
{
    g_autoptr(GError) error = NULL;

    (void)number;
    if (!vx_destroy(driver, domain, 0, &error))
        g_info("a domain that was to go with its client: %s", error->message);
}

void vx_life_owner_gone(VxDriver *driver, gconstpointer owner)
{
    g_autoptr(GPtrArray) domains = vx_domain_list_all(driver->list);

    for (unsigned i = 0; i < domains->len; i++) {
        VxDomainObj *domain = domains->pdata[i];
        bool is_owned;

        g_mutex_lock(&domain->lock);
        is_owned = domain->owner == owner;
        if (is_owned)
            domain->owner = NULL;
        g_mutex_unlock(&domain->lock);
        if (is_owned)
            vx_life_push_task(driver, destroy_owned, domain, 0);
    }
}

/* ---- jobs ---- */

bool vx_get_job(VxDomainObj *domain, int *type, guint64 *elapsed_ms, GError **error)
{
    g_auto(VxDomainView) view = {0};

    if (!vx_domain_obj_look(domain, &view, error))
        return false;
    g_mutex_lock(&domain->lock);
    *type = domain->job ? VIR_DOMAIN_JOB_UNBOUNDED : VIR_DOMAIN_JOB_NONE;
    *elapsed_ms = domain->job ? (guint64)(g_get_monotonic_time() - domain->job_us) / 1000 : 0;
    g_mutex_unlock(&domain->lock);
    return true;
}

bool vx_abort_job(VxDomainObj *domain, unsigned flags, GError **error)
{
    const char *job;

    if (!vx_check_flags(flags, 0, "virDomainAbortJobFlags", error))
        return false;
    g_mutex_lock(&domain->lock);
    job = domain->job;
    g_mutex_unlock(&domain->lock);
    if (!job)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "no job is active on the domain");
    return vx_fail(error, VIR_ERR_OPERATION_INVALID,
                   "Xen cannot abort '%s': wait until it is done, or destroy the domain", job);
}
