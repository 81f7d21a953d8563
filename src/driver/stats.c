/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/stats.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/change.h"
#include "driver/channel_state.h"
#include "driver/disk_size.h"
#include "util/vx_error.h"

/* Looks at DOMAIN, which must be running. */
static bool look_running(VxDriver *driver, VxDomainObj *domain, VxDomainView *view, GError **error)
{
    if (!vx_domain_obj_look(domain, view, error))
        return false;
    if (!view->live)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is not running", view->persistent->name);
    return vx_driver_need_hypervisor(driver, error);
}

/* ---- vcpus ---- */

static int compare_vcpus(gconstpointer a, gconstpointer b)
{
    const VxGuestVcpu *left = a, *right = b;

    return left->number < right->number ? -1 : left->number > right->number;
}

GArray *vx_get_running_vcpus(VxDriver *driver, VxDomainObj *domain, GError **error)
{
    g_auto(VxDomainView) view = {0};
    GArray *vcpus;

    if (!look_running(driver, domain, &view, error))
        return NULL;
    vcpus = driver->hypervisor->ops->vcpus(driver->hypervisor, view.id, error);
    if (vcpus)
        g_array_sort(vcpus, compare_vcpus);
    return vcpus;
}

int vx_vcpu_state(const VxGuestVcpu *vcpu)
{
    return !vcpu->online ? VIR_VCPU_OFFLINE : vcpu->blocked ? VIR_VCPU_BLOCKED : VIR_VCPU_RUNNING;
}

/* ---- disks ---- */

static const VxDisk *find_disk(const VxDomainDef *def, const char *name)
{
    for (unsigned i = 0; def->devices && i < def->devices->len; i++) {
        const VxDisk *disk = def->devices->pdata[i];

        if (disk->device.object.kind == VX_DEVICE_DISK &&
            (g_strcmp0(disk->target, name) == 0 || g_strcmp0(vx_disk_path(disk), name) == 0))
            return disk;
    }
    return NULL;
}

static bool fail_no_disk(const VxDomainDef *def, const char *name, GError **error)
{
    return vx_fail(error, VIR_ERR_INVALID_ARG, "domain '%s' has no disk '%s': name one by its target, as in 'xvda'",
                   def->name, name);
}

/* -1 stands for what is not known, also in a sum. */
static void add_counts(VxGuestBlockStats *sum, const VxGuestBlockStats *one)
{
    gint64 *to = (gint64 *)sum;
    const gint64 *from = (const gint64 *)one;

    for (unsigned i = 0; i < sizeof(*sum) / sizeof(gint64); i++)
        to[i] = to[i] < 0 || from[i] < 0 ? -1 : to[i] + from[i];
}

static bool ask_all_disks(VxDriver *driver, int id, const VxDomainDef *def, VxGuestBlockStats *stats, GError **error)
{
    *stats = (VxGuestBlockStats){0};
    for (unsigned i = 0; def->devices && i < def->devices->len; i++) {
        const VxDisk *disk = def->devices->pdata[i];
        VxGuestBlockStats one;

        if (disk->device.object.kind != VX_DEVICE_DISK)
            continue;
        if (!driver->hypervisor->ops->block_stats(driver->hypervisor, id, disk, &one, error))
            return false;
        add_counts(stats, &one);
    }
    return true;
}

bool vx_get_block_stats(VxDriver *driver, VxDomainObj *domain, const char *name, VxGuestBlockStats *stats,
                        GError **error)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(VxDomainDef) def = NULL;
    const VxDisk *disk;

    if (!look_running(driver, domain, &view, error) || !(def = vx_domain_record_open(view.live, error)))
        return false;
    if (*name == '\0')
        return ask_all_disks(driver, view.id, def, stats, error);
    disk = find_disk(def, name);
    return disk ? driver->hypervisor->ops->block_stats(driver->hypervisor, view.id, disk, stats, error)
                : fail_no_disk(def, name, error);
}

bool vx_get_block_info(VxDomainObj *domain, const char *name, unsigned flags, VxBlockInfo *info, GError **error)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(VxDomainDef) def = NULL;
    const VxDisk *disk;

    if (!vx_check_flags(flags, 0, "virDomainGetBlockInfo", error) || !vx_domain_obj_look(domain, &view, error) ||
        !(def = vx_domain_record_open(vx_domain_view_current(&view), error)))
        return false;
    disk = find_disk(def, name);
    return disk ? vx_measure_disk(disk, info, error) : fail_no_disk(def, name, error);
}

/* ---- interfaces ---- */

static const VxNet *find_net(const VxDomainDef *def, const char *name)
{
    for (unsigned i = 0; def->devices && i < def->devices->len; i++) {
        const VxNet *net = def->devices->pdata[i];

        if (net->device.object.kind == VX_DEVICE_INTERFACE &&
            (g_strcmp0(net->target, name) == 0 || (net->mac && g_ascii_strcasecmp(net->mac, name) == 0)))
            return net;
    }
    return NULL;
}

bool vx_get_interface_stats(VxDriver *driver, VxDomainObj *domain, const char *name, VxGuestInterfaceStats *stats,
                            GError **error)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(VxDomainDef) def = NULL;
    const VxNet *net;

    if (!look_running(driver, domain, &view, error) || !(def = vx_domain_record_open(view.live, error)))
        return false;
    net = find_net(def, name);
    if (!net)
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "domain '%s' has no interface '%s': name one by its host's side, as in 'vif1.0', or its MAC "
                       "address",
                       def->name, name);
    return driver->hypervisor->ops->interface_stats(driver->hypervisor, view.id, net, stats, error);
}

/* ---- memory ---- */

bool vx_get_guest_memory_stats(VxDriver *driver, VxDomainObj *domain, unsigned flags, VxMemoryStats *stats,
                               GError **error)
{
    g_auto(VxDomainView) view = {0};
    VxGuestInfo info;

    if (!vx_check_flags(flags, 0, "virDomainMemoryStats", error) || !look_running(driver, domain, &view, error) ||
        !driver->hypervisor->ops->info(driver->hypervisor, view.id, &info, error))
        return false;
    *stats = (VxMemoryStats){.balloon_kib = info.memory_kib, .resident_kib = info.memory_kib};
    return true;
}

/* ---- all at once ---- */

static void clear_stat(gpointer data)
{
    VxStat *stat = data;

    if (stat->type == VIR_TYPED_PARAM_STRING)
        g_free(stat->s);
    g_free(stat->field);
}

static VxStat *add(GArray *stats, int type, const char *format, va_list arguments)
{
    VxStat stat = {.field = g_strdup_vprintf(format, arguments), .type = type};

    g_array_append_val(stats, stat);
    return &g_array_index(stats, VxStat, stats->len - 1);
}

G_GNUC_PRINTF(3, 4) static void add_int(GArray *stats, gint32 value, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(stats, VIR_TYPED_PARAM_INT, format, arguments)->i = value;
    va_end(arguments);
}

G_GNUC_PRINTF(3, 4) static void add_uint(GArray *stats, guint32 value, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(stats, VIR_TYPED_PARAM_UINT, format, arguments)->ui = value;
    va_end(arguments);
}

G_GNUC_PRINTF(3, 4) static void add_ullong(GArray *stats, guint64 value, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(stats, VIR_TYPED_PARAM_ULLONG, format, arguments)->ul = value;
    va_end(arguments);
}

G_GNUC_PRINTF(3, 4) static void add_text(GArray *stats, const char *value, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add(stats, VIR_TYPED_PARAM_STRING, format, arguments)->s = g_strdup(value);
    va_end(arguments);
}

/* What the groups are told from. */
typedef struct {
    VxDriver *driver;
    VxDomainObj *domain;
    VxDomainView view;
    const VxDomainRecord *record; /* that counts now */
    VxDomainDef *def;             /* the same, open; NULL: no group needs it */
    bool has_info;
    VxGuestInfo info; /* of a running guest */
    GArray *stats;
} Telling;

static void tell_state(const Telling *t)
{
    add_int(t->stats, t->view.state, "state.state");
    add_int(t->stats, t->view.reason, "state.reason");
}

static void tell_cpu(const Telling *t)
{
    if (t->has_info)
        add_ullong(t->stats, t->info.cpu_time_ns, "cpu.time");
}

static void tell_balloon(const Telling *t)
{
    guint64 current = t->has_info ? t->info.memory_kib : t->record->current_memory_kib;
    guint64 maximum = MAX(t->record->memory_kib, current); /* as virDomainGetInfo has it */

    add_ullong(t->stats, current, "balloon.current");
    add_ullong(t->stats, maximum, "balloon.maximum");
}

static void tell_vcpus(const Telling *t)
{
    g_autoptr(GArray) vcpus = t->view.live ? vx_get_running_vcpus(t->driver, t->domain, NULL) : NULL;

    add_uint(t->stats, t->has_info ? t->info.n_vcpus : t->record->n_vcpus, "vcpu.current");
    add_uint(t->stats, t->record->maximum_vcpus, "vcpu.maximum");
    for (unsigned i = 0; vcpus && i < vcpus->len; i++) {
        const VxGuestVcpu *vcpu = &g_array_index(vcpus, VxGuestVcpu, i);

        if (!vcpu->online)
            continue;
        add_int(t->stats, vx_vcpu_state(vcpu), "vcpu.%u.state", vcpu->number);
        add_ullong(t->stats, vcpu->cpu_time_ns, "vcpu.%u.time", vcpu->number);
    }
}

/* A row of a table of counters: the end of the field's name, and where the count is. */
typedef struct {
    const char *suffix;
    gsize offset;
} Counter;

static void tell_counters(const Telling *t, const char *prefix, unsigned index, const Counter *counters, unsigned n,
                          const void *counts)
{
    for (unsigned i = 0; i < n; i++) {
        gint64 count = *(const gint64 *)((const char *)counts + counters[i].offset);

        if (count >= 0)
            add_ullong(t->stats, (guint64)count, "%s.%u.%s", prefix, index, counters[i].suffix);
    }
}

/* How many devices of KIND there are. */
static unsigned count_devices(const VxDomainDef *def, VxDeviceKind kind)
{
    unsigned n = 0;

    for (unsigned i = 0; def->devices && i < def->devices->len; i++)
        n += ((const VxDevice *)def->devices->pdata[i])->object.kind == kind;
    return n;
}

static void tell_interface(const Telling *t, unsigned index, const void *device)
{
    static const Counter counters[] = {
        {"rx.bytes", offsetof(VxGuestInterfaceStats, rx_bytes)},
        {"rx.pkts", offsetof(VxGuestInterfaceStats, rx_packets)},
        {"rx.errs", offsetof(VxGuestInterfaceStats, rx_errors)},
        {"rx.drop", offsetof(VxGuestInterfaceStats, rx_dropped)},
        {"tx.bytes", offsetof(VxGuestInterfaceStats, tx_bytes)},
        {"tx.pkts", offsetof(VxGuestInterfaceStats, tx_packets)},
        {"tx.errs", offsetof(VxGuestInterfaceStats, tx_errors)},
        {"tx.drop", offsetof(VxGuestInterfaceStats, tx_dropped)},
    };
    const VxNet *net = device;
    VxGuestInterfaceStats counts;

    if (net->target)
        add_text(t->stats, net->target, "net.%u.name", index);
    if (t->driver->hypervisor->ops->interface_stats(t->driver->hypervisor, t->view.id, net, &counts, NULL))
        tell_counters(t, "net", index, counters, G_N_ELEMENTS(counters), &counts);
}

static void tell_block(const Telling *t, unsigned index, const void *device)
{
    static const Counter counters[] = {
        {"rd.reqs", offsetof(VxGuestBlockStats, read_requests)},
        {"rd.bytes", offsetof(VxGuestBlockStats, read_bytes)},
        {"wr.reqs", offsetof(VxGuestBlockStats, write_requests)},
        {"wr.bytes", offsetof(VxGuestBlockStats, write_bytes)},
        {"errors", offsetof(VxGuestBlockStats, errors)},
    };
    const VxDisk *disk = device;
    VxGuestBlockStats counts;
    VxBlockInfo info;

    if (disk->target)
        add_text(t->stats, disk->target, "block.%u.name", index);
    if (vx_disk_path(disk))
        add_text(t->stats, vx_disk_path(disk), "block.%u.path", index);
    if (t->has_info && t->driver->hypervisor->ops->block_stats(t->driver->hypervisor, t->view.id, disk, &counts, NULL))
        tell_counters(t, "block", index, counters, G_N_ELEMENTS(counters), &counts);
    if (!vx_disk_path(disk) || !vx_measure_disk(disk, &info, NULL))
        return;
    add_ullong(t->stats, info.allocation, "block.%u.allocation", index);
    add_ullong(t->stats, info.capacity, "block.%u.capacity", index);
    add_ullong(t->stats, info.physical, "block.%u.physical", index);
}

static void tell_channel(const Telling *t, unsigned index, const void *device)
{
    const VxChr *channel = device;

    if (channel->target_name)
        add_text(t->stats, channel->target_name, "channel.%u.name", index);
    if (channel->target_state)
        add_text(t->stats, vx_enum_to_text(&vx_chr_states, channel->target_state), "channel.%u.state", index);
}

/* PREFIX.count, and what TELL says of each device of KIND. */
static void tell_devices(const Telling *t, const char *prefix, VxDeviceKind kind,
                         void (*tell)(const Telling *t, unsigned index, const void *device))
{
    unsigned index = 0;

    add_uint(t->stats, count_devices(t->def, kind), "%s.count", prefix);
    for (unsigned i = 0; t->def->devices && i < t->def->devices->len; i++)
        if (((const VxDevice *)t->def->devices->pdata[i])->object.kind == kind)
            tell(t, index++, t->def->devices->pdata[i]);
}

static void tell_interfaces(const Telling *t)
{
    if (t->has_info)
        tell_devices(t, "net", VX_DEVICE_INTERFACE, tell_interface);
}

static void tell_blocks(const Telling *t)
{
    tell_devices(t, "block", VX_DEVICE_DISK, tell_block);
}

static void tell_channels(const Telling *t)
{
    tell_devices(t, "channel", VX_DEVICE_CHANNEL, tell_channel);
}

static const struct {
    unsigned group;
    bool needs_def;
    void (*tell)(const Telling *t);
} groups[] = {
    {VIR_DOMAIN_STATS_STATE, false, tell_state},         {VIR_DOMAIN_STATS_CPU_TOTAL, false, tell_cpu},
    {VIR_DOMAIN_STATS_BALLOON, false, tell_balloon},     {VIR_DOMAIN_STATS_VCPU, false, tell_vcpus},
    {VIR_DOMAIN_STATS_INTERFACE, true, tell_interfaces}, {VIR_DOMAIN_STATS_BLOCK, true, tell_blocks},
    {VIR_DOMAIN_STATS_VM, true, tell_channels},
};

const unsigned vx_stats_groups = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_BALLOON |
                                 VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_BLOCK |
                                 VIR_DOMAIN_STATS_VM;

static bool needs_def(unsigned wanted)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++)
        if ((wanted & groups[i].group) && groups[i].needs_def)
            return true;
    return false;
}

/* Fills what T is told from. */
static bool prepare(Telling *t, unsigned wanted, GError **error)
{
    VxHypervisor *hypervisor = t->driver->hypervisor;

    if (!vx_domain_obj_look(t->domain, &t->view, error))
        return false;
    t->record = vx_domain_view_current(&t->view);
    t->has_info = t->view.live && hypervisor && hypervisor->ops->info(hypervisor, t->view.id, &t->info, NULL);
    if (!needs_def(wanted))
        return true;
    t->def = vx_domain_record_open(t->record, error);
    if (t->def && t->view.live)
        vx_channel_states_apply(t->domain, t->view.id, t->def);
    return t->def != NULL;
}

GArray *vx_get_stats(VxDriver *driver, VxDomainObj *domain, unsigned wanted, GError **error)
{
    Telling t = {.driver = driver, .domain = domain};

    if (prepare(&t, wanted, error)) {
        t.stats = g_array_new(FALSE, TRUE, sizeof(VxStat));
        g_array_set_clear_func(t.stats, clear_stat);
        for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++)
            if (wanted & groups[i].group)
                groups[i].tell(&t);
    }
    vx_domain_view_clear(&t.view);
    vx_domain_def_free(t.def);
    return t.stats;
}
