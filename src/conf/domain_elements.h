/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The elements of a domain that have a file of their own and a struct inside VxDomainDef.
 */
#pragma once

#include "conf/field_table.h"

extern const VxElement vx_os_element;       /* of a VxOs */
extern const VxElement vx_features_element; /* of a VxFeatures */
extern const VxElement vx_clock_element;    /* of a VxClock */
