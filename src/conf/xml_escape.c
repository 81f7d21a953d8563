/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/xml_escape.h"

#include <string.h>

#define ESCAPE_BYTES 4 /* \xHH */

/* The bytes of the character at TEXT if XML can say it, 0 if it cannot. */
static gsize sayable_bytes(const char *text)
{
    gunichar character;

    if ((guchar)*text < 0x80)
        return (guchar)*text >= 0x20 || strchr("\t\n\r", *text) ? 1 : 0;
    character = g_utf8_get_char_validated(text, -1);
    /* U+FFFE and U+FFFF are the only ones that XML 1.0 leaves out of UTF-8. */
    if (character >= (gunichar)-2 || character == 0xfffe || character == 0xffff)
        return 0;
    return (gsize)(g_utf8_next_char(text) - text);
}

bool vx_xml_can_say(const char *text)
{
    gsize length;

    for (; *text; text += length) {
        length = sayable_bytes(text);
        if (length == 0)
            return false;
    }
    return true;
}

char *vx_xml_escape(const char *text)
{
    GString *out = g_string_new(NULL);

    while (*text) {
        gsize length = *text == '\\' ? 0 : sayable_bytes(text);

        if (length > 0)
            g_string_append_len(out, text, (gssize)length);
        else
            g_string_append_printf(out, "\\x%02x", (guchar)*text);
        text += length > 0 ? length : 1;
    }
    return g_string_free(out, FALSE);
}

char *vx_xml_unescape(const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    while (*text) {
        int high, low;

        if (*text != '\\') {
            g_string_append_c(out, *text++);
            continue;
        }
        if (text[1] != 'x')
            return NULL;
        high = g_ascii_xdigit_value(text[2]);
        low = high < 0 ? -1 : g_ascii_xdigit_value(text[3]);
        if (low < 0 || (high == 0 && low == 0)) /* no value holds a NUL byte */
            return NULL;
        g_string_append_c(out, (char)(high << 4 | low));
        text += ESCAPE_BYTES;
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

bool vx_xml_is_escaped(const char *names, const char *name)
{
    g_auto(GStrv) words = names ? g_strsplit(names, " ", -1) : NULL;

    return words && g_strv_contains((const char *const *)words, name);
}
