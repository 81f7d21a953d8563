/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_print.h"

#include <string.h>

#define INDENT "    "
/* A list of several items that takes more than this many columns has one item a line. */
#define SHORT_LIST 60

bool vx_xlcfg_is_key(const char *key)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

    return *key && strchr(letters, *key) && strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(key);
}

/* The letter behind the backslash that stands for C, NUL if C stands for itself. */
static char escape(char c)
{
    static const char letters[256] = {
        ['"'] = '"',  ['\\'] = '\\', ['\a'] = 'a', ['\b'] = 'b', ['\f'] = 'f',
        ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't', ['\v'] = 'v',
    };

    return letters[(guint8)c];
}

static void append_quoted(GString *out, const char *value)
{
    const char *from = value, *p;

    g_string_append_c(out, '"');
    for (p = value; *p; p++) {
        if (!escape(*p))
            continue;
        g_string_append_len(out, from, p - from);
        g_string_append_c(out, '\\');
        g_string_append_c(out, escape(*p));
        from = p + 1;
    }
    g_string_append_len(out, from, p - from);
    g_string_append_c(out, '"');
}

static void append_int(GString *out, gint64 value)
{
    g_string_append_printf(out, value < 0 ? "\"%" G_GINT64_FORMAT "\"" : "%" G_GINT64_FORMAT, value);
}

static void append_key(GString *out, const char *key)
{
    g_string_append(out, key);
    g_string_append(out, " = ");
}

void vx_xlcfg_print_string(GString *out, const char *key, const char *value)
{
    append_key(out, key);
    append_quoted(out, value);
    g_string_append_c(out, '\n');
}

void vx_xlcfg_print_int(GString *out, const char *key, gint64 value)
{
    append_key(out, key);
    append_int(out, value);
    g_string_append_c(out, '\n');
}

static void append_atom(GString *out, const VxXlcfgValue *value)
{
    if (value->is_quoted)
        append_quoted(out, value->string);
    else
        g_string_append_len(out, value->string, value->length);
}

void vx_xlcfg_print_value(GString *out, const char *key, const VxXlcfgValue *value)
{
    VxXlcfgList list;

    if (value->kind == VX_XLCFG_STRING) {
        g_string_append(out, key);
        g_string_append(out, value->is_sum ? " += " : " = ");
        append_atom(out, value);
        g_string_append_c(out, '\n');
        return;
    }
    vx_xlcfg_list_begin(&list, out, key);
    for (guint32 i = 0; i < value->length; i++)
        vx_xlcfg_list_add_value(&list, &value->items[i]);
    vx_xlcfg_list_end(&list);
}

void vx_xlcfg_list_begin(VxXlcfgList *list, GString *out, const char *key)
{
    append_key(out, key);
    g_string_append_c(out, '[');
    *list = (VxXlcfgList){.out = out, .start = out->len};
}

/* What goes before an item. The list itself is written with an item a line; inside an item all stays on one line. */
static void begin_item(VxXlcfgList *list)
{
    if (list->needs_comma)
        g_string_append_c(list->out, ',');
    if (list->depth == 0) {
        g_string_append(list->out, "\n" INDENT);
        list->n_items++;
    } else {
        g_string_append_c(list->out, ' ');
    }
    list->needs_comma = true;
}

void vx_xlcfg_list_add_string(VxXlcfgList *list, const char *value)
{
    begin_item(list);
    append_quoted(list->out, value);
}

void vx_xlcfg_list_add_int(VxXlcfgList *list, gint64 value)
{
    begin_item(list);
    append_int(list->out, value);
}

void vx_xlcfg_list_add_value(VxXlcfgList *list, const VxXlcfgValue *value)
{
    if (value->kind == VX_XLCFG_STRING) {
        begin_item(list);
        append_atom(list->out, value);
        return;
    }
    vx_xlcfg_list_open(list);
    for (guint32 i = 0; i < value->length; i++)
        vx_xlcfg_list_add_value(list, &value->items[i]);
    vx_xlcfg_list_close(list);
}

void vx_xlcfg_list_open(VxXlcfgList *list)
{
    begin_item(list);
    g_string_append_c(list->out, '[');
    list->depth++;
    list->needs_comma = false;
}

void vx_xlcfg_list_close(VxXlcfgList *list)
{
    g_string_append(list->out, " ]");
    list->depth--;
    list->needs_comma = true;
}

/* Puts the items, which stand one a line, behind each other. A newline in the text is one that begin_item() wrote:
 * those of strings are escaped. */
static void join_lines(GString *out, gsize start)
{
    g_autofree char *items = g_strndup(out->str + start, out->len - start);

    g_string_truncate(out, start);
    for (const char *p = items, *newline; *p; p = newline) {
        if (*p == '\n') {
            g_string_append_c(out, ' ');
            p += strlen("\n" INDENT);
        }
        newline = strchrnul(p, '\n');
        g_string_append_len(out, p, newline - p);
    }
}

void vx_xlcfg_list_end(VxXlcfgList *list)
{
    if (list->n_items == 1 || list->out->len - list->start <= SHORT_LIST) {
        join_lines(list->out, list->start);
        g_string_append(list->out, " ]\n");
    } else {
        g_string_append(list->out, "\n]\n");
    }
}
