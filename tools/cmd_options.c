/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl options: what becomes of each option of xl.cfg. Which of them there are says the option table; how they are
 * shown say the formats here and in options_html.c.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>

#include "virtxl.h"

/* ---- the words for a row ---- */

char *option_guests(const VxXlOption *option)
{
    g_autoptr(GString) guests = g_string_new(NULL);

    for (int guest = VX_GUEST_PV; guest <= VX_GUEST_HVM; guest++) {
        if (option->guests & VX_XL_FOR(guest))
            g_string_append_printf(guests, "%s%s", guests->len ? " " : "", vx_enum_to_text(&vx_guest_types, guest));
    }
    return g_string_free(g_steal_pointer(&guests), FALSE);
}

const char *option_type(const VxXlOption *option)
{
    static const char *const types[] = {
        [VX_XL_STRING] = "string", [VX_XL_NUMBER] = "number",
        [VX_XL_BOOL] = "boolean",  [VX_XL_ENUM] = "word",
        [VX_XL_STRINGS] = "list",  [VX_XL_STRING_OR_LIST] = "string or list",
        [VX_XL_NESTED] = "lists",  [VX_XL_ENUM_OR_NUMBER] = "word or number",
    };

    return types[option->type];
}

char *option_fate(const VxXlOption *option)
{
    if (option->alias_of)
        return g_strdup_printf("another spelling of %s", option->alias_of);
    if (option->fate == VX_XL_IGNORED)
        return g_strdup("left out");
    if (option->fate == VX_XL_CARRIED || !option->element)
        return g_strdup("carried");
    return g_strdup_printf("<%s>", option->element);
}

char *option_values(const VxXlOption *option)
{
    if (option->words)
        return vx_enum_list_texts(option->words);
    if (option->type == VX_XL_BOOL)
        return g_strdup("1 (or any other number) for yes, 0 for no");
    if (option->type == VX_XL_NUMBER && option->minimum != G_MININT64)
        return g_strdup_printf("a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, option->minimum,
                               option->maximum);
    return NULL;
}

/* ---- the list ---- */

static void print_list(void)
{
    printf("%-34s %-15s %-11s %-38s %s\n", "OPTION", "VALUE", "GUESTS", "WHAT BECOMES OF IT", "SINCE");
    for (unsigned i = 0; i < vx_xl_n_options; i++) {
        const VxXlOption *option = &vx_xl_options[i];
        g_autofree char *guests = option_guests(option);
        g_autofree char *fate = option_fate(option);
        g_autofree char *line = g_strdup_printf("%-34s %-15s %-11s %-38s %s", option->key, option_type(option), guests,
                                                fate, option->since ? option->since : "");

        puts(g_strchomp(line));
    }
}

static void print_details(const VxXlOption *option)
{
    g_autofree char *guests = option_guests(option);
    g_autofree char *fate = option_fate(option);
    g_autofree char *values = option_values(option);

    printf("%s: %s\n", option->key, option->doc);
    printf("  value: %s%s%s\n", option_type(option), values ? ": " : "", values ? values : "");
    printf("  means something for: %s\n", guests);
    printf("  becomes: %s\n", fate);
    if (option->since)
        printf("  since: Xen %s\n", option->since);
}

static ExitStatus print_one(const char *key)
{
    const VxXlOption *option = vx_xl_option_find(key);
    const char *nearest;

    if (option) {
        print_details(option);
        return EXIT_GOOD;
    }
    nearest = vx_xl_option_nearest(key);
    return complain(EXIT_WRONG_INPUT, "xl has no option '%s'%s%s%s", key, nearest ? ": did you mean '" : "",
                    nearest ? nearest : "", nearest ? "'?" : "");
}

/* ---- for programs ---- */

/* Prints ,"NAME":"TEXT". The texts of the table have nothing that JSON would escape but quotes. */
static void print_json_text(const char *name, const char *text)
{
    g_autofree char *escaped = text ? g_strescape(text, NULL) : NULL;

    if (text)
        printf(",\"%s\":\"%s\"", name, escaped);
}

static void print_json_option(const VxXlOption *option)
{
    static const char *const fates[] = {[VX_XL_FIELD] = "element",
                                        [VX_XL_GROUP] = "element",
                                        [VX_XL_CARRIED] = "carried",
                                        [VX_XL_ALIAS] = "alias",
                                        [VX_XL_IGNORED] = "left out"};
    g_autofree char *guests = option_guests(option);

    printf("{\"key\":\"%s\",\"fate\":\"%s\"", option->key, fates[option->fate]);
    print_json_text("type", option_type(option));
    print_json_text("guests", guests);
    print_json_text("element", option->element);
    print_json_text("alias_of", option->alias_of);
    print_json_text("since", option->since);
    print_json_text("doc", option->doc);
    printf(",\"minimum\":%" G_GINT64_FORMAT ",\"maximum\":%" G_GINT64_FORMAT, option->minimum, option->maximum);
    for (unsigned i = 0; option->words && i < option->words->n_texts; i++)
        printf("%s\"%s\"%s", i ? "," : ",\"words\":[", option->words->texts[i],
               i + 1 < option->words->n_texts ? "" : "]");
    putchar('}');
}

static void print_json(void)
{
    puts("[");
    for (unsigned i = 0; i < vx_xl_n_options; i++) {
        print_json_option(&vx_xl_options[i]);
        puts(i + 1 < vx_xl_n_options ? "," : "");
    }
    puts("]");
}

ExitStatus run_options(int argc, char **argv)
{
    gboolean check = FALSE, html = FALSE, json = FALSE;
    g_autofree char *manual = NULL;
    const GOptionEntry entries[] = {
        {"check", 0, 0, G_OPTION_ARG_NONE, &check, "Compare with the manual xl.cfg(5) that is installed", NULL},
        {"manual", 0, 0, G_OPTION_ARG_FILENAME, &manual, "The manual to compare with", "FILE"},
        {"html", 0, 0, G_OPTION_ARG_NONE, &html, "Print the reference page", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print all of it for programs", NULL},
        {0},
    };
    ExitStatus status = EXIT_GOOD;

    if (!parse_options(find_command("options"), entries, NULL, &argc, &argv, &status))
        return status;
    if (argc > 2 || (argc == 2 && (check || html || json)) || check + html + json > 1)
        return complain(EXIT_USAGE, "one of KEY, --check, --html, --json at a time");
    if (check)
        return check_options(manual ? manual : MANUAL);
    if (argc == 2)
        return print_one(argv[1]);
    if (html)
        print_options_html();
    else if (json)
        print_json();
    else
        print_list();
    return EXIT_GOOD;
}
