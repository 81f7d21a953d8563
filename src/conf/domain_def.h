/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The definition of a domain: everything that libvirt's domain XML says of a Xen guest, and what xl.cfg says beyond.
 * https://libvirt.org/formatdomain.html
 */
#pragma once

#include "conf/cpu_def.h"
#include "conf/device_def.h"

#define VX_OS_TYPES(X)                                                                                                 \
    X(VX_OS_LINUX, "linux") /* PV; libvirt's Xen driver writes this */                                                 \
    X(VX_OS_XEN, "xen")     /* PV as well */                                                                           \
    X(VX_OS_HVM, "hvm")                                                                                                \
    X(VX_OS_XENPVH, "xenpvh")
typedef enum { VX_OS_NOT_GIVEN, VX_OS_TYPES(VX_ENUM_ID) } VxOsType;
VX_ENUM_DECLARE(vx_os_types);

/* What xl calls the type of a guest. */
#define VX_GUEST_TYPES(X) X(VX_GUEST_PV, "pv") X(VX_GUEST_PVH, "pvh") X(VX_GUEST_HVM, "hvm")
typedef enum { VX_GUEST_NOT_GIVEN, VX_GUEST_TYPES(VX_ENUM_ID) } VxGuestType;
VX_ENUM_DECLARE(vx_guest_types);

#define VX_BOOT_DEVICES(X)                                                                                             \
    X(VX_BOOT_FLOPPY, "fd") X(VX_BOOT_CDROM, "cdrom") X(VX_BOOT_DISK, "hd") X(VX_BOOT_NETWORK, "network")
typedef enum { VX_BOOT_NOT_GIVEN, VX_BOOT_DEVICES(VX_ENUM_ID) } VxBootDevice;
VX_ENUM_DECLARE(vx_boot_devices);

typedef struct {
    VxObject object;
    int device; /* VxBootDevice */
} VxBoot;
extern const VxElement vx_boot_element;

#define VX_LOADER_TYPES(X) X(VX_LOADER_ROM, "rom") X(VX_LOADER_PFLASH, "pflash")
typedef enum { VX_LOADER_NOT_GIVEN, VX_LOADER_TYPES(VX_ENUM_ID) } VxLoaderType;
VX_ENUM_DECLARE(vx_loader_types);

typedef struct {
    VxObject object;
    int readonly; /* VxYesNo */
    int secure;   /* VxYesNo */
    int type;     /* VxLoaderType */
    char *format;
    char *path;
} VxLoader;
extern const VxElement vx_loader_element;

typedef struct {
    VxObject object;
    char *type;
    char *path;
} VxAcpiTable;
extern const VxElement vx_acpi_table_element;

typedef struct {
    int type; /* VxOsType */
    char *arch;
    char *machine;
    char *firmware; /* efi, bios: chosen by the host */
    VxLoader *loader;
    char *nvram, *nvram_template;
    char *kernel, *initrd, *cmdline, *dtb;
    GPtrArray *acpi_tables; /* of VxAcpiTable */
    GPtrArray *boot;        /* of VxBoot */
    int bootmenu;           /* VxYesNo */
    VxNumber bootmenu_timeout_ms;
} VxOs;

#define VX_LIFECYCLE_ACTIONS(X)                                                                                        \
    X(VX_ACTION_DESTROY, "destroy")                                                                                    \
    X(VX_ACTION_RESTART, "restart")                                                                                    \
    X(VX_ACTION_RENAME_RESTART, "rename-restart")                                                                      \
    X(VX_ACTION_PRESERVE, "preserve")                                                                                  \
    X(VX_ACTION_COREDUMP_DESTROY, "coredump-destroy")                                                                  \
    X(VX_ACTION_COREDUMP_RESTART, "coredump-restart")
typedef enum { VX_ACTION_NOT_GIVEN, VX_LIFECYCLE_ACTIONS(VX_ENUM_ID) } VxLifecycleAction;
VX_ENUM_DECLARE(vx_lifecycle_actions);

#define VX_CLOCK_OFFSETS(X)                                                                                            \
    X(VX_CLOCK_UTC, "utc")                                                                                             \
    X(VX_CLOCK_LOCALTIME, "localtime")                                                                                 \
    X(VX_CLOCK_VARIABLE, "variable")                                                                                   \
    X(VX_CLOCK_TIMEZONE, "timezone")                                                                                   \
    X(VX_CLOCK_ABSOLUTE, "absolute")
typedef enum { VX_CLOCK_NOT_GIVEN, VX_CLOCK_OFFSETS(VX_ENUM_ID) } VxClockOffset;
VX_ENUM_DECLARE(vx_clock_offsets);

#define VX_CLOCK_BASES(X) X(VX_CLOCK_BASIS_UTC, "utc") X(VX_CLOCK_BASIS_LOCALTIME, "localtime")
typedef enum { VX_CLOCK_BASIS_NOT_GIVEN, VX_CLOCK_BASES(VX_ENUM_ID) } VxClockBasis;
VX_ENUM_DECLARE(vx_clock_bases);

typedef struct {
    VxObject object;
    char *name;
    char *track;
    char *tickpolicy;
    VxNumber frequency_hz;
    char *mode;
    int present; /* VxYesNo */
} VxTimer;
extern const VxElement vx_timer_element;

typedef struct {
    int offset;       /* VxClockOffset */
    char *adjustment; /* seconds, or "reset" */
    int basis;        /* VxClockBasis */
    char *timezone;
    char *start;
    GPtrArray *timers; /* of VxTimer */
} VxClock;

#define VX_PASSTHROUGH_MODES(X) X(VX_PASSTHROUGH_SYNC_PT, "sync_pt") X(VX_PASSTHROUGH_SHARE_PT, "share_pt")
VX_ENUM_DECLARE(vx_passthrough_modes);

/* <hap/> and its like: not given, or given with an optional state. */
typedef struct {
    VxObject object;
    int state; /* VxOnOff */
} VxFeature;
extern const VxElement vx_feature_element;

typedef struct {
    bool acpi;
    VxFeature *apic; /* its state is the attribute eoi */
    bool pae;
    VxFeature *hap;
    bool viridian;
    bool privnet;
    int e820_host;        /* VxOnOff */
    int gfx_passthru;     /* VxOnOff: Qubes OS' */
    int passthrough;      /* VxOnOff */
    int passthrough_mode; /* VX_PASSTHROUGH_* */
} VxFeatures;

#define VX_VCPU_PLACEMENTS(X) X(VX_VCPU_STATIC, "static") X(VX_VCPU_AUTO, "auto")
typedef enum { VX_VCPU_PLACEMENT_NOT_GIVEN, VX_VCPU_PLACEMENTS(VX_ENUM_ID) } VxVcpuPlacement;
VX_ENUM_DECLARE(vx_vcpu_placements);

typedef struct {
    VxNumber maximum;
    VxNumber current;
    int placement; /* VxVcpuPlacement */
    char *cpuset;
} VxVcpus;

/* What kind of device model it is: Qubes OS' attribute. Without one, a process of the toolstack's domain. */
#define VX_EMULATOR_TYPES(X)                                                                                           \
    X(VX_EMULATOR_NONE, "none")                                                                                        \
    X(VX_EMULATOR_STUBDOM, "stubdom")            /* qemu-xen-traditional in a domain of its own */                     \
    X(VX_EMULATOR_STUBDOM_LINUX, "stubdom-linux") /* qemu-xen in a Linux domain of its own */
typedef enum { VX_EMULATOR_NOT_GIVEN, VX_EMULATOR_TYPES(VX_ENUM_ID) } VxEmulatorType;
VX_ENUM_DECLARE(vx_emulator_types);

#define VX_EMULATOR_MAX_KIB ((gint64)G_MAXINT32 * 1024)
typedef struct {
    char *path;
    int type; /* VxEmulatorType; what follows is for stub domains */
    char *kernel, *ramdisk, *cmdline;
    VxNumber memory_kib;
} VxEmulator;

#define VX_SECLABEL_TYPES(X)                                                                                           \
    X(VX_SECLABEL_NONE, "none") X(VX_SECLABEL_DYNAMIC, "dynamic") X(VX_SECLABEL_STATIC, "static")
typedef enum { VX_SECLABEL_NOT_GIVEN, VX_SECLABEL_TYPES(VX_ENUM_ID) } VxSeclabelType;
VX_ENUM_DECLARE(vx_seclabel_types);

typedef struct {
    VxObject object;
    int type; /* VxSeclabelType */
    char *model;
    int relabel; /* VxYesNo */
    char *label, *image_label, *base_label;
} VxSeclabel;
extern const VxElement vx_seclabel_element;

/* How much memory there could be after more has been plugged in: on Xen never more than there is. */
typedef struct {
    VxNumber kib;
    VxNumber slots;
    char *unit; /* always KiB once it has been read */
} VxMaxMemory;

typedef struct {
    VxObject object;
    char *type;
    VxNumber id; /* live */
    char *name;
    char *uuid;
    char *genid;
    char *title;
    char *description;
    char *metadata; /* the element, verbatim */

    VxMaxMemory max_memory;
    VxNumber memory_kib;
    VxNumber current_memory_kib;
    bool memory_nosharepages;
    bool memory_locked;

    VxVcpus vcpus;
    VxCpuTune cpu_tune;

    char *bootloader;
    char *bootloader_args;
    VxOs os;
    VxFeatures features;
    VxCpu cpu;
    VxClock clock;
    int on_poweroff, on_reboot, on_crash; /* VxLifecycleAction */

    int suspend_to_mem, suspend_to_disk; /* VxYesNo: <pm> */

    VxEmulator emulator;
    GPtrArray *devices; /* of structs that begin with a VxDevice, in the order of the source */

    GPtrArray *seclabels;         /* of VxSeclabel */
    GPtrArray *device_model_args; /* of VxArgument: <xen:commandline> */
    GPtrArray *options;           /* of VxOption: xl.cfg options that libvirt has no words for */
} VxDomainDef;

extern const VxElement vx_domain_element;

/* One argument of <xen:commandline>: <xen:arg value='...'/>. */
typedef struct {
    VxObject object;
    char *value;
} VxArgument;

/* An empty definition. Never NULL. Any thread. */
VxDomainDef *vx_domain_def_new(void);
void vx_domain_def_free(VxDomainDef *def);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDomainDef, vx_domain_def_free)
VxDomainDef *vx_domain_def_copy(const VxDomainDef *def);

/* The type of guest that DEF defines: VX_GUEST_PV when it says nothing. */
VxGuestType vx_domain_def_guest_type(const VxDomainDef *def);

/* The label that the guest runs with: the first static one, NULL if there is none. */
const VxSeclabel *vx_domain_def_seclabel(const VxDomainDef *def);
/* A new, empty label behind those that there are. It belongs to DEF. */
VxSeclabel *vx_domain_def_add_seclabel(VxDomainDef *def);

/* Appends VALUE to the arguments of the device model. */
void vx_domain_def_add_device_model_argument(VxDomainDef *def, const char *value);

/* Adds a new device of KIND, which belongs to DEF, where libvirt would write it: behind the last device of its kind or of
 * one that stands before it in VX_DEVICE_KINDS. */
void *vx_domain_def_add_device(VxDomainDef *def, VxDeviceKind kind);

/* Takes DEVICE, which must belong to DEF, out of it and frees it. */
void vx_domain_def_drop_device(VxDomainDef *def, void *device);
/* Puts DEVICE, which DEF takes, at the place where vx_domain_def_add_device would. */
void vx_domain_def_insert_device(VxDomainDef *def, VxDevice *device);

/* The first device of KIND from position *I on, NULL if there is none; *I is moved behind it:
 *   for (unsigned i = 0; (chr = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i));) */
void *vx_domain_def_next_device(const VxDomainDef *def, VxDeviceKind kind, unsigned *i);
