/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest agent (qemu-ga, or what speaks like it: qemu-ga-ref(7)) at the other end of a file descriptor: a socket or a
 * terminal. What it sends is not trusted: each answer is bounded in size, depth and time, and must be JSON.
 *
 * Every command is preceded by a guest-sync-delimited with a random number, so that what is left of a command that
 * somebody gave up on is recognised and thrown away, and an agent that is not there is found out within
 * VX_AGENT_SYNC_TIMEOUT_S seconds even if the command itself may take for ever. An agent without guest-sync-delimited
 * gets a guest-sync.
 *
 * The functions may be called from any thread, also at once: commands then wait for each other. They block, for as long
 * as the timeout says, and so belong into a worker thread and not into one that runs a main loop; vx_agent_close,
 * vx_agent_ref, vx_agent_unref, vx_agent_is_gone, vx_agent_set_timeout and what is said of probes do not block.
 *
 * Errors, besides those named with each function:
 *   VIR_ERR_AGENT_UNRESPONSIVE   no answer in time, or the channel was closed meanwhile
 *   VIR_ERR_AGENT_UNSYNCED       something answers, but not what it is asked
 *   VIR_ERR_OPERATION_TIMEOUT    another command was not done in time
 *   VIR_ERR_OPERATION_UNSUPPORTED the agent does not have the command, or may not run it
 *   VIR_ERR_INTERNAL_ERROR       the agent says that the command failed, or its answer is not an answer
 */
#pragma once

#include <glib.h>
#include <libvirt/libvirt-qemu.h>
#include <stdbool.h>

#include "util/vx_json.h"

/* Timeouts are in seconds, or one of virDomainQemuAgentCommandTimeoutValues: VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK waits
 * as long as it takes, _NOWAIT sends the command and takes an answer only if it is there at once, _DEFAULT is this one.
 */
#define VX_AGENT_DEFAULT_TIMEOUT_S 5
/* How long an agent may take to answer a sync. */
#define VX_AGENT_SYNC_TIMEOUT_S 5

typedef struct VxAgent VxAgent;

/* An agent at the other end of FD, which is taken over and closed with the last reference; a terminal is made raw.
 * Nothing is sent yet. Fails with VIR_ERR_SYSTEM_ERROR; FD is the caller's then. */
VxAgent *vx_agent_new(int fd, GError **error);
VxAgent *vx_agent_ref(VxAgent *agent);
void vx_agent_unref(VxAgent *agent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxAgent, vx_agent_unref)

/* RELEASE(DATA) is called when FD has been closed. Before the agent is used. */
void vx_agent_set_release(VxAgent *agent, GDestroyNotify release, gpointer data);

/* Gives up: the present command and all later ones fail with VIR_ERR_AGENT_UNRESPONSIVE. For when the guest is gone. */
void vx_agent_close(VxAgent *agent);

/* Whether the other end has closed, or vx_agent_close was called: there will be no more answers from here. */
bool vx_agent_is_gone(VxAgent *agent);

/* How long typed commands (agent_commands.h) wait for their answer: TIMEOUT_S as above, from the next command on. It is
 * VIR_DOMAIN_QEMU_AGENT_COMMAND_BLOCK at first, as with libvirt. One shorter than VX_AGENT_SYNC_TIMEOUT_S is for the
 * sync too. Fails with VIR_ERR_INVALID_ARG. */
bool vx_agent_set_timeout(VxAgent *agent, int timeout_s, GError **error);
int vx_agent_get_timeout(VxAgent *agent);

/* Whether the agent answers a sync: to learn whether there is one. */
bool vx_agent_sync(VxAgent *agent, GError **error);

/* What a probe has come to. */
typedef enum {
    VX_AGENT_PROBE_WAITING, /* there is no answer yet */
    VX_AGENT_PROBE_ANSWERED,
    VX_AGENT_PROBE_REFUSED, /* what came was too much, and no answer: the probe is over */
    VX_AGENT_PROBE_BUSY,    /* a command is being run, which will find out: there is no probe (any more) */
    VX_AGENT_PROBE_GONE,    /* as vx_agent_is_gone */
} VxAgentProbe;

/* A sync without waiting, for one thread that looks after many agents (agent_watch.h). Sends it: WAITING, BUSY or
 * GONE. If an earlier one still waits, an answer to that one is good, too. A command that comes meanwhile ends the
 * probe. */
VxAgentProbe vx_agent_probe_begin(VxAgent *agent);
/* Looks at what has come since, when the descriptor is readable. */
VxAgentProbe vx_agent_probe_look(VxAgent *agent);
/* It takes too long: the agent does not answer for now. The probe goes on. */
VxAgentProbe vx_agent_probe_miss(VxAgent *agent);
/* The descriptor, to be polled only. */
int vx_agent_get_fd(const VxAgent *agent);

/* What is known of the agent from the last sync, of a command or of a probe: whether it answered. False at first. */
bool vx_agent_answers(VxAgent *agent);

/* Runs COMMAND, a JSON object such as {"execute":"guest-ping"}, and returns the whole answer, {"return":...}, as JSON
 * in one line, for the caller to free. TIMEOUT_S is for the answer; waiting for another command is not longer either.
 * Fails with VIR_ERR_INVALID_ARG if COMMAND is not a JSON object or TIMEOUT_S is no timeout. */
char *vx_agent_command(VxAgent *agent, const char *command, int timeout_s, GError **error);

/* Runs the command NAME with ARGUMENTS (a JSON object, taken over; NULL for none) and the timeout that is set. *RESULT
 * becomes what its "return" says, for the caller to put, which is NULL for null; RESULT may be NULL. */
bool vx_agent_execute(VxAgent *agent, const char *name, json_object *arguments, json_object **result, GError **error);

/* The same for a command that answers only if it fails, since the guest goes away when it succeeds: it has succeeded if
 * the channel closes or vx_agent_close is called. Waits for TIMEOUT_S. */
bool vx_agent_execute_farewell(VxAgent *agent, const char *name, json_object *arguments, int timeout_s, GError **error);
