/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One call of a client, from its arrival to its answer. It is owned by whoever carries it out, in any thread, one
 * thread at a time, and is given up by answering it with one of the functions vx_rpc_call_reply...,
 * vx_rpc_call_fail...; a call freed without an answer is answered with an internal error, so that no client waits for
 * ever.
 */
#pragma once

#include "rpc/rpc_connection.h"
#include "rpc/rpc_stream.h"

/* What is called, and by whom; borrowed from the call. */
const VxRpcProcedure *vx_rpc_call_get_procedure(const VxRpcCall *call);
const VxRpcHeader *vx_rpc_call_get_header(const VxRpcCall *call);
VxRpcConnection *vx_rpc_call_get_connection(const VxRpcCall *call);

/* The arguments, decoded: an allocated struct of the procedure's type that belongs to the call (NULL if the procedure
 * has none). False with VIR_ERR_RPC when the bytes are not such arguments. */
bool vx_rpc_call_decode(VxRpcCall *call, void **arguments, GError **error);

/* The descriptors that came with it. A taken one is the caller's to close; -1 when there is none at INDEX. */
unsigned vx_rpc_call_get_n_fds(const VxRpcCall *call);
int vx_rpc_call_take_fd(VxRpcCall *call, unsigned index);

/* Answers with RESULT (a struct of the procedure's result type, NULL if it has none; it stays the caller's). */
void vx_rpc_call_reply(VxRpcCall *call, const void *result);

/* The same with descriptors after it, for procedures whose result says so. FDS is duplicated. */
void vx_rpc_call_reply_with_fds(VxRpcCall *call, const void *result, const int *fds, unsigned n_fds);

/* The same, and a stream is open from then on: HANDLERS->started is called once the reply is queued. When the
 * connection has ended meanwhile, only HANDLERS->ended is called. */
void vx_rpc_call_reply_with_stream(VxRpcCall *call, const void *result, const VxRpcStreamHandlers *handlers,
                                   void *data);

/* Answers with ERROR (freed here), as coming from the part that its code suggests, or from FROM. */
void vx_rpc_call_fail(VxRpcCall *call, GError *error);
void vx_rpc_call_fail_from(VxRpcCall *call, virErrorDomain from, GError *error);

/* Gives up a call; see above. NULL is allowed. */
void vx_rpc_call_free(VxRpcCall *call);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxRpcCall, vx_rpc_call_free)
