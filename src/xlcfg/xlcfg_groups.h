/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The groups of the option table, each in a file of its own.
 */
#pragma once

#include "xlcfg/xlcfg_options.h"

/* xlcfg_type.c */
extern const VxXlGroup vx_xl_type;

/* xlcfg_general.c */
extern const VxXlGroup vx_xl_uuid;
extern const VxXlGroup vx_xl_memory;
extern const VxXlGroup vx_xl_vcpus;
extern const VxXlGroup vx_xl_actions;

/* xlcfg_boot.c */
extern const VxXlGroup vx_xl_command_line;

/* xlcfg_channel.c */
extern const VxXlGroup vx_xl_channels;
