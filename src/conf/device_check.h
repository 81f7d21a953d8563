/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which screens, graphics cards, sound cards, input devices and ports a guest of Xen can have.
 */
#pragma once

#include "conf/domain_def.h"

/* Reports to DIAG, as SEVERITY and at DEVICE's place, why a guest of DEF cannot have DEVICE, which is one of its
 * devices. Returns whether it can; of kinds that are checked elsewhere, always. */
bool vx_device_check(const VxDomainDef *def, const VxDevice *device, VxSeverity severity, VxDiag *diag);
