/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Definitions come, change and go.
 */
#include "daemon/handler.h"

#include <libvirt/libvirt.h>

#include "driver/define.h"
#include "driver/device.h"
#include "driver/metadata.h"
#include "util/vx_error.h"

static bool define(VxRequest *request, const char *xml, unsigned flags, wire_nonnull_domain *dom, GError **error)
{
    g_auto(VxDomainRef) ref = {0};

    if (!vx_define_xml(request->driver, xml, flags, &ref, error))
        return false;
    vx_request_return_ref(request, &ref, dom);
    return true;
}

VX_HANDLER(DOMAIN_DEFINE_XML)
{
    return define(request, args->xml, 0, &ret->dom, error);
}

VX_HANDLER(DOMAIN_DEFINE_XML_FLAGS)
{
    return define(request, args->xml, args->flags, &ret->dom, error);
}

static bool undefine(VxRequest *request, const wire_nonnull_domain *dom, unsigned flags, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    return domain && vx_undefine(request->driver, domain, flags, error);
}

VX_HANDLER(DOMAIN_UNDEFINE)
{
    return undefine(request, &args->dom, 0, error);
}

VX_HANDLER(DOMAIN_UNDEFINE_FLAGS)
{
    return undefine(request, &args->dom, args->flags, error);
}

VX_HANDLER(DOMAIN_SET_AUTOSTART)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_set_autostart(request->driver, domain, args->autostart != 0, error);
}

VX_HANDLER(DOMAIN_RENAME)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    const char *new_name = vx_wire_text(args->new_name);

    if (!domain)
        return false;
    if (!new_name)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "virDomainRename needs a new name");
    return vx_rename(request->driver, domain, new_name, args->flags, error);
}

VX_HANDLER(DOMAIN_SET_METADATA)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_set_metadata(request->driver, domain, args->type, vx_wire_text(args->metadata),
                                     vx_wire_text(args->key), vx_wire_text(args->uri), args->flags, error);
}

/* ---- devices ---- */

typedef bool (*DeviceCall)(VxDriver *driver, VxDomainObj *domain, const char *xml, unsigned flags, GError **error);

static bool change_device(VxRequest *request, const wire_nonnull_domain *dom, DeviceCall call, const char *what,
                          unsigned flags, GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    return domain && call(request->driver, domain, what, flags, error);
}

VX_HANDLER(DOMAIN_ATTACH_DEVICE)
{
    return change_device(request, &args->dom, vx_attach_device, args->xml, VIR_DOMAIN_AFFECT_LIVE, error);
}

VX_HANDLER(DOMAIN_ATTACH_DEVICE_FLAGS)
{
    return change_device(request, &args->dom, vx_attach_device, args->xml, args->flags, error);
}

VX_HANDLER(DOMAIN_DETACH_DEVICE)
{
    return change_device(request, &args->dom, vx_detach_device, args->xml, VIR_DOMAIN_AFFECT_LIVE, error);
}

VX_HANDLER(DOMAIN_DETACH_DEVICE_FLAGS)
{
    return change_device(request, &args->dom, vx_detach_device, args->xml, args->flags, error);
}

VX_HANDLER(DOMAIN_DETACH_DEVICE_ALIAS)
{
    return change_device(request, &args->dom, vx_detach_alias, args->alias, args->flags, error);
}

VX_HANDLER(DOMAIN_UPDATE_DEVICE_FLAGS)
{
    return change_device(request, &args->dom, vx_update_device, args->xml, args->flags, error);
}
