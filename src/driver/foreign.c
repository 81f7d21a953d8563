/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/foreign.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/complete.h"
#include "driver/define.h"
#include "driver/life_state.h"
#include "util/vx_error.h"

static void set_text(char **text, char *value)
{
    g_free(*text);
    *text = value;
}

static void set_identity(VxDomainDef *def, const char *name, const guint8 uuid[16])
{
    char text[VX_UUID_TEXT_BYTES];

    vx_uuid_format(uuid, text);
    set_text(&def->uuid, g_strdup(text));
    if (g_strcmp0(def->name, name) != 0)
        set_text(&def->name, g_strdup(name));
}

VxDomainDef *vx_foreign_describe(VxDriver *driver, int id, const VxDomainRecord *record, GError **error)
{
    VxDomainDef *def = driver->hypervisor->ops->describe(driver->hypervisor, id, error);

    if (def) {
        set_identity(def, record->name, record->uuid);
        def->id = VX_NUMBER(id);
    }
    return def;
}

/* ---- a guest appears ---- */

#define TRIES 5
#define PAUSE_US (G_USEC_PER_SEC / 5)

/* What the toolstack knows of a guest, which may be just about to be made. */
static VxDomainDef *describe_new(VxDriver *driver, const VxGuestInfo *info)
{
    for (unsigned i = 0; i < TRIES && !g_atomic_int_get(&driver->is_stopping); i++) {
        g_autoptr(GError) error = NULL;
        VxDomainDef *def = driver->hypervisor->ops->describe(driver->hypervisor, info->id, &error);

        if (def)
            return def;
        if (g_error_matches(error, VX_ERROR, VIR_ERR_NO_DOMAIN))
            return NULL;
        g_info("guest %d, which somebody else has made, is not known yet: %s", info->id, error->message);
        g_usleep(PAUSE_US);
    }
    return NULL;
}

/* The domain of the guest: the one of its UUID, whatever it is called, or a new one, under another name when its own is
 * another's. *NAME is the domain's then; the caller frees it. */
static VxDomainObj *claim(VxDriver *driver, const VxGuestInfo *info, const char *guest_name, char **name)
{
    g_autofree char *with_id = g_strdup_printf("%s-%d", guest_name, info->id);
    VxDomainObj *domain = vx_domain_list_find_uuid(driver->list, info->uuid);
    bool is_new;

    if (domain) {
        *name = vx_domain_list_name_of(driver->list, domain);
        return domain;
    }
    *name = g_strdup(vx_complete_check_name(guest_name, NULL) ? guest_name : with_id + strlen(guest_name));
    domain = vx_domain_list_claim(driver->list, info->uuid, *name, &is_new, NULL);
    if (!domain) {
        set_text(name, g_steal_pointer(&with_id));
        domain = vx_domain_list_claim(driver->list, info->uuid, *name, &is_new, NULL);
    }
    return domain;
}

/* Under the job: DOMAIN has got the guest. */
static void take_guest(VxDriver *driver, VxDomainObj *domain, VxDomainDef *def, const VxGuestInfo *info)
{
    g_autoptr(VxDomainRecord) live = NULL;
    bool is_taken;

    vx_life_refresh(driver, domain); /* what it had may be gone */
    g_mutex_lock(&domain->lock);
    is_taken = domain->live != NULL;
    domain->is_foreign = is_taken ? domain->is_foreign : true;
    g_mutex_unlock(&domain->lock);
    if (is_taken)
        return;
    live = vx_life_live_record(driver, def, info->id);
    vx_life_become_running(driver, domain, live, info->id, info->paused, false);
    vx_life_refresh(driver, domain);
}

static bool is_known(VxDriver *driver, const VxGuestInfo *info)
{
    g_autoptr(VxDomainObj) domain = vx_domain_list_find_uuid(driver->list, info->uuid);
    bool known = false;

    if (!domain)
        return false;
    g_mutex_lock(&domain->lock);
    known = domain->is_starting || domain->id == info->id;
    g_mutex_unlock(&domain->lock);
    return known;
}

void vx_foreign_appear(VxDriver *driver, VxDomainObj *unused, int number)
{
    g_autoptr(VxDomainDef) def = NULL;
    g_autoptr(VxDomainObj) domain = NULL;
    g_autofree char *name = NULL;
    VxGuestInfo info;

    (void)unused;
    if (!driver->hypervisor->ops->info(driver->hypervisor, number, &info, NULL) || is_known(driver, &info))
        return;
    def = describe_new(driver, &info);
    if (!def)
        return;
    domain = claim(driver, &info, def->name ? def->name : "guest", &name);
    if (!domain || !name || !vx_domain_obj_await_job(domain, "take up"))
        return;
    set_identity(def, name, info.uuid);
    take_guest(driver, domain, def, &info);
    vx_define_withdraw(driver, domain, name);
    vx_domain_obj_end_job(domain);
}

/* ---- domain 0 ---- */

static VxDomainDef *describe_domain_zero(const VxGuestInfo *info)
{
    VxDomainDef *def = vx_domain_def_new();
    guint64 maximum_kib = MAX(info->maximum_memory_kib, info->memory_kib);

    set_text(&def->type, g_strdup("xen"));
    set_identity(def, "Domain-0", info->uuid);
    def->id = VX_NUMBER(0);
    /* Without a limit of its own, it has a number that means none. */
    def->memory_kib = VX_NUMBER((gint64)(maximum_kib > G_MAXINT64 / 1024 ? info->memory_kib : maximum_kib));
    def->current_memory_kib = VX_NUMBER((gint64)info->memory_kib);
    def->vcpus.placement = VX_VCPU_STATIC;
    def->vcpus.maximum = VX_NUMBER((gint64)MAX(MAX(info->maximum_vcpus, info->n_vcpus), 1));
    if (info->n_vcpus && (gint64)info->n_vcpus < def->vcpus.maximum.value)
        def->vcpus.current = VX_NUMBER((gint64)info->n_vcpus);
    def->os.type = VX_OS_LINUX;
    set_text(&def->os.arch, g_strdup("x86_64"));
    set_text(&def->os.machine, g_strdup("xenpv"));
    def->on_poweroff = def->on_crash = VX_ACTION_DESTROY;
    def->on_reboot = VX_ACTION_RESTART;
    return def;
}

void vx_foreign_add_domain_zero(VxDriver *driver, const VxGuestInfo *info)
{
    g_autoptr(VxDomainDef) def = describe_domain_zero(info);
    bool is_new;
    g_autoptr(VxDomainObj) domain = vx_domain_list_claim(driver->list, info->uuid, def->name, &is_new, NULL);

    if (!domain) {
        g_warning("the host is not listed: a definition has its name or its UUID");
        return;
    }
    g_mutex_lock(&domain->lock);
    g_clear_pointer(&domain->live, vx_domain_record_unref);
    g_clear_pointer(&domain->persistent, vx_domain_record_unref); /* libvirt's daemon writes one when it is changed */
    domain->is_domain_zero = true;
    domain->live = vx_domain_record_new(def, true);
    domain->persistent = vx_domain_record_new(def, false);
    domain->id = 0;
    domain->state = VIR_DOMAIN_RUNNING;
    domain->reason = VIR_DOMAIN_RUNNING_BOOTED;
    g_mutex_unlock(&domain->lock);
    vx_domain_list_add_id(driver->list, domain, 0);
}
