/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Calls that end in a thread of their own, and say so then.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "memory_private.h"
#include "util/vx_error.h"

typedef struct Task Task;
typedef bool (*Work)(VxMemoryHypervisor *memory, Task *task, GError **error);

struct Task {
    Work work;
    int id;
    VxDomainDef *def;
    int fd;
    char *path;
    VxGuestDone done;
    gpointer data;
};

void vx_memory_run_long_call(gpointer data, gpointer pool_data)
{
    Task *task = data;
    VxMemoryHypervisor *memory = pool_data;
    GError *error = NULL;

    if (vx_memory_enter(memory, &error)) {
        task->work(memory, task, &error);
        g_mutex_unlock(&memory->lock);
    }
    vx_domain_def_free(task->def);
    g_free(task->path);
    task->done(task->id, error, task->data);
    g_free(task);
}

static void push(VxHypervisor *hypervisor, Task task)
{
    g_thread_pool_push(((VxMemoryHypervisor *)hypervisor)->pool, g_memdup2(&task, sizeof(task)), NULL);
}

static bool fail_no_guest(int id, GError **error)
{
    return vx_fail(error, VIR_ERR_NO_DOMAIN, "no guest has the id %d", id);
}

static bool work_start(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    const VxMemoryGuest *guest = vx_memory_make_guest(memory, g_steal_pointer(&task->def), true);

    task->id = guest->info.id;
    while (memory->is_hanging && vx_memory_find(memory, task->id))
        g_cond_wait(&memory->changed, &memory->lock);
    return vx_memory_find(memory, task->id) ||
           vx_fail(error, VIR_ERR_INTERNAL_ERROR, "the guest was destroyed before it had started");
}

static void memory_start(VxHypervisor *hypervisor, const VxDomainDef *def, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_start,
                            .id = -1,
                            .def = vx_domain_def_copy(def),
                            .done = done,
                            .data = data});
}

/* What a saved guest is, for the test to see that it arrives. */
#define SAVED_BYTES 65536
static char *saved_state(const char *uuid)
{
    char *state = g_malloc(SAVED_BYTES);

    memset(state, 'm', SAVED_BYTES);
    memcpy(state, uuid, strlen(uuid));
    return state;
}

static bool work_restore(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    g_autofree char *wanted = saved_state(task->def->uuid);
    g_autofree char *state = g_malloc0(SAVED_BYTES);
    gsize n_read = 0;

    while (n_read < SAVED_BYTES) {
        ssize_t n = read(task->fd, state + n_read, SAVED_BYTES - n_read);

        if (n <= 0)
            break;
        n_read += (gsize)n;
    }
    if (memcmp(state, wanted, SAVED_BYTES) != 0)
        return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "this is not the state of the guest %s", task->def->uuid);
    return work_start(memory, task, error);
}

static void memory_restore(VxHypervisor *hypervisor, const VxDomainDef *def, int fd, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_restore,
                            .id = -1,
                            .def = vx_domain_def_copy(def),
                            .fd = fd,
                            .done = done,
                            .data = data});
}

static bool work_destroy(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    const VxMemoryGuest *guest = vx_memory_find(memory, task->id);

    if (!guest)
        return fail_no_guest(task->id, error);
    vx_memory_tell(memory, VX_GUEST_EVENT_GONE, guest, NULL, false);
    vx_memory_drop_guest(memory, task->id);
    return true;
}

static void memory_destroy(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_destroy, .id = id, .done = done, .data = data});
}

static bool work_save(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    VxMemoryGuest *guest = vx_memory_find(memory, task->id);
    g_autofree char *state = NULL;

    if (!guest)
        return fail_no_guest(task->id, error);
    state = saved_state(guest->def->uuid);
    if (write(task->fd, state, SAVED_BYTES) != SAVED_BYTES)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot write the guest's state");
    vx_memory_shut_down(memory, guest, VX_GUEST_SUSPEND);
    return true;
}

static void memory_save(VxHypervisor *hypervisor, int id, int fd, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_save, .id = id, .fd = fd, .done = done, .data = data});
}

static bool work_suspend(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    VxMemoryGuest *guest = vx_memory_find(memory, task->id);

    if (!guest)
        return fail_no_guest(task->id, error);
    vx_memory_shut_down(memory, guest, VX_GUEST_SUSPEND);
    return true;
}

static void memory_suspend(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_suspend, .id = id, .done = done, .data = data});
}

static bool work_resume(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    VxMemoryGuest *guest = vx_memory_find(memory, task->id);

    if (!guest)
        return fail_no_guest(task->id, error);
    if (guest->info.shutdown != VX_GUEST_SUSPEND)
        return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "the guest %d is not suspended", task->id);
    guest->info.shutdown = VX_GUEST_NOT_SHUT_DOWN;
    vx_memory_keep(memory, guest);
    return true;
}

static void memory_resume(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_resume, .id = id, .done = done, .data = data});
}

static bool work_dump(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (!vx_memory_find(memory, task->id))
        return fail_no_guest(task->id, error);
    if (!g_file_set_contents(task->path, "core", -1, &why))
        return vx_fail(error, VIR_ERR_SYSTEM_ERROR, "%s", why->message);
    return true;
}

static void memory_dump_core(VxHypervisor *hypervisor, int id, const char *path, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_dump, .id = id, .path = g_strdup(path), .done = done, .data = data});
}

void vx_memory_set_long_calls(VxHypervisorOps *ops)
{
    ops->start = memory_start;
    ops->restore = memory_restore;
    ops->destroy = memory_destroy;
    ops->save = memory_save;
    ops->suspend = memory_suspend;
    ops->resume = memory_resume;
    ops->dump_core = memory_dump_core;
}
