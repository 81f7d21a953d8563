/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Writes "key = value" lines of an xl.cfg, which xl reads back to the same values.
 *
 * A string can hold every byte but NUL: the line break, which cannot stand in a literal, has an escape, and so have
 * quotes and the backslash. (A list of strings that xl cuts further has rules of its own: vx_xlcfg_pairs_can_say.)
 * Any thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "xlcfg/xlcfg_tree.h"

/* Whether KEY can be the name of an option: a small letter, then small letters, digits, '_' and '.'. */
bool vx_xlcfg_is_key(const char *key);

/* Appends the line KEY = "VALUE" to OUT. KEY must be one (vx_xlcfg_is_key), here and below. */
void vx_xlcfg_print_string(GString *out, const char *key, const char *value);

/* Appends the line KEY = VALUE to OUT; a negative number goes in quotes, as xl knows no other. */
void vx_xlcfg_print_int(GString *out, const char *key, gint64 value);

/* Appends the line or lines that give KEY the value VALUE, with quotes where VALUE had them. A string that was a sum is
 * written with +=, as xl would take it for a number otherwise. */
void vx_xlcfg_print_value(GString *out, const char *key, const VxXlcfgValue *value);

/* A list that is being written. Items stand one a line, unless all of it fits a short line. */
typedef struct {
    GString *out;
    gsize start;      /* of the first item in OUT */
    unsigned depth;   /* how many lists inside the list are open */
    unsigned n_items; /* of the list itself */
    bool needs_comma; /* there is an item before the next one in the innermost list */
} VxXlcfgList;

/* Begins the list KEY = [ ... ]. Until vx_xlcfg_list_end() nothing else may be appended to OUT. */
void vx_xlcfg_list_begin(VxXlcfgList *list, GString *out, const char *key);
void vx_xlcfg_list_add_string(VxXlcfgList *list, const char *value);
void vx_xlcfg_list_add_int(VxXlcfgList *list, gint64 value);
void vx_xlcfg_list_add_value(VxXlcfgList *list, const VxXlcfgValue *value);
/* An item that is itself a list: what is added up to the close goes into it. */
void vx_xlcfg_list_open(VxXlcfgList *list);
void vx_xlcfg_list_close(VxXlcfgList *list);
void vx_xlcfg_list_end(VxXlcfgList *list);
