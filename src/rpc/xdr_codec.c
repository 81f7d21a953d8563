/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/xdr_codec.h"

#include <string.h>

/* An XDR stream for encoding that ends in a byte array, so that a value is encoded once, at its place in the packet,
 * without its size being computed first. */
typedef struct {
    GByteArray *out;
    gsize max_bytes;
} Sink;

static bool_t sink_put_bytes(XDR *xdrs, const char *bytes, u_int length)
{
    Sink *sink = (Sink *)xdrs->x_private;

    if (length > sink->max_bytes - sink->out->len)
        return FALSE;
    g_byte_array_append(sink->out, (const guint8 *)bytes, length);
    return TRUE;
}

static bool_t sink_put_long(XDR *xdrs, const long *value)
{
    guint32 word = GUINT32_TO_BE((guint32)*value);

    return sink_put_bytes(xdrs, (const char *)&word, sizeof word);
}

static u_int sink_get_position(XDR *xdrs)
{
    return ((Sink *)xdrs->x_private)->out->len;
}

static bool_t sink_set_position(XDR *xdrs G_GNUC_UNUSED, u_int position G_GNUC_UNUSED)
{
    return FALSE;
}

static int32_t *sink_inline(XDR *xdrs G_GNUC_UNUSED, u_int length G_GNUC_UNUSED)
{
    return NULL;
}

static void sink_destroy(XDR *xdrs G_GNUC_UNUSED)
{
}

static struct xdr_ops sink_ops = {
    .x_putlong = sink_put_long,
    .x_putbytes = sink_put_bytes,
    .x_getpostn = sink_get_position,
    .x_setpostn = sink_set_position,
    .x_inline = sink_inline,
    .x_destroy = sink_destroy,
};

bool vx_xdr_encode(GByteArray *out, gsize max_bytes, xdrproc_t xdr, const void *value)
{
    Sink sink = {.out = out, .max_bytes = max_bytes};
    XDR xdrs = {.x_op = XDR_ENCODE, .x_ops = &sink_ops, .x_private = (void *)&sink};
    guint length = out->len;

    if (length <= max_bytes && xdr(&xdrs, (void *)value))
        return true;
    g_byte_array_set_size(out, length);
    return false;
}

bool vx_xdr_decode(const guint8 *bytes, gsize length, xdrproc_t xdr, void *value, gsize *used)
{
    static const guint8 nothing[4];
    XDR xdrs;

    if (length > G_MAXINT)
        return false;
    xdrmem_create(&xdrs, (char *)(length ? bytes : nothing), (u_int)length, XDR_DECODE);
    if (!xdr(&xdrs, value)) {
        vx_xdr_free(xdr, value);
        return false;
    }
    if (used)
        *used = XDR_GETPOS(&xdrs);
    return true;
}

void vx_xdr_free(xdrproc_t xdr, void *value)
{
    xdr_free(xdr, value);
}
