/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Any text as an entry of the list `channel`.
 */
#include <stdint.h>

#include "fuzz_rounds.h"
#include "xlcfg/xlcfg.h"
#include "xlcfg/xlcfg_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *entry = g_strndup((const char *)data, size);
    g_autoptr(GString) text = g_string_new("name=\"fuzz\"\nmemory=1\nkernel=\"/k\"\n");
    g_autoptr(VxDiag) diag = NULL;
    g_autoptr(VxDomainDef) def = NULL;
    VxXlcfgList list;

    vx_xlcfg_list_begin(&list, text, "channel");
    vx_xlcfg_list_add_string(&list, entry);
    vx_xlcfg_list_end(&list);
    diag = vx_diag_new("text", text->str, text->len, 0);
    def = vx_xlcfg_parse(text->str, text->len, diag);
    g_assert_nonnull(def);
    show_problems(diag);
    if (vx_diag_n_errors(diag) > 0)
        return 0;
    round_through_xml(def);
    round_through_xl(def, true);
    return 0;
}
