/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/query.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "conf/domain_xml.h"
#include "driver/change.h"
#include "driver/channel_state.h"
#include "driver/foreign.h"
#include "driver/life_state.h"
#include "driver/live_xml.h"
#include "util/vx_error.h"

/* ---- looking up ---- */

/* DOMAIN, taken, if it is one that clients can see. */
static VxDomainObj *visible(VxDomainObj *domain)
{
    bool is_there;

    if (!domain)
        return NULL;
    g_mutex_lock(&domain->lock);
    is_there = domain->persistent || domain->live;
    g_mutex_unlock(&domain->lock);
    if (!is_there)
        g_clear_pointer(&domain, vx_domain_obj_unref);
    return domain;
}

VxDomainObj *vx_find_uuid(VxDriver *driver, const guint8 uuid[16], GError **error)
{
    VxDomainObj *domain = visible(vx_domain_list_find_uuid(driver->list, uuid));

    if (!domain) {
        char text[VX_UUID_TEXT_BYTES];

        vx_uuid_format(uuid, text);
        vx_fail(error, VIR_ERR_NO_DOMAIN, "no domain with matching uuid '%s'", text);
    }
    return domain;
}

VxDomainObj *vx_find_name(VxDriver *driver, const char *name, GError **error)
{
    VxDomainObj *domain = visible(vx_domain_list_find_name(driver->list, name));

    if (!domain)
        vx_fail(error, VIR_ERR_NO_DOMAIN, "no domain with matching name '%s'", name);
    return domain;
}

VxDomainObj *vx_find_id(VxDriver *driver, int id, GError **error)
{
    VxDomainObj *domain = visible(vx_domain_list_find_id(driver->list, id));

    if (!domain)
        vx_fail(error, VIR_ERR_NO_DOMAIN, "no domain with matching id %d", id);
    return domain;
}

/* ---- listing ---- */

#define ACTIVE_FLAGS (VIR_CONNECT_LIST_DOMAINS_ACTIVE | VIR_CONNECT_LIST_DOMAINS_INACTIVE)
#define PERSISTENT_FLAGS (VIR_CONNECT_LIST_DOMAINS_PERSISTENT | VIR_CONNECT_LIST_DOMAINS_TRANSIENT)
#define STATE_FLAGS                                                                                                    \
    (VIR_CONNECT_LIST_DOMAINS_RUNNING | VIR_CONNECT_LIST_DOMAINS_PAUSED | VIR_CONNECT_LIST_DOMAINS_SHUTOFF |           \
     VIR_CONNECT_LIST_DOMAINS_OTHER)
#define MANAGED_SAVE_FLAGS (VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE | VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE)
#define AUTOSTART_FLAGS (VIR_CONNECT_LIST_DOMAINS_AUTOSTART | VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART)
#define SNAPSHOT_FLAGS (VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT | VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT)
#define CHECKPOINT_FLAGS (VIR_CONNECT_LIST_DOMAINS_HAS_CHECKPOINT | VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT)

/* Filters come in groups: within a group any flag lets a domain in, and it has to get past every group that is used. */
static const unsigned filter_groups[] = {
    ACTIVE_FLAGS, PERSISTENT_FLAGS, STATE_FLAGS, MANAGED_SAVE_FLAGS, AUTOSTART_FLAGS, SNAPSHOT_FLAGS, CHECKPOINT_FLAGS,
};

static unsigned state_flag(int state)
{
    switch (state) {
    case VIR_DOMAIN_RUNNING:
        return VIR_CONNECT_LIST_DOMAINS_RUNNING;
    case VIR_DOMAIN_PAUSED:
        return VIR_CONNECT_LIST_DOMAINS_PAUSED;
    case VIR_DOMAIN_SHUTOFF:
        return VIR_CONNECT_LIST_DOMAINS_SHUTOFF;
    default:
        return VIR_CONNECT_LIST_DOMAINS_OTHER;
    }
}

/* Others may have paused guests, or let them go on: one question of all answers that. */
static void refresh_all(VxDriver *driver)
{
    g_autoptr(GArray) guests = driver->hypervisor->ops->list(driver->hypervisor, NULL);

    for (unsigned i = 0; guests && i < guests->len; i++) {
        const VxGuestInfo *info = &g_array_index(guests, VxGuestInfo, i);
        g_autoptr(VxDomainObj) domain = vx_domain_list_find_id(driver->list, info->id);

        if (domain)
            vx_life_refresh_from(driver, domain, info);
    }
}

/* The one flag of every group that is true of the domain, which is locked. */
static unsigned traits(const VxDomainObj *domain)
{
    return (domain->live ? VIR_CONNECT_LIST_DOMAINS_ACTIVE : VIR_CONNECT_LIST_DOMAINS_INACTIVE) |
           (domain->persistent ? VIR_CONNECT_LIST_DOMAINS_PERSISTENT : VIR_CONNECT_LIST_DOMAINS_TRANSIENT) |
           state_flag(domain->state) |
           (domain->has_managed_save ? VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE : VIR_CONNECT_LIST_DOMAINS_NO_MANAGEDSAVE) |
           (domain->autostart ? VIR_CONNECT_LIST_DOMAINS_AUTOSTART : VIR_CONNECT_LIST_DOMAINS_NO_AUTOSTART) |
           VIR_CONNECT_LIST_DOMAINS_NO_SNAPSHOT | VIR_CONNECT_LIST_DOMAINS_NO_CHECKPOINT;
}

/* Whether the domain, which is locked, is one that clients can see, and passes the filters. */
static bool passes(const VxDomainObj *domain, unsigned flags)
{
    unsigned mine = traits(domain);

    for (unsigned i = 0; i < G_N_ELEMENTS(filter_groups); i++) {
        if ((flags & filter_groups[i]) && !(flags & filter_groups[i] & mine))
            return false;
    }
    return domain->live || domain->persistent;
}

const unsigned vx_domain_filters = ACTIVE_FLAGS | PERSISTENT_FLAGS | STATE_FLAGS | MANAGED_SAVE_FLAGS |
                                   AUTOSTART_FLAGS | SNAPSHOT_FLAGS | CHECKPOINT_FLAGS;

GPtrArray *vx_select_domains(VxDriver *driver, GPtrArray *all, unsigned flags)
{
    g_autoptr(GPtrArray) domains = all ? g_ptr_array_ref(all) : vx_domain_list_all(driver->list);
    GPtrArray *selected = g_ptr_array_new_full(domains->len, (GDestroyNotify)vx_domain_obj_unref);

    for (unsigned i = 0; i < domains->len; i++) {
        VxDomainObj *domain = domains->pdata[i];

        g_mutex_lock(&domain->lock);
        if (passes(domain, flags))
            g_ptr_array_add(selected, vx_domain_obj_ref(domain));
        g_mutex_unlock(&domain->lock);
    }
    return selected;
}

static void clear_ref(gpointer ref)
{
    vx_domain_ref_clear(ref);
}

/* Under the domain's lock, which is short: to hold its records meanwhile would take longer. */
static void append_ref(GArray *refs, VxDomainObj *domain, unsigned flags)
{
    g_mutex_lock(&domain->lock);
    if (passes(domain, flags)) {
        const VxDomainRecord *record = domain->live ? domain->live : domain->persistent;
        VxDomainRef ref = {.name = g_strdup(record->name), .id = domain->id};

        memcpy(ref.uuid, record->uuid, sizeof(ref.uuid));
        g_array_append_val(refs, ref);
    }
    g_mutex_unlock(&domain->lock);
}

bool vx_is_list_at_hand(const VxDriver *driver, unsigned flags)
{
    return !(flags & STATE_FLAGS) || !driver->hypervisor;
}

GArray *vx_list_domains(VxDriver *driver, unsigned flags, GError **error)
{
    g_autoptr(GPtrArray) domains = NULL;
    GArray *refs;

    if (!vx_check_flags(flags, vx_domain_filters, "virConnectListAllDomains", error))
        return NULL;
    if (!vx_is_list_at_hand(driver, flags))
        refresh_all(driver);
    domains = vx_domain_list_all(driver->list);
    refs = g_array_sized_new(FALSE, FALSE, sizeof(VxDomainRef), domains->len);
    g_array_set_clear_func(refs, clear_ref);
    for (unsigned i = 0; i < domains->len; i++)
        append_ref(refs, domains->pdata[i], flags);
    return refs;
}

GArray *vx_list_ids(VxDriver *driver, unsigned maximum)
{
    g_autoptr(GArray) refs = vx_list_domains(driver, VIR_CONNECT_LIST_DOMAINS_ACTIVE, NULL);
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(int));

    for (unsigned i = 0; i < MIN(refs->len, maximum); i++)
        g_array_append_val(ids, g_array_index(refs, VxDomainRef, i).id);
    return ids;
}

GPtrArray *vx_list_defined_names(VxDriver *driver, unsigned maximum)
{
    g_autoptr(GArray) refs = vx_list_domains(driver, VIR_CONNECT_LIST_DOMAINS_INACTIVE, NULL);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < MIN(refs->len, maximum); i++)
        g_ptr_array_add(names, g_steal_pointer(&g_array_index(refs, VxDomainRef, i).name));
    return names;
}

static unsigned count(VxDriver *driver, unsigned flags)
{
    g_autoptr(GArray) refs = vx_list_domains(driver, flags, NULL);

    return refs->len;
}

unsigned vx_count_running(VxDriver *driver)
{
    return count(driver, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
}

unsigned vx_count_defined(VxDriver *driver)
{
    return count(driver, VIR_CONNECT_LIST_DOMAINS_INACTIVE);
}

/* ---- asking ---- */

bool vx_is_active(VxDomainObj *domain, bool *active, GError **error)
{
    g_auto(VxDomainView) view = {0};
    bool found = vx_domain_obj_look(domain, &view, error);

    *active = view.live != NULL;
    return found;
}

bool vx_is_persistent(VxDomainObj *domain, bool *persistent, GError **error)
{
    g_auto(VxDomainView) view = {0};
    bool found = vx_domain_obj_look(domain, &view, error);

    *persistent = view.persistent != NULL;
    return found;
}

bool vx_is_updated(VxDomainObj *domain, bool *updated, GError **error)
{
    g_auto(VxDomainView) view = {0};
    bool found = vx_domain_obj_look(domain, &view, error);

    *updated = view.updated;
    return found;
}

bool vx_get_autostart(VxDomainObj *domain, bool *autostart, GError **error)
{
    g_auto(VxDomainView) view = {0};
    bool found = vx_domain_obj_look(domain, &view, error);

    *autostart = view.autostart;
    return found;
}

bool vx_get_state(VxDriver *driver, VxDomainObj *domain, unsigned flags, int *state, int *reason, GError **error)
{
    g_auto(VxDomainView) view = {0};

    if (!vx_check_flags(flags, 0, "virDomainGetState", error))
        return false;
    vx_life_refresh(driver, domain);
    if (!vx_domain_obj_look(domain, &view, error))
        return false;
    *state = view.state;
    *reason = view.reason;
    return true;
}

/* What Xen says of a running domain; what it does not say, the definition does. So it does of the maximum of memory:
 * the toolstack lets Xen give a guest a little more. */
static void take_info(VxDomainInfo *info, const VxGuestInfo *guest)
{
    info->memory_kib = guest->memory_kib;
    info->maximum_memory_kib = MAX(info->maximum_memory_kib, guest->memory_kib);
    info->n_vcpus = guest->n_vcpus;
    info->cpu_time_ns = guest->cpu_time_ns;
}

/* Asks Xen of the guest ID. Returns false with *ERROR set when that failed, and without when it is gone. */
static bool ask_xen(VxDriver *driver, VxDomainObj *domain, int id, VxGuestInfo *guest, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (driver->hypervisor->ops->info(driver->hypervisor, id, guest, &why)) {
        vx_life_refresh_from(driver, domain, guest);
        return true;
    }
    if (g_error_matches(why, VX_ERROR, VIR_ERR_NO_DOMAIN))
        vx_life_become_gone(driver, domain, id);
    else
        g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

bool vx_get_info(VxDriver *driver, VxDomainObj *domain, VxDomainInfo *info, GError **error)
{
    g_auto(VxDomainView) first = {0}, view = {0};
    g_autoptr(GError) why = NULL;
    const VxDomainRecord *record;
    VxGuestInfo guest;
    bool is_told;

    if (!vx_domain_obj_look(domain, &first, error))
        return false;
    is_told = first.live && driver->hypervisor && ask_xen(driver, domain, first.id, &guest, &why);
    if (why) {
        g_propagate_error(error, g_steal_pointer(&why));
        return false;
    }
    if (!vx_domain_obj_look(domain, &view, error))
        return false;
    record = vx_domain_view_current(&view);
    *info = (VxDomainInfo){.state = view.state,
                           .maximum_memory_kib = record->memory_kib,
                           .memory_kib = record->current_memory_kib,
                           .n_vcpus = record->n_vcpus};
    if (is_told && view.live)
        take_info(info, &guest);
    return true;
}

const char *vx_get_os_type(VxDomainObj *domain, GError **error)
{
    g_auto(VxDomainView) view = {0};

    VxOsType type;

    if (!vx_domain_obj_look(domain, &view, error))
        return NULL;
    type = vx_domain_view_current(&view)->os_type;
    return vx_enum_to_text(&vx_os_types, type == VX_OS_LINUX ? VX_OS_XEN : type); /* in XML alone libvirt says linux */
}

#define XML_FLAGS                                                                                                      \
    (VIR_DOMAIN_XML_SECURE | VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_UPDATE_CPU | VIR_DOMAIN_XML_MIGRATABLE)

/* The definition of the running domain as it is now; *CURRENT is false when Xen does not say more than there is. */
static VxDomainDef *describe_now(VxDriver *driver, VxDomainObj *domain, const VxDomainView *view, bool *current,
                                 GError **error)
{
    g_autoptr(VxDomainDef) def = NULL;
    g_autoptr(GError) why = NULL;

    if (view->is_foreign)
        def = vx_foreign_describe(driver, view->id, view->live, NULL);
    if (!def)
        def = vx_domain_record_open(view->live, error);
    if (def)
        vx_channel_states_replace(domain, view->id, def); /* so that Xen is asked only for what it has not told */
    *current = def && driver->hypervisor->ops->fill_live(driver->hypervisor, view->id, def, &why);
    if (why)
        g_debug("the XML of domain '%s' may be out of date: %s", view->live->name, why->message);
    return g_steal_pointer(&def);
}

/* Of a foreign domain nobody tells when it is another. */
static bool can_be_kept(const VxDomainView *view, VxWriteFlags flags)
{
    return !view->is_foreign && !(vx_domain_record_has_secrets(view->live) && (flags & VX_WRITE_SECRETS));
}

static char *format_live(VxDriver *driver, VxDomainObj *domain, const VxDomainView *view, VxWriteFlags flags,
                         GError **error)
{
    unsigned news = vx_live_xml_begin(domain);
    char *kept = can_be_kept(view, flags) ? vx_live_xml_get(domain, view->live) : NULL;
    g_autoptr(VxDomainDef) def = NULL;
    bool is_current;

    if (kept)
        return kept;
    def = describe_now(driver, domain, view, &is_current, error);
    if (!def)
        return NULL;
    kept = vx_domain_def_format(def, flags | VX_WRITE_LIVE, NULL);
    if (is_current && can_be_kept(view, flags))
        vx_live_xml_keep(domain, view->live, news, kept);
    return kept;
}

/* What another guest can be made from: nothing of this one's ids and ports. */
static char *format_stripped(const VxDomainRecord *record, VxWriteFlags flags, GError **error)
{
    g_autoptr(VxDomainDef) def = NULL;

    if (!record->is_live)
        return vx_domain_record_format(record, flags, error);
    def = vx_domain_record_open(record, error);
    if (!def)
        return NULL;
    vx_life_strip(def);
    return vx_domain_def_format(def, flags, NULL);
}

/* Whether FLAGS ask for how the domain runs now, and only Xen knows. */
static bool is_xens(const VxDriver *driver, const VxDomainObj *domain, const VxDomainView *view, unsigned flags)
{
    return view->live && driver->hypervisor && !domain->is_domain_zero &&
           !(flags & (VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_MIGRATABLE));
}

bool vx_is_xml_at_hand(VxDriver *driver, VxDomainObj *domain, unsigned flags)
{
    g_auto(VxDomainView) view = {0};

    if (!vx_domain_obj_look(domain, &view, NULL))
        return true;
    if (!is_xens(driver, domain, &view, flags))
        return vx_domain_record_is_written(vx_domain_view_current(&view));
    return can_be_kept(&view, flags & VIR_DOMAIN_XML_SECURE ? VX_WRITE_SECRETS : 0) &&
           vx_live_xml_is_kept(domain, view.live);
}

char *vx_get_xml(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxDomainView) view = {0};
    VxWriteFlags write_flags = flags & VIR_DOMAIN_XML_SECURE ? VX_WRITE_SECRETS : 0;

    if (!vx_check_flags(flags, XML_FLAGS, "virDomainGetXMLDesc", error) || !vx_domain_obj_look(domain, &view, error))
        return NULL;
    if (is_xens(driver, domain, &view, flags))
        return format_live(driver, domain, &view, write_flags, error);
    if ((flags & VIR_DOMAIN_XML_INACTIVE) && view.persistent)
        return vx_domain_record_format(view.persistent, write_flags, error);
    if (flags & (VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_MIGRATABLE))
        return format_stripped(vx_domain_view_current(&view), write_flags, error);
    return vx_domain_record_format(vx_domain_view_current(&view), write_flags | VX_WRITE_LIVE, error);
}
