/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conf/field_table.h"

/* VX_SPECIAL: an element that is kept word for word, as a char *. */
extern const VxCustom vx_verbatim;
