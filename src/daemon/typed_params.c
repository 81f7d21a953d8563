/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/typed_params.h"

#include <libvirt/libvirt.h>

#include "driver/params.h"
#include "util/vx_error.h"

static VxTypedParam *find(VxTypedParam *wanted, unsigned n_wanted, const char *field)
{
    for (unsigned i = 0; i < n_wanted; i++)
        if (g_str_equal(wanted[i].field, field))
            return &wanted[i];
    return NULL;
}

static bool read_one(const wire_typed_param *param, VxTypedParam *wanted, GError **error)
{
    if (wanted->is_given)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "parameter '%s' is given twice", param->field);
    if (param->value.type != wanted->type)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "parameter '%s' is of type %d, not %d", param->field, wanted->type,
                       param->value.type);
    wanted->is_given = true;
    wanted->ui = param->value.wire_typed_param_value_u.ui;
    return true;
}

bool vx_typed_params_read(const wire_typed_param *params, unsigned n_params, VxTypedParam *wanted, unsigned n_wanted,
                          GError **error)
{
    for (unsigned i = 0; i < n_params; i++) {
        VxTypedParam *known = find(wanted, n_wanted, params[i].field);

        if (!known)
            return vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "parameter '%s' is not one that can be set here",
                           params[i].field);
        if (!read_one(&params[i], known, error))
            return false;
    }
    return true;
}

void vx_typed_param_set_uint(wire_typed_param *param, const char *field, guint32 value)
{
    param->field = g_strdup(field);
    param->value.type = VIR_TYPED_PARAM_UINT;
    param->value.wire_typed_param_value_u.ui = value;
}

void vx_typed_param_set_ullong(wire_typed_param *param, const char *field, guint64 value)
{
    param->field = g_strdup(field);
    param->value.type = VIR_TYPED_PARAM_ULLONG;
    param->value.wire_typed_param_value_u.ul = value;
}

static void set_param(wire_typed_param *to, const VxParam *from)
{
    to->field = g_strdup(from->name);
    to->value.type = from->type;
    switch (from->type) {
    case VIR_TYPED_PARAM_INT:
        to->value.wire_typed_param_value_u.i = from->i;
        break;
    case VIR_TYPED_PARAM_UINT:
        to->value.wire_typed_param_value_u.ui = from->ui;
        break;
    case VIR_TYPED_PARAM_LLONG:
        to->value.wire_typed_param_value_u.l = from->l;
        break;
    case VIR_TYPED_PARAM_ULLONG:
        to->value.wire_typed_param_value_u.ul = from->ul;
        break;
    case VIR_TYPED_PARAM_DOUBLE:
        to->value.wire_typed_param_value_u.d = from->d;
        break;
    case VIR_TYPED_PARAM_BOOLEAN:
        to->value.wire_typed_param_value_u.b = from->b;
        break;
    case VIR_TYPED_PARAM_STRING:
        to->value.wire_typed_param_value_u.s = g_strdup(from->s);
        break;
    default:
        g_assert_not_reached();
    }
}

wire_typed_param *vx_typed_params_make(const GArray *params, u_int *n)
{
    wire_typed_param *made = g_new0(wire_typed_param, MAX(params->len, 1));

    *n = params->len;
    for (guint i = 0; i < params->len; i++)
        set_param(&made[i], &g_array_index(params, VxParam, i));
    return made;
}
