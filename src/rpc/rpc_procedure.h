/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is known of each procedure, made from rpc_procedures.def: its number, name, types, who may call it, and how
 * urgent it is. A daemon adds only the function that carries it out:
 *
 *   static const Handler remote_handlers[VX_REMOTE_N_PROCEDURES] = {
 *       [VX_REMOTE_DOMAIN_GET_INFO] = ...
 *   };
 */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>
#include <rpc/rpc.h>
#include <stdbool.h>

/* The programs, all of version 1. */
#define VX_PROGRAM_REMOTE 0x20008086u
#define VX_PROGRAM_QEMU 0x20008087u
#define VX_PROGRAM_KEEPALIVE 0x6b656570u
#define VX_PROGRAM_VERSION 1u

/* VX_REMOTE_<NAME> and VX_QEMU_<NAME>: the numbers of calls and events. */
enum {
#define VX_CALL(program, number, name, arguments, result, access, priority) VX_##program##_##name = number,
#define VX_EVENT(program, number, name, message) VX_##program##_##name = number,
#include "rpc/rpc_procedures.def"
};
#define VX_REMOTE_N_PROCEDURES 444 /* one more than the highest number */
#define VX_QEMU_N_PROCEDURES 8

typedef enum {
    VX_ACCESS_READ,     /* any authenticated client */
    VX_ACCESS_WRITE,    /* no read-only client */
    VX_ACCESS_WRITE_IF, /* as WRITE when a bit of the mask is set in the field, else as READ */
    VX_ACCESS_LOGIN,    /* before authentication as well */
} VxAccessRule;

typedef enum { VX_STREAM_NONE, VX_STREAM_READ, VX_STREAM_WRITE } VxStreamDirection;

typedef struct {
    const char *name;   /* as in DOMAIN_GET_INFO; NULL: there is no procedure of that number */
    xdrproc_t args_xdr; /* NULL: no arguments */
    xdrproc_t ret_xdr;  /* NULL: no result; of an event, its message */
    guint32 args_size;  /* bytes of the C struct; 0: no arguments */
    guint32 ret_size;
    guint32 access_mask;
    guint16 access_offset; /* bytes into the arguments */
    guint16 number;
    guint8 access; /* VxAccessRule */
    guint8 stream; /* VxStreamDirection */
    bool is_event;
    bool is_high_priority; /* never waits for a guest, an agent or another daemon */
} VxRpcProcedure;

/* The procedure NUMBER of PROGRAM, NULL if there is none. Events are found as well. Any thread. */
const VxRpcProcedure *vx_rpc_procedure_find(guint32 program, gint32 number);

/* The highest number of PROGRAM, 0 for an unknown program. Any thread. */
gint32 vx_rpc_procedure_last(guint32 program);

/* Whether a call with these decoded ARGUMENTS (NULL if it has none) is refused to a read-only client. Any thread. */
bool vx_rpc_procedure_needs_write(const VxRpcProcedure *procedure, const void *arguments);
