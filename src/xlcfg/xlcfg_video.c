/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * vga, stdvga, videoram, nographic <-> <video> of an HVM guest. xl.cfg(5) "Emulated VGA Graphics Device".
 */
#include <string.h>

#include "conf/device_check.h"
#include "conf/video_def.h"
#include "xlcfg/xlcfg_groups.h"

#define KIB_PER_MIB 1024

static const struct {
    VxVideoModel model;
    const char *word;
} models[] = {
    {VX_VIDEO_CIRRUS, "cirrus"}, {VX_VIDEO_VGA, "stdvga"}, {VX_VIDEO_QXL, "qxl"},
    {VX_VIDEO_NONE, "none"},     {VX_VIDEO_XEN, "stdvga"}, /* as libvirt's Xen driver has it */
};

static VxVideoModel model_of_word(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        if (strcmp(models[i].word, word) == 0)
            return models[i].model;
    }
    return VX_VIDEO_NOT_GIVEN;
}

static const char *word_of_model(VxVideoModel model)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(models); i++) {
        if (models[i].model == model)
            return models[i].word;
    }
    return NULL;
}

static bool is_default_vram(const VxVideo *video)
{
    VxNumber vram_kib = vx_video_default_vram_kib(video->model);

    return !video->vram_kib.given || vx_value_number.equal(&video->vram_kib, &vram_kib);
}

/* ---- reading ---- */

/* cirrus is what there is without a word: that it was said is kept. */
static void read_model(VxXlReader *reader, VxVideo *video)
{
    const char *word = vx_xl_string(reader, "vga");
    VxYesNo is_standard = word ? VX_YES_NO_NOT_GIVEN : vx_xl_bool(reader, "stdvga");

    video->model = word ? model_of_word(word) : is_standard == VX_YES ? VX_VIDEO_VGA : VX_VIDEO_CIRRUS;
    if (!video->model)
        vx_diag_wrong(reader->diag, vx_xl_value(reader, "vga")->place,
                      "vga is '%.60s': write stdvga, cirrus, qxl or none", word);
    else if (video->model == VX_VIDEO_CIRRUS && (word || is_standard))
        vx_options_add(&video->device.options, "vga", "cirrus");
}

static void read_memory(VxXlReader *reader, VxVideo *video)
{
    VxNumber mib = {0};
    g_autofree char *text = NULL;

    if (!vx_xl_number(reader, "videoram", &mib))
        return;
    if (mib.value > 0) /* to libvirt, 0 is the default */
        video->vram_kib = VX_NUMBER(mib.value * KIB_PER_MIB);
    if (!is_default_vram(video))
        return;
    text = g_strdup_printf("%" G_GINT64_FORMAT, mib.value);
    vx_options_add(&video->device.options, "videoram", text);
}

/* Without a screen, a card that nobody asked for and nographic, libvirt has no <video> at all. */
static bool has_no_card(VxXlReader *reader)
{
    unsigned i = 0;

    return vx_xl_bool(reader, "nographic") == VX_YES && !vx_xl_value(reader, "vga") && !vx_xl_value(reader, "stdvga") &&
           !vx_xl_value(reader, "videoram") && !vx_domain_def_next_device(reader->def, VX_DEVICE_GRAPHICS, &i);
}

static void read_video(VxXlReader *reader)
{
    VxVideo *video;

    if (reader->guest != VX_GUEST_HVM) {
        vx_xl_carry(reader, "videoram");
        return;
    }
    if (has_no_card(reader))
        return;
    vx_xl_carry(reader, "nographic");
    video = vx_domain_def_add_device(reader->def, VX_DEVICE_VIDEO);
    video->device.object.place = vx_xl_place(reader, vx_xl_value(reader, "vga") ? "vga" : "stdvga");
    read_model(reader, video);
    read_memory(reader, video);
}

/* ---- writing ---- */

static const char *carried_value(const VxVideo *video, const char *key)
{
    const VxOption *option = vx_options_find(video->device.options, key);

    return option ? option->value : NULL;
}

/* What is carried was said though it is the default: it counts while that is still so. */
static void write_memory(VxXlWriter *writer, const VxVideo *video)
{
    const char *carried = carried_value(video, "videoram");

    if (!is_default_vram(video))
        vx_xl_write_number(writer, "videoram", (video->vram_kib.value + KIB_PER_MIB - 1) / KIB_PER_MIB);
    else if (carried)
        vx_xl_write_number(writer, "videoram", g_ascii_strtoll(carried, NULL, 10));
}

static void write_card(VxXlWriter *writer, const VxVideo *video)
{
    if (!vx_device_check(writer->def, &video->device, VX_WRONG, writer->diag))
        return;
    if (video->model != VX_VIDEO_CIRRUS || carried_value(video, "vga"))
        vx_xl_write_string(writer, "vga", word_of_model(video->model));
    write_memory(writer, video);
}

static void write_video(VxXlWriter *writer)
{
    const VxVideo *video;
    bool has_card = false;

    if (writer->guest != VX_GUEST_HVM)
        return;
    for (unsigned i = 0; (video = vx_domain_def_next_device(writer->def, VX_DEVICE_VIDEO, &i)); has_card = true)
        write_card(writer, video);
    if (!has_card && !vx_xl_carries(writer, "nographic"))
        vx_xl_write_number(writer, "nographic", 1);
}

const VxXlGroup vx_xl_video = {.name = "video", .read = read_video, .always = true, .write = write_video};

/* ---- gfx_passthru: a number, or the kind of graphics card of the host ---- */

static void read_gfx_passthru(VxXlReader *reader)
{
    const VxXlcfgValue *value = vx_xl_value(reader, "gfx_passthru");
    const char *word = vx_xlcfg_value_string(value);
    gint64 number;

    if (vx_xlcfg_value_to_int64(value, G_MININT64, G_MAXINT64, &number) != VX_XLCFG_NUMBER_GOOD && word &&
        g_ascii_strcasecmp(word, "igd") != 0 && g_ascii_strcasecmp(word, "default") != 0)
        vx_diag_wrong(reader->diag, value->place, "gfx_passthru is '%.60s': write 0, 1, \"igd\" or \"default\"", word);
    else
        vx_xl_carry(reader, "gfx_passthru");
}

/* It is carried, but where somebody has written it as Qubes OS does. */
static void write_gfx_passthru(VxXlWriter *writer)
{
    int state = writer->def->features.gfx_passthru;

    if (state && writer->guest == VX_GUEST_HVM && !vx_xl_carries(writer, "gfx_passthru"))
        vx_xl_write_number(writer, "gfx_passthru", state == VX_ON);
}

const VxXlGroup vx_xl_gfx_passthru = {.name = "gfx_passthru", .read = read_gfx_passthru, .write = write_gfx_passthru};
