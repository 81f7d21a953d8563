/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Events of domains as messages to a client.
 */
#pragma once

#include "driver/domain_events.h"

/* The VxEventDeliver of a client whose VxRpcConnection is DATA. Any thread but the main one. */
void vx_event_send(const VxDomainEvent *event, int callback_id, gpointer data);
