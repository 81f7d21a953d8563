/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Lists of named values of several types, as libvirt's typed parameters are, for calls that answer with such a list.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *name;
    int type; /* VIR_TYPED_PARAM_* */
    union {
        gint32 i;
        guint32 ui;
        gint64 l;
        guint64 ul;
        double d;
        bool b;
        char *s;
    };
} VxParam;

/* An empty list (of VxParam), which clears its elements. Never NULL. */
GArray *vx_params_new(void);

/* Each appends the value named as FORMAT says; a text (copied) that is NULL is left out. */
void vx_params_add_text(GArray *params, const char *value, const char *format, ...) G_GNUC_PRINTF(3, 4);
void vx_params_add_int(GArray *params, gint32 value, const char *format, ...) G_GNUC_PRINTF(3, 4);
void vx_params_add_uint(GArray *params, guint32 value, const char *format, ...) G_GNUC_PRINTF(3, 4);
void vx_params_add_ullong(GArray *params, guint64 value, const char *format, ...) G_GNUC_PRINTF(3, 4);
void vx_params_add_bool(GArray *params, bool value, const char *format, ...) G_GNUC_PRINTF(3, 4);
