/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The sockets of channels, which the device model makes as a guest starts: the folder for them before, and what is left
 * of them afterwards. Any thread.
 */
#pragma once

#include <libxl.h>
#include <stdbool.h>

#include <glib.h>

/* Makes FOLDER (where channels without a path of their own have their sockets) if CONFIG has sockets there, and takes
 * away what dead processes have left where it wants its sockets. Fails with VIR_ERR_OPERATION_FAILED when somebody
 * serves one of the sockets already or something else is there, with VIR_ERR_SYSTEM_ERROR when it cannot be found out.
 */
bool vx_libxl_prepare_sockets(const libxl_domain_config *config, const char *folder, GError **error);
/* Takes those away that nobody serves. */
void vx_libxl_clear_sockets(const libxl_domain_config *config);

/* Takes PATH away if it is a socket that nobody serves any more; a symbolic link is left alone. It is no failure when
 * there is none. Fails as vx_libxl_prepare_sockets does. */
bool vx_libxl_drop_dead_socket(const char *path, GError **error);
