/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Channels that a driver domain serves. libxl would have the guest's device model here make a character device for
 * each, too: of a socket, at a path that is meant for another domain, in the place of whatever is there on this host.
 * So such channels are kept from it, and what libxl does beside that is done here: the nodes in xenstore, its own
 * records.
 */
#pragma once

#include "libxl/libxl_session.h"

typedef struct {
    libxl_device_channel *channels;
    int n;
} VxLibxlFarChannels;

void vx_libxl_far_channels_clear(VxLibxlFarChannels *far);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxLibxlFarChannels, vx_libxl_far_channels_clear)

/* The domain that is to serve CHANNEL: our own, where none is named. Fails with VIR_ERR_OPERATION_FAILED when it does
 * not run. */
bool vx_libxl_find_backend(VxLibxlSession *session, const libxl_device_channel *channel, int *id, GError **error);

/* Moves those of CONFIG that another domain is to serve to FAR; that one has to run. */
bool vx_libxl_set_far_channels_aside(VxLibxlSession *session, libxl_domain_config *config, VxLibxlFarChannels *far,
                                     GError **error);

/* Gives them to guest ID, which does not run yet. */
bool vx_libxl_add_far_channels(VxLibxlSession *session, int id, const VxLibxlFarChannels *far, GError **error);
