/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a guest tells of itself through its agent: file systems and disks beside those of the definition, and all the
 * rest of virDomainGetGuestInfo.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virDomainGetGuestInfo
 */
#include <libvirt/libvirt.h>
#include <string.h>

#include "agent/agent_commands.h"
#include "driver/agent_calls.h"
#include "driver/change.h"
#include "driver/params.h"
#include "util/vx_error.h"

/* ---- which disk of the definition a guest's device is ---- */

static VxDomainDef *open_live(VxDomainObj *domain, GError **error)
{
    g_auto(VxDomainView) view = {0};

    if (!vx_domain_obj_look(domain, &view, error))
        return NULL;
    return vx_domain_record_open(vx_domain_view_current(&view), error);
}

/* Whether the guest's DEVICE ("/dev/xvda1" or "xvda1") is the disk with the target "xvda", or a partition of it. */
static bool is_of_target(const char *device, const char *target)
{
    const char *rest = g_str_has_prefix(device, "/dev/") ? device + strlen("/dev/") : device;

    if (!target || !g_str_has_prefix(rest, target))
        return false;
    rest += strlen(target);
    return rest[strspn(rest, "0123456789")] == '\0';
}

/* The target of the disk of DEF that DEVICE (NULL: not known) is; NULL if none. */
static const char *find_alias(const VxDomainDef *def, const char *device)
{
    VxDisk *disk;

    if (!device)
        return NULL;
    for (unsigned i = 0; (disk = vx_domain_def_next_device(def, VX_DEVICE_DISK, &i));)
        if (is_of_target(device, disk->target))
            return disk->target;
    return NULL;
}

void vx_guest_filesystem_free(gpointer data)
{
    VxGuestFilesystem *filesystem = data;

    vx_agent_filesystem_free(filesystem->told);
    g_ptr_array_unref(filesystem->aliases);
    g_free(filesystem);
}

static void add_alias(GPtrArray *aliases, const char *alias)
{
    if (alias && !g_ptr_array_find_with_equal_func(aliases, alias, g_str_equal, NULL))
        g_ptr_array_add(aliases, g_strdup(alias));
}

/* Takes TOLD. Agents say little of Xen's disks; then the name of the device tells. */
static VxGuestFilesystem *filesystem_new(VxAgentFilesystem *told, const VxDomainDef *def)
{
    VxGuestFilesystem *filesystem = g_new(VxGuestFilesystem, 1);

    *filesystem = (VxGuestFilesystem){told, g_ptr_array_new_with_free_func(g_free)};
    for (guint i = 0; i < told->disks->len; i++)
        add_alias(filesystem->aliases, find_alias(def, ((VxAgentDiskAddress *)told->disks->pdata[i])->device));
    if (filesystem->aliases->len == 0)
        add_alias(filesystem->aliases, find_alias(def, told->name));
    return filesystem;
}

static GPtrArray *get_filesystems(VxAgent *agent, const VxDomainDef *def, GError **error)
{
    g_autoptr(GPtrArray) told = vx_agent_get_filesystems(agent, error);
    GPtrArray *filesystems;

    if (!told)
        return NULL;
    filesystems = g_ptr_array_new_with_free_func(vx_guest_filesystem_free);
    for (guint i = 0; i < told->len; i++) {
        g_ptr_array_add(filesystems, filesystem_new(told->pdata[i], def));
        told->pdata[i] = NULL;
    }
    g_ptr_array_set_free_func(told, NULL);
    return filesystems;
}

GPtrArray *vx_get_fsinfo(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxAgentUse) use = {0};
    g_autoptr(VxDomainDef) def = NULL;

    if (!vx_check_flags(flags, 0, "virDomainGetFSInfo", error) || !vx_agent_use_begin(&use, driver, domain, error) ||
        !(def = open_live(domain, error)))
        return NULL;
    return get_filesystems(use.agent, def, error);
}

/* ---- virDomainGetGuestInfo ---- */

/* Asks AGENT, and appends what it says to PARAMS. */
typedef bool (*Ask)(VxAgent *agent, const VxDomainDef *def, GArray *params, GError **error);

static bool ask_users(VxAgent *agent, const VxDomainDef *def G_GNUC_UNUSED, GArray *params, GError **error)
{
    g_autoptr(GPtrArray) users = vx_agent_get_users(agent, error);

    if (!users)
        return false;
    vx_params_add_uint(params, users->len, "user.count");
    for (guint i = 0; i < users->len; i++) {
        const VxAgentUser *user = users->pdata[i];
        double login_ms = user->login_time * 1000;

        vx_params_add_text(params, user->name, "user.%u.name", i);
        vx_params_add_text(params, user->domain, "user.%u.domain", i);
        vx_params_add_ullong(params, login_ms >= 0 && login_ms < 1e18 ? (guint64)login_ms : 0, "user.%u.login-time", i);
    }
    return true;
}

static bool ask_os(VxAgent *agent, const VxDomainDef *def G_GNUC_UNUSED, GArray *params, GError **error)
{
    g_autoptr(VxAgentOs) os = vx_agent_get_os(agent, error);

    if (!os)
        return false;
    vx_params_add_text(params, os->id, "os.id");
    vx_params_add_text(params, os->name, "os.name");
    vx_params_add_text(params, os->pretty_name, "os.pretty-name");
    vx_params_add_text(params, os->version, "os.version");
    vx_params_add_text(params, os->version_id, "os.version-id");
    vx_params_add_text(params, os->machine, "os.machine");
    vx_params_add_text(params, os->variant, "os.variant");
    vx_params_add_text(params, os->variant_id, "os.variant-id");
    vx_params_add_text(params, os->kernel_release, "os.kernel-release");
    vx_params_add_text(params, os->kernel_version, "os.kernel-version");
    return true;
}

static bool ask_timezone(VxAgent *agent, const VxDomainDef *def G_GNUC_UNUSED, GArray *params, GError **error)
{
    g_autoptr(VxAgentTimezone) zone = vx_agent_get_timezone(agent, error);

    if (!zone)
        return false;
    vx_params_add_text(params, zone->zone, "timezone.name");
    vx_params_add_int(params, (gint32)zone->offset_s, "timezone.offset");
    return true;
}

static bool ask_hostname(VxAgent *agent, const VxDomainDef *def G_GNUC_UNUSED, GArray *params, GError **error)
{
    g_autofree char *name = vx_agent_get_host_name(agent, error);

    vx_params_add_text(params, name, "hostname");
    return name != NULL;
}

static void add_bytes(GArray *params, gint64 bytes, guint index, const char *name)
{
    if (bytes >= 0)
        vx_params_add_ullong(params, (guint64)bytes, "fs.%u.%s", index, name);
}

static void add_filesystem(GArray *params, const VxGuestFilesystem *filesystem, guint i)
{
    const VxAgentFilesystem *told = filesystem->told;
    guint n_disks = MAX(told->disks->len, filesystem->aliases->len);

    vx_params_add_text(params, told->mount_point, "fs.%u.mountpoint", i);
    vx_params_add_text(params, told->name, "fs.%u.name", i);
    vx_params_add_text(params, told->type, "fs.%u.fstype", i);
    add_bytes(params, told->total_bytes, i, "total-bytes");
    add_bytes(params, told->used_bytes, i, "used-bytes");
    vx_params_add_uint(params, n_disks, "fs.%u.disk.count", i);
    for (guint j = 0; j < n_disks; j++) {
        const VxAgentDiskAddress *disk = j < told->disks->len ? told->disks->pdata[j] : NULL;

        if (j < filesystem->aliases->len)
            vx_params_add_text(params, filesystem->aliases->pdata[j], "fs.%u.disk.%u.alias", i, j);
        vx_params_add_text(params, disk ? disk->serial : NULL, "fs.%u.disk.%u.serial", i, j);
        vx_params_add_text(params, disk ? disk->device : NULL, "fs.%u.disk.%u.device", i, j);
    }
}

static bool ask_filesystems(VxAgent *agent, const VxDomainDef *def, GArray *params, GError **error)
{
    g_autoptr(GPtrArray) filesystems = get_filesystems(agent, def, error);

    if (!filesystems)
        return false;
    vx_params_add_uint(params, filesystems->len, "fs.count");
    for (guint i = 0; i < filesystems->len; i++)
        add_filesystem(params, filesystems->pdata[i], i);
    return true;
}

static void add_disk(GArray *params, const VxAgentDisk *disk, const VxDomainDef *def, guint i)
{
    guint n_dependencies = g_strv_length(disk->dependencies);

    vx_params_add_text(params, disk->name, "disk.%u.name", i);
    vx_params_add_bool(params, disk->is_partition, "disk.%u.partition", i);
    if (n_dependencies)
        vx_params_add_uint(params, n_dependencies, "disk.%u.dependency.count", i);
    for (guint j = 0; j < n_dependencies; j++)
        vx_params_add_text(params, disk->dependencies[j], "disk.%u.dependency.%u.name", i, j);
    if (!disk->is_partition)
        vx_params_add_text(params, find_alias(def, disk->name), "disk.%u.alias", i);
    vx_params_add_text(params, disk->address ? disk->address->serial : NULL, "disk.%u.serial", i);
    vx_params_add_text(params, disk->alias, "disk.%u.guest_alias", i);
    vx_params_add_text(params, disk->address ? disk->address->bus_type : NULL, "disk.%u.guest_bus", i);
}

static bool ask_disks(VxAgent *agent, const VxDomainDef *def, GArray *params, GError **error)
{
    g_autoptr(GPtrArray) disks = vx_agent_get_disks(agent, error);

    if (!disks)
        return false;
    vx_params_add_uint(params, disks->len, "disk.count");
    for (guint i = 0; i < disks->len; i++)
        add_disk(params, disks->pdata[i], def, i);
    return true;
}

static void add_interface(GArray *params, const VxAgentInterface *interface, guint i)
{
    vx_params_add_text(params, interface->name, "if.%u.name", i);
    vx_params_add_text(params, interface->hardware_address, "if.%u.hwaddr", i);
    vx_params_add_uint(params, interface->addresses->len, "if.%u.addr.count", i);
    for (guint j = 0; j < interface->addresses->len; j++) {
        const VxAgentAddress *address = interface->addresses->pdata[j];

        vx_params_add_text(params, address->type, "if.%u.addr.%u.type", i, j);
        vx_params_add_text(params, address->address, "if.%u.addr.%u.addr", i, j);
        vx_params_add_uint(params, (guint32)address->prefix, "if.%u.addr.%u.prefix", i, j);
    }
}

static bool ask_interfaces(VxAgent *agent, const VxDomainDef *def G_GNUC_UNUSED, GArray *params, GError **error)
{
    g_autoptr(GPtrArray) interfaces = vx_agent_get_interfaces(agent, error);

    if (!interfaces)
        return false;
    vx_params_add_uint(params, interfaces->len, "if.count");
    for (guint i = 0; i < interfaces->len; i++)
        add_interface(params, interfaces->pdata[i], i);
    return true;
}

static const struct {
    unsigned type;
    Ask ask;
} kinds[] = {
    {VIR_DOMAIN_GUEST_INFO_USERS, ask_users},
    {VIR_DOMAIN_GUEST_INFO_OS, ask_os},
    {VIR_DOMAIN_GUEST_INFO_TIMEZONE, ask_timezone},
    {VIR_DOMAIN_GUEST_INFO_HOSTNAME, ask_hostname},
    {VIR_DOMAIN_GUEST_INFO_FILESYSTEM, ask_filesystems},
    {VIR_DOMAIN_GUEST_INFO_DISKS, ask_disks},
    {VIR_DOMAIN_GUEST_INFO_INTERFACES, ask_interfaces},
};

/* A kind that the agent does not know is an error only for who asked for it. */
static bool ask_all(VxAgent *agent, const VxDomainDef *def, unsigned types, GArray *params, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GError) problem = NULL;

        if ((types && !(types & kinds[i].type)) || kinds[i].ask(agent, def, params, &problem))
            continue;
        if (!types && g_error_matches(problem, VX_ERROR, VIR_ERR_OPERATION_UNSUPPORTED))
            continue;
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    return true;
}

static bool check_types(unsigned types, GError **error)
{
    unsigned known = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        known |= kinds[i].type;
    if (types & ~known)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "unsupported guest information types '0x%x'", types & ~known);
    return true;
}

GArray *vx_get_guest_info(VxDriver *driver, VxDomainObj *domain, unsigned types, unsigned flags, GError **error)
{
    g_auto(VxAgentUse) use = {0};
    g_autoptr(GArray) params = vx_params_new();
    g_autoptr(VxDomainDef) def = NULL;

    if (!vx_check_flags(flags, 0, "virDomainGetGuestInfo", error) || !check_types(types, error) ||
        !vx_agent_use_begin(&use, driver, domain, error) || !(def = open_live(domain, error)) ||
        !ask_all(use.agent, def, types, params, error))
        return NULL;
    return g_steal_pointer(&params);
}
