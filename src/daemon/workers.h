/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The threads that carry out calls: general ones, and some kept for urgent work, which therefore never waits behind
 * work that takes its time. Threads are started when there is work for them. Any thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct VxWorkers VxWorkers;

typedef void (*VxWork)(gpointer data);

/* At most N_GENERAL threads (at least 1) for all work, and N_URGENT more for urgent work. Never NULL. */
VxWorkers *vx_workers_new(unsigned n_general, unsigned n_urgent);
/* Does what waits, and ends. NULL is allowed. */
void vx_workers_free(VxWorkers *workers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxWorkers, vx_workers_free)

/* Has WORK(DATA) done, before all that is not urgent if it IS_URGENT. */
void vx_workers_push(VxWorkers *workers, bool is_urgent, VxWork work, gpointer data);

/* Other numbers of threads, for work to come; threads that there are stay. */
void vx_workers_set_limits(VxWorkers *workers, unsigned n_general, unsigned n_urgent);
