/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests that stop: destroyed, paused, kept under another name.
 */
#include <libxl_utils.h>
#include <stdlib.h>
#include <string.h>

#include "libxl/libxl_channel.h"
#include "libxl/libxl_keep.h"
#include "libxl/libxl_live.h"
#include "libxl/libxl_sockets.h"

/* ---- destroying ---- */

static void drop_sockets(const VxLibxlSockets *sockets, const GPtrArray *channels)
{
    for (guint i = 0; i < channels->len; i++) {
        const VxGuestChannel *channel = channels->pdata[i];

        if (channel->type == VX_CHR_UNIX && channel->path)
            vx_libxl_drop_dead_socket(sockets, channel->path, NULL);
    }
}

bool vx_libxl_destroy(VxLibxlSession *session, const VxLibxlSockets *sockets, int id, GError **error)
{
    g_autoptr(GPtrArray) channels = vx_libxl_read_channels(vx_libxl_session_store(session), id, VX_CHANNEL_ALL);
    int rc = libxl_domain_destroy(vx_libxl_session_ctx(session), (uint32_t)id, NULL);

    if (rc == ERROR_DOMAIN_NOTFOUND)
        return vx_fail(error, VIR_ERR_NO_DOMAIN, "there is no running guest with the id %d", id);
    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot destroy guest %d", id);
    drop_sockets(sockets, channels);
    return true;
}

bool vx_libxl_run_destroy(VxLibxlCall *call, VxLibxlSession *session, GError **error)
{
    return vx_libxl_destroy(session, &call->hypervisor->sockets, call->id, error);
}

/* ---- keeping one that has shut down ---- */

/* libxl knows only names that are the old one with something behind. */
static int rename_preserved(libxl_ctx *ctx, int id, const char *old_name, const char *new_name, libxl_uuid uuid)
{
    static const char placeholder[] = "-preserved";
    bool is_longer = g_str_has_prefix(new_name, old_name) && strcmp(new_name, old_name) != 0;
    g_autofree char *between = g_strconcat(old_name, placeholder, NULL);
    libxl_domain_create_info info = {.name = (char *)old_name};
    int rc =
        libxl_domain_preserve(ctx, (uint32_t)id, &info, is_longer ? new_name + strlen(old_name) : placeholder, uuid);

    if (rc == 0 && !is_longer)
        rc = libxl_domain_rename(ctx, (uint32_t)id, between, new_name);
    return rc;
}

/* With what libxl keeps of the guest, which it finds by the UUID. */
static bool set_uuid(VxLibxlHypervisor *hypervisor, VxLibxlSession *session, int id, const guint8 uuid[16],
                     GError **error)
{
    g_autofree char *kept = vx_libxl_keep_take(session, id);
    bool done = vx_libxl_guests_set_uuid(hypervisor->guests, id, uuid, error);

    vx_libxl_keep_put(session, id, kept);
    return done;
}

bool vx_libxl_preserve(VxHypervisor *hypervisor, int id, const char *new_name, const guint8 new_uuid[16],
                       GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    libxl_uuid uuid;
    char *old_name;
    int rc;

    if (!session)
        return false;
    old_name = libxl_domid_to_name(vx_libxl_session_ctx(session), (uint32_t)id);
    if (!old_name)
        return vx_fail(error, VIR_ERR_NO_DOMAIN, "there is no running guest with the id %d", id);
    memcpy(uuid.uuid, new_uuid, sizeof(uuid.uuid));
    rc = rename_preserved(vx_libxl_session_ctx(session), id, old_name, new_name, uuid);
    if (rc != 0)
        vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot keep '%s' as '%s'", old_name,
                              new_name);
    free(old_name);
    return rc == 0 && set_uuid((VxLibxlHypervisor *)hypervisor, session, id, new_uuid, error);
}

/* ---- pausing ---- */

bool vx_libxl_pause(VxHypervisor *hypervisor, int id, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    int rc = session ? libxl_domain_pause(vx_libxl_session_ctx(session), (uint32_t)id, NULL) : 0;

    if (rc != 0)
        vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot pause guest %d", id);
    return session && rc == 0;
}

bool vx_libxl_unpause(VxHypervisor *hypervisor, int id, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    int rc = session ? libxl_domain_unpause(vx_libxl_session_ctx(session), (uint32_t)id, NULL) : 0;

    if (rc != 0)
        vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot let guest %d go on", id);
    return session && rc == 0;
}
