/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How the guest boots: kernel, ramdisk, the command line in its three spellings, bootloader, boot order.
 */
#include <string.h>

#include "xlcfg/xlcfg_groups.h"

/* ---- cmdline; root and extra, from which older files have xl put it together ---- */

static void read_command_line(VxXlReader *reader)
{
    const char *cmdline = vx_xl_string(reader, "cmdline");
    const char *root = vx_xl_string(reader, "root");
    const char *extra = vx_xl_string(reader, "extra");
    char **slot = &reader->def->os.cmdline;

    if (cmdline) {
        if (root || extra)
            vx_diag_warn(reader->diag, vx_xl_place(reader, root ? "root" : "extra"),
                         "%s is left out: xl takes no notice of it beside cmdline", root ? "root" : "extra");
        *slot = g_strdup(cmdline);
    } else if (root) {
        *slot = g_strdup_printf("root=%s%s%s", root, extra ? " " : "", extra ? extra : "");
    } else {
        *slot = g_strdup(extra);
    }
}

static void write_command_line(VxXlWriter *writer)
{
    vx_xl_write_string(writer, "cmdline", writer->def->os.cmdline);
}

const VxXlGroup vx_xl_command_line = {.name = "cmdline", .read = read_command_line, .write = write_command_line};
