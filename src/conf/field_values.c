/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The kinds of values that fields have.
 */
#include <string.h>

#include "conf/field_table.h"

/* ---- strings ---- */

static bool string_parse(const VxField *field, const char *text, void *slot, char **why)
{
    (void)field, (void)why;
    *(char **)slot = g_strdup(text);
    return true;
}

static void string_format(const VxField *field, const void *slot, GString *out)
{
    (void)field;
    g_string_append(out, *(char *const *)slot);
}

static bool string_is_given(const void *slot)
{
    return *(char *const *)slot != NULL;
}

static void string_clear(void *slot)
{
    g_clear_pointer((char **)slot, g_free);
}

static void string_copy(void *to, const void *from)
{
    *(char **)to = g_strdup(*(char *const *)from);
}

static bool string_equal(const void *a, const void *b)
{
    return g_strcmp0(*(char *const *)a, *(char *const *)b) == 0;
}

static void string_schema(const VxField *field, GString *out)
{
    (void)field;
    g_string_append(out, "<text/>");
}

static char *string_describe(const VxField *field)
{
    (void)field;
    return g_strdup("text");
}

const VxValueType vx_value_string = {
    string_parse, string_format, string_is_given, string_clear,
    string_copy,  string_equal,  string_schema,   string_describe,
};

/* ---- numbers ---- */

static gint64 number_maximum(const VxField *field)
{
    return field->minimum == 0 && field->maximum == 0 ? G_MAXINT64 : field->maximum;
}

static char *number_describe(const VxField *field)
{
    gint64 maximum = number_maximum(field);

    if (maximum == G_MAXINT64)
        return g_strdup_printf("a whole number of at least %" G_GINT64_FORMAT, field->minimum);
    return g_strdup_printf("a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, field->minimum, maximum);
}

/* Numbers are decimal or, after 0x, hexadecimal, as libvirt reads them: a leading zero does not make one octal. */
static bool number_parse(const VxField *field, const char *text, void *slot, char **why)
{
    VxNumber *number = slot;
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    const char *digits = trimmed + (*trimmed == '-');
    bool is_hex = g_ascii_strncasecmp(digits, "0x", 2) == 0;
    char *end = NULL;

    number->value = is_hex || *digits ? g_ascii_strtoll(trimmed, &end, is_hex ? 16 : 10) : 0;
    if (!g_ascii_isxdigit(*digits) || !end || *end != '\0' || number->value == G_MAXINT64 ||
        number->value == G_MININT64 || number->value < field->minimum || number->value > number_maximum(field)) {
        *why = number_describe(field);
        return false;
    }
    number->given = true;
    return true;
}

void vx_append_number(GString *out, gint64 number)
{
    char digits[24];
    char *p = digits + sizeof(digits);
    guint64 rest = number < 0 ? -(guint64)number : (guint64)number;

    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--p = '-';
    g_string_append_len(out, p, digits + sizeof(digits) - p);
}

static void number_format(const VxField *field, const void *slot, GString *out)
{
    const VxNumber *number = slot;

    if (field->flags & VX_FIELD_HEX)
        g_string_append_printf(out, "0x%0*" G_GINT64_MODIFIER "x", field->width, (guint64)number->value);
    else
        vx_append_number(out, number->value);
}

static bool number_is_given(const void *slot)
{
    return ((const VxNumber *)slot)->given;
}

static void number_clear(void *slot)
{
    *(VxNumber *)slot = (VxNumber){0};
}

static void number_copy(void *to, const void *from)
{
    *(VxNumber *)to = *(const VxNumber *)from;
}

static bool number_equal(const void *a, const void *b)
{
    const VxNumber *left = a, *right = b;

    return left->given == right->given && (!left->given || left->value == right->value);
}

static void number_schema(const VxField *field, GString *out)
{
    (void)field;
    g_string_append(out,
                    "<data type='string'><param name='pattern'>\\s*-?([0-9]+|0[xX][0-9a-fA-F]+)\\s*</param></data>");
}

const VxValueType vx_value_number = {
    number_parse, number_format, number_is_given, number_clear,     number_copy,
    number_equal, number_schema, number_describe, .is_plain = true,
};

/* ---- enumerations ---- */

static bool enum_parse(const VxField *field, const char *text, void *slot, char **why)
{
    *(int *)slot = vx_enum_from_text(field->names, text);
    if (*(int *)slot == 0)
        *why = vx_enum_list_texts(field->names);
    return *(int *)slot != 0;
}

static void enum_format(const VxField *field, const void *slot, GString *out)
{
    g_string_append(out, vx_enum_to_text(field->names, *(const int *)slot));
}

static bool enum_is_given(const void *slot)
{
    return *(const int *)slot != 0;
}

static void enum_clear(void *slot)
{
    *(int *)slot = 0;
}

static void enum_copy(void *to, const void *from)
{
    *(int *)to = *(const int *)from;
}

static bool enum_equal(const void *a, const void *b)
{
    return *(const int *)a == *(const int *)b;
}

static void enum_schema(const VxField *field, GString *out)
{
    g_string_append(out, "<choice>");
    for (unsigned i = 0; i < field->names->n_texts; i++)
        g_string_append_printf(out, "<value>%s</value>", field->names->texts[i]);
    g_string_append(out, "</choice>");
}

static char *enum_describe(const VxField *field)
{
    return vx_enum_list_texts(field->names);
}

const VxValueType vx_value_enum = {
    enum_parse, enum_format, enum_is_given, enum_clear,       enum_copy,
    enum_equal, enum_schema, enum_describe, .is_plain = true,
};

/* ---- uuids ---- */

#define UUID_BYTES 16

/* As libvirt reads them: 32 hexadecimal digits, dashes and blanks anywhere between them. */
static bool uuid_parse(const VxField *field, const char *text, void *slot, char **why)
{
    GString *canonical = g_string_sized_new(37);
    unsigned n_digits = 0;

    (void)field;
    for (; *text; text++) {
        if (*text == '-' || g_ascii_isspace(*text))
            continue;
        if (!g_ascii_isxdigit(*text) || n_digits == 2 * UUID_BYTES)
            break;
        if (n_digits == 8 || n_digits == 12 || n_digits == 16 || n_digits == 20)
            g_string_append_c(canonical, '-');
        g_string_append_c(canonical, g_ascii_tolower(*text));
        n_digits++;
    }
    if (*text != '\0' || n_digits != 2 * UUID_BYTES) {
        g_string_free(canonical, TRUE);
        *why = g_strdup("32 hexadecimal digits, as in c7a5fdb2-cdaf-9455-926a-d65c16db1809");
        return false;
    }
    *(char **)slot = g_string_free(canonical, FALSE);
    return true;
}

static void uuid_schema(const VxField *field, GString *out)
{
    (void)field;
    g_string_append(out,
                    "<data type='string'><param name='pattern'>[\\s\\-]*([0-9a-fA-F][\\s\\-]*){32}</param></data>");
}

static char *uuid_describe(const VxField *field)
{
    (void)field;
    return g_strdup("a UUID");
}

const VxValueType vx_value_uuid = {
    uuid_parse, string_format, string_is_given, string_clear, string_copy, string_equal, uuid_schema, uuid_describe,
};

/* ---- MAC addresses ---- */

#define MAC_BYTES 6

static bool mac_parse(const VxField *field, const char *text, void *slot, char **why)
{
    char canonical[3 * MAC_BYTES], *to = canonical;

    (void)field;
    for (unsigned i = 0; i < MAC_BYTES; i++) {
        gsize n_digits = strspn(text, "0123456789abcdefABCDEF");
        char end = i + 1 < MAC_BYTES ? ':' : '\0';

        if (n_digits < 1 || n_digits > 2 || text[n_digits] != end) {
            *why = g_strdup("six pairs of hexadecimal digits, as in 00:16:3e:00:00:01");
            return false;
        }
        *to++ = n_digits == 2 ? g_ascii_tolower(text[0]) : '0';
        *to++ = g_ascii_tolower(text[n_digits - 1]);
        *to++ = end;
        text += n_digits + 1;
    }
    *(char **)slot = g_strdup(canonical);
    return true;
}

static void mac_schema(const VxField *field, GString *out)
{
    (void)field;
    g_string_append(out,
                    "<data type='string'><param name='pattern'>[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{1,2}){5}</param></data>");
}

static char *mac_describe(const VxField *field)
{
    (void)field;
    return g_strdup("a MAC address");
}

const VxValueType vx_value_mac = {
    mac_parse, string_format, string_is_given, string_clear, string_copy, string_equal, mac_schema, mac_describe,
};

/* ---- flags: an empty element is there or not ---- */

static bool flag_parse(const VxField *field, const char *text, void *slot, char **why)
{
    (void)field, (void)text, (void)why;
    *(bool *)slot = true;
    return true;
}

static void flag_format(const VxField *field, const void *slot, GString *out)
{
    (void)field, (void)slot, (void)out; /* being there says it all */
}

static bool flag_is_given(const void *slot)
{
    return *(const bool *)slot;
}

static void flag_clear(void *slot)
{
    *(bool *)slot = false;
}

static void flag_copy(void *to, const void *from)
{
    *(bool *)to = *(const bool *)from;
}

static bool flag_equal(const void *a, const void *b)
{
    return *(const bool *)a == *(const bool *)b;
}

static void flag_schema(const VxField *field, GString *out)
{
    (void)field;
    g_string_append(out, "<empty/>");
}

static char *flag_describe(const VxField *field)
{
    (void)field;
    return g_strdup("there or not");
}

const VxValueType vx_value_flag = {
    flag_parse, flag_format, flag_is_given, flag_clear,       flag_copy,
    flag_equal, flag_schema, flag_describe, .is_plain = true,
};
