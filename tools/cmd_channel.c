/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl channel: a program of its own, virtxl-channel, beside this one or in PATH.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "virtxl.h"

ExitStatus run_channel(int argc, char **argv)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;
    g_autofree char *beside = folder ? g_build_filename(folder, "virtxl-channel", NULL) : NULL;

    (void)argc;
    if (beside)
        execv(beside, argv);
    execvp("virtxl-channel", argv);
    return complain(EXIT_IO, "cannot run virtxl-channel: %s", g_strerror(errno));
}
