/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/vx_enum.h"

#include <string.h>

int vx_enum_from_text(const VxEnum *table, const char *text)
{
    for (unsigned i = 0; i < table->n_texts; i++) {
        if (strcmp(table->texts[i], text) == 0)
            return (int)i + 1;
    }
    return 0;
}

const char *vx_enum_to_text(const VxEnum *table, int value)
{
    if (value < 1 || (unsigned)value > table->n_texts)
        return NULL;
    return table->texts[value - 1];
}

char *vx_enum_list_texts(const VxEnum *table)
{
    GString *list = g_string_new(NULL);

    for (unsigned i = 0; i < table->n_texts; i++) {
        if (i > 0)
            g_string_append(list, i + 1 == table->n_texts ? " or " : ", ");
        g_string_append(list, table->texts[i]);
    }
    return g_string_free(list, FALSE);
}

/* Words longer than this are never compared: no name of ours comes near. */
#define MAX_WORD_LENGTH 63

/* Levenshtein's distance of two words of at most MAX_WORD_LENGTH bytes. */
static unsigned edit_distance(const char *a, gsize a_length, const char *b, gsize b_length)
{
    unsigned row[MAX_WORD_LENGTH + 1];

    for (gsize j = 0; j <= b_length; j++)
        row[j] = (unsigned)j;
    for (gsize i = 1; i <= a_length; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i;
        for (gsize j = 1; j <= b_length; j++) {
            unsigned substituted = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = MIN(substituted, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_length];
}

const char *vx_nearest_text(const char *word, const char *const *candidates, unsigned n_candidates)
{
    gsize length = strlen(word);
    const char *best = NULL;
    unsigned best_distance = length < 4 ? 2 : (unsigned)MIN(length / 3 + 2, 5); /* one more than is near enough */

    if (length == 0 || length > MAX_WORD_LENGTH)
        return NULL;
    for (unsigned i = 0; i < n_candidates; i++) {
        gsize candidate_length;
        unsigned distance;

        if (!candidates[i])
            continue;
        candidate_length = strlen(candidates[i]);
        if (candidate_length > MAX_WORD_LENGTH)
            continue;
        distance = edit_distance(word, length, candidates[i], candidate_length);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidates[i];
        }
    }
    return best;
}
