/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A domain XML that rides in its xl.cfg, under a key that xl takes no notice of: so that what xl.cfg has no words for
 * (a title, metadata, the order of devices of different kinds) comes back, too.
 */
#include "xlcfg/xlcfg_keep.h"

#include <string.h>

#include "conf/domain_defaults.h"
#include "conf/domain_xml.h"
#include "xlcfg/xlcfg_print.h"

static const VxXlcfgOptions usual_options = {.channel_dir = VX_XLCFG_CHANNEL_DIR, .map_virtio_channels_silently = true};

void vx_xlcfg_keep_xml(const VxDomainDef *def, GString *out)
{
    g_autofree char *xml = vx_domain_def_format(def, VX_WRITE_SECRETS, NULL);

    vx_xlcfg_print_string(out, VX_XLCFG_KEPT_XML_KEY, xml);
}

/* The definition in XML, NULL if there is none. */
static VxDomainDef *read_kept(const char *xml)
{
    g_autoptr(VxDiag) diag = vx_diag_new("", xml, strlen(xml), VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) def = vx_domain_def_parse(xml, strlen(xml), 0, diag);

    if (!def || vx_diag_n_errors(diag) > 0)
        return NULL;
    vx_domain_def_add_defaults(def);
    return g_steal_pointer(&def);
}

/* Whether the xl.cfg of KEPT says what DEF says. */
static bool says_the_same(const VxDomainDef *kept, const VxDomainDef *def)
{
    g_autoptr(VxDiag) writing = vx_diag_new("", NULL, 0, VX_DIAG_QUIET);
    g_autofree char *text = vx_xlcfg_format(kept, &usual_options, writing);
    g_autoptr(VxDiag) reading = vx_diag_new("", text, strlen(text), VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) again = vx_xlcfg_parse(text, strlen(text), reading);

    return again && vx_diag_n_errors(writing) == 0 && vx_object_compare(&vx_domain_element, def, again, NULL, NULL);
}

VxDomainDef *vx_xlcfg_take_kept_xml(const VxDomainDef *def, const char *xml)
{
    g_autoptr(VxDomainDef) kept = read_kept(xml);

    return kept && says_the_same(kept, def) ? g_steal_pointer(&kept) : NULL;
}
