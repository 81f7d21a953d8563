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
    domain->id = -1;
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
    g_clear_pointer(&domain->channel_states, g_hash_table_unref);
    g_ptr_array_unref(domain->open_devices);
    g_cond_clear(&domain->device_closed);
    g_cond_clear(&domain->job_free);
    g_mutex_clear(&domain->lock);
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
        domain->job = what;
    if (!other && removed)
        g_cond_signal(&domain->job_free); /* the next in line has to learn it, too */
    g_mutex_unlock(&domain->lock);
    if (other)
        return vx_fail(error, VIR_ERR_OPERATION_TIMEOUT,
                       "cannot %s the domain now: '%s' has been under way for more than %d seconds", what, other,
                       VX_JOB_WAIT_MS / 1000);
    return removed ? fail_gone(domain, error) : true;
}

void vx_domain_obj_end_job(VxDomainObj *domain)
{
    g_mutex_lock(&domain->lock);
    domain->job = NULL;
    g_cond_signal(&domain->job_free);
    g_mutex_unlock(&domain->lock);
}
