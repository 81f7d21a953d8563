/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Disks: <disk>. https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
 */
#pragma once

#include "conf/device_def.h"

#define VX_DISK_TYPES(X)                                                                                               \
    X(VX_DISK_FILE, "file")                                                                                            \
    X(VX_DISK_BLOCK, "block")                                                                                          \
    X(VX_DISK_DIR, "dir")                                                                                              \
    X(VX_DISK_NETWORK, "network")                                                                                      \
    X(VX_DISK_VOLUME, "volume")                                                                                        \
    X(VX_DISK_NVME, "nvme")                                                                                            \
    X(VX_DISK_VHOSTUSER, "vhostuser")                                                                                  \
    X(VX_DISK_VHOSTVDPA, "vhostvdpa")
typedef enum { VX_DISK_TYPE_NOT_GIVEN, VX_DISK_TYPES(VX_ENUM_ID) } VxDiskType;
VX_ENUM_DECLARE(vx_disk_types);

#define VX_DISK_DEVICES(X)                                                                                             \
    X(VX_DISK_IS_DISK, "disk") X(VX_DISK_IS_CDROM, "cdrom") X(VX_DISK_IS_FLOPPY, "floppy") X(VX_DISK_IS_LUN, "lun")
typedef enum { VX_DISK_DEVICE_NOT_GIVEN, VX_DISK_DEVICES(VX_ENUM_ID) } VxDiskDevice;
VX_ENUM_DECLARE(vx_disk_devices);

#define VX_DISK_FORMATS(X)                                                                                             \
    X(VX_DISK_RAW, "raw")                                                                                              \
    X(VX_DISK_QCOW, "qcow")                                                                                            \
    X(VX_DISK_QCOW2, "qcow2")                                                                                          \
    X(VX_DISK_VHD, "vhd")                                                                                              \
    X(VX_DISK_QED, "qed")                                                                                              \
    X(VX_DISK_AIO, "aio") /* raw, in the words of Xen's blktap */                                                      \
    X(VX_DISK_NONE, "none")                                                                                            \
    X(VX_DISK_DIRECTORY, "dir")                                                                                        \
    X(VX_DISK_BOCHS, "bochs")                                                                                          \
    X(VX_DISK_CLOOP, "cloop")                                                                                          \
    X(VX_DISK_DMG, "dmg")                                                                                              \
    X(VX_DISK_ISO, "iso")                                                                                              \
    X(VX_DISK_VPC, "vpc")                                                                                              \
    X(VX_DISK_LUKS, "luks")                                                                                            \
    X(VX_DISK_VDI, "vdi")                                                                                              \
    X(VX_DISK_FAT, "fat")                                                                                              \
    X(VX_DISK_PLOOP, "ploop")                                                                                          \
    X(VX_DISK_COW, "cow")                                                                                              \
    X(VX_DISK_VMDK, "vmdk")
typedef enum { VX_DISK_FORMAT_NOT_GIVEN, VX_DISK_FORMATS(VX_ENUM_ID) } VxDiskFormat;
VX_ENUM_DECLARE(vx_disk_formats);

#define VX_DISK_BUSES(X)                                                                                               \
    X(VX_DISK_BUS_IDE, "ide")                                                                                          \
    X(VX_DISK_BUS_FDC, "fdc")                                                                                          \
    X(VX_DISK_BUS_SCSI, "scsi")                                                                                        \
    X(VX_DISK_BUS_VIRTIO, "virtio")                                                                                    \
    X(VX_DISK_BUS_XEN, "xen")                                                                                          \
    X(VX_DISK_BUS_USB, "usb")                                                                                          \
    X(VX_DISK_BUS_UML, "uml")                                                                                          \
    X(VX_DISK_BUS_SATA, "sata")                                                                                        \
    X(VX_DISK_BUS_SD, "sd")
typedef enum { VX_DISK_BUS_NOT_GIVEN, VX_DISK_BUSES(VX_ENUM_ID) } VxDiskBus;
VX_ENUM_DECLARE(vx_disk_buses);

#define VX_DISK_DISCARDS(X) X(VX_DISK_UNMAP, "unmap") X(VX_DISK_IGNORE, "ignore")
typedef enum { VX_DISK_DISCARD_NOT_GIVEN, VX_DISK_DISCARDS(VX_ENUM_ID) } VxDiskDiscard;
VX_ENUM_DECLARE(vx_disk_discards);

#define VX_DISK_TRAYS(X) X(VX_DISK_TRAY_CLOSED, "closed") X(VX_DISK_TRAY_OPEN, "open")
typedef enum { VX_DISK_TRAY_NOT_GIVEN, VX_DISK_TRAYS(VX_ENUM_ID) } VxDiskTray;
VX_ENUM_DECLARE(vx_disk_trays);

#define VX_DISK_PROTOCOLS(X)                                                                                           \
    X(VX_DISK_NBD, "nbd")                                                                                              \
    X(VX_DISK_RBD, "rbd")                                                                                              \
    X(VX_DISK_SHEEPDOG, "sheepdog")                                                                                    \
    X(VX_DISK_GLUSTER, "gluster")                                                                                      \
    X(VX_DISK_ISCSI, "iscsi")                                                                                          \
    X(VX_DISK_HTTP, "http")                                                                                            \
    X(VX_DISK_HTTPS, "https")                                                                                          \
    X(VX_DISK_FTP, "ftp")                                                                                              \
    X(VX_DISK_FTPS, "ftps")                                                                                            \
    X(VX_DISK_TFTP, "tftp")                                                                                            \
    X(VX_DISK_SSH, "ssh")                                                                                              \
    X(VX_DISK_VXHS, "vxhs")                                                                                            \
    X(VX_DISK_NFS, "nfs")
typedef enum { VX_DISK_PROTOCOL_NOT_GIVEN, VX_DISK_PROTOCOLS(VX_ENUM_ID) } VxDiskProtocol;
VX_ENUM_DECLARE(vx_disk_protocols);

#define VX_DISK_TRANSPORTS(X) X(VX_DISK_TCP, "tcp") X(VX_DISK_UNIX, "unix") X(VX_DISK_RDMA, "rdma")
typedef enum { VX_DISK_TRANSPORT_NOT_GIVEN, VX_DISK_TRANSPORTS(VX_ENUM_ID) } VxDiskTransport;
VX_ENUM_DECLARE(vx_disk_transports);

typedef struct {
    VxObject object;
    char *name;
    char *port;
    int transport; /* VxDiskTransport */
    char *socket;
} VxDiskHost;
extern const VxElement vx_disk_host_element;

/* Who the host is to a network disk's server. The secret itself is kept elsewhere, under its uuid or usage. */
typedef struct {
    VxObject object;
    char *username;
    char *secret_type;
    char *secret_uuid;
    char *secret_usage;
} VxDiskAuth;
extern const VxElement vx_disk_auth_element;

typedef struct {
    VxObject object;
    char *file, *dev, *dir; /* by the disk's type */
    int protocol;           /* VxDiskProtocol */
    char *name;             /* of a network disk: "pool/image" of rbd, the export of nbd */
    char *query;
    int tls; /* VxYesNo */
    char *pool, *volume, *mode;
    int startup_policy; /* VxStartupPolicy */
    VxNumber index;     /* live */
    GPtrArray *hosts;   /* of VxDiskHost */
    char *snapshot;
    char *config_file;
    VxDiskAuth *auth;
} VxDiskSource;
extern const VxElement vx_disk_source_element;

typedef struct {
    VxDevice device;
    int type; /* VxDiskType */
    int is;   /* VxDiskDevice */
    char *snapshot;

    char *driver_name; /* qemu, phy, tap, ...; NULL: the host chooses */
    int format;        /* VxDiskFormat */
    char *cache, *error_policy, *rerror_policy, *io;
    int discard; /* VxDiskDiscard */
    char *detect_zeroes;
    VxNumber queues;

    VxDiskAuth *auth;
    VxDiskSource *source;
    char *backing_store; /* the element, verbatim */
    char *mirror;        /* live: the element, verbatim */
    char *script;        /* the block script that makes a device of the source */

    char *target;  /* as in xvda */
    int bus;       /* VxDiskBus */
    int tray;      /* VxDiskTray */
    int removable; /* VxOnOff */

    bool readonly;
    bool shareable;
    char *serial, *wwn, *vendor, *product;
} VxDisk;

/* What a local disk is made from: the source's file, dev or dir. NULL if there is none (an empty drive), or if it is
 * not local. It belongs to DISK. */
const char *vx_disk_path(const VxDisk *disk);

/* Makes PATH (copied) what the disk, which is of a local type, is made from. */
void vx_disk_set_path(VxDisk *disk, const char *path);

/* The disk's <source>, which is made when there is none. */
VxDiskSource *vx_disk_make_source(VxDisk *disk);

/* What libvirt takes for the disk's type, device, format and bus where they are not given. */
void vx_disk_add_defaults(VxDisk *disk);
