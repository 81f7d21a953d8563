/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * vkb, vdispl and vsnd: PV keyboards, displays and sound cards. libvirt has no words for them: they are carried as they
 * are, once it is certain that xl takes them. xl.cfg(5) "Devices".
 */
#include <stdio.h>
#include <string.h>

#include "xlcfg/xlcfg_device.h"
#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_pieces.h"

/* Whether VALUE is good; if not, *WANTED says what is. */
typedef bool (*Check)(const char *value, const char **wanted);

typedef struct {
    const char *key;
    Check check;
    bool (*is_taken)(const char *value); /* whether xl takes VALUE though it is not good; NULL: it does not */
} Key;

static bool is_text(const char *value, const char **wanted)
{
    (void)value, (void)wanted;
    return true;
}

/* xl takes any text, and 0 for what is no number: that can only be a slip. */
static bool is_number(const char *value, const char **wanted)
{
    char *end = NULL;

    g_ascii_strtoull(value, &end, 0);
    *wanted = "a number";
    return end != value && *end == '\0';
}

static bool is_always_taken(const char *value)
{
    (void)value;
    return true;
}

static bool is_among(const char *value, const char *const *words, unsigned n_words)
{
    for (unsigned i = 0; i < n_words; i++) {
        if (g_ascii_strcasecmp(words[i], value) == 0)
            return true;
    }
    return false;
}

static const Key *find_key(const Key *keys, unsigned n_keys, const char *word)
{
    for (unsigned i = 0; i < n_keys; i++) {
        if (strcmp(keys[i].key, word) == 0)
            return &keys[i];
    }
    return NULL;
}

/* Checks one piece of OPTION. Returns its key, NULL (with an error) if xl refuses it. */
static const Key *check_piece(VxXlReader *reader, const char *option, const Key *keys, unsigned n_keys,
                              const VxPieces *piece)
{
    const Key *key = piece->value ? find_key(keys, n_keys, piece->key) : NULL;
    const char *words[16], *nearest, *wanted = NULL;
    bool is_taken;

    if (!key) {
        for (unsigned i = 0; i < n_keys; i++)
            words[i] = keys[i].key;
        nearest = vx_nearest_text(piece->key, words, n_keys);
        vx_diag_wrong(reader->diag, piece->place, "%s has no key '%.60s'%s%s%s", option, piece->key,
                      nearest ? ": write " : "", nearest ? nearest : "", nearest ? "=" : "");
        return NULL;
    }
    if (key->check(piece->value, &wanted))
        return key;
    is_taken = key->is_taken && key->is_taken(piece->value);
    vx_diag_report(reader->diag, is_taken ? VX_UNFIT : VX_WRONG, piece->value_place, "%s of %s is '%.60s': write %s",
                   key->key, option, piece->value, wanted);
    return is_taken ? key : NULL;
}

static void write_nothing(VxXlWriter *writer)
{
    (void)writer; /* it is carried */
}

/* Carries OPTION unless something was found wrong with it. */
static void read_checked(VxXlReader *reader, const char *option, VxXlItem check_item)
{
    unsigned errors_before = vx_diag_n_errors(reader->diag);

    vx_xl_read_items(reader, option, check_item);
    if (vx_diag_n_errors(reader->diag) == errors_before)
        vx_xl_carry(reader, option);
}

/* ---- vkb ---- */

static bool is_backend_type(const char *value, const char **wanted)
{
    static const char *const types[] = {"QEMU", "LINUX"};

    *wanted = "QEMU or LINUX";
    return is_among(value, types, G_N_ELEMENTS(types));
}

static const Key vkb_keys[] = {
    {"backend-type", is_backend_type},
    {"backend", is_text},
    {"unique-id", is_text},
    {"feature-disable-keyboard", is_number, is_always_taken},
    {"feature-disable-pointer", is_number, is_always_taken},
    {"feature-abs-pointer", is_number, is_always_taken},
    {"feature-raw-pointer", is_number, is_always_taken},
    {"feature-multi-touch", is_number, is_always_taken},
    {"multi-touch-width", is_number, is_always_taken},
    {"multi-touch-height", is_number, is_always_taken},
    {"multi-touch-num-contacts", is_number, is_always_taken},
    {"width", is_number, is_always_taken},
    {"height", is_number, is_always_taken},
};

static void check_vkb(VxXlReader *reader, const VxXlcfgValue *item)
{
    g_auto(VxPieces) piece = {0};
    bool has_type = false, has_touch = false, has_size = false, good = true;

    vx_pieces_init(&piece, item);
    while (vx_pieces_next(&piece)) {
        const Key *key = check_piece(reader, "vkb", vkb_keys, G_N_ELEMENTS(vkb_keys), &piece);
        bool is_on = key && key->check == is_number && g_ascii_strtoull(piece.value, NULL, 0) != 0;

        good = good && key;
        has_type = has_type || (key && key->check == is_backend_type);
        if (key && strcmp(key->key, "feature-multi-touch") == 0)
            has_touch = is_on;
        else if (key && g_str_has_prefix(key->key, "multi-touch-"))
            has_size = has_size || is_on;
    }
    if (good && !has_type)
        vx_diag_wrong(reader->diag, item->place,
                      "vkb lacks its backend: write backend-type=QEMU or backend-type=LINUX");
    if (good && has_touch && !has_size)
        vx_diag_wrong(reader->diag, item->place,
                      "vkb has feature-multi-touch and no size: write multi-touch-width, multi-touch-height and "
                      "multi-touch-num-contacts");
}

static void read_vkb(VxXlReader *reader)
{
    read_checked(reader, "vkb", check_vkb);
}

const VxXlGroup vx_xl_vkb = {.name = "vkb", .read = read_vkb, .write = write_nothing};

/* ---- vdispl ---- */

/* ID:WIDTHxHEIGHT; xl takes several ':' for one. */
static bool is_connector(const char *text)
{
    const char *id = text + strspn(text, ":");
    gsize length = strcspn(id, ":");
    const char *size = id + length + strspn(id + length, ":");
    unsigned width, height;

    return length > 0 && sscanf(size, "%ux%u", &width, &height) == 2;
}

/* xl passes over what is empty between two ';'. */
static bool are_connectors(const char *value, const char **wanted)
{
    g_auto(GStrv) connectors = g_strsplit(value, ";", -1);
    bool good = true, any = false;

    *wanted = "ID:WIDTHxHEIGHT, several with ';' between them";
    for (unsigned i = 0; connectors[i] && good; i++) {
        any = any || *connectors[i];
        good = !*connectors[i] || is_connector(connectors[i]);
    }
    return good && any;
}

/* Of what is no connector xl makes one without a size. */
static bool has_any_connector(const char *value)
{
    return value[strspn(value, ";")] != '\0';
}

static const Key vdispl_keys[] = {
    {"backend", is_text}, {"be-alloc", is_number, is_always_taken}, {"connectors", are_connectors, has_any_connector}};

static void check_vdispl(VxXlReader *reader, const VxXlcfgValue *item)
{
    g_auto(VxPieces) piece = {0};
    bool has_connectors = false, good = true;

    vx_pieces_init(&piece, item);
    while (vx_pieces_next(&piece)) {
        const Key *key = check_piece(reader, "vdispl", vdispl_keys, G_N_ELEMENTS(vdispl_keys), &piece);

        good = good && key;
        has_connectors = has_connectors || (key && key->check == are_connectors);
    }
    if (good && !has_connectors)
        vx_diag_wrong(reader->diag, item->place, "vdispl has no connectors: write connectors=ID:WIDTHxHEIGHT");
}

static void read_vdispl(VxXlReader *reader)
{
    read_checked(reader, "vdispl", check_vdispl);
}

const VxXlGroup vx_xl_vdispl = {.name = "vdispl", .read = read_vdispl, .write = write_nothing};

/* ---- vsnd: a list of cards, each a list of "card, ...", "pcm, ..." and "stream, ..." ---- */

static bool are_formats(const char *value, const char **wanted)
{
    static const char *const formats[] = {
        "S8",
        "U8",
        "S16_LE",
        "S16_BE",
        "U16_LE",
        "U16_BE",
        "S24_LE",
        "S24_BE",
        "U24_LE",
        "U24_BE",
        "S32_LE",
        "S32_BE",
        "U32_LE",
        "U32_BE",
        "F32_LE",
        "F32_BE",
        "F64_LE",
        "F64_BE",
        "IEC958_SUBFRAME_LE",
        "IEC958_SUBFRAME_BE",
        "MU_LAW",
        "A_LAW",
        "IMA_ADPCM",
        "MPEG",
        "GSM",
    };
    g_auto(GStrv) words = g_strsplit(value, ";", -1);

    *wanted = "formats such as s16_le, several with ';' between them";
    for (unsigned i = 0; words[i]; i++) {
        if (*words[i] && !is_among(words[i], formats, G_N_ELEMENTS(formats)))
            return false;
    }
    return true;
}

static bool is_stream_type(const char *value, const char **wanted)
{
    static const char *const types[] = {"P", "C"};

    *wanted = "p for playback or c for capture";
    return is_among(value, types, G_N_ELEMENTS(types));
}

#define VSND_PARAMETERS                                                                                                \
    {"sample-rates", is_text}, {"sample-formats", are_formats}, {"channels-min", is_number, is_always_taken},          \
        {"channels-max", is_number, is_always_taken},                                                                  \
    {                                                                                                                  \
        "buffer-size", is_number                                                                                       \
    }

static const Key card_keys[] = {{"backend", is_text}, {"short-name", is_text}, {"long-name", is_text}, VSND_PARAMETERS};
static const Key pcm_keys[] = {{"name", is_text}, VSND_PARAMETERS};
static const Key stream_keys[] = {{"unique-id", is_text}, {"type", is_stream_type}, VSND_PARAMETERS};

static const struct {
    const char *word;
    const Key *keys;
    unsigned n_keys;
} vsnd_items[] = {
    {"card", card_keys, G_N_ELEMENTS(card_keys)},
    {"pcm", pcm_keys, G_N_ELEMENTS(pcm_keys)},
    {"stream", stream_keys, G_N_ELEMENTS(stream_keys)},
};

static void check_vsnd_item(VxXlReader *reader, const VxXlcfgValue *item)
{
    g_auto(VxPieces) piece = {0};
    unsigned kind = 0;

    vx_pieces_init(&piece, item);
    if (!vx_pieces_next(&piece))
        return;
    while (kind < G_N_ELEMENTS(vsnd_items) &&
           (piece.value || g_ascii_strcasecmp(vsnd_items[kind].word, piece.key) != 0))
        kind++;
    if (kind == G_N_ELEMENTS(vsnd_items)) {
        vx_diag_wrong(reader->diag, piece.place, "vsnd has '%.60s': an entry begins with card, pcm or stream",
                      piece.key);
        return;
    }
    while (vx_pieces_next(&piece))
        check_piece(reader, "vsnd", vsnd_items[kind].keys, vsnd_items[kind].n_keys, &piece);
}

static void check_vsnd_card(VxXlReader *reader, const VxXlcfgValue *card)
{
    if (card->kind != VX_XLCFG_LIST) {
        vx_diag_wrong(reader->diag, card->place, "vsnd has a string where a card belongs: write each card as a list");
        return;
    }
    for (guint32 i = 0; i < card->length; i++) {
        if (card->items[i].kind == VX_XLCFG_LIST)
            vx_diag_wrong(reader->diag, card->items[i].place, "a card of vsnd has a list in its list: write strings");
        else if (vx_xl_value_text(reader, "vsnd", &card->items[i]))
            check_vsnd_item(reader, &card->items[i]);
    }
}

static void read_vsnd(VxXlReader *reader)
{
    const VxXlcfgValue *cards = vx_xl_value(reader, "vsnd");
    unsigned errors_before = vx_diag_n_errors(reader->diag);

    if (cards->kind != VX_XLCFG_LIST) {
        vx_diag_unfit(reader->diag, cards->place, "vsnd is one string where a list belongs: xl takes no notice of it");
        return;
    }
    for (guint32 i = 0; i < cards->length; i++)
        check_vsnd_card(reader, &cards->items[i]);
    if (vx_diag_n_errors(reader->diag) == errors_before)
        vx_xl_carry(reader, "vsnd");
}

const VxXlGroup vx_xl_vsnd = {.name = "vsnd", .read = read_vsnd, .write = write_nothing};
