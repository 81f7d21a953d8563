/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The roll of guests: what has happened between two lists of them. Xen only says that something has. It belongs to one
 * thread.
 */
#pragma once

#include "driver/hypervisor.h"

typedef struct VxLibxlRoll VxLibxlRoll;

VxLibxlRoll *vx_libxl_roll_new(void);
void vx_libxl_roll_free(VxLibxlRoll *roll);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxLibxlRoll, vx_libxl_roll_free)

/* Whether guest ID, which is new, is there in full: not one that is still being made. */
typedef bool (*VxLibxlReady)(int id, gpointer data);

/* Takes GUESTS (of VxGuestInfo) for what there is now, and tells WATCH of those that have gone, are new or have shut
 * down since the last call, in this order. A guest that is being destroyed has gone, and one that is not READY (NULL:
 * all are) has not come yet: then false is returned, for there is to be another call without anything happening. One
 * that had shut down before stays the same under another UUID. The time it takes is in proportion to the number of
 * guests. */
bool vx_libxl_roll_call(VxLibxlRoll *roll, const GArray *guests, VxLibxlReady ready, VxGuestWatch watch, gpointer data);

/* Whether guest ID was there at the last call; its UUID (borrowed) then, NULL otherwise. */
const guint8 *vx_libxl_roll_find(const VxLibxlRoll *roll, int id);
