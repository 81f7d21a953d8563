/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices that come to and leave running guests.
 *
 * What libxl is told of a device is what it would be told of the only one of a new guest: a definition of the device
 * alone goes the usual way (libxl_config.h).
 */
#include <libxl_utils.h>
#include <stdlib.h>
#include <string.h>

#include "libxl/libxl_channel.h"
#include "libxl/libxl_channel_plug.h"
#include "libxl/libxl_config.h"
#include "libxl/libxl_disk_check.h"
#include "libxl/libxl_live.h"
#include "libxl/libxl_log_words.h"

typedef struct {
    libxl_ctx *ctx;
    uint32_t id;
    libxl_domain_config *config; /* of the device alone */
} Plug;

typedef struct {
    VxDeviceKind kind;
    const char *name;
    gsize count; /* of the devices in libxl_domain_config */
    int (*attach)(Plug *plug);
    int (*detach)(Plug *plug);
    int (*update)(Plug *plug); /* NULL: nothing of it can be changed */
} Kind;

/* ---- disks ---- */

static int attach_disk(Plug *plug)
{
    return libxl_device_disk_add(plug->ctx, plug->id, plug->config->disks, NULL);
}

static int detach_disk(Plug *plug)
{
    int n = 0, rc = ERROR_NOTFOUND;
    libxl_device_disk *disks = libxl_device_disk_list(plug->ctx, plug->id, &n);

    for (int i = 0; i < n && rc == ERROR_NOTFOUND; i++) {
        if (g_strcmp0(disks[i].vdev, plug->config->disks[0].vdev) == 0)
            rc = libxl_device_disk_remove(plug->ctx, plug->id, &disks[i], NULL);
    }
    libxl_device_disk_list_free(disks, n);
    return rc;
}

static int update_disk(Plug *plug)
{
    libxl_device_disk *disk = plug->config->disks;

    return disk->is_cdrom ? libxl_cdrom_insert(plug->ctx, plug->id, disk, NULL) : ERROR_NI;
}

/* ---- interfaces ---- */

static int attach_nic(Plug *plug)
{
    plug->config->nics[0].devid = -1; /* the next that is free */
    return libxl_device_nic_add(plug->ctx, plug->id, plug->config->nics, NULL);
}

static int detach_nic(Plug *plug)
{
    int n = 0, rc = ERROR_NOTFOUND;
    libxl_device_nic *nics = libxl_device_nic_list(plug->ctx, plug->id, &n);

    for (int i = 0; i < n && rc == ERROR_NOTFOUND; i++) {
        if (memcmp(nics[i].mac, plug->config->nics[0].mac, sizeof(nics[i].mac)) == 0)
            rc = libxl_device_nic_remove(plug->ctx, plug->id, &nics[i], NULL);
    }
    libxl_device_nic_list_free(nics, n);
    return rc;
}

/* ---- devices of the host ---- */

static int attach_pci(Plug *plug)
{
    return libxl_device_pci_add(plug->ctx, plug->id, plug->config->pcidevs, NULL);
}

static int detach_pci(Plug *plug)
{
    return libxl_device_pci_remove(plug->ctx, plug->id, plug->config->pcidevs, NULL);
}

static int attach_usb(Plug *plug)
{
    return libxl_device_usbdev_add(plug->ctx, plug->id, plug->config->usbdevs, NULL);
}

static int detach_usb(Plug *plug)
{
    const libxl_device_usbdev *wanted = plug->config->usbdevs;
    int n = 0, rc = ERROR_NOTFOUND;
    libxl_device_usbdev *there = libxl_device_usbdev_list(plug->ctx, plug->id, &n);

    for (int i = 0; i < n && rc == ERROR_NOTFOUND; i++) {
        if (there[i].u.hostdev.hostbus == wanted->u.hostdev.hostbus &&
            there[i].u.hostdev.hostaddr == wanted->u.hostdev.hostaddr)
            rc = libxl_device_usbdev_remove(plug->ctx, plug->id, &there[i], NULL);
    }
    libxl_device_usbdev_list_free(there, n);
    return rc;
}

static int attach_usbctrl(Plug *plug)
{
    return libxl_device_usbctrl_add(plug->ctx, plug->id, plug->config->usbctrls, NULL);
}

static int detach_usbctrl(Plug *plug)
{
    return libxl_device_usbctrl_remove(plug->ctx, plug->id, plug->config->usbctrls, NULL);
}

#define COUNT(member) offsetof(libxl_domain_config, num_##member)

/* Of a hostdev, the first whose array is not empty. */
static const Kind kinds[] = {
    {VX_DEVICE_DISK, "disk", COUNT(disks), attach_disk, detach_disk, update_disk},
    {VX_DEVICE_INTERFACE, "interface", COUNT(nics), attach_nic, detach_nic, NULL},
    {VX_DEVICE_HOSTDEV, "PCI device", COUNT(pcidevs), attach_pci, detach_pci, NULL},
    {VX_DEVICE_HOSTDEV, "USB device", COUNT(usbdevs), attach_usb, detach_usb, NULL},
    {VX_DEVICE_CONTROLLER, "USB controller", COUNT(usbctrls), attach_usbctrl, detach_usbctrl, NULL},
};

static const Kind *find_kind(const VxDevice *device, const libxl_domain_config *config)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if ((int)device->object.kind == (int)kinds[i].kind && *(const int *)((const char *)config + kinds[i].count) > 0)
            return &kinds[i];
    }
    return NULL;
}

/* ---- the calls ---- */

typedef enum { ATTACH, DETACH, UPDATE } Action;
static const char *const verbs[] = {[ATTACH] = "attach", [DETACH] = "detach", [UPDATE] = "change"};

static bool make_config(VxLibxlHypervisor *hypervisor, VxLibxlSession *session, int id, const VxDevice *device,
                        libxl_domain_config *config, GError **error)
{
    VxXlcfgOptions options = {.channel_dir = hypervisor->channel_folder, .map_virtio_channels_silently = true};
    g_autoptr(VxDiag) diag = vx_diag_new("device", NULL, 0, VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) def = vx_domain_def_new();

    def->type = g_strdup("xen");
    def->name = vx_libxl_guest_name(session, id); /* which a socket's path is made of */
    vx_libxl_set_guest_type(def, vx_libxl_guest_type(vx_libxl_session_store(session), id));
    vx_domain_def_insert_device(def, vx_object_copy(vx_device_element(device), device));
    vx_libxl_config_init(config, def, &options, &hypervisor->host, diag);
    if (vx_diag_n_errors(diag) == 0)
        return true;
    g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_CONFIG_UNSUPPORTED));
    return false;
}

/* libxl is content when it has told the device model of a disk. */
static bool check_disk(VxLibxlSession *session, Plug *plug, GError **error)
{
    char *name;

    if (vx_libxl_check_disks(vx_libxl_session_store(session), (int)plug->id, VX_DISK_WAIT_MS, error))
        return true;
    name = libxl_domid_to_name(plug->ctx, plug->id);
    if (name)
        vx_libxl_add_log_words(name, error);
    free(name);
    libxl_device_disk_destroy(plug->ctx, plug->id, plug->config->disks, NULL);
    return false;
}

static bool carry_out(VxLibxlSession *session, const Kind *kind, Plug *plug, Action action, GError **error)
{
    int (*function)(Plug *) = action == ATTACH ? kind->attach : action == DETACH ? kind->detach : kind->update;
    int rc = function ? function(plug) : ERROR_NI;

    if (rc == 0)
        return function != attach_disk || check_disk(session, plug, error);
    if (rc == ERROR_NI)
        return vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED, "Xen cannot change this of a %s while the guest runs",
                       kind->name);
    if (rc == ERROR_NOTFOUND)
        return vx_fail(error, VIR_ERR_DEVICE_MISSING, "guest %u has no such %s", plug->id, kind->name);
    return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot %s the %s of guest %u",
                                 verbs[action], kind->name, plug->id);
}

static bool plug_channel(VxLibxlHypervisor *hypervisor, VxLibxlSession *session, int id, Action action,
                         const libxl_domain_config *config, GError **error)
{
    switch (action) {
    case ATTACH:
        return vx_libxl_plug_channel(session, id, config, &hypervisor->sockets, error);
    case DETACH:
        return vx_libxl_unplug_channel(session, id, config->channels[0].name, &hypervisor->sockets, error);
    default:
        return vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                       "nothing of a channel can be changed while the guest runs: detach it and attach another");
    }
}

static bool plug_device(VxHypervisor *hypervisor, int id, const VxDevice *device, Action action, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    g_auto(libxl_domain_config) config;
    const Kind *kind;
    Plug plug;

    libxl_domain_config_init(&config);
    if (!session || !make_config((VxLibxlHypervisor *)hypervisor, session, id, device, &config, error))
        return false;
    if (config.num_channels == 1)
        return plug_channel((VxLibxlHypervisor *)hypervisor, session, id, action, &config, error);
    kind = find_kind(device, &config);
    if (!kind)
        return vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED,
                       "Xen cannot %s a %s while the guest runs: only channels, disks, interfaces, USB "
                       "controllers and devices of the host",
                       verbs[action], vx_device_element(device)->name);
    plug = (Plug){vx_libxl_session_ctx(session), (uint32_t)id, &config};
    return carry_out(session, kind, &plug, action, error);
}

bool vx_libxl_attach(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error)
{
    return plug_device(hypervisor, id, device, ATTACH, error);
}

bool vx_libxl_detach(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error)
{
    return plug_device(hypervisor, id, device, DETACH, error);
}

bool vx_libxl_update(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error)
{
    return plug_device(hypervisor, id, device, UPDATE, error);
}

/* ---- what a daemon that died was about ---- */

bool vx_libxl_is_plugging(VxHypervisor *hypervisor, int id)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, NULL);
    g_auto(VxChannelMark) mark = {0};

    return session && vx_channel_nodes_find_mark(vx_libxl_session_store(session), id, &mark);
}

static VxChr *find_named(const VxDomainDef *def, const char *name)
{
    VxChr *chr;

    for (unsigned i = 0; (chr = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i));) {
        if (g_strcmp0(chr->target_name, name) == 0)
            return chr;
    }
    return NULL;
}

/* Brings DEF in line with what the guest has of the channel NAME; KEPT is what libxl has written down. */
static void align(VxDomainDef *def, const VxDomainDef *kept, const char *name, bool is_there)
{
    VxChr *chr = find_named(def, name), *like = find_named(kept, name);

    if (chr && !is_there)
        vx_domain_def_drop_device(def, chr);
    else if (!chr && is_there && like)
        vx_domain_def_insert_device(def, vx_object_copy(vx_device_element(&like->device), &like->device));
}

bool vx_libxl_settle(VxHypervisor *hypervisor, int id, VxDomainDef *def, GError **error)
{
    const VxLibxlSockets *sockets = &((VxLibxlHypervisor *)hypervisor)->sockets;
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    g_autoptr(VxDomainDef) kept = session ? vx_libxl_describe(hypervisor, id, error) : NULL;
    struct xs_handle *store = session ? vx_libxl_session_store(session) : NULL;
    g_auto(VxChannelMark) mark = {0};
    g_autoptr(GPtrArray) there = NULL;

    if (!kept)
        return false;
    if (!vx_channel_nodes_find_mark(store, id, &mark))
        return true;
    vx_libxl_settle_channel(session, id, &mark, find_named(kept, mark.name) != NULL, sockets);
    there = vx_libxl_read_channels(store, id, VX_CHANNEL_NAMES);
    align(def, kept, mark.name, vx_libxl_find_channel(there, mark.name) != NULL);
    return true;
}
