/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a guest's agent is asked for.
 */
#include "daemon/handler.h"

#include <libvirt/libvirt.h>

#include "daemon/typed_params.h"
#include "driver/agent_calls.h"
#include "util/vx_error.h"

VX_HANDLER(DOMAIN_AGENT_COMMAND)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    char *answer =
        domain ? vx_qemu_agent_command(request->driver, domain, args->cmd, args->timeout, args->flags, error) : NULL;

    if (!answer)
        return false;
    ret->result = g_new(char *, 1);
    *ret->result = answer;
    return true;
}

VX_HANDLER(DOMAIN_AGENT_SET_RESPONSE_TIMEOUT)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_agent_set_response_timeout(request->driver, domain, args->timeout, args->flags, error);
}

VX_HANDLER(DOMAIN_GET_HOSTNAME)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    ret->hostname = domain ? vx_get_guest_hostname(request->driver, domain, args->flags, error) : NULL;
    return ret->hostname != NULL;
}

/* ---- interfaces ---- */

/* Address families that libvirt does not know are left out. */
static void set_addresses(wire_domain_interface *to, const GPtrArray *addresses)
{
    to->addrs.addrs_val = g_new0(wire_domain_ip_addr, MAX(addresses->len, 1));
    for (guint i = 0; i < addresses->len; i++) {
        const VxAgentAddress *from = addresses->pdata[i];
        bool is_ipv6 = g_str_equal(from->type, "ipv6");

        if (!is_ipv6 && !g_str_equal(from->type, "ipv4"))
            continue;
        to->addrs.addrs_val[to->addrs.addrs_len++] =
            (wire_domain_ip_addr){.type = is_ipv6 ? VIR_IP_ADDR_TYPE_IPV6 : VIR_IP_ADDR_TYPE_IPV4,
                                  .addr = g_strdup(from->address),
                                  .prefix = (u_int)MAX(from->prefix, 0)};
    }
}

/* An optional text, copied. */
static wire_string copy_text(const char *text)
{
    wire_string copy = text ? g_new(char *, 1) : NULL;

    if (copy)
        *copy = g_strdup(text);
    return copy;
}

VX_HANDLER(DOMAIN_INTERFACE_ADDRESSES)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    g_autoptr(GPtrArray) interfaces =
        domain ? vx_get_interface_addresses(request->driver, domain, args->source, args->flags, error) : NULL;

    if (!interfaces)
        return false;
    ret->ifaces.ifaces_len = interfaces->len;
    ret->ifaces.ifaces_val = g_new0(wire_domain_interface, MAX(interfaces->len, 1));
    for (guint i = 0; i < interfaces->len; i++) {
        const VxAgentInterface *from = interfaces->pdata[i];
        wire_domain_interface *to = &ret->ifaces.ifaces_val[i];

        to->name = g_strdup(from->name);
        to->hwaddr = copy_text(from->hardware_address);
        set_addresses(to, from->addresses);
    }
    return true;
}

/* ---- time ---- */

VX_HANDLER(DOMAIN_GET_TIME)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    gint64 seconds;

    if (!domain || !vx_get_time(request->driver, domain, args->flags, &seconds, &ret->nseconds, error))
        return false;
    ret->seconds = seconds;
    return true;
}

VX_HANDLER(DOMAIN_SET_TIME)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_set_time(request->driver, domain, args->seconds, args->nseconds, args->flags, error);
}

/* ---- file systems ---- */

static void set_filesystem(wire_domain_fsinfo *to, const VxGuestFilesystem *from)
{
    to->mountpoint = g_strdup(from->told->mount_point);
    to->name = g_strdup(from->told->name);
    to->fstype = g_strdup(from->told->type);
    to->dev_aliases.dev_aliases_len = from->aliases->len;
    to->dev_aliases.dev_aliases_val = g_new0(char *, MAX(from->aliases->len, 1));
    for (guint i = 0; i < from->aliases->len; i++)
        to->dev_aliases.dev_aliases_val[i] = g_strdup(from->aliases->pdata[i]);
}

VX_HANDLER(DOMAIN_GET_FSINFO)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    g_autoptr(GPtrArray) filesystems = domain ? vx_get_fsinfo(request->driver, domain, args->flags, error) : NULL;

    if (!filesystems)
        return false;
    ret->ret = ret->info.info_len = filesystems->len;
    ret->info.info_val = g_new0(wire_domain_fsinfo, MAX(filesystems->len, 1));
    for (guint i = 0; i < filesystems->len; i++)
        set_filesystem(&ret->info.info_val[i], filesystems->pdata[i]);
    return true;
}

VX_HANDLER(DOMAIN_FSFREEZE)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    unsigned n;

    if (!domain || !vx_fsfreeze(request->driver, domain, (const char *const *)args->mountpoints.mountpoints_val,
                                args->mountpoints.mountpoints_len, args->flags, &n, error))
        return false;
    ret->filesystems = (int)n;
    return true;
}

VX_HANDLER(DOMAIN_FSTHAW)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    unsigned n;

    if (!domain || !vx_fsthaw(request->driver, domain, args->mountpoints.mountpoints_len, args->flags, &n, error))
        return false;
    ret->filesystems = (int)n;
    return true;
}

VX_HANDLER(DOMAIN_FSTRIM)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain &&
           vx_fstrim(request->driver, domain, vx_wire_text(args->mountPoint), args->minimum, args->flags, error);
}

/* ---- users ---- */

VX_HANDLER(DOMAIN_SET_USER_PASSWORD)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_set_user_password(request->driver, domain, vx_wire_text(args->user),
                                          vx_wire_text(args->password), args->flags, error);
}

VX_HANDLER(DOMAIN_AUTHORIZED_SSH_KEYS_GET)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    char **keys = domain ? vx_get_authorized_keys(request->driver, domain, args->user, args->flags, error) : NULL;

    if (!keys)
        return false;
    ret->keys.keys_len = g_strv_length(keys);
    ret->keys.keys_val = keys;
    return true;
}

VX_HANDLER(DOMAIN_AUTHORIZED_SSH_KEYS_SET)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain &&
           vx_set_authorized_keys(request->driver, domain, args->user, (const char *const *)args->keys.keys_val,
                                  args->keys.keys_len, args->flags, error);
}

/* ---- what else it tells ---- */

VX_HANDLER(DOMAIN_GET_GUEST_INFO)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    g_autoptr(GArray) params =
        domain ? vx_get_guest_info(request->driver, domain, args->types, args->flags, error) : NULL;

    if (!params)
        return false;
    ret->params.params_val = vx_typed_params_make(params, &ret->params.params_len);
    return true;
}

VX_HANDLER(DOMAIN_GET_GUEST_VCPUS)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    g_autoptr(GArray) params = domain ? vx_get_guest_vcpus(request->driver, domain, args->flags, error) : NULL;

    if (!params)
        return false;
    ret->params.params_val = vx_typed_params_make(params, &ret->params.params_len);
    return true;
}

VX_HANDLER(DOMAIN_SET_GUEST_VCPUS)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_set_guest_vcpus(request->driver, domain, args->cpumap, args->state, args->flags, error);
}
