/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "memory_private.h"
#include "util/vx_error.h"

static bool set_paused(VxHypervisor *hypervisor, int id, bool paused, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    guest->info.paused = paused;
    vx_memory_keep((VxMemoryHypervisor *)hypervisor, guest);
    return vx_memory_leave(hypervisor);
}

static bool memory_pause(VxHypervisor *hypervisor, int id, GError **error)
{
    return set_paused(hypervisor, id, true, error);
}

static bool memory_unpause(VxHypervisor *hypervisor, int id, GError **error)
{
    return set_paused(hypervisor, id, false, error);
}

static bool memory_set_memory(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    guest->info.memory_kib = memory_kib;
    return vx_memory_leave(hypervisor);
}

static bool memory_set_maximum_memory(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    guest->info.maximum_memory_kib = memory_kib + VX_MEMORY_SLACK_KIB;
    return vx_memory_leave(hypervisor);
}

static bool memory_set_vcpus(VxHypervisor *hypervisor, int id, unsigned n_vcpus, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    guest->info.n_vcpus = n_vcpus;
    return vx_memory_leave(hypervisor);
}

static GArray *memory_vcpus(VxHypervisor *hypervisor, int id, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);
    GArray *vcpus;

    if (!guest)
        return NULL;
    vcpus = g_array_new(FALSE, FALSE, sizeof(VxGuestVcpu));
    g_array_set_clear_func(vcpus, vx_guest_vcpu_clear);
    for (unsigned i = 0; i < guest->info.maximum_vcpus; i++) {
        bool online = i < guest->info.n_vcpus;
        VxGuestVcpu vcpu = {.number = i,
                            .online = online,
                            .running = online && !guest->info.paused,
                            .cpu = online ? (int)(i % VX_MEMORY_HOST_CPUS) : -1,
                            .cpu_time_ns = online ? 1000000u * (i + 1) : 0,
                            .map = g_memdup2(guest->pins + (gsize)i * VX_MEMORY_PIN_BYTES, VX_MEMORY_PIN_BYTES),
                            .map_bytes = VX_MEMORY_PIN_BYTES};

        g_array_append_val(vcpus, vcpu);
    }
    vx_memory_leave(hypervisor);
    return vcpus;
}

static bool memory_pin_vcpu(VxHypervisor *hypervisor, int id, unsigned vcpu, const guint8 *map, gsize map_bytes,
                            GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    if (vcpu < guest->info.maximum_vcpus) {
        guint8 *pin = guest->pins + (gsize)vcpu * VX_MEMORY_PIN_BYTES;

        memset(pin, 0, VX_MEMORY_PIN_BYTES);
        memcpy(pin, map, MIN(map_bytes, VX_MEMORY_PIN_BYTES));
    }
    return vx_memory_leave(hypervisor);
}

static bool memory_device(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error)
{
    GError *failure = NULL;

    (void)device;
    if (vx_memory_enter_guest(hypervisor, id, &failure))
        return vx_memory_leave(hypervisor);
    if (failure->code == VIR_ERR_INTERNAL_ERROR)
        failure->code = VIR_ERR_OPERATION_FAILED; /* it is the guest that does not let it happen */
    g_propagate_error(error, failure);
    return false;
}

static bool memory_block_stats(VxHypervisor *hypervisor, int id, const VxDisk *disk, VxGuestBlockStats *stats,
                               GError **error)
{
    (void)disk;
    if (!vx_memory_enter_guest(hypervisor, id, error))
        return false;
    *stats = (VxGuestBlockStats){10, 40960, 20, 81920, -1};
    return vx_memory_leave(hypervisor);
}

static bool memory_interface_stats(VxHypervisor *hypervisor, int id, const VxNet *net, VxGuestInterfaceStats *stats,
                                   GError **error)
{
    (void)net;
    if (!vx_memory_enter_guest(hypervisor, id, error))
        return false;
    *stats = (VxGuestInterfaceStats){1500, 3, 0, 0, 3000, 6, 0, 1};
    return vx_memory_leave(hypervisor);
}

static bool memory_get_credit(VxHypervisor *hypervisor, int id, int *weight, int *cap, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    *weight = guest->weight;
    *cap = guest->cap;
    return vx_memory_leave(hypervisor);
}

static bool memory_set_credit(VxHypervisor *hypervisor, int id, int weight, int cap, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    if (weight >= 0)
        guest->weight = weight;
    if (cap >= 0)
        guest->cap = cap;
    return vx_memory_leave(hypervisor);
}

static bool memory_is_plugging(VxHypervisor *hypervisor, int id)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, NULL);
    bool is = guest && guest->unsettled;

    if (guest)
        vx_memory_leave(hypervisor);
    return is;
}

/* The channel that was on its way has come. */
static bool memory_settle(VxHypervisor *hypervisor, int id, VxDomainDef *def, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);
    VxChr *chr;

    if (!guest)
        return false;
    chr = vx_domain_def_add_device(def, VX_DEVICE_CHANNEL);
    chr->type = VX_CHR_PTY;
    chr->target_type = VX_CHR_TARGET_XEN;
    chr->target_name = g_steal_pointer(&guest->unsettled);
    return vx_memory_leave(hypervisor);
}

static const char *memory_scheduler(VxHypervisor *hypervisor)
{
    (void)hypervisor;
    return "credit2";
}

static bool memory_trigger(VxHypervisor *hypervisor, int id, VxGuestTrigger trigger, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);
    bool done = true;

    if (!guest)
        return false;
    if (vx_domain_def_guest_type(guest->def) != VX_GUEST_HVM)
        done = vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED, "only HVM guests have buttons");
    else if (trigger == VX_GUEST_TRIGGER_SLEEP)
        guest->is_asleep = true;
    else if (trigger == VX_GUEST_TRIGGER_WAKEUP)
        guest->is_asleep = false;
    vx_memory_leave(hypervisor);
    return done;
}

static bool memory_preserve(VxHypervisor *hypervisor, int id, const char *new_name, const guint8 new_uuid[16],
                            GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    memcpy(guest->info.uuid, new_uuid, sizeof(guest->info.uuid));
    g_free(guest->def->name);
    guest->def->name = g_strdup(new_name);
    vx_memory_keep((VxMemoryHypervisor *)hypervisor, guest);
    return vx_memory_leave(hypervisor);
}

void vx_memory_set_calls(VxHypervisorOps *ops)
{
    ops->pause = memory_pause;
    ops->unpause = memory_unpause;
    ops->set_memory = memory_set_memory;
    ops->set_maximum_memory = memory_set_maximum_memory;
    ops->set_vcpus = memory_set_vcpus;
    ops->vcpus = memory_vcpus;
    ops->pin_vcpu = memory_pin_vcpu;
    ops->attach = ops->detach = ops->update = memory_device;
    ops->is_plugging = memory_is_plugging;
    ops->settle = memory_settle;
    ops->block_stats = memory_block_stats;
    ops->interface_stats = memory_interface_stats;
    ops->get_credit = memory_get_credit;
    ops->set_credit = memory_set_credit;
    ops->scheduler = memory_scheduler;
    ops->trigger = memory_trigger;
    ops->preserve = memory_preserve;
    ops->channels = vx_memory_channels;
    ops->open_chr = vx_memory_open_chr;
    ops->fill_live = vx_memory_fill_live;
}
