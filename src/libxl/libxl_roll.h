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

/* Takes GUESTS (of VxGuestInfo) for what there is now, and tells WATCH of those that have gone, are new or have shut
 * down since the last call, in this order; nothing when WATCH is NULL. A guest that is being destroyed has gone. The
 * time it takes is in proportion to the number of guests. */
void vx_libxl_roll_call(VxLibxlRoll *roll, const GArray *guests, VxGuestWatch watch, gpointer data);

/* Whether guest ID was there at the last call; its UUID (borrowed) then, NULL otherwise. */
const guint8 *vx_libxl_roll_find(const VxLibxlRoll *roll, int id);
