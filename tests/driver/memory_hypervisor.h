/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A hypervisor in memory: it can be slow, fail at the n-th call, hang in a start, and hold as many guests as there is
 * memory for. Its guests do what the test says, and tell of it as Xen would: from a thread of their own. Whatever is
 * written to one of their consoles or channels comes back, unless the test takes the guest's end.
 */
#pragma once

#include "driver/hypervisor.h"

typedef struct VxMemoryHypervisor VxMemoryHypervisor;

/* The driver that it is handed to frees it, that is, drops a reference; with one of one's own it survives that driver,
 * as Xen survives the daemon. */
VxMemoryHypervisor *vx_memory_hypervisor_new(void);
VxMemoryHypervisor *vx_memory_hypervisor_ref(VxMemoryHypervisor *memory);
void vx_memory_hypervisor_unref(VxMemoryHypervisor *memory);

/* ---- how calls go ---- */

/* Every call takes that long from now on. */
void vx_memory_hypervisor_set_delay(VxMemoryHypervisor *memory, unsigned delay_ms);
/* The N-th call from now (1: the next) fails; 0: none. Whether a failure is still to come says the other one. */
void vx_memory_hypervisor_fail_at(VxMemoryHypervisor *memory, unsigned n);
bool vx_memory_hypervisor_is_to_fail(VxMemoryHypervisor *memory);
/* A start that has made its guest waits from now on, as for a script that hangs, until this is over or the guest is
 * destroyed. */
void vx_memory_hypervisor_set_hanging(VxMemoryHypervisor *memory, bool hanging);
/* Guests that are asked to shut down or to restart do so. */
void vx_memory_hypervisor_set_obedient(VxMemoryHypervisor *memory, bool obedient);
/* Keeps the guests in FOLDER, too, and takes those that are there: they survive the process. */
void vx_memory_hypervisor_set_folder(VxMemoryHypervisor *memory, const char *folder);

/* ---- what happens to guests by itself, or by others ---- */

/* Tells the driver of an event of the guest ID, as Xen would, before it returns; VX_GUEST_EVENT_GONE takes the guest
 * away. */
void vx_memory_hypervisor_happen(VxMemoryHypervisor *memory, int id, VxGuestEventKind kind);
/* The guest ID shuts down by itself. */
void vx_memory_hypervisor_shut_down(VxMemoryHypervisor *memory, int id, VxGuestShutdown reason);
/* Somebody else makes a guest of DEF, pauses the guest ID or lets it go on, destroys it. */
int vx_memory_hypervisor_make(VxMemoryHypervisor *memory, const VxDomainDef *def);
void vx_memory_hypervisor_set_paused(VxMemoryHypervisor *memory, int id, bool paused);
void vx_memory_hypervisor_remove(VxMemoryHypervisor *memory, int id);
/* The guest's end of the channel NAME attaches or goes away. */
void vx_memory_hypervisor_set_connected(VxMemoryHypervisor *memory, int id, const char *name, bool connected);
/* A channel NAME was on its way into the guest when the daemon ended, and is there. */
void vx_memory_hypervisor_leave_unsettled(VxMemoryHypervisor *memory, int id, const char *name);
/* Returns when all that happened has been told. */
void vx_memory_hypervisor_settle(VxMemoryHypervisor *memory);

/* ---- looking ---- */

/* Guests; domain 0 is not counted. */
unsigned vx_memory_hypervisor_count(VxMemoryHypervisor *memory);
/* The id of the guest that was started with NAME; -1: none. */
int vx_memory_hypervisor_find(VxMemoryHypervisor *memory, const char *name);
/* How many ends of consoles and channels are open. */
unsigned vx_memory_hypervisor_count_ends(VxMemoryHypervisor *memory);

/* ---- behind consoles and channels ---- */

/* Called with the end of GUEST (its name) of the channel NAME (NULL: the console) when the host opens it; it takes FD
 * and returns true, or returns false for an echo. Any thread. */
typedef bool (*VxMemoryGuestEnd)(const char *guest, const char *name, int fd, gpointer data);
void vx_memory_hypervisor_set_guest_end(VxMemoryHypervisor *memory, VxMemoryGuestEnd guest_end, gpointer data);
