/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * gen-docs schema: prints docs/schemas/domain.rng. gen-docs reference: prints the HTML of the element reference. Used by
 * the build only.
 */
#include <stdio.h>
#include <string.h>

#include "conf/domain_def.h"

int main(int argc, char **argv)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (argc == 2 && strcmp(argv[1], "schema") == 0)
        vx_fields_schema(&vx_domain_element, out);
    else if (argc == 2 && strcmp(argv[1], "reference") == 0)
        vx_fields_reference(&vx_domain_element, out);
    else
        return 2;
    fputs(out->str, stdout);
    return 0;
}
