/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The device model's monitor: character devices that it makes and gives up while it runs. Of it we use QEMU's monitor
 * for people, whose commands answer with nothing when they succeed (QEMU's hmp-commands.hx).
 */
#pragma once

#include "libxl/libxl_session.h"

/* Whether guest ID has a device model of its own. */
bool vx_libxl_has_device_model(VxLibxlSession *session, int id);

/* Whether guest ID's device model answers. It fails with VIR_ERR_OPERATION_FAILED when it does not within ten seconds.
 */
bool vx_libxl_monitor_answers(int id, GError **error);

/* Makes the character device CHARDEV, a socket PATH that listens. Fails with VIR_ERR_OPERATION_FAILED and the words of
 * QEMU, and with VIR_ERR_INVALID_ARG when PATH has characters that the monitor cannot be told. */
bool vx_libxl_monitor_add_socket(int id, const char *chardev, const char *path, GError **error);

/* Removes CHARDEV, once the device that has it has let it go (for which it waits some seconds). It is no failure when
 * there is none. */
bool vx_libxl_monitor_remove(int id, const char *chardev, GError **error);

/* TEXT as a word of the monitor's language: in quotes. The caller frees it. */
char *vx_libxl_monitor_quote(const char *text);
