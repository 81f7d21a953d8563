/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the parser and the tree know of each other; nobody else includes this.
 *
 * A tree lives in a few blocks of memory that are freed together: text grows up from the low end of a block, nodes
 * grow down from its high end. The first block is part of the allocation of the tree itself, and large enough for the
 * usual file.
 */
#pragma once

#include "xlcfg/xlcfg_tree.h"

typedef struct VxXlcfgBlock VxXlcfgBlock;

typedef struct {
    VxXlcfgSetting base;
    guint32 hash;
    guint32 key_length;
    guint32 capacity;     /* of a sum: bytes or items there is room for */
    guint32 run_capacity; /* of a sum of strings: runs there is room for */
    bool is_replaced;     /* a later assignment of the key counts */
} VxXlcfgEntry;

struct VxXlcfgTree {
    VxXlcfgBlock *blocks; /* besides the first */
    char *low, *high;     /* what is free of the current block */
    gsize block_size;     /* of the next block */
    VxXlcfgSetting *first, **end;
    VxXlcfgEntry **table; /* open addressing; the last entry of each key */
    guint32 table_mask;   /* its size - 1, a power of two - 1 */
    guint32 n_keys;
};

/* An empty tree with room for what a text of LENGTH bytes usually needs. */
VxXlcfgTree *vx_xlcfg_tree_new(gsize length);

/* Memory of the tree for N_BYTES of text, unaligned. The last text taken may be given back in part by moving LOW. */
char *vx_xlcfg_tree_take_text(VxXlcfgTree *tree, gsize n_bytes);

/* Memory of the tree for a node, aligned for pointers, not cleared. */
void *vx_xlcfg_tree_take_node(VxXlcfgTree *tree, gsize n_bytes);

/* Stores "KEY = VALUE" or (VALUE.is_sum) "KEY += VALUE". Returns false, and stores nothing, if VALUE is to be added to
 * a value of the other kind. */
bool vx_xlcfg_tree_store(VxXlcfgTree *tree, const char *key, gsize key_length, VxPlace key_place, VxXlcfgValue value);
