/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What libxl says while it works: kept within bounds, so that an error carries the toolstack's own words. It belongs to
 * one thread at a time.
 */
#pragma once

#include <glib.h>

#define VX_LIBXL_WORDS_MAX_LINES 8
#define VX_LIBXL_WORDS_MAX_BYTES 300 /* of a line */

typedef struct {
    GPtrArray *lines; /* of what went wrong, in the order in which it was said */
} VxLibxlWords;

void vx_libxl_words_init(VxLibxlWords *words);
void vx_libxl_words_clear(VxLibxlWords *words);

/* Forgets what was said. */
void vx_libxl_words_forget(VxLibxlWords *words);

/* Keeps what MESSAGE of libxl says went wrong: without the place in libxl's source and the number of the domain; with
 * the reason of ERRNO_VALUE, unless that is below 1. The same is kept once; what comes after the first lines is what
 * follows from them, and is not kept. */
void vx_libxl_words_add(VxLibxlWords *words, const char *message, int errno_value);

/* All of it in one line, NULL when nothing went wrong. The caller frees it. */
char *vx_libxl_words_join(const VxLibxlWords *words);
