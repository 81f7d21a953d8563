/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * channel = [ "connection=socket,path=/run/agents/g1,name=org.example.agent" ] <-> <channel>.
 * xl.cfg(5) "CHANNEL", xen-pv-channel(7).
 */
#include "xlcfg/xlcfg_groups.h"

#include <string.h>

#include "conf/chr_def.h"
#include "xlcfg/xlcfg_device.h"

/* ---- the values ---- */

/* What of a name, a path or a backend no xl.cfg can say: a '=' is nearly always a comma that was forgotten ("path=/x
 * name=y"), and xl 4.17 ends the value there. Returns what is wrong with VALUE, NULL if nothing is. */
static const char *find_unsayable(const char *value)
{
    if (g_ascii_isspace(value[0]) || (value[0] && g_ascii_isspace(value[strlen(value) - 1])))
        return "a blank at an end";
    return strchr(value, ',') ? "a comma" : strchr(value, '=') ? "a '='" : NULL;
}

/* What xl takes and is never meant; a quote confuses other readers. */
static const char *find_slip(const char *value)
{
    if (!g_utf8_validate(value, -1, NULL))
        return "what is not UTF-8";
    for (const char *p = value; *p; p = g_utf8_next_char(p)) {
        if (*p == '"')
            return "a double quote";
        if (g_unichar_iscntrl(g_utf8_get_char(p)))
            return "a control character";
    }
    return NULL;
}

/* It is kept, as a domain XML can say it. */
static void check_value_read(VxXlReader *reader, const VxXlcfgPair *pair)
{
    const char *unsayable = find_unsayable(pair->value);
    const char *fault = unsayable ? unsayable : find_slip(pair->value);

    if (fault) /* what xl.cfg cannot say again is carried with all of its list */
        vx_diag_report(reader->diag, unsayable ? vx_xl_severity(reader, true) : VX_UNFIT, pair->value_place,
                       "%s of channel is '%.60s', which holds %s: %s", pair->key, pair->value, fault,
                       unsayable ? "is a comma missing before a key?" : "leave it out");
}

static void add_value(VxXlWriter *writer, const VxChr *channel, GString *pairs, const char *key, const char *value,
                      VxPlace value_place)
{
    const char *unsayable = value ? find_unsayable(value) : NULL;
    const char *slip = value && !unsayable ? find_slip(value) : NULL;
    VxPlace place = value_place ? value_place : channel->device.object.place;

    if (unsayable)
        vx_diag_wrong(writer->diag, place,
                      "%s of the channel is '%.60s', which holds %s: xl.cfg cannot say that, write it without", key,
                      value, unsayable);
    if (slip)
        vx_diag_unfit(writer->diag, place, "%s of the channel is '%.60s', which holds %s: write it without", key, value,
                      slip);
    if (!unsayable)
        vx_xl_device_add_pair(writer, "channel", channel, pairs, key, value);
}

/* ---- the keys ---- */

/* Reading is complete only when the connection is known: it may stand behind the path. Until then a path waits in the
 * source, wherever it will belong. */
static void read_connection(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    g_autofree char *word = g_strchomp(g_strndup(pair->value, strcspn(pair->value, "="))); /* there xl 4.17 ends */
    VxChr *channel = device;
    bool is_known = true;

    channel->places.type = pair->value_place;
    if (strcmp(word, "pty") == 0)
        channel->type = VX_CHR_PTY;
    else if (strcmp(word, "socket") == 0)
        channel->type = VX_CHR_UNIX;
    else
        is_known = false;
    if (!is_known || strcmp(word, pair->value) != 0)
        vx_diag_report(reader->diag, vx_xl_severity(reader, is_known), pair->value_place,
                       "connection of channel is '%.60s': write pty or socket", pair->value);
}

static void write_connection(VxXlWriter *writer, const void *device, GString *pairs)
{
    const VxChr *channel = device;

    vx_xl_device_add_pair(writer, "channel", device, pairs, "connection",
                          channel->type == VX_CHR_PTY ? "pty" : "socket");
}

static void read_path(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxChr *channel = device;
    VxChrSource *source = vx_chr_make_source(channel);

    check_value_read(reader, pair);
    channel->places.path = pair->value_place;
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
    if (path && *path) {
        add_value(writer, channel, pairs, "path", path, channel->places.path);
        return;
    }
    if (!writer->def->name || !channel->target_name) {
        vx_diag_wrong(writer->diag, channel->device.object.place,
                      "the channel has neither path nor name, of which a path could be made: write one of them");
        return;
    }
    chosen = vx_channel_choose_path(writer->options->channel_dir, writer->def->name, channel->target_name);
    if (strlen(chosen) > VX_CHANNEL_PATH_MAX_BYTES)
        vx_diag_unfit(
            writer->diag, channel->device.object.place,
            "the path chosen for the channel '%.60s' has %zu bytes: a socket's path has at most %d, so choose a "
            "shorter folder for channels",
            channel->target_name, strlen(chosen), VX_CHANNEL_PATH_MAX_BYTES);
    add_value(writer, channel, pairs, "path", chosen, VX_NO_PLACE);
}

static void read_name(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxChr *channel = device;

    check_value_read(reader, pair);
    channel->places.name = pair->value_place;
    g_free(channel->target_name);
    channel->target_name = g_strdup(pair->value);
}

static void write_name(VxXlWriter *writer, const void *device, GString *pairs)
{
    const VxChr *channel = device;

    add_value(writer, channel, pairs, "name", channel->target_name, channel->places.name);
}

static void read_backend(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxChr *channel = device;

    check_value_read(reader, pair);
    g_free(channel->device.backend_domain);
    channel->device.backend_domain = g_strdup(pair->value);
}

static void write_backend(VxXlWriter *writer, const void *device, GString *pairs)
{
    const VxChr *channel = device;

    add_value(writer, channel, pairs, "backend", channel->device.backend_domain, VX_NO_PLACE);
}

static const VxXlDeviceKey channel_keys[] = {
    {.key = "connection",
     .read = read_connection,
     .write = write_connection,
     .refuses_blanks = true,
     .doc = "pty or socket"},
    {.key = "path", .read = read_path, .write = write_path, .doc = "path of the socket that the host listens on"},
    {.key = "name", .read = read_name, .write = write_name, .doc = "name by which the guest finds the channel"},
    {.key = "backend",
     .read = read_backend,
     .write = write_backend,
     .doc = "the driver domain that serves the channel"},
};
static const VxXlDevice channel_table = {.option = "channel", VX_XL_KEYS(channel_keys), .takes_blanks = true};

/* ---- channels ---- */

/* xl lets a pty have a path and takes no notice of it. */
static void set_path_of_pty_aside(VxXlReader *reader, VxChr *channel)
{
    VxChrSource *source = vx_chr_make_source(channel);

    vx_diag_unfit(reader->diag, channel->places.path,
                  "the channel is a pty, which has no path: xl takes no notice of it, and "
                  "it is kept");
    vx_options_add(&channel->device.options, "path", source->path);
    vx_chr_drop_sources(channel);
}

static void finish_socket(VxXlReader *reader, VxChr *channel)
{
    if (!vx_chr_path(channel))
        vx_diag_wrong(reader->diag, channel->places.type, "the channel is a socket without a path: write path=/...");
    else
        vx_chr_make_source(channel)->mode = VX_CHR_MODE_BIND;
}

static void complete_channel(VxXlReader *reader, const VxXlcfgValue *item, VxChr *channel)
{
    if (!channel->type)
        vx_diag_wrong(reader->diag, item->place,
                      "the channel has no connection: write connection=pty or connection=socket");
    else if (channel->type == VX_CHR_UNIX)
        finish_socket(reader, channel);
    else if (vx_chr_path(channel))
        set_path_of_pty_aside(reader, channel);
    if (!channel->target_name)
        vx_channel_make_nameless_in_xl(channel);
}

/* Of a channel with an error, half a channel is no use: what is missing in it would only be said again. */
static void read_channel(VxXlReader *reader, const VxXlcfgValue *item)
{
    VxChr *channel = vx_domain_def_add_device(reader->def, VX_DEVICE_CHANNEL);
    unsigned wrong_before = vx_diag_n_wrong(reader->diag);

    channel->device.object.place = item->place;
    channel->target_type = VX_CHR_TARGET_XEN;
    vx_xl_device_read(reader, &channel_table, item, channel);
    if (vx_diag_n_wrong(reader->diag) == wrong_before)
        complete_channel(reader, item, channel);
    if (vx_diag_n_wrong(reader->diag) > wrong_before)
        vx_domain_def_drop_device(reader->def, channel);
}

static void read_channels(VxXlReader *reader)
{
    vx_xl_read_pair_items(reader, "channel", read_channel);
}

/* A virtio channel is what those write who do not ask what hypervisor it is for. Returns whether it is to be written.
 */
static bool map_virtio(VxXlWriter *writer, const VxChr *channel)
{
    VxPlace place = channel->places.target_type;
    const char *name = channel->target_name ? channel->target_name : "";

    if (channel->target_type != VX_CHR_TARGET_VIRTIO)
        return true;
    if (writer->options->refuse_virtio_channels)
        vx_diag_wrong(writer->diag, place,
                      "the channel '%.60s' is a virtio channel, which Xen does not have: write <target "
                      "type='xen' .../>",
                      name);
    else if (!writer->options->map_virtio_channels_silently)
        vx_diag_warn(writer->diag, place, "the virtio channel '%.60s' becomes a Xen channel of the same name", name);
    return !writer->options->refuse_virtio_channels;
}

static void format_channel(VxXlWriter *writer, const void *device, GString *item)
{
    const VxChr *channel = device;

    if (vx_channel_check(channel, VX_WRONG, writer->diag) && map_virtio(writer, channel))
        vx_xl_device_format(writer, &channel_table, channel, item);
}

static void write_channels(VxXlWriter *writer)
{
    vx_xl_write_devices(writer, "channel", VX_DEVICE_CHANNEL, format_channel);
}

const VxXlGroup vx_xl_channels = {.name = "channels", .read = read_channels, .write = write_channels};
