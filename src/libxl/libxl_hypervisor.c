/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_hypervisor.h"

#include <string.h>

#include "libxl/libxl_live.h"
#include "util/vx_file.h"

#define MAX_BYTES 4096

/* Whether the file PATH has WORD in it. */
static bool has_word(const char *path, const char *word)
{
    g_autofree char *text = NULL;
    gsize length;

    return vx_file_read(path, MAX_BYTES, &text, &length, NULL) && strstr(text, word);
}

/* The first file is there only where xenfs is mounted, the others with every Linux of the last ten years. */
bool vx_libxl_is_host(void)
{
    return has_word("/proc/xen/capabilities", "control_d") ||
           (has_word("/sys/hypervisor/type", "xen") &&
            has_word("/sys/hypervisor/uuid", "00000000-0000-0000-0000-000000000000"));
}

/* ---- long calls ---- */

static VxLibxlSession *begin_session(const VxLibxlCall *call, GError **error)
{
    VxLibxlSessions *sessions = call->hypervisor->sessions;

    return call->run == vx_libxl_run_start ? vx_libxl_session_begin_new(sessions, error)
                                           : vx_libxl_session_begin(sessions, error);
}

static void run(gpointer data, gpointer pool_data)
{
    VxLibxlCall *call = data;
    GError *error = NULL;

    (void)pool_data;
    {
        g_autoptr(VxLibxlSession) session = begin_session(call, &error);

        if (session)
            call->run(call, session, &error);
    }
    call->done(call->id, error, call->data);
    g_free(call->path);
    g_free(call);
}

void vx_libxl_call_push(const VxLibxlCall *call)
{
    g_thread_pool_push(call->hypervisor->long_calls, g_memdup2(call, sizeof(*call)), NULL);
}

static VxLibxlCall make_call(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data)
{
    return (VxLibxlCall){.hypervisor = (VxLibxlHypervisor *)hypervisor, .id = id, .fd = -1, .done = done, .data = data};
}

static void hypervisor_start(VxHypervisor *hypervisor, const VxDomainDef *def, VxGuestDone done, gpointer data)
{
    VxLibxlCall call = make_call(hypervisor, -1, done, data);

    call.run = vx_libxl_run_start;
    call.def = def;
    vx_libxl_call_push(&call);
}

static void hypervisor_restore(VxHypervisor *hypervisor, const VxDomainDef *def, int fd, VxGuestDone done,
                               gpointer data)
{
    VxLibxlCall call = make_call(hypervisor, -1, done, data);

    call.run = vx_libxl_run_start;
    call.def = def;
    call.fd = fd;
    vx_libxl_call_push(&call);
}

static void hypervisor_save(VxHypervisor *hypervisor, int id, int fd, VxGuestDone done, gpointer data)
{
    VxLibxlCall call = make_call(hypervisor, id, done, data);

    call.run = vx_libxl_run_save;
    call.fd = fd;
    vx_libxl_call_push(&call);
}

static void hypervisor_dump_core(VxHypervisor *hypervisor, int id, const char *path, VxGuestDone done, gpointer data)
{
    VxLibxlCall call = make_call(hypervisor, id, done, data);

    call.run = vx_libxl_run_dump_core;
    call.path = g_strdup(path);
    vx_libxl_call_push(&call);
}

#define LONG_CALL(name)                                                                                                \
    static void hypervisor_##name(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data)                   \
    {                                                                                                                  \
        VxLibxlCall call = make_call(hypervisor, id, done, data);                                                      \
                                                                                                                       \
        call.run = vx_libxl_run_##name;                                                                                \
        vx_libxl_call_push(&call);                                                                                     \
    }
LONG_CALL(destroy)
LONG_CALL(suspend)
LONG_CALL(resume)

/* ---- watching ---- */

static void hypervisor_watch(VxHypervisor *hypervisor, VxGuestWatch watch, gpointer data)
{
    VxLibxlHypervisor *self = (VxLibxlHypervisor *)hypervisor;

    g_mutex_lock(&self->watch_lock);
    g_clear_pointer(&self->watch, vx_libxl_watch_free);
    if (watch)
        self->watch = vx_libxl_watch_new(self->guests, watch, data);
    g_mutex_unlock(&self->watch_lock);
}

/* ---- the table ---- */

static void hypervisor_free(VxHypervisor *hypervisor)
{
    VxLibxlHypervisor *self = (VxLibxlHypervisor *)hypervisor;

    g_clear_pointer(&self->watch, vx_libxl_watch_free);
    vx_libxl_stop_asking(self);
    if (self->long_calls)
        g_thread_pool_free(self->long_calls, FALSE, TRUE);
    vx_libxl_sessions_free(self->sessions);
    vx_libxl_guests_free(self->guests);
    g_ptr_array_unref(self->asks);
    g_mutex_clear(&self->asks_lock);
    g_mutex_clear(&self->memory_lock);
    g_mutex_clear(&self->watch_lock);
    g_free(self->channel_folder);
    g_free(self->node_of_cpu);
    g_free(self);
}

static const VxHypervisorOps ops = {
    .free = hypervisor_free,
    .host_info = vx_libxl_host_info,
    .watch = hypervisor_watch,
    .list = vx_libxl_list,
    .info = vx_libxl_info,
    .describe = vx_libxl_describe,
    .fill_live = vx_libxl_fill_live,
    .start = hypervisor_start,
    .restore = hypervisor_restore,
    .destroy = hypervisor_destroy,
    .save = hypervisor_save,
    .suspend = hypervisor_suspend,
    .resume = hypervisor_resume,
    .dump_core = hypervisor_dump_core,
    .shutdown = vx_libxl_shutdown,
    .reboot = vx_libxl_reboot,
    .trigger = vx_libxl_trigger,
    .preserve = vx_libxl_preserve,
    .pause = vx_libxl_pause,
    .unpause = vx_libxl_unpause,
    .set_memory = vx_libxl_set_memory,
    .set_maximum_memory = vx_libxl_set_maximum_memory,
    .set_vcpus = vx_libxl_set_vcpus,
    .vcpus = vx_libxl_vcpus,
    .pin_vcpu = vx_libxl_pin_vcpu,
    .channels = vx_libxl_channels,
    .open_chr = vx_libxl_open_chr,
    .attach = vx_libxl_attach,
    .detach = vx_libxl_detach,
    .update = vx_libxl_update,
    .is_plugging = vx_libxl_is_plugging,
    .settle = vx_libxl_settle,
    .block_stats = vx_libxl_block_stats,
    .interface_stats = vx_libxl_interface_stats,
    .get_credit = vx_libxl_get_credit,
    .set_credit = vx_libxl_set_credit,
    .scheduler = vx_libxl_scheduler,
};

VxHypervisor *vx_libxl_hypervisor_new(const VxLibxlSettings *settings, GError **error)
{
    VxLibxlHypervisor *self = g_new0(VxLibxlHypervisor, 1);

    self->base.ops = &ops;
    self->asks = g_ptr_array_new();
    g_mutex_init(&self->asks_lock);
    g_mutex_init(&self->memory_lock);
    g_mutex_init(&self->watch_lock);
    self->channel_folder = g_strdup(settings->channel_folder);
    self->sockets =
        (VxLibxlSockets){self->channel_folder, settings->socket_user, settings->socket_group, settings->socket_mode};
    self->sessions = vx_libxl_sessions_new(error);
    self->guests = self->sessions ? vx_libxl_guests_new(error) : NULL;
    if (!self->guests || !vx_libxl_learn_host(self, error)) {
        hypervisor_free(&self->base);
        return NULL;
    }
    self->long_calls = g_thread_pool_new(run, NULL, -1, FALSE, NULL);
    return &self->base;
}
