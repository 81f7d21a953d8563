/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Being a service: sockets inherited from the service manager (sd_listen_fds(3)), telling it the state (sd_notify(3)),
 * signals. The two protocols are a few lines of environment, so that no library is needed for them. Main thread.
 */
#pragma once

#include <glib.h>

typedef struct {
    int fd;
    char *name; /* of the .socket unit, "" if unknown */
} VxServiceSocket;

/* The sockets passed to this process: an array of VxServiceSocket, empty if there are none. The environment is cleared,
 * so that child processes do not take them for theirs; a second call gets none. The caller closes the descriptors. */
GArray *vx_service_take_sockets(void);

/* Tells the service manager STATE ("READY=1", "RELOADING=1", "STOPPING=1", "STATUS=..."); does nothing without one. */
void vx_service_notify(const char *state);

typedef struct {
    void (*stop)(void *data);   /* SIGTERM, SIGINT */
    void (*reload)(void *data); /* SIGHUP */
} VxServiceSignals;

/* Has the functions of SIGNALS (borrowed) called from the default main context, and SIGPIPE ignored. */
void vx_service_watch_signals(const VxServiceSignals *signals, void *data);

/* Raises the limit of open files to at least WANTED, as far as it may be raised. */
void vx_service_raise_file_limit(unsigned wanted);
