/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/workers.h"

typedef struct {
    VxWork work;
    gpointer data;
} Item;

/* The threads of one kind. */
typedef struct {
    GCond wake;
    unsigned limit;
    unsigned n_threads;
    unsigned n_idle;
} Crew;

struct VxWorkers {
    GMutex lock; /* guards all that follows */
    Crew crews[VX_N_WORK_KINDS];
    GQueue waiting[VX_N_WORK_KINDS]; /* of Item */
    GPtrArray *threads;              /* of GThread, to be joined */
    bool ending;
};

typedef struct {
    VxWorkers *workers;
    VxWorkKind kind;
} Start;

/* What a thread of KIND does next: that of its kind, but urgent work before general work. Under the lock. */
static Item *next_item(VxWorkers *workers, VxWorkKind kind)
{
    Item *item = kind == VX_WORK_GENERAL ? g_queue_pop_head(&workers->waiting[VX_WORK_URGENT]) : NULL;

    return item ? item : g_queue_pop_head(&workers->waiting[kind]);
}

static gpointer run(gpointer data)
{
    g_autofree Start *start = data;
    VxWorkers *workers = start->workers;
    Crew *crew = &workers->crews[start->kind];

    g_mutex_lock(&workers->lock);
    for (;;) {
        g_autofree Item *item = next_item(workers, start->kind);

        if (item) {
            g_mutex_unlock(&workers->lock);
            item->work(item->data);
            g_mutex_lock(&workers->lock);
        } else if (workers->ending) {
            break;
        } else {
            crew->n_idle++;
            g_cond_wait(&crew->wake, &workers->lock);
            crew->n_idle--;
        }
    }
    g_mutex_unlock(&workers->lock);
    return NULL;
}

/* Starts one more thread of KIND, if it may be. Under the lock. */
static bool start_thread(VxWorkers *workers, VxWorkKind kind)
{
    Crew *crew = &workers->crews[kind];
    g_autoptr(GError) error = NULL;
    Start *start;
    GThread *thread;

    if (crew->n_threads >= crew->limit)
        return false;
    start = g_new(Start, 1);
    *start = (Start){.workers = workers, .kind = kind};
    thread = g_thread_try_new("worker", run, start, &error);
    if (!thread) {
        g_warning("cannot start a thread: %s", error->message);
        g_free(start);
        return false;
    }
    crew->n_threads++;
    g_ptr_array_add(workers->threads, thread);
    return true;
}

/* Finds somebody of KIND for the work that has come: whoever is idle and not sent for, or a new thread. Whoever is busy
 * looks by himself when he is done. *WAKE is who is to be woken, without the lock: he would have to wait for it at once.
 * Under the lock. */
static bool call_worker(VxWorkers *workers, VxWorkKind kind, GCond **wake)
{
    Crew *crew = &workers->crews[kind];
    guint n_waiting = workers->waiting[kind].length;

    if (kind != VX_WORK_PATIENT) /* two kinds of threads for the same work */
        n_waiting = workers->waiting[VX_WORK_GENERAL].length + workers->waiting[VX_WORK_URGENT].length;
    *wake = &crew->wake;
    if (crew->n_idle >= n_waiting)
        return true;
    if (!start_thread(workers, kind))
        return false;
    *wake = NULL;
    return true;
}

VxWorkers *vx_workers_new(VxWorkerLimits limits)
{
    VxWorkers *workers = g_new0(VxWorkers, 1);

    g_mutex_init(&workers->lock);
    workers->threads = g_ptr_array_new();
    for (VxWorkKind kind = 0; kind < VX_N_WORK_KINDS; kind++) {
        g_cond_init(&workers->crews[kind].wake);
        g_queue_init(&workers->waiting[kind]);
    }
    vx_workers_set_limits(workers, limits);
    return workers;
}

void vx_workers_set_limits(VxWorkers *workers, VxWorkerLimits limits)
{
    g_mutex_lock(&workers->lock);
    workers->crews[VX_WORK_GENERAL].limit = limits.n_general;
    workers->crews[VX_WORK_URGENT].limit = limits.n_urgent;
    workers->crews[VX_WORK_PATIENT].limit = limits.n_patient;
    g_mutex_unlock(&workers->lock);
}

void vx_workers_push(VxWorkers *workers, VxWorkKind kind, VxWork work, gpointer data)
{
    Item *item = g_new(Item, 1);
    GCond *general = NULL, *other = NULL;

    *item = (Item){.work = work, .data = data};
    g_mutex_lock(&workers->lock);
    if (workers->ending) { /* by one of the last threads: the others may have left */
        g_mutex_unlock(&workers->lock);
        g_free(item);
        work(data);
        return;
    }
    g_queue_push_tail(&workers->waiting[kind], item);
    if (kind == VX_WORK_PATIENT)
        call_worker(workers, kind, &other);
    else if (!call_worker(workers, VX_WORK_GENERAL, &general) && kind == VX_WORK_URGENT)
        call_worker(workers, kind, &other);
    g_mutex_unlock(&workers->lock);
    if (general)
        g_cond_signal(general);
    if (other)
        g_cond_signal(other);
}

void vx_workers_free(VxWorkers *workers)
{
    if (!workers)
        return;
    g_mutex_lock(&workers->lock);
    workers->ending = true;
    for (VxWorkKind kind = 0; kind < VX_N_WORK_KINDS; kind++)
        g_cond_broadcast(&workers->crews[kind].wake);
    g_mutex_unlock(&workers->lock);
    for (guint i = 0; i < workers->threads->len; i++)
        g_thread_join(workers->threads->pdata[i]);
    for (VxWorkKind kind = 0; kind < VX_N_WORK_KINDS; kind++)
        g_cond_clear(&workers->crews[kind].wake);
    g_ptr_array_unref(workers->threads);
    g_mutex_clear(&workers->lock);
    g_free(workers);
}
