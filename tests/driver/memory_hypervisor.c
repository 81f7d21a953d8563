/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory_hypervisor.h"

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

VxMemoryGuest *vx_memory_find(VxMemoryHypervisor *memory, int id)
{
    return g_hash_table_lookup(memory->guests, GINT_TO_POINTER(id));
}

VxMemoryGuest *vx_memory_enter_guest(VxHypervisor *hypervisor, int id, GError **error)
{
    VxMemoryHypervisor *memory = (VxMemoryHypervisor *)hypervisor;
    VxMemoryGuest *guest;

    if (!vx_memory_enter(memory, error))
        return NULL;
    guest = vx_memory_find(memory, id);
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

void vx_memory_tell_now(VxMemoryHypervisor *memory, const VxGuestEvent *event)
{
    g_mutex_lock(&memory->watch_lock);
    if (memory->watch)
        memory->watch(event, memory->watch_data);
    g_mutex_unlock(&memory->watch_lock);
}

static void tell_queued(gpointer data, gpointer pool_data)
{
    Told *told = data;

    vx_memory_tell_now(pool_data, &told->event);
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

void vx_memory_keep(VxMemoryHypervisor *memory, const VxMemoryGuest *guest)
{
    g_autofree char *path = NULL, *xml = NULL, *text = NULL;

    if (!memory->folder)
        return;
    path = kept_path(memory, guest->info.id);
    xml = vx_domain_def_format(guest->def, VX_WRITE_SECRETS, NULL);
    text = g_strdup_printf(VX_MEMORY_KEPT_FORMAT "%s", guest->info.paused, (int)guest->info.shutdown, xml);
    if (!g_file_set_contents(path, text, -1, NULL))
        g_error("cannot keep a guest in %s", path);
}

VxMemoryGuest *vx_memory_add_guest(VxMemoryHypervisor *memory, VxDomainDef *def, int id)
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

VxMemoryGuest *vx_memory_make_guest(VxMemoryHypervisor *memory, VxDomainDef *def, bool paused)
{
    VxMemoryGuest *guest = vx_memory_add_guest(memory, def, ++memory->next_id);

    guest->info.paused = paused;
    vx_memory_keep(memory, guest);
    vx_memory_tell(memory, VX_GUEST_EVENT_NEW, guest, NULL, false);
    return guest;
}

void vx_memory_drop_guest(VxMemoryHypervisor *memory, int id)
{
    if (memory->folder) {
        g_autofree char *path = kept_path(memory, id);

        unlink(path);
    }
    vx_memory_echo_drop(memory->echo, id);
    g_hash_table_remove(memory->guests, GINT_TO_POINTER(id));
    g_cond_broadcast(&memory->changed);
}

void vx_memory_shut_down(VxMemoryHypervisor *memory, VxMemoryGuest *guest, VxGuestShutdown reason)
{
    guest->info.shutdown = reason;
    vx_memory_keep(memory, guest);
    vx_memory_tell(memory, VX_GUEST_EVENT_SHUTDOWN, guest, NULL, false);
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
        vx_memory_shut_down(memory, guest, reason);
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
    vx_memory_add_guest(memory, def, 0);
}

VxMemoryHypervisor *vx_memory_hypervisor_new(void)
{
    VxMemoryHypervisor *memory = g_new0(VxMemoryHypervisor, 1);

    vx_memory_set_calls(&ops);
    vx_memory_set_long_calls(&ops);
    memory->base.ops = &ops;
    g_atomic_ref_count_init(&memory->refs);
    g_mutex_init(&memory->lock);
    g_mutex_init(&memory->watch_lock);
    g_cond_init(&memory->changed);
    memory->echo = vx_memory_echo_new();
    memory->guests = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, free_guest);
    memory->pool = g_thread_pool_new(vx_memory_run_long_call, memory, -1, FALSE, NULL);
    memory->teller = g_thread_pool_new(tell_queued, memory, 1, FALSE, NULL);
    add_domain_zero(memory);
    return memory;
}
