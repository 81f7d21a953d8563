/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Any text as an xl.cfg: what is made of it is said without loss by domain XML, and by an xl.cfg where one can be written.
 */
#include <stdint.h>

#include "fuzz_rounds.h"
#include "xlcfg/xlcfg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = size > 0 ? (const char *)data : "";
    g_autoptr(VxDiag) diag = vx_diag_new("text", text, size, 0);
    g_autoptr(VxDomainDef) def = vx_xlcfg_parse(text, size, diag);

    show_problems(diag);
    if (!def || vx_diag_n_errors(diag) > 0)
        return 0;
    round_through_xml(def);
    round_through_xl(def, true);
    return 0;
}
