/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * vnuma = [ [ "pnode=0", "size=512", "vcpus=0-1", "vdistances=10,20" ], ... ] <-> <numa> in <cpu>.
 *
 * libvirt's Xen driver puts node i of the guest on node i of the host; another pnode is carried in the cell. What no
 * cell can say is carried whole.
 */
#include <string.h>

#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_pairs.h"
#include "xlcfg/xlcfg_print.h"

#define KIB_PER_MIB 1024
#define MAX_VCPUS 4096

/* What is being read. */
typedef struct {
    GPtrArray *cells;
    bool cells_say_all;
    gint64 n_vcpus;
    gint64 memory_mib;
    bool has_slip; /* xl takes it, but nothing can be made of it: it is only carried */
} Numa;

static void free_cell(gpointer cell)
{
    vx_object_free(&vx_cell_element, cell);
}

/* A number, with nothing before or behind it. */
static bool read_plain(const char *text, gint64 maximum, gint64 *number)
{
    *number = g_ascii_strtoll(text, NULL, 10);
    return *text && text[strspn(text, "0123456789")] == '\0' && *number <= maximum;
}

/* ---- reading ---- */

/* The number in front, and nothing more, is what xl takes; without any, it refuses the file. */
static guint64 leading_number(VxXlReader *reader, const VxXlcfgPair *pair)
{
    char *end;
    guint64 number = g_ascii_strtoull(pair->value, &end, 10);

    if (end == pair->value || number == G_MAXUINT64)
        vx_diag_wrong(reader->diag, pair->value_place, "%s of vnuma is '%.60s': write a number", pair->key,
                      pair->value);
    else if (*end)
        vx_diag_unfit(reader->diag, pair->value_place,
                      "%s of vnuma is '%.60s', of which xl takes the number in front only", pair->key, pair->value);
    return number;
}

/* How many virtual CPUs RANGE has to xl, which overlooks what it cannot read: a word is CPU 0. *IS_PLAIN tells whether
 * libvirt reads the same. */
static gint64 count_range(char *range, bool *is_plain)
{
    char *dash = strchr(range, '-'), *end;
    gint64 first = g_ascii_strtoll(range, &end, 10), last = first, number;

    if (dash && end == dash)
        last = g_ascii_strtoll(dash + 1, NULL, 10);
    if (dash)
        *dash = '\0';
    if (!read_plain(range, MAX_VCPUS, &number) || !read_plain(dash ? dash + 1 : range, MAX_VCPUS, &number) ||
        first > last)
        *is_plain = false;
    return CLAMP(last, 0, MAX_VCPUS) - CLAMP(first, 0, MAX_VCPUS) + 1;
}

/* Adds the virtual CPUs of TEXT to *N_VCPUS; false if libvirt would read it otherwise. */
static bool count_vcpus(const char *text, gint64 *n_vcpus)
{
    g_auto(GStrv) ranges = g_strsplit(text, ",", -1);
    bool is_plain = true;

    for (char **range = ranges; *range; range++) {
        gint64 n = **range ? count_range(*range, &is_plain) : 0;

        *n_vcpus += MAX(n, 0);
        is_plain = is_plain && **range;
    }
    return is_plain;
}

static bool read_distances(const char *text, VxCell *cell, guint32 n_cells)
{
    g_auto(GStrv) texts = g_strsplit(text, ",", -1);

    if (cell->distances || g_strv_length(texts) != n_cells)
        return false;
    cell->distances = g_ptr_array_new();
    for (guint32 i = 0; i < n_cells; i++) {
        VxCellDistance *distance = vx_object_new(&vx_cell_distance_element);

        g_ptr_array_add(cell->distances, distance);
        distance->id = VX_NUMBER(i);
        distance->value.given = true;
        if (!read_plain(texts[i], G_MAXUINT32, &distance->value.value))
            return false;
    }
    return true;
}

static bool read_size(VxXlReader *reader, const VxXlcfgPair *pair, VxCell *cell, Numa *numa)
{
    guint64 mib = leading_number(reader, pair);
    bool is_again = cell->memory_kib.given;
    gint64 number;

    if (mib > G_MAXINT32) {
        numa->has_slip = true;
        vx_diag_unfit(reader->diag, pair->value_place, "size of vnuma is '%.60s', in MiB: write a number up to %d",
                      pair->value, G_MAXINT32);
        return false;
    }
    cell->memory_kib = VX_NUMBER((gint64)mib * KIB_PER_MIB);
    numa->memory_mib += (gint64)mib;
    return !is_again && read_plain(pair->value, G_MAXINT32, &number);
}

/* Reads one "key=value"; false if the cell cannot say it. */
static bool read_pair(VxXlReader *reader, const VxXlcfgPair *pair, VxCell *cell, guint32 n_cells, Numa *numa)
{
    gint64 number;

    if (strcmp(pair->key, "pnode") == 0) {
        leading_number(reader, pair);
        if (cell->options || !read_plain(pair->value, G_MAXINT32, &number))
            return false;
        vx_options_add(&cell->options, "pnode", pair->value);
    } else if (strcmp(pair->key, "size") == 0) {
        return read_size(reader, pair, cell, numa);
    } else if (strcmp(pair->key, "vcpus") == 0) {
        if (!count_vcpus(pair->value, &numa->n_vcpus) || cell->cpus)
            return false;
        cell->cpus = g_strdup(pair->value);
    } else {
        return strcmp(pair->key, "vdistances") == 0 && read_distances(pair->value, cell, n_cells);
    }
    return true;
}

/* The pnode that libvirt would choose anyway need not be said. */
static bool complete_cell(VxCell *cell, guint32 i)
{
    const VxOption *pnode = vx_options_find(cell->options, "pnode");
    g_autofree char *usual = g_strdup_printf("%u", i);

    if (!pnode || !cell->cpus || !cell->memory_kib.given)
        return false;
    if (strcmp(pnode->value, usual) == 0) {
        vx_object_free(&vx_option_element, cell->options->pdata[0]);
        g_clear_pointer(&cell->options, g_ptr_array_unref);
    }
    return true;
}

/* Whether PAIR lacks a key or a value as only xl before 4.18 overlooks it, or has more '=' than that xl reads. */
static bool read_slip(VxXlReader *reader, const VxXlcfgPair *pair, Numa *numa)
{
    if (!pair->has_no_key && *pair->value && !strchr(pair->value, '='))
        return false;
    vx_diag_unfit(reader->diag, pair->key_place, "vnuma has '%.60s=%.60s' where a key=value belongs", pair->key,
                  pair->value);
    numa->has_slip = true;
    return true;
}

static void read_cell(VxXlReader *reader, const VxXlcfgValue *list, guint32 i, guint32 n_cells, Numa *numa)
{
    VxCell *cell = vx_object_new(&vx_cell_element);

    g_ptr_array_add(numa->cells, cell);
    cell->id = VX_NUMBER(i);
    cell->unit = g_strdup("KiB");
    for (guint32 j = 0; j < list->length; j++) {
        g_auto(VxXlcfgPairs) pairs = {0};

        if (!vx_xl_value_text(reader, "vnuma", &list->items[j])) {
            numa->cells_say_all = false;
            continue;
        }
        vx_xlcfg_pairs_init(&pairs, &list->items[j], '\0');
        if (!vx_xlcfg_pairs_next(&pairs) || pairs.pair.kind != VX_XLCFG_PAIR || pairs.pair.has_no_value ||
            (pairs.pair.has_no_key && !pairs.pair.value[strspn(pairs.pair.value, "=")]))
            vx_diag_wrong(reader->diag, list->items[j].place, "vnuma has '%.60s' where a key=value belongs",
                          list->items[j].string);
        else if (!read_slip(reader, &pairs.pair, numa) && !read_pair(reader, &pairs.pair, cell, n_cells, numa))
            numa->cells_say_all = false;
    }
    numa->cells_say_all = complete_cell(cell, i) && numa->cells_say_all;
}

/* The nodes say how many virtual CPUs there can be, unless maxvcpus says the same. */
static void apply_vcpus(VxXlReader *reader, const Numa *numa, VxPlace place)
{
    VxDomainDef *def = reader->def;
    VxNumber current = def->vcpus.maximum.given ? def->vcpus.maximum : VX_NUMBER(1);

    if (vx_xl_value(reader, "maxvcpus")) {
        if (def->vcpus.maximum.value != numa->n_vcpus)
            vx_diag_wrong(reader->diag, place,
                          "vnuma has %" G_GINT64_FORMAT " virtual CPUs and maxvcpus says %" G_GINT64_FORMAT
                          ": write the same number",
                          numa->n_vcpus, def->vcpus.maximum.value);
        return;
    }
    if (numa->n_vcpus == 0)
        return;
    if (current.value > numa->n_vcpus)
        vx_diag_wrong(reader->diag, place, "vnuma has %" G_GINT64_FORMAT " virtual CPUs, fewer than vcpus",
                      numa->n_vcpus);
    def->vcpus.maximum = VX_NUMBER(numa->n_vcpus);
    def->vcpus.current = current.value == numa->n_vcpus ? (VxNumber){0} : current;
}

/* Likewise the memory, and maxmem. Nodes of which none has a size leave no memory, which no element can say. */
static void apply_memory(VxXlReader *reader, const Numa *numa, VxPlace place)
{
    const VxXlcfgValue *maxmem = vx_xl_value(reader, "maxmem");
    gint64 mib;

    if (maxmem && vx_xlcfg_value_to_int64(maxmem, G_MININT64, G_MAXINT64, &mib) == VX_XLCFG_NUMBER_GOOD) {
        if (mib != numa->memory_mib)
            vx_diag_wrong(reader->diag, place,
                          "the nodes of vnuma have %" G_GINT64_FORMAT " MiB, which is not what maxmem says",
                          numa->memory_mib);
    } else if (numa->memory_mib == 0) {
        vx_diag_unfit(reader->diag, place, "the nodes of vnuma have no memory: write size=... for each");
        vx_options_add(&reader->def->options, "maxmem", "0");
    } else {
        reader->def->memory_kib = VX_NUMBER(numa->memory_mib * KIB_PER_MIB);
    }
}

/* False, having said so, if there is more of anything than can be. */
static bool check_totals(VxXlReader *reader, const Numa *numa, VxPlace place)
{
    if (numa->n_vcpus > MAX_VCPUS)
        vx_diag_wrong(reader->diag, place, "vnuma has %" G_GINT64_FORMAT " virtual CPUs: there can be %d",
                      numa->n_vcpus, MAX_VCPUS);
    if (numa->memory_mib > G_MAXINT32)
        vx_diag_wrong(reader->diag, place, "vnuma has %" G_GINT64_FORMAT " MiB: there can be %d", numa->memory_mib,
                      G_MAXINT32);
    return numa->n_vcpus <= MAX_VCPUS && numa->memory_mib <= G_MAXINT32;
}

static void read_numa(VxXlReader *reader)
{
    const VxXlcfgValue *value = vx_xl_value(reader, "vnuma");
    Numa numa = {.cells_say_all = true};

    if (!value || value->kind != VX_XLCFG_LIST) {
        if (value)
            vx_diag_unfit(reader->diag, value->place,
                          "vnuma is one string where a list belongs: xl takes no notice of it");
        return;
    }
    if (value->length == 0)
        return;
    numa.cells = g_ptr_array_new();
    for (guint32 i = 0; i < value->length; i++) {
        if (value->items[i].kind == VX_XLCFG_LIST)
            read_cell(reader, &value->items[i], i, value->length, &numa);
        else
            vx_diag_wrong(reader->diag, value->items[i].place, "vnuma has a string where a list for a node belongs");
    }
    numa.cells_say_all = numa.cells_say_all && !numa.has_slip;
    if (!numa.has_slip && check_totals(reader, &numa, value->place)) {
        apply_vcpus(reader, &numa, value->place);
        apply_memory(reader, &numa, value->place);
    }
    if (numa.cells_say_all) {
        reader->def->cpu.cells = numa.cells;
        return;
    }
    g_ptr_array_set_free_func(numa.cells, free_cell);
    g_ptr_array_unref(numa.cells);
    vx_xl_carry(reader, "vnuma");
}

/* ---- writing ---- */

static void add_pair(VxXlcfgList *list, GString *text, const char *key, const char *value)
{
    g_string_printf(text, "%s=%s", key, value);
    vx_xlcfg_list_add_string(list, text->str);
}

static void write_distances(VxXlcfgList *list, GString *text, const VxCell *cell)
{
    g_autoptr(GString) distances = g_string_new(NULL);

    for (unsigned i = 0; cell->distances && i < cell->distances->len; i++) {
        const VxCellDistance *distance = cell->distances->pdata[i];

        g_string_append_printf(distances, "%s%" G_GINT64_FORMAT, i ? "," : "", distance->value.value);
    }
    if (distances->len)
        add_pair(list, text, "vdistances", distances->str);
}

static void write_cell(VxXlWriter *writer, VxXlcfgList *list, const VxCell *cell, unsigned i)
{
    const VxOption *pnode = vx_options_find(cell->options, "pnode");
    g_autofree char *usual = g_strdup_printf("%u", i);
    g_autofree char *size = g_strdup_printf("%" G_GINT64_FORMAT, cell->memory_kib.value / KIB_PER_MIB);
    g_autoptr(GString) text = g_string_new(NULL);

    if (cell->memory_kib.value % KIB_PER_MIB != 0)
        vx_diag_wrong(writer->diag, cell->object.place,
                      "xl.cfg has the memory of a NUMA node in MiB: write a multiple of "
                      "1024 KiB");
    vx_xlcfg_list_open(list);
    add_pair(list, text, "pnode", pnode ? pnode->value : usual);
    add_pair(list, text, "size", size);
    if (cell->cpus)
        add_pair(list, text, "vcpus", cell->cpus);
    write_distances(list, text, cell);
    vx_xlcfg_list_close(list);
}

static void write_numa(VxXlWriter *writer)
{
    const GPtrArray *cells = writer->def->cpu.cells;
    VxXlcfgList list;

    if (!cells || cells->len == 0 || vx_xl_carries(writer, "vnuma"))
        return;
    vx_xlcfg_list_begin(&list, writer->out, "vnuma");
    for (unsigned i = 0; i < cells->len; i++)
        write_cell(writer, &list, cells->pdata[i], i);
    vx_xlcfg_list_end(&list);
}

const VxXlGroup vx_xl_numa = {.name = "numa", .read = read_numa, .write = write_numa};
