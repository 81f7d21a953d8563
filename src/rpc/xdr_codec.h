/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Values of the wire types (rpc/wire.h) to and from bytes. What a decoded value holds is freed by vx_xdr_free; since
 * GLib and libtirpc both use malloc, a value to be encoded may be filled with g_strdup, g_new and their like, and be
 * freed the same way. Any thread.
 */
#pragma once

#include <glib.h>
#include <rpc/rpc.h>
#include <stdbool.h>

/* Appends VALUE (of the type that XDR encodes) to OUT, which may grow to MAX_BYTES in all. False when it would grow
 * beyond, a bound of the type is broken, or a string that must be there is NULL; OUT is then as it was. */
bool vx_xdr_encode(GByteArray *out, gsize max_bytes, xdrproc_t xdr, const void *value);

/* Fills VALUE (zeroed by the caller) from the LENGTH bytes at BYTES; bytes left over are no error, as their peers do
 * it. *USED (may be NULL) is how many were taken. False when they do not hold such a value; VALUE then needs no
 * freeing. The memory taken is bounded by a small multiple of LENGTH. */
bool vx_xdr_decode(const guint8 *bytes, gsize length, xdrproc_t xdr, void *value, gsize *used);

/* Frees what VALUE holds, not VALUE itself. */
void vx_xdr_free(xdrproc_t xdr, void *value);
