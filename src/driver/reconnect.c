/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/reconnect.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/agents.h"
#include "driver/autostart.h"
#include "driver/change.h"
#include "driver/define.h"
#include "driver/foreign.h"
#include "driver/life.h"
#include "driver/life_state.h"
#include "driver/save.h"
#include "driver/status.h"
#include "util/vx_error.h"

/* ---- what the files say ---- */

static bool take_status(VxDriver *driver, const VxStatus *status, GError **error)
{
    guint8 uuid[16];
    bool is_new;
    g_autoptr(VxDomainObj) domain = NULL;

    if (status->id == 0)
        return true; /* libvirt's daemon keeps one of the host, too, which Xen describes better */
    vx_uuid_parse(status->def->uuid, uuid);
    domain = vx_domain_list_claim(driver->list, uuid, status->def->name, &is_new, error);
    if (!domain)
        return false;
    g_mutex_lock(&domain->lock);
    if (!domain->live) {
        domain->live = vx_domain_record_new(status->def, true);
        domain->id = status->id;
        domain->state = status->state;
        domain->reason = status->reason;
        domain->pending = status->pending;
        domain->started_us = g_get_monotonic_time();
    }
    g_mutex_unlock(&domain->lock);
    return true;
}

/* ---- what there was to be done ---- */

static void warn(const VxDomainObj *domain, const char *what, const GError *error)
{
    char uuid[VX_UUID_TEXT_BYTES];

    vx_uuid_format(domain->uuid, uuid);
    g_warning("the domain of UUID %s cannot be %s: %s", uuid, what, error->message);
}

/* The guest has gone on from its managed save, or goes on beside it: starting from that again would ruin the disks. */
static void drop_old_save(VxDriver *driver, VxDomainObj *domain)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(GError) error = NULL;

    if (vx_domain_obj_look(domain, &view, NULL) && view.has_managed_save &&
        !vx_managed_save_drop(driver, domain, vx_domain_view_current(&view)->name, &error))
        warn(domain, "freed of its managed save", error);
}

/* The guest was being saved when the daemon ended: it goes on. */
static void finish_save(VxDriver *driver, VxDomainObj *domain, int id)
{
    g_autoptr(GError) error = NULL;
    VxWait wait;

    if (!vx_domain_obj_await_job(domain, "resume"))
        return;
    drop_old_save(driver, domain);
    vx_wait_begin(&wait);
    driver->hypervisor->ops->resume(driver->hypervisor, id, vx_wait_done, &wait);
    if (!vx_wait_end(&wait, NULL, &error))
        warn(domain, "resumed after the daemon ended while it was being saved", error);
    vx_status_set_pending(driver, domain, NULL, NULL);
    vx_domain_obj_end_job(domain);
}

/* The guest was being made when the daemon ended: what there is of it is of no use. */
static void finish_start(VxDriver *driver, VxDomainObj *domain, int id)
{
    g_autoptr(GError) error = NULL;

    if (!vx_domain_obj_await_job(domain, "clear away"))
        return;
    if (!vx_life_end(driver, domain, id, VIR_DOMAIN_SHUTOFF_FAILED, VIR_DOMAIN_EVENT_STOPPED_FAILED, &error))
        warn(domain, "cleared away, which was half made when the daemon ended", error);
    vx_domain_obj_end_job(domain);
    vx_life_sweep(driver, domain, 0);
}

/* A VxEdit. */
static bool edit_settle(VxDomainDef *def, gpointer data, GError **error)
{
    VxDriver *driver = data;

    return driver->hypervisor->ops->settle(driver->hypervisor, (int)def->id.value, def, error);
}

/* A device was on its way into the guest, or out of it, when the daemon ended. */
static void finish_plug(VxDriver *driver, VxDomainObj *domain, int id)
{
    g_autoptr(GError) error = NULL;
    g_auto(VxChange) change = {0};

    (void)id;
    if (!vx_change_begin(&change, domain, "settle the devices of", VIR_DOMAIN_AFFECT_LIVE, &error) ||
        !vx_change_live(driver, &change, edit_settle, driver, &error))
        warn(domain, "settled after the daemon ended while a device was on its way", error);
}

/* The guest was destroyed to be started again: RECORD is its definition. */
static void restart(VxDriver *driver, VxDomainObj *domain, VxDomainRecord *record)
{
    const VxLifeStart how = {.fd = -1};
    g_autoptr(GError) error = NULL;

    if (!vx_life_start(driver, domain, record, &how, &error)) {
        warn(domain, "restarted", error);
        vx_status_remove(driver, record->name);
    }
}

static void finish_restart(VxDriver *driver, VxDomainObj *domain, int id)
{
    g_autoptr(VxDomainRecord) live = NULL, persistent = NULL;
    g_autoptr(GError) error = NULL;

    if (!vx_domain_obj_await_job(domain, "restart"))
        return;
    g_mutex_lock(&domain->lock);
    live = domain->live ? vx_domain_record_ref(domain->live) : NULL;
    persistent = domain->persistent ? vx_domain_record_ref(domain->persistent) : NULL;
    g_mutex_unlock(&domain->lock);
    if (live && id >= 0 &&
        !vx_life_end(driver, domain, id, VIR_DOMAIN_SHUTOFF_SHUTDOWN, VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN, &error))
        warn(domain, "restarted", error);
    else if (live) {
        vx_life_become_shut_off(driver, domain, -1, VIR_DOMAIN_SHUTOFF_SHUTDOWN, VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN);
        restart(driver, domain, persistent ? persistent : live);
        vx_define_withdraw(driver, domain, live->name);
    }
    vx_domain_obj_end_job(domain);
}

/* ---- what Xen says ---- */

/* The guests that live, by UUID: many guests are compared with many domains. Keys and values belong to GUESTS. */
static GHashTable *index_guests(const GArray *guests)
{
    GHashTable *by_uuid = g_hash_table_new(vx_uuid_hash, vx_uuid_equal);

    for (unsigned i = 0; i < guests->len; i++) {
        VxGuestInfo *info = &g_array_index(guests, VxGuestInfo, i);

        if (info->id != 0 && !info->dying && !g_hash_table_contains(by_uuid, info->uuid))
            g_hash_table_insert(by_uuid, info->uuid, info);
    }
    return by_uuid;
}

static bool is_pending(const char *pending, const char *what)
{
    return pending && strcmp(pending, what) == 0;
}

/* The guest runs on under the id that it has now: it may have been restarted in the moment the daemon died. */
static void take_guest(VxDriver *driver, VxDomainObj *domain, const VxGuestInfo *info)
{
    const char *pending;
    bool is_half_made;

    g_mutex_lock(&domain->lock);
    pending = domain->pending;
    if (domain->id != info->id) {
        g_autoptr(VxDomainDef) def = vx_domain_record_open(domain->live, NULL);

        domain->id = info->id;
        if (def) {
            def->id = VX_NUMBER(info->id);
            vx_domain_record_unref(domain->live);
            domain->live = vx_domain_record_new(def, true);
        }
    }
    if (domain->state == VIR_DOMAIN_SHUTOFF || domain->state == VIR_DOMAIN_NOSTATE ||
        domain->state == VIR_DOMAIN_SHUTDOWN || domain->state == VIR_DOMAIN_CRASHED) {
        domain->state = info->paused ? VIR_DOMAIN_PAUSED : VIR_DOMAIN_RUNNING; /* how it has died is seen below */
        domain->reason = 0;
    }
    is_half_made = info->paused && (is_pending(pending, VX_PENDING_START) || is_pending(pending, VX_PENDING_RESTART));
    g_mutex_unlock(&domain->lock);
    vx_domain_list_add_id(driver->list, domain, info->id);
    if (is_pending(pending, VX_PENDING_SAVE) && info->shutdown == VX_GUEST_SUSPEND)
        vx_life_push_task(driver, finish_save, domain, info->id);
    else if (is_pending(pending, VX_PENDING_RESTART))
        vx_life_push_task(driver, finish_restart, domain, info->id);
    else if (is_half_made)
        vx_life_push_task(driver, finish_start, domain, info->id);
    else {
        drop_old_save(driver, domain);
        if (!is_pending(pending, VX_PENDING_REBOOT))
            vx_status_set_pending(driver, domain, NULL, NULL);
        vx_life_refresh_from(driver, domain, info);
        vx_agents_guest_found(driver->agents, domain);
        if (driver->hypervisor->ops->is_plugging(driver->hypervisor, info->id))
            vx_life_push_task(driver, finish_plug, domain, info->id);
    }
}

/* There is no such guest any more. */
static void lose_guest(VxDriver *driver, VxDomainObj *domain)
{
    bool restarts;
    int id;

    g_mutex_lock(&domain->lock);
    restarts = is_pending(domain->pending, VX_PENDING_RESTART);
    id = domain->id;
    if (restarts)
        domain->id = -1;
    g_mutex_unlock(&domain->lock);
    if (restarts) {
        vx_life_push_task(driver, finish_restart, domain, -1);
        return;
    }
    vx_life_become_shut_off(driver, domain, id, VIR_DOMAIN_SHUTOFF_UNKNOWN, VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN);
    vx_life_push_task(driver, vx_life_sweep, domain, 0);
}

static void compare_known(VxDriver *driver, const GArray *guests)
{
    g_autoptr(GPtrArray) domains = vx_domain_list_all(driver->list);
    g_autoptr(GHashTable) by_uuid = index_guests(guests);

    for (unsigned i = 0; i < domains->len; i++) {
        VxDomainObj *domain = domains->pdata[i];
        const VxGuestInfo *info = g_hash_table_lookup(by_uuid, domain->uuid);
        bool is_live;

        g_mutex_lock(&domain->lock);
        is_live = domain->live != NULL;
        g_mutex_unlock(&domain->lock);
        if (is_live && info)
            take_guest(driver, domain, info);
        else if (is_live)
            lose_guest(driver, domain);
    }
}

static void take_unknown(VxDriver *driver, const GArray *guests)
{
    for (unsigned i = 0; i < guests->len; i++) {
        const VxGuestInfo *info = &g_array_index(guests, VxGuestInfo, i);
        g_autoptr(VxDomainObj) domain = vx_domain_list_find_id(driver->list, info->id);
        g_autoptr(VxDomainObj) defined = vx_domain_list_find_uuid(driver->list, info->uuid);

        if (info->id == 0)
            vx_foreign_add_domain_zero(driver, info);
        else if (!domain && !info->dying && defined) /* before the domain could be started once more */
            vx_foreign_appear(driver, NULL, info->id);
        else if (!domain && !info->dying)
            vx_life_push_task(driver, vx_foreign_appear, NULL, info->id);
    }
}

#define PAUSE_US (G_USEC_PER_SEC / 2)

static bool compare(VxDriver *driver)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) guests = driver->hypervisor->ops->list(driver->hypervisor, &error);

    if (!guests) {
        g_warning("the running guests cannot be listed: %s", error->message);
        return false;
    }
    compare_known(driver, guests);
    take_unknown(driver, guests);
    vx_autostart_begin(driver);
    return true;
}

/* Until Xen says otherwise, what the files say is believed. */
static void compare_later(VxDriver *driver, VxDomainObj *domain, int number)
{
    (void)domain, (void)number;
    do
        g_usleep(PAUSE_US);
    while (!g_atomic_int_get(&driver->is_stopping) && !compare(driver));
}

void vx_reconnect(VxDriver *driver)
{
    if (driver->config.run_folder)
        vx_status_load(driver, take_status);
    driver->hypervisor->ops->watch(driver->hypervisor, vx_life_guest_event, driver);
    if (!compare(driver))
        vx_life_push_task(driver, compare_later, NULL, 0);
}
