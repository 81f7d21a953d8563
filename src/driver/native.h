/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Domain XML from and to what xl reads. Nothing is defined.
 */
#pragma once

#include "driver/driver.h"

/* virConnectDomainXMLFromNative, virConnectDomainXMLToNative: FORMAT is "xen-xl", or "xen-xm", the dialect of
 * its ancestor (VX_XLCFG_XM). The caller frees the result. NULL with *ERROR set: VIR_ERR_INVALID_ARG for another format,
 * VIR_ERR_CONF_SYNTAX for an xl.cfg that cannot be read, and as vx_complete_xml. */
char *vx_xml_from_native(VxDriver *driver, const char *format, const char *config, unsigned flags, GError **error);
char *vx_xml_to_native(VxDriver *driver, const char *format, const char *xml, unsigned flags, GError **error);
