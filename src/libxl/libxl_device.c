/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_device.h"

#include <stdlib.h>
#include <string.h>

/* ---- from settings ---- */

void *vx_libxl_device_add(libxl_domain_config *config, const VxLibxlDevice *device)
{
    int *count = (int *)((char *)config + device->count);
    void **array = (void **)((char *)config + device->array);
    void *grown = realloc(*array, (*count + 1) * device->size);
    char *element;

    if (!grown)
        g_error("no memory for %d %s", *count + 1, device->list);
    *array = grown;
    element = (char *)grown + *count * device->size;
    device->init(element);
    if (device->devid > 0)
        *(libxl_devid *)(element + device->devid) = *count;
    (*count)++;
    return element;
}

/* The row of KEY; of a word (VALUE is NULL), the row of the flag. */
static const VxLibxlRow *find_row(const VxLibxlDevice *device, const char *key, const char *value)
{
    for (unsigned i = 0; i < device->n_rows; i++) {
        if (strcmp(device->rows[i].key, key) == 0 && (device->rows[i].flag != NULL) == (value == NULL))
            return &device->rows[i];
    }
    return NULL;
}

/* Sets the member of ROW; of some devices xl passes over values that it does not know. */
static void set(VxLibxlWriter *writer, const VxLibxlDevice *device, const VxLibxlRow *row, const char *text,
                void *element)
{
    if (!row->type->set(row, text, (char *)element + row->offset))
        vx_diag_report(writer->diag, device->passes_over ? VX_WARNING : VX_WRONG, writer->place,
                       "libxl takes no '%.100s' as %s of %s", text, row->key, device->list);
}

/* What no row has is something that xl passes over, which the definition carries: it is nothing to libxl either. */
static void apply_pair(VxLibxlWriter *writer, const VxLibxlDevice *device, const char *key, const char *value,
                       void *element)
{
    const VxLibxlRow *row;

    if (device->apply_pair && device->apply_pair(writer, key, value, element))
        return;
    row = find_row(device, key, value);
    if (row && row->type)
        set(writer, device, row, row->flag ? row->flag : value, element);
    else if (row)
        vx_diag_warn(writer->diag, writer->place, "%s is left out: %s", row->key, row->nothing);
}

static void apply_trimmed_pairs(VxLibxlWriter *writer, const VxLibxlDevice *device, const char *item, void *element)
{
    VxXlcfgValue value = {.kind = VX_XLCFG_STRING, .string = item, .length = strlen(item)};
    g_auto(VxXlcfgPairs) pairs = {0};

    vx_xlcfg_pairs_init(&pairs, &value, ',');
    while (vx_xlcfg_pairs_next(&pairs)) {
        if (pairs.pair.kind == VX_XLCFG_PAIR || pairs.pair.kind == VX_XLCFG_WORD)
            apply_pair(writer, device, pairs.pair.key, pairs.pair.value, element);
    }
}

void vx_libxl_device_apply_pairs(VxLibxlWriter *writer, const VxLibxlDevice *device, const char *item, void *element)
{
    g_auto(GStrv) pairs = NULL;

    if (device->trims) {
        apply_trimmed_pairs(writer, device, item, element);
        return;
    }
    pairs = g_strsplit(item, ",", -1);
    for (char **pair = pairs; *pair; pair++) {
        char *key = *pair + strspn(*pair, " ");
        char *value = strchr(key, '=');

        if (value)
            *value++ = '\0';
        if (*key)
            apply_pair(writer, device, key, value, element);
    }
}

void vx_libxl_device_set_place(VxLibxlWriter *writer, const VxLibxlDevice *device, unsigned index)
{
    const VxDevice *element;

    writer->place = writer->def->object.place;
    for (unsigned i = 0; device->kind && (element = vx_domain_def_next_device(writer->def, device->kind, &i));) {
        if (index-- == 0)
            writer->place = element->object.place;
    }
}

void vx_libxl_device_apply_item(VxLibxlWriter *writer, const VxLibxlDevice *device, const char *item, unsigned index)
{
    void *element = vx_libxl_device_add(writer->config, device);

    vx_libxl_device_set_place(writer, device, index);
    vx_libxl_device_apply_pairs(writer, device, item, element);
    if (device->finish)
        device->finish(writer, element);
}

void vx_libxl_device_apply(VxLibxlWriter *writer, const VxLibxlDevice *device, const VxXlcfgValue *value)
{
    for (guint32 i = 0; value->kind == VX_XLCFG_LIST && i < value->length; i++) {
        const char *item = vx_xlcfg_value_string(&value->items[i]);

        if (item)
            vx_libxl_device_apply_item(writer, device, item, i);
    }
}

/* ---- from JSON ---- */

void vx_libxl_add_pair(GString *item, const char *key, const char *value)
{
    g_string_append_printf(item, "%s%s%s%s", item->len > 0 ? "," : "", key ? key : "", key ? "=" : "", value);
}

static void tell_row(VxLibxlReader *reader, const VxLibxlDevice *device, const VxLibxlRow *row, json_object *object,
                     GString *item)
{
    g_autofree char *text = row->type ? vx_libxl_get(reader, row, object) : NULL;

    if (!text ||
        (device->devid > 0 && row->offset == device->devid && g_ascii_strtoull(text, NULL, 10) == reader->index))
        return; /* its place in the list says as much as its number */
    if (row->flag) {
        if (strcmp(row->flag, text) == 0)
            vx_libxl_add_pair(item, NULL, row->key);
        return;
    }
    if (device->trims ? !vx_xlcfg_pairs_can_say(text) : strchr(text, ',') != NULL)
        vx_diag_warn(reader->diag, VX_NO_PLACE, "%s of %s is left out: '%.100s' %s", row->path, device->list, text,
                     device->trims ? "is empty, has a comma in it or a blank at either end" : "has a comma in it");
    else
        vx_libxl_add_pair(item, row->key, text);
}

void vx_libxl_device_tell_pairs(VxLibxlReader *reader, const VxLibxlDevice *device, json_object *object, GString *item)
{
    for (unsigned i = 0; i < device->n_rows; i++)
        tell_row(reader, device, &device->rows[i], object, item);
    if (device->tell_pairs)
        device->tell_pairs(reader, object, item);
    if (device->devid > 0)
        vx_libxl_find(reader, object, "devid");
}

void vx_libxl_device_tell(VxLibxlReader *reader, const VxLibxlDevice *device, const char *key, unsigned first)
{
    json_object *array = vx_libxl_find_list(reader, reader->root, device->list);
    VxXlcfgList list;

    if (!array || json_object_array_length(array) <= first)
        return;
    vx_xlcfg_list_begin(&list, reader->out, key);
    for (unsigned i = first; i < json_object_array_length(array); i++) {
        json_object *element = json_object_array_get_idx(array, i);
        g_autoptr(GString) item = g_string_new(NULL);

        if (!json_object_is_type(element, json_type_object)) {
            vx_diag_wrong(reader->diag, VX_NO_PLACE, "%s[%u] is no object", device->list, i);
            continue;
        }
        reader->index = i;
        if (device->tell_item)
            device->tell_item(reader, element, item);
        else
            vx_libxl_device_tell_pairs(reader, device, element, item);
        vx_xlcfg_list_add_string(&list, item->str);
    }
    vx_xlcfg_list_end(&list);
}
