/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/metadata.h"

#include <libvirt/libvirt.h>
#include <string.h>

#include "conf/metadata.h"
#include "conf/xml_escape.h"
#include "driver/change.h"
#include "util/vx_error.h"

#define IMPACT_FLAGS (VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG)

static bool check_type(int type, const char *uri, GError **error)
{
    if (type != VIR_DOMAIN_METADATA_DESCRIPTION && type != VIR_DOMAIN_METADATA_TITLE &&
        type != VIR_DOMAIN_METADATA_ELEMENT)
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "%d is no kind of metadata: 0 is the description, 1 the title, 2 an "
                       "element",
                       type);
    if (type == VIR_DOMAIN_METADATA_ELEMENT && (!uri || !*uri))
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "an element of the metadata is found by its namespace: give its URI");
    return true;
}

static char *pick(const VxDomainDef *def, int type, const char *uri)
{
    if (type == VIR_DOMAIN_METADATA_ELEMENT)
        return vx_metadata_get(def->metadata, uri);
    return g_strdup(type == VIR_DOMAIN_METADATA_TITLE ? def->title : def->description);
}

char *vx_get_metadata(VxDomainObj *domain, int type, const char *uri, unsigned flags, GError **error)
{
    g_auto(VxDomainView) view = {0};
    g_autoptr(VxDomainDef) def = NULL;
    const VxDomainRecord *record;
    char *text;

    if (!vx_check_flags(flags, IMPACT_FLAGS, "virDomainGetMetadata", error) || !check_type(type, uri, error) ||
        !vx_domain_obj_look(domain, &view, error) || !(record = vx_view_of_impact(&view, flags, error)) ||
        !(def = vx_domain_record_open(record, error)))
        return NULL;
    text = pick(def, type, uri);
    if (!text)
        vx_fail(error, VIR_ERR_NO_DOMAIN_METADATA, "domain '%s' has no such metadata", record->name);
    return text;
}

typedef struct {
    int type;
    const char *text, *key, *uri;
} Request;

static bool edit_element(VxDomainDef *def, const Request *request, GError **error)
{
    gsize length = request->text ? strlen(request->text) : 0;
    g_autoptr(VxDiag) diag = vx_diag_new("metadata", request->text, length, VX_DIAG_QUIET);

    if (vx_metadata_set(&def->metadata, request->text, request->key, request->uri, diag))
        return true;
    g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_XML_DETAIL));
    return false;
}

static bool edit_metadata(VxDomainDef *def, gpointer data, GError **error)
{
    const Request *request = data;
    char **slot = request->type == VIR_DOMAIN_METADATA_TITLE ? &def->title : &def->description;

    if (request->type == VIR_DOMAIN_METADATA_ELEMENT)
        return edit_element(def, request, error);
    g_free(*slot);
    *slot = request->text && *request->text ? g_strdup(request->text) : NULL;
    return true;
}

/* It becomes the prefix of an XML name. */
static bool is_prefix(const char *key)
{
    if (!key || !(g_ascii_isalpha(*key) || *key == '_') || g_ascii_strncasecmp(key, "xml", 3) == 0)
        return false;
    for (const char *p = key; *p; p++) {
        if (!g_ascii_isalnum(*p) && !strchr("_-.", *p))
            return false;
    }
    return true;
}

static bool check_request(const Request *request, GError **error)
{
    if (!check_type(request->type, request->uri, error))
        return false;
    if (request->type == VIR_DOMAIN_METADATA_TITLE && request->text && strchr(request->text, '\n'))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "a title is one line: leave out the line end");
    if (request->type == VIR_DOMAIN_METADATA_ELEMENT && request->text && !is_prefix(request->key))
        return vx_fail(
            error, VIR_ERR_INVALID_ARG,
            "an element of the metadata needs a key, the prefix of its namespace: letters, digits, '_', '-', '.'");
    if (request->text && !vx_xml_can_say(request->text))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "the text has characters that XML cannot have");
    return true;
}

bool vx_set_metadata(VxDriver *driver, VxDomainObj *domain, int type, const char *text, const char *key,
                     const char *uri, unsigned flags, GError **error)
{
    Request request = {type, text, key, uri};
    VxDomainEvent event = {.id = VIR_DOMAIN_EVENT_ID_METADATA_CHANGE,
                           .metadata = {.type = type, .uri = type == VIR_DOMAIN_METADATA_ELEMENT ? (char *)uri : NULL}};
    g_auto(VxChange) change = {0};

    if (!vx_check_flags(flags, IMPACT_FLAGS, "virDomainSetMetadata", error) || !check_request(&request, error) ||
        !vx_change_begin(&change, domain, "describe", flags, error) ||
        !vx_change_both(driver, &change, edit_metadata, &request, error))
        return false;
    event.domain = (VxDomainRef){.name = (char *)vx_domain_view_current(&change.view)->name, .id = change.view.id};
    memcpy(event.domain.uuid, domain->uuid, sizeof(event.domain.uuid));
    vx_domain_events_emit(driver->events, &event);
    return true;
}
