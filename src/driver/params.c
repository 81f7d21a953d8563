/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/params.h"

#include <libvirt/libvirt.h>

static void clear_param(gpointer data)
{
    VxParam *param = data;

    g_free(param->name);
    if (param->type == VIR_TYPED_PARAM_STRING)
        g_free(param->s);
}

GArray *vx_params_new(void)
{
    GArray *params = g_array_new(FALSE, FALSE, sizeof(VxParam));

    g_array_set_clear_func(params, clear_param);
    return params;
}

/* Appends PARAM under the name that FORMAT, the last argument of the function around, and what follows it make. */
#define ADD(...)                                                                                                       \
    do {                                                                                                               \
        VxParam param = __VA_ARGS__;                                                                                   \
        va_list arguments;                                                                                             \
                                                                                                                       \
        va_start(arguments, format);                                                                                   \
        param.name = g_strdup_vprintf(format, arguments);                                                              \
        va_end(arguments);                                                                                             \
        g_array_append_val(params, param);                                                                             \
    } while (0)

void vx_params_add_text(GArray *params, const char *value, const char *format, ...)
{
    if (value)
        ADD({.type = VIR_TYPED_PARAM_STRING, .s = g_strdup(value)});
}

void vx_params_add_int(GArray *params, gint32 value, const char *format, ...)
{
    ADD({.type = VIR_TYPED_PARAM_INT, .i = value});
}

void vx_params_add_uint(GArray *params, guint32 value, const char *format, ...)
{
    ADD({.type = VIR_TYPED_PARAM_UINT, .ui = value});
}

void vx_params_add_ullong(GArray *params, guint64 value, const char *format, ...)
{
    ADD({.type = VIR_TYPED_PARAM_ULLONG, .ul = value});
}

void vx_params_add_bool(GArray *params, bool value, const char *format, ...)
{
    ADD({.type = VIR_TYPED_PARAM_BOOLEAN, .b = value});
}
