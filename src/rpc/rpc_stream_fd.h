/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The commonest stream: what a file descriptor (a pty, a socket) says goes to the client, what the client says goes to
 * it, each side as fast as the other takes it.
 * The process must ignore SIGPIPE, since what is behind the descriptor may go away.
 */
#pragma once

#include "rpc/rpc_call.h"

typedef struct VxRpcFdStream VxRpcFdStream;

/* A stream to be opened by the answer to CALL, joined to FD, which is owned from now on, made non-blocking, and closed
 * when the stream ends. ENDED(DATA) (may be NULL) is called once then, in the thread of the connection's context; also
 * when the stream never began. When the other side of FD is gone, the stream ends cleanly behind what it said; what the
 * client still sends is dropped. Any thread. */
VxRpcFdStream *vx_rpc_fd_stream_new(VxRpcCall *call, int fd, GDestroyNotify ended, void *data);
VxRpcFdStream *vx_rpc_fd_stream_ref(VxRpcFdStream *stream);
void vx_rpc_fd_stream_unref(VxRpcFdStream *stream); /* NULL is allowed */

/* Answers CALL with RESULT (see vx_rpc_call_reply), and opens STREAM (of the same call; the reference is taken). Any
 * thread. */
void vx_rpc_call_reply_with_fd_stream(VxRpcCall *call, const void *result, VxRpcFdStream *stream);

/* Ends STREAM with ERROR (taken), as soon as it has begun; nothing happens to one that has ended. Any thread. */
void vx_rpc_fd_stream_fail(VxRpcFdStream *stream, GError *error);
