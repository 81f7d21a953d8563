/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The bytes to and from a guest agent: whole lines, until a deadline, until the peer is gone or until somebody wakes
 * the waiting thread for good. For agent.c alone.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "agent/agent_line.h"

/* A deadline, in microseconds of g_get_monotonic_time(), that never comes. */
#define VX_AGENT_NEVER G_MAXINT64

typedef enum {
    VX_AGENT_WIRE_DONE,
    VX_AGENT_WIRE_TIMEOUT,
    VX_AGENT_WIRE_GONE,     /* the peer has closed, reading failed, or vx_agent_wire_wake was called; stays so */
    VX_AGENT_WIRE_TOO_MUCH, /* more bytes came than allowed */
} VxAgentWireResult;

typedef struct {
    int fd;
    int wake_fd;
    gint is_gone; /* atomic */
    VxAgentLine line;
    char buffer[16 * 1024];
    gsize from, to; /* what of the buffer is not in a line yet */
    bool heard;     /* bytes have come since vx_agent_wire_begin */
} VxAgentWire;

/* Takes FD over and makes it non-blocking, and raw if it is a terminal. Fails with VIR_ERR_SYSTEM_ERROR; FD is the
 * caller's then. */
bool vx_agent_wire_init(VxAgentWire *wire, int fd, GError **error);
void vx_agent_wire_clear(VxAgentWire *wire);

/* Ends the present wait, if any, and all later ones, with VX_AGENT_WIRE_GONE. Any thread; the rest is for one at a
 * time. */
void vx_agent_wire_wake(VxAgentWire *wire);

/* Forgets what has come of an unfinished line. What is read up to the next call is limited to lines of MAX_LENGTH
 * bytes. */
void vx_agent_wire_begin(VxAgentWire *wire, gsize max_length);

/* Writes all LENGTH bytes of DATA. */
VxAgentWireResult vx_agent_wire_send(VxAgentWire *wire, const char *data, gsize length, gint64 deadline_us);

/* Waits for the next line, which is in wire->line until the next call. *BUDGET, if BUDGET is not NULL, is how many
 * bytes may come until then, and is lessened by those that did. */
VxAgentWireResult vx_agent_wire_read_line(VxAgentWire *wire, gsize *budget, gint64 deadline_us);

/* Takes what has come of the next line, without waiting: VX_AGENT_WIRE_TIMEOUT if it is not complete yet; the next call
 * goes on where this one ended. *BUDGET is as above. */
VxAgentWireResult vx_agent_wire_try_line(VxAgentWire *wire, gsize *budget);

/* Writes all LENGTH bytes of DATA if there is room for them at this moment, or else none or some of them
 * (VX_AGENT_WIRE_TIMEOUT). */
VxAgentWireResult vx_agent_wire_try_send(VxAgentWire *wire, const char *data, gsize length);
