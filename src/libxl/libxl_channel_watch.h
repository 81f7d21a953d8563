/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The states of the channels of all guests, and that something was chosen for their consoles and displays, for the
 * thread of libxl_watch.h. It belongs to that thread.
 */
#pragma once

#include <xenstore.h>

#include "driver/hypervisor.h"

typedef struct VxLibxlChannelWatch VxLibxlChannelWatch;

/* Uses STORE (borrowed), whose watches it reads not by itself, and tells WATCH. */
VxLibxlChannelWatch *vx_libxl_channel_watch_new(struct xs_handle *store, VxGuestWatch watch, gpointer data);
void vx_libxl_channel_watch_free(VxLibxlChannelWatch *channels);

/* Guest ID is there from now on, or is no more. */
void vx_libxl_channel_watch_add(VxLibxlChannelWatch *channels, int id, const guint8 uuid[16]);
void vx_libxl_channel_watch_drop(VxLibxlChannelWatch *channels, int id);

/* PATH has changed, which was watched with TOKEN; whether that was one of these watches. */
bool vx_libxl_channel_watch_take(VxLibxlChannelWatch *channels, const char *path, const char *token);

/* Looks at some of the guests whose time has come. Returns in how many milliseconds it is to be called again; -1: not
 * before a watch comes. */
int vx_libxl_channel_watch_look(VxLibxlChannelWatch *channels);
