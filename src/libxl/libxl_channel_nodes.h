/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A channel's nodes in xenstore, as the toolstack writes them when a guest is made (xenstore-paths(7)), for a guest
 * that runs already. Such a guest could be quick: what the device model believes (where the bytes go, which device it
 * serves) is never the guest's to write, not even for a moment. Of its own folder the guest may write its state and
 * where its ring is, and nothing else; it can neither add nor remove a node. A driver domain may write the folder of
 * its own end and, in the guest's, where the bytes go; we believe neither.
 */
#pragma once

#include <libxl.h>
#include <xenstore.h>

#include "util/vx_error.h"

/* xenbus states, as Xen's public io/xenbus.h numbers them. */
typedef enum {
    VX_XENBUS_UNKNOWN = 0,
    VX_XENBUS_INITIALISING = 1,
    VX_XENBUS_CONNECTED_BOTH = 4,
    VX_XENBUS_CLOSING = 5,
    VX_XENBUS_CLOSED = 6,
} VxXenbusState;

typedef struct {
    int guest;                   /* its domain id */
    int number;                  /* of console-NUMBER */
    int own;                     /* the domain that we are, and the device model with us */
    int backend;                 /* the one that serves it */
    char *record, *front, *back; /* folders: the toolstack's, the guest's, the backend's */
} VxChannelNodes;

/* The nodes of channel NUMBER of GUEST, whose backend's folder is BACK (NULL: in our own domain). */
void vx_channel_nodes_init(VxChannelNodes *nodes, struct xs_handle *store, int guest, int number, const char *back);
void vx_channel_nodes_clear(VxChannelNodes *nodes);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxChannelNodes, vx_channel_nodes_clear)

/* A number that a channel of GUEST can have and none has: the lowest, or, if some were plugged in or out, the next
 * after the one that was last on its way. For Linux overlooks a device that goes and comes again before its xenwatch
 * thread has looked. -1 when there is none. */
int vx_channel_nodes_find_number(struct xs_handle *store, int guest);

/* What the device model is told to connect the channel to: "pty", or the character device that
 * vx_channel_nodes_chardev names. The caller frees it. */
char *vx_channel_nodes_output(const VxChannelNodes *nodes, const libxl_device_channel *channel);
/* The name of the device model's character device: of a socket our own, for QEMU takes none a second time that libxl
 * has given on its command line; of a pty QEMU's. The caller frees it. */
char *vx_channel_nodes_chardev(int number, libxl_channel_connection connection);

/* A channel that is on its way into a guest or out of it. */
typedef struct {
    int number;
    char *name, *path; /* PATH of a socket; NULL: a pty */
} VxChannelMark;

void vx_channel_mark_clear(VxChannelMark *mark);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxChannelMark, vx_channel_mark_clear)

/* What is on its way is written down before it begins, and taken away when it is done: so a daemon that died in between
 * finds it when it is started again. A guest has one such mark at a time; PATH is NULL of a pty. Fails with
 * VIR_ERR_NO_DOMAIN when the guest is no more, with VIR_ERR_OPERATION_FAILED when it has a mark. */
bool vx_channel_nodes_mark(const VxChannelNodes *nodes, struct xs_handle *store, const char *name, const char *path,
                           GError **error);
void vx_channel_nodes_unmark(const VxChannelNodes *nodes, struct xs_handle *store);
/* The mark of GUEST; false if it has none. */
bool vx_channel_nodes_find_mark(struct xs_handle *store, int guest, VxChannelMark *mark);

/* Writes all nodes of CHANNEL, at once; both ends then begin. Fails with VIR_ERR_NO_DOMAIN when the guest is no more,
 * with VIR_ERR_OPERATION_FAILED when some of the nodes are there already, with VIR_ERR_SYSTEM_ERROR when xenstore
 * refuses. */
bool vx_channel_nodes_write(const VxChannelNodes *nodes, struct xs_handle *store, const libxl_device_channel *channel,
                            GError **error);

/* Asks both ends to close; or, when a guest has not, takes that back. */
bool vx_channel_nodes_ask_to_close(const VxChannelNodes *nodes, struct xs_handle *store, GError **error);
bool vx_channel_nodes_keep_open(const VxChannelNodes *nodes, struct xs_handle *store, GError **error);

/* Closes the guest's end in its place, for one that has never opened it: QEMU lets go of the character device of a
 * channel only when it sees that. */
bool vx_channel_nodes_close_front(const VxChannelNodes *nodes, struct xs_handle *store, GError **error);

/* Removes all of them, at once. */
bool vx_channel_nodes_remove(const VxChannelNodes *nodes, struct xs_handle *store, GError **error);

VxXenbusState vx_channel_nodes_front_state(const VxChannelNodes *nodes, struct xs_handle *store);
VxXenbusState vx_channel_nodes_back_state(const VxChannelNodes *nodes, struct xs_handle *store);
