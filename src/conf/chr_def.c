/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/chr_def.h"

#include <string.h>

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
};
static const VxElement source_element = {
    .name = "source", .size = sizeof(VxChrSource), VX_ELEMENT_FIELDS(source_fields),
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
    {.placement = VX_LIST, .name = "option", .namespace_uri = VX_VIRTXL_NAMESPACE, .element = &vx_option_element,
     .offset = offsetof(VxDevice, options), .doc = "an xl.cfg key that libvirt has no element for"},
};

/* A pty's path is the host's to choose anew at each start, and says nothing in a definition. */
static void drop_live_source(VxXmlReader *reader, xmlNode *node, void *object)
{
    VxChr *chr = object;

    (void)node;
    if (chr->type != VX_CHR_PTY || (reader->flags & VX_READ_LIVE) || !chr->sources)
        return;
    for (unsigned i = 0; i < chr->sources->len; i++)
        vx_object_free(&source_element, chr->sources->pdata[i]);
    g_clear_pointer(&chr->sources, g_ptr_array_unref);
}

const VxElement vx_serial_element = {
    .name = "serial", .kind = VX_DEVICE_SERIAL, .size = sizeof(VxChr), VX_ELEMENT_FIELDS(port_fields),
    .after_read = drop_live_source, .doc = "A serial port of an HVM guest.",
};

const VxElement vx_parallel_element = {
    .name = "parallel", .kind = VX_DEVICE_PARALLEL, .size = sizeof(VxChr), VX_ELEMENT_FIELDS(port_fields),
    .after_read = drop_live_source, .doc = "A parallel port.",
};

const VxElement vx_console_element = {
    .name = "console", .kind = VX_DEVICE_CONSOLE, .size = sizeof(VxChr), VX_ELEMENT_FIELDS(port_fields),
    .after_read = drop_live_source, .doc = "A console of the guest; the first is Xen's primary console.",
};

const VxElement vx_channel_element = {
    .name = "channel", .kind = VX_DEVICE_CHANNEL, .size = sizeof(VxChr), VX_ELEMENT_FIELDS(channel_fields),
    .after_read = drop_live_source,
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

/* A name as one component of a path: a slash becomes a dash, and the dots of "." and ".." too. */
static void append_component(GString *path, const char *name)
{
    bool dots_only = name[strspn(name, ".")] == '\0';

    for (; *name; name++)
        g_string_append_c(path, *name == '/' || (dots_only && *name == '.') ? '-' : *name);
}

char *vx_channel_choose_path(const char *directory, const char *domain_name, const char *name)
{
    GString *path = g_string_new(directory);

    g_string_append_c(path, '/');
    append_component(path, domain_name);
    g_string_append_c(path, '-');
    append_component(path, name);
    return g_string_free(path, FALSE);
}
