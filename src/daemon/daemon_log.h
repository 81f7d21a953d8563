/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Where messages of g_log (g_warning, g_info, g_log_structured, ...) go: to the journal with their fields when standard
 * error is connected to it, else to standard error, a line each with the time.
 */
#pragma once

#include "daemon/daemon_config.h"

/* Sends all messages of the process there; those less important than LEVEL are dropped. Once, at the start. */
void vx_daemon_log_start(VxLogLevel level);

/* Whether messages of LEVEL are shown: GLib makes the text of one before it is dropped. Any thread. */
bool vx_daemon_log_shows(VxLogLevel level);

/* Changes the level. Any thread. */
void vx_daemon_log_set_level(VxLogLevel level);
