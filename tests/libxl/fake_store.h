/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A xenstore of this process alone: it takes the place of libxenstore's functions that read and watch, write in
 * transactions, and set permissions.
 */
#pragma once

#include <glib.h>
#include <xenstore.h>

/* Any value stands for the connection. */
#define FAKE_STORE ((struct xs_handle *)1)

void fake_store_clear(void);
/* Puts the LENGTH bytes of VALUE at PATH. */
void fake_store_put_bytes(const char *path, const char *value, gsize length);
/* A printf-like path. */
void fake_store_put(const char *value, const char *format, ...) G_GNUC_PRINTF(2, 3);
void fake_store_remove(const char *path);
/* Who may read and write PATH, as xenstore-ls -p shows it: "n0,r7"; "" where nobody has said. Borrowed. */
const char *fake_store_permissions(const char *path);
/* All paths, sorted; of char *. */
GPtrArray *fake_store_list(void);
/* The next N transactions end as if somebody else's had come in between. */
extern unsigned fake_store_n_conflicts;
/* How often a node has been read, and how many watches are set. */
extern unsigned fake_store_n_reads;
extern unsigned fake_store_n_watches;
