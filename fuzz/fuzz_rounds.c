/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz_rounds.h"

#include <string.h>

#include "conf/domain_xml.h"
#include "xlcfg/xlcfg.h"

void show_problems(VxDiag *diag)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GError) error = vx_diag_to_error(diag, 1);

    vx_diag_format(diag, VX_DIAG_SHOW_SOURCE | VX_DIAG_SHOW_COLOR, out);
    g_assert_true((error != NULL) == (vx_diag_n_errors(diag) > 0));
    if (!g_utf8_validate(out->str, (gssize)out->len, NULL))
        g_error("not UTF-8: %s", out->str);
}

static void report_difference(const char *path, const VxField *field, gpointer data)
{
    (void)field;
    g_string_append_printf(data, " %s", path);
}

static void assert_equal(const VxDomainDef *a, const VxDomainDef *b, const char *text)
{
    g_autoptr(GString) differences = g_string_new(NULL);

    if (!vx_object_compare(&vx_domain_element, a, b, report_difference, differences))
        g_error("differs in%s after it was written as\n%s", differences->str, text);
}

void round_through_xml(const VxDomainDef *def)
{
    gsize length;
    g_autofree char *text = vx_domain_def_format(def, VX_WRITE_SECRETS, &length);
    g_autoptr(VxDiag) diag = vx_diag_new("XML", text, length, 0);
    g_autoptr(VxDomainDef) again = vx_domain_def_parse(text, length, 0, diag);
    g_autoptr(GString) problems = g_string_new(NULL);

    vx_diag_format(diag, 0, problems);
    if (!again || vx_diag_n_errors(diag) > 0)
        g_error("cannot read again what was written: %s%s", problems->str, text);
    assert_equal(def, again, text);
}

/* The definition by way of an xl.cfg; NULL if none can be written, or only one (of a definition that came from XML)
 * that xl will refuse. *TEXT gets the xl.cfg. */
static VxDomainDef *by_way_of_xl(const VxDomainDef *def, bool came_from_xl, char **text)
{
    const VxXlcfgOptions options = {.channel_dir = VX_XLCFG_CHANNEL_DIR};
    g_autoptr(VxDiag) out_diag = vx_diag_new("def", NULL, 0, came_from_xl ? 0 : VX_DIAG_FOR_GUEST);
    g_autoptr(VxDiag) in_diag = NULL;
    g_autoptr(GString) problems = g_string_new(NULL);
    VxDomainDef *again;

    *text = vx_xlcfg_format(def, &options, out_diag);
    if (vx_diag_n_errors(out_diag) > 0)
        return NULL;
    in_diag = vx_diag_new("xl.cfg", *text, strlen(*text), 0);
    again = vx_xlcfg_parse(*text, strlen(*text), in_diag);
    vx_diag_format(in_diag, 0, problems);
    if (!again || vx_diag_n_errors(in_diag) > 0)
        g_error("cannot read again what was written: %s%s", problems->str, *text);
    return again;
}

void round_through_xl(const VxDomainDef *def, bool came_from_xl)
{
    g_autofree char *text = NULL, *text_again = NULL;
    g_autoptr(VxDomainDef) first = by_way_of_xl(def, came_from_xl, &text);
    g_autoptr(VxDomainDef) second = NULL;

    if (!first)
        return;
    if (came_from_xl) {
        assert_equal(def, first, text);
        return;
    }
    second = by_way_of_xl(first, true, &text_again);
    if (!second)
        g_error("cannot write again what was read of\n%s", text);
    assert_equal(first, second, text_again);
}
