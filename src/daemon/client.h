/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the daemon keeps of a connected client. Its members are set in the main thread, before the first call that goes
 * to a worker; workers only read them.
 */
#pragma once

#include "daemon/daemon.h"
#include "driver/domain_events.h"
#include "rpc/rpc_call.h"

typedef struct VxPolkitQuestion VxPolkitQuestion;

typedef struct {
    VxDaemon *daemon;
    VxRpcConnection *connection; /* borrowed: this is its data */
    VxAuthScheme auth;           /* how it is to prove who it is */
    bool is_authenticated;
    bool is_read_only;          /* by its socket, or because it wants it so */
    bool is_open;               /* CONNECT_OPEN has succeeded */
    gint has_ended;             /* atomic */
    VxPolkitQuestion *question; /* what polkit was asked about it and has not answered yet; else NULL */
    VxEventClient *events;      /* NULL: never asked for any, or gone */
} VxClient;

/* Makes the client of CONNECTION, which came through the read-only socket or the other one. It is freed with the
 * connection. Main thread. */
VxClient *vx_client_attach(VxDaemon *daemon, VxRpcConnection *connection, bool is_read_only);
VxClient *vx_client_of(const VxRpcConnection *connection);

/* It is who it says. Main thread. */
void vx_client_set_authenticated(VxClient *client);

/* Its registrations for events, which may be its first. Main thread. */
VxEventClient *vx_client_need_events(VxClient *client);

/* Its connection has ended: what goes with it goes. Main thread. */
void vx_client_end(VxClient *client);
/* Whether that has happened. Any thread. */
bool vx_client_has_ended(const VxClient *client);
