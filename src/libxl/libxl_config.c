/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_config.h"

#include <string.h>

#include "libxl/libxl_groups.h"

static const libxl_domain_type types[] = {
    [VX_GUEST_PV] = LIBXL_DOMAIN_TYPE_PV,
    [VX_GUEST_PVH] = LIBXL_DOMAIN_TYPE_PVH,
    [VX_GUEST_HVM] = LIBXL_DOMAIN_TYPE_HVM,
};

/* What xl says for every guest, with its own settings (xl.conf(5)) at their defaults. */
static void begin(VxLibxlWriter *writer)
{
    libxl_domain_config *config = writer->config;

    libxl_domain_config_init(config);
    config->c_info.type = types[writer->guest];
    libxl_domain_build_info_init_type(&config->b_info, config->c_info.type);
    libxl_uuid_generate(&config->c_info.uuid);
    libxl_defbool_set(&config->c_info.run_hotplug_scripts, true);
    libxl_defbool_set(&config->b_info.claim_mode, true);
    config->on_reboot = LIBXL_ACTION_ON_SHUTDOWN_RESTART;
    config->on_soft_reset = LIBXL_ACTION_ON_SHUTDOWN_SOFT_RESET;
}

/* Where KEY stands in the source: carried options know it. */
static VxPlace place_of(const VxLibxlWriter *writer, const char *key)
{
    const VxOption *carried = vx_options_find(writer->def->options, key);

    return carried ? carried->object.place : writer->def->object.place;
}

static void apply_row(VxLibxlWriter *writer, const VxLibxlRow *row, const VxXlcfgValue *value)
{
    writer->place = place_of(writer, row->key);
    if (row->since) {
        vx_diag_warn(writer->diag, writer->place, "%s is left out: it came with Xen %s, and %s", row->key, row->since,
                     row->nothing);
        return;
    }
    if (row->guests && !(row->guests & VX_XL_FOR(writer->guest)))
        return;
    if (row->apply)
        row->apply(writer, row, value);
    else if (row->type && vx_xlcfg_value_string(value))
        vx_libxl_set(writer, row, vx_xlcfg_value_string(value), writer->config);
}

/* xl takes what is not said of the most memory from what is said of the memory at the start. */
static void complete(VxLibxlWriter *writer)
{
    libxl_domain_build_info *info = &writer->config->b_info;

    if (info->max_memkb == LIBXL_MEMKB_DEFAULT)
        info->max_memkb = info->target_memkb;
    vx_libxl_add_vfb_of_vnc(writer);
}

/* What xl.cfg can only say in MiB. */
static void set_exact_memory(VxLibxlWriter *writer)
{
    libxl_domain_build_info *info = &writer->config->b_info;
    const VxDomainDef *def = writer->def;

    if (def->memory_kib.given && info->num_vnuma_nodes == 0)
        info->max_memkb = (uint64_t)def->memory_kib.value;
    if (def->current_memory_kib.given)
        info->target_memkb = (uint64_t)def->current_memory_kib.value;
}

static void apply_settings(VxLibxlWriter *writer)
{
    for (unsigned i = 0; i < vx_libxl_n_rows; i++) {
        const VxXlcfgValue *value = vx_libxl_setting(writer, vx_libxl_rows[i].key);

        if (value)
            apply_row(writer, &vx_libxl_rows[i], value);
    }
    complete(writer);
    set_exact_memory(writer);
}

void vx_libxl_config_init(libxl_domain_config *config, const VxDomainDef *def, const VxXlcfgOptions *options,
                          const VxLibxlHost *host, VxDiag *diag)
{
    VxLibxlWriter writer = {
        .config = config, .def = def, .host = host, .guest = vx_domain_def_guest_type(def), .diag = diag};
    VxXlcfgOptions exact = *options;
    g_autofree char *text = NULL;
    g_autoptr(VxXlcfgTree) settings = NULL;

    exact.for_libxl = true;
    begin(&writer);
    text = vx_xlcfg_format(def, &exact, diag);
    if (vx_diag_n_errors(diag) > 0)
        return;
    writer.settings = settings = vx_xlcfg_tree_parse(text, strlen(text), diag);
    if (settings)
        apply_settings(&writer);
}

void vx_libxl_config_clear(libxl_domain_config *config)
{
    libxl_domain_config_dispose(config);
}
