/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Any bytes as arguments, result or message of any procedure: the first word chooses the type, the rest is decoded. It
 * takes no more memory than in proportion to the bytes; and what it decodes to is encoded to bytes that decode to the
 * same again.
 */
#include <glib.h>
#include <sanitizer/allocator_interface.h>
#include <stdint.h>

#include "rpc/rpc_procedure.h"
#include "rpc/wire.h"
#include "rpc/xdr_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A pointer and a word of length for each word on the wire, in structs of some of these. */
#define BYTES_PER_BYTE 32
#define BYTES_AT_LEAST 4096

typedef struct {
    xdrproc_t xdr;
    gsize size;
} Type;

static const Type types[] = {
    {(xdrproc_t)xdr_wire_error, sizeof(wire_error)},
#define VX_CALL(program, number, name, arguments, result, access, priority)                                            \
    {(xdrproc_t)xdr_wire_##arguments, sizeof(wire_##arguments)}, {(xdrproc_t)xdr_wire_##result, sizeof(wire_##result)},
#define VX_EVENT(program, number, name, message) {(xdrproc_t)xdr_wire_##message, sizeof(wire_##message)},
#include "rpc/rpc_procedures.def"
};

static void encode(const Type *type, const void *value, GByteArray *out)
{
    if (!vx_xdr_encode(out, G_MAXUINT32, type->xdr, value))
        g_error("what was decoded cannot be encoded");
}

static void check_again(const Type *type, const GByteArray *first)
{
    g_autoptr(GByteArray) second = g_byte_array_new();
    g_autofree void *value = g_malloc0(type->size);
    gsize used;

    if (!vx_xdr_decode(first->data, first->len, type->xdr, value, &used) || used != first->len)
        g_error("what was encoded cannot be decoded");
    encode(type, value, second);
    g_assert_cmpmem(first->data, first->len, second->data, second->len);
    vx_xdr_free(type->xdr, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const Type *type;
    g_autofree void *value = NULL;
    g_autoptr(GByteArray) out = g_byte_array_new();
    gsize used, before;

    if (size < 2)
        return 0;
    type = &types[(data[0] << 8 | data[1]) % G_N_ELEMENTS(types)];
    if (!type->xdr)
        return 0;
    value = g_malloc0(type->size);
    before = __sanitizer_get_current_allocated_bytes();
    if (!vx_xdr_decode(data + 2, size - 2, type->xdr, value, &used))
        return 0;
    g_assert_cmpuint(used, <=, size - 2);
    g_assert_cmpuint(__sanitizer_get_current_allocated_bytes() - before, <=, BYTES_AT_LEAST + BYTES_PER_BYTE * used);
    encode(type, value, out);
    check_again(type, out);
    vx_xdr_free(type->xdr, value);
    return 0;
}
