/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests are saved and restored.
 */
#include "daemon/handler.h"

#include "driver/save.h"
#include "util/vx_error.h"

static bool save(VxRequest *request, const wire_nonnull_domain *dom, const char *to, const char *xml, unsigned flags,
                 GError **error)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, dom, error);

    return domain && vx_save(request->driver, domain, to, xml, flags, error);
}

VX_HANDLER(DOMAIN_SAVE)
{
    return save(request, &args->dom, args->to, NULL, 0, error);
}

VX_HANDLER(DOMAIN_SAVE_FLAGS)
{
    return save(request, &args->dom, args->to, vx_wire_text(args->dxml), args->flags, error);
}

VX_HANDLER(DOMAIN_RESTORE)
{
    return vx_restore(request->driver, args->from, NULL, 0, error);
}

VX_HANDLER(DOMAIN_RESTORE_FLAGS)
{
    return vx_restore(request->driver, args->from, vx_wire_text(args->dxml), args->flags, error);
}

VX_HANDLER(DOMAIN_SAVE_IMAGE_GET_XML_DESC)
{
    ret->xml = vx_save_image_get_xml(args->file, args->flags, error);
    return ret->xml != NULL;
}

VX_HANDLER(DOMAIN_SAVE_IMAGE_DEFINE_XML)
{
    return vx_save_image_define_xml(request->driver, args->file, args->dxml, args->flags, error);
}

/* ---- managed ---- */

VX_HANDLER(DOMAIN_MANAGED_SAVE)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_managed_save(request->driver, domain, args->flags, error);
}

VX_HANDLER(DOMAIN_HAS_MANAGED_SAVE_IMAGE)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);
    bool has;

    if (!domain || !vx_has_managed_save(domain, args->flags, &has, error))
        return false;
    ret->result = has;
    return true;
}

VX_HANDLER(DOMAIN_MANAGED_SAVE_REMOVE)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain && vx_managed_save_remove(request->driver, domain, args->flags, error);
}

VX_HANDLER(DOMAIN_MANAGED_SAVE_GET_XML_DESC)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    ret->xml = domain ? vx_managed_save_get_xml(request->driver, domain, args->flags, error) : NULL;
    return ret->xml != NULL;
}

VX_HANDLER(DOMAIN_MANAGED_SAVE_DEFINE_XML)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    if (domain && !args->dxml)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "there is no XML to define");
    return domain && vx_managed_save_define_xml(request->driver, domain, *args->dxml, args->flags, error);
}
