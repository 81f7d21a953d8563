/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the programs that libxl runs for a guest have written to their logs: of their failure, libxl knows only that.
 */
#pragma once

#include <glib.h>

/* When *ERROR (NULL is allowed) is about the device model or the boot loader of the guest NAME: puts the last line of
 * its log behind. */
void vx_libxl_add_log_words(const char *name, GError **error);
