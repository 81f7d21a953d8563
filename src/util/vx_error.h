/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Errors that leave the program are GErrors of one domain whose codes are libvirt's own (virErrorNumber of
 * <libvirt/virterror.h>), so that the daemon can hand them to a client as they are. The message is a sentence that
 * says what was wrong, where, and what to do instead; it carries no "kind of error:" prefix and no final newline.
 */
#pragma once

#include <glib.h>
#include <libvirt/virterror.h>
#include <stdbool.h>

#define VX_ERROR (vx_error_quark())
GQuark vx_error_quark(void);

/* Sets *ERROR (if ERROR is not NULL) to CODE with a printf-like message. Returns false, to be returned in turn. */
bool vx_fail(GError **error, virErrorNumber code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* The same with ": REASON" of ERRNO_VALUE (an errno) behind the message. */
bool vx_fail_errno(GError **error, virErrorNumber code, int errno_value, const char *format, ...) G_GNUC_PRINTF(4, 5);
