/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Strings such as "vnc=1, keymap=de" of the options whose pieces xl cuts with strtok(3) and looks at as they are: only
 * blanks before a piece are passed over, and what stands round the '=' counts (vfb, vkb, vdispl, vsnd). Options that
 * are read with more care go by xlcfg_pairs.h.
 */
#pragma once

#include "xlcfg/xlcfg_tree.h"

typedef struct {
    const char *key;   /* up to the '='; all of a piece without one */
    const char *value; /* behind the '='; NULL if there is none */
    VxPlace place, value_place;
    /* private */
    const VxXlcfgValue *source;
    char *text, *next;
} VxPieces;

/* Begins with the string SOURCE, which must outlive PIECES. */
void vx_pieces_init(VxPieces *pieces, const VxXlcfgValue *source);
/* Moves to the next piece; false if there is none. */
bool vx_pieces_next(VxPieces *pieces);
void vx_pieces_clear(VxPieces *pieces);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxPieces, vx_pieces_clear)
