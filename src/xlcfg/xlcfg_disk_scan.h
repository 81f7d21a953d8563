/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A disk specification of xl.cfg, xl-disk-configuration(5), cut into its parts as libxlutil (xlu_disk_parse) cuts it:
 * positional parameters, named ones, flags, deprecated prefixes, and a target that takes the rest. Any thread.
 */
#pragma once

#include "conf/disk_def.h"
#include "xlcfg/xlcfg_options.h"

#define VX_XL_DISK_BACKENDS(X)                                                                                         \
    X(VX_XL_DISK_PHY, "phy")                                                                                           \
    X(VX_XL_DISK_TAP, "tap")                                                                                           \
    X(VX_XL_DISK_QDISK, "qdisk")                                                                                       \
    X(VX_XL_DISK_STANDALONE, "standalone")
typedef enum { VX_XL_DISK_BACKEND_NOT_GIVEN, VX_XL_DISK_BACKENDS(VX_ENUM_ID) } VxXlDiskBackend;
VX_ENUM_DECLARE(vx_xl_disk_backends);

/* Texts are NULL when they are not given, which is not the same as empty. */
typedef struct {
    char *target;
    int format; /* VxDiskFormat; VX_DISK_NONE is xl's "empty" */
    char *vdev;
    bool is_readonly;
    bool is_shareable; /* xm's w! */
    bool is_cdrom;
    int backend; /* VxXlDiskBackend */
    char *backend_domain;
    char *script;
    int discard;        /* VxDiskDiscard */
    GPtrArray *options; /* of VxOption: what libvirt has no words for; NULL if there is none */
} VxXlDisk;

/* Cuts SPEC (a string) up. What is wrong goes to READER's diag where it stands, and false is returned. The caller
 * clears *DISK in any case. */
bool vx_xl_disk_scan(VxXlReader *reader, const VxXlcfgValue *spec, VxXlDisk *disk);
void vx_xl_disk_clear(VxXlDisk *disk);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxXlDisk, vx_xl_disk_clear)

/* Words that are flags: they stand for themselves, without a value. NULL-terminated. */
extern const char *const vx_xl_disk_flags[];
