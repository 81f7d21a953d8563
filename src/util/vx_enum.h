/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Enumerations that have a text form. Each is one X-macro list of (IDENTIFIER, "text"); the C enum and the table of
 * texts are made from it, so that a reader and a writer cannot disagree. Value 0 of every such enum is "not given".
 *
 *   #define VX_CHR_TYPES(X) X(VX_CHR_TYPE_PTY, "pty") X(VX_CHR_TYPE_UNIX, "unix")
 *   typedef enum { VX_CHR_TYPE_NOT_GIVEN, VX_CHR_TYPES(VX_ENUM_ID) } VxChrType;
 *   VX_ENUM_DECLARE(vx_chr_types);                         in the header
 *   VX_ENUM_DEFINE(vx_chr_types, VX_CHR_TYPES);            in the .c file
 */
#pragma once

#include <glib.h>

typedef struct {
    unsigned n_texts;
    const char *const *texts; /* texts[i] is the text of value i + 1 */
} VxEnum;

#define VX_ENUM_ID(id, text) id,
#define VX_ENUM_TEXT(id, text) text,

#define VX_ENUM_DECLARE(table) extern const VxEnum table
#define VX_ENUM_DEFINE(table, LIST)                                                                                    \
    static const char *const table##_texts[] = {LIST(VX_ENUM_TEXT)};                                                   \
    const VxEnum table = {G_N_ELEMENTS(table##_texts), table##_texts}

/* The value whose text is TEXT, 0 if there is none. Any thread. */
int vx_enum_from_text(const VxEnum *table, const char *text);

/* The text of VALUE, NULL for 0 and for a value outside the table. Any thread. */
const char *vx_enum_to_text(const VxEnum *table, int value);

/* All texts as "a, b or c", for messages. The caller frees it. Any thread. */
char *vx_enum_list_texts(const VxEnum *table);

/* The candidate nearest in spelling to WORD, NULL if none is near enough for a "did you mean". CANDIDATES is an array
 * of N_CANDIDATES texts, of which NULLs are passed over. The result is one of them. Any thread. */
const char *vx_nearest_text(const char *word, const char *const *candidates, unsigned n_candidates);
