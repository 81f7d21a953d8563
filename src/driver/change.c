/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/change.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/status.h"
#include "util/vx_error.h"

bool vx_check_flags(unsigned flags, unsigned allowed, const char *call, GError **error)
{
    if (flags & ~allowed)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "unsupported flags (0x%x) in %s", flags & ~allowed, call);
    return true;
}

void vx_emit_lifecycle(VxDriver *driver, const VxDomainRecord *record, int id, int type, int detail)
{
    VxDomainEvent event = {.id = VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                           .domain = {.name = (char *)record->name, .id = id},
                           .lifecycle = {.type = type, .detail = detail}};

    memcpy(event.domain.uuid, record->uuid, sizeof(event.domain.uuid));
    vx_domain_events_emit(driver->events, &event);
}

/* ---- which definition ---- */

static bool choose(const VxDomainView *view, unsigned impact, bool *live, bool *config, GError **error)
{
    *live = (impact & VIR_DOMAIN_AFFECT_LIVE) != 0;
    *config = (impact & VIR_DOMAIN_AFFECT_CONFIG) != 0;
    if (!*live && !*config) {
        *live = view->live != NULL;
        *config = !*live;
    }
    if (*live && !view->live)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is not running",
                       vx_domain_view_current(view)->name);
    if (*config && !view->persistent)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID,
                       "domain '%s' is transient: it has no persistent definition to change or ask",
                       vx_domain_view_current(view)->name);
    return true;
}

VxDomainRecord *vx_view_of_impact(const VxDomainView *view, unsigned impact, GError **error)
{
    bool live, config;

    if ((impact & VIR_DOMAIN_AFFECT_LIVE) && (impact & VIR_DOMAIN_AFFECT_CONFIG)) {
        vx_fail(error, VIR_ERR_INVALID_ARG, "ask for the live or for the persistent definition, not for both");
        return NULL;
    }
    if (!choose(view, impact, &live, &config, error))
        return NULL;
    return live ? view->live : view->persistent;
}

bool vx_change_begin(VxChange *change, VxDomainObj *domain, const char *what, unsigned impact, GError **error)
{
    *change = (VxChange){0};
    if (!vx_domain_obj_begin_job(domain, what, error))
        return false;
    change->domain = vx_domain_obj_ref(domain);
    return vx_domain_obj_look(domain, &change->view, error) &&
           choose(&change->view, impact, &change->live, &change->config, error);
}

void vx_change_end(VxChange *change)
{
    if (change->domain)
        vx_domain_obj_end_job(change->domain);
    vx_domain_view_clear(&change->view);
    g_clear_pointer(&change->domain, vx_domain_obj_unref);
}

/* ---- editing ---- */

void vx_domain_obj_set_persistent(VxDomainObj *domain, VxDomainRecord *record)
{
    VxDomainRecord *old;

    g_mutex_lock(&domain->lock);
    old = domain->persistent;
    domain->persistent = record;
    domain->updated = domain->live != NULL;
    g_mutex_unlock(&domain->lock);
    vx_domain_record_unref(old);
}

static VxDomainRecord *edited(const VxDomainRecord *record, VxEdit edit, gpointer data, GError **error)
{
    g_autoptr(VxDomainDef) def = vx_domain_record_open(record, error);
    g_autoptr(VxDomainRecord) changed = NULL;
    g_autoptr(VxDomainDef) again = NULL;

    if (!def || !edit(def, data, error))
        return NULL;
    changed = vx_domain_record_new(def, record->is_live);
    again = vx_domain_record_open(changed, error); /* what cannot be read again must not get to the disk */
    return again ? g_steal_pointer(&changed) : NULL;
}

bool vx_change_config(VxDriver *driver, VxChange *change, VxEdit edit, gpointer data, GError **error)
{
    g_autoptr(VxDomainRecord) record = NULL;

    if (change->domain->is_domain_zero)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID,
                       "Domain-0 has no definition that could be changed: it is the host itself");
    record = edited(change->view.persistent, edit, data, error);
    if (!record || !vx_domain_store_save(driver->store, record, false, error))
        return false;
    vx_domain_obj_set_persistent(change->domain, g_steal_pointer(&record));
    return true;
}

bool vx_change_live(VxDriver *driver, VxChange *change, VxEdit edit, gpointer data, GError **error)
{
    VxDomainRecord *record = edited(change->view.live, edit, data, error);
    VxDomainObj *domain = change->domain;

    if (!record)
        return false;
    g_mutex_lock(&domain->lock);
    if (domain->live) { /* it may have died meanwhile: then there is nothing to describe */
        VxDomainRecord *old = domain->live;

        domain->live = record;
        record = old;
    }
    g_mutex_unlock(&domain->lock);
    vx_domain_record_unref(record);
    vx_status_write(driver, domain);
    return true;
}

bool vx_change_both(VxDriver *driver, VxChange *change, VxEdit edit, gpointer data, GError **error)
{
    if (change->config && !vx_change_config(driver, change, edit, data, error))
        return false;
    return !change->live || vx_change_live(driver, change, edit, data, error);
}
