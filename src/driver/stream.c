/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/stream.h"

#include <libvirt/libvirt.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "driver/change.h"
#include "driver/device_lock.h"
#include "util/vx_error.h"

struct VxOpenDevice {
    VxDomainObj *domain; /* held */
    int id;              /* of the guest: that of the next start has devices of its own */
    char *key;           /* the path, or what else is the device's alone */
    char *shown;         /* "channel 'org.example.0'" */
    char *lock_path;     /* NULL: no lock file */
    int fd;              /* -1: taken, or not yet open */

    /* guarded by the domain's lock */
    GError *revoked; /* it has been taken away before there was somebody to tell */
    bool is_revoked;
    VxDeviceRevoke revoke;
    gpointer data;
    GDestroyNotify free_data;
};

/* ---- finding ---- */

static const char *kind_name(int kind)
{
    return kind == VX_DEVICE_CHANNEL ? "channel" : kind == VX_DEVICE_SERIAL ? "serial" : "console";
}

/* Whether NAME is what CHR, the INDEXth of its kind, is called: its alias, given or libvirt's, or a channel's name. */
static bool is_called(const VxChr *chr, int kind, unsigned index, const char *name)
{
    g_autofree char *alias = g_strdup_printf("%s%u", kind_name(kind), index);

    return g_strcmp0(chr->device.alias, name) == 0 || strcmp(alias, name) == 0;
}

/* The first device of KIND called NAME (NULL: any); channels' names come before aliases. */
static const VxChr *find_chr(const VxDomainDef *def, int kind, const char *name)
{
    const VxChr *by_alias = NULL;
    unsigned index = 0;

    for (unsigned i = 0; def->devices && i < def->devices->len; i++) {
        const VxChr *chr = def->devices->pdata[i];

        if ((int)chr->device.object.kind != kind)
            continue;
        if (!name || (kind == VX_DEVICE_CHANNEL && g_strcmp0(chr->target_name, name) == 0))
            return chr;
        if (!by_alias && is_called(chr, kind, index, name))
            by_alias = chr;
        index++;
    }
    return by_alias;
}

static const VxChr *find_console(const VxDomainDef *def, const char *name)
{
    const VxChr *chr = find_chr(def, VX_DEVICE_CONSOLE, name);

    if (!chr)
        chr = find_chr(def, VX_DEVICE_SERIAL, name);
    return chr || !name ? chr : find_chr(def, VX_DEVICE_CHANNEL, name);
}

static const VxChr *find_channel(const VxDomainDef *def, const char *name)
{
    return find_chr(def, VX_DEVICE_CHANNEL, name);
}

static char *show(const VxChr *chr)
{
    int kind = chr->device.object.kind;

    if (chr->target_name)
        return g_strdup_printf("%s '%s'", kind_name(kind), chr->target_name);
    if (chr->device.alias)
        return g_strdup_printf("%s '%s'", kind_name(kind), chr->device.alias);
    return g_strdup_printf("%s %" G_GINT64_FORMAT, kind_name(kind), chr->target_port.value);
}

/* The primary console and the first serial port of an HVM guest are one pty. A path of a driver domain's means nothing
 * here. */
static char *make_key(const VxChr *chr)
{
    if (chr->device.backend_domain)
        return show(chr);
    return vx_chr_path(chr) ? g_strdup(vx_chr_path(chr)) : chr->tty ? g_strdup(chr->tty) : show(chr);
}

/* ---- the table ---- */

static void free_device(VxOpenDevice *device)
{
    if (device->fd >= 0)
        close(device->fd);
    if (device->lock_path)
        unlink(device->lock_path);
    if (device->free_data)
        device->free_data(device->data);
    g_clear_error(&device->revoked);
    vx_domain_obj_unref(device->domain);
    g_free(device->lock_path);
    g_free(device->shown);
    g_free(device->key);
    g_free(device);
}

/* The domain's lock is held. */
static VxOpenDevice *find_open(const VxOpenDevice *like)
{
    const GPtrArray *all = like->domain->open_devices;

    for (unsigned i = 0; i < all->len; i++) {
        VxOpenDevice *device = all->pdata[i];

        if (device->id == like->id && strcmp(device->key, like->key) == 0)
            return device;
    }
    return NULL;
}

/* Tells DEVICE's owner, or remembers to. The domain's lock is held. */
static void take_away(VxOpenDevice *device)
{
    GError *reason;

    if (device->is_revoked)
        return;
    device->is_revoked = true;
    reason = g_error_new(VX_ERROR, VIR_ERR_OPERATION_ABORTED, "another client has taken %s over", device->shown);
    if (device->revoke)
        device->revoke(reason, device->data);
    else
        device->revoked = reason;
}

/* Puts DEVICE into the table. */
static bool enter(VxOpenDevice *device, bool take, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + VX_REVOKE_WAIT_MS * G_TIME_SPAN_MILLISECOND;
    VxDomainObj *domain = device->domain;
    bool is_in_time = true;
    VxOpenDevice *other;

    g_mutex_lock(&domain->lock);
    while ((other = find_open(device)) && take && is_in_time) {
        take_away(other);
        is_in_time = g_cond_wait_until(&domain->device_closed, &domain->lock, deadline);
    }
    if (!other)
        g_ptr_array_add(domain->open_devices, device);
    g_mutex_unlock(&domain->lock);
    if (!other)
        return true;
    return take ? vx_fail(error, VIR_ERR_OPERATION_FAILED, "who has %s open does not let it go", device->shown)
                : vx_fail(error, VIR_ERR_OPERATION_FAILED,
                          "%s is open for another client already: close that one, or take it over by force",
                          device->shown);
}

/* ---- opening ---- */

static bool open_fd(VxDriver *driver, VxOpenDevice *device, const VxChr *chr, GError **error)
{
    struct termios settings;

    if (*device->key == '/' && driver->config.lock_folder &&
        !vx_device_lock(driver->config.lock_folder, device->key, &device->lock_path, error))
        return false;
    device->fd = driver->hypervisor->ops->open_chr(driver->hypervisor, device->id, chr, error);
    if (device->fd < 0)
        return false;
    /* A terminal would echo, and change line ends and control characters. */
    if (tcgetattr(device->fd, &settings) == 0) {
        cfmakeraw(&settings);
        tcsetattr(device->fd, TCSANOW, &settings);
    }
    return true;
}

VxOpenDevice *vx_open_device(VxDriver *driver, VxDomainObj *domain, int id, const VxChr *chr, bool take, GError **error)
{
    VxOpenDevice *device = g_new0(VxOpenDevice, 1);

    *device = (VxOpenDevice){
        .domain = vx_domain_obj_ref(domain),
        .id = id,
        .key = make_key(chr),
        .shown = show(chr),
        .fd = -1,
    };
    if (!enter(device, take, error)) {
        free_device(device);
        return NULL;
    }
    if (!open_fd(driver, device, chr, error)) {
        vx_open_device_close(device);
        return NULL;
    }
    return device;
}

/* What a client may open by name. */
typedef struct {
    const char *call, *what;
    const VxChr *(*find)(const VxDomainDef *def, const char *name);
    unsigned flags, force;
} Opening;

static VxOpenDevice *open_by_name(VxDriver *driver, VxDomainObj *domain, const Opening *opening, const char *name,
                                  unsigned flags, GError **error)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(VxDomainDef) def = NULL;
    const VxChr *chr;

    if (!vx_check_flags(flags, opening->flags, opening->call, error) || !vx_domain_obj_look(domain, &view, error))
        return NULL;
    if (!view.live) {
        vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is not running", view.persistent->name);
        return NULL;
    }
    if (!vx_driver_need_hypervisor(driver, error) || !(def = vx_domain_record_open(view.live, error)))
        return NULL;
    chr = opening->find(def, name);
    if (!chr && name)
        vx_fail(error, VIR_ERR_INVALID_ARG, "domain '%s' has no %s '%s'", def->name, opening->what, name);
    else if (!chr)
        vx_fail(error, VIR_ERR_INVALID_ARG, "domain '%s' has no %s", def->name, opening->what);
    return chr ? vx_open_device(driver, domain, view.id, chr, flags & opening->force, error) : NULL;
}

VxOpenDevice *vx_open_console(VxDriver *driver, VxDomainObj *domain, const char *name, unsigned flags, GError **error)
{
    static const Opening console = {"virDomainOpenConsole", "console", find_console,
                                    VIR_DOMAIN_CONSOLE_FORCE | VIR_DOMAIN_CONSOLE_SAFE, VIR_DOMAIN_CONSOLE_FORCE};

    return open_by_name(driver, domain, &console, name, flags, error);
}

VxOpenDevice *vx_open_channel(VxDriver *driver, VxDomainObj *domain, const char *name, unsigned flags, GError **error)
{
    static const Opening channel = {"virDomainOpenChannel", "channel", find_channel, VIR_DOMAIN_CHANNEL_FORCE,
                                    VIR_DOMAIN_CHANNEL_FORCE};

    return open_by_name(driver, domain, &channel, name, flags, error);
}

/* ---- what is open ---- */

int vx_open_device_take_fd(VxOpenDevice *device)
{
    int fd = device->fd;

    device->fd = -1;
    return fd;
}

void vx_open_device_set_revoke(VxOpenDevice *device, VxDeviceRevoke revoke, gpointer data, GDestroyNotify free_data)
{
    g_mutex_lock(&device->domain->lock);
    device->revoke = revoke;
    device->data = data;
    device->free_data = free_data;
    if (device->revoked)
        revoke(g_steal_pointer(&device->revoked), data);
    g_mutex_unlock(&device->domain->lock);
}

void vx_open_device_close(VxOpenDevice *device)
{
    g_autoptr(VxDomainObj) domain = vx_domain_obj_ref(device->domain);

    /* before another one makes its own */
    if (device->lock_path)
        unlink(device->lock_path);
    g_clear_pointer(&device->lock_path, g_free);
    g_mutex_lock(&domain->lock);
    g_ptr_array_remove_fast(domain->open_devices, device);
    g_cond_broadcast(&domain->device_closed);
    g_mutex_unlock(&domain->lock);
    free_device(device);
}
