/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/domain_defaults.h"

#include "conf/chr_def.h"
#include "conf/controller_def.h"
#include "conf/disk_def.h"
#include "conf/graphics_def.h"
#include "conf/hostdev_def.h"
#include "conf/input_def.h"
#include "conf/memballoon_def.h"
#include "conf/video_def.h"

static void *first_device(const VxDomainDef *def, VxDeviceKind kind)
{
    unsigned i = 0;

    return vx_domain_def_next_device(def, kind, &i);
}

/* The console of an HVM guest is its first serial port, which libvirt writes in both places. */
static void unite_console_and_serial(VxDomainDef *def)
{
    VxChr *console = first_device(def, VX_DEVICE_CONSOLE), *serial = first_device(def, VX_DEVICE_SERIAL);
    bool is_serial = console && (!console->target_type || console->target_type == VX_CHR_TARGET_SERIAL);

    if (serial && !console) {
        console = vx_domain_def_add_device(def, VX_DEVICE_CONSOLE);
        vx_chr_copy_host_side(console, serial);
    } else if (is_serial && !serial) {
        serial = vx_domain_def_add_device(def, VX_DEVICE_SERIAL);
        vx_chr_copy_host_side(serial, console);
        serial->target_port = VX_NUMBER(0);
    } else if (!is_serial) {
        return;
    }
    console->target_type = VX_CHR_TARGET_SERIAL;
    if (!console->target_port.given)
        console->target_port = VX_NUMBER(0);
}

/* Every Xen guest but an HVM one has a console, whether it is asked for or not. */
static void add_console(VxDomainDef *def)
{
    VxChr *console = first_device(def, VX_DEVICE_CONSOLE);

    if (vx_domain_def_guest_type(def) == VX_GUEST_HVM)
        unite_console_and_serial(def);
    if (console || vx_domain_def_guest_type(def) == VX_GUEST_HVM)
        return;
    console = vx_domain_def_add_device(def, VX_DEVICE_CONSOLE);
    console->type = VX_CHR_PTY;
    console->target_type = VX_CHR_TARGET_XEN;
    console->target_port = VX_NUMBER(0);
}

/* ---- devices that every guest has ---- */

/* Where an input device is that does not say it. */
static VxInputBus input_bus(const VxDomainDef *def, const VxInput *input)
{
    if (vx_domain_def_guest_type(def) != VX_GUEST_HVM)
        return VX_INPUT_BUS_XEN;
    return input->type == VX_INPUT_MOUSE || input->type == VX_INPUT_KEYBOARD ? VX_INPUT_BUS_PS2 : VX_INPUT_BUS_USB;
}

static void add_input(VxDomainDef *def, VxInputType type, VxInputBus bus)
{
    VxInput *input;

    for (unsigned i = 0; (input = vx_domain_def_next_device(def, VX_DEVICE_INPUT, &i));) {
        if (input->type == (int)type && input->bus == (int)bus)
            return;
    }
    input = vx_domain_def_add_device(def, VX_DEVICE_INPUT);
    input->type = type;
    input->bus = bus;
}

static void add_inputs(VxDomainDef *def)
{
    VxInputBus bus = vx_domain_def_guest_type(def) == VX_GUEST_HVM ? VX_INPUT_BUS_PS2 : VX_INPUT_BUS_XEN;
    VxInput *input;

    for (unsigned i = 0; (input = vx_domain_def_next_device(def, VX_DEVICE_INPUT, &i));) {
        if (!input->bus)
            input->bus = input_bus(def, input);
    }
    add_input(def, VX_INPUT_MOUSE, bus);
    add_input(def, VX_INPUT_KEYBOARD, bus);
}

static void complete_graphics(VxGraphics *graphics)
{
    bool is_vnc = graphics->type == VX_GRAPHICS_VNC;

    if (!is_vnc && graphics->type != VX_GRAPHICS_SPICE)
        return;
    if (!graphics->autoport && (!graphics->port.given || graphics->port.value < 0) && !graphics->tls_port.given)
        graphics->autoport = VX_YES;
    if (is_vnc && !graphics->port.given && graphics->autoport == VX_YES)
        graphics->port = VX_NUMBER(-1);
    if (!graphics->autoport)
        graphics->autoport = VX_NO;
    if (!graphics->listens)
        vx_graphics_set_listen_address(graphics, NULL);
}

static void complete_video(VxVideo *video, bool is_hvm)
{
    if (!video->model)
        video->model = is_hvm ? VX_VIDEO_CIRRUS : VX_VIDEO_XEN;
    if (video->model == VX_VIDEO_NONE)
        return;
    if (!video->vram_kib.given || video->vram_kib.value == 0)
        video->vram_kib = vx_video_default_vram_kib(video->model);
    if (!video->heads.given)
        video->heads = VX_NUMBER(1);
}

/* A screen needs a graphics card, and the first card is the one to boot on. */
static void add_video(VxDomainDef *def)
{
    bool is_hvm = vx_domain_def_guest_type(def) == VX_GUEST_HVM;
    VxVideo *first = first_device(def, VX_DEVICE_VIDEO), *video;
    bool has_primary = false;

    if (!first && first_device(def, VX_DEVICE_GRAPHICS))
        first = vx_domain_def_add_device(def, VX_DEVICE_VIDEO);
    for (unsigned i = 0; (video = vx_domain_def_next_device(def, VX_DEVICE_VIDEO, &i));) {
        complete_video(video, is_hvm);
        has_primary = has_primary || video->primary == VX_YES;
    }
    if (first && !has_primary && first->model != VX_VIDEO_NONE)
        first->primary = VX_YES;
}

static void add_memballoon(VxDomainDef *def)
{
    if (!first_device(def, VX_DEVICE_MEMBALLOON))
        ((VxMemballoon *)vx_domain_def_add_device(def, VX_DEVICE_MEMBALLOON))->model = VX_MEMBALLOON_XEN;
}

static void add_xenbus(VxDomainDef *def)
{
    VxController *controller;

    for (unsigned i = 0; (controller = vx_domain_def_next_device(def, VX_DEVICE_CONTROLLER, &i));) {
        if (controller->type == VX_CONTROLLER_XENBUS)
            return;
    }
    controller = vx_domain_def_add_device(def, VX_DEVICE_CONTROLLER);
    controller->type = VX_CONTROLLER_XENBUS;
    controller->index = VX_NUMBER(0);
}

static void add_devices(VxDomainDef *def)
{
    VxGraphics *graphics;

    add_inputs(def);
    for (unsigned i = 0; (graphics = vx_domain_def_next_device(def, VX_DEVICE_GRAPHICS, &i));)
        complete_graphics(graphics);
    add_video(def);
    add_memballoon(def);
    add_xenbus(def);
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
    add_devices(def);
    complete_devices(def);
}
