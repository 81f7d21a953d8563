/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory_hypervisor.h"

#include <string.h>

#include "driver/domain_record.h"
#include "util/vx_error.h"

typedef struct {
    VxGuestInfo info;
    int weight, cap;
} Guest;

struct VxMemoryHypervisor {
    VxHypervisor base;
    GMutex lock;
    GHashTable *guests; /* id -> Guest */
    int next_id;
    unsigned delay_ms, fail_at;
    VxGuestWatch watch;
    gpointer watch_data;
    GThreadPool *pool; /* of Task: long calls */
};

typedef struct {
    VxDomainDef *def; /* NULL: destroy */
    int id;
    bool paused;
    VxGuestDone done;
    gpointer data;
} Task;

/* The lock is held when this returns true. */
static bool enter(VxMemoryHypervisor *memory, GError **error)
{
    unsigned delay_ms;

    g_mutex_lock(&memory->lock);
    delay_ms = memory->delay_ms;
    g_mutex_unlock(&memory->lock);
    if (delay_ms)
        g_usleep(delay_ms * 1000ul);
    g_mutex_lock(&memory->lock);
    if (memory->fail_at && --memory->fail_at == 0) {
        g_mutex_unlock(&memory->lock);
        return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "the memory hypervisor was told to fail here");
    }
    return true;
}

/* The same for a call about a guest. */
static Guest *enter_guest(VxHypervisor *hypervisor, int id, GError **error)
{
    VxMemoryHypervisor *memory = (VxMemoryHypervisor *)hypervisor;
    Guest *guest;

    if (!enter(memory, error))
        return NULL;
    guest = g_hash_table_lookup(memory->guests, GINT_TO_POINTER(id));
    if (!guest) {
        g_mutex_unlock(&memory->lock);
        vx_fail(error, VIR_ERR_INTERNAL_ERROR, "no guest has the id %d", id);
    }
    return guest;
}

static bool leave(VxHypervisor *hypervisor)
{
    g_mutex_unlock(&((VxMemoryHypervisor *)hypervisor)->lock);
    return true;
}

/* ---- long calls ---- */

static int make_guest(VxMemoryHypervisor *memory, const Task *task)
{
    Guest *guest = g_new0(Guest, 1);

    guest->info.id = ++memory->next_id;
    vx_uuid_parse(task->def->uuid, guest->info.uuid);
    guest->info.paused = task->paused;
    guest->info.memory_kib = (guint64)task->def->current_memory_kib.value;
    guest->info.maximum_memory_kib = (guint64)task->def->memory_kib.value;
    guest->info.n_vcpus = (unsigned)task->def->vcpus.maximum.value;
    guest->weight = 256;
    g_hash_table_insert(memory->guests, GINT_TO_POINTER(guest->info.id), guest);
    return guest->info.id;
}

static void run(gpointer data, gpointer pool_data)
{
    Task *task = data;
    VxMemoryHypervisor *memory = pool_data;
    GError *error = NULL;
    int id = task->id;

    if (enter(memory, &error)) {
        if (task->def)
            id = make_guest(memory, task);
        else if (!g_hash_table_remove(memory->guests, GINT_TO_POINTER(id)))
            vx_fail(&error, VIR_ERR_INTERNAL_ERROR, "no guest has the id %d", id);
        g_mutex_unlock(&memory->lock);
    }
    vx_domain_def_free(task->def);
    task->done(id, error, task->data);
    g_free(task);
}

static void memory_start(VxHypervisor *hypervisor, const VxDomainDef *def, VxGuestStartFlags flags, VxGuestDone done,
                         gpointer data)
{
    Task *task = g_new0(Task, 1);

    *task = (Task){vx_domain_def_copy(def), -1, flags & VX_GUEST_START_PAUSED, done, data};
    g_thread_pool_push(((VxMemoryHypervisor *)hypervisor)->pool, task, NULL);
}

static void memory_destroy(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data)
{
    Task *task = g_new0(Task, 1);

    *task = (Task){NULL, id, false, done, data};
    g_thread_pool_push(((VxMemoryHypervisor *)hypervisor)->pool, task, NULL);
}

/* ---- short calls ---- */

static bool memory_host_info(VxHypervisor *hypervisor, VxHostInfo *info, GError **error)
{
    if (!enter((VxMemoryHypervisor *)hypervisor, error))
        return false;
    *info = (VxHostInfo){.version = 4017000,
                         .capabilities = g_strdup("xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64"),
                         .memory_kib = 64ull << 20,
                         .free_memory_kib = 32ull << 20,
                         .n_cpus = 16,
                         .mhz = 3000,
                         .sockets = 1,
                         .cores = 8,
                         .threads = 2,
                         .nodes = 1};
    return leave(hypervisor);
}

static void memory_watch(VxHypervisor *hypervisor, VxGuestWatch watch, gpointer data)
{
    VxMemoryHypervisor *memory = (VxMemoryHypervisor *)hypervisor;

    g_mutex_lock(&memory->lock);
    memory->watch = watch;
    memory->watch_data = data;
    g_mutex_unlock(&memory->lock);
}

static GArray *memory_list(VxHypervisor *hypervisor, GError **error)
{
    VxMemoryHypervisor *memory = (VxMemoryHypervisor *)hypervisor;
    GArray *guests;
    GHashTableIter iter;
    gpointer guest;

    if (!enter(memory, error))
        return NULL;
    guests = g_array_new(FALSE, FALSE, sizeof(VxGuestInfo));
    g_hash_table_iter_init(&iter, memory->guests);
    while (g_hash_table_iter_next(&iter, NULL, &guest))
        g_array_append_val(guests, ((Guest *)guest)->info);
    leave(hypervisor);
    return guests;
}

static bool memory_info(VxHypervisor *hypervisor, int id, VxGuestInfo *info, GError **error)
{
    Guest *guest = enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    *info = guest->info;
    return leave(hypervisor);
}

static bool memory_ask(VxHypervisor *hypervisor, int id, GError **error)
{
    return enter_guest(hypervisor, id, error) && leave(hypervisor);
}

static bool memory_ask_to(VxHypervisor *hypervisor, int id, VxGuestAsk ask, GError **error)
{
    (void)ask;
    return memory_ask(hypervisor, id, error);
}

static bool memory_pause(VxHypervisor *hypervisor, int id, GError **error)
{
    Guest *guest = enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    guest->info.paused = true;
    return leave(hypervisor);
}

static bool memory_unpause(VxHypervisor *hypervisor, int id, GError **error)
{
    Guest *guest = enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    guest->info.paused = false;
    return leave(hypervisor);
}

static bool memory_set_memory(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error)
{
    Guest *guest = enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    guest->info.memory_kib = memory_kib;
    return leave(hypervisor);
}

static bool memory_set_maximum_memory(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error)
{
    Guest *guest = enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    guest->info.maximum_memory_kib = memory_kib;
    return leave(hypervisor);
}

static bool memory_set_vcpus(VxHypervisor *hypervisor, int id, unsigned n_vcpus, GError **error)
{
    Guest *guest = enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    guest->info.n_vcpus = n_vcpus;
    return leave(hypervisor);
}

static bool memory_pin_vcpu(VxHypervisor *hypervisor, int id, unsigned vcpu, const guint8 *map, gsize map_bytes,
                            GError **error)
{
    (void)vcpu, (void)map, (void)map_bytes;
    return memory_ask(hypervisor, id, error);
}

static bool memory_device(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error)
{
    (void)device;
    return memory_ask(hypervisor, id, error);
}

static bool memory_get_credit(VxHypervisor *hypervisor, int id, int *weight, int *cap, GError **error)
{
    Guest *guest = enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    *weight = guest->weight;
    *cap = guest->cap;
    return leave(hypervisor);
}

static bool memory_set_credit(VxHypervisor *hypervisor, int id, int weight, int cap, GError **error)
{
    Guest *guest = enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    if (weight >= 0)
        guest->weight = weight;
    if (cap >= 0)
        guest->cap = cap;
    return leave(hypervisor);
}

static const char *memory_scheduler(VxHypervisor *hypervisor)
{
    (void)hypervisor;
    return "credit2";
}

static void memory_free(VxHypervisor *hypervisor)
{
    VxMemoryHypervisor *memory = (VxMemoryHypervisor *)hypervisor;

    g_thread_pool_free(memory->pool, FALSE, TRUE);
    g_hash_table_unref(memory->guests);
    g_mutex_clear(&memory->lock);
    g_free(memory);
}

static const VxHypervisorOps ops = {
    .free = memory_free,
    .host_info = memory_host_info,
    .watch = memory_watch,
    .list = memory_list,
    .info = memory_info,
    .start = memory_start,
    .destroy = memory_destroy,
    .shutdown = memory_ask_to,
    .reboot = memory_ask_to,
    .pause = memory_pause,
    .unpause = memory_unpause,
    .set_memory = memory_set_memory,
    .set_maximum_memory = memory_set_maximum_memory,
    .set_vcpus = memory_set_vcpus,
    .pin_vcpu = memory_pin_vcpu,
    .attach = memory_device,
    .detach = memory_device,
    .update = memory_device,
    .get_credit = memory_get_credit,
    .set_credit = memory_set_credit,
    .scheduler = memory_scheduler,
};

VxMemoryHypervisor *vx_memory_hypervisor_new(void)
{
    VxMemoryHypervisor *memory = g_new0(VxMemoryHypervisor, 1);

    memory->base.ops = &ops;
    g_mutex_init(&memory->lock);
    memory->guests = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    memory->pool = g_thread_pool_new(run, memory, 8, FALSE, NULL);
    return memory;
}

void vx_memory_hypervisor_set_delay(VxMemoryHypervisor *memory, unsigned delay_ms)
{
    g_mutex_lock(&memory->lock);
    memory->delay_ms = delay_ms;
    g_mutex_unlock(&memory->lock);
}

void vx_memory_hypervisor_fail_at(VxMemoryHypervisor *memory, unsigned n)
{
    g_mutex_lock(&memory->lock);
    memory->fail_at = n;
    g_mutex_unlock(&memory->lock);
}

void vx_memory_hypervisor_happen(VxMemoryHypervisor *memory, int id, VxGuestEventKind kind)
{
    VxGuestEvent event = {.kind = kind, .id = id};
    VxGuestWatch watch;
    gpointer data;

    g_mutex_lock(&memory->lock);
    if (kind == VX_GUEST_EVENT_GONE)
        g_hash_table_remove(memory->guests, GINT_TO_POINTER(id));
    watch = memory->watch;
    data = memory->watch_data;
    g_mutex_unlock(&memory->lock);
    if (watch)
        watch(&event, data);
}

unsigned vx_memory_hypervisor_count(VxMemoryHypervisor *memory)
{
    unsigned n;

    g_mutex_lock(&memory->lock);
    n = g_hash_table_size(memory->guests);
    g_mutex_unlock(&memory->lock);
    return n;
}
