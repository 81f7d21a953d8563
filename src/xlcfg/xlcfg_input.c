/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * usbdevice = "tablet", or [ "tablet", "host:1234:5678" ] <-> <input bus='usb'>. xl.cfg(5) usbdevice.
 */
#include <string.h>

#include "conf/device_check.h"
#include "conf/input_def.h"
#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_words.h"

/* Those of WORDS that are input devices: xl has libvirt's words for them. A single one is said as a string. */
static void inputs_among(const VxWords *words, VxWords *inputs)
{
    for (unsigned i = 0; words->words && i < words->words->len; i++) {
        int type = vx_enum_from_text(&vx_input_types, words->words->pdata[i]);

        if (type == VX_INPUT_MOUSE || type == VX_INPUT_TABLET || type == VX_INPUT_KEYBOARD)
            vx_words_add(inputs, words->words->pdata[i]);
    }
    inputs->is_list = inputs->words && inputs->words->len > 1;
}

static void read_inputs(VxXlReader *reader)
{
    g_auto(VxWords) words = {0}, inputs = {0};

    vx_words_read(&words, reader, "usbdevice");
    inputs_among(&words, &inputs);
    for (unsigned i = 0; inputs.words && i < inputs.words->len; i++) {
        VxInput *input = vx_domain_def_add_device(reader->def, VX_DEVICE_INPUT);

        input->device.object.place = vx_xl_value(reader, "usbdevice")->place;
        input->type = vx_enum_from_text(&vx_input_types, inputs.words->pdata[i]);
        input->bus = VX_INPUT_BUS_USB;
    }
    if (!vx_words_equal(&words, &inputs))
        vx_xl_carry(reader, "usbdevice");
}

static void inputs_of(const VxXlWriter *writer, VxWords *inputs)
{
    const VxInput *input;

    for (unsigned i = 0; (input = vx_domain_def_next_device(writer->def, VX_DEVICE_INPUT, &i));) {
        if (input->bus == VX_INPUT_BUS_USB && input->type <= VX_INPUT_KEYBOARD)
            vx_words_add(inputs, vx_enum_to_text(&vx_input_types, input->type));
    }
    inputs->is_list = inputs->words && inputs->words->len > 1;
}

static bool inputs_hold(const VxXlWriter *writer, const VxOption *carried)
{
    g_auto(VxWords) words = {0}, then = {0}, now = {0};

    vx_words_from_option(&words, carried);
    inputs_among(&words, &then);
    inputs_of(writer, &now);
    return vx_words_equal(&then, &now);
}

static void write_inputs(VxXlWriter *writer)
{
    g_auto(VxWords) inputs = {0};
    const VxInput *input;

    for (unsigned i = 0; (input = vx_domain_def_next_device(writer->def, VX_DEVICE_INPUT, &i));)
        vx_device_check(writer->def, &input->device, VX_WRONG, writer->diag);
    if (vx_xl_carries(writer, "usbdevice"))
        return;
    inputs_of(writer, &inputs);
    vx_words_write(writer, "usbdevice", &inputs);
}

const VxXlGroup vx_xl_input = {.name = "input", .read = read_inputs, .write = write_inputs, .holds = inputs_hold};
