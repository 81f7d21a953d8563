/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/verbatim_def.h"

#include "conf/xml_source.h"

static void verbatim_read(VxXmlReader *reader, const VxField *field, VxXmlNode *node, void *slot)
{
    (void)reader, (void)field;
    *(char **)slot = vx_xml_verbatim(node);
}

static void verbatim_write(VxXmlWriter *writer, const VxField *field, const void *slot)
{
    (void)field;
    vx_xml_indent(writer);
    g_string_append(writer->out, *(char *const *)slot);
    g_string_append_c(writer->out, '\n');
}

static bool verbatim_is_given(const void *slot)
{
    return vx_value_string.is_given(slot);
}

static void verbatim_clear(void *slot)
{
    vx_value_string.clear(slot);
}

static void verbatim_copy(void *to, const void *from)
{
    vx_value_string.copy(to, from);
}

static bool verbatim_equal(const void *a, const void *b)
{
    return vx_value_string.equal(a, b);
}

static void verbatim_schema(const VxField *field, GString *out)
{
    g_string_append_printf(out, "<element name='%s'><ref name='anything'/></element>", field->name);
}

const VxCustom vx_verbatim = {
    verbatim_read, verbatim_write, verbatim_is_given, verbatim_clear,
    verbatim_copy, verbatim_equal, verbatim_schema,   "any XML, kept as it is",
};
