/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The configuration that libxl keeps of a running guest, which xl shows and puts into what it saves. libxl brings it up
 * to date itself for the devices that it plugs; for channels, which it does not plug, this does.
 */
#pragma once

#include "libxl/libxl_session.h"

/* Adds CHANNEL (copied) to the configuration kept of guest ID, in the place of one of the same name. Where libxl keeps
 * none, there is nothing to do. Fails with VIR_ERR_OPERATION_FAILED. */
bool vx_libxl_keep_channel(VxLibxlSession *session, int id, const libxl_device_channel *channel, GError **error);

/* Takes the channel NAME out of it, if it is there. */
bool vx_libxl_forget_channel(VxLibxlSession *session, int id, const char *name, GError **error);

/* libxl finds it by the UUID of the guest. So it is taken before that changes, and put back afterwards: the text, which
 * the caller frees, or NULL if there is none. */
char *vx_libxl_keep_take(VxLibxlSession *session, int id);
void vx_libxl_keep_put(VxLibxlSession *session, int id, const char *text);
