/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Domain XML against the RELAX NG schema, which is made from the same tables as the reader.
 */
#pragma once

#include <glib.h>

#include "util/vx_diag.h"

/* Reports to DIAG (which must be about TEXT) where the schema does not allow the domain XML in TEXT. Any thread. */
void vx_domain_schema_check(const char *text, gsize length, VxDiag *diag);
