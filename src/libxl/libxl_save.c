/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's state to a file, to memory, and back to life.
 */
#include "libxl/libxl_live.h"

static bool is_suspended(libxl_ctx *ctx, int id)
{
    libxl_dominfo info;
    bool is;

    libxl_dominfo_init(&info);
    is = libxl_domain_info(ctx, &info, (uint32_t)id) == 0 && info.shutdown &&
         info.shutdown_reason == LIBXL_SHUTDOWN_REASON_SUSPEND;
    libxl_dominfo_dispose(&info);
    return is;
}

/* The guest knows that it has been suspended, and goes on from there. */
static int resume(libxl_ctx *ctx, int id)
{
    return libxl_domain_resume(ctx, (uint32_t)id, 1, NULL);
}

static void undo_suspend(VxLibxlCall *call, VxLibxlSession *session)
{
    libxl_ctx *ctx = vx_libxl_session_ctx(session);

    if (is_suspended(ctx, call->id) && resume(ctx, call->id) != 0)
        g_warning("guest %d stays suspended: it cannot be resumed after it could not be saved", call->id);
}

bool vx_libxl_run_save(VxLibxlCall *call, VxLibxlSession *session, GError **error)
{
    int rc = libxl_domain_suspend(vx_libxl_session_ctx(session), (uint32_t)call->id, call->fd, 0, NULL);

    if (rc == 0)
        return true;
    vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot save guest %d", call->id);
    undo_suspend(call, session);
    return false;
}

bool vx_libxl_run_suspend(VxLibxlCall *call, VxLibxlSession *session, GError **error)
{
    int rc = libxl_domain_suspend_only(vx_libxl_session_ctx(session), (uint32_t)call->id, NULL);

    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot suspend guest %d", call->id);
    return true;
}

bool vx_libxl_run_resume(VxLibxlCall *call, VxLibxlSession *session, GError **error)
{
    int rc = resume(vx_libxl_session_ctx(session), call->id);

    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot resume guest %d", call->id);
    return true;
}

bool vx_libxl_run_dump_core(VxLibxlCall *call, VxLibxlSession *session, GError **error)
{
    int rc = libxl_domain_core_dump(vx_libxl_session_ctx(session), (uint32_t)call->id, call->path, NULL);

    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot dump guest %d to '%s'",
                                     call->id, call->path);
    return true;
}
