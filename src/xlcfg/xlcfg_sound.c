/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * soundhw = "ac97,hda" <-> <sound>. xl.cfg(5) soundhw.
 */
#include <string.h>

#include "conf/device_check.h"
#include "conf/sound_def.h"
#include "xlcfg/xlcfg_groups.h"

static const struct {
    VxSoundModel model;
    const char *word;
} cards[] = {
    {VX_SOUND_SB16, "sb16"}, {VX_SOUND_ES1370, "es1370"}, {VX_SOUND_PCSPK, "pcspk"},
    {VX_SOUND_AC97, "ac97"}, {VX_SOUND_ICH6, "hda"},
};

static VxSoundModel model_of_word(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cards); i++) {
        if (strcmp(cards[i].word, word) == 0)
            return cards[i].model;
    }
    return VX_SOUND_NOT_GIVEN;
}

static const char *word_of_model(VxSoundModel model)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(cards); i++) {
        if (cards[i].model == model)
            return cards[i].word;
    }
    return NULL;
}

/* The cards of VALUE as they are written from <sound>: those that libvirt knows. */
static char *known_cards(const char *value)
{
    g_auto(GStrv) words = g_strsplit(value, ",", -1);
    GString *known = g_string_new(NULL);

    for (unsigned i = 0; words[i]; i++) {
        if (model_of_word(words[i]))
            g_string_append_printf(known, "%s%s", known->len ? "," : "", words[i]);
    }
    return g_string_free(known, FALSE);
}

static void read_sound(VxXlReader *reader)
{
    const char *value = vx_xl_string(reader, "soundhw");
    g_autofree char *known = value ? known_cards(value) : NULL;
    g_auto(GStrv) words = g_strsplit(known ? known : "", ",", -1);

    for (unsigned i = 0; words[i]; i++) {
        VxSound *sound = vx_domain_def_add_device(reader->def, VX_DEVICE_SOUND);

        sound->device.object.place = vx_xl_value(reader, "soundhw")->place;
        sound->model = model_of_word(words[i]);
    }
    if (value && (!*value || strcmp(known, value) != 0))
        vx_xl_carry(reader, "soundhw");
}

static char *cards_of(const VxXlWriter *writer)
{
    GString *value = g_string_new(NULL);
    const VxSound *sound;

    for (unsigned i = 0; (sound = vx_domain_def_next_device(writer->def, VX_DEVICE_SOUND, &i));) {
        if (word_of_model(sound->model))
            g_string_append_printf(value, "%s%s", value->len ? "," : "", word_of_model(sound->model));
    }
    return g_string_free(value, FALSE);
}

static bool sound_holds(const VxXlWriter *writer, const VxOption *carried)
{
    g_autofree char *then = carried->value ? known_cards(carried->value) : NULL;
    g_autofree char *now = cards_of(writer);

    return then && strcmp(then, now) == 0;
}

static void write_sound(VxXlWriter *writer)
{
    g_autofree char *value = cards_of(writer);
    const VxSound *sound;

    for (unsigned i = 0; (sound = vx_domain_def_next_device(writer->def, VX_DEVICE_SOUND, &i));)
        vx_device_check(writer->def, &sound->device, VX_WRONG, writer->diag);
    if (*value && !vx_xl_carries(writer, "soundhw"))
        vx_xl_write_string(writer, "soundhw", value);
}

const VxXlGroup vx_xl_sound = {.name = "sound", .read = read_sound, .write = write_sound, .holds = sound_holds};
