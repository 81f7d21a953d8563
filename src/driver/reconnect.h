/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Finding the guests that there are when the driver begins: those of the status files, whose ends it may have missed,
 * and those of others.
 */
#pragma once

#include "driver/driver.h"

/* Takes the guests of the status files and of Xen. What has to be done about them is done in the background. */
void vx_reconnect(VxDriver *driver);
