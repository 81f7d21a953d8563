/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From xl.cfg to a definition: a walk over the settings of the file, each looked up in the option table.
 */
#include <string.h>

#include "conf/domain_defaults.h"
#include "conf/domain_validate.h"
#include "conf/xml_escape.h"
#include "xlcfg/xlcfg_keep.h"
#include "xlcfg/xlcfg_options.h"
#include "xlcfg/xlcfg_xm.h"

/* ---- what the groups use ---- */

const VxXlcfgValue *vx_xl_value(const VxXlReader *reader, const char *key)
{
    const VxXlcfgSetting *setting = vx_xlcfg_tree_get(reader->tree, key);

    if (!setting)
        return NULL;
    /* What tells the type of guest is read before there is one. */
    return !reader->guest || (vx_xl_option_find(key)->guests & VX_XL_FOR(reader->guest)) ? &setting->value : NULL;
}

VxPlace vx_xl_place(const VxXlReader *reader, const char *key)
{
    const VxXlcfgSetting *setting = vx_xlcfg_tree_get(reader->tree, key);

    return setting ? setting->key_place : VX_NO_PLACE;
}

/* What XML has no way of saying is written with escapes (conf/xml_escape.h). */
void vx_xl_check_text(VxXlReader *reader, const char *key, VxPlace place, const char *text)
{
    if (!vx_xml_can_say(text))
        vx_diag_unfit(
            reader->diag, place,
            "the value of %s has a control character or is not UTF-8: domain XML says it with escapes, which only "
            "virtxl reads",
            key);
}

VxSeverity vx_xl_severity(VxXlReader *reader, bool slip)
{
    reader->has_slip = reader->has_slip || slip;
    return slip ? VX_UNFIT : VX_WRONG;
}

void vx_xl_report_end_of_list(VxXlReader *reader, const char *key, const VxXlcfgValue *item)
{
    vx_diag_unfit(reader->diag, item->place,
                  "%s has a list in its list, where xl ends reading it: left out with all that follows, so write each "
                  "entry as one string",
                  key);
}

const char *vx_xl_value_text(VxXlReader *reader, const char *key, const VxXlcfgValue *value)
{
    const char *text = vx_xlcfg_value_string(value);

    if (!text)
        vx_diag_unfit(reader->diag, value->place, "%s is a list where one string belongs: xl takes no notice of it",
                      key);
    else
        vx_xl_check_text(reader, key, value->place, text);
    return text;
}

const char *vx_xl_string(VxXlReader *reader, const char *key)
{
    const VxXlcfgValue *value = vx_xl_value(reader, key);

    return value ? vx_xl_value_text(reader, key, value) : NULL;
}

/* Whether the oldest xl that counts, which is that of Xen 4.17, passes over OPTION whatever its value is. */
static bool is_unknown_to_some(const VxXlOption *option)
{
    return option->since && strcmp(option->since, "4.17") > 0;
}

/* Reports that VALUE of OPTION is not WANTED; most of what is not, xl only passes over. */
static void report_type(VxXlReader *reader, const VxXlOption *option, const VxXlcfgValue *value, const char *is,
                        const char *wanted)
{
    if (option->only_this_type && is_unknown_to_some(option))
        vx_diag_unfit(reader->diag, value->place, "%s is %s, and left out: write %s", option->key, is, wanted);
    else if (option->only_this_type)
        vx_diag_wrong(reader->diag, value->place, "%s is %s: write %s", option->key, is, wanted);
    else
        vx_diag_unfit(reader->diag, value->place, "%s is %s: xl takes no notice of it", option->key, is);
}

/* xl looks at few ranges itself, and lets libxl cut the rest to size, or Xen refuse the guest: the number is carried.
 */
static void report_range(VxXlReader *reader, const VxXlOption *option, const VxXlcfgValue *value)
{
    char text[32];
    gint64 number;

    if (vx_xlcfg_value_to_int64(value, G_MININT64, G_MAXINT64, &number) != VX_XLCFG_NUMBER_GOOD) {
        report_type(reader, option, value, "too large a number", "a smaller one");
        return;
    }
    vx_diag_report(reader->diag, option->only_this_type && !is_unknown_to_some(option) ? VX_WRONG : VX_UNFIT,
                   value->place,
                   "%s is %" G_GINT64_FORMAT ": write a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                   option->key, number, option->minimum, option->maximum);
    g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, number);
    if (!vx_options_find(reader->def->options, option->key))
        vx_options_add(&reader->def->options, option->key, text)->object.place = value->place;
}

static bool read_number(VxXlReader *reader, const VxXlOption *option, const VxXlcfgValue *value, gint64 *number)
{
    switch (vx_xlcfg_value_to_int64(value, option->minimum, option->maximum, number)) {
    case VX_XLCFG_NUMBER_GOOD:
        return true;
    case VX_XLCFG_NUMBER_OUT_OF_RANGE:
        report_range(reader, option, value);
        return false;
    case VX_XLCFG_NUMBER_IS_SUM:
        report_type(reader, option, value, "given with +=, which makes it no number", "= instead");
        return false;
    case VX_XLCFG_NUMBER_IS_LIST:
    case VX_XLCFG_NUMBER_IS_NOT_ONE:
        report_type(reader, option, value, "no number", "one");
        return false;
    }
    return false;
}

bool vx_xl_number(VxXlReader *reader, const char *key, VxNumber *number)
{
    const VxXlcfgValue *value = vx_xl_value(reader, key);

    return value && (number->given = read_number(reader, vx_xl_option_find(key), value, &number->value));
}

/* A boolean of xl is any number: 0 is false. */
static VxYesNo read_bool(VxXlReader *reader, const char *key, const VxXlcfgValue *value)
{
    const VxXlOption any_number = {.key = key, .minimum = G_MININT64, .maximum = G_MAXINT64};
    gint64 number;

    if (!read_number(reader, &any_number, value, &number))
        return VX_YES_NO_NOT_GIVEN;
    return number != 0 ? VX_YES : VX_NO;
}

VxYesNo vx_xl_bool(VxXlReader *reader, const char *key)
{
    const VxXlcfgValue *value = vx_xl_value(reader, key);

    return value ? read_bool(reader, key, value) : VX_YES_NO_NOT_GIVEN;
}

/* ---- options that are carried ---- */

static void carry_items(VxXlReader *reader, const VxXlOption *option, VxOption *list, const VxXlcfgValue *value)
{
    for (guint32 i = 0; i < value->length; i++) {
        const VxXlcfgValue *item = &value->items[i];

        if (item->kind == VX_XLCFG_LIST && option->ends_at_list) {
            vx_xl_report_end_of_list(reader, option->key, item);
            return;
        }
        if (item->kind == VX_XLCFG_LIST) {
            carry_items(reader, option, vx_option_add_item(list, NULL), item);
            continue;
        }
        if (option->check_item && option->guests & VX_XL_FOR(reader->guest)) /* of others xl takes no notice */
            option->check_item(reader, item);
        vx_option_add_item(list, vx_xl_value_text(reader, option->key, item));
    }
}

/* TEXT as the row's words have it, NULL if it is none of them. */
static const char *find_word(const VxXlOption *option, const char *text)
{
    for (unsigned i = 0; i < option->words->n_texts; i++) {
        const char *word = option->words->texts[i];

        if ((option->any_case ? g_ascii_strcasecmp(word, text) : strcmp(word, text)) == 0)
            return word;
    }
    return NULL;
}

/* The number of a word, as older files have it. */
static const char *find_word_by_number(const VxXlOption *option, const VxXlcfgValue *value, bool *is_number)
{
    gint64 number = -1;

    *is_number = option->type == VX_XL_ENUM_OR_NUMBER &&
                 vx_xlcfg_value_to_int64(value, G_MININT64, G_MAXINT64, &number) == VX_XLCFG_NUMBER_GOOD;
    return *is_number && number >= 0 && number < option->words->n_texts ? option->words->texts[number] : NULL;
}

static const char *read_word(VxXlReader *reader, const VxXlOption *option, const VxXlcfgValue *value)
{
    bool is_number;
    const char *word = find_word_by_number(option, value, &is_number), *text;
    g_autofree char *words = NULL;

    if (word)
        return word;
    text = vx_xl_value_text(reader, option->key, value);
    if (!text || (!is_number && (word = find_word(option, text))))
        return word;
    words = vx_enum_list_texts(option->words);
    if (is_unknown_to_some(option))
        vx_diag_unfit(reader->diag, value->place, "%s is '%.60s', and left out: write %s", option->key, text, words);
    else
        vx_diag_wrong(reader->diag, value->place, "%s is '%.60s': write %s", option->key, text, words);
    return NULL;
}

const char *vx_xl_word(VxXlReader *reader, const char *key)
{
    const VxXlcfgValue *value = vx_xl_value(reader, key);

    return value ? read_word(reader, vx_xl_option_find(key), value) : NULL;
}

static void carry_number(VxXlReader *reader, const VxXlOption *option, const VxXlcfgValue *value)
{
    char text[32];
    gint64 number;

    if (!read_number(reader, option, value, &number))
        return;
    g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, number);
    vx_options_add(&reader->def->options, option->key, text)->object.place = value->place;
}

static void carry_text(VxXlReader *reader, const VxXlOption *option, const char *text)
{
    if (text)
        vx_options_add(&reader->def->options, option->key, text)->object.place = vx_xl_place(reader, option->key);
}

/* Carries VALUE as it is, whatever it is. */
static void carry_as_is(VxXlReader *reader, const VxXlOption *option, const VxXlcfgValue *value)
{
    if (value->kind == VX_XLCFG_LIST)
        carry_items(reader, option, vx_options_add(&reader->def->options, option->key, NULL), value);
    else
        carry_text(reader, option, vx_xl_value_text(reader, option->key, value));
}

static void carry(VxXlReader *reader, const VxXlOption *option, const VxXlcfgValue *value)
{
    switch (option->type) {
    case VX_XL_NUMBER:
        carry_number(reader, option, value);
        break;
    case VX_XL_BOOL: {
        VxYesNo answer = read_bool(reader, option->key, value);

        carry_text(reader, option, answer == 0 ? NULL : answer == VX_YES ? "1" : "0");
        break;
    }
    case VX_XL_ENUM:
    case VX_XL_ENUM_OR_NUMBER:
        carry_text(reader, option, read_word(reader, option, value));
        break;
    case VX_XL_STRINGS:
        if (value->kind == VX_XLCFG_LIST)
            carry_as_is(reader, option, value);
        else
            report_type(reader, option, value, "one string where a list belongs", "[ ] round it");
        break;
    case VX_XL_STRING:
        if (option->check_item && value->kind == VX_XLCFG_STRING)
            option->check_item(reader, value);
        carry_text(reader, option, vx_xl_value_text(reader, option->key, value));
        break;
    case VX_XL_STRING_OR_LIST:
    case VX_XL_NESTED:
        carry_as_is(reader, option, value);
        break;
    }
}

void vx_xl_carry(VxXlReader *reader, const char *key)
{
    const VxXlcfgValue *value = vx_xl_value(reader, key);

    if (value)
        carry(reader, vx_xl_option_find(key), value);
}

/* ---- options that have a place in the definition ---- */

static void read_field(VxXlReader *reader, const VxXlOption *option, const VxXlcfgValue *value)
{
    void *slot = (char *)reader->def + option->offset;
    const char *word;

    switch (option->type) {
    case VX_XL_STRING:
        *(char **)slot = g_strdup(vx_xl_value_text(reader, option->key, value));
        break;
    case VX_XL_NUMBER:
        ((VxNumber *)slot)->given = read_number(reader, option, value, &((VxNumber *)slot)->value);
        break;
    case VX_XL_BOOL:
        *(int *)slot = read_bool(reader, option->key, value);
        break;
    case VX_XL_ENUM:
    case VX_XL_ENUM_OR_NUMBER:
        word = read_word(reader, option, value);
        *(int *)slot = word ? vx_enum_from_text(option->words, word) : 0;
        break;
    case VX_XL_STRINGS:
    case VX_XL_STRING_OR_LIST:
    case VX_XL_NESTED:
        g_assert_not_reached(); /* lists belong to groups */
    }
}

/* ---- the walk ---- */

static void report_unknown(VxXlReader *reader, const VxXlcfgSetting *setting)
{
    bool is_shown = vx_diag_n_warnings(reader->diag) + vx_diag_n_errors(reader->diag) < VX_DIAG_MAX_PROBLEMS;
    const char *nearest = is_shown ? vx_xl_option_nearest(setting->key) : NULL; /* which takes a walk over all names */

    vx_diag_warn(reader->diag, setting->key_place, "xl has no option '%.60s'%s%s%s; it is left out", setting->key,
                 nearest ? ": did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

/* Of earlier assignments of the same key, which do not count; those that it was added to do. */
static void report_replaced(VxXlReader *reader, const VxXlcfgSetting *setting)
{
    bool is_list = setting->value.kind == VX_XLCFG_LIST;

    for (; setting->earlier; setting = setting->earlier) {
        if (!setting->value.is_sum)
            vx_diag_unfit(reader->diag, setting->earlier->key_place,
                          "%s is there again further down, and only that one counts: leave this one out%s",
                          setting->key, is_list ? ", or write += there" : "");
    }
}

/* Of OPTION, which is for guests of other types. */
static void report_elsewhere(VxXlReader *reader, const VxXlcfgSetting *setting, const VxXlOption *option)
{
    const char *guest = vx_enum_to_text(&vx_guest_types, reader->guest);

    if (option->only_these_guests)
        vx_diag_wrong(reader->diag, setting->key_place,
                      "%s means nothing for a %s guest, and xl refuses it: leave it out", setting->key, guest);
    else
        vx_diag_warn(reader->diag, setting->key_place, "%s means nothing for a %s guest; it is kept", setting->key,
                     guest);
}

/* Reads SETTING as OPTION. GROUPS gets the groups that are to be read afterwards. */
static void read_setting(VxXlReader *reader, const VxXlcfgSetting *setting, const VxXlOption *option, GPtrArray *groups)
{
    if (!(option->guests & VX_XL_FOR(reader->guest))) {
        report_elsewhere(reader, setting, option);
        carry_as_is(reader, option, &setting->value);
        return;
    }
    switch (option->fate) {
    case VX_XL_FIELD:
        read_field(reader, option, &setting->value);
        break;
    case VX_XL_GROUP:
        if (!g_ptr_array_find(groups, option->group, NULL))
            g_ptr_array_add(groups, (gpointer)option->group);
        break;
    case VX_XL_CARRIED:
        carry(reader, option, &setting->value);
        break;
    case VX_XL_ALIAS:
        if (!vx_xlcfg_tree_get(reader->tree, option->alias_of))
            read_setting(reader, setting, vx_xl_option_find(option->alias_of), groups);
        break;
    case VX_XL_IGNORED:
        vx_diag_warn(reader->diag, setting->key_place, "%s is left out: %s", setting->key, option->doc);
        break;
    }
}

static void read_settings(VxXlReader *reader)
{
    g_autoptr(GPtrArray) groups = g_ptr_array_new();

    for (const VxXlcfgSetting *setting = vx_xlcfg_tree_next(reader->tree, NULL); setting;
         setting = vx_xlcfg_tree_next(reader->tree, setting)) {
        const VxXlOption *option = vx_xl_option_find(setting->key);

        report_replaced(reader, setting);
        if (reader->dialect == VX_XLCFG_XM && vx_xm_read(reader, setting))
            continue;
        if (option)
            read_setting(reader, setting, option, groups);
        else if (strcmp(setting->key, VX_XLCFG_KEPT_XML_KEY) != 0)
            report_unknown(reader, setting);
    }
    for (const VxXlGroup *const *group = vx_xl_groups(); *group; group++) {
        if ((*group)->always || g_ptr_array_find(groups, *group, NULL))
            (*group)->read(reader);
    }
}

static gint by_place_in_table(gconstpointer a, gconstpointer b)
{
    const VxOption *const *left = a, *const *right = b;
    const VxXlOption *left_row = vx_xl_option_find((*left)->name), *right_row = vx_xl_option_find((*right)->name);

    return left_row < right_row ? -1 : left_row > right_row;
}

/* Options are carried in the order of the table, which is the one they are written in: two files that differ in the
 * order of their lines only become one definition. */
static void sort_carried(VxDomainDef *def)
{
    if (def->options)
        g_ptr_array_sort(def->options, by_place_in_table);
}

/* The definition that the file keeps as XML beside DEF, NULL if there is none that counts. */
static VxDomainDef *take_kept_xml(VxXlReader *reader)
{
    const VxXlcfgSetting *setting = vx_xlcfg_tree_get(reader->tree, VX_XLCFG_KEPT_XML_KEY);
    const char *xml = setting ? vx_xlcfg_value_string(&setting->value) : NULL;
    VxDomainDef *kept;

    if (!xml || reader->dialect == VX_XLCFG_XM || vx_diag_n_errors(reader->diag) > 0)
        return NULL;
    kept = vx_xlcfg_take_kept_xml(reader->def, xml);
    if (!kept)
        vx_diag_warn(reader->diag, setting->key_place,
                     "%s is left out: it is not the domain XML of the rest of the file, which counts",
                     VX_XLCFG_KEPT_XML_KEY);
    return kept;
}

VxDomainDef *vx_xlcfg_parse_as(VxXlcfgDialect dialect, const char *text, gsize length, VxDiag *diag)
{
    g_autoptr(VxXlcfgTree) tree = vx_xlcfg_tree_parse(text, length, diag);
    g_autoptr(VxDomainDef) def = NULL;
    VxDomainDef *kept;
    VxXlReader reader = {.dialect = dialect, .tree = tree, .diag = diag};

    if (!tree)
        return NULL;
    if (vx_xlcfg_tree_n_settings(tree) == 0) {
        vx_diag_wrong(diag, VX_NO_PLACE,
                      "the file holds no option at all: write at least name = \"...\" and kernel = \"...\"");
        return NULL;
    }
    reader.def = def = vx_domain_def_new();
    vx_xl_read_guest_type(&reader);
    read_settings(&reader);
    sort_carried(def);
    if (!def->name)
        vx_diag_wrong(diag, VX_NO_PLACE, "the guest has no name: write name = \"...\"");
    vx_domain_def_add_defaults(def);
    vx_domain_def_validate(def, diag);
    kept = take_kept_xml(&reader);
    return kept ? kept : g_steal_pointer(&def);
}

VxDomainDef *vx_xlcfg_parse(const char *text, gsize length, VxDiag *diag)
{
    return vx_xlcfg_parse_as(VX_XLCFG_XL, text, length, diag);
}
