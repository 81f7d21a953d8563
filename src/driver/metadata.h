/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Title, description and the data of applications.
 */
#pragma once

#include "driver/driver.h"

/* virDomainGetMetadata: TYPE is VIR_DOMAIN_METADATA_*, URI the namespace of an element. The caller frees it. Fails with
 * VIR_ERR_NO_DOMAIN_METADATA when there is none. */
char *vx_get_metadata(VxDomainObj *domain, int type, const char *uri, unsigned flags, GError **error);

/* virDomainSetMetadata: TEXT NULL removes it; KEY is the prefix of an element. */
bool vx_set_metadata(VxDriver *driver, VxDomainObj *domain, int type, const char *text, const char *key,
                     const char *uri, unsigned flags, GError **error);
