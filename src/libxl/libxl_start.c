/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Starting guests: libxl_domain_create_new and what has to be around it, so that all of the guest is there afterwards
 * or nothing of it.
 */
#include <string.h>

#include "libxl/libxl_channel.h"
#include "libxl/libxl_channel_far.h"
#include "libxl/libxl_config.h"
#include "libxl/libxl_disk_check.h"
#include "libxl/libxl_live.h"
#include "libxl/libxl_log_words.h"
#include "libxl/libxl_sockets.h"
#include "libxl/libxl_store.h"

#define INVALID_ID ((uint32_t)INVALID_DOMID)
#define MEMORY_TRIES 3
#define MEMORY_WAIT_S 10
#define KIB_PER_MIB 1024u
#define OTHER_MEMORY_MIB 256u

/* ---- the configuration ---- */

static bool make_config(VxLibxlCall *call, libxl_domain_config *config, GError **error)
{
    VxXlcfgOptions options = {.channel_dir = call->hypervisor->channel_folder, .map_virtio_channels_silently = true};
    g_autoptr(VxDiag) diag = vx_diag_new("definition", NULL, 0, VX_DIAG_QUIET);

    vx_libxl_config_init(config, call->def, &options, &call->hypervisor->host, diag);
    if (vx_diag_n_errors(diag) == 0)
        return true;
    g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_CONFIG_UNSUPPORTED));
    return false;
}

/* ---- memory ---- */

/* Whether domain 0 gives memory to guests: not when it was given a fixed amount, as xl.conf(5) has it for autoballoon.
 */
static bool may_shrink_host(libxl_ctx *ctx)
{
    const libxl_version_info *version = libxl_get_version_info(ctx);

    return version && version->commandline && !strstr(version->commandline, "dom0_mem=");
}

/* Takes MISSING_KIB from domain 0 and waits until Xen has them. */
static void shrink_host(libxl_ctx *ctx, uint64_t need_kib, uint64_t missing_kib)
{
    if (libxl_set_memory_target(ctx, 0, -(int64_t)missing_kib, 1, 0) == 0)
        libxl_wait_for_free_memory(ctx, 0, need_kib, MEMORY_WAIT_S);
}

/* More than any guest of CONFIG needs: a guest may take its maximum, shadow page tables and those of the IOMMU take a
 * fiftieth of it and a mebibyte for each virtual CPU, and the rest is for displays, the device model and Xen itself. */
static uint64_t bound_memory_kib(const libxl_domain_build_info *info)
{
    uint64_t shadow_kib = info->shadow_memkb == LIBXL_MEMKB_DEFAULT ? 0 : info->shadow_memkb;
    uint64_t video_kib = info->video_memkb == LIBXL_MEMKB_DEFAULT ? 0 : info->video_memkb;

    return info->max_memkb + info->max_memkb / 16 + shadow_kib + video_kib +
           2 * KIB_PER_MIB * (uint64_t)MAX(1, info->max_vcpus) + OTHER_MEMORY_MIB * KIB_PER_MIB;
}

/* Whether Xen has so much memory left that what exactly the guest needs, which takes libxl a while to find out, does
 * not matter. */
static bool has_plenty(libxl_ctx *ctx, const libxl_domain_config *config)
{
    const libxl_domain_build_info *info = &config->b_info;
    uint64_t free_kib = 0;

    return info->max_memkb != LIBXL_MEMKB_DEFAULT && libxl_get_free_memory(ctx, &free_kib) == 0 &&
           free_kib >= bound_memory_kib(info);
}

static bool find_memory(VxLibxlSession *session, libxl_domain_config *config, GError **error)
{
    libxl_ctx *ctx = vx_libxl_session_ctx(session);
    uint64_t need_kib = 0, free_kib = 0;
    int rc;

    if (has_plenty(ctx, config))
        return true;
    rc = libxl_domain_need_memory(ctx, config, INVALID_ID, &need_kib);
    for (unsigned try = 0; rc == 0; try++) {
        rc = libxl_get_free_memory(ctx, &free_kib);
        if (rc != 0 || free_kib >= need_kib)
            break;
        if (try >= MEMORY_TRIES || !may_shrink_host(ctx))
            return vx_fail(error, VIR_ERR_OPERATION_FAILED,
                           "not enough memory for '%s': it needs %" G_GUINT64_FORMAT
                           " KiB, and Xen has %" G_GUINT64_FORMAT " KiB left",
                           config->c_info.name, need_kib, free_kib);
        shrink_host(ctx, need_kib, need_kib - free_kib);
    }
    if (rc != 0)
        return vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc,
                                     "cannot find out how much memory '%s' needs", config->c_info.name);
    return true;
}

static bool make_room(VxLibxlCall *call, VxLibxlSession *session, libxl_domain_config *config, GError **error)
{
    bool found;

    g_mutex_lock(&call->hypervisor->memory_lock);
    found = find_memory(session, config, error);
    g_mutex_unlock(&call->hypervisor->memory_lock);
    return found;
}

/* ---- making it ---- */

#define STREAM_VERSION 2 /* of a saved guest's state, since Xen 4.6; libxl's own default is what older ones wrote */

static int create(VxLibxlCall *call, VxLibxlSession *session, libxl_domain_config *config, uint32_t *id)
{
    libxl_ctx *ctx = vx_libxl_session_ctx(session);
    libxl_domain_restore_params params;
    int rc;

    if (call->fd < 0)
        return libxl_domain_create_new(ctx, config, id, NULL, NULL);
    libxl_domain_restore_params_init(&params);
    params.stream_version = STREAM_VERSION;
    rc = libxl_domain_create_restore(ctx, config, id, call->fd, -1, &params, NULL, NULL);
    libxl_domain_restore_params_dispose(&params);
    return rc;
}

static bool finish(VxLibxlCall *call, VxLibxlSession *session, const libxl_domain_config *config,
                   const VxLibxlFarChannels *far, int id, GError **error)
{
    return vx_libxl_add_far_channels(session, id, far, error) &&
           vx_libxl_check_channels(vx_libxl_session_store(session), id, call->def, error) &&
           vx_libxl_grant_sockets(&call->hypervisor->sockets, config, error) &&
           (config->num_disks == 0 ||
            vx_libxl_check_disks(vx_libxl_session_store(session), id, VX_DISK_WAIT_MS, error));
}

/* Makes the guest. When it fails, nothing is left of it in Xen. */
static bool make(VxLibxlCall *call, VxLibxlSession *session, libxl_domain_config *config, const VxLibxlFarChannels *far,
                 GError **error)
{
    uint32_t id = INVALID_ID;
    int rc = create(call, session, config, &id);
    const char *name = call->def->name;

    if (rc != 0) {
        vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot start '%s'", name);
        vx_libxl_add_log_words(name, error);
    } else if (finish(call, session, config, far, (int)id, error)) {
        call->id = (int)id;
        return true;
    } else {
        vx_libxl_add_log_words(name, error);
    }
    if (id != INVALID_ID && libxl_domain_info(vx_libxl_session_ctx(session), NULL, id) == 0)
        vx_libxl_destroy(session, &call->hypervisor->sockets, (int)id,
                         NULL); /* libxl does it itself, if it knows that it has failed */
    return false;
}

bool vx_libxl_run_start(VxLibxlCall *call, VxLibxlSession *session, GError **error)
{
    g_auto(libxl_domain_config) config;
    g_auto(VxLibxlFarChannels) far = {0};

    if (!make_config(call, &config, error) || !vx_libxl_set_far_channels_aside(session, &config, &far, error) ||
        !make_room(call, session, &config, error) ||
        !vx_libxl_prepare_sockets(&call->hypervisor->sockets, &config, error))
        return false;
    if (make(call, session, &config, &far, error))
        return true;
    vx_libxl_clear_sockets(&call->hypervisor->sockets, &config); /* a device model that was killed leaves them behind */
    return false;
}
