/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * channel = [ "connection=socket,path=/run/agents/g1,name=org.example.agent" ] <-> <channel>.
 * xl.cfg(5) "CHANNEL", xen-pv-channel(7).
 */
#include "xlcfg/xlcfg_groups.h"

#include <string.h>

#include "conf/chr_def.h"
#include "xlcfg/xlcfg_device.h"

/* Reading is complete only when the connection is known: it may stand behind the path. Until then a path waits in the
 * source, wherever it will belong. */
static void read_connection(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxChr *channel = device;

    if (strcmp(pair->value, "pty") == 0)
        channel->type = VX_CHR_PTY;
    else if (strcmp(pair->value, "socket") == 0)
        channel->type = VX_CHR_UNIX;
    else
        vx_diag_wrong(reader->diag, pair->value_place, "connection of channel is '%.60s': write pty or socket", pair->value);
}

static void write_connection(VxXlWriter *writer, const void *device, GString *pairs)
{
    const VxChr *channel = device;

    vx_xl_device_add_pair(writer, "channel", device, pairs, "connection", channel->type == VX_CHR_PTY ? "pty" : "socket");
}

static void read_path(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxChrSource *source = vx_chr_make_source(device);

    (void)reader;
    g_free(source->path);
    source->path = g_strdup(pair->value);
}

/* A channel of libvirt may leave its path to the host. */
static void write_path(VxXlWriter *writer, const void *device, GString *pairs)
{
    const VxChr *channel = device;
    const char *path = vx_chr_path(channel);
    g_autofree char *chosen = NULL;

    if (channel->type != VX_CHR_UNIX)
        return;
    if (!path && writer->def->name && channel->target_name)
        path = chosen = vx_channel_choose_path(writer->options->channel_dir, writer->def->name, channel->target_name);
    vx_xl_device_add_pair(writer, "channel", device, pairs, "path", path);
}

static const VxXlDeviceKey channel_keys[] = {
    {.key = "connection", .read = read_connection, .write = write_connection, .doc = "pty or socket"},
    {.key = "path", .read = read_path, .write = write_path, .doc = "path of the socket that the host listens on"},
    VX_XL_KEY_STRING("name", VxChr, target_name, "name by which the guest finds the channel"),
    VX_XL_KEY_STRING("backend", VxDevice, backend_domain, "the driver domain that serves the channel"),
};
static const VxXlDevice channel_table = {.option = "channel", VX_XL_KEYS(channel_keys)};

/* xl lets a pty have a path and takes no notice of it. */
static void set_path_of_pty_aside(VxXlReader *reader, VxChr *channel)
{
    VxChrSource *source = vx_chr_make_source(channel);

    vx_diag_unfit(reader->diag, channel->device.object.place,
                  "the channel is a pty, which has no path: xl takes no notice of it, and it is kept");
    vx_options_add(&channel->device.options, "path", source->path);
    g_clear_pointer(&source->path, g_free);
}

static void read_channel(VxXlReader *reader, const VxXlcfgValue *item)
{
    VxChr *channel = vx_domain_def_add_device(reader->def, VX_DEVICE_CHANNEL);
    unsigned errors_before = vx_diag_n_errors(reader->diag);

    channel->device.object.place = item->place;
    channel->target_type = VX_CHR_TARGET_XEN;
    vx_xl_device_read(reader, &channel_table, item, channel);
    if (vx_diag_n_errors(reader->diag) > errors_before)
        return;
    if (!channel->type)
        vx_diag_wrong(reader->diag, item->place, "the channel has no connection: write connection=pty or connection=socket");
    else if (channel->type == VX_CHR_UNIX && !vx_chr_path(channel))
        vx_diag_wrong(reader->diag, item->place, "the channel is a socket without a path: write path=/...");
    else if (channel->type == VX_CHR_PTY && vx_chr_path(channel))
        set_path_of_pty_aside(reader, channel);
    else if (channel->type == VX_CHR_UNIX)
        vx_chr_make_source(channel)->mode = VX_CHR_MODE_BIND;
}

static void read_channels(VxXlReader *reader)
{
    vx_xl_read_items(reader, "channel", read_channel);
}

/* Whether a channel of the definition can be one of Xen's; if not, says why. */
static bool check_channel(VxXlWriter *writer, const VxChr *channel)
{
    VxPlace place = channel->device.object.place;
    const char *name = channel->target_name ? channel->target_name : "";

    if (channel->target_type == VX_CHR_TARGET_VIRTIO && writer->options->refuse_virtio_channels) {
        vx_diag_wrong(writer->diag, place, "the channel '%.60s' is a virtio channel: write <target type='xen' .../>", name);
        return false;
    }
    if (channel->target_type != VX_CHR_TARGET_XEN && channel->target_type != VX_CHR_TARGET_VIRTIO) {
        vx_diag_wrong(writer->diag, place, "xl.cfg has no channels of this target type: write <target type='xen' .../>");
        return false;
    }
    if (channel->type != VX_CHR_PTY && channel->type != VX_CHR_UNIX) {
        vx_diag_wrong(writer->diag, place, "xl.cfg has no channels of this type: write type='pty' or type='unix'");
        return false;
    }
    if (channel->sources && ((const VxChrSource *)channel->sources->pdata[0])->mode == VX_CHR_MODE_CONNECT) {
        vx_diag_wrong(writer->diag, place, "the channel '%.60s' connects: Xen's side of a channel listens, write mode='bind'",
                      name);
        return false;
    }
    return true;
}

static void format_channel(VxXlWriter *writer, const void *device, GString *item)
{
    const VxChr *channel = device;

    if (!check_channel(writer, channel))
        return;
    if (channel->target_type == VX_CHR_TARGET_VIRTIO && !writer->options->map_virtio_channels_silently)
        vx_diag_warn(writer->diag, channel->device.object.place,
                     "the virtio channel '%.60s' becomes a Xen channel of the same name",
                     channel->target_name ? channel->target_name : "");
    vx_xl_device_format(writer, &channel_table, channel, item);
}

static void write_channels(VxXlWriter *writer)
{
    vx_xl_write_devices(writer, "channel", VX_DEVICE_CHANNEL, format_channel);
}

const VxXlGroup vx_xl_channels = {.name = "channels", .read = read_channels, .write = write_channels};
