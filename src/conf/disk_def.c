/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/disk_def.h"

#include "conf/verbatim_def.h"

VX_ENUM_DEFINE(vx_disk_types, VX_DISK_TYPES);
VX_ENUM_DEFINE(vx_disk_devices, VX_DISK_DEVICES);
VX_ENUM_DEFINE(vx_disk_formats, VX_DISK_FORMATS);
VX_ENUM_DEFINE(vx_disk_buses, VX_DISK_BUSES);
VX_ENUM_DEFINE(vx_disk_discards, VX_DISK_DISCARDS);
VX_ENUM_DEFINE(vx_disk_trays, VX_DISK_TRAYS);

#define NO_VIRTIO "it is of virtio disks, which Xen's device model is not told of"

/* Hints (how to cache, what to do at an error) are kept, and Xen's device model chooses: the guest sees the same disk.
 */
static const VxField driver_fields[] = {
    VX_ATTR_STRING("name", VxDisk, driver_name, "what serves the disk: qemu, phy or tap"),
    VX_ATTR_ENUM("type", VxDisk, format, vx_disk_formats, "format of the image; raw if not given"),
    VX_ATTR_STRING("cache", VxDisk, cache, "how the host caches the disk: a hint, which Xen does not take"),
    VX_ATTR_STRING("error_policy", VxDisk, error_policy, "what to do at an error: a hint, which Xen does not take"),
    VX_ATTR_STRING("rerror_policy", VxDisk, rerror_policy, "the same for reading: a hint, which Xen does not take"),
    VX_ATTR_STRING("io", VxDisk, io, "how the host does its I/O: a hint, which Xen does not take"),
    VX_CANNOT_ATTR("ioeventfd", NO_VIRTIO),
    VX_CANNOT_ATTR("event_idx", NO_VIRTIO),
    VX_CANNOT_ATTR("copy_on_read", "Xen's device model copies nothing when it reads"),
    VX_ATTR_ENUM("discard", VxDisk, discard, vx_disk_discards,
                 "whether the guest may give blocks back; the host chooses if it is not given"),
    VX_CANNOT_ATTR("iothread", "Xen's device model has no I/O threads to choose from"),
    VX_ATTR_STRING("detect_zeroes", VxDisk, detect_zeroes,
                   "whether zeroes are looked for: a hint, which Xen does not take"),
    VX_ATTR_NUMBER("queues", VxDisk, queues, 1, G_MAXUINT16, "queues: a hint, front and back end choose"),
    VX_CANNOT_ATTR("queue_size", NO_VIRTIO),
    VX_CANNOT_ATTR("iommu", NO_VIRTIO),
    VX_CANNOT_ATTR("ats", NO_VIRTIO),
    VX_CANNOT_ATTR("packed", NO_VIRTIO),
    VX_CANNOT_ATTR("page_per_vq", NO_VIRTIO),
    VX_CANNOT_ATTR("discard_no_unref", "Xen's device model is not told of it"),
    VX_CANNOT("metadata_cache", "Xen's device model sizes its caches itself"),
    VX_CANNOT("iothreads", "Xen's device model has no I/O threads to choose from"),
    VX_CANNOT("statistics", "Xen's device model counts in no such intervals"),
};
static const VxElement driver_element = {.name = "driver", VX_ELEMENT_FIELDS(driver_fields)};

static const VxField script_fields[] = {
    VX_ATTR_STRING("path", VxDisk, script, "path, or name in Xen's folder of scripts", .flags = VX_FIELD_REQUIRED),
};
static const VxElement script_element = {.name = "script", VX_ELEMENT_FIELDS(script_fields)};

static const VxField target_fields[] = {
    VX_ATTR_STRING("dev", VxDisk, target, "name of the disk, as in xvda or hdc", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_ENUM("bus", VxDisk, bus, vx_disk_buses, "what the disk hangs on; follows from the name if it is not given"),
    VX_ATTR_ENUM("tray", VxDisk, tray, vx_disk_trays, "whether the tray of a drive is open"),
    VX_ATTR_ENUM("removable", VxDisk, removable, vx_on_off, "whether the guest is told that the disk can be removed"),
    VX_CANNOT_ATTR("rotation_rate", "Xen's disks have no such property"),
    VX_CANNOT_ATTR("dpofua", "Xen's disks have no such property"),
};
static const VxElement target_element = {.name = "target", VX_ELEMENT_FIELDS(target_fields)};

static const VxField disk_fields[] = {
    VX_ATTR_ENUM("type", VxDisk, type, vx_disk_types, "what the disk is made from"),
    VX_ATTR_ENUM("device", VxDisk, is, vx_disk_devices, "what the guest sees"),
    VX_CANNOT_ATTR("model", NO_VIRTIO),
    VX_CANNOT_ATTR("rawio", "Xen passes no SCSI commands through"),
    VX_CANNOT_ATTR("sgio", "Xen passes no SCSI commands through"),
    VX_ATTR_STRING("snapshot", VxDisk, snapshot, "how snapshots of the domain treat the disk"),
    VX_GROUP("driver", driver_element, "what serves the disk"),
    VX_POINTER("auth", VxDisk, auth, vx_disk_auth_element, "who the host is to the server of a network disk"),
    VX_POINTER("source", VxDisk, source, vx_disk_source_element, "what the disk is made from"),
    VX_SPECIAL("backingStore", VxDisk, backing_store, vx_verbatim,
               "what the image is based on, kept word for word: Xen's device model finds it in the image"),
    VX_SPECIAL("mirror", VxDisk, mirror, vx_verbatim, "a copy that is being made", .flags = VX_FIELD_LIVE),
    VX_DEVICE_BACKEND_ROW,
    VX_GROUP("script", script_element, "the script that makes a block device of the source"),
    VX_CANNOT("geometry", "Xen's disks have no geometry"),
    VX_CANNOT("blockio", "Xen takes the sizes of blocks from the source"),
    VX_GROUP("target", target_element, "what the guest sees", .flags = VX_FIELD_REQUIRED),
    VX_CANNOT("iotune", "Xen limits no disk's throughput"),
    VX_CANNOT("throttlefilters", "Xen limits no disk's throughput"),
    VX_TEXT_FLAG("readonly", VxDisk, readonly, "the guest cannot write to it"),
    VX_TEXT_FLAG("shareable", VxDisk, shareable, "several guests may write to it"),
    VX_CANNOT("transient", "Xen keeps what the guest writes"),
    VX_TEXT_STRING("serial", VxDisk, serial, "serial number: kept, Xen shows its own"),
    VX_TEXT_STRING("wwn", VxDisk, wwn, "World Wide Name: kept, Xen shows none"),
    VX_TEXT_STRING("vendor", VxDisk, vendor, "vendor: kept, Xen shows its own"),
    VX_TEXT_STRING("product", VxDisk, product, "product: kept, Xen shows its own"),
    VX_CANNOT("encryption", "Xen decrypts no disks"),
    VX_DEVICE_INFO_ROWS,
};

const VxElement vx_disk_element = {
    .name = "disk",
    .kind = VX_DEVICE_DISK,
    .size = sizeof(VxDisk),
    VX_ELEMENT_FIELDS(disk_fields),
    .doc = "A disk, CD-ROM or floppy drive.",
};

/* Where the source of a disk of TYPE keeps its path; NULL if such disks are not local. */
static char **path_slot(VxDiskType type, VxDiskSource *source)
{
    switch (type) {
    case VX_DISK_TYPE_NOT_GIVEN:
    case VX_DISK_FILE:
        return &source->file;
    case VX_DISK_BLOCK:
        return &source->dev;
    case VX_DISK_DIR:
        return &source->dir;
    case VX_DISK_NETWORK:
    case VX_DISK_VOLUME:
    case VX_DISK_NVME:
    case VX_DISK_VHOSTUSER:
    case VX_DISK_VHOSTVDPA:
        return NULL;
    }
    return NULL;
}

const char *vx_disk_path(const VxDisk *disk)
{
    char **slot = disk->source ? path_slot((VxDiskType)disk->type, disk->source) : NULL;

    return slot ? *slot : NULL;
}

VxDiskSource *vx_disk_make_source(VxDisk *disk)
{
    if (!disk->source)
        disk->source = vx_object_new(&vx_disk_source_element);
    return disk->source;
}

void vx_disk_set_path(VxDisk *disk, const char *path)
{
    char **slot = path_slot((VxDiskType)disk->type, vx_disk_make_source(disk));

    g_assert(slot);
    g_free(*slot);
    *slot = g_strdup(path);
}

/* The bus that a disk called TARGET hangs on. */
static VxDiskBus bus_of_target(const char *target)
{
    static const struct {
        const char *prefix;
        VxDiskBus bus;
    } buses[] = {
        {"xvd", VX_DISK_BUS_XEN}, {"hd", VX_DISK_BUS_IDE},    {"sd", VX_DISK_BUS_SCSI},
        {"fd", VX_DISK_BUS_FDC},  {"vd", VX_DISK_BUS_VIRTIO}, {"ubd", VX_DISK_BUS_UML},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(buses); i++) {
        if (g_str_has_prefix(target, buses[i].prefix))
            return buses[i].bus;
    }
    return VX_DISK_BUS_IDE;
}

void vx_disk_add_defaults(VxDisk *disk)
{
    bool is_empty = !vx_disk_path(disk) && disk->type != VX_DISK_NETWORK;

    if (!disk->type)
        disk->type = VX_DISK_FILE;
    if (!disk->is)
        disk->is = VX_DISK_IS_DISK;
    if (disk->type == VX_DISK_NETWORK && !disk->driver_name)
        disk->driver_name = g_strdup("qemu");
    if (!disk->format && !is_empty)
        disk->format = VX_DISK_RAW;
    if (!disk->bus)
        disk->bus = disk->is == VX_DISK_IS_FLOPPY ? VX_DISK_BUS_FDC : bus_of_target(disk->target ? disk->target : "");
    if (disk->is == VX_DISK_IS_CDROM)
        disk->readonly = true;
}
