/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl channel list: a domain's channels as its XML has them.
 */
#include "channel.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

#include "conf/chr_def.h"
#include "conf/domain_xml.h"

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

static void add_member(JsonBuilder *builder, const char *name, const char *value)
{
    json_builder_set_member_name(builder, name);
    if (value)
        json_builder_add_string_value(builder, value);
    else
        json_builder_add_null_value(builder);
}

static void print_json(const GArray *rows)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *text = NULL;

    json_builder_begin_array(builder);
    for (unsigned i = 0; i < rows->len; i++) {
        const Row *row = &g_array_index(rows, Row, i);

        json_builder_begin_object(builder);
        add_member(builder, "name", row->name);
        add_member(builder, "type", row->type);
        add_member(builder, "state", row->state);
        add_member(builder, "backend", row->backend);
        add_member(builder, "path", row->path);
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, TRUE);
    puts(text);
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
