/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whether the device model serves the disks that it is to serve. What it cannot open, it complains of in its log, and
 * serves the others: libxl does not look, and the guest misses a disk.
 */
#pragma once

#include <stdbool.h>
#include <xenstore.h>

#include <glib.h>

/* Fails with VIR_ERR_OPERATION_FAILED when guest ID has a disk that its device model, which runs by now, has not taken
 * up within WAIT_MS; the error names it. */
bool vx_libxl_check_disks(struct xs_handle *store, int id, unsigned wait_ms, GError **error);
#define VX_DISK_WAIT_MS 5000
