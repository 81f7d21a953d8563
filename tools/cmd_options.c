/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl options: what becomes of each option of xl.cfg.
 */
#include <stdio.h>

#include "virtxl.h"
#include "xlcfg/xlcfg_options.h"

ExitStatus run_options(int argc, char **argv)
{
    ExitStatus status = EXIT_GOOD;

    if (!parse_options(find_command("options"), NULL, NULL, &argc, &argv, &status))
        return status;
    for (unsigned i = 0; i < vx_xl_n_options; i++)
        printf("%-24s %s\n", vx_xl_options[i].key, vx_xl_options[i].doc);
    return EXIT_GOOD;
}
