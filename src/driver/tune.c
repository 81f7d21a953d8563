/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/tune.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/change.h"
#include "util/vx_error.h"

#define IMPACT_FLAGS (VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG)

/* A change that is also made to the running guest. */
static bool begin(VxDriver *driver, VxChange *change, VxDomainObj *domain, const char *what, unsigned flags,
                  GError **error)
{
    return vx_change_begin(change, domain, what, flags & IMPACT_FLAGS, error) &&
           (!change->live || vx_driver_need_hypervisor(driver, error));
}

/* ---- memory ---- */

static bool edit_memory(VxDomainDef *def, gpointer data, GError **error)
{
    guint64 memory_kib = *(const guint64 *)data;

    if (memory_kib > (guint64)def->memory_kib.value)
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "%" G_GUINT64_FORMAT " KiB is more than the domain's maximum of %" G_GINT64_FORMAT
                       " KiB: raise that first",
                       memory_kib, def->memory_kib.value);
    def->current_memory_kib = VX_NUMBER((gint64)memory_kib);
    return true;
}

static bool edit_maximum_memory(VxDomainDef *def, gpointer data, GError **error)
{
    gint64 memory_kib = (gint64) * (const guint64 *)data;

    (void)error;
    def->memory_kib = VX_NUMBER(memory_kib);
    if (def->current_memory_kib.value > memory_kib)
        def->current_memory_kib = def->memory_kib;
    return true;
}

static bool tell_memory(VxDriver *driver, const VxChange *change, guint64 memory_kib, bool maximum, GError **error)
{
    VxHypervisor *hypervisor = driver->hypervisor;

    return maximum ? hypervisor->ops->set_maximum_memory(hypervisor, change->view.id, memory_kib, error)
                   : hypervisor->ops->set_memory(hypervisor, change->view.id, memory_kib, error);
}

bool vx_set_memory(VxDriver *driver, VxDomainObj *domain, guint64 memory_kib, unsigned flags, GError **error)
{
    bool maximum = flags & VIR_DOMAIN_MEM_MAXIMUM;
    g_auto(VxChange) change = {0};

    if (!vx_check_flags(flags, IMPACT_FLAGS | VIR_DOMAIN_MEM_MAXIMUM, "virDomainSetMemoryFlags", error))
        return false;
    if (memory_kib == 0 || memory_kib >= G_GUINT64_CONSTANT(1) << 53)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "%" G_GUINT64_FORMAT " KiB is no amount of memory for a domain",
                       memory_kib);
    if (!begin(driver, &change, domain, "set the memory of", flags, error))
        return false;
    if (change.live && !maximum && memory_kib > change.view.live->memory_kib)
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "%" G_GUINT64_FORMAT " KiB is more than the domain's maximum of %" G_GUINT64_FORMAT " KiB",
                       memory_kib, change.view.live->memory_kib);
    if (change.live && !tell_memory(driver, &change, memory_kib, maximum, error))
        return false;
    return vx_change_both(driver, &change, maximum ? edit_maximum_memory : edit_memory, &memory_kib, error);
}

/* ---- virtual CPUs ---- */

#define MAXIMUM_VCPUS 4096 /* of a PV guest; Xen says what of others it cannot start */

static bool edit_vcpus(VxDomainDef *def, gpointer data, GError **error)
{
    gint64 n = *(const unsigned *)data;

    if (n > def->vcpus.maximum.value)
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "%" G_GINT64_FORMAT " virtual CPUs are more than the domain's maximum of %" G_GINT64_FORMAT, n,
                       def->vcpus.maximum.value);
    def->vcpus.current = n == def->vcpus.maximum.value ? (VxNumber){0} : VX_NUMBER(n);
    return true;
}

static bool edit_maximum_vcpus(VxDomainDef *def, gpointer data, GError **error)
{
    gint64 n = *(const unsigned *)data;
    gint64 current = def->vcpus.current.given ? def->vcpus.current.value : def->vcpus.maximum.value;

    (void)error;
    def->vcpus.maximum = VX_NUMBER(n);
    def->vcpus.current = current >= n ? (VxNumber){0} : VX_NUMBER(current);
    return true;
}

static bool check_vcpus(unsigned n_vcpus, unsigned flags, GError **error)
{
    if (flags & VIR_DOMAIN_VCPU_HOTPLUGGABLE)
        return vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                       "Xen does not tell virtual CPUs that can be unplugged from others");
    if ((flags & VIR_DOMAIN_VCPU_MAXIMUM) && (flags & VIR_DOMAIN_VCPU_LIVE))
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "the maximum number of virtual CPUs of a running domain cannot change: set it with --config");
    if (n_vcpus == 0 || n_vcpus > MAXIMUM_VCPUS)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "a domain cannot have %u virtual CPUs: write 1 to %d", n_vcpus,
                       MAXIMUM_VCPUS);
    return true;
}

bool vx_set_vcpus(VxDriver *driver, VxDomainObj *domain, unsigned n_vcpus, unsigned flags, GError **error)
{
    bool maximum = flags & VIR_DOMAIN_VCPU_MAXIMUM;
    g_auto(VxChange) change = {0};

    if (!vx_check_flags(flags, IMPACT_FLAGS | VIR_DOMAIN_VCPU_MAXIMUM | VIR_DOMAIN_VCPU_HOTPLUGGABLE,
                        "virDomainSetVcpusFlags", error) ||
        !check_vcpus(n_vcpus, flags, error) || !begin(driver, &change, domain, "set the virtual CPUs of", flags, error))
        return false;
    if (change.live && maximum)
        return check_vcpus(n_vcpus, flags | VIR_DOMAIN_VCPU_LIVE, error);
    if (change.live && n_vcpus > change.view.live->maximum_vcpus)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "%u virtual CPUs are more than the domain's maximum of %u", n_vcpus,
                       change.view.live->maximum_vcpus);
    if (change.live && !driver->hypervisor->ops->set_vcpus(driver->hypervisor, change.view.id, n_vcpus, error))
        return false;
    return vx_change_both(driver, &change, maximum ? edit_maximum_vcpus : edit_vcpus, &n_vcpus, error);
}

bool vx_get_vcpus(VxDomainObj *domain, unsigned flags, unsigned *n_vcpus, GError **error)
{
    g_auto(VxDomainView) view = {0};
    const VxDomainRecord *record;

    if (!vx_check_flags(flags, IMPACT_FLAGS | VIR_DOMAIN_VCPU_MAXIMUM, "virDomainGetVcpusFlags", error) ||
        !vx_domain_obj_look(domain, &view, error) || !(record = vx_view_of_impact(&view, flags & IMPACT_FLAGS, error)))
        return false;
    *n_vcpus = flags & VIR_DOMAIN_VCPU_MAXIMUM ? record->maximum_vcpus : record->n_vcpus;
    return true;
}

/* ---- the scheduler ---- */

/* Xen's own choice since 4.12, which an offline host would have. */
#define DEFAULT_SCHEDULER "credit2"

const char *vx_get_scheduler(VxDriver *driver, VxDomainObj *domain, unsigned *n_parameters, GError **error)
{
    g_auto(VxDomainView) view = {0};
    const char *name = driver->hypervisor ? driver->hypervisor->ops->scheduler(driver->hypervisor) : DEFAULT_SCHEDULER;

    if (!vx_domain_obj_look(domain, &view, error))
        return NULL;
    *n_parameters = g_str_has_prefix(name, "credit") ? 2 : 0;
    return name;
}

/* The cap is an xl.cfg option of the definition, for libvirt has no element for it. */
#define CAP_OPTION "cap"

static void read_credit(const VxDomainDef *def, VxCredit *credit)
{
    const VxOption *cap = vx_options_find(def->options, CAP_OPTION);

    credit->weight = def->cpu_tune.shares.given ? (int)def->cpu_tune.shares.value : -1;
    credit->cap = cap && cap->value ? (int)g_ascii_strtoll(cap->value, NULL, 10) : -1;
}

bool vx_get_credit(VxDriver *driver, VxDomainObj *domain, unsigned flags, VxCredit *credit, GError **error)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(VxDomainDef) def = NULL;
    const VxDomainRecord *record;

    /* Strings are welcome to the caller; there are none. */
    if (!vx_check_flags(flags, IMPACT_FLAGS | VIR_TYPED_PARAM_STRING_OKAY, "virDomainGetSchedulerParametersFlags",
                        error) ||
        !vx_domain_obj_look(domain, &view, error) || !(record = vx_view_of_impact(&view, flags & IMPACT_FLAGS, error)))
        return false;
    if (record->is_live)
        return vx_driver_need_hypervisor(driver, error) &&
               driver->hypervisor->ops->get_credit(driver->hypervisor, view.id, &credit->weight, &credit->cap, error);
    def = vx_domain_record_open(record, error);
    if (def)
        read_credit(def, credit);
    return def != NULL;
}

static bool edit_credit(VxDomainDef *def, gpointer data, GError **error)
{
    const VxCredit *credit = data;
    VxOption *cap = (VxOption *)vx_options_find(def->options, CAP_OPTION);

    (void)error;
    if (credit->weight >= 0)
        def->cpu_tune.shares = VX_NUMBER(credit->weight);
    if (credit->cap < 0)
        return true;
    if (!cap)
        cap = vx_options_add(&def->options, CAP_OPTION, NULL);
    g_free(cap->value);
    cap->value = g_strdup_printf("%d", credit->cap);
    return true;
}

bool vx_set_credit(VxDriver *driver, VxDomainObj *domain, const VxCredit *credit, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};

    if (!vx_check_flags(flags, IMPACT_FLAGS, "virDomainSetSchedulerParametersFlags", error))
        return false;
    if (credit->weight == 0 || credit->weight > 65535 || credit->cap > 65535)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "the weight is 1 to 65535 and the cap 0 to 65535, not %d and %d",
                       credit->weight, credit->cap);
    if (!begin(driver, &change, domain, "schedule", flags, error))
        return false;
    if (change.live &&
        !driver->hypervisor->ops->set_credit(driver->hypervisor, change.view.id, credit->weight, credit->cap, error))
        return false;
    return vx_change_both(driver, &change, edit_credit, (gpointer)credit, error);
}
