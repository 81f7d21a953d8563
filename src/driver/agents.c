/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/agents.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "driver/agent_guest.h"
#include "driver/change.h"
#include "util/vx_error.h"

/* Threads that open channels and look for agents when nobody waits for that. */
#define MAX_THREADS 4
/* After which time a channel that could not be opened, or has closed, is looked at again. */
#define RETRY_PAUSE_S 10

/* ---- what happens by itself ---- */

void vx_agents_push(VxAgents *agents, const guint8 uuid[16], VxAgentTaskKind kind)
{
    VxAgentTask *task = g_new(VxAgentTask, 1);

    memcpy(task->uuid, uuid, sizeof task->uuid);
    task->kind = kind;
    g_thread_pool_push(agents->pool, task, NULL);
}

/* The channel is to be looked at again. Under the lock. */
static void look_later(VxAgentGuest *guest)
{
    if (guest->is_reminded || guest->is_over || guest->agents->is_ending)
        return;
    guest->is_reminded = true;
    vx_agent_watch_remind(guest->agents->watch, RETRY_PAUSE_S, vx_agent_guest_ref(guest), vx_agent_guest_unref);
}

/* Whether GUEST is meant by ID, or else by UUID. */
static bool is_meant(const VxAgentGuest *guest, int id, const guint8 *uuid)
{
    return uuid ? memcmp(guest->domain->uuid, uuid, sizeof guest->domain->uuid) == 0 : guest->id == id;
}

/* The guest of that id (or, if it is not NULL, that UUID) ends, or its agent does. */
static void hear_end(VxAgents *agents, int id, const guint8 *uuid, bool is_gone)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agents->lock);
    g_autoptr(VxAgentGuest) guest = NULL;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, agents->guests);
    while (!guest && g_hash_table_iter_next(&iter, NULL, &value))
        if (is_meant(value, id, uuid))
            guest = vx_agent_guest_ref(value);
    if (guest && is_gone)
        vx_agent_guest_drop(guest);
    else if (guest)
        vx_agent_guest_hang_up(guest);
}

static void yield_channel(VxAgentGuest *guest)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&guest->agents->lock);

    vx_agent_guest_hang_up(guest);
    look_later(guest);
}

static void look_at_guest(VxAgentGuest *guest)
{
    g_autoptr(GError) error = NULL;

    if (vx_agent_guest_open(guest, &error))
        return;
    g_debug("the guest agent's channel of guest %d is not open: %s", guest->id, error->message);
    g_mutex_lock(&guest->agents->lock);
    look_later(guest);
    g_mutex_unlock(&guest->agents->lock);
}

static bool is_ending(VxAgents *agents)
{
    bool is;

    g_mutex_lock(&agents->lock);
    is = agents->is_ending;
    g_mutex_unlock(&agents->lock);
    return is;
}

static void carry_out(gpointer data, gpointer pool_data)
{
    g_autofree VxAgentTask *task = data;
    VxAgents *agents = pool_data;
    g_autoptr(VxDomainObj) domain = NULL;
    g_autoptr(VxAgentGuest) guest = NULL;

    if (is_ending(agents))
        return;
    domain = vx_domain_list_find_uuid(agents->driver->list, task->uuid);
    guest = domain ? vx_agents_find_guest(agents, domain, task->kind == VX_AGENT_TASK_STARTED, NULL) : NULL;
    if (!domain) /* a transient one, which is forgotten as it ends */
        hear_end(agents, -1, task->uuid, true);
    else if (guest && task->kind == VX_AGENT_TASK_YIELD)
        yield_channel(guest);
    else if (guest)
        look_at_guest(guest);
}

/* A VxEventDeliver: events are locked. */
static void hear(const VxDomainEvent *event, int callback_id, gpointer data)
{
    (void)callback_id;
    if (event->lifecycle.type == VIR_DOMAIN_EVENT_STARTED || event->lifecycle.type == VIR_DOMAIN_EVENT_STOPPED)
        vx_agents_push(data, event->domain.uuid,
                       event->lifecycle.type == VIR_DOMAIN_EVENT_STARTED ? VX_AGENT_TASK_STARTED : VX_AGENT_TASK_LOOK);
}

void vx_agents_guest_event(VxAgents *agents, const VxGuestEvent *event)
{
    g_autoptr(VxDomainObj) domain = NULL;

    switch (event->kind) {
    case VX_GUEST_EVENT_GONE:
        hear_end(agents, event->id, NULL, true);
        break;
    case VX_GUEST_EVENT_SHUTDOWN:
        if (event->shutdown != VX_GUEST_SUSPEND) /* from which it may come back, with its agent */
            hear_end(agents, event->id, NULL, false);
        break;
    case VX_GUEST_EVENT_CHANNEL:
        domain = vx_domain_list_find_id(agents->driver->list, event->id);
        if (domain && vx_is_agent_channel(agents->driver, event->channel))
            vx_agents_push(agents, domain->uuid, VX_AGENT_TASK_LOOK);
        break;
    case VX_GUEST_EVENT_NEW:
    case VX_GUEST_EVENT_DETAILS:
        break;
    }
}

void vx_agents_guest_found(VxAgents *agents, VxDomainObj *domain)
{
    vx_agents_push(agents, domain->uuid, VX_AGENT_TASK_LOOK);
}

/* A VxAgentNewsFunc. */
static void hear_news(VxAgentNews news, VxAgent *agent, gpointer key, gpointer data)
{
    VxAgents *agents = data;
    VxAgentGuest *guest = key;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agents->lock);

    if (agents->is_ending || guest->is_over)
        return;
    if (news == VX_AGENT_NEWS_TIME) {
        guest->is_reminded = false;
        vx_agents_push(agents, guest->domain->uuid, VX_AGENT_TASK_LOOK);
    } else if (guest->agent == agent) { /* and no other one since */
        vx_agent_guest_tell(guest, news == VX_AGENT_NEWS_ANSWERS);
        if (news == VX_AGENT_NEWS_GONE) {
            vx_agent_guest_hang_up(guest);
            look_later(guest);
        }
    }
}

/* ---- life ---- */

VxAgents *vx_agents_new(VxDriver *driver, GError **error)
{
    g_autoptr(VxAgents) agents = g_new0(VxAgents, 1);

    agents->driver = driver;
    g_mutex_init(&agents->lock);
    agents->guests = g_hash_table_new_full(NULL, NULL, NULL, vx_agent_guest_unref);
    agents->watch = vx_agent_watch_new(driver->config.agent_check_interval_s, hear_news, agents, error);
    if (!agents->watch)
        return NULL;
    agents->pool = g_thread_pool_new_full(carry_out, agents, g_free, MAX_THREADS, FALSE, NULL);
    agents->client = vx_event_client_new(driver->events, hear, agents);
    return vx_event_client_add(agents->client, VIR_DOMAIN_EVENT_ID_LIFECYCLE, error) ? g_steal_pointer(&agents) : NULL;
}

void vx_agents_end_calls(VxAgents *agents)
{
    GHashTableIter iter;
    gpointer value;

    if (!agents)
        return;
    g_mutex_lock(&agents->lock);
    agents->is_ending = true;
    g_hash_table_iter_init(&iter, agents->guests);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        if (((VxAgentGuest *)value)->agent)
            vx_agent_close(((VxAgentGuest *)value)->agent);
    g_mutex_unlock(&agents->lock);
}

void vx_agents_free(VxAgents *agents)
{
    if (!agents)
        return;
    vx_agents_end_calls(agents); /* from then on, no news gives work to the pool */
    vx_event_client_free(agents->client);
    if (agents->pool)
        g_thread_pool_free(agents->pool, FALSE, TRUE); /* at once, it would forget the tasks that it has taken up */
    vx_agent_watch_free(agents->watch);
    g_hash_table_unref(agents->guests);
    g_mutex_clear(&agents->lock);
    g_free(agents);
}

/* ---- calls ---- */

/* Counts one more call of the guest, and takes its agent. */
static bool join_calls(VxAgentGuest *guest, VxAgent **agent, GError **error)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&guest->agents->lock);

    if (!guest->agent || guest->agents->is_ending)
        return vx_fail(error, VIR_ERR_AGENT_UNRESPONSIVE, "QEMU guest agent is not connected");
    if (guest->n_calls >= VX_AGENT_MAX_CALLS)
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "%u calls wait for the domain's guest agent already",
                       guest->n_calls);
    guest->n_calls++;
    *agent = vx_agent_ref(guest->agent);
    return true;
}

static bool check_running(VxDomainObj *domain, GError **error)
{
    g_auto(VxDomainView) view = {0};

    if (!vx_domain_obj_look(domain, &view, error))
        return false;
    if (view.state != VIR_DOMAIN_RUNNING && view.state != VIR_DOMAIN_BLOCKED)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
    return true;
}

bool vx_agent_use_begin(VxAgentUse *use, VxDriver *driver, VxDomainObj *domain, GError **error)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(VxAgentGuest) guest = NULL;

    *use = (VxAgentUse){0};
    if (!check_running(domain, error) || !vx_driver_need_hypervisor(driver, error) ||
        !(guest = vx_agents_find_guest(driver->agents, domain, false, error)))
        return false;
    if (!vx_agent_guest_is_open(guest) && !vx_agent_guest_open(guest, &problem))
        return vx_fail(error, VIR_ERR_AGENT_UNRESPONSIVE, "QEMU guest agent is not connected: %s",
                       problem ? problem->message : "its channel is gone");
    if (!join_calls(guest, &use->agent, error))
        return false;
    use->agents = driver->agents;
    use->guest = g_steal_pointer(&guest);
    return true;
}

void vx_agent_use_end(VxAgentUse *use)
{
    g_autoptr(VxAgentGuest) guest = g_steal_pointer(&use->guest);

    if (!guest)
        return;
    g_mutex_lock(&use->agents->lock);
    guest->n_calls--;
    g_mutex_unlock(&use->agents->lock);
    vx_agent_watch_look(use->agents->watch, use->agent);
    g_clear_pointer(&use->agent, vx_agent_unref);
}

bool vx_agent_set_response_timeout(VxDriver *driver, VxDomainObj *domain, int timeout_s, unsigned flags, GError **error)
{
    g_autoptr(VxAgentGuest) guest = NULL;

    if (!vx_check_flags(flags, 0, "virDomainAgentSetResponseTimeout", error))
        return false;
    if (timeout_s < VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "guest agent timeout '%d' is less than the minimum '%d'", timeout_s,
                       VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK);
    if (!vx_driver_need_hypervisor(driver, error) ||
        !(guest = vx_agents_find_guest(driver->agents, domain, false, error)))
        return false;
    g_mutex_lock(&driver->agents->lock);
    guest->timeout_s = timeout_s;
    if (guest->agent)
        vx_agent_set_timeout(guest->agent, timeout_s, NULL);
    g_mutex_unlock(&driver->agents->lock);
    return true;
}
