/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How large a disk is, on the host and for the guest.
 */
#pragma once

#include "conf/disk_def.h"
#include "driver/stats.h"

/* Fails with VIR_ERR_OPERATION_UNSUPPORTED when DISK is no file and no block device of this host, and with
 * VIR_ERR_SYSTEM_ERROR when it cannot be opened. Any thread. */
bool vx_measure_disk(const VxDisk *disk, VxBlockInfo *info, GError **error);
