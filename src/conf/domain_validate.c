/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/domain_validate.h"

#include <string.h>

#include "conf/chr_def.h"

static void report_kept(const VxKept *kept, gpointer data)
{
    VxDiag *diag = data;

    if (kept->field->placement == VX_UNSUPPORTED_ATTRIBUTE)
        vx_diag_unfit(diag, kept->place, "Xen cannot do %s='%.60s': %s", kept->field->name, kept->text, kept->field->doc);
    else
        vx_diag_unfit(diag, kept->place, "Xen cannot do <%s>: %s", kept->field->name, kept->field->doc);
}

static void validate_type(const VxDomainDef *def, VxDiag *diag)
{
    if (def->type && strcmp(def->type, "xen") != 0)
        vx_diag_unfit(diag, def->object.place, "the domain's type is '%.40s': write type='xen'", def->type);
    if (def->name && (!*def->name || strchr(def->name, '/')))
        vx_diag_wrong(diag, def->object.place, "the domain's name is '%.60s': write one that is not empty and has no '/'",
                      def->name);
}

/* ---- channels ---- */

static void validate_channel_path(const VxChr *channel, const char *path, VxDiag *diag)
{
    VxPlace place = channel->device.object.place;

    if (path[0] != '/')
        vx_diag_unfit(diag, place, "the channel's path '%.60s' is relative: write one that begins with '/'", path);
    if (strlen(path) > VX_CHANNEL_PATH_MAX_BYTES)
        vx_diag_unfit(diag, place, "the channel's path has %zu bytes: a socket's path has at most %d", strlen(path),
                      VX_CHANNEL_PATH_MAX_BYTES);
}

static void validate_channel(const VxChr *channel, VxDiag *diag)
{
    VxPlace place = channel->device.object.place;
    const char *path = vx_chr_path(channel);
    const VxChrSource *source = channel->sources ? channel->sources->pdata[0] : NULL;

    if (channel->target_type != VX_CHR_TARGET_XEN && channel->target_type != VX_CHR_TARGET_VIRTIO) {
        vx_diag_unfit(diag, place, "Xen has no channels with target type '%s': write <target type='xen' name='...'/>",
                      channel->target_type ? vx_enum_to_text(&vx_chr_targets, channel->target_type) : "");
        return;
    }
    if (!channel->target_name || !*channel->target_name)
        vx_diag_unfit(diag, place, "the channel has no name, by which the guest could find it: give it one");
    if (channel->type != VX_CHR_PTY && channel->type != VX_CHR_UNIX)
        vx_diag_unfit(diag, place, "Xen has no channels of type '%s': write type='pty' or type='unix'",
                      channel->type ? vx_enum_to_text(&vx_chr_types, channel->type) : "");
    if (source && source->mode == VX_CHR_MODE_CONNECT)
        vx_diag_unfit(diag, place, "Xen's side of a channel listens: write mode='bind' instead of mode='connect'");
    if (channel->type == VX_CHR_UNIX && path)
        validate_channel_path(channel, path, diag);
}

static void validate_unique(GHashTable *seen, const VxChr *channel, const char *what, const char *value, VxDiag *diag)
{
    if (value && *value && !g_hash_table_add(seen, (gpointer)value))
        vx_diag_unfit(diag, channel->device.object.place, "another channel has the %s '%.60s', too: give this one its own",
                      what, value);
}

static void validate_channels(const VxDomainDef *def, VxDiag *diag)
{
    g_autoptr(GHashTable) names = NULL, paths = NULL;
    const VxChr *channel;

    for (unsigned i = 0; (channel = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i));) {
        if (!names) {
            names = g_hash_table_new(g_str_hash, g_str_equal);
            paths = g_hash_table_new(g_str_hash, g_str_equal);
        }
        validate_channel(channel, diag);
        validate_unique(names, channel, "name", channel->target_name, diag);
        validate_unique(paths, channel, "path", vx_chr_path(channel), diag);
    }
}

void vx_domain_def_validate(const VxDomainDef *def, VxDiag *diag)
{
    validate_type(def, diag);
    validate_channels(def, diag);
    vx_object_visit_kept(&vx_domain_element, def, report_kept, diag);
}
