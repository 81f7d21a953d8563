/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Virtual CPUs and the host's: maps of bits for the caller, texts like 0-3,^2 in the definition.
 */
#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/change.h"
#include "driver/tune.h"
#include "util/vx_error.h"

#define IMPACT_FLAGS (VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG)
#define MAXIMUM_CPUS 65536

static bool is_set(const guint8 *map, gsize map_bytes, gsize cpu)
{
    return cpu / 8 < map_bytes && (map[cpu / 8] & (1u << (cpu % 8)));
}

/* "0-3,8"; NULL when no bit is set. */
static char *format_map(const guint8 *map, gsize map_bytes)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (gsize cpu = 0; cpu < map_bytes * 8; cpu++) {
        gsize last = cpu;

        if (!is_set(map, map_bytes, cpu))
            continue;
        while (is_set(map, map_bytes, last + 1))
            last++;
        g_string_append_printf(text, "%s%" G_GSIZE_FORMAT, text->len ? "," : "", cpu);
        if (last > cpu)
            g_string_append_printf(text, "-%" G_GSIZE_FORMAT, last);
        cpu = last;
    }
    return text->len ? g_strdup(text->str) : NULL;
}

static void set_range(guint8 *map, gsize map_bytes, guint64 first, guint64 last, bool on)
{
    for (guint64 cpu = first; cpu <= last && cpu < map_bytes * 8; cpu++) {
        if (on)
            map[cpu / 8] |= (guint8)(1u << (cpu % 8));
        else
            map[cpu / 8] &= (guint8) ~(1u << (cpu % 8));
    }
}

/* Sets the bits of TEXT; what cannot be read of it is left out, for the definition has been checked. */
static void parse_map(const char *text, guint8 *map, gsize map_bytes)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    for (char **part = parts; *part; part++) {
        const char *p = g_strstrip(*part);
        bool on = *p != '^';
        char *end;
        guint64 first = g_ascii_strtoull(on ? p : p + 1, &end, 10), last = first;

        if (*end == '-')
            last = g_ascii_strtoull(end + 1, &end, 10);
        if (*end == '\0' && last >= first && last < MAXIMUM_CPUS)
            set_range(map, map_bytes, first, last, on);
    }
}

/* ---- setting ---- */

typedef struct {
    gint64 vcpu;
    const char *cpuset;
} Pin;

static VxVcpuPin *find_pin(const VxDomainDef *def, gint64 vcpu)
{
    for (unsigned i = 0; def->cpu_tune.vcpu_pins && i < def->cpu_tune.vcpu_pins->len; i++) {
        VxVcpuPin *pin = def->cpu_tune.vcpu_pins->pdata[i];

        if (pin->vcpu.value == vcpu)
            return pin;
    }
    return NULL;
}

static bool edit_pin(VxDomainDef *def, gpointer data, GError **error)
{
    const Pin *wanted = data;
    VxVcpuPin *pin = find_pin(def, wanted->vcpu);

    if (wanted->vcpu >= def->vcpus.maximum.value)
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "the domain has no virtual CPU %" G_GINT64_FORMAT ": its last one is %" G_GINT64_FORMAT,
                       wanted->vcpu, def->vcpus.maximum.value - 1);
    if (!pin) {
        pin = vx_object_new(&vx_vcpu_pin_element);
        pin->vcpu = VX_NUMBER(wanted->vcpu);
        if (!def->cpu_tune.vcpu_pins)
            def->cpu_tune.vcpu_pins = g_ptr_array_new();
        g_ptr_array_add(def->cpu_tune.vcpu_pins, pin);
    }
    g_free(pin->cpuset);
    pin->cpuset = g_strdup(wanted->cpuset);
    return true;
}

bool vx_pin_vcpu(VxDriver *driver, VxDomainObj *domain, unsigned vcpu, const guint8 *map, gsize map_bytes,
                 unsigned flags, GError **error)
{
    g_autofree char *cpuset = format_map(map, MIN(map_bytes, MAXIMUM_CPUS / 8));
    Pin pin = {.vcpu = vcpu, .cpuset = cpuset};
    g_auto(VxChange) change = {0};

    if (!vx_check_flags(flags, IMPACT_FLAGS, "virDomainPinVcpuFlags", error))
        return false;
    if (!cpuset)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "no CPU is left for virtual CPU %u: name at least one", vcpu);
    if (!vx_change_begin(&change, domain, "pin", flags, error) ||
        (change.live && !vx_driver_need_hypervisor(driver, error)))
        return false;
    if (change.live &&
        !driver->hypervisor->ops->pin_vcpu(driver->hypervisor, change.view.id, vcpu, map, map_bytes, error))
        return false;
    return vx_change_both(driver, &change, edit_pin, &pin, error);
}

/* ---- asking ---- */

static void fill_map(const VxDomainDef *def, unsigned vcpu, unsigned n_cpus, guint8 *map, gsize map_bytes)
{
    const VxVcpuPin *pin = find_pin(def, vcpu);
    const char *cpuset = pin && pin->cpuset ? pin->cpuset : def->vcpus.cpuset;

    memset(map, 0, map_bytes);
    if (cpuset)
        parse_map(cpuset, map, map_bytes);
    else if (n_cpus > 0)
        set_range(map, map_bytes, 0, n_cpus - 1, true);
}

bool vx_get_vcpu_pins(VxDomainObj *domain, unsigned n_cpus, guint8 *maps, unsigned n_maps, gsize map_bytes,
                      unsigned flags, unsigned *n_filled, GError **error)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(VxDomainDef) def = NULL;
    const VxDomainRecord *record;

    if (!vx_check_flags(flags, IMPACT_FLAGS, "virDomainGetVcpuPinInfo", error) ||
        !vx_domain_obj_look(domain, &view, error) || !(record = vx_view_of_impact(&view, flags, error)) ||
        !(def = vx_domain_record_open(record, error)))
        return false;
    *n_filled = MIN(n_maps, record->maximum_vcpus);
    for (unsigned i = 0; i < *n_filled; i++)
        fill_map(def, i, n_cpus, maps + i * map_bytes, map_bytes);
    return true;
}
