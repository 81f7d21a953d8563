/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The commonest stream: what a file descriptor (a pty, a socket) says goes to the client, what the client says goes to
 * it, each side as fast as the other takes it.
 * The process must ignore SIGPIPE, since what is behind the descriptor may go away.
 */
#pragma once

#include "rpc/rpc_call.h"

/* Answers CALL with RESULT (see vx_rpc_call_reply) and joins the stream to FD, which is owned from now on, made
 * non-blocking, and closed when the stream ends. ENDED(DATA) (may be NULL) is called once then, in the thread of the
 * connection's context; also when the stream never began. Any thread. */
void vx_rpc_call_reply_with_fd_stream(VxRpcCall *call, const void *result, int fd, GDestroyNotify ended, void *data);
