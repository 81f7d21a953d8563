/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl channel list: a domain's channels as its XML has them.
 */
#include "channel.h"

#include <stdio.h>
#include <string.h>

#include "conf/chr_def.h"
#include "conf/domain_xml.h"
#include "util/vx_json.h"

/* What is shown of a channel; NULL where nothing is known. */
typedef struct {
    const char *name, *type, *state, *path, *backend;
} Row;

static const char *text_of(const VxEnum *table, int value)
{
    return value ? vx_enum_to_text(table, value) : NULL;
}

static Row make_row(const VxChr *channel)
{
    return (Row){
        .name = channel->target_name,
        .type = text_of(&vx_chr_types, channel->type),
        .state = text_of(&vx_chr_states, channel->target_state),
        .path = vx_chr_path(channel),
        .backend = channel->device.backend_domain ? channel->device.backend_domain : "0",
    };
}

static GArray *make_rows(const VxDomainDef *def)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(Row));

    for (unsigned i = 0; def->devices && i < def->devices->len; i++) {
        const VxChr *channel = def->devices->pdata[i];

        if (channel->device.object.kind == VX_DEVICE_CHANNEL) {
            Row row = make_row(channel);

            g_array_append_val(rows, row);
        }
    }
    return rows;
}

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

static void print_table(const GArray *rows)
{
    int width = 4;

    for (unsigned i = 0; i < rows->len; i++)
        width = MAX(width, (int)g_utf8_strlen(or_dash(g_array_index(rows, Row, i).name), -1));
    printf("%-*s  %-4s  %-12s  %-7s  %s\n", width, "NAME", "TYPE", "STATE", "BACKEND", "PATH");
    for (unsigned i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);
        const char *name = or_dash(row->name);

        printf("%s%*s  %-4s  %-12s  %-7s  %s\n", name, width - (int)g_utf8_strlen(name, -1), "", or_dash(row->type),
               or_dash(row->state), row->backend, or_dash(row->path));
    }
}

static void add_member(json_object *object, const char *name, const char *value)
{
    json_object_object_add(object, name, value ? json_object_new_string(value) : NULL);
}

static void print_json(const GArray *rows)
{
    int flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
    g_autoptr(json_object) array = json_object_new_array();

    for (unsigned i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);
        json_object *object = json_object_new_object();

        add_member(object, "name", row->name);
        add_member(object, "type", row->type);
        add_member(object, "state", row->state);
        add_member(object, "backend", row->backend);
        add_member(object, "path", row->path);
        json_object_array_add(array, object);
    }
    puts(json_object_to_json_string_ext(array, rows->len > 0 ? flags : JSON_C_TO_STRING_PLAIN));
}

static ExitStatus print_xml(const char *xml)
{
    g_autoptr(VxDiag) diag = vx_diag_new("the domain", xml, strlen(xml), VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) def = vx_domain_def_parse(xml, strlen(xml), VX_READ_LIVE, diag);
    g_autoptr(GArray) rows = NULL;

    if (!def)
        return complain(EXIT_REFUSED, "the daemon's XML of domain '%s' is not what Xen could run", options.domain);
    rows = make_rows(def);
    if (options.json)
        print_json(rows);
    else
        print_table(rows);
    return EXIT_GOOD;
}

ExitStatus list_channels(void)
{
    virConnectPtr connection = open_daemon();
    virDomainPtr domain = connection ? find_domain(connection) : NULL;
    char *xml = domain ? virDomainGetXMLDesc(domain, 0) : NULL;
    ExitStatus status = !connection ? EXIT_IO : xml ? print_xml(xml) : complain_last();

    free(xml);
    if (domain)
        virDomainFree(domain);
    if (connection)
        virConnectClose(connection);
    return status;
}
