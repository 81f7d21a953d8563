/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Any text: our parser of xl.cfg must agree with libxlutil; what we print of it must be read back to the same values by
 * both; and the pairs of every string must be those that xl's own way of splitting yields.
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "judge_xlcfg.h"
#include "xlcfg/xlcfg_pairs.h"
#include "xlcfg/xlcfg_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool values_are_equal(const VxXlcfgValue *a, const VxXlcfgValue *b)
{
    if (a->kind != b->kind || a->length != b->length)
        return false;
    if (a->kind == VX_XLCFG_STRING)
        return strcmp(a->string, b->string) == 0 && a->is_quoted == b->is_quoted && a->is_sum == b->is_sum;
    for (guint32 i = 0; i < a->length; i++)
        if (!values_are_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

/* What xl's strtok(), strchr() and trimming make of the item *CURSOR points to; it is then advanced. */
static void check_pair(const VxXlcfgPair *pair, char **cursor)
{
    char *item, *equals;

    if (pair->kind == VX_XLCFG_EMPTY)
        return;
    item = strtok_r(NULL, ",", cursor);
    g_assert_nonnull(item);
    equals = strchr(item, '=');
    g_assert_true((equals != NULL) == (pair->kind == VX_XLCFG_PAIR));
    g_assert_true((equals && !equals[1]) == pair->has_no_value);
    if (equals) {
        *equals++ = '\0';
        while (*equals && isspace((unsigned char)*equals))
            equals++;
        g_assert_true(g_str_has_prefix(equals, pair->value));
        for (equals += strlen(pair->value); *equals; equals++)
            g_assert_true(isspace((unsigned char)*equals));
    }
    while (*item && isspace((unsigned char)*item))
        item++;
    g_assert_true(g_str_has_prefix(item, pair->key));
    for (item += strlen(pair->key); *item; item++)
        g_assert_true(isspace((unsigned char)*item));
}

static void check_pairs(const VxXlcfgValue *value)
{
    VxXlcfgPairs pairs;
    g_autofree char *copy = NULL;
    char *cursor;

    for (guint32 i = 0; value->kind == VX_XLCFG_LIST && i < value->length; i++)
        check_pairs(&value->items[i]);
    if (value->kind == VX_XLCFG_LIST)
        return;
    cursor = copy = g_strdup(value->string);
    vx_xlcfg_pairs_init(&pairs, value, ',');
    while (vx_xlcfg_pairs_next(&pairs))
        check_pair(&pairs.pair, &cursor);
    g_assert_null(strtok_r(NULL, ",", &cursor));
    vx_xlcfg_pairs_clear(&pairs);
}

static void check_printing(const VxXlcfgTree *tree)
{
    g_autoptr(GString) printed = g_string_new(NULL), why = g_string_new(NULL);
    g_autoptr(VxXlcfgTree) again = NULL;
    g_autoptr(VxDiag) diag = NULL;

    for (const VxXlcfgSetting *s = NULL; (s = vx_xlcfg_tree_next(tree, s));)
        vx_xlcfg_print_value(printed, s->key, &s->value);
    if (judge_xlcfg(printed->str, printed->len, why) != JUDGE_BOTH_TAKE)
        g_error("printed as %s: %s", printed->str, why->str);
    diag = vx_diag_new("printed", printed->str, printed->len, VX_DIAG_STRICT);
    again = vx_xlcfg_tree_parse(printed->str, printed->len, diag);
    g_assert_cmpuint(vx_xlcfg_tree_n_settings(tree), ==, vx_xlcfg_tree_n_settings(again));
    for (const VxXlcfgSetting *s = NULL; (s = vx_xlcfg_tree_next(tree, s));)
        g_assert_true(values_are_equal(&s->value, &vx_xlcfg_tree_get(again, s->key)->value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size > 0 ? (const char *)data : "";
    g_autoptr(GString) why = g_string_new(NULL);
    g_autoptr(VxXlcfgTree) tree = NULL;
    g_autoptr(VxDiag) diag = vx_diag_new("text", text, size, 0);

    if (judge_xlcfg(text, size, why) == JUDGE_DISAGREE)
        g_error("%s", why->str);
    tree = vx_xlcfg_tree_parse(text, size, diag);
    if (!tree)
        return 0;
    check_printing(tree);
    for (const VxXlcfgSetting *s = NULL; (s = vx_xlcfg_tree_next(tree, s));)
        check_pairs(&s->value);
    return 0;
}
