/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Paravirtual framebuffers with their keyboards, keyboards alone, and displays of a display domain: xl.cfg(5) vfb, vkb
 * and vdispl.
 */
#include <string.h>

#include "libxl/libxl_device.h"

/* ---- vfb ---- */

static const VxLibxlRow vfb_rows[] = {
    VX_LIBXL_ROW("vnc", defbool, libxl_device_vfb, vnc.enable),
    VX_LIBXL_ROW("vnclisten", string, libxl_device_vfb, vnc.listen),
    VX_LIBXL_ROW("vncpasswd", string, libxl_device_vfb, vnc.passwd),
    VX_LIBXL_ROW("vncdisplay", int, libxl_device_vfb, vnc.display),
    VX_LIBXL_ROW("vncunused", defbool, libxl_device_vfb, vnc.findunused),
    VX_LIBXL_ROW("keymap", string, libxl_device_vfb, keymap),
    VX_LIBXL_ROW("sdl", defbool, libxl_device_vfb, sdl.enable),
    VX_LIBXL_ROW("opengl", defbool, libxl_device_vfb, sdl.opengl),
    VX_LIBXL_ROW("display", string, libxl_device_vfb, sdl.display),
    VX_LIBXL_ROW("xauthority", string, libxl_device_vfb, sdl.xauthority),
};

static void init_vfb(void *device)
{
    libxl_device_vfb_init(device);
}

static void init_vkb(void *device)
{
    libxl_device_vkb_init(device);
}

static const VxLibxlDevice keyboard_of_vfb = {
    VX_LIBXL_ARRAY(vkbs, libxl_device_vkb),
    .init = init_vkb,
    .devid = offsetof(libxl_device_vkb, devid),
};

/* xl gives each framebuffer a keyboard. */
static void finish_vfb(VxLibxlWriter *writer, void *device)
{
    (void)device;
    vx_libxl_device_add(writer->config, &keyboard_of_vfb);
}

static const VxLibxlDevice vfb_device = {
    VX_LIBXL_ARRAY(vfbs, libxl_device_vfb),     VX_LIBXL_ROWS(vfb_rows), .init = init_vfb,
    .devid = offsetof(libxl_device_vfb, devid), .finish = finish_vfb,
};

VX_LIBXL_DEVICE_APPLY(vfb, vfb_device)

/* The only screen in the JSON, if it is shown by VNC and says a comma anywhere: vfb cannot. */
static json_object *find_screen_with_comma(VxLibxlReader *reader)
{
    json_object *screens = vx_libxl_find_list(reader, reader->root, "vfbs");
    json_object *screen =
        screens && json_object_array_length(screens) == 1 ? json_object_array_get_idx(screens, 0) : NULL;
    bool has_comma = false, has_vnc = false;

    for (unsigned i = 0; screen && i < G_N_ELEMENTS(vfb_rows); i++) {
        g_autofree char *text = vx_libxl_get(reader, &vfb_rows[i], screen);

        has_comma = has_comma || (text && strchr(text, ','));
        has_vnc = has_vnc || (text && strcmp(vfb_rows[i].key, "vnc") == 0 && strcmp(text, "1") == 0);
    }
    return has_comma && has_vnc ? screen : NULL;
}

VX_LIBXL_TELL(vfb)
{
    json_object *screen = reader->guest == VX_GUEST_PV ? find_screen_with_comma(reader) : NULL;

    if (!screen) {
        vx_libxl_device_tell(reader, &vfb_device, row->key, 0);
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(vfb_rows); i++) {
        g_autofree char *text = vx_libxl_get(reader, &vfb_rows[i], screen);

        if (text)
            vx_xlcfg_print_string(reader->out, vfb_rows[i].key, text);
    }
    vx_libxl_find(reader, screen, "devid");
}

void vx_libxl_add_vfb_of_vnc(VxLibxlWriter *writer)
{
    void *device;

    if (writer->guest != VX_GUEST_PV || writer->config->num_vfbs > 0 || vx_libxl_number(writer, "vnc", 0) == 0)
        return;
    device = vx_libxl_device_add(writer->config, &vfb_device);
    for (unsigned i = 0; i < G_N_ELEMENTS(vfb_rows); i++) {
        const char *text = vx_libxl_text(writer, vfb_rows[i].key);

        if (text)
            vx_libxl_set(writer, &vfb_rows[i], text, device);
    }
    finish_vfb(writer, device);
}

/* ---- vkb ---- */

VX_LIBXL_NAMES(vkb_backend, NULL);

#define VKB_ROW(name, value_type, member, ...) VX_LIBXL_ROW(name, value_type, libxl_device_vkb, member, ##__VA_ARGS__)

static const VxLibxlRow vkb_rows[] = {
    VKB_ROW("backend", string, backend_domname),
    VKB_ROW("backend-type", enum, backend_type, .names = &names_vkb_backend),
    VKB_ROW("unique-id", string, unique_id),
    VKB_ROW("feature-disable-keyboard", truth, feature_disable_keyboard),
    VKB_ROW("feature-disable-pointer", truth, feature_disable_pointer),
    VKB_ROW("feature-abs-pointer", truth, feature_abs_pointer),
    VKB_ROW("feature-raw-pointer", truth, feature_raw_pointer),
    VKB_ROW("feature-multi-touch", truth, feature_multi_touch),
    VKB_ROW("multi-touch-width", int, multi_touch_width),
    VKB_ROW("multi-touch-height", int, multi_touch_height),
    VKB_ROW("multi-touch-num-contacts", int, multi_touch_num_contacts),
    VKB_ROW("width", int, width),
    VKB_ROW("height", int, height),
};

static void finish_vkb(VxLibxlWriter *writer, void *device)
{
    libxl_device_vkb *vkb = device;

    (void)writer;
    if (vkb->multi_touch_width || vkb->multi_touch_height || vkb->multi_touch_num_contacts)
        vkb->feature_multi_touch = true;
}

static const VxLibxlDevice vkb_device = {
    VX_LIBXL_ARRAY(vkbs, libxl_device_vkb),     VX_LIBXL_ROWS(vkb_rows), .init = init_vkb,
    .devid = offsetof(libxl_device_vkb, devid), .finish = finish_vkb,
};

VX_LIBXL_DEVICE_APPLY(vkb, vkb_device)

/* The first keyboards are those that the framebuffers bring along. */
VX_LIBXL_TELL(vkb)
{
    json_object *screens = vx_libxl_find_list(reader, reader->root, "vfbs");
    json_object *keyboards = vx_libxl_find_list(reader, reader->root, "vkbs");
    unsigned n_screens = screens ? json_object_array_length(screens) : 0;

    for (unsigned i = 0; keyboards && i < n_screens && i < json_object_array_length(keyboards); i++)
        vx_libxl_mark_all(reader, json_object_array_get_idx(keyboards, i));
    vx_libxl_device_tell(reader, &vkb_device, row->key, n_screens);
}

/* ---- vdispl: "be-alloc=1,connectors=id0:1920x1080;id1:800x600" ---- */

static const VxLibxlRow vdispl_rows[] = {
    VX_LIBXL_ROW("backend", string, libxl_device_vdispl, backend_domname),
    VX_LIBXL_ROW("be-alloc", truth, libxl_device_vdispl, be_alloc),
};

static void init_vdispl(void *device)
{
    libxl_device_vdispl_init(device);
}

/* "ID:WIDTHxHEIGHT" */
static bool parse_connector(const char *text, libxl_connector_param *connector)
{
    const char *colon = strchr(text, ':');
    guint64 width, height;

    if (!colon || !vx_libxl_parse_number(colon + 1, 10, &width, &text) || *text != 'x' ||
        !vx_libxl_parse_number(text + 1, 10, &height, NULL) || width > G_MAXUINT32 || height > G_MAXUINT32)
        return false;
    connector->width = (uint32_t)width;
    connector->height = (uint32_t)height;
    return true;
}

static bool apply_vdispl_pair(VxLibxlWriter *writer, const char *key, const char *value, void *device)
{
    libxl_device_vdispl *vdispl = device;
    g_auto(GStrv) connectors = NULL;

    if (strcmp(key, "connectors") != 0 || !value)
        return false;
    connectors = g_strsplit(value, ";", -1);
    vdispl->num_connectors = 0;
    vdispl->connectors = vx_libxl_array(g_strv_length(connectors), sizeof(*vdispl->connectors));
    for (char **text = connectors; *text; text++) {
        g_autofree char *id = g_strndup(*text, strcspn(*text, ":"));
        libxl_connector_param *connector = &vdispl->connectors[vdispl->num_connectors];

        if (!**text) /* nothing between two ';' */
            continue;
        vdispl->num_connectors++;
        vx_libxl_replace(&connector->unique_id, id);
        if (!parse_connector(*text, connector))
            vx_diag_wrong(writer->diag, writer->place, "a connector of vdispl is '%.60s': write it as ID:WIDTHxHEIGHT",
                          *text);
    }
    return true;
}

static void tell_connector(VxLibxlReader *reader, json_object *connector, GString *text)
{
    const char *id = vx_libxl_find_string(reader, connector, "unique_id");

    g_string_append_printf(text, "%s%s:%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT, text->len > 0 ? ";" : "", id ? id : "",
                           vx_libxl_find_number(reader, connector, "width", 0),
                           vx_libxl_find_number(reader, connector, "height", 0));
}

static void tell_vdispl_pairs(VxLibxlReader *reader, json_object *object, GString *item)
{
    json_object *connectors = vx_libxl_find_list(reader, object, "connectors");
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned i = 0; connectors && i < json_object_array_length(connectors); i++) {
        json_object *connector = json_object_array_get_idx(connectors, i);

        if (json_object_is_type(connector, json_type_object))
            tell_connector(reader, connector, text);
    }
    if (text->len > 0)
        vx_libxl_add_pair(item, "connectors", text->str);
}

static const VxLibxlDevice vdispl_device = {
    VX_LIBXL_ARRAY(vdispls, libxl_device_vdispl),  VX_LIBXL_ROWS(vdispl_rows),      .init = init_vdispl,
    .devid = offsetof(libxl_device_vdispl, devid), .apply_pair = apply_vdispl_pair, .tell_pairs = tell_vdispl_pairs,
};

VX_LIBXL_DEVICE_FUNCTIONS(vdispl, vdispl_device)
