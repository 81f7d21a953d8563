/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One command to a device model's monitor, over the socket that libxl gives it (QEMU's docs/interop/qmp-spec). libxl's
 * own call waits for ever for a device model that stands still.
 */
#pragma once

#include <glib.h>

/* What QEMU's monitor for people answers to COMMAND, through the QMP socket at PATH: the caller frees it. QEMU serves
 * one client at a time; others wait their turn. NULL with *ERROR of VIR_ERR_OPERATION_FAILED set when there is no
 * answer within WAIT_MS milliseconds, it is an error, or no QMP. ID is the guest's, for the message. Any thread. */
char *vx_libxl_qmp_ask(const char *path, int id, const char *command, unsigned wait_ms, GError **error);
