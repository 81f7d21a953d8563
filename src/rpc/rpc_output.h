/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The packets that wait to be written to one socket, in order. One thread at a time.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    VX_RPC_OUT_REPLY,  /* in the order given */
    VX_RPC_OUT_EVENT,  /* the same, and counted in event_bytes */
    VX_RPC_OUT_URGENT, /* before whatever has not been begun: keepalive */
} VxRpcOutKind;

/* Starts as all zeros. */
typedef struct {
    GQueue packets;
    gsize bytes;       /* waiting, all kinds */
    gsize event_bytes; /* waiting, events only: the client did not ask for these one by one */
} VxRpcOutput;

/* Queues the sealed PACKET, to be followed by the N_FDS descriptors FDS; owns both from now on (FDS is an array from
 * g_malloc, NULL if there are none; the descriptors are closed once sent). */
void vx_rpc_output_push(VxRpcOutput *output, VxRpcOutKind kind, GByteArray *packet, int *fds, unsigned n_fds);

/* Writes to the non-blocking socket FD as much as it takes. False with *ERROR (VIR_ERR_SYSTEM_ERROR) when the
 * connection is broken. */
bool vx_rpc_output_flush(VxRpcOutput *output, int fd, GError **error);

/* Drops all that waits. */
void vx_rpc_output_clear(VxRpcOutput *output);
