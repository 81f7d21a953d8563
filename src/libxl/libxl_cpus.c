/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Virtual CPUs: how many there are at the start, where they may run, what they can do.
 */
#include <string.h>

#include "libxl/libxl_groups.h"

/* ---- vcpus: the CPUs that are there at the start, as a bitmap ---- */

VX_LIBXL_APPLY(vcpus)
{
    libxl_bitmap *available = &writer->config->b_info.avail_vcpus;
    gint64 count = vx_libxl_number(writer, row->key, 0);

    (void)value;
    vx_libxl_bitmap_alloc(available, (unsigned)count);
    for (int i = 0; i < count; i++)
        libxl_bitmap_set(available, i);
    if (!vx_libxl_setting(writer, "maxvcpus") && !vx_libxl_setting(writer, "vnuma"))
        writer->config->b_info.max_vcpus = (int)count;
}

static unsigned count_bits(json_object *bits)
{
    return bits ? json_object_array_length(bits) : 0;
}

VX_LIBXL_TELL(vcpus)
{
    unsigned available = count_bits(vx_libxl_find_list(reader, reader->root, "b_info.avail_vcpus"));

    if (available > 0)
        vx_xlcfg_print_int(reader->out, row->key, available);
}

/* ---- cpus and cpus_soft: "all", "0-3,^2", "nodes:1", for all virtual CPUs or for each ---- */

/* Adds CPU to BITMAP, or takes it away. */
static void change_bit(libxl_bitmap *bitmap, unsigned cpu, bool add)
{
    if (add)
        libxl_bitmap_set(bitmap, (int)cpu);
    else
        libxl_bitmap_reset(bitmap, (int)cpu);
}

static void change_nodes(const VxLibxlHost *host, libxl_bitmap *bitmap, guint64 first, guint64 last, bool add)
{
    for (unsigned cpu = 0; cpu < host->n_cpus; cpu++) {
        unsigned node = vx_libxl_host_node(host, cpu);

        if (node >= first && node <= last)
            change_bit(bitmap, cpu, add);
    }
}

/* "N" or "N-M" */
static bool parse_range(const char *text, guint64 *first, guint64 *last)
{
    if (!vx_libxl_parse_number(text, 10, first, &text))
        return false;
    *last = *first;
    return *text == '-' ? vx_libxl_parse_number(text + 1, 10, last, NULL) && *first <= *last : !*text;
}

static bool skip_prefix(const char **text, const char *prefix)
{
    if (!g_str_has_prefix(*text, prefix))
        return false;
    *text += strlen(prefix);
    return true;
}

/* Applies one word of the list to BITMAP; false when it is none. */
static bool apply_cpu_word(const VxLibxlHost *host, libxl_bitmap *bitmap, const char *word)
{
    bool add = !skip_prefix(&word, "^");
    bool nodes = skip_prefix(&word, "node:") || skip_prefix(&word, "nodes:");
    guint64 first, last;

    if (add && strcmp(word, "all") == 0) {
        libxl_bitmap_set_any(bitmap);
        return true;
    }
    if (!parse_range(word, &first, &last))
        return false;
    if (nodes)
        change_nodes(host, bitmap, first, last, add);
    for (guint64 cpu = first; !nodes && cpu <= last && cpu < host->n_cpus; cpu++)
        change_bit(bitmap, (unsigned)cpu, add);
    return true;
}

static void apply_cpus(VxLibxlWriter *writer, const char *key, libxl_bitmap *bitmap, const char *cpus)
{
    g_auto(GStrv) words = g_strsplit(cpus, ",", -1);

    vx_libxl_bitmap_alloc(bitmap, writer->host->n_cpus);
    for (char **word = words; *word; word++) {
        g_strstrip(*word);
        if (**word && !apply_cpu_word(writer->host, bitmap, *word)) {
            vx_diag_wrong(writer->diag, writer->place, "%s has '%.60s': write CPUs as 0-3,^2, nodes:1 or all", key,
                          *word);
            return;
        }
    }
}

/* xl takes no notice of entries beyond the last CPU. */
VX_LIBXL_APPLY(affinity)
{
    libxl_domain_build_info *info = &writer->config->b_info;
    bool hard = row->offset == offsetof(libxl_domain_config, b_info.vcpu_hard_affinity);
    bool is_list = value->kind == VX_XLCFG_LIST;
    int count = is_list ? MIN(info->max_vcpus, (int)value->length) : info->max_vcpus;
    libxl_bitmap *bitmaps = vx_libxl_array(count, sizeof(*bitmaps));

    *(hard ? &info->num_vcpu_hard_affinity : &info->num_vcpu_soft_affinity) = count;
    *(hard ? &info->vcpu_hard_affinity : &info->vcpu_soft_affinity) = bitmaps;
    for (int i = 0; i < count; i++) {
        const char *cpus = vx_xlcfg_value_string(is_list ? &value->items[i] : value);

        if (cpus)
            apply_cpus(writer, row->key, &bitmaps[i], cpus);
    }
    if (is_list || !hard)
        libxl_defbool_set(&info->numa_placement, false);
}

/* The bits in LIST as "0-3,5". */
static char *text_of_bits(json_object *list)
{
    GString *text = g_string_new(NULL);
    unsigned count = json_object_array_length(list);

    for (unsigned i = 0; i < count;) {
        gint64 first = vx_json_int(json_object_array_get_idx(list, i)), last = first;

        while (++i < count && vx_json_int(json_object_array_get_idx(list, i)) == last + 1)
            last++;
        g_string_append_printf(text, "%s%" G_GINT64_FORMAT, text->len > 0 ? "," : "", first);
        if (last > first)
            g_string_append_printf(text, "-%" G_GINT64_FORMAT, last);
    }
    return g_string_free(text, FALSE);
}

/* The items of LIST as texts; NULL when one of them is no list. */
static GPtrArray *texts_of_bitmaps(json_object *list)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);

    for (unsigned i = 0; i < json_object_array_length(list); i++) {
        json_object *bits = json_object_array_get_idx(list, i);

        if (!json_object_is_type(bits, json_type_array))
            return NULL;
        g_ptr_array_add(texts, text_of_bits(bits));
    }
    return g_steal_pointer(&texts);
}

static bool all_equal(const GPtrArray *texts)
{
    for (unsigned i = 1; i < texts->len; i++) {
        if (strcmp(texts->pdata[0], texts->pdata[i]) != 0)
            return false;
    }
    return true;
}

/* `cpus = []`: libxl shall not place the guest, and nothing else says so. */
static bool is_empty_list(VxLibxlReader *reader, const VxLibxlRow *row)
{
    static const char *const others[] = {"b_info.vcpu_hard_affinity", "b_info.vcpu_soft_affinity",
                                         "b_info.vnuma_nodes"};

    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++) {
        if (vx_libxl_find(reader, reader->root, others[i]))
            return false;
    }
    return strcmp(row->path, others[0]) == 0 && vx_libxl_find(reader, reader->root, "b_info.numa_placement");
}

VX_LIBXL_TELL(affinity)
{
    json_object *list = vx_libxl_find_list(reader, reader->root, row->path);
    g_autoptr(GPtrArray) texts = list ? texts_of_bitmaps(list) : NULL;
    VxXlcfgList cpus;

    if (list && !texts)
        vx_diag_wrong(reader->diag, VX_NO_PLACE, "%s is no list of lists of CPUs", row->path);
    if (is_empty_list(reader, row)) {
        vx_xlcfg_list_begin(&cpus, reader->out, row->key);
        vx_xlcfg_list_end(&cpus);
    }
    if (!texts || texts->len == 0)
        return;
    if (all_equal(texts) && texts->len == vx_libxl_find_number(reader, reader->root, "b_info.max_vcpus", 0) &&
        !vx_libxl_find(reader, reader->root, "b_info.numa_placement")) {
        vx_xlcfg_print_string(reader->out, row->key, texts->pdata[0]);
        return;
    }
    vx_xlcfg_list_begin(&cpus, reader->out, row->key);
    for (unsigned i = 0; i < texts->len; i++)
        vx_xlcfg_list_add_string(&cpus, texts->pdata[i]);
    vx_xlcfg_list_end(&cpus);
}

/* ---- cpuid: "host,FLAG=VALUE,..." or a list of leaves; libxl has parsers for both ---- */

static void report_cpuid(VxLibxlWriter *writer, const char *item)
{
    vx_diag_warn(writer->diag, writer->place, "libxl takes no '%.100s' as cpuid: xl passes over it", item);
}

static void apply_cpuid_flags(VxLibxlWriter *writer, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);

    if (g_strcmp0(words[0], "host") != 0) {
        report_cpuid(writer, text);
        return;
    }
    for (unsigned i = 1; words[i]; i++) {
        if (*words[i] && libxl_cpuid_parse_config(&writer->config->b_info.cpuid, words[i]) != 0)
            report_cpuid(writer, words[i]);
    }
}

VX_LIBXL_APPLY(cpuid)
{
    (void)row;
    if (value->kind == VX_XLCFG_STRING)
        apply_cpuid_flags(writer, value->string);
    for (guint32 i = 0; value->kind == VX_XLCFG_LIST && i < value->length; i++) {
        const char *leaf = vx_xlcfg_value_string(&value->items[i]);

        if (leaf && libxl_cpuid_parse_config_xend(&writer->config->b_info.cpuid, leaf) != 0)
            report_cpuid(writer, leaf);
    }
}

/* "7,0:ebx=...,ecx=..." */
static char *tell_leaf(VxLibxlReader *reader, json_object *leaf)
{
    static const char *const registers[] = {"eax", "ebx", "ecx", "edx"};
    GString *text = g_string_new(NULL);
    bool first = true;

    g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x", vx_libxl_find_number(reader, leaf, "leaf", 0));
    if (json_object_object_get_ex(leaf, "subleaf", NULL))
        g_string_append_printf(text, ",%" G_GINT64_FORMAT, vx_libxl_find_number(reader, leaf, "subleaf", 0));
    for (unsigned i = 0; i < G_N_ELEMENTS(registers); i++) {
        const char *policy = vx_libxl_find_string(reader, leaf, registers[i]);

        if (policy)
            g_string_append_printf(text, "%c%s=%s", first ? ':' : ',', registers[i], policy);
        first = first && !policy;
    }
    return g_string_free(text, FALSE);
}

/* Xen 4.18 and later have the leaves in "cpuid", besides "msr", of which xl.cfg cannot speak. */
static json_object *find_leaves(VxLibxlReader *reader)
{
    json_object *node = vx_libxl_find(reader, reader->root, "b_info.cpuid");

    if (json_object_is_type(node, json_type_object))
        return vx_libxl_find_list(reader, node, "cpuid");
    return node ? vx_libxl_find_list(reader, reader->root, "b_info.cpuid") : NULL;
}

VX_LIBXL_TELL(cpuid)
{
    json_object *leaves = find_leaves(reader);
    VxXlcfgList list;

    if (!leaves || json_object_array_length(leaves) == 0)
        return;
    vx_xlcfg_list_begin(&list, reader->out, row->key);
    for (unsigned i = 0; i < json_object_array_length(leaves); i++) {
        json_object *leaf = json_object_array_get_idx(leaves, i);
        g_autofree char *text = json_object_is_type(leaf, json_type_object) ? tell_leaf(reader, leaf) : NULL;

        if (text)
            vx_xlcfg_list_add_string(&list, text);
        else
            vx_diag_wrong(reader->diag, VX_NO_PLACE, "b_info.cpuid[%u] is not what libxl has there", i);
    }
    vx_xlcfg_list_end(&list);
}
