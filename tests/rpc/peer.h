/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The client's side of a connection, for the tests of src/rpc: a blocking socket in the same thread, with the default
 * main context run while something is waited for.
 */
#pragma once

#include "rpc/rpc_call.h"
#include "rpc/wire.h"

/* Runs the main context until FLAG is true; the test fails after some seconds. */
#define PEER_RUN_UNTIL(flag)                                                                                           \
    do {                                                                                                               \
        gint64 peer_deadline = g_get_monotonic_time() + 10 * G_TIME_SPAN_SECOND;                                       \
        while (!(flag)) {                                                                                              \
            g_assert_cmpint(g_get_monotonic_time(), <, peer_deadline);                                                 \
            if (!g_main_context_iteration(NULL, FALSE))                                                                \
                g_usleep(200);                                                                                         \
        }                                                                                                              \
    } while (0)

/* Runs the main context until it has nothing to do. */
void peer_settle(void);

/* A header of the remote program, version 1, status ok. */
VxRpcHeader peer_header(VxRpcType type, gint32 procedure, guint32 serial);

/* Sends a packet; the socket must take it all at once. */
void peer_send(int fd, const VxRpcHeader *header, const void *payload, gsize length);
void peer_send_value(int fd, const VxRpcHeader *header, xdrproc_t xdr, const void *value);

/* The next packet from the server, running the main context until it is there; NULL at the end of the connection. */
VxRpcPacket *peer_receive(int fd);

/* Takes the next packet, and checks that it is an error of CODE that answers HEADER. TYPE: reply or stream. */
void peer_expect_error(int fd, const VxRpcHeader *header, VxRpcType type, int code, const char *message_part);

/* Takes the next packet, and checks it against HEADER with TYPE and STATUS. */
VxRpcPacket *peer_expect(int fd, const VxRpcHeader *header, VxRpcType type, VxRpcStatus status);

/* A connected pair of sockets; both are non-blocking. */
void peer_make_pair(int fds[2]);
