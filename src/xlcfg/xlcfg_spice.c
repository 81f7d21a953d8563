/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * spice and its like <-> <graphics type='spice'> of an HVM guest. xl.cfg(5) "Emulated VGA Graphics Device", spice.
 */
#include <string.h>

#include "conf/device_check.h"
#include "conf/graphics_def.h"
#include "xlcfg/xlcfg_groups.h"

/* The options behind `spice` itself, all of which are carried where there is no spice. */
static const char *const keys[] = {
    "spiceport",
    "spicetls_port",
    "spicehost",
    "spicepasswd",
    "spiceagent_mouse",
    "spicedisable_ticketing",
    "spicevdagent",
    "spice_clipboard_sharing",
    "spiceusbredirection",
    "spice_image_compression",
    "spice_streaming_video",
};

/* ---- reading ---- */

/* Keeps KEY=VALUE with GRAPHICS. An empty value stands for "not given", where something else would be made of nothing.
 */
static void carry(VxGraphics *graphics, const char *key, const char *value)
{
    vx_options_add(&graphics->device.options, key, value);
}

static void carry_number(VxGraphics *graphics, const char *key, gint64 value)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);

    carry(graphics, key, text);
}

static void read_port(VxXlReader *reader, const char *key, VxGraphics *graphics, VxNumber *port)
{
    VxNumber number = {0};

    if (!vx_xl_number(reader, key, &number) || number.value == 0)
        return;
    if (number.value > 0 && number.value <= 65535)
        *port = number;
    else
        carry_number(graphics, key, number.value);
}

static void read_word(VxXlReader *reader, const char *key, const VxEnum *words, VxGraphics *graphics, int *slot)
{
    const char *word = vx_xl_string(reader, key);

    if (!word)
        return;
    *slot = vx_enum_from_text(words, word);
    if (*slot == 0)
        carry(graphics, key, word);
}

/* libvirt switches the agent on for what needs it. */
static bool needs_agent(const VxGraphics *graphics)
{
    return graphics->mouse == VX_MOUSE_CLIENT || graphics->copy_paste == VX_YES;
}

static void read_agent(VxXlReader *reader, VxGraphics *graphics)
{
    VxYesNo mouse = vx_xl_bool(reader, "spiceagent_mouse");
    VxYesNo agent = vx_xl_bool(reader, "spicevdagent");

    if (mouse)
        graphics->mouse = mouse == VX_YES ? VX_MOUSE_CLIENT : VX_MOUSE_SERVER;
    graphics->copy_paste = vx_xl_bool(reader, "spice_clipboard_sharing");
    if (agent != (needs_agent(graphics) ? VX_YES : VX_YES_NO_NOT_GIVEN))
        carry(graphics, "spicevdagent", agent == VX_YES ? "1" : agent == VX_NO ? "0" : "");
}

/* libvirt has a password or none; xl wants to be told that there is none. */
static void read_password(VxXlReader *reader, VxGraphics *graphics)
{
    VxYesNo no_ticket = vx_xl_bool(reader, "spicedisable_ticketing");

    graphics->password = g_strdup(vx_xl_string(reader, "spicepasswd"));
    if (no_ticket != (graphics->password ? VX_YES_NO_NOT_GIVEN : VX_YES))
        carry(graphics, "spicedisable_ticketing", no_ticket == VX_YES ? "1" : no_ticket == VX_NO ? "0" : "");
}

static bool has_vnc(const VxDomainDef *def)
{
    const VxGraphics *graphics;

    for (unsigned i = 0; (graphics = vx_domain_def_next_device(def, VX_DEVICE_GRAPHICS, &i));) {
        if (graphics->type == VX_GRAPHICS_VNC)
            return true;
    }
    return false;
}

static void read_enabled(VxXlReader *reader)
{
    bool keymap_is_taken = has_vnc(reader->def);
    VxGraphics *graphics = vx_domain_def_add_device(reader->def, VX_DEVICE_GRAPHICS);
    VxNumber redirections = {0};

    graphics->device.object.place = vx_xl_place(reader, "spice");
    graphics->type = VX_GRAPHICS_SPICE;
    read_port(reader, "spiceport", graphics, &graphics->port);
    read_port(reader, "spicetls_port", graphics, &graphics->tls_port);
    graphics->autoport = graphics->port.given || graphics->tls_port.given ? VX_NO : VX_YES;
    vx_graphics_set_listen_address(graphics, vx_xl_string(reader, "spicehost"));
    if (!keymap_is_taken)
        graphics->keymap = g_strdup(vx_xl_string(reader, "keymap"));
    read_password(reader, graphics);
    read_agent(reader, graphics);
    if (vx_xl_number(reader, "spiceusbredirection", &redirections))
        carry_number(graphics, "spiceusbredirection", redirections.value);
    read_word(reader, "spice_image_compression", &vx_spice_compressions, graphics, &graphics->compression);
    read_word(reader, "spice_streaming_video", &vx_spice_streamings, graphics, &graphics->streaming);
}

static void read_spice(VxXlReader *reader)
{
    if (vx_xl_bool(reader, "spice") == VX_YES) {
        read_enabled(reader);
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++)
        vx_xl_carry(reader, keys[i]);
}

/* ---- writing ---- */

static const char *carried_value(const VxGraphics *graphics, const char *key)
{
    const VxOption *option = vx_options_find(graphics->device.options, key);

    return option ? option->value : NULL;
}

/* Writes the number KEY: what is carried, or else VALUE if IS_GIVEN. */
static void write_number(VxXlWriter *writer, const VxGraphics *graphics, const char *key, bool is_given, gint64 value)
{
    const char *carried = carried_value(graphics, key);

    if (carried && *carried)
        vx_xl_write_number(writer, key, g_ascii_strtoll(carried, NULL, 10));
    else if (!carried && is_given)
        vx_xl_write_number(writer, key, value);
}

static void write_word(VxXlWriter *writer, const VxGraphics *graphics, const char *key, const VxEnum *words, int value)
{
    vx_xl_write_string(writer, key, value ? vx_enum_to_text(words, value) : carried_value(graphics, key));
}

static void write_port(VxXlWriter *writer, const VxGraphics *graphics, const char *key, const VxNumber *port)
{
    write_number(writer, graphics, key, port->given && port->value > 0, port->value);
}

/* libvirt's driver takes a free port when the guest starts; the device model starts with none. */
static void check_ports(VxXlWriter *writer, const VxGraphics *graphics)
{
    if (graphics->port.value <= 0 && graphics->tls_port.value <= 0 && !carried_value(graphics, "spiceport") &&
        !carried_value(graphics, "spicetls_port"))
        vx_diag_warn(writer->diag, graphics->device.object.place,
                     "xl looks for no free port for spice, and starts no guest without one: write port='5900' or "
                     "tlsPort='5901'");
}

static void write_enabled(VxXlWriter *writer, const VxGraphics *graphics)
{
    check_ports(writer, graphics);
    vx_xl_write_number(writer, "spice", 1);
    vx_xl_write_string(writer, "spicehost", vx_graphics_listen_address(graphics));
    write_port(writer, graphics, "spiceport", &graphics->port);
    write_port(writer, graphics, "spicetls_port", &graphics->tls_port);
    write_number(writer, graphics, "spicedisable_ticketing", !graphics->password, 1);
    vx_xl_write_string(writer, "spicepasswd", graphics->password);
    write_number(writer, graphics, "spiceagent_mouse", graphics->mouse != 0, graphics->mouse == VX_MOUSE_CLIENT);
    write_number(writer, graphics, "spicevdagent", needs_agent(graphics), 1);
    write_number(writer, graphics, "spice_clipboard_sharing", graphics->copy_paste != 0,
                 graphics->copy_paste == VX_YES);
    write_number(writer, graphics, "spiceusbredirection", false, 0);
    write_word(writer, graphics, "spice_image_compression", &vx_spice_compressions, graphics->compression);
    write_word(writer, graphics, "spice_streaming_video", &vx_spice_streamings, graphics->streaming);
    if (graphics->keymap && !has_vnc(writer->def))
        vx_xl_write_string(writer, "keymap", graphics->keymap);
}

static void write_spice(VxXlWriter *writer)
{
    const VxGraphics *graphics;

    for (unsigned i = 0; (graphics = vx_domain_def_next_device(writer->def, VX_DEVICE_GRAPHICS, &i));) {
        if (graphics->type == VX_GRAPHICS_SPICE &&
            vx_device_check(writer->def, &graphics->device, VX_WRONG, writer->diag))
            write_enabled(writer, graphics);
    }
}

const VxXlGroup vx_xl_spice = {.name = "spice", .read = read_spice, .write = write_spice};
