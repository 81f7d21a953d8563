/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * libtirpc allocates what a length word announces before it looks whether so many bytes are there. The generated code
 * is compiled to call these instead: a count that the rest of the message cannot hold is refused first, so that
 * decoding takes memory in proportion to the bytes received. They serve any XDR stream for encoding, xdrmem for
 * decoding. */
#include "rpc/xdr_bounded.h"

#include <glib.h>
#include <string.h>

/* Whether COUNT items of at least ITEM_BYTES on the wire can follow; *COUNT is looked at without being consumed. */
static bool_t peek_count(XDR *xdrs, guint item_bytes, u_int *count)
{
    u_int place = XDR_GETPOS(xdrs);

    if (!xdr_u_int(xdrs, count))
        return FALSE;
    if ((guint64)*count * item_bytes > xdrs->x_handy)
        return FALSE;
    return XDR_SETPOS(xdrs, place);
}

bool_t vx_xdr_array(XDR *xdrs, caddr_t *items, u_int *n_items, u_int max_items, u_int item_size, xdrproc_t item_xdr)
{
    u_int count;

    /* every type has at least one word on the wire */
    if (xdrs->x_op == XDR_DECODE && !peek_count(xdrs, BYTES_PER_XDR_UNIT, &count))
        return FALSE;
    return xdr_array(xdrs, items, n_items, max_items, item_size, item_xdr);
}

bool_t vx_xdr_bytes(XDR *xdrs, char **bytes, u_int *n_bytes, u_int max_bytes)
{
    u_int count;

    if (xdrs->x_op == XDR_DECODE && !peek_count(xdrs, 1, &count))
        return FALSE;
    return xdr_bytes(xdrs, bytes, n_bytes, max_bytes);
}

/* A NUL inside would cut the C string short, and what is checked would not be what was sent. */
bool_t vx_xdr_string(XDR *xdrs, char **text, u_int max_bytes)
{
    u_int count;

    if (xdrs->x_op == XDR_ENCODE && !*text)
        return FALSE;
    if (xdrs->x_op == XDR_DECODE) {
        if (!peek_count(xdrs, 1, &count))
            return FALSE;
        if (memchr((const char *)xdrs->x_private + BYTES_PER_XDR_UNIT, '\0', count))
            return FALSE;
    }
    return xdr_string(xdrs, text, max_bytes);
}
