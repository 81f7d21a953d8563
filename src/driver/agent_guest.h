/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A running guest that has a channel for an agent, and that channel; for agents.c and agent_guest.c alone.
 */
#pragma once

#include "agent/agent_watch.h"
#include "driver/agents.h"

typedef struct {
    gatomicrefcount refs;
    VxAgents *agents;
    VxDomainObj *domain;
    int id; /* Xen's */
    char *name;
    char *channel;

    GMutex opening; /* held while the channel is looked at and opened; before the lock of VxAgents */

    /* what follows is guarded by the lock of VxAgents */
    VxAgent *agent; /* NULL: not open */
    int timeout_s;
    unsigned n_calls;
    bool is_connected; /* as was told last */
    bool is_reminded;  /* the watch is to say when it is time to look again */
    bool is_over;      /* the guest is no more */
} VxAgentGuest;

struct VxAgents {
    VxDriver *driver;
    VxAgentWatch *watch;
    VxEventClient *client; /* hears who starts and stops */
    GThreadPool *pool;     /* of VxAgentTask */

    GMutex lock;        /* guards what follows; before the locks of domains, events and the watch */
    GHashTable *guests; /* VxDomainObj -> VxAgentGuest; those that run */
    bool is_ending;
};

/* What is done in the pool. */
typedef enum {
    VX_AGENT_TASK_LOOK,    /* whether the guest's end of the channel is there */
    VX_AGENT_TASK_STARTED, /* the same of a guest that has just started */
    VX_AGENT_TASK_YIELD,   /* somebody else is to have the channel */
} VxAgentTaskKind;

typedef struct {
    guint8 uuid[16];
    VxAgentTaskKind kind;
} VxAgentTask;

/* Does not block, and takes no lock but the pool's own. */
void vx_agents_push(VxAgents *agents, const guint8 uuid[16], VxAgentTaskKind kind);

VxAgentGuest *vx_agent_guest_ref(VxAgentGuest *guest);
void vx_agent_guest_unref(gpointer guest); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxAgentGuest, vx_agent_guest_unref)

/* The guest that DOMAIN is now, a reference of the caller's; one of an earlier run is dropped. If it HAS_STARTED and is
 * new, that is told as libvirt does: without an agent. It fails as vx_agent_use_begin does. */
VxAgentGuest *vx_agents_find_guest(VxAgents *agents, VxDomainObj *domain, bool has_started, GError **error);

/* Under the lock of VxAgents: tells whether the agent is there, if that is news; closes the connection, if there is
 * one; the same because the guest has ended. */
void vx_agent_guest_tell(VxAgentGuest *guest, bool is_connected);
void vx_agent_guest_hang_up(VxAgentGuest *guest);
void vx_agent_guest_drop(VxAgentGuest *guest);

/* Whether the channel is open; one that has closed meanwhile is let go. */
bool vx_agent_guest_is_open(VxAgentGuest *guest);
/* Opens the channel if the guest's end is there, and closes it if that is not (which is no error). It may wait for the
 * hypervisor. */
bool vx_agent_guest_open(VxAgentGuest *guest, GError **error);
