/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/domain_schema.h"

#include <libxml/relaxng.h>

#include "conf/domain_def.h"
#include "conf/xml_source.h"

static void ignore(void *data, xmlError *error)
{
    (void)data, (void)error;
}

/* Made once and kept. NULL only if our own schema were wrong, which a test would find. */
static xmlRelaxNG *schema(void)
{
    static xmlRelaxNG *parsed;
    static gsize is_made;

    if (g_once_init_enter(&is_made)) {
        g_autoptr(GString) text = g_string_new(NULL);
        xmlRelaxNGParserCtxt *context;

        vx_fields_schema(&vx_domain_element, text);
        context = xmlRelaxNGNewMemParserCtxt(text->str, (int)text->len);
        xmlRelaxNGSetParserStructuredErrors(context, ignore, NULL);
        parsed = xmlRelaxNGParse(context);
        xmlRelaxNGFreeParserCtxt(context);
        g_once_init_leave(&is_made, 1);
    }
    return parsed;
}

static void take_error(void *data, xmlError *error)
{
    VxDiag *diag = data;
    VxXmlReader reader = {.diag = diag};
    VxPlace place = error->node ? vx_xml_place(&reader, error->node) : VX_NO_PLACE;
    g_autofree char *message = g_strdup(error->message ? error->message : "it is not as the schema wants it");

    vx_diag_wrong(diag, place, "the schema does not allow it: %s", g_strchomp(message));
}

void vx_domain_schema_check(const char *text, gsize length, VxDiag *diag)
{
    static GMutex lock; /* libxml2 does not say that a schema can be used by several threads at once */
    g_autoptr(xmlDoc) document = vx_xml_parse(text, length, diag);
    xmlRelaxNGValidCtxt *context;

    if (!document)
        return;
    g_mutex_lock(&lock);
    context = xmlRelaxNGNewValidCtxt(schema());
    xmlRelaxNGSetValidStructuredErrors(context, take_error, diag);
    if (xmlRelaxNGValidateDoc(context, document) != 0 && vx_diag_n_errors(diag) == 0)
        vx_diag_wrong(diag, VX_NO_PLACE, "the schema does not allow it");
    xmlRelaxNGFreeValidCtxt(context);
    g_mutex_unlock(&lock);
}
