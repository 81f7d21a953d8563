/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_pairs.h"

#include <string.h>

/* isspace() of the C locale, which g_ascii_isspace() is not: it lacks \v. */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void vx_xlcfg_pairs_init(VxXlcfgPairs *pairs, const VxXlcfgValue *value, char separator)
{
    *pairs = (VxXlcfgPairs){.source = value, .separator = separator};
    if (value->kind == VX_XLCFG_STRING && value->length > 0)
        pairs->text = g_memdup2(value->string, (gsize)value->length + 1);
}

void vx_xlcfg_pairs_init_keeping_blanks(VxXlcfgPairs *pairs, const VxXlcfgValue *value, char separator)
{
    vx_xlcfg_pairs_init(pairs, value, separator);
    pairs->keeps_blanks = true;
}

void vx_xlcfg_pairs_init_keeping_blanks_of_values(VxXlcfgPairs *pairs, const VxXlcfgValue *value, char separator)
{
    vx_xlcfg_pairs_init(pairs, value, separator);
    pairs->keeps_blanks_of_values = true;
}

void vx_xlcfg_pairs_clear(VxXlcfgPairs *pairs)
{
    g_clear_pointer(&pairs->text, g_free);
}

static VxPlace place_of(const VxXlcfgPairs *pairs, const char *text)
{
    return vx_xlcfg_value_place(pairs->source, (gsize)(text - pairs->text));
}

/* Takes the blanks off what stands from START up to END. Of blanks only, nothing is left, at its end. */
static const char *trim(char *start, char *end)
{
    while (start < end && is_blank(*start))
        start++;
    while (end > start && is_blank(end[-1]))
        end--;
    *end = '\0';
    return start;
}

/* What stands from START up to END without the blanks that do not count. */
static const char *trim_as_told(bool keeps_blanks, char *start, char *end)
{
    if (!keeps_blanks)
        return trim(start, end);
    *end = '\0';
    return start;
}

bool vx_xlcfg_pairs_next(VxXlcfgPairs *pairs)
{
    VxXlcfgPair *pair = &pairs->pair;
    char *item, *start, *end, *equals;

    if (!pairs->text || pairs->next > pairs->source->length)
        return false;
    item = start = pairs->text + pairs->next;
    end = strchrnul(start, pairs->separator);
    pairs->next = (guint32)(end - pairs->text) + 1;
    *end = '\0';
    if (pairs->keeps_blanks && *start)
        start += strspn(start, " ");
    equals = strchr(start, '=');
    pair->has_no_key = equals == start;
    pair->has_no_value = equals && equals[1] == '\0';
    pair->end_place = place_of(pairs, end);
    pair->key = trim_as_told(pairs->keeps_blanks, start, equals ? equals : end);
    pair->key_place = pair->value_place = place_of(pairs, pair->key);
    pair->value = equals ? trim_as_told(pairs->keeps_blanks || pairs->keeps_blanks_of_values, equals + 1, end) : NULL;
    if (pair->value)
        pair->value_place = place_of(pairs, pair->value);
    pair->kind = equals ? VX_XLCFG_PAIR : *pair->key ? VX_XLCFG_WORD : (item == end ? VX_XLCFG_EMPTY : VX_XLCFG_BLANK);
    return true;
}

bool vx_xlcfg_pairs_can_say(const char *text)
{
    gsize length = strlen(text);

    return length > 0 && !strchr(text, ',') && !is_blank(text[0]) && !is_blank(text[length - 1]);
}

void vx_xlcfg_pairs_add(GString *out, const char *key, const char *value)
{
    if (!value)
        return;
    if (out->len > 0)
        g_string_append_c(out, ',');
    g_string_append(out, key);
    g_string_append_c(out, '=');
    g_string_append(out, value);
}

void vx_xlcfg_pairs_add_int(GString *out, const char *key, gint64 value)
{
    char digits[24];

    g_snprintf(digits, sizeof(digits), "%" G_GINT64_FORMAT, value);
    vx_xlcfg_pairs_add(out, key, digits);
}
