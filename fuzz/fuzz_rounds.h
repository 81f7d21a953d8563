/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the fuzz targets of conversions share: a definition is written and read again, and must be the same.
 */
#pragma once

#include <stdbool.h>

#include "conf/domain_def.h"

/* Formats the problems of DIAG in every way, as a terminal would get them. */
void show_problems(VxDiag *diag);

/* DEF -> XML -> a definition that is equal to DEF. */
void round_through_xml(const VxDomainDef *def);

/* DEF -> xl.cfg -> a definition that is equal to DEF, or, if not CAME_FROM_XL, one that stays equal from then on: what
 * only XML can say is lost once. Nothing, if no xl.cfg can be written of it. */
void round_through_xl(const VxDomainDef *def, bool came_from_xl);
