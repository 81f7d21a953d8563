/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The thread that tells what Xen says of guests by itself: it watches xenstore for guests that come and go
 * (@introduceDomain, @releaseDomain) and for the states of their channels.
 *
 * The states are written by guests, as often as they like. So a guest's channels are looked at again no sooner than a
 * moment after the last time, and a guest that goes on writing is not listened to for a while; the others never wait
 * for it.
 */
#pragma once

#include "driver/hypervisor.h"
#include "libxl/libxl_guests.h"

typedef struct VxLibxlWatch VxLibxlWatch;

/* Tells WATCH from now on, in a thread of its own. GUESTS are borrowed. */
VxLibxlWatch *vx_libxl_watch_new(VxLibxlGuests *guests, VxGuestWatch watch, gpointer data);
/* Waits until the thread is at an end. NULL is allowed. */
void vx_libxl_watch_free(VxLibxlWatch *watch);
