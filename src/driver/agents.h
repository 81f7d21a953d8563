/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The guest agents of the running domains: which channel is an agent's, its connection, whether the agent answers, and
 * telling of it (virConnectDomainEventAgentLifecycleCallback). There is one connection a domain, opened when the
 * guest's end of the channel is there, and closed when that goes, or the guest, or the driver.
 *
 * An agent is there while it answers a sync: a channel alone does not tell, for on Xen the guest's kernel attaches it
 * whether or not a program reads it. Who asks is a thread for all domains (agent/agent_watch.h).
 */
#pragma once

#include "agent/agent.h"
#include "driver/driver.h"

/* libvirt's name of the channel, for a configuration that names none. */
#define VX_AGENT_CHANNEL_NAME "org.qemu.guest_agent.0"

/* How many commands may wait for an agent or be carried out by it at once; more are refused, so that one guest does not
 * take all the threads that may wait for agents. */
#define VX_AGENT_MAX_CALLS 8

/* Of DRIVER, whose list, events and hypervisor (not NULL) are there; it hears of domains from now on. NULL with *ERROR
 * set (VIR_ERR_SYSTEM_ERROR). */
VxAgents *vx_agents_new(VxDriver *driver, GError **error);
/* No call may be under way. NULL is allowed. */
void vx_agents_free(VxAgents *agents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxAgents, vx_agents_free)

/* Ends all waiting for agents, now and later: such calls fail with VIR_ERR_AGENT_UNRESPONSIVE. For a daemon that is to
 * end. NULL is allowed. Any thread; does not block. */
void vx_agents_end_calls(VxAgents *agents);

/* Something has happened to a guest, as a VxGuestWatch hears it. Does not block. */
void vx_agents_guest_event(VxAgents *agents, const VxGuestEvent *event);
/* DOMAIN was found running when the driver started, so that no event tells of it. Does not block. */
void vx_agents_guest_found(VxAgents *agents, VxDomainObj *domain);

/* Whether a channel of that name (NULL: none) is for a guest agent and so belongs to the driver: nobody else may read
 * it. */
bool vx_is_agent_channel(const VxDriver *driver, const char *name);

/* An agent in use by a call. */
typedef struct {
    VxAgents *agents;
    gpointer guest;
    VxAgent *agent; /* borrowed: lives until vx_agent_use_end */
} VxAgentUse;

/* Makes *USE, whose agent the caller may run commands of. It may wait for the hypervisor, but not for the agent. Fails
 * with
 *   VIR_ERR_OPERATION_INVALID     the domain is not running
 *   VIR_ERR_ARGUMENT_UNSUPPORTED  it has no channel for an agent
 *   VIR_ERR_AGENT_UNRESPONSIVE    the guest's end of the channel is not there, or the channel cannot be opened
 *   VIR_ERR_OPERATION_FAILED      too many calls wait for it already */
bool vx_agent_use_begin(VxAgentUse *use, VxDriver *driver, VxDomainObj *domain, GError **error);
/* Nothing happens to a use that has not begun. */
void vx_agent_use_end(VxAgentUse *use);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxAgentUse, vx_agent_use_end)

/* virDomainAgentSetResponseTimeout: how long calls of the domain's agent wait for it, from now on and until the guest
 * ends: seconds or VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_*. */
bool vx_agent_set_response_timeout(VxDriver *driver, VxDomainObj *domain, int timeout_s, unsigned flags,
                                   GError **error);
