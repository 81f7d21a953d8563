/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Options that are one string or a list of strings, each of which stands for a device: serial, usbdevice, soundhw. When
 * a value says more than the devices made from it (an order, a spelling, something that is no device), it is carried as
 * well, and written for as long as it stands for the devices that there are.
 */
#pragma once

#include "xlcfg/xlcfg_options.h"

typedef struct {
    bool is_list;     /* said as a list, even of one */
    GPtrArray *words; /* of char *, owned */
} VxWords;

void vx_words_clear(VxWords *words);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxWords, vx_words_clear)

/* The value of the option KEY; none if it is not there. What is neither a string nor a list of strings is reported. */
void vx_words_read(VxWords *words, VxXlReader *reader, const char *key);
/* The same from what is carried. */
void vx_words_from_option(VxWords *words, const VxOption *carried);

void vx_words_add(VxWords *words, const char *word);
bool vx_words_equal(const VxWords *a, const VxWords *b);

/* Writes WORDS as the value of KEY; nothing if there are none. */
void vx_words_write(VxXlWriter *writer, const char *key, const VxWords *words);
