/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/domain_obj.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "util/vx_error.h"

VxDomainObj *vx_domain_obj_new(const guint8 uuid[16])
{
    VxDomainObj *domain = g_new0(VxDomainObj, 1);

    g_atomic_ref_count_init(&domain->refs);
    memcpy(domain->uuid, uuid, sizeof(domain->uuid));
    g_mutex_init(&domain->lock);
    g_cond_init(&domain->job_free);
    g_cond_init(&domain->device_closed);
    domain->open_devices = g_ptr_array_new();
    g_mutex_init(&domain->status_lock);
    domain->id = domain->start_id = -1;
    domain->state = VIR_DOMAIN_SHUTOFF;
    domain->reason = VIR_DOMAIN_SHUTOFF_UNKNOWN;
    return domain;
}

VxDomainObj *vx_domain_obj_ref(VxDomainObj *domain)
{
    g_atomic_ref_count_inc(&domain->refs);
    return domain;
}

void vx_domain_obj_unref(VxDomainObj *domain)
{
    if (!domain || !g_atomic_ref_count_dec(&domain->refs))
        return;
    vx_domain_record_unref(domain->persistent);
    vx_domain_record_unref(domain->live);
    vx_domain_record_unref(domain->xml_of);
    g_free(domain->xml);
    g_clear_pointer(&domain->channel_states, g_hash_table_unref);
    g_ptr_array_unref(domain->open_devices);
    g_cond_clear(&domain->device_closed);
    g_cond_clear(&domain->job_free);
    g_mutex_clear(&domain->lock);
    g_mutex_clear(&domain->status_lock);
    g_free(domain);
}

static bool fail_gone(const VxDomainObj *domain, GError **error)
{
    char uuid[VX_UUID_TEXT_BYTES];

    vx_uuid_format(domain->uuid, uuid);
    return vx_fail(error, VIR_ERR_NO_DOMAIN, "no domain with matching uuid '%s'", uuid);
}

/* ---- looking ---- */

void vx_domain_ref_clear(VxDomainRef *ref)
{
    g_clear_pointer(&ref->name, g_free);
}

void vx_domain_view_clear(VxDomainView *view)
{
    g_clear_pointer(&view->persistent, vx_domain_record_unref);
    g_clear_pointer(&view->live, vx_domain_record_unref);
}

VxDomainRecord *vx_domain_view_current(const VxDomainView *view)
{
    return view->live ? view->live : view->persistent;
}

bool vx_domain_obj_look(VxDomainObj *domain, VxDomainView *view, GError **error)
{
    *view = (VxDomainView){.id = -1};
    g_mutex_lock(&domain->lock);
    if (domain->persistent)
        view->persistent = vx_domain_record_ref(domain->persistent);
    if (domain->live)
        view->live = vx_domain_record_ref(domain->live);
    view->id = domain->id;
    view->state = domain->state;
    view->reason = domain->reason;
    view->autostart = domain->autostart;
    view->has_managed_save = domain->has_managed_save;
    view->is_foreign = domain->is_foreign;
    view->updated = domain->updated;
    g_mutex_unlock(&domain->lock);
    return vx_domain_view_current(view) ? true : fail_gone(domain, error);
}

bool vx_domain_obj_get_ref(VxDomainObj *domain, VxDomainRef *ref, GError **error)
{
    g_auto(VxDomainView) view = {0};

    *ref = (VxDomainRef){.id = -1};
    if (!vx_domain_obj_look(domain, &view, error))
        return false;
    ref->name = g_strdup(vx_domain_view_current(&view)->name);
    memcpy(ref->uuid, domain->uuid, sizeof(ref->uuid));
    ref->id = view.id;
    return true;
}

/* ---- the job ---- */

static void take_job(VxDomainObj *domain, const char *what)
{
    domain->job = what;
    domain->job_us = g_get_monotonic_time();
    domain->is_cancelled = false;
}

static bool fail_busy(const char *what, const char *other, GError **error)
{
    return vx_fail(
        error, VIR_ERR_OPERATION_TIMEOUT,
        "cannot acquire state change lock to %s the domain: '%s' has been under way for more than %d seconds", what,
        other, VX_JOB_WAIT_MS / 1000);
}

bool vx_domain_obj_begin_job(VxDomainObj *domain, const char *what, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + VX_JOB_WAIT_MS * G_TIME_SPAN_MILLISECOND;
    const char *other = NULL;
    bool removed;

    g_mutex_lock(&domain->lock);
    domain->n_waiting++;
    while (domain->job && !other) {
        if (!g_cond_wait_until(&domain->job_free, &domain->lock, deadline))
            other = domain->job;
    }
    domain->n_waiting--;
    removed = domain->removed;
    if (!other && !removed)
        take_job(domain, what);
    if (!other && removed)
        g_cond_signal(&domain->job_free); /* the next in line has to learn it, too */
    g_mutex_unlock(&domain->lock);
    if (other)
        return fail_busy(what, other, error);
    return removed ? fail_gone(domain, error) : true;
}

bool vx_domain_obj_await_job(VxDomainObj *domain, const char *what)
{
    for (;;) {
        g_autoptr(GError) why = NULL;

        if (vx_domain_obj_begin_job(domain, what, &why))
            return true;
        if (!g_error_matches(why, VX_ERROR, VIR_ERR_OPERATION_TIMEOUT))
            return false;
    }
}

#define PATIENCE_MS 500

/* Under the lock: the guest to end although somebody has the job; -1: none yet. */
static int guest_to_end(VxDomainObj *domain)
{
    int id = domain->live ? domain->id : domain->is_starting ? domain->start_id : -1;

    if (id >= 0)
        domain->is_cancelled = true;
    return id;
}

bool vx_domain_obj_begin_end(VxDomainObj *domain, const char *what, int *id, GError **error)
{
    gint64 begin = g_get_monotonic_time();
    gint64 patience = begin + PATIENCE_MS * G_TIME_SPAN_MILLISECOND;
    gint64 deadline = begin + VX_JOB_WAIT_MS * G_TIME_SPAN_MILLISECOND;
    const char *other = NULL;
    bool removed;

    *id = -1;
    g_mutex_lock(&domain->lock);
    while (domain->job && *id < 0 && !other) {
        gint64 now = g_get_monotonic_time();

        if (now >= patience)
            *id = guest_to_end(domain);
        if (now >= deadline)
            other = domain->job;
        else if (*id < 0)
            g_cond_wait_until(&domain->job_free, &domain->lock, now < patience ? patience : deadline);
    }
    removed = domain->removed;
    if (*id < 0 && !other && !removed)
        take_job(domain, what);
    if (removed)
        g_cond_signal(&domain->job_free);
    g_mutex_unlock(&domain->lock);
    if (*id < 0 && other)
        return fail_busy(what, other, error);
    return removed ? fail_gone(domain, error) : true;
}

void vx_domain_obj_end_job(VxDomainObj *domain)
{
    g_mutex_lock(&domain->lock);
    domain->job = NULL;
    g_cond_signal(&domain->job_free);
    g_mutex_unlock(&domain->lock);
}
