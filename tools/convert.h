/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The conversions of virtxl, from text to text. Any thread.
 */
#pragma once

#include <glib.h>

#include "conf/domain_def.h"
#include "util/vx_diag.h"
#include "xlcfg/xlcfg.h"

typedef enum { LANGUAGE_XL, LANGUAGE_XML } Language;

/* The language that TEXT is in, told by its first letter that is no blank: only XML begins with '<'. */
Language tell_language(const char *text, gsize length);

/* Whether TEXT is in UTF-16, which then goes to DIAG: everything else in it would look like a slip. */
bool refuse_utf16(const char *text, gsize length, VxDiag *diag);

/* The definition that TEXT, in LANGUAGE (and DIALECT, if it is no XML), gives. Problems go to DIAG; NULL, or not to be used, when it has errors. */
VxDomainDef *read_definition(Language language, VxXlcfgDialect dialect, const char *text, gsize length, VxDiag *diag);

/* DEF in LANGUAGE. Problems go to DIAG; not to be used when it has errors. The caller frees it. */
char *write_definition(const VxDomainDef *def, Language language, const VxXlcfgOptions *options, VxDiag *diag);
