/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_words.h"

#include <string.h>

void vx_libxl_words_init(VxLibxlWords *words)
{
    words->lines = g_ptr_array_new_with_free_func(g_free);
}

void vx_libxl_words_clear(VxLibxlWords *words)
{
    g_clear_pointer(&words->lines, g_ptr_array_unref);
}

void vx_libxl_words_forget(VxLibxlWords *words)
{
    g_ptr_array_set_size(words->lines, 0);
}

/* Behind "libxl_dm.c:2954:device_model_spawn_outcome: ". */
static const char *skip_source(const char *message)
{
    const char *file = strstr(message, ".c:");
    const char *function = file ? strchr(file + 3, ':') : NULL;
    const char *end = function ? strstr(function, ": ") : NULL;

    if (!end || strcspn(message, " ") < (gsize)(end - message))
        return message;
    return end + 2;
}

/* Behind "Domain 12:": the error names the domain already. */
static const char *skip_domain(const char *message)
{
    const char *number = g_str_has_prefix(message, "Domain ") ? message + strlen("Domain ") : NULL;
    gsize digits = number ? strspn(number, "0123456789") : 0;

    if (digits == 0 || number[digits] != ':')
        return message;
    return number + digits + 1;
}

/* One line of text that can be shown: what it quotes may be a guest's or a file's. The caller frees it. */
static char *make_line(const char *text, int errno_value)
{
    g_autofree char *valid = g_utf8_make_valid(text, (gssize)strnlen(text, VX_LIBXL_WORDS_MAX_BYTES));

    for (char *p = valid; *p; p++) {
        if (g_ascii_iscntrl(*p))
            *p = ' ';
    }
    g_strstrip(valid);
    if (errno_value > 0)
        return g_strconcat(valid, ": ", g_strerror(errno_value), NULL);
    return g_steal_pointer(&valid);
}

void vx_libxl_words_add(VxLibxlWords *words, const char *message, int errno_value)
{
    g_autofree char *line = NULL;

    if (words->lines->len >= VX_LIBXL_WORDS_MAX_LINES)
        return;
    line = make_line(skip_domain(skip_source(message)), errno_value);
    if (*line && !g_ptr_array_find_with_equal_func(words->lines, line, g_str_equal, NULL))
        g_ptr_array_add(words->lines, g_steal_pointer(&line));
}

char *vx_libxl_words_join(const VxLibxlWords *words)
{
    GString *joined;

    if (words->lines->len == 0)
        return NULL;
    joined = g_string_new(words->lines->pdata[0]);
    for (guint i = 1; i < words->lines->len; i++)
        g_string_append_printf(joined, "; %s", (const char *)words->lines->pdata[i]);
    return g_string_free(joined, FALSE);
}
