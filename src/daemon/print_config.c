/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Prints the virtxld.conf that is shipped. Run by the build.
 */
#include "daemon/daemon_config.h"

int main(void)
{
    g_autoptr(GString) text = g_string_new(NULL);

    vx_daemon_config_write_example(text);
    return fputs(text->str, stdout) < 0;
}
