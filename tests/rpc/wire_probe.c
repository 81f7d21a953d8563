/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * For test_wire.py: without arguments, reads lines "TYPE HEX" and answers each with "USED HEX" (how many bytes were
 * decoded, and what the value encodes to again) or "refused". With "procedures": prints the table of procedures.
 */
#include "rpc/rpc_procedure.h"
#include "rpc/wire.h"
#include "rpc/xdr_codec.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    xdrproc_t xdr;
    gsize size;
} types[] = {
#define TYPE(name) {#name, (xdrproc_t)xdr_wire_##name, sizeof(wire_##name)},
#include "wire_types.inc"
};

static GByteArray *bytes_from_hex(const char *hex)
{
    GByteArray *bytes = g_byte_array_sized_new((guint)strlen(hex) / 2);

    for (; g_ascii_isxdigit(hex[0]) && g_ascii_isxdigit(hex[1]); hex += 2)
        bytes->data[bytes->len++] = (guint8)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
    return bytes;
}

static void print_hex(const GByteArray *bytes)
{
    g_autofree char *hex = g_malloc(2 * (gsize)bytes->len + 1);

    for (guint i = 0; i < bytes->len; i++) {
        hex[2 * i] = "0123456789abcdef"[bytes->data[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[bytes->data[i] & 15];
    }
    fwrite(hex, 2, bytes->len, stdout);
    putchar('\n');
}

static void answer(gsize type, const char *hex)
{
    g_autoptr(GByteArray) in = bytes_from_hex(hex);
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autofree void *value = g_malloc0(types[type].size);
    gsize used;

    if (!vx_xdr_decode(in->data, in->len, types[type].xdr, value, &used)) {
        puts("refused");
        return;
    }
    if (!vx_xdr_encode(out, G_MAXUINT32, types[type].xdr, value))
        g_error("%s: what was decoded cannot be encoded", types[type].name);
    printf("%" G_GSIZE_FORMAT " ", used);
    print_hex(out);
    vx_xdr_free(types[type].xdr, value);
}

static gsize find_type(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_equal(types[i].name, name))
            return i;
    g_error("unknown type %s", name);
}

/* Each row twice: as it stands in the list, and as vx_rpc_procedure_find knows it. */
static void print_procedure(guint32 program, int number, const char *name, const char *args, const char *ret)
{
    static const char *const access[] = {"allow", "deny", "cond", "preauth"};
    static const char *const stream[] = {"none", "readstream", "writestream"};
    const VxRpcProcedure *p = vx_rpc_procedure_find(program, number);

    if (!p || !g_str_equal(p->name, name) || p->number != number)
        g_error("procedure %d is not found as %s", number, name);
    printf("0x%08x\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", program, number, name, args, ret,
           p->is_high_priority ? "high" : "low", stream[p->stream], p->is_event ? "event" : "call",
           p->is_event ? "-" : access[p->access]);
}

static void print_procedures(void)
{
#define VX_CALL(program, number, name, arguments, result, access, priority)                                            \
    print_procedure(VX_PROGRAM_##program, number, #name, #arguments, #result);
#define VX_EVENT(program, number, name, message) print_procedure(VX_PROGRAM_##program, number, #name, "none", #message);
#include "rpc/rpc_procedures.def"
}

int main(int argc, char **argv)
{
    g_autofree char *line = NULL;
    size_t size = 0;

    if (argc > 1 && g_str_equal(argv[1], "procedures")) {
        print_procedures();
        return 0;
    }
    while (getline(&line, &size, stdin) > 0) {
        char *hex = strchr(line, ' ');
        *hex++ = '\0';
        answer(find_type(line), hex);
    }
    return 0;
}
