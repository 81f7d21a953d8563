/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Lock files of devices, as the Filesystem Hierarchy Standard has them and libvirt writes them for the consoles that it
 * opens: LCK..NAME holds the number of the process.
 * https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch05s09.html
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Locks the device PATH (absolute) by a file in FOLDER. *LOCK_PATH is the file, which the caller removes and frees, or
 * NULL: a process without the right to write there locks nothing. Fails with VIR_ERR_OPERATION_FAILED when another
 * process that lives has locked it, and with VIR_ERR_SYSTEM_ERROR. A lock of this process is one that it forgot before
 * it had its number: the caller keeps account of its own. */
bool vx_device_lock(const char *folder, const char *path, char **lock_path, GError **error);
