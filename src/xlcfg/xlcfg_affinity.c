/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * cpus, cpu_weight <-> <vcpu cpuset=...> and <cputune>.
 */
#include <stdlib.h>
#include <string.h>

#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_print.h"

typedef enum {
    CPUS_WRONG,   /* xl refuses it */
    CPUS_OF_XL,   /* libvirt cannot say it */
    CPUS_OF_BOTH, /* 0-3,^2,5 means the same to both */
} CpusKind;

/* libvirt counts no further. */
#define MAX_CPU 4095

/* A range, as xl's parse_range has it: one number or two, in libvirt's way only without any blank or sign. */
static CpusKind judge_range(const char *text, bool excluded)
{
    char *end, *second = NULL;
    unsigned long first = strtoul(text, &end, 10), last = first;

    if (end == text)
        return CPUS_WRONG;
    if (*end == '-') {
        second = end + 1;
        last = strtoul(second, &end, 10);
        if (end == second)
            return CPUS_WRONG;
    }
    if (*end != '\0' || first > last)
        return CPUS_WRONG;
    if (strspn(text, "0123456789-") != strlen(text) || last > MAX_CPU || (excluded && second) ||
        (second && !g_ascii_isdigit(*second)))
        return CPUS_OF_XL;
    return CPUS_OF_BOTH;
}

/* The CPUs and the NUMA nodes that a text has named so far and not taken away again. Which CPUs a node has only the
 * host knows: a CPU that is taken away may leave others of its node, and the other way round. */
typedef struct {
    bool cpus[MAX_CPU + 1], nodes[MAX_CPU + 1];
    bool has_others; /* all of them, or some that are not counted here */
} CpuSet;

static bool cpu_set_is_empty(const CpuSet *set)
{
    return !set->has_others && !memchr(set->cpus, true, sizeof(set->cpus)) &&
           !memchr(set->nodes, true, sizeof(set->nodes));
}

/* RANGE, which judge_range() found good. */
static void cpu_set_apply(CpuSet *set, const char *range, bool are_nodes, bool excluded)
{
    const char *dash = strchr(range, '-');
    guint64 first = g_ascii_strtoull(range, NULL, 10), last = dash ? g_ascii_strtoull(dash + 1, NULL, 10) : first;

    set->has_others = set->has_others || (last > MAX_CPU && !excluded);
    for (guint64 i = first; i <= MIN(last, MAX_CPU); i++)
        (are_nodes ? set->nodes : set->cpus)[i] = !excluded;
}

static CpusKind judge_item(const char *item, bool is_first, CpuSet *set)
{
    bool excluded = *item == '^', of_xl = excluded && is_first, are_nodes = false;
    CpusKind kind;

    item += excluded;
    if (g_str_has_prefix(item, "node:") || g_str_has_prefix(item, "nodes:")) {
        item = strchr(item, ':') + 1;
        of_xl = are_nodes = true;
    }
    if (strcmp(item, "all") == 0) {
        set->has_others = true;
        return excluded ? CPUS_WRONG : CPUS_OF_XL;
    }
    kind = judge_range(item, excluded);
    if (kind != CPUS_WRONG)
        cpu_set_apply(set, item, are_nodes, excluded);
    return kind == CPUS_OF_BOTH && of_xl ? CPUS_OF_XL : kind;
}

static CpusKind judge_cpus(const char *text, bool *is_empty)
{
    g_auto(GStrv) items = g_strsplit(text, ",", -1);
    CpusKind kind = *text ? CPUS_OF_BOTH : CPUS_OF_XL;
    CpuSet set = {0};

    for (unsigned i = 0; items[i] && kind != CPUS_WRONG; i++)
        kind = *items[i] ? MIN(kind, judge_item(items[i], i == 0, &set)) : MIN(kind, CPUS_OF_XL);
    *is_empty = cpu_set_is_empty(&set);
    return kind;
}

/* ---- cpus ---- */

static CpusKind judge_value(VxXlReader *reader, const char *key, const VxXlcfgValue *value)
{
    const char *text = vx_xl_value_text(reader, key, value);
    /* xl takes no empty set of CPUs for `cpus`, but does for `cpus_soft`; without virtual CPUs, it looks at the words
     * only. */
    bool may_be_empty = strcmp(key, "cpus_soft") == 0 || !reader->def->vcpus.maximum.given, is_empty = false;
    CpusKind kind = text ? judge_cpus(text, &is_empty) : CPUS_WRONG;

    if (text && kind == CPUS_WRONG)
        vx_diag_wrong(reader->diag, value->place,
                      "%s is '%.60s': write numbers and ranges of host CPUs, as in 0-3,^2, node:1 or all", key, text);
    if (kind == CPUS_WRONG || !is_empty || may_be_empty)
        return kind;
    vx_diag_wrong(reader->diag, value->place, "%s is '%.60s', which leaves no host CPU to run on: write one at least",
                  key, text);
    return CPUS_WRONG;
}

static CpusKind judge_list(VxXlReader *reader, const char *key, const VxXlcfgValue *list)
{
    gint64 n_vcpus = reader->def->vcpus.maximum.value;
    CpusKind kind = CPUS_OF_BOTH;

    for (guint32 i = 0; i < list->length && i < n_vcpus; i++) /* xl looks at no more */
        kind = MIN(kind, judge_value(reader, key, &list->items[i]));
    return list->length == 0 || list->length > n_vcpus ? MIN(kind, CPUS_OF_XL) : kind;
}

/* Without vcpus and maxvcpus, xl pins nothing. All that stays of a list, or of cpus_soft, is that libxl shall not
 * choose NUMA nodes for the guest, which an empty list says, too. */
static void read_without_vcpus(VxXlReader *reader, const char *key, const VxXlcfgValue *value)
{
    if (value->kind != VX_XLCFG_LIST && judge_value(reader, key, value) == CPUS_WRONG)
        return;
    vx_diag_unfit(reader->diag, value->place, "%s pins nothing where vcpus is not given: write vcpus = 1, too", key);
    if (value->kind == VX_XLCFG_LIST || strcmp(key, "cpus_soft") == 0)
        vx_options_add(&reader->def->options, key, NULL);
}

static void read_list(VxXlReader *reader, const VxXlcfgValue *list)
{
    VxCpuTune *tune = &reader->def->cpu_tune;

    tune->vcpu_pins = g_ptr_array_new();
    for (guint32 i = 0; i < list->length; i++) {
        VxVcpuPin *pin = vx_object_new(&vx_vcpu_pin_element);

        pin->vcpu = VX_NUMBER(i);
        pin->cpuset = g_strdup(list->items[i].string);
        g_ptr_array_add(tune->vcpu_pins, pin);
    }
}

static void read_cpus(VxXlReader *reader)
{
    const VxXlcfgValue *value = vx_xl_value(reader, "cpus");

    if (!value)
        return;
    if (!reader->def->vcpus.maximum.given) {
        read_without_vcpus(reader, "cpus", value);
    } else if (value->kind == VX_XLCFG_LIST) {
        if (judge_list(reader, "cpus", value) == CPUS_OF_BOTH)
            read_list(reader, value);
        else
            vx_xl_carry(reader, "cpus");
    } else if (judge_value(reader, "cpus", value) == CPUS_OF_BOTH) {
        reader->def->vcpus.cpuset = g_strdup(value->string);
    } else {
        vx_xl_carry(reader, "cpus");
    }
}

static void read_cpus_soft(VxXlReader *reader)
{
    const VxXlcfgValue *value = vx_xl_value(reader, "cpus_soft");

    if (!value)
        return;
    if (!reader->def->vcpus.maximum.given) {
        read_without_vcpus(reader, "cpus_soft", value);
        return;
    }
    if (value->kind == VX_XLCFG_LIST)
        judge_list(reader, "cpus_soft", value);
    else
        judge_value(reader, "cpus_soft", value);
    vx_xl_carry(reader, "cpus_soft");
}

static const char *cpuset_of(const VxCpuTune *tune, gint64 vcpu)
{
    for (unsigned i = 0; i < tune->vcpu_pins->len; i++) {
        const VxVcpuPin *pin = tune->vcpu_pins->pdata[i];

        if (pin->vcpu.value == vcpu)
            return pin->cpuset;
    }
    return NULL;
}

/* Where some virtual CPUs are pinned, each up to the last of them has an entry. */
static void write_list(VxXlWriter *writer)
{
    const VxDomainDef *def = writer->def;
    VxXlcfgList list;
    gint64 last = 0;

    for (unsigned i = 0; i < def->cpu_tune.vcpu_pins->len; i++)
        last = MAX(last, ((const VxVcpuPin *)def->cpu_tune.vcpu_pins->pdata[i])->vcpu.value);
    last = def->vcpus.cpuset ? def->vcpus.maximum.value - 1 : MIN(last, def->vcpus.maximum.value - 1);
    vx_xlcfg_list_begin(&list, writer->out, "cpus");
    for (gint64 i = 0; i <= last; i++) {
        const char *cpuset = cpuset_of(&def->cpu_tune, i);

        vx_xlcfg_list_add_string(&list, cpuset ? cpuset : def->vcpus.cpuset ? def->vcpus.cpuset : "all");
    }
    vx_xlcfg_list_end(&list);
}

static void write_cpus(VxXlWriter *writer)
{
    const VxDomainDef *def = writer->def;

    if (vx_xl_carries(writer, "cpus"))
        return;
    if (def->cpu_tune.vcpu_pins && def->cpu_tune.vcpu_pins->len > 0)
        write_list(writer);
    else
        vx_xl_write_string(writer, "cpus", def->vcpus.cpuset);
}

/* ---- cpu_weight ---- */

static void read_weight(VxXlReader *reader)
{
    VxNumber *shares = &reader->def->cpu_tune.shares;

    if (vx_xl_number(reader, "cpu_weight", shares) && (shares->value < 0 || shares->value > G_MAXINT32)) {
        *shares = (VxNumber){0};
        vx_xl_carry(reader, "cpu_weight");
    }
}

static void read_affinity(VxXlReader *reader)
{
    read_cpus(reader);
    read_cpus_soft(reader);
    read_weight(reader);
}

static void write_affinity(VxXlWriter *writer)
{
    write_cpus(writer);
    if (writer->def->cpu_tune.shares.given && !vx_xl_carries(writer, "cpu_weight"))
        vx_xl_write_number(writer, "cpu_weight", writer->def->cpu_tune.shares.value);
}

const VxXlGroup vx_xl_affinity = {.name = "affinity", .read = read_affinity, .write = write_affinity};
