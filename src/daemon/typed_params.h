/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Typed parameters of calls that set some.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "rpc/wire.h"

/* A parameter that a call takes. */
typedef struct {
    const char *field;
    int type;      /* VIR_TYPED_PARAM_* */
    bool is_given; /* found by vx_typed_params_read */
    union {
        guint32 ui;
    };
} VxTypedParam;

/* Fills the values of the N_WANTED parameters of WANTED from the N_PARAMS at PARAMS. Fails with
 * VIR_ERR_ARGUMENT_UNSUPPORTED for one that is not wanted, and with VIR_ERR_INVALID_ARG for one of another type or
 * given twice. */
bool vx_typed_params_read(const wire_typed_param *params, unsigned n_params, VxTypedParam *wanted, unsigned n_wanted,
                          GError **error);

/* Makes PARAM the unsigned int FIELD = VALUE, or the unsigned long long. */
void vx_typed_param_set_uint(wire_typed_param *param, const char *field, guint32 value);
void vx_typed_param_set_ullong(wire_typed_param *param, const char *field, guint64 value);

/* PARAMS (of VxParam, driver/params.h) as they are sent: an array of *N for the result of a call. */
wire_typed_param *vx_typed_params_make(const GArray *params, u_int *n);
