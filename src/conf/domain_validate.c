/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/domain_validate.h"

#include <string.h>

#include "conf/chr_def.h"
#include "conf/device_check.h"
#include "conf/xml_escape.h"

static void report_kept(const VxKept *kept, gpointer data)
{
    VxDiag *diag = data;

    if (vx_kept_is_about_escapes(kept))
        vx_diag_unfit(diag, kept->place,
                      "a control character, or what is not UTF-8, stands here with escapes: no guest can "
                      "be started with it");
    else if (kept->field->placement == VX_UNSUPPORTED_ATTRIBUTE)
        vx_diag_unfit(diag, kept->place, "Xen cannot do %s='%.60s': %s", kept->field->name, kept->text,
                      kept->field->doc);
    else
        vx_diag_unfit(diag, kept->place, "Xen cannot do <%s>: %s", kept->field->name, kept->field->doc);
}

static void validate_type(const VxDomainDef *def, VxDiag *diag)
{
    if (def->type && strcmp(def->type, "xen") != 0)
        vx_diag_unfit(diag, def->object.place, "the domain's type is '%.40s': write type='xen'", def->type);
    if (def->name && (!*def->name || strchr(def->name, '/')))
        vx_diag_unfit(diag, def->object.place,
                      "the domain's name is '%.60s': write one that is not empty and has no '/'", def->name);
    if (def->name && !vx_xml_can_say(def->name))
        vx_diag_unfit(diag, def->object.place,
                      "the domain's name is '%.60s': write one in UTF-8, without control characters", def->name);
}

/* ---- channels ---- */

static VxPlace path_place(const VxChr *channel)
{
    return channel->places.path ? channel->places.path : channel->device.object.place;
}

static void validate_channel_path(const VxChr *channel, const char *path, VxDiag *diag)
{
    if (path[0] != '/')
        vx_diag_unfit(diag, path_place(channel),
                      "the channel's path '%.60s' is relative: write one that begins with '/'", path);
    if (strlen(path) > VX_CHANNEL_PATH_MAX_BYTES)
        vx_diag_unfit(diag, path_place(channel), "the channel's path has %zu bytes: a socket's path has at most %d",
                      strlen(path), VX_CHANNEL_PATH_MAX_BYTES);
}

static void validate_unique_name(GHashTable *names, const VxChr *channel, VxDiag *diag)
{
    if (channel->target_name && *channel->target_name && !g_hash_table_add(names, g_strdup(channel->target_name)))
        vx_diag_unfit(diag, channel->places.name ? channel->places.name : channel->device.object.place,
                      "another channel has the name '%.60s', too: give this one its own", channel->target_name);
}

/* Two driver domains may each have a socket of the same path. */
static void validate_unique_path(GHashTable *paths, const VxChr *channel, const char *path, VxDiag *diag)
{
    const char *backend = channel->device.backend_domain;

    if (!g_hash_table_add(paths, g_strconcat(backend ? backend : "", "\n", path, NULL)))
        vx_diag_unfit(diag, path_place(channel), "another channel has the path '%.60s', too: give this one its own",
                      path);
}

/* A target that is not Xen's has names and paths of its own. */
static bool is_channel_of_xen(const VxChr *channel)
{
    return channel->target_type == VX_CHR_TARGET_XEN || channel->target_type == VX_CHR_TARGET_VIRTIO;
}

static void validate_channels(const VxDomainDef *def, VxDiag *diag)
{
    g_autoptr(GHashTable) names = NULL, paths = NULL;
    const VxChr *channel;
    const char *path;

    for (unsigned i = 0; (channel = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i));) {
        if (!names) {
            names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
            paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        }
        vx_channel_check(channel, VX_UNFIT, diag);
        if (!is_channel_of_xen(channel))
            continue;
        validate_unique_name(names, channel, diag);
        path = channel->type == VX_CHR_UNIX ? vx_chr_path(channel) : NULL;
        if (!path || !*path)
            continue;
        validate_channel_path(channel, path, diag);
        validate_unique_path(paths, channel, path, diag);
    }
}

void vx_domain_def_validate(const VxDomainDef *def, VxDiag *diag)
{
    validate_type(def, diag);
    validate_channels(def, diag);
    for (unsigned i = 0; def->devices && i < def->devices->len; i++)
        vx_device_check(def, def->devices->pdata[i], VX_UNFIT, diag);
    vx_object_visit_kept(&vx_domain_element, def, report_kept, diag);
}
