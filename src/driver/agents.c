/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/agents.h"

#include <libvirt/libvirt.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent_watch.h"
#include "driver/change.h"
#include "driver/stream.h"
#include "util/vx_error.h"

/* Threads that open channels and look for agents when nobody waits for that. */
#define MAX_THREADS 4
/* After which time a channel that could not be opened, or has closed, is looked at again. */
#define RETRY_PAUSE_S 10

/* A running guest that has a channel for an agent. */
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
} Guest;

struct VxAgents {
    VxDriver *driver;
    VxAgentWatch *watch;
    VxEventClient *client; /* hears who starts and stops */
    GThreadPool *pool;     /* of Task */

    GMutex lock;        /* guards what follows */
    GHashTable *guests; /* VxDomainObj -> Guest; those that run */
    bool is_ending;
};

typedef enum {
    TASK_LOOK,    /* whether the guest's end of the channel is there */
    TASK_STARTED, /* the same of a guest that has just started */
    TASK_YIELD,   /* somebody else is to have the channel */
} TaskKind;

typedef struct {
    guint8 uuid[16];
    TaskKind kind;
} Task;

/* ---- guests ---- */

static Guest *guest_ref(Guest *guest)
{
    g_atomic_ref_count_inc(&guest->refs);
    return guest;
}

static void guest_unref(gpointer data)
{
    Guest *guest = data;

    if (!guest || !g_atomic_ref_count_dec(&guest->refs))
        return;
    vx_agent_unref(guest->agent);
    vx_domain_obj_unref(guest->domain);
    g_mutex_clear(&guest->opening);
    g_free(guest->channel);
    g_free(guest->name);
    g_free(guest);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Guest, guest_unref)

/* DOMAIN as VIEW shows it, with CHANNEL for its agent. */
static Guest *guest_new(VxAgents *agents, VxDomainObj *domain, const VxDomainView *view, const char *channel)
{
    Guest *guest = g_new(Guest, 1);

    *guest = (Guest){.agents = agents,
                     .domain = vx_domain_obj_ref(domain),
                     .id = view->id,
                     .name = g_strdup(view->live->name),
                     .channel = g_strdup(channel),
                     .timeout_s = VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK};
    g_atomic_ref_count_init(&guest->refs);
    g_mutex_init(&guest->opening);
    return guest;
}

/* Does not block, and takes no lock but the pool's own. */
static void push(VxAgents *agents, const guint8 uuid[16], TaskKind kind)
{
    Task *task = g_new(Task, 1);

    memcpy(task->uuid, uuid, sizeof task->uuid);
    task->kind = kind;
    g_thread_pool_push(agents->pool, task, NULL);
}

/* ---- telling; under the lock, so that what is told last is so ---- */

static void tell(Guest *guest, int state, int reason)
{
    VxDomainEvent event = {.id = VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
                           .domain = {.name = guest->name, .id = guest->id},
                           .agent = {.state = state, .reason = reason}};

    guest->is_connected = state == VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED;
    memcpy(event.domain.uuid, guest->domain->uuid, sizeof event.domain.uuid);
    vx_domain_events_emit(guest->agents->driver->events, &event);
}

static void tell_connected(Guest *guest, bool is_connected)
{
    if (guest->is_connected != is_connected)
        tell(guest,
             is_connected ? VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED
                          : VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_DISCONNECTED,
             VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_REASON_CHANNEL);
}

/* Closes the connection, if there is one. Under the lock. */
static void hang_up(Guest *guest)
{
    g_autoptr(VxAgent) agent = g_steal_pointer(&guest->agent);

    if (agent) {
        vx_agent_watch_remove(guest->agents->watch, agent);
        vx_agent_close(agent);
    }
    tell_connected(guest, false);
}

/* Under the lock. */
static void drop_guest(Guest *guest)
{
    guest->is_over = true;
    hang_up(guest);
    g_hash_table_remove(guest->agents->guests, guest->domain);
}

/* ---- which channel ---- */

bool vx_is_agent_channel(const VxDriver *driver, const char *name)
{
    const char *const *names = driver->config.agent_channels;

    return name && *name && (names ? g_strv_contains(names, name) : g_str_equal(name, VX_AGENT_CHANNEL_NAME));
}

/* The first agent's channel of DEF, or NULL; of DEF. */
static const VxChr *find_channel(const VxDriver *driver, const VxDomainDef *def)
{
    VxChr *chr;

    for (unsigned i = 0; (chr = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i));)
        if (vx_is_agent_channel(driver, chr->target_name))
            return chr;
    return NULL;
}

/* ---- finding the guest of a domain ---- */

/* The guest of DOMAIN that runs as ID, a reference of the caller's, or NULL; one of an earlier run is dropped. */
static Guest *find_known(VxAgents *agents, VxDomainObj *domain, int id)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agents->lock);
    Guest *guest = g_hash_table_lookup(agents->guests, domain);

    if (guest && guest->id != id) {
        drop_guest(guest);
        guest = NULL;
    }
    return guest ? guest_ref(guest) : NULL;
}

/* Puts GUEST (taken) among the others, unless somebody else has been quicker. A reference of the caller's. */
static Guest *add_guest(VxAgents *agents, Guest *guest, bool has_started)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agents->lock);
    g_autoptr(Guest) own = guest;
    Guest *other = g_hash_table_lookup(agents->guests, guest->domain);

    if (other && other->id == guest->id)
        return guest_ref(other);
    if (other)
        drop_guest(other);
    g_hash_table_insert(agents->guests, guest->domain, guest_ref(guest));
    if (has_started)
        tell(guest, VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_DISCONNECTED,
             VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_REASON_DOMAIN_STARTED);
    return g_steal_pointer(&own);
}

/* The guest that DOMAIN is now, a reference of the caller's. */
static Guest *find_guest(VxAgents *agents, VxDomainObj *domain, bool has_started, GError **error)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(VxDomainDef) def = NULL;
    const VxChr *channel;
    Guest *guest;

    if (!vx_domain_obj_look(domain, &view, error))
        return NULL;
    guest = find_known(agents, domain, view.id);
    if (!view.live) {
        vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
        return NULL;
    }
    if (guest)
        return guest;
    def = vx_domain_record_open(view.live, error);
    if (!def)
        return NULL;
    channel = find_channel(agents->driver, def);
    if (!channel) {
        vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "QEMU guest agent is not configured");
        return NULL;
    }
    return add_guest(agents, guest_new(agents, domain, &view, channel->target_name), has_started);
}

/* ---- opening ---- */

/* Whether the channel is open; one that has closed meanwhile is let go. */
static bool is_open(Guest *guest)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&guest->agents->lock);

    if (guest->agent && vx_agent_is_gone(guest->agent))
        hang_up(guest);
    return guest->agent != NULL;
}

/* Whether the guest's end of the channel is there. */
static bool is_attached(Guest *guest, bool *attached, GError **error)
{
    VxHypervisor *hypervisor = guest->agents->driver->hypervisor;
    g_autoptr(GPtrArray) channels = hypervisor->ops->channels(hypervisor, guest->id, error);

    if (!channels)
        return false;
    *attached = false;
    for (guint i = 0; i < channels->len; i++) {
        const VxGuestChannel *channel = channels->pdata[i];

        if (channel->name && g_str_equal(channel->name, guest->channel))
            *attached |= vx_guest_channel_is_connected(channel);
    }
    return true;
}

static void unref_key(gpointer guest)
{
    guest_unref(guest);
}

/* A VxDeviceRevoke: the domain is locked. */
static void yield(GError *error, gpointer data)
{
    Guest *guest = data;

    g_error_free(error);
    push(guest->agents, guest->domain->uuid, TASK_YIELD);
}

static void close_device(gpointer device)
{
    vx_open_device_close(device);
}

/* The agent at the other end of DEVICE, which is taken. */
static VxAgent *agent_of_device(Guest *guest, VxOpenDevice *device, GError **error)
{
    int fd = vx_open_device_take_fd(device);
    VxAgent *agent = vx_agent_new(fd, error);

    if (agent) {
        vx_agent_set_release(agent, close_device, device);
        vx_open_device_set_revoke(device, yield, guest_ref(guest), unref_key);
    } else {
        close(fd);
        vx_open_device_close(device);
    }
    return agent;
}

static VxAgent *open_agent(Guest *guest, GError **error)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(VxDomainDef) def = NULL;
    VxOpenDevice *device;
    const VxChr *channel;

    if (!vx_domain_obj_look(guest->domain, &view, error))
        return NULL;
    if (!view.live || view.id != guest->id) {
        vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
        return NULL;
    }
    def = vx_domain_record_open(view.live, error);
    if (!def)
        return NULL;
    channel = find_channel(guest->agents->driver, def);
    if (!channel) {
        vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "QEMU guest agent is not configured");
        return NULL;
    }
    device = vx_open_device(guest->agents->driver, guest->domain, guest->id, channel, false, error);
    return device ? agent_of_device(guest, device, error) : NULL;
}

/* Takes AGENT, unless the guest has ended meanwhile. */
static void use_agent(Guest *guest, VxAgent *agent)
{
    VxAgents *agents = guest->agents;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agents->lock);

    if (guest->is_over || agents->is_ending) {
        vx_agent_unref(agent);
        return;
    }
    hang_up(guest);
    vx_agent_set_timeout(agent, guest->timeout_s, NULL);
    guest->agent = agent;
    vx_agent_watch_add(agents->watch, agent, guest_ref(guest), unref_key);
}

/* Opens the channel if the guest's end is there, and closes it if that is not (which is no error). Under
 * guest->opening. */
static bool look_at_channel(Guest *guest, GError **error)
{
    VxAgent *agent;
    bool attached;

    if (!is_attached(guest, &attached, error))
        return false;
    if (!attached) {
        g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&guest->agents->lock);

        hang_up(guest);
        return true;
    }
    if (is_open(guest))
        return true;
    agent = open_agent(guest, error);
    if (agent)
        use_agent(guest, agent);
    return agent != NULL;
}

static bool update_channel(Guest *guest, GError **error)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&guest->opening);

    return look_at_channel(guest, error);
}

/* ---- what happens by itself ---- */

/* The channel is to be looked at again. Under the lock. */
static void look_later(Guest *guest)
{
    if (guest->is_reminded || guest->is_over || guest->agents->is_ending)
        return;
    guest->is_reminded = true;
    vx_agent_watch_remind(guest->agents->watch, RETRY_PAUSE_S, guest_ref(guest), unref_key);
}

/* Whether GUEST is meant by ID, or else by UUID. */
static bool is_meant(const Guest *guest, int id, const guint8 *uuid)
{
    return uuid ? memcmp(guest->domain->uuid, uuid, sizeof guest->domain->uuid) == 0 : guest->id == id;
}

/* The guest of that id (or, if it is not NULL, that UUID) ends, or its agent does. */
static void hear_end(VxAgents *agents, int id, const guint8 *uuid, bool is_gone)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agents->lock);
    g_autoptr(Guest) guest = NULL;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, agents->guests);
    while (!guest && g_hash_table_iter_next(&iter, NULL, &value))
        if (is_meant(value, id, uuid))
            guest = guest_ref(value);
    if (guest && is_gone)
        drop_guest(guest);
    else if (guest)
        hang_up(guest);
}

static void yield_channel(Guest *guest)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&guest->agents->lock);

    hang_up(guest);
    look_later(guest);
}

static void look_at_guest(Guest *guest)
{
    g_autoptr(GError) error = NULL;

    if (update_channel(guest, &error))
        return;
    g_debug("the guest agent's channel of guest %d is not open: %s", guest->id, error->message);
    g_mutex_lock(&guest->agents->lock);
    look_later(guest);
    g_mutex_unlock(&guest->agents->lock);
}

static void carry_out(gpointer data, gpointer pool_data)
{
    g_autofree Task *task = data;
    VxAgents *agents = pool_data;
    g_autoptr(VxDomainObj) domain = vx_domain_list_find_uuid(agents->driver->list, task->uuid);
    g_autoptr(Guest) guest = domain ? find_guest(agents, domain, task->kind == TASK_STARTED, NULL) : NULL;

    if (!domain) /* a transient one, which is forgotten as it ends */
        hear_end(agents, -1, task->uuid, true);
    else if (guest && task->kind == TASK_YIELD)
        yield_channel(guest);
    else if (guest)
        look_at_guest(guest);
}

/* A VxEventDeliver: events are locked. */
static void hear(const VxDomainEvent *event, int callback_id, gpointer data)
{
    (void)callback_id;
    if (event->lifecycle.type == VIR_DOMAIN_EVENT_STARTED || event->lifecycle.type == VIR_DOMAIN_EVENT_STOPPED)
        push(data, event->domain.uuid, event->lifecycle.type == VIR_DOMAIN_EVENT_STARTED ? TASK_STARTED : TASK_LOOK);
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
            push(agents, domain->uuid, TASK_LOOK);
        break;
    case VX_GUEST_EVENT_NEW:
        break;
    }
}

void vx_agents_guest_found(VxAgents *agents, VxDomainObj *domain)
{
    push(agents, domain->uuid, TASK_LOOK);
}

/* A VxAgentNewsFunc. */
static void hear_news(VxAgentNews news, VxAgent *agent, gpointer key, gpointer data)
{
    VxAgents *agents = data;
    Guest *guest = key;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agents->lock);

    if (agents->is_ending || guest->is_over)
        return;
    if (news == VX_AGENT_NEWS_TIME) {
        guest->is_reminded = false;
        push(agents, guest->domain->uuid, TASK_LOOK);
    } else if (guest->agent == agent) { /* and no other one since */
        tell_connected(guest, news == VX_AGENT_NEWS_ANSWERS);
        if (news == VX_AGENT_NEWS_GONE) {
            hang_up(guest);
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
    agents->guests = g_hash_table_new_full(NULL, NULL, NULL, guest_unref);
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
        if (((Guest *)value)->agent)
            vx_agent_close(((Guest *)value)->agent);
    g_mutex_unlock(&agents->lock);
}

void vx_agents_free(VxAgents *agents)
{
    if (!agents)
        return;
    vx_agents_end_calls(agents); /* from then on, no news gives work to the pool */
    vx_event_client_free(agents->client);
    if (agents->pool)
        g_thread_pool_free(agents->pool, TRUE, TRUE);
    vx_agent_watch_free(agents->watch);
    g_hash_table_unref(agents->guests);
    g_mutex_clear(&agents->lock);
    g_free(agents);
}

/* ---- calls ---- */

/* Counts one more call of the guest, and takes its agent. */
static bool join_calls(Guest *guest, VxAgent **agent, GError **error)
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
    g_autoptr(Guest) guest = NULL;

    *use = (VxAgentUse){0};
    if (!check_running(domain, error) || !vx_driver_need_hypervisor(driver, error) ||
        !(guest = find_guest(driver->agents, domain, false, error)))
        return false;
    if (!is_open(guest) && !update_channel(guest, &problem))
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
    g_autoptr(Guest) guest = g_steal_pointer(&use->guest);

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
    g_autoptr(Guest) guest = NULL;

    if (!vx_check_flags(flags, 0, "virDomainAgentSetResponseTimeout", error))
        return false;
    if (timeout_s < VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "guest agent timeout '%d' is less than the minimum '%d'", timeout_s,
                       VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK);
    if (!vx_driver_need_hypervisor(driver, error) || !(guest = find_guest(driver->agents, domain, false, error)))
        return false;
    g_mutex_lock(&driver->agents->lock);
    guest->timeout_s = timeout_s;
    if (guest->agent)
        vx_agent_set_timeout(guest->agent, timeout_s, NULL);
    g_mutex_unlock(&driver->agents->lock);
    return true;
}
