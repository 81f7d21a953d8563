/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A hypervisor in memory: it can be slow, fail at the n-th call, and hold as many guests as there is memory for.
 */
#pragma once

#include "driver/hypervisor.h"

typedef struct VxMemoryHypervisor VxMemoryHypervisor;

/* Freed by the driver that it is handed to. */
VxMemoryHypervisor *vx_memory_hypervisor_new(void);

/* Every call takes that long from now on. */
void vx_memory_hypervisor_set_delay(VxMemoryHypervisor *memory, unsigned delay_ms);
/* The N-th call from now (1: the next) fails; 0: none. */
void vx_memory_hypervisor_fail_at(VxMemoryHypervisor *memory, unsigned n);
/* Tells the driver of an event of the guest ID, as Xen would; VX_GUEST_EVENT_GONE takes the guest away. */
void vx_memory_hypervisor_happen(VxMemoryHypervisor *memory, int id, VxGuestEventKind kind);
unsigned vx_memory_hypervisor_count(VxMemoryHypervisor *memory);
