/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a guest is asked for, and may do or not.
 *
 * libxl waits a minute for the guest to take notice of a word in xenstore. The caller is not to wait: whether there is
 * such a way at all is known at once, and the rest happens in a thread that ends by itself.
 */
#include <libxl_event.h>

#include "libxl/libxl_live.h"

typedef int (*PvControl)(libxl_ctx *ctx, uint32_t id, const libxl_asyncop_how *how);

/* Shared by the caller and the thread. */
typedef struct {
    PvControl control;
    GMutex lock;
    GCond told;
    bool is_told;
    GError *error;
} Ask;

/* One operation at a time in a session: there is nothing to tell apart. */
static const libxl_asyncop_how how;

static void clear_ask(gpointer data)
{
    Ask *ask = data;

    g_clear_error(&ask->error);
    g_mutex_clear(&ask->lock);
    g_cond_clear(&ask->told);
}

static void tell(Ask *ask, GError *error)
{
    g_mutex_lock(&ask->lock);
    ask->is_told = true;
    ask->error = error;
    g_cond_signal(&ask->told);
    g_mutex_unlock(&ask->lock);
}

/* Not before the guest has taken notice, or has let a minute pass; or the daemon ends. */
static void wait_for_guest(VxLibxlHypervisor *hypervisor, libxl_ctx *ctx, int id)
{
    libxl_event *event = NULL;
    int rc;

    g_mutex_lock(&hypervisor->asks_lock);
    g_ptr_array_add(hypervisor->asks, ctx);
    g_mutex_unlock(&hypervisor->asks_lock);
    rc = libxl_event_wait(ctx, &event, UINT64_C(1) << LIBXL_EVENT_TYPE_OPERATION_COMPLETE, NULL, NULL);
    if (rc == 0 && event->u.operation_complete.rc != 0)
        g_info("guest %d has not taken notice of what it was asked for", id);
    if (rc == 0)
        libxl_event_free(ctx, event);
    g_mutex_lock(&hypervisor->asks_lock);
    g_ptr_array_remove(hypervisor->asks, ctx);
    g_mutex_unlock(&hypervisor->asks_lock);
}

void vx_libxl_stop_asking(VxLibxlHypervisor *hypervisor)
{
    g_mutex_lock(&hypervisor->asks_lock);
    for (guint i = 0; i < hypervisor->asks->len; i++)
        libxl_ao_abort(hypervisor->asks->pdata[i], &how);
    g_mutex_unlock(&hypervisor->asks_lock);
}

static bool run_ask(VxLibxlCall *call, VxLibxlSession *session, GError **error)
{
    Ask *ask = call->data;
    libxl_ctx *ctx = vx_libxl_session_ctx(session);
    int rc = ask->control(ctx, (uint32_t)call->id, &how);

    if (rc == ERROR_NOPARAVIRT)
        return vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED, "guest %d has no drivers that could be asked", call->id);
    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot ask guest %d", call->id);
    tell(ask, NULL);
    wait_for_guest(call->hypervisor, ctx, call->id);
    return true;
}

static void ask_done(int id, GError *error, gpointer data)
{
    (void)id;
    if (error)
        tell(data, error);
    g_atomic_rc_box_release_full(data, clear_ask);
}

static bool ask_by_pv(VxHypervisor *hypervisor, int id, PvControl control, GError **error)
{
    Ask *ask = g_atomic_rc_box_new0(Ask);
    const VxLibxlCall call = {.hypervisor = (VxLibxlHypervisor *)hypervisor,
                              .run = run_ask,
                              .id = id,
                              .fd = -1,
                              .done = ask_done,
                              .data = ask};
    bool good;

    ask->control = control;
    g_mutex_init(&ask->lock);
    g_cond_init(&ask->told);
    g_atomic_rc_box_acquire(ask);
    vx_libxl_call_push(&call);
    g_mutex_lock(&ask->lock);
    while (!ask->is_told)
        g_cond_wait(&ask->told, &ask->lock);
    good = ask->error == NULL;
    if (!good)
        g_propagate_error(error, g_steal_pointer(&ask->error));
    g_mutex_unlock(&ask->lock);
    g_atomic_rc_box_release_full(ask, clear_ask);
    return good;
}

/* The emulated machine of an HVM guest has buttons. Xen takes those of a PVH guest for pressed as well, and nothing
 * happens. */
static bool has_buttons(VxLibxlSession *session, int id)
{
    return vx_libxl_guest_type(vx_libxl_session_store(session), id) == VX_GUEST_HVM;
}

static bool send_trigger(VxHypervisor *hypervisor, int id, libxl_trigger trigger, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    int rc;

    if (!session)
        return false;
    if (trigger != LIBXL_TRIGGER_NMI && !has_buttons(session, id))
        return vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED, "guest %d has no button for it: only HVM guests have", id);
    rc = libxl_send_trigger(vx_libxl_session_ctx(session), (uint32_t)id, trigger, 0, NULL);
    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_UNSUPPORTED, rc, "guest %d does not take it",
                                     id);
    return true;
}

bool vx_libxl_shutdown(VxHypervisor *hypervisor, int id, VxGuestAsk ask, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (ask == VX_GUEST_ASK_ACPI)
        return send_trigger(hypervisor, id, LIBXL_TRIGGER_POWER, error);
    if (ask_by_pv(hypervisor, id, libxl_domain_shutdown, &why))
        return true;
    if (ask == VX_GUEST_ASK_ANY && g_error_matches(why, VX_ERROR, VIR_ERR_OPERATION_UNSUPPORTED))
        return send_trigger(hypervisor, id, LIBXL_TRIGGER_POWER, error);
    g_propagate_error(error, g_steal_pointer(&why));
    return false;
}

bool vx_libxl_reboot(VxHypervisor *hypervisor, int id, GError **error)
{
    return ask_by_pv(hypervisor, id, libxl_domain_reboot, error);
}

bool vx_libxl_trigger(VxHypervisor *hypervisor, int id, VxGuestTrigger trigger, GError **error)
{
    static const libxl_trigger triggers[] = {
        [VX_GUEST_TRIGGER_NMI] = LIBXL_TRIGGER_NMI,
        [VX_GUEST_TRIGGER_SLEEP] = LIBXL_TRIGGER_SLEEP,
        [VX_GUEST_TRIGGER_WAKEUP] = LIBXL_TRIGGER_S3RESUME,
    };

    if (trigger == VX_GUEST_TRIGGER_RESET)
        return vx_libxl_guests_reset(((VxLibxlHypervisor *)hypervisor)->guests, id, error);
    return send_trigger(hypervisor, id, triggers[trigger], error);
}
