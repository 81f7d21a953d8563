/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Character devices: serial ports, parallel ports, consoles and channels. They share what is on the host's side
 * (VxChrSource) and differ in what the guest sees (the target).
 * https://libvirt.org/formatdomain.html#consoles-serial-parallel-channel-devices
 */
#pragma once

#include "conf/device_def.h"

#define VX_CHR_TYPES(X)                                                                                                \
    X(VX_CHR_NULL, "null")                                                                                             \
    X(VX_CHR_VC, "vc")                                                                                                 \
    X(VX_CHR_PTY, "pty")                                                                                               \
    X(VX_CHR_DEV, "dev")                                                                                               \
    X(VX_CHR_FILE, "file")                                                                                             \
    X(VX_CHR_PIPE, "pipe")                                                                                             \
    X(VX_CHR_STDIO, "stdio")                                                                                           \
    X(VX_CHR_UDP, "udp")                                                                                               \
    X(VX_CHR_TCP, "tcp")                                                                                               \
    X(VX_CHR_UNIX, "unix")                                                                                             \
    X(VX_CHR_SPICEVMC, "spicevmc")                                                                                     \
    X(VX_CHR_SPICEPORT, "spiceport")                                                                                   \
    X(VX_CHR_NMDM, "nmdm")                                                                                             \
    X(VX_CHR_QEMU_VDAGENT, "qemu-vdagent")                                                                             \
    X(VX_CHR_DBUS, "dbus")
typedef enum { VX_CHR_NOT_GIVEN, VX_CHR_TYPES(VX_ENUM_ID) } VxChrType;
VX_ENUM_DECLARE(vx_chr_types);

#define VX_CHR_MODES(X) X(VX_CHR_MODE_BIND, "bind") X(VX_CHR_MODE_CONNECT, "connect")
typedef enum { VX_CHR_MODE_NOT_GIVEN, VX_CHR_MODES(VX_ENUM_ID) } VxChrMode;
VX_ENUM_DECLARE(vx_chr_modes);

/* One <source>. A udp device may have two: one to bind to, one to send to. */
typedef struct {
    VxObject object;
    int mode; /* VxChrMode */
    char *path;
    char *host, *service;
    int tls;    /* VxYesNo */
    int append; /* VxOnOff */
    char *channel;
    char *master, *slave;
} VxChrSource;

#define VX_CHR_PROTOCOLS(X)                                                                                            \
    X(VX_CHR_PROTOCOL_RAW, "raw")                                                                                      \
    X(VX_CHR_PROTOCOL_TELNET, "telnet")                                                                                \
    X(VX_CHR_PROTOCOL_TELNETS, "telnets")                                                                              \
    X(VX_CHR_PROTOCOL_TLS, "tls")
typedef enum { VX_CHR_PROTOCOL_NOT_GIVEN, VX_CHR_PROTOCOLS(VX_ENUM_ID) } VxChrProtocol;
VX_ENUM_DECLARE(vx_chr_protocols);

#define VX_CHR_TARGETS(X)                                                                                              \
    X(VX_CHR_TARGET_XEN, "xen")                                                                                        \
    X(VX_CHR_TARGET_VIRTIO, "virtio")                                                                                  \
    X(VX_CHR_TARGET_GUESTFWD, "guestfwd")                                                                              \
    X(VX_CHR_TARGET_SERIAL, "serial")                                                                                  \
    X(VX_CHR_TARGET_UML, "uml")                                                                                        \
    X(VX_CHR_TARGET_LXC, "lxc")                                                                                        \
    X(VX_CHR_TARGET_SCLP, "sclp")                                                                                      \
    X(VX_CHR_TARGET_SCLPLM, "sclplm")                                                                                  \
    X(VX_CHR_TARGET_ISA_SERIAL, "isa-serial")                                                                          \
    X(VX_CHR_TARGET_USB_SERIAL, "usb-serial")                                                                          \
    X(VX_CHR_TARGET_PCI_SERIAL, "pci-serial")                                                                          \
    X(VX_CHR_TARGET_SYSTEM_SERIAL, "system-serial")                                                                    \
    X(VX_CHR_TARGET_SPAPR_VIO_SERIAL, "spapr-vio-serial")                                                              \
    X(VX_CHR_TARGET_SCLP_SERIAL, "sclp-serial")                                                                        \
    X(VX_CHR_TARGET_ISA_DEBUG, "isa-debug")                                                                            \
    X(VX_CHR_TARGET_OPENVZ, "openvz")
typedef enum { VX_CHR_TARGET_NOT_GIVEN, VX_CHR_TARGETS(VX_ENUM_ID) } VxChrTarget;
VX_ENUM_DECLARE(vx_chr_targets);

#define VX_CHR_STATES(X) X(VX_CHR_STATE_CONNECTED, "connected") X(VX_CHR_STATE_DISCONNECTED, "disconnected")
typedef enum { VX_CHR_STATE_NOT_GIVEN, VX_CHR_STATES(VX_ENUM_ID) } VxChrState;
VX_ENUM_DECLARE(vx_chr_states);

/* Where in the source a device says what, for messages; 0 where it does not. */
typedef struct {
    VxPlace type, path, mode, target_type, name;
} VxChrPlaces;

typedef struct {
    VxDevice device;
    VxChrPlaces places;
    int type; /* VxChrType */
    char *tty; /* live: the pty's path, as older clients look for it */
    GPtrArray *sources; /* of VxChrSource */
    int protocol; /* VxChrProtocol */
    char *log_file;
    int log_append; /* VxOnOff */

    int target_type; /* VxChrTarget */
    char *target_name;
    VxNumber target_port;
    char *target_address; /* guestfwd */
    int target_state;     /* live: VxChrState */
    char *target_model;
} VxChr;

/* The first <source>'s path, or NULL. */
const char *vx_chr_path(const VxChr *chr);
/* The first <source>, which is made when there is none. */
VxChrSource *vx_chr_make_source(VxChr *chr);
/* Gives TO, which has none, the host's side of FROM. */
void vx_chr_copy_host_side(VxChr *to, const VxChr *from);
/* One more <source>, behind those that there are. */
VxChrSource *vx_chr_add_source(VxChr *chr);
void vx_chr_drop_sources(VxChr *chr);

/* ---- channels ---- */

/* The longest path that a UNIX socket address holds, in bytes without the NUL (unix(7)). */
#define VX_CHANNEL_PATH_MAX_BYTES 107

/* The path of the socket of the channel NAME of the domain DOMAIN_NAME in the folder DIRECTORY, for a channel whose
 * XML gives none: DIRECTORY/DOMAIN_NAME-NAME, as libvirt chooses it. Where that could leave the folder, or is longer than
 * a socket's path may be, what is in the way is replaced or cut off, and a checksum of both names tells it from others.
 * Only a DIRECTORY that is itself too long gives a path that is. The caller frees it. */
char *vx_channel_choose_path(const char *directory, const char *domain_name, const char *name);

/* Whether the channel has no name because its xl.cfg gives it none, which is kept; in XML alone, that is a slip. */
bool vx_channel_is_nameless_in_xl(const VxChr *channel);
void vx_channel_make_nameless_in_xl(VxChr *channel);

/* Reports, as SEVERITY, what makes CHANNEL one that Xen cannot have: its target, its type, its mode, no name. Returns
 * whether there was nothing. */
bool vx_channel_check(const VxChr *channel, VxSeverity severity, VxDiag *diag);
