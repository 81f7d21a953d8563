/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * acpi, apic, pae, hap, viridian, e820_host, passthrough <-> <features>.
 *
 * An element of <features> that is not there means "off" to libvirt, where xl has "on" for its default: so an HVM
 * guest's definition always says it. Where libvirt has no word for a value, the option is carried.
 */
#include <string.h>

#include "xlcfg/xlcfg_groups.h"

static VxFeature *new_feature(VxOnOff state)
{
    VxFeature *feature = vx_object_new(&vx_feature_element);

    feature->state = state;
    return feature;
}

static void read_acpi(VxXlReader *reader)
{
    VxYesNo acpi = vx_xl_bool(reader, "acpi");

    if (reader->guest == VX_GUEST_HVM)
        reader->def->features.acpi = acpi != VX_NO;
    else if (acpi == VX_YES)
        reader->def->features.acpi = true;
    else if (acpi == VX_NO)
        vx_xl_carry(reader, "acpi");
}

/* Groups can be given in capitals, and taken out again with a '!' before them. */
void vx_xl_check_viridian(VxXlReader *reader, const VxXlcfgValue *item)
{
    static const char *const groups[] = {
        "base",        "freq",  "time_ref_count", "reference_tsc", "hcall_remote_tlb_flush", "apic_assist",
        "crash_ctl",   "synic", "stimer",         "hcall_ipi",     "ex_processor_masks",     "no_vp_limit",
        "cpu_hotplug",
    };
    const char *group = item->string + (*item->string == '!');

    if (strcmp(item->string, "all") == 0 || strcmp(item->string, "defaults") == 0)
        return;
    for (unsigned i = 0; i < G_N_ELEMENTS(groups); i++) {
        if (g_ascii_strcasecmp(groups[i], group) == 0)
            return;
    }
    vx_diag_wrong(
        reader->diag, item->place,
        "viridian has '%.40s': write all, defaults, or a group such as base, or '!' before a group that is not "
        "to be there",
        item->string);
}

void vx_xl_check_mca_cap(VxXlReader *reader, const VxXlcfgValue *item)
{
    if (strcmp(item->string, "lmce") != 0)
        vx_diag_wrong(reader->diag, item->place, "mca_caps has '%.40s': write lmce", item->string);
}

static void read_viridian(VxXlReader *reader)
{
    const VxXlcfgValue *value = vx_xl_value(reader, "viridian");

    if (value && value->kind == VX_XLCFG_LIST) {
        vx_xl_carry(reader, "viridian");
        return;
    }
    switch (vx_xl_bool(reader, "viridian")) {
    case VX_YES:
        reader->def->features.viridian = true;
        break;
    case VX_NO:
        vx_xl_carry(reader, "viridian");
        break;
    case VX_YES_NO_NOT_GIVEN:
        break;
    }
}

static void read_passthrough(VxXlReader *reader)
{
    VxFeatures *features = &reader->def->features;
    const char *word = vx_xl_word(reader, "passthrough");

    if (!word)
        return;
    features->passthrough_mode = vx_enum_from_text(&vx_passthrough_modes, word);
    if (features->passthrough_mode || strcmp(word, "enabled") == 0)
        features->passthrough = VX_ON;
    else if (strcmp(word, "disabled") == 0)
        features->passthrough = VX_OFF;
    else
        vx_xl_carry(reader, "passthrough");
}

static void read_features(VxXlReader *reader)
{
    VxFeatures *features = &reader->def->features;
    VxYesNo hap = vx_xl_bool(reader, "hap");
    VxYesNo e820_host = vx_xl_bool(reader, "e820_host");

    read_acpi(reader);
    if (reader->guest == VX_GUEST_HVM) {
        features->pae = vx_xl_bool(reader, "pae") != VX_NO;
        if (vx_xl_bool(reader, "apic") != VX_NO)
            features->apic = new_feature(VX_ON_OFF_NOT_GIVEN);
    }
    if (hap)
        features->hap = new_feature(hap == VX_YES ? VX_ON : VX_OFF);
    if (e820_host)
        features->e820_host = e820_host == VX_YES ? VX_ON : VX_OFF;
    read_viridian(reader);
    read_passthrough(reader);
}

static void write_flag(VxXlWriter *writer, const char *key, bool on)
{
    if (!vx_xl_carries(writer, key))
        vx_xl_write_number(writer, key, on);
}

static void write_passthrough(VxXlWriter *writer, const VxFeatures *features)
{
    if (features->passthrough == VX_OFF)
        vx_xl_write_string(writer, "passthrough", "disabled");
    else if (features->passthrough_mode)
        vx_xl_write_string(writer, "passthrough", vx_enum_to_text(&vx_passthrough_modes, features->passthrough_mode));
    else if (features->passthrough == VX_ON)
        vx_xl_write_string(writer, "passthrough", "enabled");
}

static void write_features(VxXlWriter *writer)
{
    const VxFeatures *features = &writer->def->features;

    if (writer->guest == VX_GUEST_HVM) {
        write_flag(writer, "acpi", features->acpi);
        write_flag(writer, "apic", features->apic != NULL);
        write_flag(writer, "pae", features->pae);
        if (features->viridian)
            write_flag(writer, "viridian", true);
    } else if (writer->guest == VX_GUEST_PVH && features->acpi) {
        write_flag(writer, "acpi", true);
    }
    if (features->hap)
        write_flag(writer, "hap", features->hap->state != VX_OFF);
    if (features->e820_host && writer->guest == VX_GUEST_PV)
        write_flag(writer, "e820_host", features->e820_host == VX_ON);
    if (!vx_xl_carries(writer, "passthrough"))
        write_passthrough(writer, features);
}

const VxXlGroup vx_xl_features = {.name = "features", .always = true, .read = read_features, .write = write_features};
