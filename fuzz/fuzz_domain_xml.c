/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Any text as domain XML: written again it is read to the same definition, and so it is by way of an xl.cfg that was
 * written of it and read once.
 */
#include <stdint.h>

#include "conf/domain_validate.h"
#include "conf/domain_xml.h"
#include "fuzz_rounds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size > 0 ? (const char *)data : "";
    g_autoptr(VxDiag) diag = vx_diag_new("text", text, size, 0);
    g_autoptr(VxDomainDef) def = vx_domain_def_parse(text, size, 0, diag);

    if (def)
        vx_domain_def_validate(def, diag);
    show_problems(diag);
    if (!def || vx_diag_n_errors(diag) > 0)
        return 0;
    round_through_xml(def);
    round_through_xl(def, false);
    return 0;
}
