/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * libxlutil, xl's own parser, as the judge of ours. For tests and fuzzers.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    JUDGE_BOTH_TAKE,
    JUDGE_BOTH_REFUSE,
    JUDGE_EXCUSED,  /* not a text to compare on: see judge_xlcfg.c */
    JUDGE_DISAGREE, /* the reason is in *why */
} JudgeVerdict;

/* Reads LENGTH bytes of TEXT with both parsers and compares all values, numbers and places. Appends the reason to WHY
 * if they disagree. */
JudgeVerdict judge_xlcfg(const char *text, gsize length, GString *why);

/* What libxlutil reads as the string KEY of TEXT, or (INDEX >= 0) as that item of the list KEY; NULL if it does not
 * take the text or there is none. The caller frees it. */
char *judge_xlcfg_string(const char *text, gsize length, const char *key, int index);
