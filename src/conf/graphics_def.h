/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <graphics>: how the guest's screen is shown. https://libvirt.org/formatdomain.html#graphical-framebuffers
 */
#pragma once

#include "conf/device_def.h"

#define VX_GRAPHICS_TYPES(X)                                                                                           \
    X(VX_GRAPHICS_SDL, "sdl")                                                                                          \
    X(VX_GRAPHICS_VNC, "vnc")                                                                                          \
    X(VX_GRAPHICS_RDP, "rdp")                                                                                          \
    X(VX_GRAPHICS_DESKTOP, "desktop")                                                                                  \
    X(VX_GRAPHICS_SPICE, "spice")                                                                                      \
    X(VX_GRAPHICS_EGL_HEADLESS, "egl-headless")                                                                        \
    X(VX_GRAPHICS_DBUS, "dbus")                                                                                        \
    X(VX_GRAPHICS_QUBES, "qubes") /* Qubes OS: the guest's own GUI agent */
typedef enum { VX_GRAPHICS_NOT_GIVEN, VX_GRAPHICS_TYPES(VX_ENUM_ID) } VxGraphicsType;
VX_ENUM_DECLARE(vx_graphics_types);

#define VX_LISTEN_TYPES(X)                                                                                             \
    X(VX_LISTEN_NONE, "none")                                                                                          \
    X(VX_LISTEN_ADDRESS, "address")                                                                                    \
    X(VX_LISTEN_NETWORK, "network")                                                                                    \
    X(VX_LISTEN_SOCKET, "socket")
typedef enum { VX_LISTEN_NOT_GIVEN, VX_LISTEN_TYPES(VX_ENUM_ID) } VxListenType;
VX_ENUM_DECLARE(vx_listen_types);

/* <listen>: where clients connect to. */
typedef struct {
    VxObject object;
    int type; /* VxListenType */
    char *address;
    char *network;
    char *socket;
} VxListen;

#define VX_SPICE_COMPRESSIONS(X)                                                                                       \
    X(VX_SPICE_COMPRESSION_AUTO_GLZ, "auto_glz")                                                                       \
    X(VX_SPICE_COMPRESSION_AUTO_LZ, "auto_lz")                                                                         \
    X(VX_SPICE_COMPRESSION_QUIC, "quic")                                                                               \
    X(VX_SPICE_COMPRESSION_GLZ, "glz")                                                                                 \
    X(VX_SPICE_COMPRESSION_LZ, "lz")                                                                                   \
    X(VX_SPICE_COMPRESSION_OFF, "off")
VX_ENUM_DECLARE(vx_spice_compressions);

#define VX_SPICE_STREAMINGS(X)                                                                                         \
    X(VX_SPICE_STREAMING_FILTER, "filter") X(VX_SPICE_STREAMING_ALL, "all") X(VX_SPICE_STREAMING_OFF, "off")
VX_ENUM_DECLARE(vx_spice_streamings);

#define VX_MOUSE_MODES(X) X(VX_MOUSE_SERVER, "server") X(VX_MOUSE_CLIENT, "client")
typedef enum { VX_MOUSE_NOT_GIVEN, VX_MOUSE_MODES(VX_ENUM_ID) } VxMouseMode;
VX_ENUM_DECLARE(vx_mouse_modes);

/* Where VNC displays begin: display 1 is TCP port 5901. */
#define VX_VNC_PORT_BASE 5900

typedef struct {
    VxDevice device;
    int type; /* VxGraphicsType */

    char *display, *xauth; /* sdl */
    VxNumber port;         /* vnc, spice; -1: chosen anew at each start */
    VxNumber tls_port;     /* spice; the same */
    int autoport;          /* VxYesNo */
    char *listen;          /* the address of the first <listen type='address'>, as older clients look for it */
    GPtrArray *listens;    /* of VxListen */
    char *keymap;
    char *password;

    int gl;          /* VxYesNo: OpenGL, of sdl */
    int compression; /* spice: VX_SPICE_COMPRESSION_* */
    int streaming;   /* spice: VX_SPICE_STREAMING_* */
    int mouse;       /* spice: VxMouseMode */
    int copy_paste;  /* spice: VxYesNo */

    char *qubes_domain;    /* qubes: the domain whose GUI agent shows the screen */
    char *qubes_log_level; /* qubes */
} VxGraphics;

/* The address to listen on, NULL if none is given. */
const char *vx_graphics_listen_address(const VxGraphics *graphics);
/* Makes ADDRESS (NULL: none given, the host chooses) the only one to listen on. */
void vx_graphics_set_listen_address(VxGraphics *graphics, const char *address);
