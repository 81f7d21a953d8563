/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/device_check.h"

#include "conf/chr_def.h"
#include "conf/graphics_def.h"
#include "conf/input_def.h"
#include "conf/sound_def.h"
#include "conf/video_def.h"

/* One check under way. */
typedef struct {
    const VxDomainDef *def;
    VxGuestType guest;
    const VxDevice *device;
    VxSeverity severity;
    VxDiag *diag;
} Check;

#define REFUSE(check, ...)                                                                                             \
    (vx_diag_report((check)->diag, (check)->severity, (check)->device->object.place, __VA_ARGS__), false)

static const char *guest_name(const Check *check)
{
    return vx_enum_to_text(&vx_guest_types, check->guest);
}

/* ---- graphics ---- */

static bool check_port(const Check *check, const VxGraphics *graphics)
{
    if (graphics->type != VX_GRAPHICS_VNC || !graphics->port.given || graphics->port.value <= 0 ||
        graphics->port.value >= VX_VNC_PORT_BASE)
        return true;
    return REFUSE(check, "port of <graphics> is %" G_GINT64_FORMAT ": a VNC server of Xen's has one from %d to 65535",
                  graphics->port.value, VX_VNC_PORT_BASE);
}

static bool check_listens(const Check *check, const VxGraphics *graphics)
{
    for (unsigned i = 0; graphics->listens && i < graphics->listens->len; i++) {
        const VxListen *listen = graphics->listens->pdata[i];

        if (listen->type != VX_LISTEN_ADDRESS)
            return REFUSE(
                check, "Xen's device model cannot do <listen type='%s'>: write <listen type='address' address='...'/>",
                vx_enum_to_text(&vx_listen_types, listen->type));
        if (i > 0)
            return REFUSE(check, "Xen's device model listens on one address: write one <listen>");
    }
    return true;
}

/* An HVM guest has one card, shown in one way of each kind; others have framebuffers, as many as they like. */
static bool check_only_one(const Check *check, const VxGraphics *graphics)
{
    const VxGraphics *other;

    if (check->guest != VX_GUEST_HVM)
        return true;
    for (unsigned i = 0;
         (other = vx_domain_def_next_device(check->def, VX_DEVICE_GRAPHICS, &i)) && other != graphics;) {
        if (other->type == graphics->type)
            return REFUSE(check, "an HVM guest of Xen has one <graphics type='%s'>: leave this one out",
                          vx_enum_to_text(&vx_graphics_types, graphics->type));
    }
    return true;
}

static bool check_graphics(const Check *check)
{
    const VxGraphics *graphics = (const VxGraphics *)check->device;
    bool is_hvm = check->guest == VX_GUEST_HVM;

    switch (graphics->type) {
    case VX_GRAPHICS_NOT_GIVEN: /* an error of its own */
    case VX_GRAPHICS_QUBES:
        return true;
    case VX_GRAPHICS_VNC:
    case VX_GRAPHICS_SDL:
        break;
    case VX_GRAPHICS_SPICE:
        if (is_hvm)
            break;
        G_GNUC_FALLTHROUGH;
    default:
        return REFUSE(check, "a guest of type %s has no <graphics type='%s'>: write %s", guest_name(check),
                      vx_enum_to_text(&vx_graphics_types, graphics->type), is_hvm ? "vnc, sdl or spice" : "vnc or sdl");
    }
    return check_only_one(check, graphics) && check_port(check, graphics) && check_listens(check, graphics);
}

/* ---- video, sound, input ---- */

static bool check_video(const Check *check)
{
    const VxVideo *video = (const VxVideo *)check->device;
    unsigned i = 0;

    switch (video->model) {
    case VX_VIDEO_NOT_GIVEN: /* the host chooses */
    case VX_VIDEO_CIRRUS:
    case VX_VIDEO_VGA:
    case VX_VIDEO_QXL:
    case VX_VIDEO_XEN:
    case VX_VIDEO_NONE:
        break;
    default:
        return REFUSE(check, "Xen has no graphics card '%s': write <model type='cirrus'/>, vga, qxl or none",
                      vx_enum_to_text(&vx_video_models, video->model));
    }
    if (check->guest == VX_GUEST_HVM && vx_domain_def_next_device(check->def, VX_DEVICE_VIDEO, &i) != (void *)video)
        return REFUSE(check, "an HVM guest of Xen has one graphics card: leave this one out");
    return true;
}

static bool check_sound(const Check *check)
{
    const VxSound *sound = (const VxSound *)check->device;
    bool is_hvm = check->guest == VX_GUEST_HVM;

    if (is_hvm && (sound->model == VX_SOUND_SB16 || sound->model == VX_SOUND_ES1370 || sound->model == VX_SOUND_PCSPK ||
                   sound->model == VX_SOUND_AC97 || sound->model == VX_SOUND_ICH6))
        return true;
    return REFUSE(check, "a guest of type %s has no sound card '%s'%s", guest_name(check),
                  sound->model ? vx_enum_to_text(&vx_sound_models, sound->model) : "",
                  is_hvm ? ": write ac97, es1370, ich6, sb16 or pcspk" : "");
}

/* Mouse and keyboard on the PS/2 or Xen bus are always there. */
static bool is_good_input(const Check *check, const VxInput *input)
{
    bool is_mouse_or_keyboard = input->type == VX_INPUT_MOUSE || input->type == VX_INPUT_KEYBOARD;

    switch (input->bus) {
    case VX_INPUT_BUS_NOT_GIVEN:
        return is_mouse_or_keyboard || (check->guest == VX_GUEST_HVM && input->type == VX_INPUT_TABLET);
    case VX_INPUT_BUS_USB:
        return check->guest == VX_GUEST_HVM && (is_mouse_or_keyboard || input->type == VX_INPUT_TABLET);
    case VX_INPUT_BUS_PS2:
        return check->guest == VX_GUEST_HVM && is_mouse_or_keyboard;
    case VX_INPUT_BUS_XEN:
        return is_mouse_or_keyboard;
    default:
        return false;
    }
}

static bool check_input(const Check *check)
{
    const VxInput *input = (const VxInput *)check->device;

    if (is_good_input(check, input))
        return true;
    return REFUSE(check, "a guest of type %s has no <input type='%s'> on bus '%s': %s", guest_name(check),
                  vx_enum_to_text(&vx_input_types, input->type),
                  input->bus ? vx_enum_to_text(&vx_input_buses, input->bus) : "",
                  check->guest == VX_GUEST_HVM ? "write mouse, tablet or keyboard on bus 'usb'"
                                               : "write mouse or keyboard on bus 'xen'");
}

/* ---- ports ---- */

static bool check_serial(const Check *check)
{
    const VxChr *chr = (const VxChr *)check->device;

    if (check->guest != VX_GUEST_HVM)
        return REFUSE(check, "a guest of type %s has no serial port: write a <console>", guest_name(check));
    switch (chr->type) {
    case VX_CHR_PTY:
    case VX_CHR_NULL:
    case VX_CHR_STDIO:
    case VX_CHR_VC:
        return true;
    case VX_CHR_DEV:
    case VX_CHR_FILE:
    case VX_CHR_PIPE:
    case VX_CHR_UNIX:
        return vx_chr_path(chr) || REFUSE(check, "the serial port lacks its path: write <source path='...'/>");
    case VX_CHR_TCP:
    case VX_CHR_UDP:
        return (chr->sources && chr->sources->len > 0) ||
               REFUSE(check, "the serial port lacks its address: write <source mode='...' host='...' service='...'/>");
    default:
        return REFUSE(check, "Xen has no serial ports of type '%s': write pty, null, dev, file, pipe, unix, tcp or udp",
                      chr->type ? vx_enum_to_text(&vx_chr_types, chr->type) : "");
    }
}

bool vx_device_check(const VxDomainDef *def, const VxDevice *device, VxSeverity severity, VxDiag *diag)
{
    const Check check = {def, vx_domain_def_guest_type(def), device, severity, diag};

    switch (device->object.kind) {
    case VX_DEVICE_GRAPHICS:
        return check_graphics(&check);
    case VX_DEVICE_VIDEO:
        return check_video(&check);
    case VX_DEVICE_SOUND:
        return check_sound(&check);
    case VX_DEVICE_INPUT:
        return check_input(&check);
    case VX_DEVICE_SERIAL:
        return check_serial(&check);
    case VX_DEVICE_PARALLEL:
        return REFUSE(&check, "Xen has no parallel ports");
    default:
        return true;
    }
}
