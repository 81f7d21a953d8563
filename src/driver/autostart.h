/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Starting the domains that start with the host: once after the host has, not whenever the daemon does. As with
 * libvirt, the file RUN_FOLDER/autostarted says that it has been done; the folder is empty after the host has started.
 */
#pragma once

#include "driver/driver.h"

/* Has them started in the background, a few at a time. The running guests have to be known. */
void vx_autostart_begin(VxDriver *driver);
