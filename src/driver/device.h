/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices come, change and go. The persistent definition changes always as a whole; of a running domain what Xen can
 * plug. FLAGS are VIR_DOMAIN_DEVICE_MODIFY_*; XML is one element of <devices>.
 */
#pragma once

#include "driver/driver.h"

/* virDomainAttachDeviceFlags. Fails with VIR_ERR_INVALID_ARG or VIR_ERR_OPERATION_INVALID when there is such a device.
 */
bool vx_attach_device(VxDriver *driver, VxDomainObj *domain, const char *xml, unsigned flags, GError **error);

/* virDomainDetachDeviceFlags, virDomainDetachDeviceAlias: the device is the one that has the same target (a disk), MAC
 * address (an interface), name (a channel), index (a controller), place on the host (a hostdev), alias, or else
 * everything that XML says. Fail with VIR_ERR_DEVICE_MISSING when there is none. */
bool vx_detach_device(VxDriver *driver, VxDomainObj *domain, const char *xml, unsigned flags, GError **error);
bool vx_detach_alias(VxDriver *driver, VxDomainObj *domain, const char *alias, unsigned flags, GError **error);

/* virDomainUpdateDeviceFlags: XML takes the place of the device that is found as above. */
bool vx_update_device(VxDriver *driver, VxDomainObj *domain, const char *xml, unsigned flags, GError **error);
