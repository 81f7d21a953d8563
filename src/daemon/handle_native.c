/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Domain XML from and to xl.cfg.
 */
#include "daemon/handler.h"

#include "driver/native.h"

VX_HANDLER(CONNECT_DOMAIN_XML_FROM_NATIVE)
{
    ret->domainXml = vx_xml_from_native(request->driver, args->nativeFormat, args->nativeConfig, args->flags, error);
    return ret->domainXml != NULL;
}

VX_HANDLER(CONNECT_DOMAIN_XML_TO_NATIVE)
{
    ret->nativeConfig = vx_xml_to_native(request->driver, args->nativeFormat, args->domainXml, args->flags, error);
    return ret->nativeConfig != NULL;
}
