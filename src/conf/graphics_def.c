/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/graphics_def.h"

#include <string.h>

#include "conf/xml_source.h"

VX_ENUM_DEFINE(vx_graphics_types, VX_GRAPHICS_TYPES);
VX_ENUM_DEFINE(vx_listen_types, VX_LISTEN_TYPES);
VX_ENUM_DEFINE(vx_spice_compressions, VX_SPICE_COMPRESSIONS);
VX_ENUM_DEFINE(vx_spice_streamings, VX_SPICE_STREAMINGS);
VX_ENUM_DEFINE(vx_mouse_modes, VX_MOUSE_MODES);

static const VxField listen_fields[] = {
    VX_ATTR_ENUM("type", VxListen, type, vx_listen_types, "what to listen on", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_STRING("address", VxListen, address, "address or name of the host; without it, the host's default"),
    VX_ATTR_STRING("network", VxListen, network, "libvirt network whose address to listen on"),
    VX_ATTR_STRING("socket", VxListen, socket, "path of a UNIX socket"),
};
static const VxElement listen_element = {
    .name = "listen",
    .size = sizeof(VxListen),
    VX_ELEMENT_FIELDS(listen_fields),
    .doc = "Where clients connect to.",
};

static const VxField image_fields[] = {
    VX_ATTR_ENUM("compression", VxGraphics, compression, vx_spice_compressions, "how images are compressed"),
};
static const VxElement image_element = {.name = "image", VX_ELEMENT_FIELDS(image_fields)};

static const VxField streaming_fields[] = {
    VX_ATTR_ENUM("mode", VxGraphics, streaming, vx_spice_streamings, "what is sent as a video stream"),
};
static const VxElement streaming_element = {.name = "streaming", VX_ELEMENT_FIELDS(streaming_fields)};

static const VxField mouse_fields[] = {
    VX_ATTR_ENUM("mode", VxGraphics, mouse, vx_mouse_modes, "who draws the pointer"),
};
static const VxElement mouse_element = {.name = "mouse", VX_ELEMENT_FIELDS(mouse_fields)};

static const VxField clipboard_fields[] = {
    VX_ATTR_ENUM("copypaste", VxGraphics, copy_paste, vx_yes_no, "whether guest and client share a clipboard"),
};
static const VxElement clipboard_element = {.name = "clipboard", VX_ELEMENT_FIELDS(clipboard_fields)};

static const VxField gl_fields[] = {
    VX_ATTR_ENUM("enable", VxGraphics, gl, vx_yes_no, "whether OpenGL is used"),
    VX_CANNOT_ATTR("rendernode", "Xen's device model chooses the GPU itself"),
};
static const VxElement gl_element = {.name = "gl", VX_ELEMENT_FIELDS(gl_fields)};

#define NO_SUCH_SPICE_SETTING "Xen's device model has no such setting"

/* In the order in which libvirt writes them; which are for which type is in their documentation. */
static const VxField graphics_fields[] = {
    VX_ATTR_ENUM("type", VxGraphics, type, vx_graphics_types, "how the screen is shown; Xen has vnc, sdl and spice",
                 .flags = VX_FIELD_REQUIRED),
    VX_ATTR_STRING("domain", VxGraphics, qubes_domain, "qubes: the domain that shows the screen"),
    VX_ATTR_STRING("log_level", VxGraphics, qubes_log_level, "qubes: how much is logged"),
    VX_CANNOT_ATTR("socket", "Xen's device model listens on TCP ports only"),
    VX_ATTR_NUMBER("port", VxGraphics, port, -1, 65535, "vnc, spice: TCP port; -1 is chosen when the guest starts"),
    VX_ATTR_NUMBER("tlsPort", VxGraphics, tls_port, -1, 65535, "spice: TCP port for encrypted connections"),
    VX_ATTR_ENUM("autoport", VxGraphics, autoport, vx_yes_no, "vnc, spice: whether the port is chosen at the start"),
    VX_CANNOT_ATTR("websocket", "Xen's VNC server has no websockets"),
    VX_CANNOT_ATTR("replaceUser", "Xen has no RDP server"),
    VX_CANNOT_ATTR("multiUser", "Xen has no RDP server"),
    VX_ATTR_STRING("listen", VxGraphics, listen, "vnc, spice: the address of the first <listen>"),
    VX_ATTR_STRING("keymap", VxGraphics, keymap, "vnc, spice: keyboard layout, as in de or en-us"),
    VX_CANNOT_ATTR("defaultMode", "Xen's device model encrypts by port only"),
    VX_CANNOT_ATTR("sharePolicy", "Xen's VNC server has no such policy"),
    VX_CANNOT_ATTR("powerControl", "Xen's VNC server cannot power the guest off"),
    VX_ATTR_STRING("display", VxGraphics, display, "sdl: X display, as in :0.0"),
    VX_ATTR_STRING("xauth", VxGraphics, xauth, "sdl: path of the X authority file"),
    VX_CANNOT_ATTR("fullscreen", "Xen's device model opens a window"),
    VX_CANNOT_ATTR("p2p", "Xen's device model has no D-Bus display"),
    VX_CANNOT_ATTR("address", "Xen's device model has no D-Bus display"),
    VX_ATTR_STRING("passwd", VxGraphics, password, "vnc, spice: password of clients", .flags = VX_FIELD_SECRET),
    VX_CANNOT_ATTR("passwdValidTo", "Xen's passwords do not expire"),
    VX_CANNOT_ATTR("connected", "Xen cannot change a password while clients are connected"),
    VX_MANY("listen", VxGraphics, listens, listen_element, "vnc, spice: where to listen"),
    VX_CANNOT("channel", NO_SUCH_SPICE_SETTING),
    VX_GROUP("image", image_element, "spice: compression of images"),
    VX_CANNOT("jpeg", NO_SUCH_SPICE_SETTING),
    VX_CANNOT("zlib", NO_SUCH_SPICE_SETTING),
    VX_CANNOT("playback", NO_SUCH_SPICE_SETTING),
    VX_GROUP("streaming", streaming_element, "spice: video streams"),
    VX_GROUP("mouse", mouse_element, "spice: the pointer; mode='client' needs the guest's agent"),
    VX_GROUP("clipboard", clipboard_element, "spice: copying and pasting, which needs the guest's agent"),
    VX_CANNOT("filetransfer", NO_SUCH_SPICE_SETTING),
    VX_GROUP("gl", gl_element, "sdl: OpenGL"),
    VX_CANNOT("audio", "Xen's device model chooses the host's sound itself"),
    {.placement = VX_LIST,
     .name = "option",
     .namespace_uri = VX_VIRTXL_NAMESPACE,
     .element = &vx_option_element,
     .offset = offsetof(VxDevice, options),
     .doc = "an xl.cfg key that libvirt has no element for"},
};

static VxListen *first_listen(const VxGraphics *graphics)
{
    return graphics->listens && graphics->listens->len > 0 ? graphics->listens->pdata[0] : NULL;
}

static VxListen *add_listen(VxGraphics *graphics)
{
    VxListen *listen = vx_object_new(&listen_element);

    if (!graphics->listens)
        graphics->listens = g_ptr_array_new();
    g_ptr_array_add(graphics->listens, listen);
    listen->type = VX_LISTEN_ADDRESS;
    return listen;
}

/* libvirt says the address twice, for the sake of older clients: either place may be where it is given. */
static void unite_addresses(VxXmlReader *reader, VxXmlNode *node, void *object)
{
    VxGraphics *graphics = object;
    VxListen *listen = first_listen(graphics);

    if (!listen) {
        if (graphics->listen)
            add_listen(graphics)->address = g_strdup(graphics->listen);
        return;
    }
    if (listen->type != VX_LISTEN_ADDRESS || !listen->address)
        return;
    if (!graphics->listen)
        graphics->listen = g_strdup(listen->address);
    else if (strcmp(graphics->listen, listen->address) != 0)
        vx_diag_wrong(reader->diag, vx_xml_attribute_place(reader->diag, node, "listen"),
                      "listen of <graphics> is '%.60s' and the address of its <listen> is '%.60s': write one address",
                      graphics->listen, listen->address);
}

const VxElement vx_graphics_element = {
    .name = "graphics",
    .kind = VX_DEVICE_GRAPHICS,
    .size = sizeof(VxGraphics),
    VX_ELEMENT_FIELDS(graphics_fields),
    .after_read = unite_addresses,
    .doc = "How the guest's screen is shown.",
};

const char *vx_graphics_listen_address(const VxGraphics *graphics)
{
    const VxListen *listen = first_listen(graphics);

    return listen && listen->type == VX_LISTEN_ADDRESS ? listen->address : NULL;
}

void vx_graphics_set_listen_address(VxGraphics *graphics, const char *address)
{
    for (unsigned i = 0; graphics->listens && i < graphics->listens->len; i++)
        vx_object_free(&listen_element, graphics->listens->pdata[i]);
    g_clear_pointer(&graphics->listens, g_ptr_array_unref);
    add_listen(graphics)->address = g_strdup(address);
    g_free(graphics->listen);
    graphics->listen = g_strdup(address);
}
