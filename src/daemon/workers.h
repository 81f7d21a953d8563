/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The threads that carry out calls: general ones; some kept for urgent work, which therefore never waits behind work
 * that takes its time; and others for patient work, which waits for guests that may never answer and so keeps nobody
 * else waiting. Threads are started when there is work for them. Any thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct VxWorkers VxWorkers;

typedef void (*VxWork)(gpointer data);

typedef enum { VX_WORK_GENERAL, VX_WORK_URGENT, VX_WORK_PATIENT, VX_N_WORK_KINDS } VxWorkKind;

/* How many threads of a kind there may be, at least 1: general ones are for all work but the patient one, the others
 * for their own. */
typedef struct {
    unsigned n_general, n_urgent, n_patient;
} VxWorkerLimits;

/* Never NULL. */
VxWorkers *vx_workers_new(VxWorkerLimits limits);
/* Does what waits, and ends. NULL is allowed. */
void vx_workers_free(VxWorkers *workers);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxWorkers, vx_workers_free)

/* Has WORK(DATA) done; urgent work is done before general work. */
void vx_workers_push(VxWorkers *workers, VxWorkKind kind, VxWork work, gpointer data);

/* Other numbers of threads, for work to come; threads that there are stay. */
void vx_workers_set_limits(VxWorkers *workers, VxWorkerLimits limits);
