/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "convert.h"

#include <string.h>

#include "conf/domain_defaults.h"
#include "conf/domain_validate.h"
#include "conf/domain_xml.h"

Language tell_language(const char *text, gsize length)
{
    gsize i = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; /* a byte order mark */

    while (i < length && g_ascii_isspace(text[i]))
        i++;
    return i < length && text[i] == '<' ? LANGUAGE_XML : LANGUAGE_XL;
}

/* By its byte order mark, which no other text begins with. */
bool refuse_utf16(const char *text, gsize length, VxDiag *diag)
{
    bool is_utf16 = length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);

    if (is_utf16)
        vx_diag_wrong(diag, 1, "the file is in UTF-16: store it in UTF-8");
    return is_utf16;
}

VxDomainDef *read_definition(Language language, VxXlcfgDialect dialect, const char *text, gsize length, VxDiag *diag)
{
    VxDomainDef *def;

    if (language == LANGUAGE_XL)
        return vx_xlcfg_parse_as(dialect, text, length, diag);
    def = vx_domain_def_parse(text, length, 0, diag);
    if (!def)
        return NULL;
    vx_domain_def_add_defaults(def);
    vx_domain_def_validate(def, diag);
    return def;
}

char *write_definition(const VxDomainDef *def, Language language, const VxXlcfgOptions *options, VxDiag *diag)
{
    char *text;

    if (language == LANGUAGE_XML)
        return vx_domain_def_format(def, VX_WRITE_SECRETS, NULL);
    text = vx_xlcfg_format(def, options, diag);
    if (vx_diag_n_errors(diag) == 0)
        vx_xlcfg_report_losses(def, options->dialect, text, diag);
    return text;
}
