/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judge_xlcfg.h"

#include <errno.h>
#include <libxlutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xlcfg/xlcfg_tree.h"

/* Both readings of one text. */
typedef struct {
    const char *text;
    gsize length;
    XLU_Config *theirs;
    VxXlcfgTree *ours;
    GString *why;
} Case;

/* When libxlutil refuses a text, it forgets to free some of what it had read. That is not our leak. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libxlutil\n";
}

G_GNUC_PRINTF(2, 3) static bool differ(const Case *c, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_string_append_vprintf(c->why, format, arguments);
    va_end(arguments);
    return false;
}

/* Texts the two parsers are not compared on:
 * - a string literal that holds a NUL byte: libxlutil ends the process, as its dequoting takes the literal for a C
 *   string and asserts that it ends in a quote;
 * - lists nested deeper than VX_XLCFG_MAX_DEPTH and more than VX_XLCFG_MAX_VALUES values: our bounds, which libxlutil
 * lacks. */
static bool is_excused(const char *text, gsize length)
{
    VxXlcfgScanner scanner;
    VxXlcfgToken token;
    unsigned depth = 0, n_values = 0;

    vx_xlcfg_scanner_init(&scanner, text, length);
    do {
        vx_xlcfg_scan(&scanner, &token);
        if (token.type == VX_XLCFG_TOKEN_WRONG && token.fault == VX_XLCFG_FAULT_NUL)
            return true;
        n_values += token.type == VX_XLCFG_TOKEN_STRING || token.type == VX_XLCFG_TOKEN_NUMBER ||
                    token.type == VX_XLCFG_TOKEN_OPEN;
        if (token.type == VX_XLCFG_TOKEN_OPEN && ++depth > VX_XLCFG_MAX_DEPTH)
            return true;
        if (token.type == VX_XLCFG_TOKEN_CLOSE && depth > 0)
            depth--;
    } while (token.type != VX_XLCFG_TOKEN_END);
    return n_values > VX_XLCFG_MAX_VALUES;
}

/* Each byte of a string stands in the source as itself or as an escape. */
static bool places_are_right(const Case *c, const VxXlcfgValue *value)
{
    for (guint32 i = 0; i < value->length && i < 200; i++) {
        VxPlace place = vx_xlcfg_value_place(value, i);

        if (place == VX_NO_PLACE || place > c->length)
            return differ(c, "byte %u of '%s' has no place", i, value->string);
        if (c->text[place - 1] != value->string[i] && c->text[place - 1] != '\\')
            return differ(c, "byte %u of '%s' is not at %u", i, value->string, place);
    }
    return true;
}

static bool strings_agree(const Case *c, const VxXlcfgValue *ours, const char *theirs)
{
    if (ours->kind != VX_XLCFG_STRING)
        return differ(c, "a list here, the string '%s' there", theirs);
    if (strcmp(ours->string, theirs) != 0)
        return differ(c, "'%s' here, '%s' there", ours->string, theirs);
    if (strlen(ours->string) != ours->length)
        return differ(c, "'%s' is not %u bytes long", ours->string, ours->length);
    return places_are_right(c, ours);
}

static bool lists_agree(const Case *c, const VxXlcfgValue *ours, XLU_ConfigList *theirs);

static bool values_agree(const Case *c, const VxXlcfgValue *ours, XLU_ConfigValue *theirs)
{
    char *string;
    XLU_ConfigList *list;

    if (xlu_cfg_value_type(theirs) == XLU_STRING)
        return xlu_cfg_value_get_string(c->theirs, theirs, &string, 1) == 0 && strings_agree(c, ours, string);
    return xlu_cfg_value_get_list(c->theirs, theirs, &list, 1) == 0 && lists_agree(c, ours, list);
}

static bool lists_agree(const Case *c, const VxXlcfgValue *ours, XLU_ConfigList *theirs)
{
    XLU_ConfigValue *item;
    guint32 i;

    if (ours->kind != VX_XLCFG_LIST)
        return differ(c, "the string '%s' here, a list there", ours->string);
    for (i = 0; (item = xlu_cfg_get_listitem2(theirs, (int)i)); i++) {
        if (i >= ours->length)
            return differ(c, "a list of %u items here, of more there", ours->length);
        if (!values_agree(c, &ours->items[i], item))
            return false;
    }
    return i == ours->length || differ(c, "a list of %u items here, of %u there", ours->length, i);
}

static bool numbers_agree(const Case *c, const VxXlcfgSetting *ours)
{
    static const int codes[] = {
        [VX_XLCFG_NUMBER_GOOD] = 0,
        [VX_XLCFG_NUMBER_IS_LIST] = EINVAL,
        [VX_XLCFG_NUMBER_IS_SUM] = EINVAL,
        [VX_XLCFG_NUMBER_IS_NOT_ONE] = EINVAL,
        [VX_XLCFG_NUMBER_OUT_OF_RANGE] = ERANGE,
    };
    gint64 our_number = 0;
    long their_number = 0;
    int our_code = codes[vx_xlcfg_value_to_int64(&ours->value, G_MINLONG, G_MAXLONG, &our_number)];
    int their_code = xlu_cfg_get_long(c->theirs, ours->key, &their_number, 1);

    if (our_code != their_code || our_number != their_number)
        return differ(c, "'%s' is the number %" G_GINT64_FORMAT " (%d) here, %ld (%d) there", ours->key, our_number,
                      our_code, their_number, their_code);
    return true;
}

static bool settings_agree(const Case *c, const char *key)
{
    const VxXlcfgSetting *ours = vx_xlcfg_tree_get(c->ours, key);
    const char *string;
    XLU_ConfigList *list;
    int list_code = xlu_cfg_get_list(c->theirs, key, &list, NULL, 1);

    if (!ours)
        return list_code == ESRCH || differ(c, "'%s' is only there", key);
    if (list_code == ESRCH)
        return differ(c, "'%s' is only here", key);
    if (list_code == 0 ? !lists_agree(c, &ours->value, list)
                       : xlu_cfg_get_string(c->theirs, key, &string, 1) != 0 || !strings_agree(c, &ours->value, string))
        return differ(c, " for '%s'", key);
    return numbers_agree(c, ours);
}

/* libxlutil cannot list its keys, but each is a word of the text. */
static bool trees_agree(const Case *c)
{
    g_autofree char *copy = g_malloc(c->length + 1);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    unsigned n_settings = 0;
    char *word = copy;

    memcpy(copy, c->text, c->length);
    copy[c->length] = '\0';
    for (char *p = copy; p < copy + c->length; p = word + strlen(word) + 1) {
        word = p + strcspn(p, "abcdefghijklmnopqrstuvwxyz");
        word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789._")] = '\0';
        if (g_hash_table_add(seen, word) && !settings_agree(c, word))
            return false;
    }
    for (const VxXlcfgSetting *s = NULL; (s = vx_xlcfg_tree_next(c->ours, s)); n_settings++)
        if (!settings_agree(c, s->key) || vx_xlcfg_tree_get(c->ours, s->key) != s)
            return differ(c, " ('%s' is not the last of its key)", s->key);
    return n_settings == vx_xlcfg_tree_n_settings(c->ours) || differ(c, "the count of settings is wrong");
}

static JudgeVerdict compare(Case *c, bool they_take_it)
{
    if (they_take_it != (c->ours != NULL)) {
        differ(c, "%s takes it, %s does not", they_take_it ? "libxlutil" : "virtxl",
               they_take_it ? "virtxl" : "libxlutil");
        return JUDGE_DISAGREE;
    }
    if (!they_take_it)
        return JUDGE_BOTH_REFUSE;
    return trees_agree(c) ? JUDGE_BOTH_TAKE : JUDGE_DISAGREE;
}

JudgeVerdict judge_xlcfg(const char *text, gsize length, GString *why)
{
    g_autoptr(VxDiag) diag = vx_diag_new("text", text, length, 0);
    char *words = NULL;
    size_t n_words = 0;
    FILE *report;
    Case c = {.text = text, .length = length, .why = why};
    JudgeVerdict verdict;

    if (is_excused(text, length))
        return JUDGE_EXCUSED;
    report = open_memstream(&words, &n_words);
    c.theirs = xlu_cfg_init(report, "text");
    c.ours = vx_xlcfg_tree_parse(text, length, diag);
    verdict = compare(&c, xlu_cfg_readdata(c.theirs, text, (int)length) == 0);
    if ((c.ours == NULL) != (vx_diag_n_errors(diag) > 0)) {
        differ(&c, "a tree and errors, or neither");
        verdict = JUDGE_DISAGREE;
    }
    vx_xlcfg_tree_free(c.ours);
    xlu_cfg_destroy(c.theirs);
    fclose(report);
    if (verdict == JUDGE_DISAGREE) {
        g_string_append_printf(why, "\nlibxlutil: %s\nvirtxl: ", words);
        vx_diag_format(diag, 0, why);
    }
    free(words);
    return verdict;
}

char *judge_xlcfg_string(const char *text, gsize length, const char *key, int index)
{
    char *words = NULL, *result = NULL;
    size_t n_words = 0;
    FILE *report = open_memstream(&words, &n_words);
    XLU_Config *config = xlu_cfg_init(report, "text");
    const char *string;
    XLU_ConfigList *list;

    if (xlu_cfg_readdata(config, text, (int)length) == 0) {
        if (index < 0 && xlu_cfg_get_string(config, key, &string, 1) == 0)
            result = g_strdup(string);
        else if (index >= 0 && xlu_cfg_get_list(config, key, &list, NULL, 1) == 0)
            result = g_strdup(xlu_cfg_get_listitem(list, index));
    }
    xlu_cfg_destroy(config);
    fclose(report);
    free(words);
    return result;
}
