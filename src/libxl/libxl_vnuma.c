/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * vnuma = [ [ "pnode=0", "size=1024", "vcpus=0-1", "vdistances=10,20" ], ... ]: the guest's NUMA nodes.
 */
#include <string.h>

#include "libxl/libxl_groups.h"
#include "xlcfg/xlcfg_pairs.h"

#define KIB_PER_MIB 1024

typedef struct {
    VxLibxlWriter *writer;
    libxl_vnode_info *node;
    guint64 n_vcpus; /* of all nodes */
} Node;

static void report(VxLibxlWriter *writer, const char *key, const char *text)
{
    vx_diag_wrong(writer->diag, writer->place, "%s of vnuma is '%.60s'", key, text);
}

static void apply_pnode(Node *to, const char *key, const char *text)
{
    guint64 number;

    if (!vx_libxl_parse_number(text, 10, &number, NULL) || number > G_MAXUINT32) {
        report(to->writer, key, text);
        return;
    }
    to->node->pnode = (uint32_t)number;
    libxl_defbool_set(&to->writer->config->b_info.numa_placement, false);
}

static void apply_size(Node *to, const char *key, const char *text)
{
    guint64 mib;

    if (vx_libxl_parse_number(text, 10, &mib, NULL) && mib <= G_MAXINT64 / KIB_PER_MIB)
        to->node->memkb = mib * KIB_PER_MIB;
    else
        report(to->writer, key, text);
}

/* No guest of Xen has as many virtual CPUs. */
#define MAX_VCPUS 8192

static void apply_vcpus(Node *to, const char *key, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    unsigned n_bits = (unsigned)MAX(to->writer->config->b_info.max_vcpus, MAX_VCPUS);

    libxl_bitmap_dispose(&to->node->vcpus);
    vx_libxl_bitmap_alloc(&to->node->vcpus, n_bits);
    for (char **word = words; *word; word++) {
        guint64 first, last;
        const char *rest;

        if (!vx_libxl_parse_number(g_strstrip(*word), 10, &first, &rest)) {
            report(to->writer, key, text);
            return;
        }
        last = first;
        if (*rest == '-' && !vx_libxl_parse_number(rest + 1, 10, &last, NULL))
            report(to->writer, key, text);
        for (guint64 vcpu = first; vcpu <= last && vcpu < n_bits; vcpu++, to->n_vcpus++)
            libxl_bitmap_set(&to->node->vcpus, (int)vcpu);
    }
}

static void apply_distances(Node *to, const char *key, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);

    for (int i = 0; words[i]; i++) {
        guint64 distance;

        if (i < to->node->num_distances && vx_libxl_parse_number(g_strstrip(words[i]), 10, &distance, NULL))
            to->node->distances[i] = (uint32_t)distance;
        else
            report(to->writer, key, text);
    }
}

static void apply_option(Node *to, const char *text)
{
    static const struct {
        const char *key;
        void (*apply)(Node *to, const char *key, const char *text);
    } keys[] = {{"pnode", apply_pnode}, {"size", apply_size}, {"vcpus", apply_vcpus}, {"vdistances", apply_distances}};
    g_auto(GStrv) pair = g_strsplit(text, "=", 2);

    for (unsigned i = 0; pair[0] && pair[1] && i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(g_strstrip(pair[0]), keys[i].key) == 0)
            keys[i].apply(to, keys[i].key, g_strstrip(pair[1]));
    }
}

static void apply_node(Node *to, const VxXlcfgValue *value, guint32 n_nodes)
{
    libxl_vnode_info_init(to->node);
    to->node->distances = vx_libxl_array(n_nodes, sizeof(*to->node->distances));
    to->node->num_distances = (int)n_nodes;
    for (guint32 i = 0; value->kind == VX_XLCFG_LIST && i < value->length; i++) {
        if (vx_xlcfg_value_string(&value->items[i]))
            apply_option(to, value->items[i].string);
    }
}

/* The nodes say how large the guest is; what else says so has to say the same. */
VX_LIBXL_APPLY(vnuma)
{
    libxl_domain_build_info *info = &writer->config->b_info;
    Node to = {.writer = writer};
    guint64 memory_kib = 0;

    (void)row;
    if (value->kind != VX_XLCFG_LIST || value->length == 0)
        return;
    info->vnuma_nodes = vx_libxl_array(value->length, sizeof(*info->vnuma_nodes));
    info->num_vnuma_nodes = (int)value->length;
    for (guint32 i = 0; i < value->length; i++) {
        to.node = &info->vnuma_nodes[i];
        apply_node(&to, &value->items[i], value->length);
        memory_kib += to.node->memkb;
    }
    if (info->max_vcpus != 0 && (guint64)info->max_vcpus != to.n_vcpus)
        vx_diag_wrong(writer->diag, writer->place,
                      "the NUMA nodes have %" G_GUINT64_FORMAT " CPUs and the guest has %d", to.n_vcpus,
                      info->max_vcpus);
    if (info->max_memkb != LIBXL_MEMKB_DEFAULT && info->max_memkb != memory_kib)
        vx_diag_wrong(writer->diag, writer->place,
                      "the NUMA nodes have %" G_GUINT64_FORMAT " KiB and the guest has "
                      "%" G_GUINT64_FORMAT,
                      memory_kib, (guint64)info->max_memkb);
    info->max_vcpus = (int)to.n_vcpus;
    info->max_memkb = memory_kib;
}

/* ---- from JSON ---- */

static void add_number(VxXlcfgList *list, const char *key, gint64 number)
{
    g_autofree char *text = g_strdup_printf("%s=%" G_GINT64_FORMAT, key, number);

    vx_xlcfg_list_add_string(list, text);
}

static void add_numbers(VxXlcfgList *list, const char *key, json_object *numbers)
{
    g_autoptr(GString) text = g_string_new(key);

    if (!numbers || json_object_array_length(numbers) == 0)
        return;
    for (unsigned i = 0; i < json_object_array_length(numbers); i++)
        g_string_append_printf(text, "%c%" G_GINT64_FORMAT, i > 0 ? ',' : '=',
                               vx_json_int(json_object_array_get_idx(numbers, i)));
    vx_xlcfg_list_add_string(list, text->str);
}

static void tell_node(VxLibxlReader *reader, VxXlcfgList *list, json_object *node)
{
    vx_xlcfg_list_open(list);
    /* A node that is on no particular one of the host leaves it to libxl to place the guest. */
    if (vx_libxl_find(reader, reader->root, "b_info.numa_placement"))
        add_number(list, "pnode", vx_libxl_find_number(reader, node, "pnode", 0));
    add_number(list, "size", vx_libxl_find_number(reader, node, "memkb", 0) / KIB_PER_MIB);
    add_numbers(list, "vcpus", vx_libxl_find_list(reader, node, "vcpus"));
    add_numbers(list, "vdistances", vx_libxl_find_list(reader, node, "distances"));
    vx_xlcfg_list_close(list);
}

VX_LIBXL_TELL(vnuma)
{
    json_object *nodes = vx_libxl_find_list(reader, reader->root, "b_info.vnuma_nodes");
    VxXlcfgList list;

    if (!nodes || json_object_array_length(nodes) == 0)
        return;
    vx_xlcfg_list_begin(&list, reader->out, row->key);
    for (unsigned i = 0; i < json_object_array_length(nodes); i++) {
        json_object *node = json_object_array_get_idx(nodes, i);

        if (json_object_is_type(node, json_type_object))
            tell_node(reader, &list, node);
    }
    vx_xlcfg_list_end(&list);
}
