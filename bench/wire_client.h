/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A client that costs next to nothing, so that what is measured is the daemon: it speaks the wire with the types of
 * src/rpc and has one call under way at a time. Any failure ends the program. One thread.
 */
#pragma once

#include <glib.h>

#include "rpc/rpc_frame.h"
#include "rpc/rpc_procedure.h"
#include "rpc/wire.h"
#include "rpc/xdr_codec.h"

typedef struct {
    int fd;
    VxRpcReader reader;
    guint32 serial; /* of the next call */
} WireClient;

/* Connects to SOCKET_PATH; false when nobody listens there (yet). */
bool wire_client_connect(WireClient *client, const char *socket_path);
void wire_client_close(WireClient *client);

/* Authenticates and opens xen:///system. */
void wire_client_open(WireClient *client);

/* A call of the remote program without serial, to be sent as often as wanted; freed by the caller. */
GByteArray *wire_call_new(gint32 procedure, xdrproc_t args_xdr, const void *args);

/* Sends CALL with the next serial. */
void wire_client_send(WireClient *client, GByteArray *call);

/* The reply to the last call if it is there already, else NULL. */
VxRpcPacket *wire_client_receive(WireClient *client);

/* Sends CALL and waits for its reply, which is thrown away. */
void wire_client_call(WireClient *client, GByteArray *call);
