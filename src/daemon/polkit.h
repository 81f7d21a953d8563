/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Asking polkit whether a client may connect: the action org.libvirt.unix.manage, or org.libvirt.unix.monitor for a
 * read-only client. Its own program asks, pkcheck(1), so that the daemon needs no D-Bus.
 */
#pragma once

#include "daemon/client.h"

/* Answers CALL (taken), an AUTH_POLKIT of CLIENT, when polkit has decided; nobody is held up meanwhile. Main thread. */
void vx_polkit_ask(VxClient *client, VxRpcCall *call);

/* CLIENT has gone: nobody need be asked for a password any more. Main thread. */
void vx_polkit_forget(VxClient *client);
