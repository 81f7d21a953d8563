/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/domain_defaults.h"

#include "conf/chr_def.h"
#include "conf/disk_def.h"
#include "conf/hostdev_def.h"

/* Every Xen guest but an HVM one has a console, whether it is asked for or not. */
static void add_console(VxDomainDef *def)
{
    unsigned i = 0;
    VxChr *console = vx_domain_def_next_device(def, VX_DEVICE_CONSOLE, &i);

    if (console || vx_domain_def_guest_type(def) == VX_GUEST_HVM)
        return;
    console = vx_domain_def_add_device(def, VX_DEVICE_CONSOLE);
    console->type = VX_CHR_PTY;
    console->target_type = VX_CHR_TARGET_XEN;
    console->target_port = VX_NUMBER(0);
}

/* libvirt reads each of the two amounts of memory from the other. */
static void complete_memory(VxDomainDef *def)
{
    if (!def->current_memory_kib.given)
        def->current_memory_kib = def->memory_kib;
    if (!def->memory_kib.given)
        def->memory_kib = def->current_memory_kib;
}

static void complete_vcpus(VxVcpus *vcpus)
{
    if (!vcpus->placement)
        vcpus->placement = VX_VCPU_STATIC;
    if (!vcpus->maximum.given)
        vcpus->maximum = VX_NUMBER(1);
}

static void complete_actions(VxDomainDef *def)
{
    if (!def->on_poweroff)
        def->on_poweroff = VX_ACTION_DESTROY;
    if (!def->on_reboot)
        def->on_reboot = VX_ACTION_RESTART;
    if (!def->on_crash)
        def->on_crash = VX_ACTION_DESTROY;
}

static void complete_devices(VxDomainDef *def)
{
    VxDisk *disk;
    VxHostdev *hostdev;

    for (unsigned i = 0; (disk = vx_domain_def_next_device(def, VX_DEVICE_DISK, &i));)
        vx_disk_add_defaults(disk);
    for (unsigned i = 0; (hostdev = vx_domain_def_next_device(def, VX_DEVICE_HOSTDEV, &i));)
        vx_hostdev_add_defaults(hostdev);
}

void vx_domain_def_add_defaults(VxDomainDef *def)
{
    if (!def->type)
        def->type = g_strdup("xen");
    complete_memory(def);
    complete_vcpus(&def->vcpus);
    if (!def->clock.offset)
        def->clock.offset = VX_CLOCK_UTC;
    complete_actions(def);
    add_console(def);
    complete_devices(def);
}
