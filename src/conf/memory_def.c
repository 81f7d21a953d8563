/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/memory_def.h"

#include <string.h>

#include "conf/xml_source.h"

#define KIB 1024

/* Letters that may begin a unit, each 1024 (or 1000) times the one before. */
static const char unit_letters[] = "kmgtpe";

guint64 vx_memory_unit_bytes(const char *text)
{
    const char *letter;
    guint64 step, bytes = 1;

    if (!text || !*text)
        return KIB;
    if (g_ascii_strcasecmp(text, "b") == 0 || strcmp(text, "bytes") == 0)
        return 1;
    letter = strchr(unit_letters, g_ascii_tolower(text[0]));
    if (!letter)
        return 0;
    if (text[1] == '\0' || g_ascii_strcasecmp(text + 1, "ib") == 0)
        step = 1024;
    else if (g_ascii_strcasecmp(text + 1, "b") == 0)
        step = 1000;
    else
        return 0;
    for (const char *p = unit_letters; p <= letter; p++)
        bytes *= step;
    return bytes;
}

bool vx_memory_to_kib(guint64 amount, guint64 unit_bytes, VxNumber *kib)
{
    guint64 bytes;

    if (__builtin_mul_overflow(amount, unit_bytes, &bytes))
        return false;
    *kib = VX_NUMBER((gint64)(bytes / KIB + (bytes % KIB != 0)));
    return kib->value < (G_GINT64_CONSTANT(1) << 53);
}

/* Not g_ascii_string_to_unsigned(): GLib sets up its locale on the first call, and when two threads do it at once, one
 * of them takes the errno of waiting for a bad number. */
static bool read_amount(const char *text, guint64 *amount)
{
    if (!*text || text[strspn(text, "0123456789")] != '\0')
        return false;
    *amount = g_ascii_strtoull(text, NULL, 10);
    return *amount != G_MAXUINT64;
}

/* Of the attributes of NODE that are not read. */
static void report_strangers(VxXmlReader *reader, const VxXmlNode *node)
{
    for (const VxXmlAttribute *attribute = node->attributes; attribute; attribute = attribute->next) {
        const char *name = attribute->name;
        VxPlace place = vx_xml_attribute_place(reader->diag, node, name);

        if (strcmp(name, "unit") == 0)
            continue;
        if (strcmp(name, "dumpCore") == 0)
            vx_diag_unfit(reader->diag, place,
                          "Xen cannot do dumpCore: its core dumps have the guest's memory in them; it is left out");
        else
            vx_diag_warn(reader->diag, place, "<%s> has no attribute '%s'; it is left out", node->name, name);
    }
}

static void memory_read(VxXmlReader *reader, const VxField *field, VxXmlNode *node, void *slot)
{
    g_autofree char *text = g_strstrip(vx_xml_text(node));
    g_autofree char *unit = vx_xml_attribute(node, "unit");
    guint64 unit_bytes = vx_memory_unit_bytes(unit);
    guint64 amount;

    (void)field;
    report_strangers(reader, node);
    if (unit_bytes == 0) {
        vx_diag_wrong(reader->diag, vx_xml_attribute_place(reader->diag, node, "unit"),
                      "unit of <%s> is '%.20s': write b, KiB, MiB, GiB, TiB, or KB, MB, GB, TB", node->name, unit);
        return;
    }
    if (!read_amount(text, &amount) || !vx_memory_to_kib(amount, unit_bytes, slot))
        vx_diag_wrong(reader->diag, node->place, "<%s> is '%.40s': write an amount of memory in %s", node->name, text,
                      unit ? unit : "KiB");
}

static void memory_write(VxXmlWriter *writer, const VxField *field, const void *slot)
{
    vx_xml_indent(writer);
    g_string_append_c(writer->out, '<');
    g_string_append(writer->out, field->name);
    g_string_append(writer->out, " unit='KiB'>");
    vx_append_number(writer->out, ((const VxNumber *)slot)->value);
    g_string_append(writer->out, "</");
    g_string_append(writer->out, field->name);
    g_string_append(writer->out, ">\n");
}

static bool memory_is_given(const void *slot)
{
    return vx_value_number.is_given(slot);
}

static void memory_clear(void *slot)
{
    vx_value_number.clear(slot);
}

static void memory_copy(void *to, const void *from)
{
    vx_value_number.copy(to, from);
}

static bool memory_equal(const void *a, const void *b)
{
    return vx_value_number.equal(a, b);
}

static void memory_schema(const VxField *field, GString *out)
{
    g_string_append_printf(
        out,
        "<element name='%s'><optional><attribute name='dumpCore'/></optional>"
        "<optional><attribute name='unit'><data type='string'>"
        "<param name='pattern'>[bB]|bytes|[kKmMgGtTpPeE]([iI]?[bB])?</param></data></attribute></optional>"
        "<data type='string'><param name='pattern'>\\s*[0-9]+\\s*</param></data></element>",
        field->name);
}

const VxCustom vx_memory_kib = {
    memory_read, memory_write, memory_is_given, memory_clear,
    memory_copy, memory_equal, memory_schema,   "an amount of memory in the unit of its attribute unit, by default KiB",
};
