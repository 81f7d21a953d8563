/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/native.h"

#include <string.h>

#include "conf/domain_xml.h"
#include "driver/change.h"
#include "driver/complete.h"
#include "util/vx_error.h"
#include "xlcfg/xlcfg.h"

static bool find_dialect(const char *format, VxXlcfgDialect *dialect, GError **error)
{
    *dialect = strcmp(format, "xen-xm") == 0 ? VX_XLCFG_XM : VX_XLCFG_XL;
    if (strcmp(format, "xen-xl") != 0 && strcmp(format, "xen-xm") != 0)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "'%s' is no format that is known here: write xen-xl or xen-xm",
                       format);
    return true;
}

char *vx_xml_from_native(VxDriver *driver, const char *format, const char *config, unsigned flags, GError **error)
{
    gsize length = strlen(config);
    g_autoptr(VxDiag) diag = vx_diag_new("xl.cfg", config, length, VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) def = NULL;
    VxXlcfgDialect dialect;

    (void)driver;
    if (!vx_check_flags(flags, 0, "virConnectDomainXMLFromNative", error) || !find_dialect(format, &dialect, error))
        return NULL;
    def = vx_xlcfg_parse_as(dialect, config, length, diag);
    if (!def || vx_diag_n_errors(diag) > 0) {
        g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_CONF_SYNTAX));
        return NULL;
    }
    return vx_domain_def_format(def, VX_WRITE_SECRETS, NULL);
}

char *vx_xml_to_native(VxDriver *driver, const char *format, const char *xml, unsigned flags, GError **error)
{
    gsize length = strlen(xml);
    VxXlcfgOptions options = {.channel_dir = driver->config.channel_folder,
                              .refuse_virtio_channels = driver->config.virtio_channels == VX_VIRTIO_CHANNELS_REFUSE,
                              .map_virtio_channels_silently = true};
    g_autoptr(VxDiag) diag = vx_diag_new("domain XML", xml, length, VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) def = NULL;
    g_autofree char *config = NULL;

    if (!vx_check_flags(flags, 0, "virConnectDomainXMLToNative", error) ||
        !find_dialect(format, &options.dialect, error))
        return NULL;
    def = vx_complete_xml(driver, xml, 0, error);
    if (!def)
        return NULL;
    config = vx_xlcfg_format(def, &options, diag);
    if (vx_diag_n_errors(diag) > 0) {
        g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_CONFIG_UNSUPPORTED));
        return NULL;
    }
    return g_steal_pointer(&config);
}
