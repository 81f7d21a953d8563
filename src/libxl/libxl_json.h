/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * libxl's JSON of a domain, as `xl create -n` and `xl list -l` print it, from and to a definition. It needs neither Xen
 * nor <libxl.h>. Any thread.
 */
#pragma once

#include "conf/domain_def.h"
#include "libxl/libxl_host.h"
#include "xlcfg/xlcfg.h"

/* libxl's JSON of DEF, with a final newline. Problems go to DIAG; not to be used when it has errors. The caller frees
 * it. */
char *vx_libxl_json_format(const VxDomainDef *def, const VxXlcfgOptions *options, const VxLibxlHost *host,
                           VxDiag *diag);

/* The definition that libxl's JSON in TEXT describes. It may also be an entry of `xl list -l`, which has it as
 * "config", or a list of one such entry. What is in it and the definition cannot say goes to DIAG (which must be about
 * TEXT) as warnings, each with its path. NULL, or not to be used, when DIAG has errors. The caller frees it. */
VxDomainDef *vx_libxl_json_parse(const char *text, gsize length, VxDiag *diag);
