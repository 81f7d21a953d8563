/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Options of later releases of Xen, whose structures are compiled in where libxl has them: llc_colors (4.20), arm_sci
 * (4.21), xenstore_quota (4.22).
 */
#include <string.h>

#include "libxl/libxl_groups.h"

#if defined(LIBXL_HAVE_BUILDINFO_LLC_COLORS) || defined(LIBXL_HAVE_XENSTORE_QUOTA)
static void report_item(VxLibxlWriter *writer, const VxLibxlRow *row, const char *item, const char *wanted)
{
    vx_diag_wrong(writer->diag, writer->place, "%s has '%.60s': write %s", row->key, item ? item : "", wanted);
}
#endif

/* ---- llc_colors = [ "0-3", "5" ] ---- */

#ifdef LIBXL_HAVE_BUILDINFO_LLC_COLORS
/* No cache has more colours; a number beyond is a slip. */
#define MAX_COLORS 4096

/* One number, or two with a dash between them. */
static bool parse_colors(const char *item, guint64 *first, guint64 *last)
{
    const char *rest;

    if (!vx_libxl_parse_number(item, 10, first, &rest))
        return false;
    *last = *first;
    return (!*rest || (*rest == '-' && vx_libxl_parse_number(rest + 1, 10, last, NULL))) && *first <= *last &&
           *last < MAX_COLORS;
}

VX_LIBXL_APPLY(llc_colors)
{
    libxl_domain_build_info *info = &writer->config->b_info;
    g_autoptr(GArray) colors = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    for (guint32 i = 0; value->kind == VX_XLCFG_LIST && i < value->length; i++) {
        const char *item = vx_xlcfg_value_string(&value->items[i]);
        guint64 first, last;

        if (!item || !parse_colors(item, &first, &last)) {
            report_item(writer, row, item, "a number or a range of them, as in 0-3");
            continue;
        }
        for (uint32_t color = (uint32_t)first; color <= last; color++)
            g_array_append_val(colors, color);
    }
    if (colors->len == 0)
        return;
    info->llc_colors = vx_libxl_array(colors->len, sizeof(uint32_t));
    info->num_llc_colors = (int)colors->len;
    memcpy(info->llc_colors, colors->data, colors->len * sizeof(uint32_t));
}

VX_LIBXL_TELL(llc_colors)
{
    json_object *array = vx_libxl_find_list(reader, reader->root, "b_info.llc_colors");
    VxXlcfgList list;

    if (!array || json_object_array_length(array) == 0)
        return;
    vx_xlcfg_list_begin(&list, reader->out, row->key);
    for (unsigned i = 0; i < json_object_array_length(array); i++) {
        g_autofree char *item = g_strdup_printf("%" G_GINT64_FORMAT, vx_json_int(json_object_array_get_idx(array, i)));

        vx_xlcfg_list_add_string(&list, item);
    }
    vx_xlcfg_list_end(&list);
}
#endif

/* ---- arm_sci = "type=scmi_smc" ---- */

#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_SCI
VX_LIBXL_APPLY(arm_sci)
{
    const char *text = vx_xlcfg_value_string(value);
    g_auto(GStrv) pairs = g_strsplit(text ? text : "", ",", -1);

    (void)row;
    for (char **pair = pairs; *pair; pair++) {
        if (g_str_has_prefix(*pair, "type=") &&
            libxl_arm_sci_type_from_string(*pair + strlen("type="), &writer->config->b_info.arch_arm.arm_sci.type) != 0)
            vx_diag_wrong(writer->diag, writer->place, "arm_sci has '%.60s': write type=none or type=scmi_smc", *pair);
    }
}

VX_LIBXL_TELL(arm_sci)
{
    const char *type = vx_libxl_find_string(reader, reader->root, "b_info.arch_arm.arm_sci.type");
    g_autofree char *text = type ? g_strconcat("type=", type, NULL) : NULL;

    if (text)
        vx_xlcfg_print_string(reader->out, row->key, text);
}
#endif

/* ---- xenstore_quota = [ "nodes=1000" ] ---- */

#ifdef LIBXL_HAVE_XENSTORE_QUOTA
VX_LIBXL_APPLY(xenstore_quota)
{
    libxl_xs_quota_list *quotas = &writer->config->b_info.xenstore_quota;

    if (value->kind != VX_XLCFG_LIST || value->length == 0)
        return;
    quotas->quota = vx_libxl_array(value->length, sizeof(*quotas->quota));
    quotas->num_quota = (int)value->length;
    for (guint32 i = 0; i < value->length; i++) {
        const char *item = vx_xlcfg_value_string(&value->items[i]);
        const char *equals = item ? strchr(item, '=') : NULL;
        guint64 number;

        libxl_xs_quota_item_init(&quotas->quota[i]);
        if (!equals || !vx_libxl_parse_number(equals + 1, 0, &number, NULL) || number > G_MAXUINT32) {
            report_item(writer, row, item, "a quota's name, '=' and a number");
            continue;
        }
        quotas->quota[i].name = strndup(item, (size_t)(equals - item));
        quotas->quota[i].val = (uint32_t)number;
    }
}

VX_LIBXL_TELL(xenstore_quota)
{
    json_object *array = vx_libxl_find_list(reader, reader->root, "b_info.xenstore_quota.quota");
    VxXlcfgList list;

    if (!array || json_object_array_length(array) == 0)
        return;
    vx_xlcfg_list_begin(&list, reader->out, row->key);
    for (unsigned i = 0; i < json_object_array_length(array); i++) {
        json_object *entry = json_object_array_get_idx(array, i);
        const char *name = vx_libxl_find_string(reader, entry, "name");
        g_autofree char *item =
            g_strdup_printf("%s=%" G_GINT64_FORMAT, name ? name : "", vx_libxl_find_number(reader, entry, "val", 0));

        vx_xlcfg_list_add_string(&list, item);
    }
    vx_xlcfg_list_end(&list);
}
#endif
