/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Irregular rows of HVM guests: firmware, Viridian, SMBIOS and its like.
 */
#include <string.h>

#include "libxl/libxl_groups.h"
#include "xlcfg/xlcfg_pairs.h"

static bool begins(const char *whole, const char *word)
{
    return strncmp(word, whole, strlen(word)) == 0;
}

/* ---- firmware: "bios", "uefi", a kind of BIOS, a path; for PV and PVH a kernel of Xen's own ---- */

static void apply_hvm_firmware(VxLibxlWriter *writer, const char *word)
{
    typeof(&writer->config->b_info.u.hvm) hvm = &writer->config->b_info.u.hvm;

    if (libxl_bios_type_from_string(word, &hvm->bios) == 0)
        return;
    if (begins("uefi", word))
        hvm->bios = LIBXL_BIOS_TYPE_OVMF;
    else if (!begins("bios", word))
        vx_libxl_replace(&hvm->firmware, word);
}

VX_LIBXL_APPLY(firmware)
{
    const char *word = vx_xlcfg_value_string(value);
    g_autofree char *path = NULL;

    (void)row;
    if (!word)
        return;
    if (writer->guest == VX_GUEST_HVM) {
        apply_hvm_firmware(writer, word);
        return;
    }
    path = g_strdup_printf("%s/%s.bin", XEN_FIRMWARE_DIR, word);
    vx_libxl_replace(&writer->config->b_info.kernel, path);
}

VX_LIBXL_TELL(firmware)
{
    (void)reader, (void)row; /* bios, firmware_override and kernel say as much */
}

/* ---- viridian: a number, or a list of enlightenments ---- */

static void apply_enlightenment(VxLibxlWriter *writer, const char *word)
{
    typeof(&writer->config->b_info.u.hvm) hvm = &writer->config->b_info.u.hvm;
    bool enable = *word != '!';
    libxl_viridian_enlightenment bit;

    if (strcmp(word, "all") == 0) {
        libxl_bitmap_set_any(&hvm->viridian_enable);
    } else if (strcmp(word, "defaults") == 0) {
        libxl_defbool_set(&hvm->viridian, true);
    } else if (libxl_viridian_enlightenment_from_string(word + !enable, &bit) == 0) {
        libxl_bitmap_set(enable ? &hvm->viridian_enable : &hvm->viridian_disable, (int)bit);
        libxl_bitmap_reset(enable ? &hvm->viridian_disable : &hvm->viridian_enable, (int)bit);
    } else {
        vx_diag_wrong(writer->diag, writer->place, "viridian has '%.60s', which libxl does not know", word);
    }
}

VX_LIBXL_APPLY(viridian)
{
    typeof(&writer->config->b_info.u.hvm) hvm = &writer->config->b_info.u.hvm;

    if (value->kind != VX_XLCFG_LIST) {
        libxl_defbool_set(&hvm->viridian, vx_libxl_number(writer, row->key, 0) != 0);
        return;
    }
    if (value->length == 0)
        return;
    vx_libxl_bitmap_alloc(&hvm->viridian_enable, LIBXL_BUILDINFO_HVM_VIRIDIAN_ENABLE_DISABLE_WIDTH);
    vx_libxl_bitmap_alloc(&hvm->viridian_disable, LIBXL_BUILDINFO_HVM_VIRIDIAN_ENABLE_DISABLE_WIDTH);
    for (guint32 i = 0; i < value->length; i++) {
        if (vx_xlcfg_value_string(&value->items[i]))
            apply_enlightenment(writer, value->items[i].string);
    }
}

static void tell_enlightenments(VxXlcfgList *list, const char *sign, json_object *bits)
{
    for (unsigned i = 0; bits && i < json_object_array_length(bits); i++) {
        const char *name = libxl_viridian_enlightenment_to_string((int)vx_json_int(json_object_array_get_idx(bits, i)));
        g_autofree char *word = name ? g_strconcat(sign, name, NULL) : NULL;

        if (word)
            vx_xlcfg_list_add_string(list, word);
    }
}

/* Whether BITS has one that is no enlightenment (yet): only "all" sets such bits. */
static bool has_nameless(json_object *bits)
{
    for (unsigned i = 0; i < json_object_array_length(bits); i++) {
        if (!libxl_viridian_enlightenment_to_string((int)vx_json_int(json_object_array_get_idx(bits, i))))
            return true;
    }
    return false;
}

VX_LIBXL_TELL(viridian)
{
    json_object *enable = vx_libxl_find_list(reader, reader->root, "b_info.u.hvm.viridian_enable");
    json_object *disable = vx_libxl_find_list(reader, reader->root, "b_info.u.hvm.viridian_disable");
    const char *defaults = vx_libxl_find_string(reader, reader->root, "b_info.u.hvm.viridian");
    bool is_on = g_strcmp0(defaults, "True") == 0;
    VxXlcfgList list;

    if (!enable && !disable) {
        if (defaults)
            vx_xlcfg_print_int(reader->out, row->key, is_on);
        return;
    }
    vx_xlcfg_list_begin(&list, reader->out, row->key);
    if (is_on)
        vx_xlcfg_list_add_string(&list, "defaults");
    if (enable && has_nameless(enable))
        vx_xlcfg_list_add_string(&list, "all");
    else
        tell_enlightenments(&list, "", enable);
    tell_enlightenments(&list, "!", disable);
    vx_xlcfg_list_end(&list);
}

/* ---- smbios = [ "TYPE=VALUE", ... ] ---- */

#ifdef LIBXL_HAVE_BUILDINFO_HVM_SMBIOS
VX_LIBXL_APPLY(smbios)
{
    typeof(&writer->config->b_info.u.hvm) hvm = &writer->config->b_info.u.hvm;

    (void)row;
    if (value->kind != VX_XLCFG_LIST)
        return;
    hvm->smbios = vx_libxl_array(value->length, sizeof(*hvm->smbios));
    hvm->num_smbios = (int)value->length;
    for (guint32 i = 0; i < value->length; i++) {
        const char *item = vx_xlcfg_value_string(&value->items[i]);
        g_auto(GStrv) pair = g_strsplit(item ? item : "", "=", 2);

        libxl_smbios_init(&hvm->smbios[i]);
        if (!pair[0] || !pair[1] || libxl_smbios_type_from_string(pair[0], &hvm->smbios[i].key) != 0)
            vx_diag_wrong(writer->diag, writer->place, "smbios has '%.60s', which libxl does not know",
                          item ? item : "");
        else
            vx_libxl_replace(&hvm->smbios[i].value, pair[1]);
    }
}

VX_LIBXL_TELL(smbios)
{
    json_object *array = vx_libxl_find_list(reader, reader->root, "b_info.u.hvm.smbios");
    VxXlcfgList list;

    if (!array || json_object_array_length(array) == 0)
        return;
    vx_xlcfg_list_begin(&list, reader->out, row->key);
    for (unsigned i = 0; i < json_object_array_length(array); i++) {
        json_object *entry = json_object_array_get_idx(array, i);
        const char *key = vx_libxl_find_string(reader, entry, "key");
        const char *text = vx_libxl_find_string(reader, entry, "value");
        g_autofree char *item = g_strdup_printf("%s=%s", key ? key : "", text ? text : "");

        vx_xlcfg_list_add_string(&list, item);
    }
    vx_xlcfg_list_end(&list);
}
#endif

/* ---- ms_vm_genid: random, or none; libvirt has a value for it ---- */

VX_LIBXL_APPLY(ms_vm_genid)
{
    libxl_ms_vm_genid *id = &writer->config->b_info.u.hvm.ms_vm_genid;
    libxl_uuid random;

    (void)row;
    if (g_strcmp0(vx_xlcfg_value_string(value), "generate") != 0)
        return;
    libxl_uuid_generate(&random);
    memcpy(id->bytes, libxl_uuid_bytearray(&random), sizeof(id->bytes));
}

VX_LIBXL_TELL(ms_vm_genid)
{
    if (vx_libxl_find_list(reader, reader->root, "b_info.u.hvm.ms_vm_genid"))
        vx_xlcfg_print_string(reader->out, row->key, "generate");
}

/* ---- mca_caps: of all capabilities only one can be asked for ---- */

#define MCA_CAP_LMCE G_GUINT64_CONSTANT(1) /* XEN_HVM_MCA_CAP_LMCE of xen/hvm/params.h, which wants all of xen.h */

VX_LIBXL_APPLY(mca_caps)
{
    (void)row;
    for (guint32 i = 0; value->kind == VX_XLCFG_LIST && i < value->length; i++) {
        const char *word = vx_xlcfg_value_string(&value->items[i]);

        if (g_strcmp0(word, "lmce") == 0)
            writer->config->b_info.u.hvm.mca_caps |= MCA_CAP_LMCE;
        else
            vx_diag_wrong(writer->diag, writer->place, "mca_caps has '%.60s': write lmce", word ? word : "");
    }
}

VX_LIBXL_TELL(mca_caps)
{
    VxXlcfgList list;

    if (!(vx_libxl_find_number(reader, reader->root, "b_info.u.hvm.mca_caps", 0) & MCA_CAP_LMCE))
        return;
    vx_xlcfg_list_begin(&list, reader->out, row->key);
    vx_xlcfg_list_add_string(&list, "lmce");
    vx_xlcfg_list_end(&list);
}

/* ---- rdm = "strategy=host,policy=relaxed" ---- */

VX_LIBXL_APPLY(rdm)
{
    libxl_rdm_reserve *rdm = &writer->config->b_info.u.hvm.rdm;
    g_auto(VxXlcfgPairs) pairs = {0};

    (void)row;
    if (value->kind != VX_XLCFG_STRING)
        return;
    vx_xlcfg_pairs_init(&pairs, value, ',');
    while (vx_xlcfg_pairs_next(&pairs)) {
        const char *text = pairs.pair.value ? pairs.pair.value : "";
        int failed = 1;

        if (strcmp(pairs.pair.key, "strategy") == 0)
            failed = libxl_rdm_reserve_strategy_from_string(text, &rdm->strategy);
        else if (strcmp(pairs.pair.key, "policy") == 0)
            failed = libxl_rdm_reserve_policy_from_string(text, &rdm->policy);
        if (failed)
            vx_diag_warn(writer->diag, writer->place, "rdm has '%.60s=%.60s': xl takes no notice of it", pairs.pair.key,
                         text);
    }
}

VX_LIBXL_TELL(rdm)
{
    const char *strategy = vx_libxl_find_string(reader, reader->root, "b_info.u.hvm.rdm.strategy");
    const char *policy = vx_libxl_find_string(reader, reader->root, "b_info.u.hvm.rdm.policy");
    g_autoptr(GString) text = g_string_new(NULL);

    vx_xlcfg_pairs_add(text, "strategy", strategy);
    vx_xlcfg_pairs_add(text, "policy", policy);
    if (text->len > 0)
        vx_xlcfg_print_string(reader->out, row->key, text->str);
}

/* ---- stdvga, the older spelling of vga ---- */

VX_LIBXL_APPLY(stdvga)
{
    (void)value;
    if (!vx_libxl_setting(writer, "vga"))
        writer->config->b_info.u.hvm.vga.kind =
            vx_libxl_number(writer, row->key, 0) ? LIBXL_VGA_INTERFACE_TYPE_STD : LIBXL_VGA_INTERFACE_TYPE_CIRRUS;
}

/* ---- gfx_passthru: a number, or what kind of device it is ---- */

VX_LIBXL_APPLY(gfx_passthru)
{
    typeof(&writer->config->b_info.u.hvm) hvm = &writer->config->b_info.u.hvm;
    gint64 number = vx_libxl_number(writer, row->key, -1);

    libxl_defbool_set(&hvm->gfx_passthru, number != 0);
    if (number == -1 && libxl_gfx_passthru_kind_from_string(value->string, &hvm->gfx_passthru_kind) != 0)
        vx_diag_wrong(writer->diag, writer->place, "libxl takes no '%.60s' as gfx_passthru", value->string);
}

VX_LIBXL_TELL(gfx_passthru)
{
    const char *on = vx_libxl_find_string(reader, reader->root, "b_info.u.hvm.gfx_passthru");
    const char *kind = vx_libxl_find_string(reader, reader->root, "b_info.u.hvm.gfx_passthru_kind");

    if (kind)
        vx_xlcfg_print_string(reader->out, row->key, kind);
    else if (on)
        vx_xlcfg_print_int(reader->out, row->key, strcmp(on, "True") == 0);
}
