/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_pieces.h"

#include <string.h>

void vx_pieces_init(VxPieces *pieces, const VxXlcfgValue *source)
{
    *pieces = (VxPieces){.source = source, .text = g_strdup(source->string)};
    pieces->next = pieces->text;
}

bool vx_pieces_next(VxPieces *pieces)
{
    char *piece = pieces->next + strspn(pieces->next, ",");
    gsize length = strcspn(piece, ",");
    char *equals;

    if (!*piece)
        return false;
    pieces->next = piece + length + (piece[length] == ',');
    piece[length] = '\0';
    piece += strspn(piece, " ");
    equals = strchr(piece, '=');
    pieces->place = vx_xlcfg_value_place(pieces->source, (gsize)(piece - pieces->text));
    pieces->value_place = pieces->place;
    pieces->key = piece;
    pieces->value = NULL;
    if (!equals)
        return true;
    *equals = '\0';
    pieces->value = equals + 1;
    pieces->value_place = vx_xlcfg_value_place(pieces->source, (gsize)(equals + 1 - pieces->text));
    return true;
}

void vx_pieces_clear(VxPieces *pieces)
{
    g_clear_pointer(&pieces->text, g_free);
}
