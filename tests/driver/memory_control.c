/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a test has the memory hypervisor do, and asks of it.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "conf/domain_xml.h"
#include "memory_private.h"

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
    vx_memory_find(memory, id)->unsettled = g_strdup(name);
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
    guest = vx_memory_add_guest(memory, def, id);
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
    guest = vx_memory_find(memory, id);
    if (guest)
        memcpy(event.uuid, guest->info.uuid, sizeof(event.uuid));
    if (guest && kind == VX_GUEST_EVENT_GONE)
        vx_memory_drop_guest(memory, id);
    g_mutex_unlock(&memory->lock);
    vx_memory_tell_now(memory, &event);
}

void vx_memory_hypervisor_shut_down(VxMemoryHypervisor *memory, int id, VxGuestShutdown reason)
{
    VxMemoryGuest *guest;

    g_mutex_lock(&memory->lock);
    guest = vx_memory_find(memory, id);
    if (guest)
        vx_memory_shut_down(memory, guest, reason);
    g_mutex_unlock(&memory->lock);
}

int vx_memory_hypervisor_make(VxMemoryHypervisor *memory, const VxDomainDef *def)
{
    int id;

    g_mutex_lock(&memory->lock);
    id = vx_memory_make_guest(memory, vx_domain_def_copy(def), false)->info.id;
    g_mutex_unlock(&memory->lock);
    return id;
}

void vx_memory_hypervisor_set_paused(VxMemoryHypervisor *memory, int id, bool paused)
{
    VxMemoryGuest *guest;

    g_mutex_lock(&memory->lock);
    guest = vx_memory_find(memory, id);
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
    guest = vx_memory_find(memory, id);
    if (guest) {
        vx_memory_tell(memory, VX_GUEST_EVENT_GONE, guest, NULL, false);
        vx_memory_drop_guest(memory, id);
    }
    g_mutex_unlock(&memory->lock);
}

void vx_memory_hypervisor_set_connected(VxMemoryHypervisor *memory, int id, const char *name, bool connected)
{
    const VxMemoryGuest *guest;

    g_mutex_lock(&memory->lock);
    guest = vx_memory_find(memory, id);
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
