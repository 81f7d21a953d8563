/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Looking up the option table.
 */
#include "xlcfg/xlcfg_options.h"

typedef struct {
    GHashTable *by_key; /* key -> const VxXlOption * */
    GPtrArray *groups;  /* NULL-terminated */
} Index;

static gpointer make_index(gpointer unused)
{
    Index *index = g_new0(Index, 1);

    (void)unused;
    index->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    index->groups = g_ptr_array_new();
    for (unsigned i = 0; i < vx_xl_n_options; i++) {
        const VxXlOption *option = &vx_xl_options[i];

        g_hash_table_insert(index->by_key, (gpointer)option->key, (gpointer)option);
        if (option->group && !g_ptr_array_find(index->groups, option->group, NULL))
            g_ptr_array_add(index->groups, (gpointer)option->group);
    }
    g_ptr_array_add(index->groups, NULL);
    return index;
}

/* Made at first use and never freed: it lives as long as the table it is about. */
static const Index *get_index(void)
{
    static GOnce once = G_ONCE_INIT;

    return g_once(&once, make_index, NULL);
}

const VxXlOption *vx_xl_option_find(const char *key)
{
    return g_hash_table_lookup(get_index()->by_key, key);
}

const char *vx_xl_option_nearest(const char *key)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new();

    for (unsigned i = 0; i < vx_xl_n_options; i++)
        g_ptr_array_add(keys, (gpointer)vx_xl_options[i].key);
    return vx_nearest_text(key, (const char *const *)keys->pdata, keys->len);
}

const VxXlGroup *const *vx_xl_groups(void)
{
    return (const VxXlGroup *const *)get_index()->groups->pdata;
}
