/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_procedure.h"

#include "rpc/wire.h"

#include <stddef.h>
#include <string.h>

#define ACCESS_READ .access = VX_ACCESS_READ
#define ACCESS_WRITE .access = VX_ACCESS_WRITE
#define ACCESS_LOGIN .access = VX_ACCESS_LOGIN
#define ACCESS_WRITE_IF(type, field, mask)                                                                             \
    .access = VX_ACCESS_WRITE_IF, .access_offset = offsetof(wire_##type, field), .access_mask = (mask)

#define PRIORITY_LOW false
#define PRIORITY_HIGH true

/* ROWS_<PROGRAM> keeps the rows of one program and drops those of the other. */
#define ROW_STREAM(program, number_, name_, arguments, result, access_, priority, direction)                           \
    ROWS_##program([number_] = {.name = #name_,                                                                        \
                                .number = number_,                                                                     \
                                .args_xdr = (xdrproc_t)xdr_wire_##arguments,                                           \
                                .ret_xdr = (xdrproc_t)xdr_wire_##result,                                               \
                                .args_size = sizeof(wire_##arguments),                                                 \
                                .ret_size = sizeof(wire_##result),                                                     \
                                .is_high_priority = PRIORITY_##priority,                                               \
                                .stream = VX_STREAM_##direction,                                                       \
                                ACCESS_##access_})
#define ROW_CALL(program, number, name, arguments, result, access, priority)                                           \
    ROW_STREAM(program, number, name, arguments, result, access, priority, NONE)
#define ROW_EVENT(program, number_, name_, message)                                                                    \
    ROWS_##program([number_] = {.name = #name_,                                                                        \
                                .number = number_,                                                                     \
                                .ret_xdr = (xdrproc_t)xdr_wire_##message,                                              \
                                .ret_size = sizeof(wire_##message),                                                    \
                                .is_event = true})

static const VxRpcProcedure remote_procedures[VX_REMOTE_N_PROCEDURES] = {
#define ROWS_REMOTE(...) __VA_ARGS__,
#define ROWS_QEMU(...)
#define VX_CALL ROW_CALL
#define VX_STREAM_CALL ROW_STREAM
#define VX_EVENT ROW_EVENT
#include "rpc/rpc_procedures.def"
#undef ROWS_REMOTE
#undef ROWS_QEMU
};

static const VxRpcProcedure qemu_procedures[VX_QEMU_N_PROCEDURES] = {
#define ROWS_REMOTE(...)
#define ROWS_QEMU(...) __VA_ARGS__,
#define VX_CALL ROW_CALL
#define VX_STREAM_CALL ROW_STREAM
#define VX_EVENT ROW_EVENT
#include "rpc/rpc_procedures.def"
};

gint32 vx_rpc_procedure_last(guint32 program)
{
    switch (program) {
    case VX_PROGRAM_REMOTE:
        return VX_REMOTE_N_PROCEDURES - 1;
    case VX_PROGRAM_QEMU:
        return VX_QEMU_N_PROCEDURES - 1;
    default:
        return 0;
    }
}

const VxRpcProcedure *vx_rpc_procedure_find(guint32 program, gint32 number)
{
    const VxRpcProcedure *row;

    if (number < 1 || number > vx_rpc_procedure_last(program))
        return NULL;
    row = program == VX_PROGRAM_REMOTE ? &remote_procedures[number] : &qemu_procedures[number];
    return row->name ? row : NULL;
}

bool vx_rpc_procedure_needs_write(const VxRpcProcedure *procedure, const void *arguments)
{
    guint32 field;

    if (procedure->access != VX_ACCESS_WRITE_IF)
        return procedure->access == VX_ACCESS_WRITE;
    memcpy(&field, (const char *)arguments + procedure->access_offset, sizeof field);
    return (field & procedure->access_mask) != 0;
}
