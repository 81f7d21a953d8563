/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Channels that come to and leave a running guest. libxl has no call for it; but all that it does for a channel of a
 * new guest can be done for a running one: the device model's character device, the nodes in xenstore, libxl's own
 * records. Each step that fails takes back those before it.
 *
 * A channel is served by the guest's device model. A guest that has none (PV or PVH, started without a channel) cannot
 * get one later, and the error says how to start it so that it can.
 */
#pragma once

#include "libxl/libxl_channel_nodes.h"
#include "libxl/libxl_session.h"
#include "libxl/libxl_sockets.h"

/* Gives guest ID the one channel of CONFIG (its name, connection and path count). Waits until both ends are up; of a
 * guest that is paused, the device model's. Fails with VIR_ERR_OPERATION_FAILED, VIR_ERR_OPERATION_UNSUPPORTED (no
 * device model; another domain is to serve it), VIR_ERR_OPERATION_TIMEOUT (one end has not come up); nothing is left of
 * the channel then. */
bool vx_libxl_plug_channel(VxLibxlSession *session, int id, const libxl_domain_config *config,
                           const VxLibxlSockets *sockets, GError **error);

/* Takes the channel NAME out of guest ID. Fails with VIR_ERR_DEVICE_MISSING when there is none, with
 * VIR_ERR_OPERATION_FAILED when the guest does not let go of it or the device model does not answer; the channel then
 * goes on as before. */
bool vx_libxl_unplug_channel(VxLibxlSession *session, int id, const char *name, const VxLibxlSockets *sockets,
                             GError **error);

/* A daemon has died while a channel was on its way into guest ID or out of it, as MARK says: if all of it is there it
 * stays, or else what there is of it goes. IS_KEPT: libxl has it in its own records. */
void vx_libxl_settle_channel(VxLibxlSession *session, int id, const VxChannelMark *mark, bool is_kept,
                             const VxLibxlSockets *sockets);
