/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The consoles and channels of running guests, as xenstore has them: xenstore-paths(7), xen-pv-channel(7).
 *
 * What a channel is called, who serves it and how is read below /libxl/DOMID, which only the toolstack writes. Below
 * the guest's own folder stand the state of its end, which it may write, and the path of the pty, which it may not: but
 * it can take the whole folder away. So channels are known by name, never by the place in a list.
 */
#pragma once

#include <xenstore.h>

#include "driver/hypervisor.h"

/* How much of them is read: each node is a question to xenstored. */
typedef enum {
    VX_CHANNEL_NAMES,  /* numbers and names of all but the primary console */
    VX_CHANNEL_STATES, /* and the states of the guest's ends */
    VX_CHANNEL_ALL,    /* and all else, of the primary console, too */
} VxLibxlChannelPart;

/* What the toolstack has written of the consoles of guest ID, the primary one first (of VxGuestChannel, which the array
 * frees). Not NULL; empty when the guest has none, or is no more. */
GPtrArray *vx_libxl_read_channels(struct xs_handle *store, int id, VxLibxlChannelPart part);

/* The channel called NAME; NULL if there is none. It belongs to CHANNELS. */
const VxGuestChannel *vx_libxl_find_channel(const GPtrArray *channels, const char *name);

/* Whether all channels of DEF are there. Fails with VIR_ERR_OPERATION_FAILED, which names those that are not. */
bool vx_libxl_check_channels(struct xs_handle *store, int id, const VxDomainDef *def, GError **error);

/* Whether TEXT is "/dev/pts/NUMBER". */
bool vx_libxl_is_pty_path(const char *text);

/* The domain that serves a device whose backend's folder is PATH ("/local/domain/0/backend/..."); -1 when it is no such
 * path. */
int vx_libxl_backend_domain(const char *path);

/* Opens the pty PATH, which must be one (see vx_libxl_is_pty_path), or connects to the socket PATH, which must not be a
 * symbolic link. -1 with *ERROR set; the second leaves in errno why it could not connect. */
int vx_libxl_open_pty(const char *path, GError **error);
int vx_libxl_connect_socket(const char *path, GError **error);
/* Connects to the socket for whose place PLACE stands, a descriptor of O_PATH. -1 with errno set. */
int vx_libxl_connect_place(int place);
