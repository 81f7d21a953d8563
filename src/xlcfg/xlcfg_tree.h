/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The syntax tree of an xl.cfg text: which key has which value, and where each of them stands. It takes and refuses
 * what libxlutil (xlu_cfg_readdata) takes and refuses, and its values are the same; beyond that, only nesting and
 * number of values are bounded. What a key means is not its business.
 *
 * A tree is made once and not changed; any thread may read it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "util/vx_diag.h"
#include "xlcfg/xlcfg_scan.h"

/* Bounds of what is read, against hostile texts. No guest comes near them. */
#define VX_XLCFG_MAX_DEPTH 64
#define VX_XLCFG_MAX_VALUES (1u << 20)

typedef enum {
    VX_XLCFG_STRING, /* a quoted string or a number */
    VX_XLCFG_LIST,
} VxXlcfgKind;

typedef struct VxXlcfgValue VxXlcfgValue;
struct VxXlcfgValue {
    guint8 kind;    /* VxXlcfgKind */
    bool is_quoted; /* a string that was said in quotes, not as a bare number */
    bool is_sum;    /* given with +=, which makes a string no number for xl, even if nothing was there before */
    VxPlace place;  /* of the opening quote or bracket or of the first digit; of a sum: of what was added last */
    guint32 length; /* bytes of the string, or items of the list */
    guint32 n_runs;
    union {
        const char *string; /* ends in NUL and holds no other; not necessarily UTF-8 */
        VxXlcfgValue *items;
    };
    const VxXlcfgRun *runs; /* for vx_xlcfg_value_place(); NULL if the string stands in the source as it is */
};

/* The last assignment of a key: the one that counts. */
typedef struct VxXlcfgSetting VxXlcfgSetting;
struct VxXlcfgSetting {
    const char *key;
    VxPlace key_place;
    VxXlcfgValue value;
    const VxXlcfgSetting *earlier; /* the assignment of the same key that this one replaced or added to, NULL if none;
                                      only its key_place and value.place mean something */
    VxXlcfgSetting *next;          /* for vx_xlcfg_tree_next() */
};

typedef struct VxXlcfgTree VxXlcfgTree;

/* Reads LENGTH bytes of TEXT, which need not outlive the call. Reports each syntax error as VX_WRONG to DIAG and goes
 * on at the next line. Returns NULL if there was any. The caller frees the tree. */
VxXlcfgTree *vx_xlcfg_tree_parse(const char *text, gsize length, VxDiag *diag);
void vx_xlcfg_tree_free(VxXlcfgTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxXlcfgTree, vx_xlcfg_tree_free)

/* The setting of KEY, NULL if there is none. Constant time. */
const VxXlcfgSetting *vx_xlcfg_tree_get(const VxXlcfgTree *tree, const char *key);

/* The settings in the order of the source: the first one for NULL, the one behind SETTING, NULL behind the last. Those
 * that a later assignment of the same key replaced or added to are passed over. */
const VxXlcfgSetting *vx_xlcfg_tree_next(const VxXlcfgTree *tree, const VxXlcfgSetting *setting);

/* The number of settings vx_xlcfg_tree_next() yields. */
unsigned vx_xlcfg_tree_n_settings(const VxXlcfgTree *tree);

/* Where the byte INDEX (up to and including its length) of the string VALUE stands in the source, even if the literal
 * has escapes or was put together with +=. Of a list: the place of the list. */
VxPlace vx_xlcfg_value_place(const VxXlcfgValue *value, gsize index);

/* The string of VALUE, NULL if it is a list. */
static inline const char *vx_xlcfg_value_string(const VxXlcfgValue *value)
{
    return value->kind == VX_XLCFG_STRING ? value->string : NULL;
}

typedef enum {
    VX_XLCFG_NUMBER_GOOD,
    VX_XLCFG_NUMBER_IS_LIST,
    VX_XLCFG_NUMBER_IS_SUM,     /* xl takes no += for numbers */
    VX_XLCFG_NUMBER_IS_NOT_ONE, /* empty, or something stands behind the digits */
    VX_XLCFG_NUMBER_OUT_OF_RANGE,
} VxXlcfgNumber;

/* Reads VALUE as xlu_cfg_get_long does: quoted or not, decimal, 0x hexadecimal or 0 octal, blanks and a sign before it.
 * *RESULT is set only if it is good, that is MIN <= *RESULT <= MAX. */
VxXlcfgNumber vx_xlcfg_value_to_int64(const VxXlcfgValue *value, gint64 min, gint64 max, gint64 *result);

/* The same; if it is not good, a VX_WRONG about KEY goes to DIAG and false is returned. */
bool vx_xlcfg_read_int64(VxDiag *diag, const char *key, const VxXlcfgValue *value, gint64 min, gint64 max,
                         gint64 *result);

/* Reads VALUE as xlu_cfg_get_defbool does: any number; 0 is false, all others are true. Otherwise as above. */
bool vx_xlcfg_read_bool(VxDiag *diag, const char *key, const VxXlcfgValue *value, bool *result);

/* VALUE as a string; if it is a list, a VX_WRONG about KEY goes to DIAG and NULL is returned. */
const char *vx_xlcfg_read_string(VxDiag *diag, const char *key, const VxXlcfgValue *value);
