/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The way back: libxl's JSON of a domain becomes settings by the rows of the table, and these a definition by the
 * option table. What no row has asked for is reported.
 */
#include "libxl/libxl_definition.h"

#include <string.h>

#include "libxl/libxl_groups.h"

/* ---- what is left over ---- */

/* What xl says of every guest, or libxl fills in, and a definition has no need to say. */
static const char *const unsaid[] = {
    "c_info.run_hotplug_scripts",
    "b_info.claim_mode",
    "b_info.numa_placement",
    "c_info.domid",
    "b_info.type.hvm.ms_vm_genid",
    "b_info.device_model_ssidref",
    "b_info.exec_ssidref",
    "c_info.ssidref",
    "c_info.poolid",
    "b_info.iommu_memkb",
    "backend_domid",
};

static bool is_unsaid(const char *path)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(unsaid); i++) {
        if (strcmp(path, unsaid[i]) == 0 || (!strchr(unsaid[i], '.') && g_str_has_suffix(path, unsaid[i])))
            return true;
    }
    return false;
}

static void report_left(VxLibxlReader *reader, json_object *node, const char *path);

static void report_members(VxLibxlReader *reader, json_object *object, const char *path)
{
    json_object_object_foreach(object, name, member)
    {
        g_autofree char *below = path ? g_strconcat(path, ".", name, NULL) : g_strdup(name);

        report_left(reader, member, below);
    }
}

static void report_elements(VxLibxlReader *reader, json_object *array, const char *path)
{
    for (unsigned i = 0; i < json_object_array_length(array); i++) {
        json_object *element = json_object_array_get_idx(array, i);
        g_autofree char *below = g_strdup_printf("%s[%u]", path, i);

        if (json_object_is_type(element, json_type_object))
            report_left(reader, element, below);
    }
}

/* Reports the values at and below NODE that nobody has asked for. An empty group says nothing. */
static void report_left(VxLibxlReader *reader, json_object *node, const char *path)
{
    bool is_list = json_object_is_type(node, json_type_array);

    if (json_object_is_type(node, json_type_object))
        report_members(reader, node, path);
    else if (is_list && g_hash_table_contains(reader->seen, node))
        report_elements(reader, node, path);
    else if (is_list && json_object_array_length(node) == 0)
        return;
    else if (node && !g_hash_table_contains(reader->seen, node) && !is_unsaid(path))
        vx_diag_warn(reader->diag, VX_NO_PLACE, "%s is left out: a definition cannot say it", path);
}

/* ---- the walk ---- */

/* What xl.cfg can only say in MiB, and the definition exactly. */
static const struct {
    const char *path;
    gsize offset; /* of the VxNumber */
} exact_kib[] = {
    {"b_info.max_memkb", offsetof(VxDomainDef, memory_kib)},
    {"b_info.target_memkb", offsetof(VxDomainDef, current_memory_kib)},
};

static bool is_exact(const char *path)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(exact_kib); i++) {
        if (strcmp(exact_kib[i].path, path) == 0)
            return true;
    }
    return false;
}

static void warn_of_rounding(VxLibxlReader *reader, const VxLibxlRow *row, const char *mib)
{
    gint64 kib = vx_libxl_find_number(reader, reader->root, row->path, 0);

    if (kib % 1024 != 0 && !is_exact(row->path))
        vx_diag_warn(reader->diag, VX_NO_PLACE, "%s is %" G_GINT64_FORMAT " KiB, which is rounded up to %s MiB",
                     row->path, kib, mib);
}

static void tell_row(VxLibxlReader *reader, const VxLibxlRow *row)
{
    g_autofree char *text = NULL;

    if (row->guests && !(row->guests & VX_XL_FOR(reader->guest)))
        return;
    if (row->tell)
        row->tell(reader, row);
    else if (row->type)
        text = vx_libxl_get(reader, row, reader->root);
    if (text && row->type == &vx_libxl_mib)
        warn_of_rounding(reader, row, text);
    if (text && row->type->is_number)
        vx_xlcfg_print_int(reader->out, row->key, g_ascii_strtoll(text, NULL, 10));
    else if (text)
        vx_xlcfg_print_string(reader->out, row->key, text);
}

static void set_exact_memory(VxLibxlReader *reader, VxDomainDef *def)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(exact_kib); i++) {
        gint64 kib = vx_libxl_find_number(reader, reader->root, exact_kib[i].path, -1);

        if (kib >= 0)
            *(VxNumber *)((char *)def + exact_kib[i].offset) = VX_NUMBER(kib);
    }
}

/* The definition that the settings TEXT say. Its places are in the settings, which nobody has seen. */
static VxDomainDef *read_settings(VxLibxlReader *reader, const char *text)
{
    gsize length = strlen(text);
    g_autoptr(VxDiag) diag = vx_diag_new("libxl", text, length, 0);
    VxDomainDef *def = vx_xlcfg_parse(text, length, diag);
    g_autoptr(GError) error = vx_diag_to_error(diag, 0);

    if (error)
        vx_diag_wrong(reader->diag, VX_NO_PLACE, "%s", error->message);
    if (def)
        set_exact_memory(reader, def);
    return def;
}

static VxGuestType find_guest_type(VxLibxlReader *reader)
{
    const char *word = vx_libxl_find_string(reader, reader->root, "c_info.type");
    int guest = word ? vx_enum_from_text(&vx_guest_types, word) : 0;

    if (guest == 0)
        vx_diag_wrong(reader->diag, VX_NO_PLACE, "c_info.type is '%.60s': it should be pv, pvh or hvm",
                      word ? word : "");
    return guest;
}

VxDomainDef *vx_libxl_definition_from_json(json_object *root, VxDiag *diag)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    VxLibxlReader reader = {.root = root, .out = out, .seen = seen, .diag = diag};
    VxDomainDef *def;

    reader.guest = find_guest_type(&reader);
    if (!reader.guest)
        return NULL;
    for (unsigned i = 0; i < vx_libxl_n_rows; i++)
        tell_row(&reader, &vx_libxl_rows[i]);
    def = read_settings(&reader, out->str);
    report_members(&reader, root, NULL);
    return def;
}
