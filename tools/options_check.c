/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl options --check: whether the table has every option of the manual xl.cfg(5).
 */
#include <stdio.h>
#include <string.h>

#include "options.h"

static char *read_manual(const char *path, GError **error)
{
    const char *const gzip[] = {"gzip", "-dc", path, NULL};
    char *text = NULL;
    int status;

    if (!g_str_has_suffix(path, ".gz"))
        return g_file_get_contents(path, &text, NULL, error) ? text : NULL;
    if (!g_spawn_sync(NULL, (char **)gzip, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &text, NULL, &status, error))
        return NULL;
    if (!g_spawn_check_wait_status(status, error))
        g_clear_pointer(&text, g_free);
    return text;
}

/* LINE without troff's changes of font and size. */
static char *plain_text(const char *line)
{
    static GRegex *escapes; /* made once: this program has one thread here */
    char *text;

    if (!escapes)
        escapes = g_regex_new("\\\\(f[A-Z]|s-?[0-9]|\\*\\([A-Z]\"|&)|\"", 0, 0, NULL);
    text = g_regex_replace_literal(escapes, line, -1, 0, "", 0, NULL);
    return g_strstrip(text);
}

/* The option that the item LINE (".IP ..." of troff) is about, NULL if it is about none: "name=VALUE". */
static char *item_key(const char *line)
{
    const char *item = strstr(line, ".IP ");
    g_autofree char *text = NULL;
    gsize length;

    if (!item)
        return NULL;
    text = plain_text(item + strlen(".IP "));
    length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return length > 0 && (text[length] == '=' || g_str_has_prefix(text + length, " =")) ? g_strndup(text, length)
                                                                                        : NULL;
}

/* The options that TEXT describes: the items of its outer lists. Items of lists within are keys of a device. */
static GPtrArray *manual_keys(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GPtrArray *keys = g_ptr_array_new_with_free_func(g_free);
    int depth = 0;

    for (char **line = lines; *line; line++) {
        char *key = depth == 0 ? item_key(*line) : NULL;

        depth += g_str_has_prefix(*line, ".RS") - g_str_has_prefix(*line, ".RE");
        if (key && g_ptr_array_find_with_equal_func(keys, key, g_str_equal, NULL))
            g_free(key);
        else if (key)
            g_ptr_array_add(keys, key);
    }
    return keys;
}

ExitStatus check_options(const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = read_manual(path, &error);
    g_autoptr(GPtrArray) keys = NULL;
    unsigned n_missing = 0;

    if (!text)
        return complain(EXIT_IO, "%s: %s", path, error->message);
    keys = manual_keys(text);
    if (keys->len == 0)
        return complain(EXIT_WRONG_INPUT, "%s describes no options: is it xl.cfg(5)?", path);
    for (unsigned i = 0; i < keys->len; i++) {
        if (vx_xl_option_find(keys->pdata[i]))
            continue;
        printf("%s\n", (const char *)keys->pdata[i]);
        n_missing++;
    }
    fprintf(stderr, "virtxl: %s describes %u options; the table lacks %u of them\n", path, keys->len, n_missing);
    return n_missing > 0 ? EXIT_WRONG_INPUT : EXIT_GOOD;
}
