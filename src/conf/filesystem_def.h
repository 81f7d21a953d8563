/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Folders of the host that the guest mounts: <filesystem>. Xen has 9pfs.
 * https://libvirt.org/formatdomain.html#filesystems
 */
#pragma once

#include "conf/device_def.h"

#define VX_FILESYSTEM_TYPES(X)                                                                                         \
    X(VX_FILESYSTEM_MOUNT, "mount")                                                                                    \
    X(VX_FILESYSTEM_BLOCK, "block")                                                                                    \
    X(VX_FILESYSTEM_FILE, "file")                                                                                      \
    X(VX_FILESYSTEM_TEMPLATE, "template")                                                                              \
    X(VX_FILESYSTEM_RAM, "ram")                                                                                        \
    X(VX_FILESYSTEM_BIND, "bind")                                                                                      \
    X(VX_FILESYSTEM_VOLUME, "volume")
typedef enum { VX_FILESYSTEM_NOT_GIVEN, VX_FILESYSTEM_TYPES(VX_ENUM_ID) } VxFilesystemType;
VX_ENUM_DECLARE(vx_filesystem_types);

#define VX_ACCESS_MODES(X)                                                                                             \
    X(VX_ACCESS_PASSTHROUGH, "passthrough") X(VX_ACCESS_MAPPED, "mapped") X(VX_ACCESS_SQUASH, "squash")
typedef enum { VX_ACCESS_MODE_NOT_GIVEN, VX_ACCESS_MODES(VX_ENUM_ID) } VxAccessMode;
VX_ENUM_DECLARE(vx_access_modes);

typedef struct {
    VxDevice device;
    int type;        /* VxFilesystemType */
    int access_mode; /* VxAccessMode */
    char *model, *multidevs, *fmode, *dmode;
    char *driver_type, *driver_format, *driver_name, *write_policy;
    char *source_dir, *source_file, *source_dev, *source_name, *source_usage, *source_units;
    char *source_pool, *source_volume;
    char *target; /* the tag by which the guest mounts it */
    bool readonly;
} VxFilesystem;
