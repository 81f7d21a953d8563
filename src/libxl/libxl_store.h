/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reading xenstore. A guest or a driver domain may have written what is there: what comes back has been checked.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <xenstore.h>

/* The longest text that is taken: a path of the host's; xenstore's own limit of a value. */
#define VX_STORE_MAX_BYTES 4096

/* The text of the node that FORMAT names; NULL when there is none, or when it is empty, too long, not UTF-8, or has
 * control characters. The caller frees it. */
char *vx_store_read(struct xs_handle *store, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The number that the node holds, in decimal digits alone; FALLBACK when it holds none of 0..MAXIMUM. */
int vx_store_read_number(struct xs_handle *store, int maximum, int fallback, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Those names of the node's children that are device numbers, sorted (of int). Empty when there are none. The caller
 * frees it. */
GArray *vx_store_list_numbers(struct xs_handle *store, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The number in the decimal digits of TEXT and nothing else; FALLBACK when it is none of 0..MAXIMUM. */
int vx_store_parse_number(const char *text, int maximum, int fallback);

/* Whether TEXT (LENGTH bytes) is fit to be shown: not empty, UTF-8, without control characters. */
bool vx_store_is_sound(const char *text, gsize length);

/* Our own domain's number: 0, but where the toolstack runs elsewhere. */
int vx_store_own_domain(struct xs_handle *store);
