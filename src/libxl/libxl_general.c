/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Irregular rows that belong to no device: type, labels, what happens when the guest ends, lists of strings and ranges.
 */
#include <string.h>

#include "libxl/libxl_groups.h"

/* ---- type ---- */

VX_LIBXL_APPLY(type)
{
    (void)writer, (void)row, (void)value; /* the union had to be chosen before all others: vx_libxl_config_init() */
}

VX_LIBXL_TELL(type)
{
    (void)row; /* the type had to be known before all others: vx_libxl_config_to_definition() */
    vx_xlcfg_print_string(reader->out, "type", vx_enum_to_text(&vx_guest_types, reader->guest));
}

/* ---- seclabel, and init_seclabel for the time until the guest is built ---- */

VX_LIBXL_APPLY(seclabel)
{
    const char *init = vx_libxl_text(writer, "init_seclabel");
    const char *label = vx_xlcfg_value_string(value);

    (void)row;
    vx_libxl_replace(&writer->config->c_info.ssid_label, init ? init : label);
    if (init)
        vx_libxl_replace(&writer->config->b_info.exec_ssid_label, label);
}

VX_LIBXL_APPLY(init_seclabel)
{
    (void)row;
    vx_libxl_replace(&writer->config->c_info.ssid_label, vx_xlcfg_value_string(value));
}

VX_LIBXL_TELL(seclabel)
{
    const char *create = vx_libxl_find_string(reader, reader->root, "c_info.ssid_label");
    const char *run = vx_libxl_find_string(reader, reader->root, "b_info.exec_ssid_label");

    (void)row;
    if (create && run)
        vx_xlcfg_print_string(reader->out, "init_seclabel", create);
    if (create || run)
        vx_xlcfg_print_string(reader->out, "seclabel", run ? run : create);
}

/* ---- on_poweroff and its like, of which xl always says something ---- */

VX_LIBXL_APPLY(action)
{
    const VxLibxlRow enum_row = {.key = row->key, .type = &vx_libxl_enum, .offset = row->offset, .names = row->names};

    if (vx_xlcfg_value_string(value))
        vx_libxl_set(writer, &enum_row, vx_xlcfg_value_string(value), writer->config);
}

/* libxl's JSON leaves out what is "destroy". */
VX_LIBXL_TELL(action)
{
    const VxLibxlRow enum_row = {.key = row->key, .type = &vx_libxl_enum, .path = row->path, .names = row->names};
    g_autofree char *word = vx_libxl_get(reader, &enum_row, reader->root);

    if (g_strcmp0(word, strcmp(row->key, "on_reboot") == 0       ? "restart"
                        : strcmp(row->key, "on_soft_reset") == 0 ? "soft-reset"
                                                                 : NULL) != 0)
        vx_xlcfg_print_string(reader->out, row->key, word ? word : "destroy");
}

/* ---- lists of strings ---- */

VX_LIBXL_APPLY(string_list)
{
    libxl_string_list *list = (libxl_string_list *)((char *)writer->config + row->offset);

    libxl_string_list_dispose(list);
    *list = vx_libxl_strings(value);
}

VX_LIBXL_TELL(string_list)
{
    vx_libxl_tell_strings(reader, row->key, vx_libxl_find_list(reader, reader->root, row->path));
}

/* libxl has a member of its own for the list. */
VX_LIBXL_APPLY(string_or_list)
{
    typeof(&writer->config->b_info.u.hvm) hvm = &writer->config->b_info.u.hvm;
    libxl_string_list *list = strcmp(row->key, "serial") == 0 ? &hvm->serial_list : &hvm->usbdevice_list;

    if (value->kind == VX_XLCFG_LIST)
        *list = vx_libxl_strings(value);
    else
        vx_libxl_replace((char **)((char *)writer->config + row->offset), vx_xlcfg_value_string(value));
}

VX_LIBXL_TELL(string_or_list)
{
    g_autofree char *list_path = g_strconcat(row->path, "_list", NULL);
    const char *text = vx_libxl_find_string(reader, reader->root, row->path);

    if (text)
        vx_xlcfg_print_string(reader->out, row->key, text);
    else
        vx_libxl_tell_strings(reader, row->key, vx_libxl_find_list(reader, reader->root, list_path));
}

/* ---- ranges of I/O ports, memory and interrupts ---- */

static void report_item(VxLibxlWriter *writer, const VxLibxlRow *row, const char *item, const char *wanted)
{
    vx_diag_wrong(writer->diag, writer->place, "%s has '%.60s': write %s", row->key, item ? item : "", wanted);
}

/* "3f8-3ff" or "3f8", hexadecimal without a prefix. */
static bool parse_ioports(const char *item, libxl_ioport_range *range)
{
    guint64 first, last;
    const char *rest;

    if (!vx_libxl_parse_number(item, 16, &first, &rest))
        return false;
    last = first;
    if (*rest == '-' ? !vx_libxl_parse_number(rest + 1, 16, &last, NULL) : *rest != '\0')
        return false;
    if (last < first || last >= G_MAXUINT32)
        return false;
    *range = (libxl_ioport_range){.first = (uint32_t)first, .number = (uint32_t)(last - first + 1)};
    return true;
}

VX_LIBXL_APPLY(ranges_ioports)
{
    libxl_domain_build_info *info = &writer->config->b_info;

    if (value->kind != VX_XLCFG_LIST)
        return;
    info->ioports = vx_libxl_array(value->length, sizeof(*info->ioports));
    info->num_ioports = (int)value->length;
    for (guint32 i = 0; i < value->length; i++) {
        const char *item = vx_xlcfg_value_string(&value->items[i]);

        if (!item || !parse_ioports(item, &info->ioports[i]))
            report_item(writer, row, item, "a range of ports, as 3f8-3ff");
    }
}

VX_LIBXL_APPLY(ranges_irqs)
{
    libxl_domain_build_info *info = &writer->config->b_info;

    if (value->kind != VX_XLCFG_LIST)
        return;
    info->irqs = vx_libxl_array(value->length, sizeof(*info->irqs));
    info->num_irqs = (int)value->length;
    for (guint32 i = 0; i < value->length; i++) {
        const char *item = vx_xlcfg_value_string(&value->items[i]);
        guint64 irq = 0;

        if (!item || !vx_libxl_parse_number(item, 10, &irq, NULL) || irq >= G_MAXUINT32)
            report_item(writer, row, item, "the number of an interrupt");
        info->irqs[i] = (uint32_t)irq;
    }
}

/* "START,NUMBER" or "START,NUMBER@GFN": pages, hexadecimal without a prefix. */
static bool parse_iomem(const char *item, libxl_iomem_range *range)
{
    if (!vx_libxl_parse_number(item, 16, &range->start, &item) || *item++ != ',')
        return false;
    if (!vx_libxl_parse_number(item, 16, &range->number, &item))
        return false;
    return !*item || (*item == '@' && vx_libxl_parse_number(item + 1, 16, &range->gfn, NULL));
}

VX_LIBXL_APPLY(ranges_iomem)
{
    libxl_domain_build_info *info = &writer->config->b_info;

    if (value->kind != VX_XLCFG_LIST)
        return;
    info->iomem = vx_libxl_array(value->length, sizeof(*info->iomem));
    info->num_iomem = (int)value->length;
    for (guint32 i = 0; i < value->length; i++) {
        const char *item = vx_xlcfg_value_string(&value->items[i]);

        libxl_iomem_range_init(&info->iomem[i]);
        if (!item || !parse_iomem(item, &info->iomem[i]))
            report_item(writer, row, item, "pages of memory, as START,NUMBER or START,NUMBER@GFN");
    }
}

/* Writes a list KEY whose items TELL_ITEM makes of the elements at PATH. */
static void tell_items(VxLibxlReader *reader, const char *key, const char *path,
                       char *(*tell_item)(VxLibxlReader *reader, json_object *node))
{
    json_object *array = vx_libxl_find_list(reader, reader->root, path);
    VxXlcfgList list;

    if (!array || json_object_array_length(array) == 0)
        return;
    vx_xlcfg_list_begin(&list, reader->out, key);
    for (unsigned i = 0; i < json_object_array_length(array); i++) {
        g_autofree char *item = tell_item(reader, json_object_array_get_idx(array, i));

        if (item)
            vx_xlcfg_list_add_string(&list, item);
        else
            vx_diag_wrong(reader->diag, VX_NO_PLACE, "%s[%u] is not what libxl has there", path, i);
    }
    vx_xlcfg_list_end(&list);
}

static char *tell_ioports(VxLibxlReader *reader, json_object *node)
{
    guint64 first, number;

    if (!json_object_is_type(node, json_type_object))
        return NULL;
    first = vx_libxl_find_number(reader, node, "first", 0);
    number = vx_libxl_find_number(reader, node, "number", 0);
    return g_strdup_printf("%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x", first, first + number - 1);
}

VX_LIBXL_TELL(ranges_ioports)
{
    tell_items(reader, row->key, "b_info.ioports", tell_ioports);
}

static char *tell_irq(VxLibxlReader *reader, json_object *node)
{
    (void)reader;
    if (!json_object_is_type(node, json_type_int))
        return NULL;
    return g_strdup_printf("%" G_GINT64_FORMAT, vx_json_int(node));
}

VX_LIBXL_TELL(ranges_irqs)
{
    tell_items(reader, row->key, "b_info.irqs", tell_irq);
}

static char *tell_iomem(VxLibxlReader *reader, json_object *node)
{
    g_autoptr(GString) item = g_string_new(NULL);

    if (!json_object_is_type(node, json_type_object))
        return NULL;
    g_string_append_printf(item, "%" G_GINT64_MODIFIER "x,%" G_GINT64_MODIFIER "x",
                           vx_libxl_find_number(reader, node, "start", 0),
                           vx_libxl_find_number(reader, node, "number", 0));
    if (json_object_object_get_ex(node, "gfn", NULL))
        g_string_append_printf(item, "@%" G_GINT64_MODIFIER "x", vx_libxl_find_number(reader, node, "gfn", 0));
    return g_strdup(item->str);
}

VX_LIBXL_TELL(ranges_iomem)
{
    tell_items(reader, row->key, "b_info.iomem", tell_iomem);
}
