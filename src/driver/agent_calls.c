/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/agent_calls.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "agent/agent_commands.h"
#include "driver/change.h"
#include "util/vx_error.h"

#define NANOSECONDS G_GINT64_CONSTANT(1000000000)

/* How most calls begin: no flags but ALLOWED ones, and an agent. */
static bool begin(VxAgentUse *use, VxDriver *driver, VxDomainObj *domain, unsigned flags, unsigned allowed,
                  const char *call, GError **error)
{
    return vx_check_flags(flags, allowed, call, error) && vx_agent_use_begin(use, driver, domain, error);
}

char *vx_qemu_agent_command(VxDriver *driver, VxDomainObj *domain, const char *command, int timeout_s, unsigned flags,
                            GError **error)
{
    g_auto(VxAgentUse) use = {0};

    if (!begin(&use, driver, domain, flags, 0, "virDomainQemuAgentCommand", error))
        return NULL;
    return vx_agent_command(use.agent, command, timeout_s, error);
}

static bool shut_down(VxDriver *driver, VxDomainObj *domain, bool reboot, GError **error)
{
    g_auto(VxAgentUse) use = {0};

    return vx_agent_use_begin(&use, driver, domain, error) &&
           vx_agent_shutdown(use.agent, reboot ? VX_AGENT_REBOOT : VX_AGENT_POWERDOWN, error);
}

bool vx_agent_first(VxDriver *driver, VxDomainObj *domain, unsigned *flags, unsigned agent_flag, bool reboot,
                    bool *done, GError **error)
{
    bool is_asked = *flags & agent_flag;

    *flags &= ~agent_flag;
    *done = is_asked && shut_down(driver, domain, reboot, *flags ? NULL : error);
    return !is_asked || *done || *flags;
}

char *vx_get_guest_hostname(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxAgentUse) use = {0};

    if (flags & VIR_DOMAIN_GET_HOSTNAME_LEASE) {
        vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                "a guest's name is not looked up in DHCP leases here: ask its agent (--source agent)");
        return NULL;
    }
    if (!begin(&use, driver, domain, flags, VIR_DOMAIN_GET_HOSTNAME_AGENT, "virDomainGetHostname", error))
        return NULL;
    return vx_agent_get_host_name(use.agent, error);
}

GPtrArray *vx_get_interface_addresses(VxDriver *driver, VxDomainObj *domain, unsigned source, unsigned flags,
                                      GError **error)
{
    g_auto(VxAgentUse) use = {0};

    if (source != VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT) {
        vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED,
                "a guest's addresses are not looked up in DHCP leases or the host's ARP table here: ask its agent "
                "(--source agent)");
        return NULL;
    }
    if (!begin(&use, driver, domain, flags, 0, "virDomainInterfaceAddresses", error))
        return NULL;
    return vx_agent_get_interfaces(use.agent, error);
}

/* ---- time ---- */

bool vx_get_time(VxDriver *driver, VxDomainObj *domain, unsigned flags, gint64 *seconds, unsigned *nanoseconds,
                 GError **error)
{
    g_auto(VxAgentUse) use = {0};
    gint64 time_ns;

    if (!begin(&use, driver, domain, flags, 0, "virDomainGetTime", error) ||
        !vx_agent_get_time(use.agent, &time_ns, error))
        return false;
    *seconds = time_ns / NANOSECONDS;
    *nanoseconds = (unsigned)(time_ns % NANOSECONDS);
    return true;
}

bool vx_set_time(VxDriver *driver, VxDomainObj *domain, gint64 seconds, unsigned nanoseconds, unsigned flags,
                 GError **error)
{
    g_auto(VxAgentUse) use = {0};

    if (!(flags & VIR_DOMAIN_TIME_SYNC) &&
        (seconds < 0 || seconds > G_MAXINT64 / NANOSECONDS - 1 || nanoseconds >= NANOSECONDS))
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "a guest's time cannot be %" G_GINT64_FORMAT " seconds and %u nanoseconds", seconds,
                       nanoseconds);
    if (!begin(&use, driver, domain, flags, VIR_DOMAIN_TIME_SYNC, "virDomainSetTime", error))
        return false;
    return flags & VIR_DOMAIN_TIME_SYNC ? vx_agent_set_time_from_rtc(use.agent, error)
                                        : vx_agent_set_time(use.agent, seconds * NANOSECONDS + nanoseconds, error);
}

/* ---- file systems ---- */

bool vx_fsfreeze(VxDriver *driver, VxDomainObj *domain, const char *const *mount_points, unsigned n, unsigned flags,
                 unsigned *n_frozen, GError **error)
{
    g_auto(VxAgentUse) use = {0};

    return begin(&use, driver, domain, flags, 0, "virDomainFSFreeze", error) &&
           vx_agent_freeze(use.agent, mount_points, n, n_frozen, error);
}

bool vx_fsthaw(VxDriver *driver, VxDomainObj *domain, unsigned n_mount_points, unsigned flags, unsigned *n_thawed,
               GError **error)
{
    g_auto(VxAgentUse) use = {0};

    if (n_mount_points)
        return vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "specifying mountpoints is not supported");
    return begin(&use, driver, domain, flags, 0, "virDomainFSThaw", error) && vx_agent_thaw(use.agent, n_thawed, error);
}

bool vx_fstrim(VxDriver *driver, VxDomainObj *domain, const char *mount_point, guint64 minimum_bytes, unsigned flags,
               GError **error)
{
    g_auto(VxAgentUse) use = {0};
    g_autoptr(VxAgentTrim) trim = NULL;

    if (mount_point)
        return vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "Specifying mount point is not supported for now");
    if (!begin(&use, driver, domain, flags, 0, "virDomainFSTrim", error))
        return false;
    trim = vx_agent_trim(use.agent, minimum_bytes, error);
    return trim != NULL;
}

/* ---- users ---- */

bool vx_set_user_password(VxDriver *driver, VxDomainObj *domain, const char *user, const char *password, unsigned flags,
                          GError **error)
{
    g_auto(VxAgentUse) use = {0};

    if (!user || !password)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "a user and a password are needed");
    return begin(&use, driver, domain, flags, VIR_DOMAIN_PASSWORD_ENCRYPTED, "virDomainSetUserPassword", error) &&
           vx_agent_set_password(use.agent, user, password, flags & VIR_DOMAIN_PASSWORD_ENCRYPTED, error);
}

char **vx_get_authorized_keys(VxDriver *driver, VxDomainObj *domain, const char *user, unsigned flags, GError **error)
{
    g_auto(VxAgentUse) use = {0};

    if (!begin(&use, driver, domain, flags, 0, "virDomainAuthorizedSSHKeysGet", error))
        return NULL;
    return vx_agent_get_ssh_keys(use.agent, user, error);
}

#define KEY_FLAGS (VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_APPEND | VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_REMOVE)

bool vx_set_authorized_keys(VxDriver *driver, VxDomainObj *domain, const char *user, const char *const *keys,
                            unsigned n_keys, unsigned flags, GError **error)
{
    g_auto(VxAgentUse) use = {0};
    g_autofree const char **list = g_new0(const char *, n_keys + 1);

    if ((flags & KEY_FLAGS) == KEY_FLAGS)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "keys cannot be added and removed at once");
    if (n_keys == 0 && (flags & KEY_FLAGS))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "there is no key to add or remove");
    if (!begin(&use, driver, domain, flags, KEY_FLAGS, "virDomainAuthorizedSSHKeysSet", error))
        return false;
    for (unsigned i = 0; i < n_keys; i++)
        list[i] = keys[i];
    if (flags & VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_REMOVE)
        return vx_agent_remove_ssh_keys(use.agent, user, list, error);
    return vx_agent_add_ssh_keys(use.agent, user, list, !(flags & VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_APPEND), error);
}
