/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What all devices have in common, and the list of kinds of devices. The devices of a domain are one list, in the order
 * of their source: VxDomainDef.devices.
 */
#pragma once

#include "conf/field_table.h"

/* Every kind of device: its identifier, its element's table; in the order in which libvirt writes them. Adding a kind is
 * a row here and a *_def file. */
#define VX_DEVICE_KINDS(X)                                                                                             \
    X(VX_DEVICE_DISK, vx_disk_element)                                                                                 \
    X(VX_DEVICE_CONTROLLER, vx_controller_element)                                                                     \
    X(VX_DEVICE_LEASE, vx_lease_element)                                                                               \
    X(VX_DEVICE_FILESYSTEM, vx_filesystem_element)                                                                     \
    X(VX_DEVICE_INTERFACE, vx_interface_element)                                                                       \
    X(VX_DEVICE_SMARTCARD, vx_smartcard_element)                                                                       \
    X(VX_DEVICE_SERIAL, vx_serial_element)                                                                             \
    X(VX_DEVICE_PARALLEL, vx_parallel_element)                                                                         \
    X(VX_DEVICE_CONSOLE, vx_console_element)                                                                           \
    X(VX_DEVICE_CHANNEL, vx_channel_element)                                                                           \
    X(VX_DEVICE_INPUT, vx_input_element)                                                                               \
    X(VX_DEVICE_TPM, vx_tpm_element)                                                                                   \
    X(VX_DEVICE_GRAPHICS, vx_graphics_element)                                                                         \
    X(VX_DEVICE_SOUND, vx_sound_element)                                                                               \
    X(VX_DEVICE_AUDIO, vx_audio_element)                                                                               \
    X(VX_DEVICE_VIDEO, vx_video_element)                                                                               \
    X(VX_DEVICE_HOSTDEV, vx_hostdev_element)                                                                           \
    X(VX_DEVICE_REDIRDEV, vx_redirdev_element)                                                                         \
    X(VX_DEVICE_REDIRFILTER, vx_redirfilter_element)                                                                   \
    X(VX_DEVICE_HUB, vx_hub_element)                                                                                   \
    X(VX_DEVICE_WATCHDOG, vx_watchdog_element)                                                                         \
    X(VX_DEVICE_MEMBALLOON, vx_memballoon_element)                                                                     \
    X(VX_DEVICE_RNG, vx_rng_element)                                                                                   \
    X(VX_DEVICE_NVRAM, vx_nvram_element)                                                                               \
    X(VX_DEVICE_PANIC, vx_panic_element)                                                                               \
    X(VX_DEVICE_SHMEM, vx_shmem_element)                                                                               \
    X(VX_DEVICE_MEMORY, vx_memory_device_element)                                                                      \
    X(VX_DEVICE_CRYPTO, vx_crypto_element)                                                                             \
    X(VX_DEVICE_IOMMU, vx_iommu_element)                                                                               \
    X(VX_DEVICE_VSOCK, vx_vsock_element)                                                                               \
    X(VX_DEVICE_PSTORE, vx_pstore_element)

#define VX_DEVICE_KIND_ID(id, element) id,
typedef enum { VX_DEVICE_NOT_GIVEN, VX_DEVICE_KINDS(VX_DEVICE_KIND_ID) } VxDeviceKind;

#define VX_DEVICE_KIND_DECLARE(id, element) extern const VxElement element;
VX_DEVICE_KINDS(VX_DEVICE_KIND_DECLARE)

/* All of them, NULL-terminated, for the row of <devices>. */
extern const VxElement *const vx_device_elements[];

/* An xl.cfg option that libvirt has no words for, kept under its xl.cfg name in our own namespace:
 * <virtxl:option name='pvshim' value='1'/>, a list as <virtxl:item value='...'/> (which may nest). */
typedef struct {
    VxObject object;
    char *name;       /* NULL for the items of a list */
    char *value;      /* NULL for a list */
    GPtrArray *items; /* of VxOption */
} VxOption;

extern const VxElement vx_option_element;
extern const VxElement vx_option_item_element;

/* The option NAME of the list OPTIONS (may be NULL), NULL if it is not there. */
const VxOption *vx_options_find(const GPtrArray *options, const char *name);
/* Appends an option NAME with VALUE (may be NULL: a list) to *OPTIONS, which is made when it is NULL. */
VxOption *vx_options_add(GPtrArray **options, const char *name, const char *value);
/* Takes all options NAME out of *OPTIONS, which becomes NULL when none is left. */
void vx_options_remove(GPtrArray **options, const char *name);
/* Appends an item with VALUE (may be NULL: a list) to LIST. */
VxOption *vx_option_add_item(VxOption *list, const char *value);

/* <address>: where the guest sees a device. Kept as it was said: Xen chooses addresses itself. */
typedef struct {
    VxObject object;
    char *type;
    char *domain, *bus, *slot, *function, *multifunction;
    char *controller, *target, *unit, *port;
    char *iobase, *irq, *reg, *base, *uuid;
} VxAddress;

extern const VxElement vx_address_element;

/* The beginning of every device. */
typedef struct {
    VxObject object; /* its kind is a VxDeviceKind */
    VxNumber boot_order;
    char *alias;
    VxAddress *address;
    char *backend_domain; /* the driver domain that serves it: a name or an id; NULL for the toolstack's own */
    GPtrArray *options;   /* of VxOption: what xl.cfg says of it and libvirt has no words for */
} VxDevice;

/* The table that describes DEVICE. */
const VxElement *vx_device_element(const VxDevice *device);
/* Frees DEVICE, which is in no definition; NULL is allowed. */
void vx_device_free(VxDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDevice, vx_device_free)

/* Rows of every device's table, whose struct begins with a VxDevice: the backend, which libvirt writes in the midst of
 * the device's own rows, and what stands at their end. */
#define VX_DEVICE_BACKEND_ROW                                                                                          \
    VX_GROUP("backenddomain", vx_device_backend_element, "the driver domain that serves the device")
#define VX_DEVICE_NAME_ROWS                                                                                            \
    VX_GROUP("boot", vx_device_boot_element, "its place in the order of boot devices"),                                \
        VX_GROUP("alias", vx_device_alias_element, "the name of the device, for clients that refer to it")
#define VX_DEVICE_PLACE_ROWS                                                                                           \
    VX_CANNOT("acpi", "Xen numbers no devices in ACPI"),                                                               \
        VX_POINTER("address", VxDevice, address, vx_address_element, "where the guest sees the device"),               \
        {.placement = VX_LIST, .name = "option", .namespace_uri = VX_VIRTXL_NAMESPACE, .element = &vx_option_element,   \
         .offset = offsetof(VxDevice, options), .doc = "an xl.cfg key that libvirt has no element for"}
#define VX_DEVICE_INFO_ROWS VX_DEVICE_NAME_ROWS, VX_DEVICE_PLACE_ROWS
#define VX_DEVICE_ROWS VX_DEVICE_BACKEND_ROW, VX_DEVICE_INFO_ROWS

extern const VxElement vx_device_boot_element;
extern const VxElement vx_device_backend_element;
extern const VxElement vx_device_alias_element;

/* Enumerations that many elements share. */
#define VX_YES_NO(X) X(VX_YES, "yes") X(VX_NO, "no")
typedef enum { VX_YES_NO_NOT_GIVEN, VX_YES_NO(VX_ENUM_ID) } VxYesNo;
VX_ENUM_DECLARE(vx_yes_no);

#define VX_ON_OFF(X) X(VX_ON, "on") X(VX_OFF, "off")
typedef enum { VX_ON_OFF_NOT_GIVEN, VX_ON_OFF(VX_ENUM_ID) } VxOnOff;
VX_ENUM_DECLARE(vx_on_off);

/* What to do when a device's source is missing as the guest starts. */
#define VX_STARTUP_POLICIES(X)                                                                                         \
    X(VX_STARTUP_MANDATORY, "mandatory") X(VX_STARTUP_REQUISITE, "requisite") X(VX_STARTUP_OPTIONAL, "optional")
typedef enum { VX_STARTUP_POLICY_NOT_GIVEN, VX_STARTUP_POLICIES(VX_ENUM_ID) } VxStartupPolicy;
VX_ENUM_DECLARE(vx_startup_policies);
