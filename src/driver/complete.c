/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/complete.h"

#include <string.h>

#include "conf/chr_def.h"
#include "conf/disk_def.h"
#include "conf/domain_defaults.h"
#include "conf/domain_schema.h"
#include "conf/domain_validate.h"
#include "conf/domain_xml.h"
#include "conf/hostdev_def.h"
#include "conf/net_def.h"
#include "conf/xml_escape.h"
#include "util/vx_error.h"

#define SOURCE_NAME "domain XML"

bool vx_complete_check_name(const char *name, GError **error)
{
    if (!*name || strchr(name, '/') || strchr(name, '\n') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return vx_fail(
            error, VIR_ERR_XML_ERROR,
            "'%s' cannot be the name of a domain: write one that is not empty and has no '/' and no line end", name);
    if (!vx_xml_can_say(name))
        return vx_fail(error, VIR_ERR_XML_ERROR,
                       "the domain's name has a control character or is not UTF-8: write one that XML can say");
    if (strlen(name) > VX_STORE_NAME_MAX_BYTES)
        return vx_fail(error, VIR_ERR_XML_ERROR, "the domain's name has %zu bytes: write one of at most %d",
                       strlen(name), VX_STORE_NAME_MAX_BYTES);
    return true;
}

/* The domain is of this driver, and says what it takes to be one. */
static bool check_essentials(const VxDomainDef *def, GError **error)
{
    if (strcmp(def->type, "xen") != 0)
        return vx_fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                       "<domain type='%s'> is for another hypervisor: write type='xen'", def->type);
    if (!def->memory_kib.given || def->memory_kib.value <= 0)
        return vx_fail(error, VIR_ERR_XML_ERROR, "the domain has no memory: write how much in <memory>");
    if (def->vcpus.current.given && def->vcpus.current.value > def->vcpus.maximum.value)
        return vx_fail(error, VIR_ERR_XML_ERROR,
                       "<vcpu current='%" G_GINT64_FORMAT "'> is more than the %" G_GINT64_FORMAT " that there can be",
                       def->vcpus.current.value, def->vcpus.maximum.value);
    return vx_complete_check_name(def->name, error);
}

static bool convert_channel(const VxDriver *driver, VxChr *channel, GError **error)
{
    if (channel->target_type != VX_CHR_TARGET_VIRTIO)
        return true;
    if (driver->config.virtio_channels == VX_VIRTIO_CHANNELS_REFUSE)
        return vx_fail(error, VIR_ERR_CONFIG_UNSUPPORTED,
                       "Xen has no virtio channels: write <target type='xen' name='%s'/>",
                       channel->target_name ? channel->target_name : "...");
    channel->target_type = VX_CHR_TARGET_XEN;
    /* Its place is on a virtio-serial bus, which no Xen guest has. */
    vx_object_free(&vx_address_element, g_steal_pointer(&channel->device.address));
    return true;
}

/* Addresses of Xen's own range (its OUI), as libvirt's Xen driver chooses them. */
static void choose_mac(VxNet *net)
{
    guint32 number = g_random_int();

    if (!net->mac)
        net->mac =
            g_strdup_printf("00:16:3e:%02x:%02x:%02x", (number >> 16) & 0x7f, (number >> 8) & 0xff, number & 0xff);
}

bool vx_complete_device(VxDriver *driver, VxDevice *device, GError **error)
{
    switch (device->object.kind) {
    case VX_DEVICE_CHANNEL:
        return convert_channel(driver, (VxChr *)device, error);
    case VX_DEVICE_INTERFACE:
        choose_mac((VxNet *)device);
        return true;
    case VX_DEVICE_DISK:
        vx_disk_add_defaults((VxDisk *)device);
        return true;
    case VX_DEVICE_HOSTDEV:
        vx_hostdev_add_defaults((VxHostdev *)device);
        return true;
    default:
        return true;
    }
}

static bool complete_devices(VxDriver *driver, VxDomainDef *def, GError **error)
{
    for (unsigned i = 0; def->devices && i < def->devices->len; i++) {
        if (!vx_complete_device(driver, def->devices->pdata[i], error))
            return false;
    }
    return true;
}

static void complete(VxDomainDef *def)
{
    if (!def->uuid) {
        guint8 uuid[16];

        vx_uuid_generate(uuid);
        def->uuid = g_malloc(VX_UUID_TEXT_BYTES);
        vx_uuid_format(uuid, def->uuid);
    }
    if (!def->vcpus.maximum.given)
        def->vcpus.maximum = VX_NUMBER(1);
    vx_domain_def_add_defaults(def);
    if (def->current_memory_kib.value > def->memory_kib.value || def->current_memory_kib.value <= 0)
        def->current_memory_kib = def->memory_kib; /* as libvirt does */
}

static bool check_schema(const char *xml, gsize length, GError **error)
{
    g_autoptr(VxDiag) diag = vx_diag_new(SOURCE_NAME, xml, length, VX_DIAG_QUIET);

    vx_domain_schema_check(xml, length, diag);
    if (vx_diag_n_errors(diag) == 0)
        return true;
    g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_XML_INVALID_SCHEMA));
    return false;
}

VxDomainDef *vx_complete_xml(VxDriver *driver, const char *xml, VxCompleteFlags flags, GError **error)
{
    gsize length = strlen(xml);
    g_autoptr(VxDiag) diag = vx_diag_new(SOURCE_NAME, xml, length, VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) def = vx_domain_def_parse(xml, length, 0, diag);

    if (def && (flags & VX_COMPLETE_VALIDATE) && !check_schema(xml, length, error))
        return NULL;
    if (!def || vx_diag_n_errors(diag) > 0) {
        g_propagate_error(error, vx_diag_to_error(diag, def ? VIR_ERR_XML_ERROR : VIR_ERR_XML_DETAIL));
        return NULL;
    }
    complete(def);
    if (!check_essentials(def, error) || !complete_devices(driver, def, error))
        return NULL;
    return g_steal_pointer(&def);
}

bool vx_complete_for_start(const VxDomainDef *def, GError **error)
{
    g_autoptr(VxDiag) diag = vx_diag_new(SOURCE_NAME, NULL, 0, VX_DIAG_FOR_GUEST | VX_DIAG_QUIET);

    vx_domain_def_validate(def, diag);
    if (vx_diag_n_errors(diag) == 0)
        return true;
    g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_CONFIG_UNSUPPORTED));
    return false;
}
