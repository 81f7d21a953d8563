/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The guests that Xen has, asked of Xen itself (xenctrl.h): libxl would ask it about the security label of each as
 * well, and carries out one operation at a time.
 */
#pragma once

#include "driver/hypervisor.h"

typedef struct VxLibxlGuests VxLibxlGuests;

/* NULL with *ERROR set (VIR_ERR_OPERATION_FAILED) when there is no Xen. */
VxLibxlGuests *vx_libxl_guests_new(GError **error);
/* NULL is allowed. */
void vx_libxl_guests_free(VxLibxlGuests *guests);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxLibxlGuests, vx_libxl_guests_free)

/* All guests, by their ids (VxGuestInfo). The caller frees it; NULL with *ERROR set when Xen does not answer. Any
 * thread. */
GArray *vx_libxl_guests_list(VxLibxlGuests *guests, GError **error);

/* What guest ID is. False with *ERROR set: VIR_ERR_NO_DOMAIN if there is no such guest. Any thread. */
bool vx_libxl_guests_find(VxLibxlGuests *guests, int id, VxGuestInfo *info, GError **error);

/* Guest ID is reset, as by a button: libxl has a trigger for it that no Xen knows. Any thread. */
bool vx_libxl_guests_reset(VxLibxlGuests *guests, int id, GError **error);

/* Guest ID has this UUID from now on in Xen's own list: libxl changes it in xenstore alone. Any thread. */
bool vx_libxl_guests_set_uuid(VxLibxlGuests *guests, int id, const guint8 uuid[16], GError **error);
