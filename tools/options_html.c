/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl options --html: the reference page of the options.
 */
#include <stdio.h>

#include "options.h"

static void print_cell(const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text ? text : "", -1);

    printf("<td>%s</td>", escaped);
}

static void print_row(const VxXlOption *option)
{
    g_autofree char *guests = option_guests(option);
    g_autofree char *fate = option_fate(option);
    g_autofree char *values = option_values(option);
    g_autofree char *value = g_strdup_printf("%s%s%s", option_type(option), values ? ": " : "", values ? values : "");

    printf("<tr id='%s'><td><code>%s</code></td>", option->key, option->key);
    print_cell(option->doc);
    print_cell(value);
    print_cell(guests);
    print_cell(fate);
    print_cell(option->since);
    puts("</tr>");
}

/* Well-formed as XML, too, so that any parser can check it. */
void print_options_html(void)
{
    puts("<!DOCTYPE html>\n"
         "<html lang='en'>\n<head>\n<meta charset='utf-8'/>\n"
         "<meta name='viewport' content='width=device-width, initial-scale=1'/>\n"
         "<title>virtxl: options of xl.cfg</title>\n<link rel='stylesheet' href='virtxl.css'/>\n</head>\n"
         "<body class='wide'>\n<h1>Options of xl.cfg and what becomes of them</h1>\n"
         "<p>An option either has an element of <a href='formatdomain.html'>domain XML</a>, or is <em>carried</em>: "
         "kept "
         "under its own name in <code>&lt;virtxl:xl&gt;</code>, so that the way back restores it.</p>\n"
         "<table>\n"
         "<tr><th>Option</th><th>What for</th><th>Value</th><th>Guests</th><th>Becomes</th><th>Since Xen</th></tr>");
    for (unsigned i = 0; i < vx_xl_n_options; i++)
        print_row(&vx_xl_options[i]);
    puts("</table>\n</body>\n</html>");
}
