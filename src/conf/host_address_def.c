/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <address> of a device of the host: its attributes depend on the bus, and so does the base of their numbers.
 */
#include <string.h>

#include "conf/hostdev_def.h"
#include "conf/xml_source.h"

/* An attribute of an address: decimal or, after 0x, hexadecimal, as libvirt reads it. */
typedef struct {
    const char *name;
    gsize offset;
    guint32 maximum;
    guint8 hex_width; /* 0: decimal */
    bool is_required;
} Part;

static const Part pci_parts[] = {
    {"domain", offsetof(VxHostAddress, domain), 0xffff, 4, false},
    {"bus", offsetof(VxHostAddress, bus), 0xff, 2, true},
    {"slot", offsetof(VxHostAddress, slot), 0x1f, 2, true},
    {"function", offsetof(VxHostAddress, function), 7, 1, false},
};
static const Part usb_parts[] = {
    {"bus", offsetof(VxHostAddress, bus), 0xffff, 0, true},
    {"device", offsetof(VxHostAddress, device), 0xffff, 0, true},
};

static guint32 *part_of(const VxHostAddress *address, const Part *part)
{
    return (guint32 *)((char *)address + part->offset);
}

static void read_part(VxXmlReader *reader, VxXmlNode *node, const Part *part, VxHostAddress *address)
{
    g_autofree char *text = vx_xml_attribute(node, part->name);
    char *end = NULL;
    guint64 value;

    if (!text) {
        if (part->is_required)
            vx_diag_wrong(reader->diag, node->place, "<address> lacks its attribute %s='...'", part->name);
        return;
    }
    value = g_ascii_isdigit(*text) ? g_ascii_strtoull(text, &end, g_str_has_prefix(text, "0x") ? 16 : 10) : 0;
    if (!end || *end || value > part->maximum)
        vx_diag_wrong(reader->diag, vx_xml_attribute_place(reader->diag, node, part->name),
                      "%s of <address> is '%.20s': write a number from 0 to 0x%x", part->name, text, part->maximum);
    else
        *part_of(address, part) = (guint32)value;
}

static void warn_of_strangers(VxXmlReader *reader, VxXmlNode *node, const Part *parts, unsigned n_parts)
{
    for (VxXmlAttribute *attribute = node->attributes; attribute; attribute = attribute->next) {
        const char *name = attribute->name;
        bool known = strcmp(name, "type") == 0 || strcmp(name, "multifunction") == 0;

        for (unsigned i = 0; i < n_parts; i++)
            known = known || strcmp(name, parts[i].name) == 0;
        if (!known)
            vx_diag_warn(reader->diag, vx_xml_attribute_place(reader->diag, node, name),
                         "<address> has no attribute '%s' here; it is left out", name);
    }
    for (const VxXmlNode *child = node->children; child; child = child->next) {
        if (child->kind == VX_XML_ELEMENT)
            vx_diag_warn(reader->diag, child->place, "<address> has no element <%s> here; it is left out", child->name);
    }
}

static void address_read(VxXmlReader *reader, const VxField *field, VxXmlNode *node, void *slot)
{
    VxHostAddress *address = slot;
    bool is_pci = vx_xml_value(node, "slot"), is_usb = vx_xml_value(node, "device");
    const Part *parts = is_pci ? pci_parts : usb_parts;
    unsigned n_parts = is_pci ? G_N_ELEMENTS(pci_parts) : G_N_ELEMENTS(usb_parts);

    (void)field;
    if (!is_pci && !is_usb) {
        address->kind = VX_HOST_OTHER;
        address->other = vx_xml_verbatim(node);
        return;
    }
    address->kind = is_pci ? VX_HOST_PCI : VX_HOST_USB;
    address->type = vx_xml_attribute(node, "type");
    address->multifunction = vx_xml_attribute(node, "multifunction");
    for (unsigned i = 0; i < n_parts; i++)
        read_part(reader, node, &parts[i], address);
    warn_of_strangers(reader, node, parts, n_parts);
}

static void write_part(GString *out, const Part *part, guint32 value)
{
    char text[16];

    if (part->hex_width)
        g_snprintf(text, sizeof(text), "0x%0*x", part->hex_width, value);
    else
        g_snprintf(text, sizeof(text), "%u", value);
    vx_xml_write_attribute(out, part->name, text);
}

static void address_write(VxXmlWriter *writer, const VxField *field, const void *slot)
{
    const VxHostAddress *address = slot;
    bool is_pci = address->kind == VX_HOST_PCI;
    const Part *parts = is_pci ? pci_parts : usb_parts;
    unsigned n_parts = is_pci ? G_N_ELEMENTS(pci_parts) : G_N_ELEMENTS(usb_parts);

    vx_xml_indent(writer);
    if (address->kind == VX_HOST_OTHER) {
        g_string_append_printf(writer->out, "%s\n", address->other);
        return;
    }
    g_string_append_printf(writer->out, "<%s", field->name);
    if (address->type)
        vx_xml_write_attribute(writer->out, "type", address->type);
    for (unsigned i = 0; i < n_parts; i++)
        write_part(writer->out, &parts[i], *part_of(address, &parts[i]));
    if (address->multifunction)
        vx_xml_write_attribute(writer->out, "multifunction", address->multifunction);
    g_string_append(writer->out, "/>\n");
}

static bool address_is_given(const void *slot)
{
    return ((const VxHostAddress *)slot)->kind != VX_HOST_NOWHERE;
}

static void address_clear(void *slot)
{
    VxHostAddress *address = slot;

    g_free(address->type);
    g_free(address->multifunction);
    g_free(address->other);
    *address = (VxHostAddress){0};
}

static void address_copy(void *to, const void *from)
{
    const VxHostAddress *original = from;
    VxHostAddress *copy = to;

    *copy = *original;
    copy->type = g_strdup(original->type);
    copy->multifunction = g_strdup(original->multifunction);
    copy->other = g_strdup(original->other);
}

static bool address_equal(const void *a, const void *b)
{
    const VxHostAddress *left = a, *right = b;

    return left->kind == right->kind && left->domain == right->domain && left->bus == right->bus &&
           left->slot == right->slot && left->function == right->function && left->device == right->device &&
           g_strcmp0(left->multifunction, right->multifunction) == 0 && g_strcmp0(left->other, right->other) == 0;
}

#define NUMBER "<data type='string'><param name='pattern'>[0-9]+|0x[0-9a-fA-F]+</param></data>"

static void schema_part(GString *out, const Part *part)
{
    g_string_append_printf(out,
                           part->is_required ? "<attribute name='%s'>" NUMBER "</attribute>"
                                             : "<optional><attribute name='%s'>" NUMBER "</attribute></optional>",
                           part->name);
}

static void address_schema(const VxField *field, GString *out)
{
    g_string_append_printf(out, "<choice><element name='%s'><optional><attribute name='type'/></optional>",
                           field->name);
    for (unsigned i = 0; i < G_N_ELEMENTS(pci_parts); i++)
        schema_part(out, &pci_parts[i]);
    g_string_append_printf(out,
                           "<optional><attribute name='multifunction'/></optional></element>"
                           "<element name='%s'><optional><attribute name='type'/></optional>",
                           field->name);
    for (unsigned i = 0; i < G_N_ELEMENTS(usb_parts); i++)
        schema_part(out, &usb_parts[i]);
    g_string_append_printf(out, "</element><element name='%s'>", field->name);
    for (const char *const *name = (const char *const[]){"controller", "bus", "target", "unit", "uuid", NULL}; *name;
         name++)
        g_string_append_printf(out, "<optional><attribute name='%s'/></optional>", *name);
    g_string_append(out, "</element></choice>");
}

const VxCustom vx_host_address = {
    address_read,     address_write,
    address_is_given, address_clear,
    address_copy,     address_equal,
    address_schema,   "domain, bus, slot and function of a PCI device; bus and device of a USB device",
};
