/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From a definition to xl.cfg: a walk over the option table.
 */
#include <string.h>

#include "xlcfg/xlcfg_keep.h"
#include "xlcfg/xlcfg_options.h"
#include "xlcfg/xlcfg_print.h"
#include "xlcfg/xlcfg_xm.h"

/* What is carried for ROW and counts; NULL if there is nothing. */
static const VxOption *find_carried(const VxXlWriter *writer, const VxXlOption *row)
{
    const VxOption *carried = writer->def->options ? vx_options_find(writer->def->options, row->key) : NULL;
    bool may_be_outdated;

    if (!carried)
        return NULL;
    may_be_outdated = row->group && row->group->holds && (row->guests & VX_XL_FOR(writer->guest));
    return !may_be_outdated || row->group->holds(writer, carried) ? carried : NULL;
}

bool vx_xl_carries(const VxXlWriter *writer, const char *key)
{
    return find_carried(writer, vx_xl_option_find(key)) != NULL;
}

void vx_xl_write_string(VxXlWriter *writer, const char *key, const char *value)
{
    if (value)
        vx_xlcfg_print_string(writer->out, key, value);
}

void vx_xl_write_number(VxXlWriter *writer, const char *key, gint64 value)
{
    vx_xlcfg_print_int(writer->out, key, value);
}

static void write_field(VxXlWriter *writer, const VxXlOption *option)
{
    const void *slot = (const char *)writer->def + option->offset;

    switch (option->type) {
    case VX_XL_STRING:
        vx_xl_write_string(writer, option->key, *(char *const *)slot);
        break;
    case VX_XL_NUMBER:
        if (((const VxNumber *)slot)->given)
            vx_xl_write_number(writer, option->key, ((const VxNumber *)slot)->value);
        break;
    case VX_XL_BOOL:
        if (*(const int *)slot != 0)
            vx_xl_write_number(writer, option->key, *(const int *)slot == VX_YES);
        break;
    case VX_XL_ENUM:
    case VX_XL_ENUM_OR_NUMBER:
        vx_xl_write_string(writer, option->key, vx_enum_to_text(option->words, *(const int *)slot));
        break;
    case VX_XL_STRINGS:
    case VX_XL_STRING_OR_LIST:
    case VX_XL_NESTED:
        g_assert_not_reached(); /* lists belong to groups */
    }
}

/* ---- what is carried ---- */

static void write_items(VxXlcfgList *list, const GPtrArray *items)
{
    for (unsigned i = 0; items && i < items->len; i++) {
        const VxOption *item = items->pdata[i];

        if (item->value) {
            vx_xlcfg_list_add_string(list, item->value);
            continue;
        }
        vx_xlcfg_list_open(list);
        write_items(list, item->items);
        vx_xlcfg_list_close(list);
    }
}

/* Whether TEXT is a number as we would write it, which needs no quotes. */
static bool read_number(const char *text, gint64 *number)
{
    char again[32];

    *number = g_ascii_strtoll(text, NULL, 10);
    g_snprintf(again, sizeof(again), "%" G_GINT64_FORMAT, *number);
    return strcmp(again, text) == 0;
}

static void write_carried(VxXlWriter *writer, const VxXlOption *row, const VxOption *option)
{
    gint64 number;

    if (!option->value) {
        VxXlcfgList list;

        vx_xlcfg_list_begin(&list, writer->out, option->name);
        write_items(&list, option->items);
        vx_xlcfg_list_end(&list);
    } else if ((row->type == VX_XL_NUMBER || row->type == VX_XL_BOOL) && read_number(option->value, &number)) {
        vx_xl_write_number(writer, option->name, number);
    } else {
        vx_xl_write_string(writer, option->name, option->value);
    }
}

/* Options in the XML that the table does not have: somebody else's, or a slip. */
static void report_unknown(VxXlWriter *writer)
{
    const GPtrArray *options = writer->def->options;

    for (unsigned i = 0; options && i < options->len; i++) {
        const VxOption *option = options->pdata[i];

        if (!vx_xl_option_find(option->name))
            vx_diag_wrong(writer->diag, option->object.place, "xl has no option '%.60s'", option->name);
    }
}

static void write_options(VxXlWriter *writer)
{
    const VxXlGroup *const *next_group = vx_xl_groups(); /* groups are written where their first rows are */

    for (unsigned i = 0; i < vx_xl_n_options; i++) {
        const VxXlOption *row = &vx_xl_options[i];
        const VxOption *carried = find_carried(writer, row);

        if (row->fate == VX_XL_FIELD && !carried) {
            if (row->guests & VX_XL_FOR(writer->guest))
                write_field(writer, row);
        } else if (row->group && row->group == *next_group) {
            row->group->write(writer);
            next_group++;
        }
        if (carried)
            write_carried(writer, row, carried);
    }
}

/* What an ordinary guest's file has: enough for the text to grow seldom. */
#define USUAL_BYTES 1024

char *vx_xlcfg_format(const VxDomainDef *def, const VxXlcfgOptions *options, VxDiag *diag)
{
    GString *out = g_string_sized_new(USUAL_BYTES);
    VxXlWriter writer = {
        .out = out, .diag = diag, .def = def, .guest = vx_domain_def_guest_type(def), .options = options};

    write_options(&writer);
    report_unknown(&writer);
    if (options->dialect == VX_XLCFG_XM) {
        g_autofree char *text = g_string_free(out, FALSE);

        return vx_xm_translate(def, text, diag);
    }
    if (options->keep_xml)
        vx_xlcfg_keep_xml(def, out);
    return g_string_free(out, FALSE);
}
