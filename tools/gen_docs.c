/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * gen-docs schema: prints docs/schemas/domain.rng. gen-docs reference: prints the HTML of the element reference.
 * gen-docs page FILE: prints FILE with its markers replaced. Used by the build only.
 */
#include <stdio.h>
#include <string.h>

#include "conf/domain_def.h"
#include "config.h"

static void append_version(GString *out)
{
    g_string_append(out, VIRTXL_VERSION);
}

static void append_schema(GString *out)
{
    vx_fields_schema(&vx_domain_element, out);
}

static void append_reference(GString *out)
{
    vx_fields_reference(&vx_domain_element, out);
}

static const struct {
    const char *marker;
    void (*append)(GString *out);
} markers[] = {
    {"@VERSION@", append_version},
    {"@REFERENCE@", append_reference},
};

static void append_page(const char *text, GString *out)
{
    while (*text) {
        unsigned i = 0;

        while (i < G_N_ELEMENTS(markers) && !g_str_has_prefix(text, markers[i].marker))
            i++;
        if (i < G_N_ELEMENTS(markers)) {
            markers[i].append(out);
            text += strlen(markers[i].marker);
        } else {
            g_string_append_c(out, *text++);
        }
    }
}

static int print_page(const char *path, GString *out)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    if (!g_file_get_contents(path, &text, NULL, &error)) {
        fprintf(stderr, "gen-docs: %s\n", error->message);
        return 1;
    }
    append_page(text, out);
    return 0;
}

int main(int argc, char **argv)
{
    g_autoptr(GString) out = g_string_new(NULL);
    int status = 0;

    if (argc == 2 && strcmp(argv[1], "schema") == 0)
        append_schema(out);
    else if (argc == 2 && strcmp(argv[1], "reference") == 0)
        append_reference(out);
    else if (argc == 3 && strcmp(argv[1], "page") == 0)
        status = print_page(argv[2], out);
    else
        status = 2;
    fputs(out->str, stdout);
    return status;
}
