/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_screen.h"

#include <string.h>

const char *const vx_screen_words[VX_SCREEN_N_KEYS] = {
    [VX_SCREEN_VNC] = "vnc",
    [VX_SCREEN_VNCLISTEN] = "vnclisten",
    [VX_SCREEN_VNCPASSWD] = "vncpasswd",
    [VX_SCREEN_VNCDISPLAY] = "vncdisplay",
    [VX_SCREEN_VNCUNUSED] = "vncunused",
    [VX_SCREEN_SDL] = "sdl",
    [VX_SCREEN_OPENGL] = "opengl",
    [VX_SCREEN_DISPLAY] = "display",
    [VX_SCREEN_XAUTHORITY] = "xauthority",
    [VX_SCREEN_KEYMAP] = "keymap",
};

bool vx_screen_is_number(VxScreenKey key)
{
    return key == VX_SCREEN_VNC || key == VX_SCREEN_VNCDISPLAY || key == VX_SCREEN_VNCUNUSED || key == VX_SCREEN_SDL ||
           key == VX_SCREEN_OPENGL;
}

void vx_screen_clear(VxScreen *screen)
{
    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++)
        g_clear_pointer(&screen->values[i], g_free);
}

static gint64 number_of(const VxScreen *screen, VxScreenKey key)
{
    return g_ascii_strtoll(screen->values[key], NULL, 10);
}

bool vx_screen_is_on(const VxScreen *screen, VxScreenKey key, bool when_not_said)
{
    return screen->values[key] ? number_of(screen, key) != 0 : when_not_said;
}

/* ---- to <graphics> ---- */

static void carry(VxScreen *screen, VxScreenKey key, VxDevice *device)
{
    if (screen->values[key])
        vx_options_add(&device->options, vx_screen_words[key], screen->values[key]);
    g_clear_pointer(&screen->values[key], g_free);
}

void vx_screen_carry_rest(VxScreen *screen, VxDevice *device)
{
    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++)
        carry(screen, i, device);
}

/* The display in "ADDRESS:DISPLAY", -1 if LISTEN is an address alone. */
static gint64 display_in_listen(const char *listen)
{
    const char *colon = strchr(listen, ':');
    const char *digits = colon ? colon + 1 : "";

    if (!*digits || digits[strspn(digits, "0123456789")] != '\0' || strlen(digits) > 5)
        return -1;
    return g_ascii_strtoll(digits, NULL, 10);
}

static bool is_display(gint64 display)
{
    return display >= 0 && display <= 65535 - VX_VNC_PORT_BASE;
}

/* xl may have the display behind the address; libvirt has them apart. */
static void read_listen(VxScreen *screen, VxGraphics *graphics)
{
    const char *listen = screen->values[VX_SCREEN_VNCLISTEN];
    gint64 display = listen ? display_in_listen(listen) : -1;
    g_autofree char *address = NULL;

    if (is_display(display) && !screen->values[VX_SCREEN_VNCDISPLAY]) {
        address = g_strndup(listen, (gsize)(strchr(listen, ':') - listen));
        vx_graphics_set_listen_address(graphics, address);
        graphics->port = VX_NUMBER(VX_VNC_PORT_BASE + display);
        carry(screen, VX_SCREEN_VNCLISTEN, &graphics->device);
    } else {
        vx_graphics_set_listen_address(graphics, listen);
    }
}

static void read_display(VxScreen *screen, VxGraphics *graphics)
{
    gint64 display;

    if (!screen->values[VX_SCREEN_VNCDISPLAY])
        return;
    display = number_of(screen, VX_SCREEN_VNCDISPLAY);
    if (is_display(display))
        graphics->port = VX_NUMBER(VX_VNC_PORT_BASE + display);
    else
        carry(screen, VX_SCREEN_VNCDISPLAY, &graphics->device);
}

void vx_screen_to_vnc(VxScreen *screen, VxGraphics *graphics)
{
    bool finds_unused = vx_screen_is_on(screen, VX_SCREEN_VNCUNUSED, true);

    graphics->type = VX_GRAPHICS_VNC;
    graphics->autoport = finds_unused ? VX_YES : VX_NO;
    read_listen(screen, graphics);
    read_display(screen, graphics);
    if (!graphics->port.given)
        graphics->port = VX_NUMBER(finds_unused ? -1 : VX_VNC_PORT_BASE);
    graphics->password = g_steal_pointer(&screen->values[VX_SCREEN_VNCPASSWD]);
    graphics->keymap = g_steal_pointer(&screen->values[VX_SCREEN_KEYMAP]);
    for (unsigned i = VX_SCREEN_VNC; i <= VX_SCREEN_VNCUNUSED; i++)
        g_clear_pointer(&screen->values[i], g_free);
}

void vx_screen_to_sdl(VxScreen *screen, VxGraphics *graphics)
{
    graphics->type = VX_GRAPHICS_SDL;
    if (screen->values[VX_SCREEN_OPENGL])
        graphics->gl = vx_screen_is_on(screen, VX_SCREEN_OPENGL, false) ? VX_YES : VX_NO;
    graphics->display = g_steal_pointer(&screen->values[VX_SCREEN_DISPLAY]);
    graphics->xauth = g_steal_pointer(&screen->values[VX_SCREEN_XAUTHORITY]);
    g_clear_pointer(&screen->values[VX_SCREEN_OPENGL], g_free);
    g_clear_pointer(&screen->values[VX_SCREEN_SDL], g_free);
}

/* ---- from <graphics> ---- */

static void set(VxScreen *screen, VxScreenKey key, const char *value)
{
    if (!value || screen->values[key])
        return;
    screen->values[key] = g_strdup(value);
}

static void set_number(VxScreen *screen, VxScreenKey key, gint64 value)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);

    set(screen, key, text);
}

/* Whether what is carried as "ADDRESS:DISPLAY", which may say its display with zeros before it, still is what GRAPHICS
 * says. */
static bool listen_holds(const VxGraphics *graphics, const VxOption *listen)
{
    const char *address = vx_graphics_listen_address(graphics);
    gint64 display = listen->value ? display_in_listen(listen->value) : -1;

    if (!address || !graphics->port.given || !is_display(display))
        return false;
    return graphics->port.value == VX_VNC_PORT_BASE + display && g_str_has_prefix(listen->value, address) &&
           listen->value[strlen(address)] == ':';
}

static void set_address_and_port(VxScreen *screen, const VxGraphics *graphics)
{
    const VxOption *listen = vx_options_find(graphics->device.options, "vnclisten");
    bool has_port = graphics->port.given && graphics->port.value > 0;

    if (listen && listen_holds(graphics, listen)) {
        set(screen, VX_SCREEN_VNCLISTEN, listen->value);
    } else {
        set(screen, VX_SCREEN_VNCLISTEN, vx_graphics_listen_address(graphics));
        if (has_port)
            set_number(screen, VX_SCREEN_VNCDISPLAY, graphics->port.value - VX_VNC_PORT_BASE);
    }
    if (graphics->autoport == VX_NO || (has_port && graphics->autoport != VX_YES))
        set_number(screen, VX_SCREEN_VNCUNUSED, 0);
}

/* An address that is carried beside a screen of VNC's own is looked at later. A screen that is off has no other. */
static void set_carried(VxScreen *screen, const VxGraphics *graphics)
{
    bool is_on = graphics->type == VX_GRAPHICS_VNC && !vx_options_find(graphics->device.options, "vnc");

    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++) {
        const VxOption *carried = vx_options_find(graphics->device.options, vx_screen_words[i]);

        if (carried && (i != VX_SCREEN_VNCLISTEN || !is_on))
            set(screen, i, carried->value);
    }
}

void vx_screen_from_graphics(VxScreen *screen, const VxGraphics *graphics)
{
    set_carried(screen, graphics);
    if (graphics->type == VX_GRAPHICS_VNC) {
        set_number(screen, VX_SCREEN_VNC, 1);
        set_address_and_port(screen, graphics);
        set(screen, VX_SCREEN_VNCPASSWD, graphics->password);
        set(screen, VX_SCREEN_KEYMAP, graphics->keymap);
        return;
    }
    set_number(screen, VX_SCREEN_SDL, 1);
    if (graphics->gl)
        set_number(screen, VX_SCREEN_OPENGL, graphics->gl == VX_YES);
    set(screen, VX_SCREEN_DISPLAY, graphics->display);
    set(screen, VX_SCREEN_XAUTHORITY, graphics->xauth);
}
