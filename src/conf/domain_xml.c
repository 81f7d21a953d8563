/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/domain_xml.h"

#include <string.h>

#include "conf/xml_source.h"

VxDomainDef *vx_domain_def_parse(const char *text, gsize length, VxReadFlags flags, VxDiag *diag)
{
    g_autoptr(VxXmlDocument) document = vx_xml_parse(text, length, diag);
    VxXmlReader reader = {.diag = diag, .flags = flags};
    VxXmlNode *root = vx_xml_root(document);

    if (!root)
        return NULL;
    if (strcmp(root->name, "domain") != 0) {
        vx_diag_wrong(diag, root->place, "the document is a <%s>: write a <domain> element", root->name);
        return NULL;
    }
    return vx_object_read(&reader, &vx_domain_element, root);
}

/* ---- one device ---- */

static const VxElement *element_of_device(const char *name)
{
    for (unsigned i = 0; vx_device_elements[i]; i++) {
        if (strcmp(vx_device_elements[i]->name, name) == 0)
            return vx_device_elements[i];
    }
    return NULL;
}

VxDevice *vx_device_parse(const char *text, gsize length, VxReadFlags flags, VxDiag *diag)
{
    g_autoptr(VxXmlDocument) document = vx_xml_parse(text, length, diag);
    VxXmlReader reader = {.diag = diag, .flags = flags};
    VxXmlNode *root = vx_xml_root(document);
    const VxElement *element;

    if (!root)
        return NULL;
    element = element_of_device(root->name);
    if (!element) {
        vx_diag_wrong(diag, root->place, "<%s> is no device: write one element of <devices>", root->name);
        return NULL;
    }
    return vx_object_read(&reader, element, root);
}

char *vx_device_format(const VxDevice *device, VxWriteFlags flags)
{
    GString *out = g_string_new(NULL);
    VxXmlWriter writer = {.out = out, .flags = flags};

    vx_fields_write(&writer, vx_device_element(device), NULL, device, &device->object);
    return g_string_free(out, FALSE);
}

/* What XML an ordinary guest has: enough for the text to grow seldom. */
#define USUAL_BYTES 2048

char *vx_domain_def_format(const VxDomainDef *def, VxWriteFlags flags, gsize *length)
{
    return vx_domain_def_format_whole(def, flags, length, NULL);
}

char *vx_domain_def_format_whole(const VxDomainDef *def, VxWriteFlags flags, gsize *length, bool *has_secrets)
{
    GString *out = g_string_sized_new(USUAL_BYTES);
    VxXmlWriter writer = {.out = out, .flags = flags};
    g_autoptr(GString) declarations = g_string_new(NULL);

    vx_fields_write(&writer, &vx_domain_element, NULL, def, &def->object);
    for (unsigned i = 0; i < VX_XML_N_NAMESPACES; i++) {
        if (writer.namespaces_used & (1u << i))
            g_string_append_printf(declarations, " xmlns:%s='%s'", vx_xml_namespaces[i].prefix,
                                   vx_xml_namespaces[i].uri);
    }
    g_string_insert(out, strchr(out->str, '>') - out->str, declarations->str); /* no attribute's value has a '>' */
    if (length)
        *length = out->len;
    if (has_secrets)
        *has_secrets = writer.met_secrets;
    return g_string_free(out, FALSE);
}
