/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What takes the whole definition to judge: whether a guest can be made from it.
 */
#pragma once

#include "conf/domain_def.h"

/* Reports to DIAG what is wrong with DEF, and (as VX_UNFIT) what no guest could be made from. Places are those of the
 * source that DEF was read from. */
void vx_domain_def_validate(const VxDomainDef *def, VxDiag *diag);
