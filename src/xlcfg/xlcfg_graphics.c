/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * vnc, sdl and their like, and vfb = [ "vnc=1,vnclisten=127.0.0.1" ] <-> <graphics type='vnc'>, <graphics type='sdl'>.
 * An HVM guest has the options of their own, others have vfb. xl.cfg(5) "Paravirtualised Framebuffer", "Graphics".
 */
#include <string.h>

#include "conf/device_check.h"
#include "xlcfg/xlcfg_device.h"
#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_pieces.h"
#include "xlcfg/xlcfg_print.h"
#include "xlcfg/xlcfg_screen.h"

static VxGraphics *add_graphics(VxXlReader *reader, VxPlace place)
{
    VxGraphics *graphics = vx_domain_def_add_device(reader->def, VX_DEVICE_GRAPHICS);

    graphics->device.object.place = place;
    return graphics;
}

/* ---- reading: options of their own ---- */

static void read_options(VxXlReader *reader, VxScreen *screen)
{
    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++) {
        VxNumber number = {0};

        if (!vx_screen_is_number(i))
            screen->values[i] = g_strdup(vx_xl_string(reader, vx_screen_words[i]));
        else if (vx_xl_number(reader, vx_screen_words[i], &number))
            screen->values[i] = g_strdup_printf("%" G_GINT64_FORMAT, number.value);
    }
}

/* Carries those options of which SCREEN still has a value. "Off" need not be carried: it is so without. */
static void carry_rest(VxXlReader *reader, const VxScreen *screen)
{
    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++) {
        if (screen->values[i] && ((i != VX_SCREEN_VNC && i != VX_SCREEN_SDL) || vx_screen_is_on(screen, i, false)))
            vx_xl_carry(reader, vx_screen_words[i]);
    }
}

static void check_display(VxXlReader *reader, const VxScreen *screen)
{
    const char *listen = screen->values[VX_SCREEN_VNCLISTEN];

    if (listen && strchr(listen, ':') && vx_screen_is_on(screen, VX_SCREEN_VNCDISPLAY, false))
        vx_diag_wrong(reader->diag, vx_xl_place(reader, "vncdisplay"),
                      "the display is said in vnclisten and in vncdisplay: leave it out of one of them");
}

/* libxl shows an HVM guest's screen by VNC unless it is told not to, xm only if it is told so. */
static void read_hvm(VxXlReader *reader)
{
    g_auto(VxScreen) screen = {0};

    read_options(reader, &screen);
    check_display(reader, &screen);
    if (vx_screen_is_on(&screen, VX_SCREEN_VNC, reader->dialect != VX_XLCFG_XM))
        vx_screen_to_vnc(&screen, add_graphics(reader, vx_xl_place(reader, "vnc")));
    if (vx_screen_is_on(&screen, VX_SCREEN_SDL, false))
        vx_screen_to_sdl(&screen, add_graphics(reader, vx_xl_place(reader, "sdl")));
    if (screen.values[VX_SCREEN_KEYMAP] && vx_xl_bool(reader, "spice") == VX_YES)
        g_clear_pointer(&screen.values[VX_SCREEN_KEYMAP], g_free); /* it goes to <graphics type='spice'> */
    carry_rest(reader, &screen);
}

/* ---- reading: an entry of vfb, which xl cuts at commas and reads up to the first piece without '=' ---- */

static int find_word(const char *word)
{
    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++) {
        if (strcmp(vx_screen_words[i], word) == 0)
            return (int)i;
    }
    return -1;
}

/* The number that VALUE begins with, as atoi(3) has it. */
static char *read_vfb_number(VxXlReader *reader, const char *key, const char *value, VxPlace place)
{
    char *end = NULL;
    gint64 number = (gint32)g_ascii_strtoll(value, &end, 10);

    if (end == value || *end != '\0')
        vx_diag_unfit(reader->diag, place,
                      "%s of vfb is '%.60s', which is no number: xl takes it for %" G_GINT64_FORMAT, key, value,
                      number);
    return g_strdup_printf("%" G_GINT64_FORMAT, number);
}

static void set_if_unsaid(VxScreen *screen, VxScreenKey key, const char *value)
{
    if (!screen->values[key])
        screen->values[key] = g_strdup(value);
}

/* xm's type=vnc or type=sdl; xl passes over it. */
static bool read_vfb_type(const VxXlReader *reader, VxScreen *screen, const VxPieces *pair)
{
    bool is_sdl = strcmp(pair->value, "sdl") == 0;

    if (reader->dialect != VX_XLCFG_XM || strcmp(pair->key, "type") != 0 ||
        (!is_sdl && strcmp(pair->value, "vnc") != 0))
        return false;
    if (is_sdl)
        set_if_unsaid(screen, VX_SCREEN_SDL, "1");
    set_if_unsaid(screen, VX_SCREEN_VNC, is_sdl ? "0" : "1");
    return true;
}

static void read_vfb_pair(VxXlReader *reader, VxScreen *screen, VxDevice *unknown, const VxPieces *pair)
{
    int key = find_word(pair->key);

    if (read_vfb_type(reader, screen, pair))
        return;
    if (key < 0) {
        vx_diag_unfit(reader->diag, pair->place, "vfb has no key '%.60s': xl passes over it, and it is kept",
                      pair->key);
        vx_options_add(&unknown->options, pair->key, pair->value);
        return;
    }
    if (screen->values[key])
        vx_diag_unfit(reader->diag, pair->place, "vfb says '%s' twice: the last one counts", pair->key);
    g_free(screen->values[key]);
    screen->values[key] = vx_screen_is_number(key) ? read_vfb_number(reader, pair->key, pair->value, pair->value_place)
                                                   : g_strdup(pair->value);
}

static void read_vfb_pairs(VxXlReader *reader, const VxXlcfgValue *item, VxScreen *screen, VxDevice *unknown)
{
    g_auto(VxPieces) pair = {0};

    vx_pieces_init(&pair, item);
    while (vx_pieces_next(&pair)) {
        if (!pair.value) {
            vx_diag_unfit(reader->diag, pair.place,
                          "vfb has '%.60s' where a key=value belongs: xl reads nothing from here on", pair.key);
            return;
        }
        read_vfb_pair(reader, screen, unknown, &pair);
    }
}

/* One framebuffer can be shown by both VNC and SDL, which libvirt has no words for: then it is VNC's, and what it says
 * of SDL is carried. */
static void screen_to_framebuffer(VxScreen *screen, VxGraphics *graphics)
{
    if (vx_screen_is_on(screen, VX_SCREEN_VNC, true)) {
        vx_screen_to_vnc(screen, graphics);
        if (!vx_screen_is_on(screen, VX_SCREEN_SDL, false))
            g_clear_pointer(&screen->values[VX_SCREEN_SDL], g_free);
    } else if (vx_screen_is_on(screen, VX_SCREEN_SDL, false)) {
        vx_screen_to_sdl(screen, graphics);
        g_clear_pointer(&screen->values[VX_SCREEN_VNC], g_free);
    } else {
        graphics->type = VX_GRAPHICS_VNC;
    }
    vx_screen_carry_rest(screen, &graphics->device);
}

static void read_vfb_item(VxXlReader *reader, const VxXlcfgValue *item)
{
    VxGraphics *graphics = add_graphics(reader, item->place);
    g_auto(VxScreen) screen = {0};

    read_vfb_pairs(reader, item, &screen, &graphics->device);
    screen_to_framebuffer(&screen, graphics);
}

/* ---- reading: PV and PVH ---- */

static bool has_framebuffers(VxXlReader *reader)
{
    const VxXlcfgValue *vfb = vx_xl_value(reader, "vfb");

    return vfb && vfb->kind == VX_XLCFG_LIST && vfb->length > 0;
}

static void carry_without_effect(VxXlReader *reader, const VxScreen *screen)
{
    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++) {
        if (!screen->values[i] || (vx_screen_is_number(i) && !vx_screen_is_on(screen, i, false)))
            continue;
        vx_diag_warn(reader->diag, vx_xl_place(reader, vx_screen_words[i]), "%s has no effect here: %s; it is kept",
                     vx_screen_words[i],
                     has_framebuffers(reader) ? "vfb counts" : "a PV guest has a screen with vnc = 1 or vfb only");
        vx_xl_carry(reader, vx_screen_words[i]);
    }
}

/* xl takes notice of vnc and its like for a PV guest that has no vfb, and of nothing for a PVH guest. */
static void read_paravirtual(VxXlReader *reader)
{
    g_auto(VxScreen) screen = {0};

    vx_xl_read_items(reader, "vfb", read_vfb_item);
    if (reader->guest != VX_GUEST_PV)
        return;
    read_options(reader, &screen);
    if (!has_framebuffers(reader) && vx_screen_is_on(&screen, VX_SCREEN_VNC, false))
        screen_to_framebuffer(&screen, add_graphics(reader, vx_xl_place(reader, "vnc")));
    else
        carry_without_effect(reader, &screen);
}

static void read_graphics(VxXlReader *reader)
{
    if (reader->guest == VX_GUEST_HVM) {
        read_hvm(reader);
        vx_xl_carry(reader, "vfb");
    } else {
        read_paravirtual(reader);
    }
}

/* ---- writing ---- */

/* Whether GRAPHICS is one that is written here: spice has options of its own. */
static bool is_screen(const VxXlWriter *writer, const VxGraphics *graphics)
{
    if (!vx_device_check(writer->def, &graphics->device, VX_WRONG, writer->diag))
        return false;
    if (graphics->type == VX_GRAPHICS_QUBES)
        vx_diag_warn(writer->diag, graphics->device.object.place,
                     "xl.cfg cannot say <graphics type='qubes'>, which is Qubes OS' own; it is left out");
    return graphics->type == VX_GRAPHICS_VNC || graphics->type == VX_GRAPHICS_SDL;
}

static void write_option(VxXlWriter *writer, const VxScreen *screen, VxScreenKey key)
{
    const char *value = screen->values[key];

    if (!value || vx_xl_carries(writer, vx_screen_words[key]))
        return;
    if (vx_screen_is_number(key))
        vx_xl_write_number(writer, vx_screen_words[key], g_ascii_strtoll(value, NULL, 10));
    else
        vx_xl_write_string(writer, vx_screen_words[key], value);
}

static void write_hvm(VxXlWriter *writer)
{
    g_auto(VxScreen) screen = {0};
    const VxGraphics *graphics;
    unsigned types_seen = 0;

    for (unsigned i = 0; (graphics = vx_domain_def_next_device(writer->def, VX_DEVICE_GRAPHICS, &i));) {
        if (!is_screen(writer, graphics))
            continue;
        types_seen |= 1u << graphics->type;
        vx_screen_from_graphics(&screen, graphics);
    }
    if (!(types_seen & (1u << VX_GRAPHICS_VNC)))
        vx_xl_write_number(writer, "vnc", 0);
    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++)
        write_option(writer, &screen, i);
}

static void add_pair(VxXlWriter *writer, const VxGraphics *graphics, GString *item, const char *key, const char *value)
{
    if (strchr(value, ','))
        vx_diag_wrong(writer->diag, graphics->device.object.place, "%s is '%.60s': xl.cfg cannot say a comma there",
                      key, value);
    g_string_append_printf(item, "%s%s=%s", item->len > 0 ? "," : "", key, value);
}

static void format_framebuffer(VxXlWriter *writer, const VxGraphics *graphics, GString *item)
{
    g_auto(VxScreen) screen = {0};

    vx_screen_from_graphics(&screen, graphics);
    if (graphics->type == VX_GRAPHICS_SDL && !screen.values[VX_SCREEN_VNC])
        screen.values[VX_SCREEN_VNC] = g_strdup("0");
    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++) {
        if (screen.values[i])
            add_pair(writer, graphics, item, vx_screen_words[i], screen.values[i]);
    }
    for (unsigned i = 0; graphics->device.options && i < graphics->device.options->len; i++) {
        const VxOption *option = graphics->device.options->pdata[i];

        if (find_word(option->name) < 0 && option->value)
            add_pair(writer, graphics, item, option->name, option->value);
    }
}

/* The screen of a PV guest that has one, which is VNC's; NULL if that is not so. */
static const VxGraphics *find_only_vnc(const VxXlWriter *writer)
{
    const VxGraphics *graphics, *only = NULL;

    for (unsigned i = 0; (graphics = vx_domain_def_next_device(writer->def, VX_DEVICE_GRAPHICS, &i)); only = graphics) {
        if (only || graphics->type != VX_GRAPHICS_VNC)
            return NULL;
    }
    return writer->guest == VX_GUEST_PV ? only : NULL;
}

/* Options of their own can say a comma, which vfb cannot. Returns false if that is not necessary, or not possible. */
static bool write_with_commas(VxXlWriter *writer)
{
    const VxGraphics *graphics = find_only_vnc(writer);
    g_auto(VxScreen) screen = {0};
    bool has_comma = false;

    if (!graphics || !is_screen(writer, graphics))
        return false;
    vx_screen_from_graphics(&screen, graphics);
    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++)
        has_comma = has_comma || (screen.values[i] && strchr(screen.values[i], ','));
    if (!has_comma || !vx_screen_is_on(&screen, VX_SCREEN_VNC, false))
        return false;
    for (unsigned i = 0; i < VX_SCREEN_N_KEYS; i++)
        write_option(writer, &screen, i);
    return true;
}

static void write_framebuffers(VxXlWriter *writer)
{
    g_autoptr(GString) item = g_string_new(NULL);
    const VxGraphics *graphics;
    VxXlcfgList list;
    bool begun = false;

    if (write_with_commas(writer))
        return;

    for (unsigned i = 0; (graphics = vx_domain_def_next_device(writer->def, VX_DEVICE_GRAPHICS, &i));) {
        if (!is_screen(writer, graphics))
            continue;
        g_string_truncate(item, 0);
        format_framebuffer(writer, graphics, item);
        if (!begun)
            vx_xlcfg_list_begin(&list, writer->out, "vfb");
        begun = true;
        vx_xlcfg_list_add_string(&list, item->str);
    }
    if (begun)
        vx_xlcfg_list_end(&list);
}

static void write_graphics(VxXlWriter *writer)
{
    if (writer->guest == VX_GUEST_HVM)
        write_hvm(writer);
    else
        write_framebuffers(writer);
}

const VxXlGroup vx_xl_graphics = {.name = "graphics", .read = read_graphics, .always = true, .write = write_graphics};
