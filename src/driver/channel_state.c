/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/channel_state.h"

#include "conf/chr_def.h"

/* A guest cannot have more, and who writes xenstore is not to fill our memory. */
#define STATES_MAX 512

static void set_state(VxDomainObj *domain, int id, const char *name, bool connected)
{
    g_mutex_lock(&domain->lock);
    if (domain->channel_states && domain->channel_states_id != id)
        g_clear_pointer(&domain->channel_states, g_hash_table_unref);
    if (!domain->channel_states)
        domain->channel_states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    domain->channel_states_id = id;
    if (g_hash_table_size(domain->channel_states) < STATES_MAX || g_hash_table_contains(domain->channel_states, name))
        g_hash_table_insert(domain->channel_states, g_strdup(name),
                            GINT_TO_POINTER(connected ? VX_CHR_STATE_CONNECTED : VX_CHR_STATE_DISCONNECTED));
    g_mutex_unlock(&domain->lock);
}

void vx_channel_states_take(VxDomainList *list, const VxGuestEvent *event)
{
    g_autoptr(VxDomainObj) domain = vx_domain_list_find_guest(list, event->id, event->uuid);

    if (domain && event->channel)
        set_state(domain, event->id, event->channel, event->connected);
}

/* The domain's lock is held. */
static void apply(GHashTable *states, VxDomainDef *def)
{
    VxChr *channel;
    gpointer state;

    for (unsigned i = 0; (channel = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i));) {
        if (channel->target_name && g_hash_table_lookup_extended(states, channel->target_name, NULL, &state))
            channel->target_state = GPOINTER_TO_INT(state);
    }
}

bool vx_channel_states_any(VxDomainObj *domain, int id)
{
    bool any;

    g_mutex_lock(&domain->lock);
    any = domain->channel_states && domain->channel_states_id == id;
    g_mutex_unlock(&domain->lock);
    return any;
}

void vx_channel_states_apply(VxDomainObj *domain, int id, VxDomainDef *def)
{
    g_mutex_lock(&domain->lock);
    if (domain->channel_states && domain->channel_states_id == id)
        apply(domain->channel_states, def);
    g_mutex_unlock(&domain->lock);
}

void vx_channel_states_replace(VxDomainObj *domain, int id, VxDomainDef *def)
{
    VxChr *channel;

    for (unsigned i = 0; (channel = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i));)
        channel->target_state = 0;
    vx_channel_states_apply(domain, id, def);
}
