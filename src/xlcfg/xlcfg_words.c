/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_words.h"

#include <string.h>

#include "xlcfg/xlcfg_print.h"

void vx_words_clear(VxWords *words)
{
    g_clear_pointer(&words->words, g_ptr_array_unref);
}

void vx_words_add(VxWords *words, const char *word)
{
    if (!words->words)
        words->words = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(words->words, g_strdup(word));
}

static void read_items(VxWords *words, VxXlReader *reader, const char *key, const VxXlcfgValue *list)
{
    for (guint32 i = 0; i < list->length; i++) {
        const VxXlcfgValue *item = &list->items[i];

        if (item->kind == VX_XLCFG_LIST) {
            vx_xl_report_end_of_list(reader, key, item);
            return;
        }
        vx_xl_check_text(reader, key, item->place, item->string);
        vx_words_add(words, item->string);
    }
}

void vx_words_read(VxWords *words, VxXlReader *reader, const char *key)
{
    const VxXlcfgValue *value = vx_xl_value(reader, key);

    if (!value)
        return;
    words->is_list = value->kind == VX_XLCFG_LIST;
    if (words->is_list)
        read_items(words, reader, key, value);
    else if (vx_xl_value_text(reader, key, value))
        vx_words_add(words, value->string);
}

void vx_words_from_option(VxWords *words, const VxOption *carried)
{
    words->is_list = carried->value == NULL;
    if (carried->value)
        vx_words_add(words, carried->value);
    for (unsigned i = 0; carried->items && i < carried->items->len; i++) {
        const VxOption *item = carried->items->pdata[i];

        if (!item->value) /* a list, where xl ends reading */
            break;
        vx_words_add(words, item->value);
    }
}

bool vx_words_equal(const VxWords *a, const VxWords *b)
{
    unsigned n_a = a->words ? a->words->len : 0, n_b = b->words ? b->words->len : 0;

    for (unsigned i = 0; i < n_a && n_a == n_b; i++) {
        if (strcmp(a->words->pdata[i], b->words->pdata[i]) != 0)
            return false;
    }
    return n_a == n_b && a->is_list == b->is_list;
}

void vx_words_write(VxXlWriter *writer, const char *key, const VxWords *words)
{
    VxXlcfgList list;

    if (!words->words || words->words->len == 0)
        return;
    if (!words->is_list) {
        vx_xl_write_string(writer, key, words->words->pdata[0]);
        return;
    }
    vx_xlcfg_list_begin(&list, writer->out, key);
    for (unsigned i = 0; i < words->words->len; i++)
        vx_xlcfg_list_add_string(&list, words->words->pdata[i]);
    vx_xlcfg_list_end(&list);
}
