/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/xdr_codec.h"

#include <string.h>

/* An XDR stream for encoding that ends in a byte array, so that a value is encoded once, at its place in the packet,
 * without its size being computed first. The array is longer than what is used of it until the end: most pieces are a
 * word, and to append each would take longer than the rest. */
typedef struct {
    GByteArray *out;
    gsize used, max_bytes;
} Sink;

#define MIN_ROOM_BYTES 256u

static bool make_room(Sink *sink, gsize length)
{
    if (length > sink->max_bytes - sink->used)
        return false;
    if (length > sink->out->len - sink->used)
        g_byte_array_set_size(sink->out, (guint)(sink->used + MAX(sink->used, length + MIN_ROOM_BYTES)));
    return true;
}

static bool_t sink_put_bytes(XDR *xdrs, const char *bytes, u_int length)
{
    Sink *sink = (Sink *)xdrs->x_private;

    if (!make_room(sink, length))
        return FALSE;
    memcpy(sink->out->data + sink->used, bytes, length);
    sink->used += length;
    return TRUE;
}

static bool_t sink_put_long(XDR *xdrs, const long *value)
{
    guint32 word = GUINT32_TO_BE((guint32)*value);

    return sink_put_bytes(xdrs, (const char *)&word, sizeof word);
}

static u_int sink_get_position(XDR *xdrs)
{
    return (u_int)((Sink *)xdrs->x_private)->used;
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
    Sink sink = {.out = out, .used = out->len, .max_bytes = max_bytes};
    XDR xdrs = {.x_op = XDR_ENCODE, .x_ops = &sink_ops, .x_private = (void *)&sink};
    guint length = out->len;
    bool good = length <= max_bytes && xdr(&xdrs, (void *)value);

    g_byte_array_set_size(out, good ? (guint)sink.used : length);
    return good;
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
