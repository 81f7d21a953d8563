/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_channel_far.h"

#include <libxl_utils.h>
#include <stdlib.h>

#include "libxl/libxl_channel_nodes.h"
#include "libxl/libxl_keep.h"
#include "libxl/libxl_store.h"

void vx_libxl_far_channels_clear(VxLibxlFarChannels *far)
{
    for (int i = 0; i < far->n; i++)
        libxl_device_channel_dispose(&far->channels[i]);
    free(far->channels);
    *far = (VxLibxlFarChannels){0};
}

bool vx_libxl_find_backend(VxLibxlSession *session, const libxl_device_channel *channel, int *id, GError **error)
{
    uint32_t found = 0;

    *id = vx_store_own_domain(vx_libxl_session_store(session));
    if (!channel->backend_domname)
        return true;
    if (libxl_domain_qualifier_to_domid(vx_libxl_session_ctx(session), channel->backend_domname, &found) != 0 ||
        libxl_domain_info(vx_libxl_session_ctx(session), NULL, found) != 0)
        return vx_fail(error, VIR_ERR_OPERATION_FAILED,
                       "the domain '%.60s', which is to serve the channel '%.60s', does not run",
                       channel->backend_domname, channel->name ? channel->name : "");
    *id = (int)found;
    return true;
}

bool vx_libxl_set_far_channels_aside(VxLibxlSession *session, libxl_domain_config *config, VxLibxlFarChannels *far,
                                     GError **error)
{
    int own = vx_store_own_domain(vx_libxl_session_store(session)), kept = 0, n = config->num_channels;
    bool good = true;

    far->channels = calloc((size_t)n + 1, sizeof(*far->channels));
    for (int i = 0; i < n; i++) {
        libxl_device_channel channel = config->channels[i];
        int id = own;

        good = good && vx_libxl_find_backend(session, &channel, &id, error);
        channel.backend_domid = (libxl_domid)id;
        if (id != own) {
            far->channels[far->n++] = channel;
        } else {
            free(channel.backend_domname);
            channel.backend_domname = NULL;
            config->channels[kept++] = channel;
        }
    }
    config->num_channels = kept;
    return good;
}

static bool add(VxLibxlSession *session, int id, const libxl_device_channel *channel, GError **error)
{
    struct xs_handle *store = vx_libxl_session_store(session);
    int number = vx_channel_nodes_find_number(store, id);
    g_autofree char *back =
        g_strdup_printf("/local/domain/%u/backend/console/%d/%d", channel->backend_domid, id, number);
    libxl_device_channel kept = *channel; /* whose texts it borrows */
    g_auto(VxChannelNodes) nodes = {0};

    if (number < 0)
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "guest %d has as many channels as it can have", id);
    vx_channel_nodes_init(&nodes, store, id, number, back);
    kept.devid = number;
    return vx_channel_nodes_write(&nodes, store, channel, error) && vx_libxl_keep_channel(session, id, &kept, error);
}

bool vx_libxl_add_far_channels(VxLibxlSession *session, int id, const VxLibxlFarChannels *far, GError **error)
{
    for (int i = 0; i < far->n; i++) {
        if (!add(session, id, &far->channels[i], error))
            return false;
    }
    return true;
}
