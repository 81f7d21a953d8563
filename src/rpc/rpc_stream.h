/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A stream of bytes beside the calls, both ways, opened by a call (vx_rpc_call_reply_with_stream). All functions and
 * handlers are of the thread of the connection's context.
 *
 * The wire has no acknowledgements: a sender is slowed down by the socket. So what is sent faster than the client reads
 * waits here (vx_rpc_stream_send says when to pause), and a receiver that cannot take more stops the reading of the
 * whole connection (vx_rpc_stream_hold_input); it should first take what it can buffer.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct VxRpcStream VxRpcStream;

/* The most that is sent in one packet, as libvirtd does: longer data is cut. */
#define VX_RPC_STREAM_CHUNK 262120u

typedef struct {
    /* The reply is queued: data may be sent. STREAM lives until ended returns. */
    void (*started)(VxRpcStream *stream, void *data);
    /* LENGTH > 0 bytes came from the client, borrowed. */
    void (*received)(VxRpcStream *stream, const guint8 *bytes, gsize length, void *data);
    /* The client has sent all and waits: answer, now or later, with vx_rpc_stream_confirm or vx_rpc_stream_fail. */
    void (*finish)(VxRpcStream *stream, void *data);
    /* After vx_rpc_stream_send said no: there is room again. */
    void (*writable)(VxRpcStream *stream, void *data);
    /* The last that is heard, once: confirmed, failed, aborted by the client, or the connection ended. STREAM is gone
     * when it returns (NULL: it never began). */
    void (*ended)(VxRpcStream *stream, void *data);
} VxRpcStreamHandlers;

/* Sends LENGTH bytes (copied). False when the caller should wait for writable before it sends more. */
bool vx_rpc_stream_send(VxRpcStream *stream, const guint8 *bytes, gsize length);

/* Writes what was sent to the client at once, as far as it takes it, instead of in the next turn of the loop. The
 * stream may end with it. */
void vx_rpc_stream_flush(VxRpcStream *stream);

/* Says that no more data will be sent; the client will then finish. Once. */
void vx_rpc_stream_send_end(VxRpcStream *stream);

/* The answer to finish: all is well. The stream ends. */
void vx_rpc_stream_confirm(VxRpcStream *stream);

/* The stream ends with ERROR (freed here), at any time. */
void vx_rpc_stream_fail(VxRpcStream *stream, GError *error);

/* Stops (HOLD) or resumes the reading of the connection on behalf of this stream. */
void vx_rpc_stream_hold_input(VxRpcStream *stream, bool hold);
