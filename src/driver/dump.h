/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's memory, written to a file for crash(8) and the like.
 */
#pragma once

#include "driver/driver.h"

/* virDomainCoreDumpWithFormat (VIR_DUMP_*, VIR_DOMAIN_CORE_DUMP_FORMAT_RAW), to PATH, which is absolute. The guest is
 * paused meanwhile unless VIR_DUMP_LIVE is given. Fails with VIR_ERR_OPERATION_INVALID when it is not running. */
bool vx_core_dump(VxDriver *driver, VxDomainObj *domain, const char *path, unsigned format, unsigned flags,
                  GError **error);
