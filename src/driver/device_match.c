/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/device_match.h"

#include <string.h>

#include "conf/chr_def.h"
#include "conf/controller_def.h"
#include "conf/disk_def.h"
#include "conf/filesystem_def.h"
#include "conf/hostdev_def.h"
#include "conf/net_def.h"
#include "util/vx_error.h"

/* How two devices of a kind are compared: ANSWER_UNSAID when the wanted one does not say what it takes. */
typedef enum { ANSWER_NO, ANSWER_YES, ANSWER_UNSAID } Answer;

static Answer same_text(const char *wanted, const char *there)
{
    if (!wanted)
        return ANSWER_UNSAID;
    return there && strcmp(wanted, there) == 0 ? ANSWER_YES : ANSWER_NO;
}

static Answer same_disk(const VxDevice *wanted, const VxDevice *there)
{
    return same_text(((const VxDisk *)wanted)->target, ((const VxDisk *)there)->target);
}

static Answer same_net(const VxDevice *wanted, const VxDevice *there)
{
    return same_text(((const VxNet *)wanted)->mac, ((const VxNet *)there)->mac);
}

static Answer same_channel(const VxDevice *wanted, const VxDevice *there)
{
    return same_text(((const VxChr *)wanted)->target_name, ((const VxChr *)there)->target_name);
}

static Answer same_controller(const VxDevice *wanted, const VxDevice *there)
{
    const VxController *a = (const VxController *)wanted, *b = (const VxController *)there;

    if (a->type != b->type)
        return ANSWER_NO;
    return !a->index.given ? ANSWER_UNSAID : a->index.value == b->index.value ? ANSWER_YES : ANSWER_NO;
}

static Answer same_hostdev(const VxDevice *wanted, const VxDevice *there)
{
    const VxHostdev *x = (const VxHostdev *)wanted, *y = (const VxHostdev *)there;
    const VxHostAddress *a = &x->address, *b = &y->address;

    if (a->kind == VX_HOST_PCI && b->kind == VX_HOST_PCI)
        return a->domain == b->domain && a->bus == b->bus && a->slot == b->slot && a->function == b->function
                   ? ANSWER_YES
                   : ANSWER_NO;
    if (a->kind == VX_HOST_USB && b->kind == VX_HOST_USB)
        return a->bus == b->bus && a->device == b->device ? ANSWER_YES : ANSWER_NO;
    if (x->usb_vendor.given && y->usb_vendor.given)
        return x->usb_vendor.value == y->usb_vendor.value && x->usb_product.value == y->usb_product.value ? ANSWER_YES
                                                                                                          : ANSWER_NO;
    return a->kind == VX_HOST_NOWHERE && !x->usb_vendor.given ? ANSWER_UNSAID : ANSWER_NO;
}

static Answer same_filesystem(const VxDevice *wanted, const VxDevice *there)
{
    return same_text(((const VxFilesystem *)wanted)->target, ((const VxFilesystem *)there)->target);
}

typedef Answer (*Same)(const VxDevice *wanted, const VxDevice *there);

/* Kinds that have a name of their own, what it is called, and libvirt's error for a second one of that name. */
static const struct {
    VxDeviceKind kind;
    Same same;
    int clash_code;
    const char *name;
} rules[] = {
    {VX_DEVICE_DISK, same_disk, VIR_ERR_INVALID_ARG, "target"},
    {VX_DEVICE_INTERFACE, same_net, VIR_ERR_INVALID_ARG, "MAC address"},
    {VX_DEVICE_CHANNEL, same_channel, VIR_ERR_INVALID_ARG, "name"},
    {VX_DEVICE_CONTROLLER, same_controller, VIR_ERR_OPERATION_INVALID, "type and index"},
    {VX_DEVICE_HOSTDEV, same_hostdev, VIR_ERR_INVALID_ARG, "place on the host"},
    {VX_DEVICE_FILESYSTEM, same_filesystem, VIR_ERR_INVALID_ARG, "target"},
};

static int rule_of(const VxDevice *device)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (rules[i].kind == device->object.kind)
            return (int)i;
    }
    return -1;
}

/* ---- comparing all that is said ---- */

static void take_difference(const char *path, const VxField *field, gpointer data)
{
    bool *differs = data;

    (void)field;
    /* What libvirt gives a device by itself does not make it another one. */
    if (!g_str_has_prefix(path, "alias") && !g_str_has_prefix(path, "address") && !g_str_has_prefix(path, "mac"))
        *differs = true;
}

static bool same_all(const VxDevice *wanted, const VxDevice *there)
{
    bool differs = false;

    vx_object_compare(vx_device_element(wanted), wanted, there, take_difference, &differs);
    return !differs;
}

static bool means(const VxDevice *wanted, const VxDevice *there)
{
    int rule = rule_of(wanted);
    Answer answer = rule >= 0 ? rules[rule].same(wanted, there) : ANSWER_UNSAID;

    if (answer != ANSWER_UNSAID)
        return answer == ANSWER_YES;
    if (wanted->alias && there->alias)
        return strcmp(wanted->alias, there->alias) == 0;
    return same_all(wanted, there);
}

int vx_device_find(const VxDomainDef *def, const VxDevice *device, GError **error)
{
    const char *name = vx_device_element(device)->name;
    int found = -1;

    for (unsigned i = 0; def->devices && i < def->devices->len; i++) {
        const VxDevice *there = def->devices->pdata[i];

        if (there->object.kind != device->object.kind || !means(device, there))
            continue;
        if (found >= 0) {
            vx_fail(error, VIR_ERR_OPERATION_FAILED, "domain '%s' has several such devices: say more of the <%s>",
                    def->name, name);
            return -1;
        }
        found = (int)i;
    }
    if (found < 0)
        vx_fail(error, VIR_ERR_DEVICE_MISSING, "domain '%s' has no such <%s>", def->name, name);
    return found;
}

/* Two channels of the same socket: one of them would never be heard. */
static bool same_socket(const VxDevice *wanted, const VxDevice *there)
{
    const VxChr *a = (const VxChr *)wanted, *b = (const VxChr *)there;

    return wanted->object.kind == VX_DEVICE_CHANNEL && a->type == VX_CHR_UNIX && b->type == VX_CHR_UNIX &&
           vx_chr_path(a) && g_strcmp0(vx_chr_path(a), vx_chr_path(b)) == 0 &&
           g_strcmp0(wanted->backend_domain, there->backend_domain) == 0;
}

bool vx_device_check_room(const VxDomainDef *def, const VxDevice *device, GError **error)
{
    int rule = rule_of(device);

    for (unsigned i = 0; rule >= 0 && def->devices && i < def->devices->len; i++) {
        const VxDevice *there = def->devices->pdata[i];

        if (there->object.kind != device->object.kind)
            continue;
        if (same_socket(device, there))
            return vx_fail(error, VIR_ERR_INVALID_ARG,
                           "domain '%s' has a channel with the path '%.100s' already: choose another one", def->name,
                           vx_chr_path((const VxChr *)device));
        if (rules[rule].same(device, there) == ANSWER_YES)
            return vx_fail(error, rules[rule].clash_code,
                           "domain '%s' has a <%s> with that %s already: choose another one", def->name,
                           vx_device_element(device)->name, rules[rule].name);
    }
    return true;
}
