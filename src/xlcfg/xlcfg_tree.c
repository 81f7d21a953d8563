/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_tree.h"

#include <string.h>

#include "xlcfg/xlcfg_tree_private.h"

struct VxXlcfgBlock {
    VxXlcfgBlock *next;
};

#define NODE_ALIGNMENT _Alignof(void *)
#define MIN_TABLE_SIZE 64
/* Measured on real files: names, strings and nodes together take four to five times the text. */
#define FIRST_BLOCK_BYTES(length) (1024 + 6 * (length))
#define MAX_FIRST_BLOCK ((gsize)64 * 1024)
#define MAX_BLOCK ((gsize)1024 * 1024)

VxXlcfgTree *vx_xlcfg_tree_new(gsize length)
{
    gsize first = MIN(FIRST_BLOCK_BYTES(MIN(length, MAX_FIRST_BLOCK)), MAX_FIRST_BLOCK) & ~(NODE_ALIGNMENT - 1);
    VxXlcfgTree *tree = g_malloc(sizeof(*tree) + first);

    *tree = (VxXlcfgTree){.low = (char *)(tree + 1), .block_size = 2 * first, .table_mask = MIN_TABLE_SIZE - 1};
    tree->high = tree->low + first;
    tree->end = &tree->first;
    tree->table = vx_xlcfg_tree_take_node(tree, MIN_TABLE_SIZE * sizeof(*tree->table));
    memset(tree->table, 0, MIN_TABLE_SIZE * sizeof(*tree->table));
    return tree;
}

void vx_xlcfg_tree_free(VxXlcfgTree *tree)
{
    if (!tree)
        return;
    for (VxXlcfgBlock *block = tree->blocks, *next; block; block = next) {
        next = block->next;
        g_free(block);
    }
    g_free(tree);
}

/* A further block of N_BYTES (a multiple of the alignment). */
static char *add_block(VxXlcfgTree *tree, gsize n_bytes)
{
    VxXlcfgBlock *block = g_malloc(sizeof(*block) + n_bytes);

    block->next = tree->blocks;
    tree->blocks = block;
    return (char *)(block + 1);
}

/* Called when the current block is too small for N_BYTES: something large gets a block of its own (returned), for
 * anything else the current block is replaced (NULL is returned). */
static char *make_room(VxXlcfgTree *tree, gsize n_bytes)
{
    if (n_bytes > tree->block_size / 4)
        return add_block(tree, (n_bytes + NODE_ALIGNMENT - 1) & ~(NODE_ALIGNMENT - 1));
    tree->low = add_block(tree, tree->block_size);
    tree->high = tree->low + tree->block_size;
    tree->block_size = MIN(2 * tree->block_size, MAX_BLOCK);
    return NULL;
}

char *vx_xlcfg_tree_take_text(VxXlcfgTree *tree, gsize n_bytes)
{
    char *text = NULL;

    if ((gsize)(tree->high - tree->low) < n_bytes)
        text = make_room(tree, n_bytes);
    if (!text) {
        text = tree->low;
        tree->low += n_bytes;
    }
    return text;
}

void *vx_xlcfg_tree_take_node(VxXlcfgTree *tree, gsize n_bytes)
{
    char *node = NULL;

    n_bytes = (n_bytes + NODE_ALIGNMENT - 1) & ~(NODE_ALIGNMENT - 1);
    if ((gsize)(tree->high - tree->low) < n_bytes)
        node = make_room(tree, n_bytes);
    if (!node)
        node = tree->high -= n_bytes;
    return node;
}

/* A secret that differs from process to process, so that nobody can write a file whose keys all collide. */
static guint64 hash_secret(void)
{
    static gsize secret;

    if (g_once_init_enter(&secret))
        g_once_init_leave(&secret, ((gsize)g_random_int() << 32 | g_random_int()) | 1);
    return secret;
}

static guint64 load(const char *p, gsize n_bytes)
{
    guint64 word = 0;

    memcpy(&word, p, n_bytes);
    return word;
}

static guint64 mix(guint64 a, guint64 b)
{
    __uint128_t product = (__uint128_t)a * b;

    return (guint64)product ^ (guint64)(product >> 64);
}

/* Eight bytes a multiplication; the first and the last eight (or four) may overlap, which saves a loop for the rest. */
static guint32 hash_key(const char *key, gsize length)
{
    guint64 secret = hash_secret(), hash = length ^ secret, tail;

    for (gsize i = 0; i + 8 < length; i += 8)
        hash = mix(hash ^ load(key + i, 8), secret ^ G_GUINT64_CONSTANT(0x9e3779b97f4a7c15));
    if (length >= 8)
        tail = load(key + length - 8, 8);
    else if (length >= 4)
        tail = load(key, 4) << 32 | load(key + length - 4, 4);
    else
        tail = length ? (guint64)(guint8)key[0] << 16 | (guint8)key[length / 2] << 8 | (guint8)key[length - 1] : 0;
    hash = mix(hash ^ tail, secret ^ G_GUINT64_CONSTANT(0xd6e8feb86659fd93));
    return (guint32)(hash ^ hash >> 32);
}

/* Where the entry of the key is, or where it would be put. */
static VxXlcfgEntry **find_slot(const VxXlcfgTree *tree, guint32 hash, const char *key, gsize length)
{
    for (guint32 i = hash;; i++) {
        VxXlcfgEntry **slot = &tree->table[i & tree->table_mask];

        if (!*slot ||
            ((*slot)->hash == hash && (*slot)->key_length == length && memcmp((*slot)->base.key, key, length) == 0))
            return slot;
    }
}

static void grow_table(VxXlcfgTree *tree)
{
    VxXlcfgEntry **old = tree->table;
    guint32 old_mask = tree->table_mask;
    gsize n_bytes;

    tree->table_mask = 2 * old_mask + 1;
    n_bytes = ((gsize)tree->table_mask + 1) * sizeof(*tree->table);
    tree->table = vx_xlcfg_tree_take_node(tree, n_bytes);
    memset(tree->table, 0, n_bytes);
    for (gsize i = 0; i <= old_mask; i++)
        if (old[i])
            *find_slot(tree, old[i]->hash, old[i]->base.key, old[i]->key_length) = old[i];
}

/* The runs of a string that stands in the source as it is are not written down: there is one. */
static VxXlcfgRun only_run(const VxXlcfgValue *value)
{
    return (VxXlcfgRun){0, value->place + value->is_quoted};
}

static const VxXlcfgRun *runs_of(const VxXlcfgValue *value, VxXlcfgRun *only, guint32 *n_runs)
{
    *only = only_run(value);
    *n_runs = value->runs ? value->n_runs : 1;
    return value->runs ? value->runs : only;
}

/* Room for what is added is doubled, so that a file of many += is read in linear time. What was there before shares the
 * memory: it is not looked at any more. */
static void add_runs(VxXlcfgTree *tree, const VxXlcfgEntry *before, VxXlcfgEntry *entry)
{
    VxXlcfgRun only_before, only_added, *runs;
    guint32 n_before, n_added, n_all;
    const VxXlcfgRun *runs_before = runs_of(&before->base.value, &only_before, &n_before);
    const VxXlcfgRun *runs_added = runs_of(&entry->base.value, &only_added, &n_added);

    n_all = n_before + n_added;
    runs = (VxXlcfgRun *)runs_before;
    entry->run_capacity = before->run_capacity;
    if (n_all > before->run_capacity) {
        entry->run_capacity = 2 * n_all;
        runs = vx_xlcfg_tree_take_node(tree, entry->run_capacity * sizeof(*runs));
        memcpy(runs, runs_before, n_before * sizeof(*runs));
    }
    for (guint32 i = 0; i < n_added; i++)
        runs[n_before + i] = (VxXlcfgRun){runs_added[i].index + before->base.value.length, runs_added[i].place};
    entry->base.value.runs = runs;
    entry->base.value.n_runs = n_all;
}

static void add_string(VxXlcfgTree *tree, const VxXlcfgEntry *before, VxXlcfgEntry *entry)
{
    const VxXlcfgValue *old = &before->base.value;
    VxXlcfgValue *value = &entry->base.value;
    guint32 n_all = old->length + value->length;
    char *string = (char *)old->string;

    add_runs(tree, before, entry);
    entry->capacity = before->capacity;
    if (n_all + 1 > before->capacity) {
        entry->capacity = 2 * (n_all + 1);
        string = vx_xlcfg_tree_take_text(tree, entry->capacity);
        memcpy(string, old->string, old->length);
    }
    memcpy(string + old->length, value->string, value->length + 1);
    value->string = string;
    value->length = n_all;
    value->is_quoted |= old->is_quoted;
}

static void add_list(VxXlcfgTree *tree, const VxXlcfgEntry *before, VxXlcfgEntry *entry)
{
    const VxXlcfgValue *old = &before->base.value;
    VxXlcfgValue *value = &entry->base.value, *items = old->items;
    guint32 n_all = old->length + value->length;

    entry->capacity = before->capacity;
    if (n_all > before->capacity) {
        entry->capacity = 2 * n_all;
        items = vx_xlcfg_tree_take_node(tree, entry->capacity * sizeof(*items));
        if (old->length)
            memcpy(items, old->items, old->length * sizeof(*items));
    }
    if (value->length)
        memcpy(items + old->length, value->items, value->length * sizeof(*items));
    value->items = items;
    value->length = n_all;
}

bool vx_xlcfg_tree_store(VxXlcfgTree *tree, const char *key, gsize key_length, VxPlace key_place, VxXlcfgValue value)
{
    guint32 hash = hash_key(key, key_length);
    VxXlcfgEntry **slot = find_slot(tree, hash, key, key_length), *before = *slot, *entry;

    if (before && value.is_sum && before->base.value.kind != value.kind)
        return false;
    entry = vx_xlcfg_tree_take_node(tree, sizeof(*entry));
    *entry = (VxXlcfgEntry){{NULL, key_place, value, NULL, NULL}, hash, (guint32)key_length, 0, 0, false};
    if (before) {
        entry->base.key = before->base.key;
        entry->base.earlier = &before->base;
        before->is_replaced = true;
        if (value.is_sum)
            (value.kind == VX_XLCFG_LIST ? add_list : add_string)(tree, before, entry);
    } else {
        char *copy = vx_xlcfg_tree_take_text(tree, key_length + 1);

        memcpy(copy, key, key_length);
        copy[key_length] = '\0';
        entry->base.key = copy;
        tree->n_keys++;
    }
    *slot = entry;
    *tree->end = &entry->base;
    tree->end = &entry->base.next;
    if (tree->n_keys > tree->table_mask / 2)
        grow_table(tree);
    return true;
}

const VxXlcfgSetting *vx_xlcfg_tree_get(const VxXlcfgTree *tree, const char *key)
{
    gsize length = strlen(key);
    VxXlcfgEntry *entry = *find_slot(tree, hash_key(key, length), key, length);

    return entry ? &entry->base : NULL;
}

const VxXlcfgSetting *vx_xlcfg_tree_next(const VxXlcfgTree *tree, const VxXlcfgSetting *setting)
{
    setting = setting ? setting->next : tree->first;
    while (setting && ((const VxXlcfgEntry *)setting)->is_replaced)
        setting = setting->next;
    return setting;
}

unsigned vx_xlcfg_tree_n_settings(const VxXlcfgTree *tree)
{
    return tree->n_keys;
}

VxPlace vx_xlcfg_value_place(const VxXlcfgValue *value, gsize index)
{
    VxXlcfgRun only;
    guint32 low = 0, high;
    const VxXlcfgRun *runs;

    if (value->kind != VX_XLCFG_STRING)
        return value->place;
    runs = runs_of(value, &only, &high);
    while (high - low > 1) { /* for the last run that begins at or before INDEX */
        guint32 middle = low + (high - low) / 2;

        if (runs[middle].index <= index)
            low = middle;
        else
            high = middle;
    }
    return runs[low].place + (VxPlace)(index - runs[low].index);
}
