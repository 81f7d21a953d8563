/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A domain XML that rides in its xl.cfg. Any thread.
 */
#pragma once

#include "xlcfg/xlcfg.h"

/* xl reads past keys that it does not know. */
#define VX_XLCFG_KEPT_XML_KEY "virtxl_xml"

/* Appends the line that keeps the domain XML of DEF to OUT, the xl.cfg of DEF. */
void vx_xlcfg_keep_xml(const VxDomainDef *def, GString *out);

/* The definition that XML, found under the key in an xl.cfg that otherwise says DEF, holds; NULL if it is none, or if
 * the xl.cfg has been changed since, so that the two say different things. The caller frees it. */
VxDomainDef *vx_xlcfg_take_kept_xml(const VxDomainDef *def, const char *xml);
