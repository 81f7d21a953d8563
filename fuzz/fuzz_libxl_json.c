/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Any text as libxl's JSON of a guest: if it is one, the definition comes back through domain XML, and libxl's structure
 * can be made of it.
 */
#include <stdint.h>

#include "fuzz_rounds.h"
#include "libxl/libxl_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const VxXlcfgOptions options = {.channel_dir = VX_XLCFG_CHANNEL_DIR, .for_libxl = true};
    static const VxLibxlHost host = {.n_cpus = 16, .n_nodes = 2};
    const char *text = size > 0 ? (const char *)data : "";
    g_autoptr(VxDiag) diag = vx_diag_new("text", text, size, 0);
    g_autoptr(VxDomainDef) def = vx_libxl_json_parse(text, size, diag);
    g_autoptr(VxDiag) again = vx_diag_new("again", NULL, 0, 0);
    g_autofree char *json = NULL;

    show_problems(diag);
    if (!def || vx_diag_n_errors(diag) > 0)
        return 0;
    round_through_xml(def);
    json = vx_libxl_json_format(def, &options, &host, again);
    return 0;
}
