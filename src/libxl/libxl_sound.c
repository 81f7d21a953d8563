/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Paravirtual sound cards: vsnd = [ [ "card, KEY=VALUE, ...", "pcm, ...", "stream, ..." ], ... ]. A card has PCMs, a
 * PCM has streams; each of the three has parameters of its own. xl.cfg(5).
 */
#include <stdlib.h>
#include <string.h>

#include "libxl/libxl_device.h"

/* What an item of a card is about. */
typedef enum { ITEM_CARD, ITEM_PCM, ITEM_STREAM } ItemKind;
static const char *const item_words[] = {[ITEM_CARD] = "card", [ITEM_PCM] = "pcm", [ITEM_STREAM] = "stream"};

VX_LIBXL_NAMES(vsnd_stream_type, NULL);

static const VxLibxlRow card_rows[] = {
    VX_LIBXL_ROW("backend", string, libxl_device_vsnd, backend_domname),
    VX_LIBXL_ROW("short-name", string, libxl_device_vsnd, short_name),
    VX_LIBXL_ROW("long-name", string, libxl_device_vsnd, long_name),
    VX_LIBXL_ROW("channels-min", int, libxl_device_vsnd, params.channels_min),
    VX_LIBXL_ROW("channels-max", int, libxl_device_vsnd, params.channels_max),
    VX_LIBXL_ROW("buffer-size", int, libxl_device_vsnd, params.buffer_size),
};
static const VxLibxlRow pcm_rows[] = {
    VX_LIBXL_ROW("name", string, libxl_vsnd_pcm, name),
    VX_LIBXL_ROW("channels-min", int, libxl_vsnd_pcm, params.channels_min),
    VX_LIBXL_ROW("channels-max", int, libxl_vsnd_pcm, params.channels_max),
    VX_LIBXL_ROW("buffer-size", int, libxl_vsnd_pcm, params.buffer_size),
};
static const VxLibxlRow stream_rows[] = {
    VX_LIBXL_ROW("unique-id", string, libxl_vsnd_stream, unique_id),
    VX_LIBXL_ROW("type", enum, libxl_vsnd_stream, type, .names = &names_vsnd_stream_type),
    VX_LIBXL_ROW("channels-min", int, libxl_vsnd_stream, params.channels_min),
    VX_LIBXL_ROW("channels-max", int, libxl_vsnd_stream, params.channels_max),
    VX_LIBXL_ROW("buffer-size", int, libxl_vsnd_stream, params.buffer_size),
};

static void init_card(void *device)
{
    libxl_device_vsnd_init(device);
}

static const VxLibxlDevice card_device = {
    VX_LIBXL_ARRAY(vsnds, libxl_device_vsnd),
    .init = init_card,
    .devid = offsetof(libxl_device_vsnd, devid),
};

/* ---- parameters that are lists ---- */

static void set_rates(libxl_vsnd_params *params, char **words)
{
    params->num_sample_rates = (int)g_strv_length(words);
    params->sample_rates = vx_libxl_array(params->num_sample_rates, sizeof(*params->sample_rates));
    for (int i = 0; words[i]; i++)
        params->sample_rates[i] = (uint32_t)g_ascii_strtoull(words[i], NULL, 0);
}

static bool set_formats(libxl_vsnd_params *params, char **words)
{
    bool good = true;

    params->num_sample_formats = (int)g_strv_length(words);
    params->sample_formats = vx_libxl_array(params->num_sample_formats, sizeof(*params->sample_formats));
    for (int i = 0; words[i]; i++)
        good = libxl_vsnd_pcm_format_from_string(words[i], &params->sample_formats[i]) == 0 && good;
    return good;
}

/* Whether KEY is one of the lists. */
static bool apply_list(VxLibxlWriter *writer, const char *key, const char *value, libxl_vsnd_params *params)
{
    g_auto(GStrv) words = g_strsplit(value ? value : "", ";", -1);

    if (strcmp(key, "sample-rates") == 0)
        set_rates(params, words);
    else if (strcmp(key, "sample-formats") != 0)
        return false;
    else if (!set_formats(params, words))
        vx_diag_wrong(writer->diag, writer->place, "libxl does not know all sample formats of '%.60s'", value);
    return true;
}

static bool apply_card_pair(VxLibxlWriter *writer, const char *key, const char *value, void *element)
{
    return strcmp(key, "card") == 0 || apply_list(writer, key, value, &((libxl_device_vsnd *)element)->params);
}

static bool apply_pcm_pair(VxLibxlWriter *writer, const char *key, const char *value, void *element)
{
    return strcmp(key, "pcm") == 0 || apply_list(writer, key, value, &((libxl_vsnd_pcm *)element)->params);
}

static bool apply_stream_pair(VxLibxlWriter *writer, const char *key, const char *value, void *element)
{
    return strcmp(key, "stream") == 0 || apply_list(writer, key, value, &((libxl_vsnd_stream *)element)->params);
}

/* Only their rows and pairs count: they are no arrays of the configuration itself. */
static const VxLibxlDevice parts[] = {
    [ITEM_CARD] = {VX_LIBXL_ROWS(card_rows), .list = "vsnds", .apply_pair = apply_card_pair},
    [ITEM_PCM] = {VX_LIBXL_ROWS(pcm_rows), .list = "pcms", .apply_pair = apply_pcm_pair},
    [ITEM_STREAM] = {VX_LIBXL_ROWS(stream_rows), .list = "streams", .apply_pair = apply_stream_pair},
};

/* ---- from settings ---- */

static void *grow(void *array, gsize count, gsize size)
{
    void *grown = realloc(array, count * size);

    if (!grown)
        g_error("no memory for a sound card");
    return grown;
}

static libxl_vsnd_pcm *add_pcm(libxl_device_vsnd *card)
{
    card->pcms = grow(card->pcms, card->num_vsnd_pcms + 1, sizeof(*card->pcms));
    libxl_vsnd_pcm_init(&card->pcms[card->num_vsnd_pcms]);
    return &card->pcms[card->num_vsnd_pcms++];
}

static libxl_vsnd_stream *add_stream(libxl_device_vsnd *card)
{
    libxl_vsnd_pcm *pcm = card->num_vsnd_pcms > 0 ? &card->pcms[card->num_vsnd_pcms - 1] : add_pcm(card);

    pcm->streams = grow(pcm->streams, pcm->num_vsnd_streams + 1, sizeof(*pcm->streams));
    libxl_vsnd_stream_init(&pcm->streams[pcm->num_vsnd_streams]);
    return &pcm->streams[pcm->num_vsnd_streams++];
}

static void apply_item(VxLibxlWriter *writer, libxl_device_vsnd *card, const char *item)
{
    gsize length = strcspn(item += strspn(item, " "), ", ");

    for (ItemKind kind = ITEM_CARD; kind <= ITEM_STREAM; kind++) {
        if (strlen(item_words[kind]) != length || g_ascii_strncasecmp(item, item_words[kind], length) != 0)
            continue;
        vx_libxl_device_apply_pairs(writer, &parts[kind], item,
                                    kind == ITEM_CARD  ? (void *)card
                                    : kind == ITEM_PCM ? (void *)add_pcm(card)
                                                       : (void *)add_stream(card));
        return;
    }
    vx_diag_wrong(writer->diag, writer->place, "vsnd has '%.60s': begin with card, pcm or stream", item);
}

VX_LIBXL_APPLY(vsnd)
{
    (void)row;
    for (guint32 i = 0; value->kind == VX_XLCFG_LIST && i < value->length; i++) {
        libxl_device_vsnd *card = vx_libxl_device_add(writer->config, &card_device);
        const VxXlcfgValue *items = &value->items[i];

        for (guint32 j = 0; items->kind == VX_XLCFG_LIST && j < items->length; j++) {
            if (vx_xlcfg_value_string(&items->items[j]))
                apply_item(writer, card, items->items[j].string);
        }
    }
}

/* ---- from JSON ---- */

static void tell_list(VxLibxlReader *reader, json_object *params, const char *path, const char *key, GString *item)
{
    json_object *list = vx_libxl_find_list(reader, params, path);
    g_autoptr(GString) text = g_string_new(NULL);

    for (unsigned i = 0; list && i < json_object_array_length(list); i++) {
        json_object *node = json_object_array_get_idx(list, i);

        g_string_append(text, i > 0 ? ";" : "");
        if (json_object_is_type(node, json_type_int))
            g_string_append_printf(text, "%" G_GINT64_FORMAT, vx_json_int(node));
        else if (vx_json_string(node))
            g_string_append(text, vx_json_string(node));
    }
    if (text->len > 0)
        vx_libxl_add_pair(item, key, text->str);
}

static void tell_part(VxLibxlReader *reader, VxXlcfgList *list, ItemKind kind, json_object *object)
{
    json_object *params = vx_libxl_find_object(reader, object, "params");
    g_autoptr(GString) item = g_string_new(item_words[kind]);

    vx_libxl_device_tell_pairs(reader, &parts[kind], object, item);
    if (params) {
        tell_list(reader, params, "sample_rates", "sample-rates", item);
        tell_list(reader, params, "sample_formats", "sample-formats", item);
    }
    vx_xlcfg_list_add_string(list, item->str);
}

static void tell_parts(VxLibxlReader *reader, VxXlcfgList *list, ItemKind kind, json_object *object)
{
    json_object *below = kind == ITEM_STREAM ? NULL : vx_libxl_find_list(reader, object, parts[kind + 1].list);

    tell_part(reader, list, kind, object);
    for (unsigned i = 0; below && i < json_object_array_length(below); i++) {
        json_object *node = json_object_array_get_idx(below, i);

        if (json_object_is_type(node, json_type_object))
            tell_parts(reader, list, kind + 1, node);
    }
}

VX_LIBXL_TELL(vsnd)
{
    json_object *cards = vx_libxl_find_list(reader, reader->root, "vsnds");
    VxXlcfgList list;

    if (!cards || json_object_array_length(cards) == 0)
        return;
    vx_xlcfg_list_begin(&list, reader->out, row->key);
    for (unsigned i = 0; i < json_object_array_length(cards); i++) {
        json_object *card = json_object_array_get_idx(cards, i);

        vx_xlcfg_list_open(&list);
        if (json_object_is_type(card, json_type_object)) {
            tell_parts(reader, &list, ITEM_CARD, card);
            vx_libxl_find(reader, card, "devid");
        }
        vx_xlcfg_list_close(&list);
    }
    vx_xlcfg_list_end(&list);
}
