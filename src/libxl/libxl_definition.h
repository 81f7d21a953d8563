/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From libxl's JSON of a domain, as a tree, to its definition. Any thread.
 */
#pragma once

#include "conf/domain_def.h"
#include "util/vx_json.h"

/* The definition that ROOT (the object with c_info and b_info) describes, completed with libvirt's defaults. Problems
 * go to DIAG. NULL, or not to be used, when it has errors. The caller frees it. */
VxDomainDef *vx_libxl_definition_from_json(json_object *root, VxDiag *diag);
