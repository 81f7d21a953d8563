/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What xl.cfg says of one screen, wherever it says it: in options of its own (vnc, vnclisten, ...) or in an entry of
 * vfb = [ "vnc=1,vnclisten=..." ]. <-> <graphics type='vnc'>, <graphics type='sdl'>.
 */
#pragma once

#include "conf/graphics_def.h"

typedef enum {
    VX_SCREEN_VNC,
    VX_SCREEN_VNCLISTEN,
    VX_SCREEN_VNCPASSWD,
    VX_SCREEN_VNCDISPLAY,
    VX_SCREEN_VNCUNUSED,
    VX_SCREEN_SDL,
    VX_SCREEN_OPENGL,
    VX_SCREEN_DISPLAY,
    VX_SCREEN_XAUTHORITY,
    VX_SCREEN_KEYMAP,
    VX_SCREEN_N_KEYS,
} VxScreenKey;

/* The words of xl.cfg, by VxScreenKey, and which of them are numbers. */
extern const char *const vx_screen_words[VX_SCREEN_N_KEYS];
bool vx_screen_is_number(VxScreenKey key);

/* The values, NULL for what is not said; numbers in decimal. */
typedef struct {
    char *values[VX_SCREEN_N_KEYS];
} VxScreen;

void vx_screen_clear(VxScreen *screen);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxScreen, vx_screen_clear)

/* Whether SCREEN's number KEY is not 0; WHEN_NOT_SAID if it is not said. */
bool vx_screen_is_on(const VxScreen *screen, VxScreenKey key, bool when_not_said);

/* Moves what SCREEN says of VNC, or of SDL, into GRAPHICS; a value that libvirt has no words for into its options. */
void vx_screen_to_vnc(VxScreen *screen, VxGraphics *graphics);
void vx_screen_to_sdl(VxScreen *screen, VxGraphics *graphics);
/* Moves everything that is left in SCREEN into the options of DEVICE. */
void vx_screen_carry_rest(VxScreen *screen, VxDevice *device);

/* Adds what GRAPHICS (of type vnc or sdl) says to SCREEN. */
void vx_screen_from_graphics(VxScreen *screen, const VxGraphics *graphics);
