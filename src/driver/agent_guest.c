/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/agent_guest.h"

#include <libvirt/libvirt.h>
#include <string.h>
#include <unistd.h>

#include "driver/stream.h"
#include "util/vx_error.h"

/* ---- guests ---- */

VxAgentGuest *vx_agent_guest_ref(VxAgentGuest *guest)
{
    g_atomic_ref_count_inc(&guest->refs);
    return guest;
}

void vx_agent_guest_unref(gpointer data)
{
    VxAgentGuest *guest = data;

    if (!guest || !g_atomic_ref_count_dec(&guest->refs))
        return;
    vx_agent_unref(guest->agent);
    vx_domain_obj_unref(guest->domain);
    g_mutex_clear(&guest->opening);
    g_free(guest->channel);
    g_free(guest->name);
    g_free(guest);
}
/* DOMAIN as VIEW shows it, with CHANNEL for its agent. */
static VxAgentGuest *guest_new(VxAgents *agents, VxDomainObj *domain, const VxDomainView *view, const char *channel)
{
    VxAgentGuest *guest = g_new(VxAgentGuest, 1);

    *guest = (VxAgentGuest){.agents = agents,
                            .domain = vx_domain_obj_ref(domain),
                            .id = view->id,
                            .name = g_strdup(view->live->name),
                            .channel = g_strdup(channel),
                            .timeout_s = VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK};
    g_atomic_ref_count_init(&guest->refs);
    g_mutex_init(&guest->opening);
    return guest;
}

/* ---- telling; under the lock, so that what is told last is so ---- */

static void tell(VxAgentGuest *guest, int state, int reason)
{
    VxDomainEvent event = {.id = VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
                           .domain = {.name = guest->name, .id = guest->id},
                           .agent = {.state = state, .reason = reason}};

    guest->is_connected = state == VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED;
    memcpy(event.domain.uuid, guest->domain->uuid, sizeof event.domain.uuid);
    vx_domain_events_emit(guest->agents->driver->events, &event);
}

void vx_agent_guest_tell(VxAgentGuest *guest, bool is_connected)
{
    if (guest->is_connected != is_connected)
        tell(guest,
             is_connected ? VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED
                          : VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_DISCONNECTED,
             VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_REASON_CHANNEL);
}

void vx_agent_guest_hang_up(VxAgentGuest *guest)
{
    g_autoptr(VxAgent) agent = g_steal_pointer(&guest->agent);

    if (agent) {
        vx_agent_watch_remove(guest->agents->watch, agent);
        vx_agent_close(agent);
    }
    vx_agent_guest_tell(guest, false);
}

void vx_agent_guest_drop(VxAgentGuest *guest)
{
    guest->is_over = true;
    vx_agent_guest_hang_up(guest);
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
static VxAgentGuest *find_known(VxAgents *agents, VxDomainObj *domain, int id)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agents->lock);
    VxAgentGuest *guest = g_hash_table_lookup(agents->guests, domain);

    if (guest && guest->id != id) {
        vx_agent_guest_drop(guest);
        guest = NULL;
    }
    return guest ? vx_agent_guest_ref(guest) : NULL;
}

/* Puts GUEST (taken) among the others, unless somebody else has been quicker. A reference of the caller's. */
static VxAgentGuest *add_guest(VxAgents *agents, VxAgentGuest *guest, bool has_started)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agents->lock);
    g_autoptr(VxAgentGuest) own = guest;
    VxAgentGuest *other = g_hash_table_lookup(agents->guests, guest->domain);

    if (other && other->id == guest->id)
        return vx_agent_guest_ref(other);
    if (other)
        vx_agent_guest_drop(other);
    g_hash_table_insert(agents->guests, guest->domain, vx_agent_guest_ref(guest));
    if (has_started)
        tell(guest, VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_DISCONNECTED,
             VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_REASON_DOMAIN_STARTED);
    return g_steal_pointer(&own);
}

VxAgentGuest *vx_agents_find_guest(VxAgents *agents, VxDomainObj *domain, bool has_started, GError **error)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(VxDomainDef) def = NULL;
    const VxChr *channel = NULL;
    VxAgentGuest *guest;

    if (!vx_domain_obj_look(domain, &view, error))
        return NULL;
    guest = find_known(agents, domain, view.id);
    if (!view.live) {
        vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain is not running");
        return NULL;
    }
    if (guest)
        return guest;
    if (view.live->has_channels) { /* of most there is nothing to be read */
        def = vx_domain_record_open(view.live, error);
        if (!def)
            return NULL;
        channel = find_channel(agents->driver, def);
    }
    if (!channel) {
        vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "QEMU guest agent is not configured");
        return NULL;
    }
    return add_guest(agents, guest_new(agents, domain, &view, channel->target_name), has_started);
}

/* ---- opening ---- */

bool vx_agent_guest_is_open(VxAgentGuest *guest)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&guest->agents->lock);

    if (guest->agent && vx_agent_is_gone(guest->agent))
        vx_agent_guest_hang_up(guest);
    return guest->agent != NULL;
}

/* Whether the guest's end of the channel is there. */
static bool is_attached(VxAgentGuest *guest, bool *attached, GError **error)
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

/* A VxDeviceRevoke: the domain is locked. */
static void yield(GError *error, gpointer data)
{
    VxAgentGuest *guest = data;

    g_error_free(error);
    vx_agents_push(guest->agents, guest->domain->uuid, VX_AGENT_TASK_YIELD);
}

static void close_device(gpointer device)
{
    vx_open_device_close(device);
}

/* The agent at the other end of DEVICE, which is taken. */
static VxAgent *agent_of_device(VxAgentGuest *guest, VxOpenDevice *device, GError **error)
{
    int fd = vx_open_device_take_fd(device);
    VxAgent *agent = vx_agent_new(fd, error);

    if (agent) {
        vx_agent_set_release(agent, close_device, device);
        vx_open_device_set_revoke(device, yield, vx_agent_guest_ref(guest), vx_agent_guest_unref);
    } else {
        close(fd);
        vx_open_device_close(device);
    }
    return agent;
}

static VxAgent *open_agent(VxAgentGuest *guest, GError **error)
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
static void use_agent(VxAgentGuest *guest, VxAgent *agent)
{
    VxAgents *agents = guest->agents;
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&agents->lock);

    if (guest->is_over || agents->is_ending) {
        vx_agent_unref(agent);
        return;
    }
    vx_agent_guest_hang_up(guest);
    vx_agent_set_timeout(agent, guest->timeout_s, NULL);
    guest->agent = agent;
    vx_agent_watch_add(agents->watch, agent, vx_agent_guest_ref(guest), vx_agent_guest_unref);
}

/* Opens the channel if the guest's end is there, and closes it if that is not (which is no error). Under
 * guest->opening. */
static bool look_at_channel(VxAgentGuest *guest, GError **error)
{
    VxAgent *agent;
    bool attached;

    if (!is_attached(guest, &attached, error))
        return false;
    if (!attached) {
        g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&guest->agents->lock);

        vx_agent_guest_hang_up(guest);
        return true;
    }
    if (vx_agent_guest_is_open(guest))
        return true;
    agent = open_agent(guest, error);
    if (agent)
        use_agent(guest, agent);
    return agent != NULL;
}

bool vx_agent_guest_open(VxAgentGuest *guest, GError **error)
{
    g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&guest->opening);

    return look_at_channel(guest, error);
}
