/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Domain XML <-> definition. Any thread.
 */
#pragma once

#include "conf/domain_def.h"

/* Reads the domain XML in TEXT. Problems go to DIAG (which must be about TEXT); what no guest can be made from, too.
 * The result is NULL when the text is no domain XML at all, and not to be used when DIAG has errors. */
VxDomainDef *vx_domain_def_parse(const char *text, gsize length, VxReadFlags flags, VxDiag *diag);

/* The device that TEXT, one element of <devices>, says. Problems go to DIAG. The caller frees it with vx_device_free.
 * NULL when there is no such device, and not to be used when DIAG has errors. */
VxDevice *vx_device_parse(const char *text, gsize length, VxReadFlags flags, VxDiag *diag);

/* The XML of DEVICE, not indented. The caller frees it. */
char *vx_device_format(const VxDevice *device, VxWriteFlags flags);

/* The domain XML of DEF. The caller frees it. */
char *vx_domain_def_format(const VxDomainDef *def, VxWriteFlags flags, gsize *length);
/* The same; *HAS_SECRETS says whether DEF has what is written with VX_WRITE_SECRETS only. */
char *vx_domain_def_format_whole(const VxDomainDef *def, VxWriteFlags flags, gsize *length, bool *has_secrets);
