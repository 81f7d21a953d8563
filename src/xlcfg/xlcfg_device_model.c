/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The device model: device_model_override and its like <-> <emulator>, with the attributes by which Qubes OS asks for
 * one in a domain of its own; device_model_args_* <-> <xen:commandline>; seclabel <-> <seclabel>.
 * xl.cfg(5) "Device-Model Options".
 */
#include <string.h>

#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_words.h"

#define UPSTREAM "qemu-xen"
#define TRADITIONAL "qemu-xen-traditional"
#define KIB_PER_MIB 1024

/* The options that a stub domain's <emulator> says, and that are carried otherwise. */
static const char *const stubdom_keys[] = {
    "device_model_version", "device_model_stubdomain_override",
    "stubdomain_kernel",    "stubdomain_ramdisk",
    "stubdomain_cmdline",   "stubdomain_memory",
};

/* ---- reading ---- */

static void read_stubdom(VxXlReader *reader, VxEmulator *emulator)
{
    VxNumber memory_mib = {0};

    emulator->kernel = g_strdup(vx_xl_string(reader, "stubdomain_kernel"));
    emulator->ramdisk = g_strdup(vx_xl_string(reader, "stubdomain_ramdisk"));
    emulator->cmdline = g_strdup(vx_xl_string(reader, "stubdomain_cmdline"));
    if (!vx_xl_number(reader, "stubdomain_memory", &memory_mib))
        return;
    if (memory_mib.value < 0 || memory_mib.value > VX_EMULATOR_MAX_KIB / KIB_PER_MIB)
        vx_xl_carry(reader, "stubdomain_memory");
    else
        emulator->memory_kib = VX_NUMBER(memory_mib.value * KIB_PER_MIB);
}

/* Qubes OS' words say which device model it is, too: without a version they would say more than the file. */
static void read_device_model(VxXlReader *reader)
{
    VxEmulator *emulator = &reader->def->emulator;
    const char *version = vx_xl_word(reader, "device_model_version");
    const char *path = vx_xl_string(reader, "device_model_override");

    emulator->path = g_strdup(path && *path ? path : NULL);
    if (path && !*path)
        vx_xl_carry(reader, "device_model_override");
    if (version && vx_xl_bool(reader, "device_model_stubdomain_override") == VX_YES) {
        emulator->type = strcmp(version, UPSTREAM) == 0 ? VX_EMULATOR_STUBDOM_LINUX : VX_EMULATOR_STUBDOM;
        read_stubdom(reader, emulator);
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(stubdom_keys); i++) {
        if (version || strcmp(stubdom_keys[i], "device_model_version") != 0)
            vx_xl_carry(reader, stubdom_keys[i]);
    }
}

/* ---- writing ---- */

static void write_string(VxXlWriter *writer, const char *key, const char *value)
{
    if (value && !vx_xl_carries(writer, key))
        vx_xl_write_string(writer, key, value);
}

static void write_number(VxXlWriter *writer, const char *key, gint64 value)
{
    if (!vx_xl_carries(writer, key))
        vx_xl_write_number(writer, key, value);
}

static void write_memory(VxXlWriter *writer, gint64 kib)
{
    if (kib % KIB_PER_MIB != 0)
        vx_diag_warn(writer->diag, writer->def->object.place,
                     "xl.cfg has memory in MiB: %" G_GINT64_FORMAT " KiB of the emulator are rounded up", kib);
    write_number(writer, "stubdomain_memory", kib / KIB_PER_MIB + (kib % KIB_PER_MIB != 0));
}

static void write_device_model(VxXlWriter *writer)
{
    const VxEmulator *emulator = &writer->def->emulator;

    if (emulator->path && *emulator->path)
        write_string(writer, "device_model_override", emulator->path);
    if (emulator->type == VX_EMULATOR_STUBDOM || emulator->type == VX_EMULATOR_STUBDOM_LINUX) {
        write_string(writer, "device_model_version", emulator->type == VX_EMULATOR_STUBDOM ? TRADITIONAL : UPSTREAM);
        write_number(writer, "device_model_stubdomain_override", 1);
    }
    write_string(writer, "stubdomain_kernel", emulator->kernel);
    write_string(writer, "stubdomain_ramdisk", emulator->ramdisk);
    write_string(writer, "stubdomain_cmdline", emulator->cmdline);
    if (emulator->memory_kib.given)
        write_memory(writer, emulator->memory_kib.value);
}

const VxXlGroup vx_xl_device_model = {.name = "device model", .read = read_device_model, .write = write_device_model};

/* ---- arguments: those for this type of guest are libvirt's, the others are carried ---- */

static const char *arguments_key(VxGuestType guest)
{
    return guest == VX_GUEST_HVM ? "device_model_args_hvm" : "device_model_args_pv";
}

static bool is_string_list(const VxXlcfgValue *value)
{
    if (value->kind != VX_XLCFG_LIST || value->length == 0)
        return false;
    for (guint32 i = 0; i < value->length; i++) {
        if (value->items[i].kind != VX_XLCFG_STRING)
            return false;
    }
    return true;
}

static void read_arguments(VxXlReader *reader)
{
    const char *key = arguments_key(reader->guest);
    const VxXlcfgValue *value = vx_xl_value(reader, key);
    g_auto(VxWords) words = {0};

    vx_xl_carry(reader, arguments_key(reader->guest == VX_GUEST_HVM ? VX_GUEST_PV : VX_GUEST_HVM));
    if (!value)
        return;
    if (!is_string_list(value)) {
        vx_xl_carry(reader, key);
        return;
    }
    vx_words_read(&words, reader, key);
    for (unsigned i = 0; words.words && i < words.words->len; i++)
        vx_domain_def_add_device_model_argument(reader->def, words.words->pdata[i]);
}

static void write_arguments(VxXlWriter *writer)
{
    const GPtrArray *arguments = writer->def->device_model_args;
    g_auto(VxWords) words = {.is_list = true};

    for (unsigned i = 0; arguments && i < arguments->len; i++)
        vx_words_add(&words, ((const VxArgument *)arguments->pdata[i])->value);
    if (!vx_xl_carries(writer, arguments_key(writer->guest)))
        vx_words_write(writer, arguments_key(writer->guest), &words);
}

const VxXlGroup vx_xl_device_model_args = {
    .name = "device model's arguments",
    .read = read_arguments,
    .write = write_arguments,
};

/* ---- seclabel ---- */

static void read_seclabel(VxXlReader *reader)
{
    const char *label = vx_xl_string(reader, "seclabel");
    VxSeclabel *seclabel;

    if (!label)
        return;
    seclabel = vx_domain_def_add_seclabel(reader->def);
    seclabel->object.place = vx_xl_place(reader, "seclabel");
    seclabel->type = VX_SECLABEL_STATIC;
    seclabel->model = g_strdup("flask");
    seclabel->relabel = VX_NO;
    seclabel->label = g_strdup(label);
}

static void write_seclabel(VxXlWriter *writer)
{
    const VxSeclabel *seclabel = vx_domain_def_seclabel(writer->def);

    if (seclabel)
        vx_xl_write_string(writer, "seclabel", seclabel->label);
}

const VxXlGroup vx_xl_seclabel = {.name = "seclabel", .read = read_seclabel, .write = write_seclabel};
