/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The parts of `virtxl options`.
 */
#pragma once

#include "virtxl.h"
#include "xlcfg/xlcfg_options.h"

/* Words for a row of the option table. The caller frees what is not const. */
char *option_guests(const VxXlOption *option); /* "pv hvm" */
const char *option_type(const VxXlOption *option);
char *option_fate(const VxXlOption *option);
char *option_values(const VxXlOption *option); /* NULL if the type says it all */

/* Prints the reference page. */
void print_options_html(void);

/* Where Debian keeps xl.cfg(5). */
#define MANUAL "/usr/share/man/man5/xl.cfg.5.gz"

/* Prints what options the manual PATH (troff, compressed if the name ends in .gz) has and the table lacks. */
ExitStatus check_options(const char *path);
