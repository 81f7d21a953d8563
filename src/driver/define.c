/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/define.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/change.h"
#include "driver/complete.h"
#include "driver/life_state.h"
#include "driver/save.h"
#include "util/vx_error.h"

/* ---- claims ---- */

/* It may have been renamed while we waited for its job. */
static bool check_name_still(VxDomainObj *domain, const char *name, GError **error)
{
    bool good;

    g_mutex_lock(&domain->lock);
    good = (!domain->persistent || strcmp(domain->persistent->name, name) == 0) &&
           (!domain->live || strcmp(domain->live->name, name) == 0);
    g_mutex_unlock(&domain->lock);
    return good ? true : vx_fail(error, VIR_ERR_OPERATION_FAILED, "the domain '%s' has just been renamed", name);
}

VxDomainObj *vx_define_claim(VxDriver *driver, const VxDomainRecord *record, const char *what, GError **error)
{
    for (;;) {
        bool is_new;
        g_autoptr(GError) why = NULL;
        g_autoptr(VxDomainObj) domain = vx_domain_list_claim(driver->list, record->uuid, record->name, &is_new, error);

        if (!domain)
            return NULL;
        if (vx_domain_obj_begin_job(domain, what, &why)) {
            if (check_name_still(domain, record->name, error))
                return g_steal_pointer(&domain);
            vx_domain_obj_end_job(domain);
            return NULL;
        }
        if (!g_error_matches(why, VX_ERROR, VIR_ERR_NO_DOMAIN)) {
            g_propagate_error(error, g_steal_pointer(&why));
            return NULL;
        } /* it was removed while we waited: claim it anew */
    }
}

void vx_define_withdraw(VxDriver *driver, VxDomainObj *domain, const char *name)
{
    bool is_nothing;

    g_mutex_lock(&domain->lock);
    is_nothing = !domain->persistent && !domain->live;
    g_mutex_unlock(&domain->lock);
    if (is_nothing)
        vx_domain_list_remove(driver->list, domain, name);
}

/* ---- the calls ---- */

static bool has_persistent(VxDomainObj *domain)
{
    bool has;

    g_mutex_lock(&domain->lock);
    has = domain->persistent != NULL;
    g_mutex_unlock(&domain->lock);
    return has;
}

/* Under the job. */
static bool define_record(VxDriver *driver, VxDomainObj *domain, VxDomainRecord *record, VxDomainRef *ref,
                          GError **error)
{
    bool is_new = !has_persistent(domain);

    if (!vx_life_check_not_host(domain, error))
        return false;
    if (!vx_domain_store_save(driver->store, record, is_new, error)) {
        vx_define_withdraw(driver, domain, record->name);
        return false;
    }
    vx_domain_obj_set_persistent(domain, vx_domain_record_ref(record));
    if (!vx_domain_obj_get_ref(domain, ref, error))
        return false;
    vx_emit_lifecycle(driver, record, ref->id, VIR_DOMAIN_EVENT_DEFINED,
                      is_new ? VIR_DOMAIN_EVENT_DEFINED_ADDED : VIR_DOMAIN_EVENT_DEFINED_UPDATED);
    return true;
}

bool vx_define_xml(VxDriver *driver, const char *xml, unsigned flags, VxDomainRef *ref, GError **error)
{
    g_autoptr(VxDomainDef) def = NULL;
    g_autoptr(VxDomainRecord) record = NULL;
    g_autoptr(VxDomainObj) domain = NULL;
    bool done;

    if (!vx_check_flags(flags, VIR_DOMAIN_DEFINE_VALIDATE, "virDomainDefineXMLFlags", error))
        return false;
    def = vx_complete_xml(driver, xml, flags & VIR_DOMAIN_DEFINE_VALIDATE ? VX_COMPLETE_VALIDATE : 0, error);
    if (!def)
        return false;
    record = vx_domain_record_new(def, false);
    domain = vx_define_claim(driver, record, "define", error);
    if (!domain)
        return false;
    done = define_record(driver, domain, record, ref, error);
    vx_domain_obj_end_job(domain);
    return done;
}

#define NVRAM_FLAGS (VIR_DOMAIN_UNDEFINE_NVRAM | VIR_DOMAIN_UNDEFINE_KEEP_NVRAM)
#define TPM_FLAGS (VIR_DOMAIN_UNDEFINE_TPM | VIR_DOMAIN_UNDEFINE_KEEP_TPM)
/* There are no snapshots, checkpoints and TPM states that could stand in the way or had to go along. */
#define UNDEFINE_FLAGS                                                                                                 \
    (VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |                                       \
     VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | NVRAM_FLAGS | TPM_FLAGS)

static bool check_undefine_flags(unsigned flags, GError **error)
{
    if ((flags & NVRAM_FLAGS) == NVRAM_FLAGS || (flags & TPM_FLAGS) == TPM_FLAGS)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "flags to remove and to keep the same thing exclude each other");
    return vx_check_flags(flags, UNDEFINE_FLAGS, "virDomainUndefineFlags", error);
}

bool vx_undefine(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};
    VxDomainRecord *record;

    if (!vx_life_check_not_host(domain, error) || !check_undefine_flags(flags, error) ||
        !vx_change_begin(&change, domain, "undefine", VIR_DOMAIN_AFFECT_CONFIG, error))
        return false;
    record = change.view.persistent;
    if (change.view.has_managed_save && !(flags & VIR_DOMAIN_UNDEFINE_MANAGED_SAVE))
        return vx_fail(error, VIR_ERR_OPERATION_INVALID,
                       "Refusing to undefine while domain managed save image exists: remove it, or undefine with "
                       "--managed-save");
    if (change.view.has_managed_save && !vx_managed_save_drop(driver, domain, record->name, error))
        return false;
    if (!vx_domain_store_remove(driver->store, record->name, error))
        return false;
    vx_domain_obj_set_persistent(domain, NULL);
    g_mutex_lock(&domain->lock);
    domain->autostart = domain->updated = false;
    g_mutex_unlock(&domain->lock);
    /* Before the name is free for others, whose events have to come after. */
    vx_emit_lifecycle(driver, record, change.view.id, VIR_DOMAIN_EVENT_UNDEFINED, VIR_DOMAIN_EVENT_UNDEFINED_REMOVED);
    vx_define_withdraw(driver, domain, record->name);
    return true;
}

/* ---- renaming ---- */

static VxDomainRecord *renamed(const VxDomainRecord *record, const char *new_name, GError **error)
{
    g_autoptr(VxDomainDef) def = vx_domain_record_open(record, error);

    if (!def)
        return NULL;
    g_free(def->name);
    def->name = g_strdup(new_name);
    return vx_domain_record_new(def, false);
}

/* Under the job, and with both names the domain's. */
static bool rename_record(VxDriver *driver, VxChange *change, const char *new_name, GError **error)
{
    VxDomainRecord *old = change->view.persistent;
    g_autoptr(VxDomainRecord) record = renamed(old, new_name, error);

    if (!record || !vx_domain_store_rename(driver->store, old->name, record, change->view.autostart, error))
        return false;
    vx_domain_obj_set_persistent(change->domain, vx_domain_record_ref(record));
    vx_emit_lifecycle(driver, old, -1, VIR_DOMAIN_EVENT_UNDEFINED, VIR_DOMAIN_EVENT_UNDEFINED_RENAMED);
    vx_emit_lifecycle(driver, record, -1, VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_RENAMED);
    return true;
}

bool vx_rename(VxDriver *driver, VxDomainObj *domain, const char *new_name, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};
    bool done;

    if (!vx_life_check_not_host(domain, error) || !vx_check_flags(flags, 0, "virDomainRename", error) ||
        !vx_complete_check_name(new_name, error) ||
        !vx_change_begin(&change, domain, "rename", VIR_DOMAIN_AFFECT_CONFIG, error))
        return false;
    if (change.view.live)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is running: shut it down to rename it",
                       change.view.live->name);
    if (strcmp(change.view.persistent->name, new_name) == 0)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "the domain is called '%s' already", new_name);
    if (change.view.has_managed_save)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID,
                       "domain '%s' has a managed save image: start the domain, or remove it, to rename the domain",
                       change.view.persistent->name);
    if (!vx_domain_list_claim_name(driver->list, domain, new_name, error))
        return false;
    done = rename_record(driver, &change, new_name, error);
    vx_domain_list_drop_name(driver->list, done ? change.view.persistent->name : new_name);
    return done;
}

bool vx_set_autostart(VxDriver *driver, VxDomainObj *domain, bool autostart, GError **error)
{
    g_auto(VxChange) change = {0};

    if (!vx_life_check_not_host(domain, error) ||
        !vx_change_begin(&change, domain, "set autostart of", VIR_DOMAIN_AFFECT_CONFIG, error))
        return false;
    if (change.view.autostart == autostart)
        return true;
    if (!vx_domain_store_set_autostart(driver->store, change.view.persistent->name, autostart, error))
        return false;
    g_mutex_lock(&domain->lock);
    domain->autostart = autostart;
    g_mutex_unlock(&domain->lock);
    return true;
}
