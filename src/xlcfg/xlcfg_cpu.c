/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * nestedhvm, cpuid <-> <cpu mode='host-passthrough'> and its features.
 *
 * To libvirt's Xen driver, host-passthrough says of an HVM guest that it can run guests of its own, unless the feature
 * vmx or svm is disabled. So cpuid without nestedhvm has no element in an HVM guest, and is carried.
 */
#include <string.h>

#include "xlcfg/xlcfg_groups.h"

/* Features that libvirt and libxl call by different names. */
static const struct {
    const char *libvirt, *xl;
} names[] = {
    {"cx16", "cmpxchg16"},
    {"cid", "cntxid"},
    {"ds_cpl", "dscpl"},
    {"pclmuldq", "pclmulqdq"},
    {"pni", "sse3"},
    {"ht", "htt"},
    {"pn", "psn"},
    {"clflush", "clfsh"},
    {"sep", "sysenter"},
    {"cx8", "cmpxchg8"},
    {"nodeid_msr", "nodeid"},
    {"cr8legacy", "altmovcr8"},
    {"lahf_lm", "lahfsahf"},
    {"cmp_legacy", "cmplegacy"},
    {"fxsr_opt", "ffxsr"},
    {"pdpe1gb", "page1gb"},
    {"spec-ctrl", "ibrsb"},
};

static const char *name_to_libvirt(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i].xl, name) == 0)
            return names[i].libvirt;
    }
    return name;
}

static const char *name_to_xl(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i].libvirt, name) == 0)
            return names[i].xl;
    }
    return name;
}

static bool is_virtualization(const char *name)
{
    return strcmp(name, "vmx") == 0 || strcmp(name, "svm") == 0;
}

static void add_feature(VxCpu *cpu, VxCpuPolicy policy, const char *name)
{
    VxCpuFeature *feature = vx_object_new(&vx_cpu_feature_element);

    feature->policy = policy;
    feature->name = g_strdup(name);
    if (!cpu->features)
        cpu->features = g_ptr_array_new();
    g_ptr_array_add(cpu->features, feature);
}

/* ---- reading ---- */

/* What libvirt calls the value of a flag; not given if it has no word for it. */
static VxCpuPolicy policy_from_value(const char *value)
{
    if (strcmp(value, "1") == 0)
        return VX_CPU_FORCE;
    if (strcmp(value, "0") == 0)
        return VX_CPU_DISABLE;
    return strcmp(value, "x") == 0 ? VX_CPU_OPTIONAL : VX_CPU_POLICY_NOT_GIVEN;
}

/* Whether "NAME=VALUE" comes back the same from a <feature>. */
static bool has_feature(const char *pair)
{
    const char *equals = strchr(pair, '=');
    g_autofree char *name = equals ? g_strndup(pair, (gsize)(equals - pair)) : NULL;

    return name && *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.") == strlen(name) &&
           policy_from_value(equals + 1) && !is_virtualization(name) &&
           strcmp(name_to_xl(name_to_libvirt(name)), name) == 0;
}

/* Reads TEXT ("host,tm=0,...") into CPU; false, and nothing, if libvirt cannot say all of it. */
static bool read_features(const char *text, VxCpu *cpu)
{
    g_auto(GStrv) pairs = g_strsplit(text, ",", -1);

    if (!pairs[0] || strcmp(pairs[0], "host") != 0)
        return false;
    for (char **pair = pairs + 1; *pair; pair++) {
        if (!has_feature(*pair))
            return false;
    }
    for (char **pair = pairs + 1; *pair; pair++) {
        char *equals = strchr(*pair, '=');

        *equals = '\0';
        add_feature(cpu, policy_from_value(equals + 1), name_to_libvirt(*pair));
    }
    return true;
}

static void read_cpu(VxXlReader *reader)
{
    VxCpu *cpu = &reader->def->cpu;
    bool is_hvm = reader->guest == VX_GUEST_HVM;
    VxYesNo nested = vx_xl_bool(reader, "nestedhvm");
    const VxXlcfgValue *cpuid = vx_xl_value(reader, "cpuid");

    if (nested && is_hvm)
        cpu->mode = VX_CPU_HOST_PASSTHROUGH;
    else
        vx_xl_carry(reader, "nestedhvm");
    if (nested == VX_NO && is_hvm)
        add_feature(cpu, VX_CPU_DISABLE, "vmx");
    if (cpuid && cpuid->kind == VX_XLCFG_STRING && (nested || !is_hvm) && read_features(cpuid->string, cpu))
        cpu->mode = VX_CPU_HOST_PASSTHROUGH;
    else
        vx_xl_carry(reader, "cpuid");
}

/* ---- writing ---- */

static bool is_off(const VxCpuFeature *feature)
{
    return feature->policy == VX_CPU_DISABLE || feature->policy == VX_CPU_FORBID;
}

static void write_nested(VxXlWriter *writer, const VxCpu *cpu)
{
    bool nested = true;

    for (unsigned i = 0; cpu->features && i < cpu->features->len; i++) {
        const VxCpuFeature *feature = cpu->features->pdata[i];

        nested = nested && !(is_virtualization(feature->name) && is_off(feature));
    }
    vx_xl_write_number(writer, "nestedhvm", nested);
}

static void write_features(VxXlWriter *writer, const VxCpu *cpu)
{
    g_autoptr(GString) text = g_string_new("host");
    bool is_needed = writer->guest != VX_GUEST_HVM;

    for (unsigned i = 0; cpu->features && i < cpu->features->len; i++) {
        const VxCpuFeature *feature = cpu->features->pdata[i];

        if (is_virtualization(feature->name))
            continue;
        g_string_append_printf(text, ",%s=%s", name_to_xl(feature->name),
                               is_off(feature)                      ? "0"
                               : feature->policy == VX_CPU_OPTIONAL ? "x"
                                                                    : "1");
        is_needed = true;
    }
    if (is_needed)
        vx_xl_write_string(writer, "cpuid", text->str);
}

static void write_cpu(VxXlWriter *writer)
{
    const VxCpu *cpu = &writer->def->cpu;

    if (cpu->mode != VX_CPU_HOST_PASSTHROUGH)
        return;
    if (writer->guest == VX_GUEST_HVM && !vx_xl_carries(writer, "nestedhvm"))
        write_nested(writer, cpu);
    if (!vx_xl_carries(writer, "cpuid"))
        write_features(writer, cpu);
}

const VxXlGroup vx_xl_cpu = {.name = "cpu", .read = read_cpu, .write = write_cpu};
