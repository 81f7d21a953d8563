/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/chr_def.h"

#include <string.h>

#include "conf/xml_source.h"

VX_ENUM_DEFINE(vx_chr_types, VX_CHR_TYPES);
VX_ENUM_DEFINE(vx_chr_modes, VX_CHR_MODES);
VX_ENUM_DEFINE(vx_chr_protocols, VX_CHR_PROTOCOLS);
VX_ENUM_DEFINE(vx_chr_targets, VX_CHR_TARGETS);
VX_ENUM_DEFINE(vx_chr_states, VX_CHR_STATES);

static const VxField source_fields[] = {
    VX_ATTR_STRING("channel", VxChrSource, channel, "name of the spice port or D-Bus channel"),
    VX_ATTR_ENUM("mode", VxChrSource, mode, vx_chr_modes, "whether the host listens (bind) or connects"),
    VX_ATTR_STRING("path", VxChrSource, path, "path of the socket, device, file or pipe"),
    VX_ATTR_STRING("host", VxChrSource, host, "host to listen on or connect to"),
    VX_ATTR_STRING("service", VxChrSource, service, "TCP or UDP port"),
    VX_ATTR_ENUM("tls", VxChrSource, tls, vx_yes_no, "whether the TCP connection is encrypted"),
    VX_ATTR_STRING("master", VxChrSource, master, "nmdm device of the host"),
    VX_ATTR_STRING("slave", VxChrSource, slave, "nmdm device of the guest's side"),
    VX_ATTR_ENUM("append", VxChrSource, append, vx_on_off, "whether a file is kept when the domain starts anew"),
    VX_CANNOT("reconnect", "Xen's device model does not reconnect a socket"),
    VX_CANNOT("seclabel", "Xen labels no host devices"),
    VX_CANNOT("clipboard", "it is of a kind of channel that Xen has not"),
    VX_CANNOT("mouse", "it is of a kind of channel that Xen has not"),
};
static const VxElement source_element = {
    .name = "source",
    .size = sizeof(VxChrSource),
    VX_ELEMENT_FIELDS(source_fields),
    .doc = "The host's side of a character device.",
};

static const VxField protocol_fields[] = {
    VX_ATTR_ENUM("type", VxChr, protocol, vx_chr_protocols, "what is spoken on the TCP connection"),
};
static const VxElement protocol_element = {.name = "protocol", VX_ELEMENT_FIELDS(protocol_fields)};

static const VxField log_fields[] = {
    VX_ATTR_STRING("file", VxChr, log_file, "file that what passes is written to"),
    VX_ATTR_ENUM("append", VxChr, log_append, vx_on_off, "whether the file is kept when the domain starts anew"),
};
static const VxElement log_element = {.name = "log", VX_ELEMENT_FIELDS(log_fields)};

static const VxField model_fields[] = {
    VX_ATTR_STRING("name", VxChr, target_model, "model of the port"),
};
static const VxElement model_element = {.name = "model", VX_ELEMENT_FIELDS(model_fields)};

static const VxField target_fields[] = {
    VX_ATTR_ENUM("type", VxChr, target_type, vx_chr_targets, "what the guest sees; 'xen' for a Xen console or channel"),
    VX_ATTR_STRING("address", VxChr, target_address, "address of a guestfwd channel"),
    VX_ATTR_STRING("name", VxChr, target_name, "name of a channel, by which the guest finds it"),
    VX_ATTR_NUMBER("port", VxChr, target_port, 0, G_MAXINT32, "number of the port or console, from 0"),
    VX_ATTR_ENUM("state", VxChr, target_state, vx_chr_states, "whether the guest has the channel open",
                 .flags = VX_FIELD_LIVE),
    VX_GROUP("model", model_element, "model of a serial port"),
};
static const VxElement target_element = {.name = "target", VX_ELEMENT_FIELDS(target_fields)};

#define CHR_HOST_ROWS                                                                                                  \
    VX_ATTR_ENUM("type", VxChr, type, vx_chr_types, "what is on the host's side"),                                     \
        VX_ATTR_STRING("tty", VxChr, tty, "path of the pty", .flags = VX_FIELD_LIVE),                                  \
        VX_MANY("source", VxChr, sources, source_element, "the host's side"),                                          \
        VX_GROUP("protocol", protocol_element, "what is spoken on a TCP connection"),                                  \
        VX_GROUP("log", log_element, "a file that the host logs to")

static const VxField port_fields[] = {
    CHR_HOST_ROWS,
    VX_GROUP("target", target_element, "what the guest sees"),
    VX_DEVICE_ROWS,
};

/* A channel's alias and address are Xen's to choose anew at each start: they are not part of the definition. */
static const VxField channel_fields[] = {
    CHR_HOST_ROWS,
    VX_GROUP("target", target_element, "what the guest sees", .flags = VX_FIELD_ALWAYS),
    VX_GROUP("backenddomain", vx_device_backend_element, "the driver domain that serves the channel"),
    VX_GROUP("alias", vx_device_alias_element, "the name of the device", .flags = VX_FIELD_LIVE),
    VX_POINTER("address", VxDevice, address, vx_address_element, "where the guest sees it", .flags = VX_FIELD_LIVE),
    {.placement = VX_LIST,
     .name = "option",
     .namespace_uri = VX_VIRTXL_NAMESPACE,
     .element = &vx_option_element,
     .offset = offsetof(VxDevice, options),
     .doc = "an xl.cfg key that libvirt has no element for"},
};

/* A pty's path is the host's to choose anew at each start, and says nothing in a definition. */
static void drop_live_source(VxXmlReader *reader, VxXmlNode *node, void *object)
{
    VxChr *chr = object;

    (void)node;
    if (chr->type == VX_CHR_PTY && !(reader->flags & VX_READ_LIVE))
        vx_chr_drop_sources(chr);
}

/* 0 if NODE has no such attribute. */
static VxPlace place_of_attribute(const VxXmlReader *reader, const VxXmlNode *node, const char *name)
{
    return vx_xml_value(node, name) ? vx_xml_attribute_place(reader->diag, node, name) : VX_NO_PLACE;
}

static void read_places(VxXmlReader *reader, VxXmlNode *node, VxChr *chr)
{
    chr->places.type = place_of_attribute(reader, node, "type");
    for (VxXmlNode *child = node->children; child; child = child->next) {
        const char *name = child->kind == VX_XML_ELEMENT ? child->name : "";

        if (strcmp(name, "source") == 0 && !chr->places.path && !chr->places.mode) {
            chr->places.path = place_of_attribute(reader, child, "path");
            chr->places.mode = place_of_attribute(reader, child, "mode");
        } else if (strcmp(name, "target") == 0 && !chr->places.name && !chr->places.target_type) {
            chr->places.name = place_of_attribute(reader, child, "name");
            chr->places.target_type = place_of_attribute(reader, child, "type");
        }
    }
}

static void finish_channel(VxXmlReader *reader, VxXmlNode *node, void *object)
{
    drop_live_source(reader, node, object);
    read_places(reader, node, object);
}

const VxElement vx_serial_element = {
    .name = "serial",
    .kind = VX_DEVICE_SERIAL,
    .size = sizeof(VxChr),
    VX_ELEMENT_FIELDS(port_fields),
    .after_read = drop_live_source,
    .doc = "A serial port of an HVM guest.",
};

const VxElement vx_parallel_element = {
    .name = "parallel",
    .kind = VX_DEVICE_PARALLEL,
    .size = sizeof(VxChr),
    VX_ELEMENT_FIELDS(port_fields),
    .after_read = drop_live_source,
    .doc = "A parallel port.",
};

const VxElement vx_console_element = {
    .name = "console",
    .kind = VX_DEVICE_CONSOLE,
    .size = sizeof(VxChr),
    VX_ELEMENT_FIELDS(port_fields),
    .after_read = drop_live_source,
    .doc = "A console of the guest; the first is Xen's primary console.",
};

const VxElement vx_channel_element = {
    .name = "channel",
    .kind = VX_DEVICE_CHANNEL,
    .size = sizeof(VxChr),
    VX_ELEMENT_FIELDS(channel_fields),
    .after_read = finish_channel,
    .doc = "A channel: a private byte stream between host and guest, found by its name.",
};

const char *vx_chr_path(const VxChr *chr)
{
    return chr->sources && chr->sources->len > 0 ? ((const VxChrSource *)chr->sources->pdata[0])->path : NULL;
}

VxChrSource *vx_chr_add_source(VxChr *chr)
{
    VxChrSource *source = vx_object_new(&source_element);

    if (!chr->sources)
        chr->sources = g_ptr_array_new();
    g_ptr_array_add(chr->sources, source);
    return source;
}

void vx_chr_copy_host_side(VxChr *to, const VxChr *from)
{
    to->type = from->type;
    to->protocol = from->protocol;
    for (unsigned i = 0; from->sources && i < from->sources->len; i++) {
        if (!to->sources)
            to->sources = g_ptr_array_new();
        g_ptr_array_add(to->sources, vx_object_copy(&source_element, from->sources->pdata[i]));
    }
}

VxChrSource *vx_chr_make_source(VxChr *chr)
{
    return chr->sources && chr->sources->len > 0 ? chr->sources->pdata[0] : vx_chr_add_source(chr);
}

void vx_chr_drop_sources(VxChr *chr)
{
    for (unsigned i = 0; chr->sources && i < chr->sources->len; i++)
        vx_object_free(&source_element, chr->sources->pdata[i]);
    g_clear_pointer(&chr->sources, g_ptr_array_unref);
}

/* ---- channels ---- */

/* Appends NAME as part of one component of a path. Returns whether it had to be changed for that: a slash becomes a
 * dash, and so do the dots of "." and "..". */
static bool append_component(GString *path, const char *name)
{
    bool dots_only = name[strspn(name, ".")] == '\0';
    gsize length = strlen(name);

    for (const char *p = name; *p; p++)
        g_string_append_c(path, *p == '/' || (dots_only && *p == '.') ? '-' : *p);
    return length == 0 || memcmp(path->str + path->len - length, name, length) != 0;
}

#define CHECKSUM_DIGITS 12

/* Makes PATH, whose first DIRECTORY_BYTES are the folder, one of its own for the pair of names: ends in a checksum, and
 * is cut, between two characters, so that it is not too long. */
static void append_checksum(GString *path, gsize directory_bytes, const char *domain_name, const char *name)
{
    g_autofree char *both = g_strconcat(domain_name, "/", name, NULL);
    g_autofree char *checksum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, both, -1);
    gsize room = VX_CHANNEL_PATH_MAX_BYTES - 1 - CHECKSUM_DIGITS;

    if (path->len > room) {
        gsize end = MAX(room, directory_bytes);

        while (end > directory_bytes && (path->str[end] & 0xc0) == 0x80)
            end--;
        g_string_truncate(path, end);
    }
    g_string_append_printf(path, "-%.*s", CHECKSUM_DIGITS, checksum);
}

char *vx_channel_choose_path(const char *directory, const char *domain_name, const char *name)
{
    GString *path = g_string_new(directory);
    gsize directory_bytes;
    bool changed;

    g_string_append_c(path, '/');
    directory_bytes = path->len;
    changed = append_component(path, domain_name);
    g_string_append_c(path, '-');
    changed = append_component(path, name) || changed;
    if (changed || path->len > VX_CHANNEL_PATH_MAX_BYTES)
        append_checksum(path, directory_bytes, domain_name, name);
    return g_string_free(path, FALSE);
}

/* The mark is an option without a value: <virtxl:option name='name'/>. */
bool vx_channel_is_nameless_in_xl(const VxChr *channel)
{
    const VxOption *mark = vx_options_find(channel->device.options, "name");

    return mark && !mark->value;
}

void vx_channel_make_nameless_in_xl(VxChr *channel)
{
    vx_options_add(&channel->device.options, "name", NULL);
}

static bool check_target(const VxChr *channel, VxSeverity severity, VxDiag *diag)
{
    VxPlace place = channel->places.target_type ? channel->places.target_type : channel->device.object.place;

    if (channel->target_type == VX_CHR_TARGET_XEN || channel->target_type == VX_CHR_TARGET_VIRTIO)
        return true;
    if (!channel->target_type && channel->places.target_type)
        return false; /* what stands there is no target type, which was said when it was read */
    if (channel->target_type)
        vx_diag_report(diag, severity, place,
                       "Xen has no channels with the target type '%s': write <target type='xen' name='...'/>",
                       vx_enum_to_text(&vx_chr_targets, channel->target_type));
    else
        vx_diag_report(diag, severity, place, "the channel has no target type: write <target type='xen' name='...'/>");
    return false;
}

static bool check_type(const VxChr *channel, VxSeverity severity, VxDiag *diag)
{
    VxPlace place = channel->places.type ? channel->places.type : channel->device.object.place;

    if (channel->type == VX_CHR_PTY || channel->type == VX_CHR_UNIX)
        return true;
    if (!channel->type && channel->places.type)
        return false; /* as above */
    if (channel->type)
        vx_diag_report(diag, severity, place,
                       "Xen has no channels of the type '%s': write type='unix', a socket, or type='pty'",
                       vx_enum_to_text(&vx_chr_types, channel->type));
    else
        vx_diag_report(diag, severity, place, "the channel has no type: write type='unix', a socket, or type='pty'");
    return false;
}

static bool check_mode(const VxChr *channel, VxSeverity severity, VxDiag *diag)
{
    const VxChrSource *source = channel->sources && channel->sources->len > 0 ? channel->sources->pdata[0] : NULL;

    if (channel->type != VX_CHR_UNIX || !source || source->mode != VX_CHR_MODE_CONNECT)
        return true;
    vx_diag_report(diag, severity, channel->places.mode ? channel->places.mode : channel->device.object.place,
                   "Xen's side of a channel listens and cannot connect: write mode='bind'");
    return false;
}

static bool check_name(const VxChr *channel, VxSeverity severity, VxDiag *diag)
{
    if (channel->target_name && *channel->target_name)
        return true;
    if (vx_channel_is_nameless_in_xl(channel))
        severity = VX_UNFIT;
    vx_diag_report(diag, severity, channel->places.name ? channel->places.name : channel->device.object.place,
                   "the channel has no name, by which the guest finds it, and Xen starts no guest so: give it one");
    return severity != VX_WRONG;
}

bool vx_channel_check(const VxChr *channel, VxSeverity severity, VxDiag *diag)
{
    bool good = check_target(channel, severity, diag);

    if (!good)
        return false; /* what else is wrong with it may be right for its target */
    good = check_type(channel, severity, diag);
    good = check_mode(channel, severity, diag) && good;
    return check_name(channel, severity, diag) && good;
}
