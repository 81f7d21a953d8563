/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/device.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "conf/chr_def.h"
#include "conf/domain_xml.h"
#include "conf/net_def.h"
#include "driver/change.h"
#include "driver/complete.h"
#include "driver/device_match.h"
#include "util/vx_error.h"

#define DEVICE_FLAGS (VIR_DOMAIN_DEVICE_MODIFY_LIVE | VIR_DOMAIN_DEVICE_MODIFY_CONFIG)

typedef bool (*PlugCall)(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error);

/* What is to be done with a device: to the definition, and by Xen. */
typedef struct {
    const char *what; /* for messages: "attach a device to" */
    const char *call; /* libvirt's */
    unsigned flags;   /* allowed beside DEVICE_FLAGS */
    VxEdit edit;      /* its data is the VxDevice */
    PlugCall (*plug)(const VxHypervisorOps *ops);
    int event;  /* VIR_DOMAIN_EVENT_ID_* when Xen has done it; -1: none */
    int failed; /* the same when the guest does not let it; -1: none */
} Action;

static VxDevice *copy_device(const VxDevice *device)
{
    return vx_object_copy(vx_device_element(device), device);
}

/* ---- what becomes of the definition ---- */

static bool edit_attach(VxDomainDef *def, gpointer data, GError **error)
{
    const VxDevice *device = data;

    if (!vx_device_check_room(def, device, error))
        return false;
    vx_domain_def_insert_device(def, copy_device(device));
    return true;
}

static bool edit_detach(VxDomainDef *def, gpointer data, GError **error)
{
    int i = vx_device_find(def, data, error);

    if (i >= 0)
        vx_domain_def_drop_device(def, def->devices->pdata[i]);
    return i >= 0;
}

static bool edit_update(VxDomainDef *def, gpointer data, GError **error)
{
    VxDevice *device;
    int i = vx_device_find(def, data, error);

    if (i < 0)
        return false;
    device = copy_device(data);
    if (!device->alias)
        device->alias = g_strdup(((const VxDevice *)def->devices->pdata[i])->alias);
    if (device->object.kind == VX_DEVICE_INTERFACE && !((VxNet *)device)->mac)
        ((VxNet *)device)->mac = g_strdup(((const VxNet *)def->devices->pdata[i])->mac);
    vx_device_free(def->devices->pdata[i]);
    def->devices->pdata[i] = device;
    return true;
}

static bool edit_detach_alias(VxDomainDef *def, gpointer data, GError **error)
{
    const char *alias = data;

    for (unsigned i = 0; def->devices && i < def->devices->len; i++) {
        const VxDevice *there = def->devices->pdata[i];

        if (there->alias && strcmp(there->alias, alias) == 0) {
            vx_domain_def_drop_device(def, def->devices->pdata[i]);
            return true;
        }
    }
    return vx_fail(error, VIR_ERR_DEVICE_MISSING, "domain '%s' has no device with the alias '%s'", def->name, alias);
}

/* ---- the calls ---- */

static PlugCall attach_of(const VxHypervisorOps *ops)
{
    return ops->attach;
}

static PlugCall detach_of(const VxHypervisorOps *ops)
{
    return ops->detach;
}

static PlugCall update_of(const VxHypervisorOps *ops)
{
    return ops->update;
}

static const Action attach_action = {
    "attach a device to", "virDomainAttachDeviceFlags", 0, edit_attach, attach_of, VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, -1,
};
static const Action detach_action = {
    "detach a device from",
    "virDomainDetachDeviceFlags",
    0,
    edit_detach,
    detach_of,
    VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED,
    VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED,
};
static const Action update_action = {
    "update a device of", "virDomainUpdateDeviceFlags", VIR_DOMAIN_DEVICE_MODIFY_FORCE, edit_update, update_of, -1, -1,
};

/* A device that is only looked for gets no address that would tell it from the one that is meant. */
static VxDevice *read_device(VxDriver *driver, const char *xml, bool is_new, GError **error)
{
    g_autoptr(VxDiag) diag = vx_diag_new("device XML", xml, strlen(xml), VX_DIAG_QUIET);
    g_autoptr(VxDevice) device = vx_device_parse(xml, strlen(xml), 0, diag);

    if (!device || vx_diag_n_errors(diag) > 0) {
        g_propagate_error(error, vx_diag_to_error(diag, device ? VIR_ERR_XML_ERROR : VIR_ERR_XML_DETAIL));
        return NULL;
    }
    if (!is_new && device->object.kind == VX_DEVICE_INTERFACE)
        return g_steal_pointer(&device);
    return vx_complete_device(driver, device, error) ? g_steal_pointer(&device) : NULL;
}

/* By which clients know DEVICE, which DEF has or is to get: a channel without an alias of its own has the one that
 * libvirt would give it. The caller frees it. */
static char *alias_of(const VxDomainDef *def, const VxDevice *device)
{
    const VxChr *chr;
    unsigned n = 0;

    if (device->alias || device->object.kind != VX_DEVICE_CHANNEL)
        return g_strdup(device->alias ? device->alias : "");
    for (unsigned i = 0; (chr = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i)); n++) {
        if (g_strcmp0(chr->target_name, ((const VxChr *)device)->target_name) == 0)
            break;
    }
    return g_strdup_printf("channel%u", n);
}

/* ID: VIR_DOMAIN_EVENT_ID_*; -1: nothing is told. */
static void emit(VxDriver *driver, const VxChange *change, int id, char *alias)
{
    VxDomainEvent event = {.id = id,
                           .domain = {.name = (char *)change->view.live->name, .id = change->view.id},
                           .device = {.alias = alias}};

    memcpy(event.domain.uuid, change->view.live->uuid, sizeof(event.domain.uuid));
    if (id >= 0)
        vx_domain_events_emit(driver->events, &event);
}

/* Whether the guest itself stood in the way: libvirt's drivers tell of that by an event, too. */
static bool is_refusal(const GError *error)
{
    return g_error_matches(error, VX_ERROR, VIR_ERR_OPERATION_FAILED);
}

/* The running guest first gets what can fail there; its definition follows what is. */
static bool act_live(VxDriver *driver, VxChange *change, const Action *action, VxDevice *device, GError **error)
{
    g_autoptr(VxDomainDef) trial = vx_domain_record_open(change->view.live, error);
    PlugCall plug = action->plug(driver->hypervisor->ops);
    g_autofree char *alias = trial ? alias_of(trial, device) : NULL;
    GError *failure = NULL;

    if (!trial || !action->edit(trial, device, error))
        return false;
    if (!plug(driver->hypervisor, change->view.id, device, &failure)) {
        if (is_refusal(failure))
            emit(driver, change, action->failed, alias);
        g_propagate_error(error, failure);
        return false;
    }
    if (!vx_change_live(driver, change, action->edit, device, error))
        return false;
    emit(driver, change, action->event, alias);
    return true;
}

/* What would fail for the persistent definition is found before the guest is touched, and it is changed only when the
 * guest has been: a call that fails has changed neither. */
static bool act_both(VxDriver *driver, VxChange *change, const Action *action, VxDevice *device, VxEdit edit_config,
                     gpointer data, GError **error)
{
    g_autoptr(VxDomainDef) trial = NULL;

    if (change->config && change->live) {
        trial = vx_domain_record_open(change->view.persistent, error);
        if (!trial || !edit_config(trial, data, error))
            return false;
    }
    return (!change->live || act_live(driver, change, action, device, error)) &&
           (!change->config || vx_change_config(driver, change, edit_config, data, error));
}

static bool act(VxDriver *driver, VxDomainObj *domain, const Action *action, const char *xml, unsigned flags,
                GError **error)
{
    g_autoptr(VxDevice) device = NULL;
    g_auto(VxChange) change = {0};

    if (!vx_check_flags(flags, DEVICE_FLAGS | action->flags, action->call, error) ||
        !(device = read_device(driver, xml, action == &attach_action, error)) ||
        !vx_change_begin(&change, domain, action->what, flags & DEVICE_FLAGS, error) ||
        (change.live && !vx_driver_need_hypervisor(driver, error)))
        return false;
    return act_both(driver, &change, action, device, action->edit, device, error);
}

bool vx_attach_device(VxDriver *driver, VxDomainObj *domain, const char *xml, unsigned flags, GError **error)
{
    return act(driver, domain, &attach_action, xml, flags, error);
}

bool vx_detach_device(VxDriver *driver, VxDomainObj *domain, const char *xml, unsigned flags, GError **error)
{
    return act(driver, domain, &detach_action, xml, flags, error);
}

bool vx_update_device(VxDriver *driver, VxDomainObj *domain, const char *xml, unsigned flags, GError **error)
{
    return act(driver, domain, &update_action, xml, flags, error);
}

/* The XML of the device of ALIAS, for the call that takes XML. */
static char *xml_of_alias(const VxDomainRecord *record, const char *alias, GError **error)
{
    g_autoptr(VxDomainDef) def = vx_domain_record_open(record, error);

    for (unsigned i = 0; def && def->devices && i < def->devices->len; i++) {
        const VxDevice *device = def->devices->pdata[i];

        if (device->alias && strcmp(device->alias, alias) == 0)
            return vx_device_format(device, VX_WRITE_SECRETS);
    }
    if (def)
        vx_fail(error, VIR_ERR_DEVICE_MISSING, "domain '%s' has no device with the alias '%s'", def->name, alias);
    return NULL;
}

bool vx_detach_alias(VxDriver *driver, VxDomainObj *domain, const char *alias, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};
    g_autofree char *xml = NULL;
    g_autoptr(VxDevice) device = NULL;

    if (!vx_check_flags(flags, DEVICE_FLAGS, "virDomainDetachDeviceAlias", error) ||
        !vx_change_begin(&change, domain, detach_action.what, flags, error) ||
        (change.live && !vx_driver_need_hypervisor(driver, error)))
        return false;
    if (change.live) {
        xml = xml_of_alias(change.view.live, alias, error);
        device = xml ? read_device(driver, xml, false, error) : NULL;
        if (!device)
            return false;
    }
    return act_both(driver, &change, &detach_action, device, edit_detach_alias, (gpointer)alias, error);
}
