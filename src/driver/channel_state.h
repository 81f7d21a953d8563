/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whether the guest's driver has attached to the channels of a running domain. The live definition says how it was when
 * that was made; what the hypervisor has told since is kept beside it, and put into what clients are shown. Any thread.
 */
#pragma once

#include "driver/domain_list.h"
#include "driver/hypervisor.h"

/* EVENT is a VX_GUEST_EVENT_CHANNEL of a domain of LIST, which may be about to get the guest's id. */
void vx_channel_states_take(VxDomainList *list, const VxGuestEvent *event);

/* Whether anything is known of DOMAIN's guest ID. */
bool vx_channel_states_any(VxDomainObj *domain, int id);
/* Puts it into DEF, the live definition of that guest. */
void vx_channel_states_apply(VxDomainObj *domain, int id, VxDomainDef *def);
/* The same; a channel of which nothing was told has no state afterwards, for the hypervisor to fill in. */
void vx_channel_states_replace(VxDomainObj *domain, int id, VxDomainDef *def);
