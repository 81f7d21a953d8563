/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/vx_error.h"

G_DEFINE_QUARK(vx-error, vx_error)

bool vx_fail(GError **error, virErrorNumber code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (error)
        *error = g_error_new_valist(VX_ERROR, (int)code, format, arguments);
    va_end(arguments);
    return false;
}

bool vx_fail_errno(GError **error, virErrorNumber code, int errno_value, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return vx_fail(error, code, "%s: %s", message, g_strerror(errno_value));
}
