/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Strings such as "connection=socket, path=/run/x, name=y", which xl.cfg uses for channel, vif, vtpm, p9, usbctrl and
 * others: cut into pairs the way xl cuts them, and put together again. Which keys there are is for each device to say.
 *
 * xl cuts at each comma, without any quoting; what is empty between two commas it passes over. A pair is cut at its
 * first '=', and blanks (space, \t \n \v \f \r) round key and value are taken off. Any thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "xlcfg/xlcfg_tree.h"

typedef enum {
    VX_XLCFG_PAIR,  /* key=value */
    VX_XLCFG_WORD,  /* something without '=' */
    VX_XLCFG_BLANK, /* nothing but blanks between two commas: a word without letters, which xl refuses where it wants
                       pairs */
    VX_XLCFG_EMPTY, /* nothing at all between two commas, which xl does not even see */
} VxXlcfgPairKind;

typedef struct {
    VxXlcfgPairKind kind;
    const char *key;   /* trimmed; of a word: all of it; "" if there is nothing */
    const char *value; /* trimmed; NULL if there is no '='. "" if nothing or only blanks stand behind the '=' */
    bool has_no_value; /* a pair with nothing behind the '=', not even blanks: xl refuses that, and takes blanks for ""
                        */
    bool has_no_key;   /* a pair with nothing before the '=': likewise */
    VxPlace key_place; /* of the first letter, or of where it would be */
    VxPlace value_place; /* likewise; of a word: that of the key */
    VxPlace end_place;   /* of what stands behind the item: a comma or the end of the string */
} VxXlcfgPair;

typedef struct {
    VxXlcfgPair pair; /* the current one; its texts live until the next vx_xlcfg_pairs_next() */
    const VxXlcfgValue *source;
    char separator;
    bool keeps_blanks;
    bool keeps_blanks_of_values;
    char *text; /* a copy, which is cut up */
    guint32 next;
} VxXlcfgPairs;

/* Begins with the string VALUE (which must outlive the iterator) of items separated by SEPARATOR, usually a comma. */
void vx_xlcfg_pairs_init(VxXlcfgPairs *pairs, const VxXlcfgValue *value, char separator);

/* The same for the devices whose blanks xl keeps (vif, usbctrl, usbdev, vtpm, pvcalls, virtio): only spaces before an
 * item are taken off, and nothing else round key and value. An item of spaces only is VX_XLCFG_BLANK. */
void vx_xlcfg_pairs_init_keeping_blanks(VxXlcfgPairs *pairs, const VxXlcfgValue *value, char separator);

/* The same for p9, of which xl before 4.18 takes the blanks round a value for a part of it, which later ones do not:
 * they are kept, and those round a key are taken off. */
void vx_xlcfg_pairs_init_keeping_blanks_of_values(VxXlcfgPairs *pairs, const VxXlcfgValue *value, char separator);

/* Moves to the next item, that is PAIRS->pair; false if there is none. An empty string has no item. */
bool vx_xlcfg_pairs_next(VxXlcfgPairs *pairs);

void vx_xlcfg_pairs_clear(VxXlcfgPairs *pairs);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxXlcfgPairs, vx_xlcfg_pairs_clear)

/* Whether xl would read TEXT back as the value of a pair: not empty, no comma in it, no blank at either end. */
bool vx_xlcfg_pairs_can_say(const char *text);

/* Appends "KEY=VALUE" to OUT, with a comma before it unless OUT is empty; nothing if VALUE is NULL. The value must be
 * one that can be said (vx_xlcfg_pairs_can_say). */
void vx_xlcfg_pairs_add(GString *out, const char *key, const char *value);

/* The same with a number. */
void vx_xlcfg_pairs_add_int(GString *out, const char *key, gint64 value);
