/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Keepalive of a connection: after each interval without a word from the peer it is asked; after COUNT questions
 * without answer it is taken for dead. This is the counting only; the connection owns the timer and the packets.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum { VX_RPC_PING = 1, VX_RPC_PONG = 2 } VxRpcKeepaliveProcedure;

typedef struct {
    unsigned count; /* questions without answer that are borne */
    unsigned unanswered;
    bool heard; /* since the last tick */
} VxRpcKeepalive;

typedef enum { VX_RPC_KEEPALIVE_NOTHING, VX_RPC_KEEPALIVE_PING, VX_RPC_KEEPALIVE_DEAD } VxRpcKeepaliveAction;

/* Anything came from the peer. */
static inline void vx_rpc_keepalive_hear(VxRpcKeepalive *keepalive)
{
    keepalive->heard = true;
    keepalive->unanswered = 0;
}

/* An interval has passed: what is to be done. */
static inline VxRpcKeepaliveAction vx_rpc_keepalive_tick(VxRpcKeepalive *keepalive)
{
    if (keepalive->heard) {
        keepalive->heard = false;
        return VX_RPC_KEEPALIVE_NOTHING;
    }
    if (keepalive->unanswered >= keepalive->count)
        return VX_RPC_KEEPALIVE_DEAD;
    keepalive->unanswered++;
    return VX_RPC_KEEPALIVE_PING;
}
