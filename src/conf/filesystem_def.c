/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/filesystem_def.h"

VX_ENUM_DEFINE(vx_filesystem_types, VX_FILESYSTEM_TYPES);
VX_ENUM_DEFINE(vx_access_modes, VX_ACCESS_MODES);

#define NO_VIRTIOFS "Xen's folders are 9pfs, not virtiofs"

static const VxField driver_fields[] = {
    VX_ATTR_STRING("type", VxFilesystem, driver_type, "path"),
    VX_ATTR_STRING("format", VxFilesystem, driver_format, "format of an image"),
    VX_ATTR_STRING("name", VxFilesystem, driver_name, "what serves an image"),
    VX_ATTR_STRING("wrpolicy", VxFilesystem, write_policy, "when what is written reaches the disk: kept"),
    VX_CANNOT_ATTR("queue", NO_VIRTIOFS),
    VX_CANNOT_ATTR("iommu", NO_VIRTIOFS),
    VX_CANNOT_ATTR("ats", NO_VIRTIOFS),
    VX_CANNOT_ATTR("packed", NO_VIRTIOFS),
    VX_CANNOT_ATTR("page_per_vq", NO_VIRTIOFS),
};
static const VxElement driver_element = {.name = "driver", VX_ELEMENT_FIELDS(driver_fields)};

static const VxField source_fields[] = {
    VX_ATTR_STRING("dir", VxFilesystem, source_dir, "path of the folder on the host"),
    VX_ATTR_STRING("file", VxFilesystem, source_file, "path of an image"),
    VX_ATTR_STRING("dev", VxFilesystem, source_dev, "path of a block device"),
    VX_ATTR_STRING("name", VxFilesystem, source_name, "name of a template"),
    VX_ATTR_STRING("usage", VxFilesystem, source_usage, "size of a RAM disk"),
    VX_ATTR_STRING("units", VxFilesystem, source_units, "unit of the size"),
    VX_ATTR_STRING("pool", VxFilesystem, source_pool, "the storage pool, for type='volume'"),
    VX_ATTR_STRING("volume", VxFilesystem, source_volume, "the volume of the pool"),
    VX_CANNOT_ATTR("socket", NO_VIRTIOFS),
};
static const VxElement source_element = {.name = "source", VX_ELEMENT_FIELDS(source_fields)};

static const VxField target_fields[] = {
    VX_ATTR_STRING("dir", VxFilesystem, target, "the tag by which the guest mounts it", .flags = VX_FIELD_REQUIRED),
};
static const VxElement target_element = {.name = "target", VX_ELEMENT_FIELDS(target_fields)};

static const VxField filesystem_fields[] = {
    VX_ATTR_ENUM("type", VxFilesystem, type, vx_filesystem_types, "mount: a folder"),
    VX_ATTR_ENUM("accessmode", VxFilesystem, access_mode, vx_access_modes,
                 "whose files they are: squash is xl's security_model=none"),
    VX_ATTR_STRING("model", VxFilesystem, model, "model of the device: kept, Xen has one"),
    VX_ATTR_STRING("multidevs", VxFilesystem, multidevs, "how several devices below the folder are told apart: kept"),
    VX_ATTR_STRING("fmode", VxFilesystem, fmode, "mode of files that are made: kept"),
    VX_ATTR_STRING("dmode", VxFilesystem, dmode, "mode of folders that are made: kept"),
    VX_GROUP("driver", driver_element, "what serves the folder"),
    VX_CANNOT("binary", NO_VIRTIOFS),
    VX_CANNOT("idmap", NO_VIRTIOFS),
    VX_GROUP("source", source_element, "the folder on the host"),
    VX_GROUP("target", target_element, "what the guest sees", .flags = VX_FIELD_REQUIRED),
    VX_TEXT_FLAG("readonly", VxFilesystem, readonly, "the guest cannot write to it"),
    VX_CANNOT("space_hard_limit", "it is for containers"),
    VX_CANNOT("space_soft_limit", "it is for containers"),
    VX_DEVICE_ROWS,
};

const VxElement vx_filesystem_element = {
    .name = "filesystem",
    .kind = VX_DEVICE_FILESYSTEM,
    .size = sizeof(VxFilesystem),
    VX_ELEMENT_FIELDS(filesystem_fields),
    .doc = "A folder of the host that the guest mounts.",
};
