/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_store.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEVICES 4096u
#define MAX_DOMAIN 0x7fef /* above are Xen's own */

bool vx_store_is_sound(const char *text, gsize length)
{
    if (length == 0 || !g_utf8_validate(text, (gssize)length, NULL))
        return false;
    for (const char *p = text; p < text + length; p = g_utf8_next_char(p)) {
        if (g_unichar_iscntrl(g_utf8_get_char(p)))
            return false;
    }
    return true;
}

static char *read_node(struct xs_handle *store, const char *path)
{
    unsigned length = 0;
    char *value = xs_read(store, XBT_NULL, path, &length);
    char *text = NULL;

    if (value && length <= VX_STORE_MAX_BYTES && vx_store_is_sound(value, length))
        text = g_strndup(value, length);
    free(value);
    return text;
}

char *vx_store_read(struct xs_handle *store, const char *format, ...)
{
    g_autofree char *path = NULL;
    va_list arguments;

    va_start(arguments, format);
    path = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return read_node(store, path);
}

int vx_store_parse_number(const char *text, int maximum, int fallback)
{
    gint64 number = 0;

    if (!text || !g_ascii_isdigit(*text))
        return fallback;
    for (; g_ascii_isdigit(*text); text++) {
        number = number * 10 + (*text - '0');
        if (number > maximum)
            return fallback;
    }
    return *text ? fallback : (int)number;
}

int vx_store_read_number(struct xs_handle *store, int maximum, int fallback, const char *format, ...)
{
    g_autofree char *path = NULL;
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    path = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    text = read_node(store, path);
    return vx_store_parse_number(text, maximum, fallback);
}

static int compare_numbers(gconstpointer a, gconstpointer b)
{
    int left = *(const int *)a, right = *(const int *)b;

    return (left > right) - (left < right);
}

GArray *vx_store_list_numbers(struct xs_handle *store, const char *format, ...)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(int));
    g_autofree char *path = NULL;
    unsigned n = 0;
    va_list arguments;
    char **names;

    va_start(arguments, format);
    path = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    names = xs_directory(store, XBT_NULL, path, &n);
    for (unsigned i = 0; names && i < n && numbers->len < MAX_DEVICES; i++) {
        int number = vx_store_parse_number(names[i], G_MAXINT, -1);

        if (number >= 0)
            g_array_append_val(numbers, number);
    }
    free(names);
    g_array_sort(numbers, compare_numbers);
    return numbers;
}

int vx_store_own_domain(struct xs_handle *store)
{
    static gint known = -1; /* atomic: a process stays in its domain */
    int id = g_atomic_int_get(&known);

    if (id >= 0)
        return id;
    id = vx_store_read_number(store, MAX_DOMAIN, -1, "domid"); /* a path without '/' is below our own domain's */
    g_atomic_int_set(&known, id);
    return MAX(id, 0);
}
