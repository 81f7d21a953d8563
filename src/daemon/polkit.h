/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Asking polkit (the D-Bus service org.freedesktop.PolicyKit1) whether a client may connect: the action
 * org.libvirt.unix.manage, or org.libvirt.unix.monitor for a read-only client.
 * https://www.freedesktop.org/software/polkit/docs/latest/eggdbus-interface-org.freedesktop.PolicyKit1.Authority.html
 */
#pragma once

#include "daemon/client.h"

/* Answers CALL (taken), an AUTH_POLKIT of CLIENT, when polkit has decided; nobody is held up meanwhile. Main thread. */
void vx_polkit_ask(VxClient *client, VxRpcCall *call);
