/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Finds out which of many agents are there: one thread that asks them now and then, and hears of it when a channel
 * closes. An agent that answers is asked again after an interval; one that does not, after a time that doubles up to
 * VX_AGENT_WATCH_PATIENCE_S, but is heard at once when it begins to read what it was sent. No agent is waited for: a
 * silent one costs a descriptor and a message now and then, and one that sends without end, a bounded number of bytes
 * each time.
 */
#pragma once

#include "agent/agent.h"

/* The longest time between two questions to an agent that does not answer. */
#define VX_AGENT_WATCH_PATIENCE_S 60

typedef struct VxAgentWatch VxAgentWatch;

typedef enum {
    VX_AGENT_NEWS_ANSWERS, /* the agent, which had not answered, does */
    VX_AGENT_NEWS_SILENT,  /* the agent, which had answered, does not any more */
    VX_AGENT_NEWS_GONE,    /* the channel has closed: there will be no more news of it */
    VX_AGENT_NEWS_TIME,    /* it is time for what vx_agent_watch_remind was asked for; AGENT is NULL */
} VxAgentNews;

/* Called from the watch's thread, without a lock; it must not wait. KEY is the one of vx_agent_watch_add. */
typedef void (*VxAgentNewsFunc)(VxAgentNews news, VxAgent *agent, gpointer key, gpointer data);

/* INTERVAL_S is how often an agent that answers is asked; 0: never, only its commands tell. Fails with
 * VIR_ERR_SYSTEM_ERROR. */
VxAgentWatch *vx_agent_watch_new(unsigned interval_s, VxAgentNewsFunc news, gpointer data, GError **error);
/* Ends the thread: when it returns, there is and will be no more news. Not from the news function. NULL is allowed. */
void vx_agent_watch_free(VxAgentWatch *watch);

/* Watches AGENT (a reference is held) and asks it now. KEY is freed by FREE_KEY when it is no longer watched. */
void vx_agent_watch_add(VxAgentWatch *watch, VxAgent *agent, gpointer key, GDestroyNotify free_key);
/* Ends that; news that is under way may still come. */
void vx_agent_watch_remove(VxAgentWatch *watch, VxAgent *agent);
/* A command of AGENT is done: whether it answers may be known by now. */
void vx_agent_watch_look(VxAgentWatch *watch, VxAgent *agent);
/* Has news of VX_AGENT_NEWS_TIME with KEY told after PAUSE_S, once. */
void vx_agent_watch_remind(VxAgentWatch *watch, unsigned pause_s, gpointer key, GDestroyNotify free_key);
