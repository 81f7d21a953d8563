/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory_hypervisor.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/domain_xml.h"
#include "driver/domain_record.h"
#include "memory_private.h"
#include "util/vx_error.h"

bool vx_memory_enter(VxMemoryHypervisor *memory, GError **error)
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

static VxMemoryGuest *find(VxMemoryHypervisor *memory, int id)
{
    return g_hash_table_lookup(memory->guests, GINT_TO_POINTER(id));
}

VxMemoryGuest *vx_memory_enter_guest(VxHypervisor *hypervisor, int id, GError **error)
{
    VxMemoryHypervisor *memory = (VxMemoryHypervisor *)hypervisor;
    VxMemoryGuest *guest;

    if (!vx_memory_enter(memory, error))
        return NULL;
    guest = find(memory, id);
    if (!guest) {
        g_mutex_unlock(&memory->lock);
        vx_fail(error, VIR_ERR_NO_DOMAIN, "no guest has the id %d", id);
    }
    return guest;
}

bool vx_memory_leave(VxHypervisor *hypervisor)
{
    g_mutex_unlock(&((VxMemoryHypervisor *)hypervisor)->lock);
    return true;
}

/* ---- events ---- */

typedef struct {
    VxGuestEvent event;
    char *channel;
} Told;

static void tell_now(VxMemoryHypervisor *memory, const VxGuestEvent *event)
{
    g_mutex_lock(&memory->watch_lock);
    if (memory->watch)
        memory->watch(event, memory->watch_data);
    g_mutex_unlock(&memory->watch_lock);
}

static void tell_queued(gpointer data, gpointer pool_data)
{
    Told *told = data;

    tell_now(pool_data, &told->event);
    g_atomic_int_add(&((VxMemoryHypervisor *)pool_data)->n_untold, -1);
    g_free(told->channel);
    g_free(told);
}

void vx_memory_tell(VxMemoryHypervisor *memory, VxGuestEventKind kind, const VxMemoryGuest *guest, const char *channel,
                    bool connected)
{
    Told *told = g_new0(Told, 1);

    told->channel = g_strdup(channel);
    told->event = (VxGuestEvent){.kind = kind,
                                 .id = guest->info.id,
                                 .shutdown = guest->info.shutdown,
                                 .channel = told->channel,
                                 .connected = connected};
    memcpy(told->event.uuid, guest->info.uuid, sizeof(told->event.uuid));
    g_atomic_int_inc(&memory->n_untold);
    g_thread_pool_push(memory->teller, told, NULL);
}

static void memory_watch(VxHypervisor *hypervisor, VxGuestWatch watch, gpointer data)
{
    VxMemoryHypervisor *memory = (VxMemoryHypervisor *)hypervisor;

    g_mutex_lock(&memory->watch_lock);
    memory->watch = watch;
    memory->watch_data = data;
    g_mutex_unlock(&memory->watch_lock);
}

/* ---- guests come and go ---- */

static void free_guest(gpointer data)
{
    VxMemoryGuest *guest = data;

    vx_domain_def_free(guest->def);
    g_ptr_array_unref(guest->lines);
    g_free(guest->pins);
    g_free(guest->unsettled);
    g_free(guest);
}

static char *kept_path(const VxMemoryHypervisor *memory, int id)
{
    return g_strdup_printf("%s/%d.xml", memory->folder, id);
}

#define KEPT_FORMAT "<!-- %d %d -->\n"

void vx_memory_keep(VxMemoryHypervisor *memory, const VxMemoryGuest *guest)
{
    g_autofree char *path = NULL, *xml = NULL, *text = NULL;

    if (!memory->folder)
        return;
    path = kept_path(memory, guest->info.id);
    xml = vx_domain_def_format(guest->def, VX_WRITE_SECRETS, NULL);
    text = g_strdup_printf(KEPT_FORMAT "%s", guest->info.paused, (int)guest->info.shutdown, xml);
    if (!g_file_set_contents(path, text, -1, NULL))
        g_error("cannot keep a guest in %s", path);
}

/* Under the lock. DEF is taken. */
static VxMemoryGuest *add_guest(VxMemoryHypervisor *memory, VxDomainDef *def, int id)
{
    VxMemoryGuest *guest = g_new0(VxMemoryGuest, 1);

    guest->def = def;
    guest->info.id = id;
    vx_uuid_parse(def->uuid, guest->info.uuid);
    guest->info.memory_kib = (guint64)def->current_memory_kib.value;
    guest->info.maximum_memory_kib = (guint64)def->memory_kib.value + VX_MEMORY_SLACK_KIB;
    guest->info.maximum_vcpus = MAX((unsigned)def->vcpus.maximum.value, 1);
    guest->info.n_vcpus = def->vcpus.current.given ? (unsigned)def->vcpus.current.value : guest->info.maximum_vcpus;
    guest->weight = 256;
    guest->pins = g_malloc((gsize)guest->info.maximum_vcpus * VX_MEMORY_PIN_BYTES);
    memset(guest->pins, 0xff, (gsize)guest->info.maximum_vcpus * VX_MEMORY_PIN_BYTES);
    guest->lines = g_ptr_array_new_with_free_func(vx_memory_free_line);
    vx_memory_make_lines(memory, guest);
    g_hash_table_insert(memory->guests, GINT_TO_POINTER(id), guest);
    return guest;
}

static VxMemoryGuest *make_guest(VxMemoryHypervisor *memory, VxDomainDef *def, bool paused)
{
    VxMemoryGuest *guest = add_guest(memory, def, ++memory->next_id);

    guest->info.paused = paused;
    vx_memory_keep(memory, guest);
    vx_memory_tell(memory, VX_GUEST_EVENT_NEW, guest, NULL, false);
    return guest;
}

static void drop_guest(VxMemoryHypervisor *memory, int id)
{
    if (memory->folder) {
        g_autofree char *path = kept_path(memory, id);

        unlink(path);
    }
    vx_memory_echo_drop(memory->echo, id);
    g_hash_table_remove(memory->guests, GINT_TO_POINTER(id));
    g_cond_broadcast(&memory->changed);
}

static void shut_down(VxMemoryHypervisor *memory, VxMemoryGuest *guest, VxGuestShutdown reason)
{
    guest->info.shutdown = reason;
    vx_memory_keep(memory, guest);
    vx_memory_tell(memory, VX_GUEST_EVENT_SHUTDOWN, guest, NULL, false);
}

/* ---- long calls ---- */

typedef struct Task Task;
typedef bool (*Work)(VxMemoryHypervisor *memory, Task *task, GError **error);

struct Task {
    Work work;
    int id;
    VxDomainDef *def;
    int fd;
    char *path;
    bool is_paused;
    VxGuestDone done;
    gpointer data;
};

static void run(gpointer data, gpointer pool_data)
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
    const VxMemoryGuest *guest = make_guest(memory, g_steal_pointer(&task->def), task->is_paused);

    task->id = guest->info.id;
    while (memory->is_hanging && find(memory, task->id))
        g_cond_wait(&memory->changed, &memory->lock);
    return find(memory, task->id) ||
           vx_fail(error, VIR_ERR_INTERNAL_ERROR, "the guest was destroyed before it had started");
}

static void memory_start(VxHypervisor *hypervisor, const VxDomainDef *def, VxGuestStartFlags flags, VxGuestDone done,
                         gpointer data)
{
    push(hypervisor, (Task){.work = work_start,
                            .id = -1,
                            .def = vx_domain_def_copy(def),
                            .is_paused = flags & VX_GUEST_START_PAUSED,
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

static void memory_restore(VxHypervisor *hypervisor, const VxDomainDef *def, int fd, VxGuestStartFlags flags,
                           VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_restore,
                            .id = -1,
                            .def = vx_domain_def_copy(def),
                            .fd = fd,
                            .is_paused = flags & VX_GUEST_START_PAUSED,
                            .done = done,
                            .data = data});
}

static bool work_destroy(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    const VxMemoryGuest *guest = find(memory, task->id);

    if (!guest)
        return fail_no_guest(task->id, error);
    vx_memory_tell(memory, VX_GUEST_EVENT_GONE, guest, NULL, false);
    drop_guest(memory, task->id);
    return true;
}

static void memory_destroy(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_destroy, .id = id, .done = done, .data = data});
}

static bool work_save(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    VxMemoryGuest *guest = find(memory, task->id);
    g_autofree char *state = NULL;

    if (!guest)
        return fail_no_guest(task->id, error);
    state = saved_state(guest->def->uuid);
    if (write(task->fd, state, SAVED_BYTES) != SAVED_BYTES)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot write the guest's state");
    shut_down(memory, guest, VX_GUEST_SUSPEND);
    return true;
}

static void memory_save(VxHypervisor *hypervisor, int id, int fd, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_save, .id = id, .fd = fd, .done = done, .data = data});
}

static bool work_suspend(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    VxMemoryGuest *guest = find(memory, task->id);

    if (!guest)
        return fail_no_guest(task->id, error);
    shut_down(memory, guest, VX_GUEST_SUSPEND);
    return true;
}

static void memory_suspend(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_suspend, .id = id, .done = done, .data = data});
}

static bool work_resume(VxMemoryHypervisor *memory, Task *task, GError **error)
{
    VxMemoryGuest *guest = find(memory, task->id);

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

    if (!find(memory, task->id))
        return fail_no_guest(task->id, error);
    if (!g_file_set_contents(task->path, "core", -1, &why))
        return vx_fail(error, VIR_ERR_SYSTEM_ERROR, "%s", why->message);
    return true;
}

static void memory_dump_core(VxHypervisor *hypervisor, int id, const char *path, VxGuestDone done, gpointer data)
{
    push(hypervisor, (Task){.work = work_dump, .id = id, .path = g_strdup(path), .done = done, .data = data});
}

/* ---- asking ---- */

static bool memory_host_info(VxHypervisor *hypervisor, VxHostInfo *info, GError **error)
{
    if (!vx_memory_enter((VxMemoryHypervisor *)hypervisor, error))
        return false;
    *info = (VxHostInfo){.version = 4017000,
                         .capabilities = g_strdup("xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64"),
                         .memory_kib = 64ull << 20,
                         .free_memory_kib = 32ull << 20,
                         .n_cpus = VX_MEMORY_HOST_CPUS,
                         .mhz = 3000,
                         .sockets = 1,
                         .cores = VX_MEMORY_HOST_CPUS / 2,
                         .threads = 2,
                         .nodes = 1};
    return vx_memory_leave(hypervisor);
}

static GArray *memory_list(VxHypervisor *hypervisor, GError **error)
{
    VxMemoryHypervisor *memory = (VxMemoryHypervisor *)hypervisor;
    GArray *guests;
    GHashTableIter iter;
    gpointer guest;

    if (!vx_memory_enter(memory, error))
        return NULL;
    guests = g_array_new(FALSE, FALSE, sizeof(VxGuestInfo));
    g_hash_table_iter_init(&iter, memory->guests);
    while (g_hash_table_iter_next(&iter, NULL, &guest))
        g_array_append_val(guests, ((VxMemoryGuest *)guest)->info);
    vx_memory_leave(hypervisor);
    return guests;
}

static bool memory_info(VxHypervisor *hypervisor, int id, VxGuestInfo *info, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    guest->info.cpu_time_ns += 1000000;
    *info = guest->info;
    return vx_memory_leave(hypervisor);
}

static VxDomainDef *memory_describe(VxHypervisor *hypervisor, int id, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);
    VxDomainDef *def;

    if (!guest)
        return NULL;
    def = vx_domain_def_copy(guest->def);
    vx_memory_leave(hypervisor);
    return def;
}

static bool ask(VxHypervisor *hypervisor, int id, VxGuestShutdown reason, GError **error)
{
    VxMemoryHypervisor *memory = (VxMemoryHypervisor *)hypervisor;
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);

    if (!guest)
        return false;
    if (memory->is_obedient && guest->info.shutdown == VX_GUEST_NOT_SHUT_DOWN)
        shut_down(memory, guest, reason);
    return vx_memory_leave(hypervisor);
}

static bool memory_shutdown(VxHypervisor *hypervisor, int id, VxGuestAsk how, GError **error)
{
    (void)how;
    return ask(hypervisor, id, VX_GUEST_POWEROFF, error);
}

static bool memory_reboot(VxHypervisor *hypervisor, int id, GError **error)
{
    return ask(hypervisor, id, VX_GUEST_REBOOT, error);
}

/* ---- making and freeing ---- */

void vx_memory_hypervisor_unref(VxMemoryHypervisor *memory)
{
    if (!g_atomic_ref_count_dec(&memory->refs))
        return;
    g_thread_pool_free(memory->pool, FALSE, TRUE);
    g_thread_pool_free(memory->teller, FALSE, TRUE);
    g_hash_table_unref(memory->guests);
    vx_memory_echo_free(memory->echo);
    g_mutex_clear(&memory->watch_lock);
    g_mutex_clear(&memory->lock);
    g_cond_clear(&memory->changed);
    g_free(memory->folder);
    g_free(memory);
}

static void memory_free(VxHypervisor *hypervisor)
{
    vx_memory_hypervisor_unref((VxMemoryHypervisor *)hypervisor);
}

VxMemoryHypervisor *vx_memory_hypervisor_ref(VxMemoryHypervisor *memory)
{
    g_atomic_ref_count_inc(&memory->refs);
    return memory;
}

static VxHypervisorOps ops = {
    .free = memory_free,
    .host_info = memory_host_info,
    .watch = memory_watch,
    .list = memory_list,
    .info = memory_info,
    .describe = memory_describe,
    .start = memory_start,
    .restore = memory_restore,
    .destroy = memory_destroy,
    .save = memory_save,
    .suspend = memory_suspend,
    .resume = memory_resume,
    .dump_core = memory_dump_core,
    .shutdown = memory_shutdown,
    .reboot = memory_reboot,
};

static void add_domain_zero(VxMemoryHypervisor *memory)
{
    VxDomainDef *def = vx_domain_def_new();

    def->name = g_strdup("Domain-0");
    def->uuid = g_strdup("00000000-0000-0000-0000-000000000000");
    def->memory_kib = def->current_memory_kib = VX_NUMBER(1 << 20);
    def->vcpus.maximum = VX_NUMBER(2);
    add_guest(memory, def, 0);
}

VxMemoryHypervisor *vx_memory_hypervisor_new(void)
{
    VxMemoryHypervisor *memory = g_new0(VxMemoryHypervisor, 1);

    vx_memory_set_calls(&ops);
    memory->base.ops = &ops;
    g_atomic_ref_count_init(&memory->refs);
    g_mutex_init(&memory->lock);
    g_mutex_init(&memory->watch_lock);
    g_cond_init(&memory->changed);
    memory->echo = vx_memory_echo_new();
    memory->guests = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_guest);
    memory->pool = g_thread_pool_new(run, memory, -1, FALSE, NULL);
    memory->teller = g_thread_pool_new(tell_queued, memory, 1, FALSE, NULL);
    add_domain_zero(memory);
    return memory;
}

/* ---- for the test ---- */

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

bool vx_memory_hypervisor_is_to_fail(VxMemoryHypervisor *memory)
{
    bool is;

    g_mutex_lock(&memory->lock);
    is = memory->fail_at > 0;
    g_mutex_unlock(&memory->lock);
    return is;
}

void vx_memory_hypervisor_leave_unsettled(VxMemoryHypervisor *memory, int id, const char *name)
{
    g_mutex_lock(&memory->lock);
    find(memory, id)->unsettled = g_strdup(name);
    g_mutex_unlock(&memory->lock);
}

void vx_memory_hypervisor_set_hanging(VxMemoryHypervisor *memory, bool hanging)
{
    g_mutex_lock(&memory->lock);
    memory->is_hanging = hanging;
    g_cond_broadcast(&memory->changed);
    g_mutex_unlock(&memory->lock);
}

void vx_memory_hypervisor_set_obedient(VxMemoryHypervisor *memory, bool obedient)
{
    g_mutex_lock(&memory->lock);
    memory->is_obedient = obedient;
    g_mutex_unlock(&memory->lock);
}

void vx_memory_hypervisor_set_guest_end(VxMemoryHypervisor *memory, VxMemoryGuestEnd guest_end, gpointer data)
{
    g_mutex_lock(&memory->lock);
    memory->guest_end = guest_end;
    memory->guest_end_data = data;
    g_mutex_unlock(&memory->lock);
}

static void take_kept(VxMemoryHypervisor *memory, const char *entry)
{
    g_autofree char *path = g_build_filename(memory->folder, entry, NULL);
    g_autofree char *text = NULL;
    g_autoptr(VxDiag) diag = NULL;
    VxMemoryGuest *guest;
    VxDomainDef *def;
    int id, paused, shutdown;
    gsize length;

    if (sscanf(entry, "%d.xml", &id) != 1 || !g_file_get_contents(path, &text, &length, NULL) ||
        sscanf(text, "<!-- %d %d", &paused, &shutdown) != 2)
        return;
    diag = vx_diag_new(path, text, length, VX_DIAG_QUIET);
    def = vx_domain_def_parse(text, length, 0, diag);
    if (!def)
        g_error("cannot read %s", path);
    guest = add_guest(memory, def, id);
    guest->info.paused = paused;
    guest->info.shutdown = (VxGuestShutdown)shutdown;
    memory->next_id = MAX(memory->next_id, id);
}

void vx_memory_hypervisor_set_folder(VxMemoryHypervisor *memory, const char *folder)
{
    g_autoptr(GDir) dir = NULL;
    const char *entry;

    g_mkdir_with_parents(folder, 0700);
    dir = g_dir_open(folder, 0, NULL);
    g_assert_nonnull(dir);
    g_mutex_lock(&memory->lock);
    memory->folder = g_strdup(folder);
    while ((entry = g_dir_read_name(dir)))
        take_kept(memory, entry);
    g_mutex_unlock(&memory->lock);
}

void vx_memory_hypervisor_happen(VxMemoryHypervisor *memory, int id, VxGuestEventKind kind)
{
    VxGuestEvent event = {.kind = kind, .id = id};
    const VxMemoryGuest *guest;

    vx_memory_hypervisor_settle(memory);
    g_mutex_lock(&memory->lock);
    guest = find(memory, id);
    if (guest)
        memcpy(event.uuid, guest->info.uuid, sizeof(event.uuid));
    if (guest && kind == VX_GUEST_EVENT_GONE)
        drop_guest(memory, id);
    g_mutex_unlock(&memory->lock);
    tell_now(memory, &event);
}

void vx_memory_hypervisor_shut_down(VxMemoryHypervisor *memory, int id, VxGuestShutdown reason)
{
    VxMemoryGuest *guest;

    g_mutex_lock(&memory->lock);
    guest = find(memory, id);
    if (guest)
        shut_down(memory, guest, reason);
    g_mutex_unlock(&memory->lock);
}

int vx_memory_hypervisor_make(VxMemoryHypervisor *memory, const VxDomainDef *def)
{
    int id;

    g_mutex_lock(&memory->lock);
    id = make_guest(memory, vx_domain_def_copy(def), false)->info.id;
    g_mutex_unlock(&memory->lock);
    return id;
}

void vx_memory_hypervisor_set_paused(VxMemoryHypervisor *memory, int id, bool paused)
{
    VxMemoryGuest *guest;

    g_mutex_lock(&memory->lock);
    guest = find(memory, id);
    if (guest) {
        guest->info.paused = paused;
        vx_memory_keep(memory, guest);
    }
    g_mutex_unlock(&memory->lock);
}

void vx_memory_hypervisor_remove(VxMemoryHypervisor *memory, int id)
{
    const VxMemoryGuest *guest;

    g_mutex_lock(&memory->lock);
    guest = find(memory, id);
    if (guest) {
        vx_memory_tell(memory, VX_GUEST_EVENT_GONE, guest, NULL, false);
        drop_guest(memory, id);
    }
    g_mutex_unlock(&memory->lock);
}

void vx_memory_hypervisor_set_connected(VxMemoryHypervisor *memory, int id, const char *name, bool connected)
{
    const VxMemoryGuest *guest;

    g_mutex_lock(&memory->lock);
    guest = find(memory, id);
    for (unsigned i = 0; guest && i < guest->lines->len; i++) {
        VxMemoryLine *line = guest->lines->pdata[i];

        if (g_strcmp0(line->name, name) != 0)
            continue;
        line->is_connected = connected;
        vx_memory_tell(memory, VX_GUEST_EVENT_CHANNEL, guest, name, connected);
    }
    g_mutex_unlock(&memory->lock);
}

void vx_memory_hypervisor_settle(VxMemoryHypervisor *memory)
{
    while (g_atomic_int_get(&memory->n_untold) > 0)
        g_usleep(200);
}

unsigned vx_memory_hypervisor_count(VxMemoryHypervisor *memory)
{
    unsigned n;

    g_mutex_lock(&memory->lock);
    n = g_hash_table_size(memory->guests) - 1;
    g_mutex_unlock(&memory->lock);
    return n;
}

int vx_memory_hypervisor_find(VxMemoryHypervisor *memory, const char *name)
{
    GHashTableIter iter;
    gpointer guest;
    int id = -1;

    g_mutex_lock(&memory->lock);
    g_hash_table_iter_init(&iter, memory->guests);
    while (g_hash_table_iter_next(&iter, NULL, &guest))
        if (strcmp(((VxMemoryGuest *)guest)->def->name, name) == 0)
            id = MAX(id, ((VxMemoryGuest *)guest)->info.id);
    g_mutex_unlock(&memory->lock);
    return id;
}

unsigned vx_memory_hypervisor_count_ends(VxMemoryHypervisor *memory)
{
    return vx_memory_echo_count(memory->echo);
}
