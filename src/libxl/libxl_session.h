/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Connections to libxl. A libxl_ctx carries out one operation at a time, and some take seconds; so every call of the
 * hypervisor has a session of its own for as long as it lasts, and none waits for another. Sessions that nobody needs
 * at the moment are kept for the next call.
 *
 * libxl starts processes and waits for them by SIGCHLD. Many contexts in one process have to be of its kind that reaps
 * only its own children (libxl_event.h), so that GLib may reap others; and the signal must arrive at a thread that is
 * not within libxl, whose handler is not safe there. The thread that works in a session has it blocked, therefore.
 */
#pragma once

#include <libxl.h>
#include <xenstore.h>

#include "libxl/libxl_words.h"
#include "util/vx_error.h"

typedef struct VxLibxlSessions VxLibxlSessions;
typedef struct VxLibxlSession VxLibxlSession;

/* The sessions of this process; no more than one such object is needed. Opens the first one: fails with
 * VIR_ERR_OPERATION_FAILED when there is no Xen, or its store does not run. */
VxLibxlSessions *vx_libxl_sessions_new(GError **error);
/* No session may be begun any more, and none be open. NULL is allowed. */
void vx_libxl_sessions_free(VxLibxlSessions *sessions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxLibxlSessions, vx_libxl_sessions_free)

/* A session for the calling thread, until it ends it. NULL with *ERROR set when libxl cannot be opened once more. */
VxLibxlSession *vx_libxl_session_begin(VxLibxlSessions *sessions, GError **error);
/* The same, but one that nobody had before: from a session's first watch on, libxenstore reads what xenstore answers in
 * a thread, so that each answer takes longer. For calls that ask xenstore much, and take long anyway. */
VxLibxlSession *vx_libxl_session_begin_new(VxLibxlSessions *sessions, GError **error);
void vx_libxl_session_end(VxLibxlSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxLibxlSession, vx_libxl_session_end)

libxl_ctx *vx_libxl_session_ctx(VxLibxlSession *session);
/* The session's own connection to xenstore. */
struct xs_handle *vx_libxl_session_store(VxLibxlSession *session);

/* Fails with the message of FORMAT and what libxl has said in this session. RC is what libxl has returned: CODE stands
 * for what is not a code of its own, as VIR_ERR_NO_DOMAIN for a guest that is no more. Always returns false. */
bool vx_libxl_session_fail(VxLibxlSession *session, GError **error, virErrorNumber code, int rc, const char *format,
                           ...) G_GNUC_PRINTF(5, 6);
