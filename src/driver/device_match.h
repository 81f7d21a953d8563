/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which device of a definition a client means.
 */
#pragma once

#include "driver/driver.h"

/* The position in DEF.devices of the one that DEVICE means; -1 with *ERROR set: VIR_ERR_DEVICE_MISSING when there is
 * none, VIR_ERR_OPERATION_FAILED when there are several. */
int vx_device_find(const VxDomainDef *def, const VxDevice *device, GError **error);

/* Whether DEVICE cannot be added to DEF because something has its place: fails with the code that libvirt has for it.
 */
bool vx_device_check_room(const VxDomainDef *def, const VxDevice *device, GError **error);
