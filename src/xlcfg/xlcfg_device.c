/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_device.h"

#include <string.h>

#include "xlcfg/xlcfg_print.h"

/* No device has more keys than this. */
#define MAX_KEYS 96

static const VxXlDeviceKey *find_key(const VxXlDevice *table, const char *key)
{
    for (unsigned i = 0; i < table->n_keys; i++) {
        if (strcmp(table->keys[i].key, key) == 0)
            return &table->keys[i];
    }
    return NULL;
}

/* Whether PAIR is a word with the name of a KEY that has a value, or the other way round, where xl tells them apart. */
static bool is_misused(const VxXlDevice *table, const VxXlDeviceKey *key, const VxXlcfgPair *pair)
{
    return key && table->keeps_blanks && key->is_word != !pair->value;
}

/* The key that PAIR is about. */
static const VxXlDeviceKey *key_of_pair(const VxXlDevice *table, const VxXlcfgPair *pair)
{
    const VxXlDeviceKey *key = find_key(table, pair->key);

    return is_misused(table, key, pair) ? NULL : key;
}

static const char *nearest_key(const VxXlDevice *table, const char *key)
{
    const char *keys[MAX_KEYS];

    g_assert(table->n_keys <= MAX_KEYS);
    for (unsigned i = 0; i < table->n_keys; i++)
        keys[i] = table->keys[i].key;
    return vx_nearest_text(key, keys, table->n_keys);
}

void vx_xl_device_carry(VxDevice *device, const char *key, const char *value)
{
    VxOption *carried = (VxOption *)vx_options_find(device->options, key);

    if (!carried) {
        vx_options_add(&device->options, key, value);
        return;
    }
    g_free(carried->value);
    carried->value = g_strdup(value);
}

/* Kept under its own name, it would stand for the key. */
static void report_misused(VxXlReader *reader, const VxXlDevice *table, const VxXlDeviceKey *key,
                           const VxXlcfgPair *pair)
{
    vx_diag_report(reader->diag, table->refuses_unknown ? VX_WRONG : VX_UNFIT, pair->key_place, "%s has '%.40s' %s: %s",
                   table->option, pair->key, key->is_word ? "with a value" : "without a value",
                   table->refuses_unknown ? "xl refuses it" : "xl passes over it, and it is left out");
}

static void read_unknown(VxXlReader *reader, const VxXlDevice *table, const VxXlcfgPair *pair, VxDevice *device)
{
    const VxXlDeviceKey *misused = find_key(table, pair->key);
    const char *nearest = nearest_key(table, pair->key);
    VxSeverity severity = table->refuses_unknown ? VX_WRONG : VX_UNFIT;

    if (misused) {
        report_misused(reader, table, misused, pair);
        return;
    }
    vx_diag_report(reader->diag, severity, pair->key_place, "%s has no key '%.60s'%s%s%s%s", table->option, pair->key,
                   nearest ? ": did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "",
                   table->refuses_unknown ? "" : "; xl passes over it, and it is kept");
    if (!table->refuses_unknown && (pair->value || table->keeps_blanks))
        vx_options_add(&device->options, pair->key, pair->value); /* twice, too: there can be many of them */
}

static void read_field(VxXlReader *reader, const VxXlDevice *table, const VxXlDeviceKey *key, const VxXlcfgPair *pair,
                       void *device)
{
    void *slot = (char *)device + key->field.offset;
    g_autofree char *why = NULL;

    key->field.type->clear(slot);
    if (!key->field.type->parse(&key->field, pair->value, slot, &why))
        vx_diag_wrong(reader->diag, pair->value_place, "%s of %s is '%.100s': write %s", pair->key, table->option,
                      pair->value, why);
}

void vx_xl_device_read_pair(VxXlReader *reader, const VxXlDevice *table, const VxXlcfgPair *pair, void *device)
{
    const VxXlDeviceKey *key = key_of_pair(table, pair);

    if (!key)
        read_unknown(reader, table, pair, device);
    else if (key->read)
        key->read(reader, pair, device);
    else if (key->carried || key->is_word)
        vx_xl_device_carry(device, pair->key, pair->value);
    else
        read_field(reader, table, key, pair, device);
}

/* More keys than this are better looked up than read in a message. */
#define MAX_KEYS_NAMED 8

static void report_word(VxXlReader *reader, const VxXlDevice *table, const VxXlcfgPair *pair)
{
    VxSeverity severity = vx_xl_severity(reader, table->takes_no_pair);
    g_autoptr(GString) keys = g_string_new(NULL);

    if (!*pair->key) {
        vx_diag_report(reader->diag, severity, pair->key_place,
                       "%s has only blanks between two commas: take one comma out", table->option);
        return;
    }
    for (unsigned i = 0; i < table->n_keys && table->n_keys <= MAX_KEYS_NAMED; i++)
        g_string_append_printf(keys, "%s%s=...",
                               i == 0                  ? ": write "
                               : i + 1 < table->n_keys ? ", "
                                                       : " or ",
                               table->keys[i].key);
    vx_diag_report(reader->diag, severity, pair->key_place, "%s has '%.60s' where a key=value belongs%s", table->option,
                   pair->key, keys->str);
}

/* What xl refuses of any pair. */
static bool is_good_pair(VxXlReader *reader, const VxXlDevice *table, const VxXlDeviceKey *key, const VxXlcfgPair *pair)
{
    if (pair->kind == VX_XLCFG_EMPTY ||
        (pair->kind == VX_XLCFG_BLANK && table->keeps_blanks && !table->refuses_unknown))
        return false;
    if (table->keeps_blanks)
        return true;
    if (pair->kind != VX_XLCFG_PAIR) {
        report_word(reader, table, pair);
        return false;
    }
    if (!*pair->key) {
        vx_diag_report(reader->diag, vx_xl_severity(reader, table->takes_blanks && !pair->has_no_key), pair->key_place,
                       "%s has a '=' without a key before it: write one, or leave it out", table->option);
        return false;
    }
    if (pair->has_no_value || !*pair->value) {
        bool blanks_taken = table->takes_blanks && !pair->has_no_value && !(key && key->refuses_blanks);
        bool taken = table->takes_no_pair || blanks_taken;

        vx_diag_report(reader->diag, vx_xl_severity(reader, taken), pair->key_place,
                       "%s has no value behind '%.60s=': write one, or leave the key out", table->option, pair->key);
        return blanks_taken;
    }
    if (table->keeps_blanks_of_values && !vx_xlcfg_pairs_can_say(pair->value))
        vx_diag_unfit(
            reader->diag, pair->value_place,
            "%s of %s is '%.60s', with blanks that are a part of it before Xen 4.18, and not later: take them "
            "out",
            pair->key, table->option, pair->value);
    vx_xl_check_text(reader, table->option, pair->key_place, pair->key);
    vx_xl_check_text(reader, table->option, pair->value_place, pair->value);
    return true;
}

/* xl before 4.18 passes over each '=' that stands before a key, or behind another one. If PAIR has such, it is made
 * what that xl sees, in *TEXT, which the caller frees. */
static void leave_out_equals(VxXlReader *reader, const VxXlDevice *table, VxXlcfgPair *pair, char **text)
{
    char *key, *value = NULL;

    if (!table->takes_blanks || !pair->value || (!pair->has_no_key && *pair->value != '='))
        return;
    *text = g_strdup_printf("%s=%s", pair->key, pair->value);
    key = *text + strspn(*text, "=");
    value = key + strcspn(key, "=");
    if (!*key || value[strspn(value, "=")] == '\0') /* nothing is left: it is refused as it is */
        return;
    vx_diag_report(reader->diag, vx_xl_severity(reader, true), pair->key_place,
                   "%s has a '=' too many in '%.60s': leave it out", table->option, *text);
    pair->has_no_key = false;
    pair->value = value + strspn(value, "=");
    *value = '\0';
    pair->key = g_strchomp(key);
}

void vx_xl_device_read(VxXlReader *reader, const VxXlDevice *table, const VxXlcfgValue *value, void *device)
{
    g_auto(VxXlcfgPairs) pairs = {0};
    bool seen[MAX_KEYS] = {false};

    g_assert(table->n_keys <= MAX_KEYS);
    if (table->keeps_blanks)
        vx_xlcfg_pairs_init_keeping_blanks(&pairs, value, ',');
    else if (table->keeps_blanks_of_values)
        vx_xlcfg_pairs_init_keeping_blanks_of_values(&pairs, value, ',');
    else
        vx_xlcfg_pairs_init(&pairs, value, ',');
    while (vx_xlcfg_pairs_next(&pairs)) {
        g_autofree char *text = NULL;
        const VxXlDeviceKey *key;
        gsize number;

        leave_out_equals(reader, table, &pairs.pair, &text);
        key = key_of_pair(table, &pairs.pair);
        number = key ? (gsize)(key - table->keys) : 0;
        if (!is_good_pair(reader, table, key, &pairs.pair)) {
            if (table->takes_no_pair && !pairs.pair.value && pairs.pair.kind != VX_XLCFG_EMPTY)
                break; /* xl has ended here */
            continue;
        }
        if (key && seen[number]) {
            vx_diag_unfit(reader->diag, pairs.pair.key_place, "%s says '%s' twice: the last one counts", table->option,
                          pairs.pair.key);
            vx_options_remove(&((VxDevice *)device)->options, pairs.pair.key);
        }
        seen[number] = seen[number] || key;
        vx_xl_device_read_pair(reader, table, &pairs.pair, device);
    }
}

void vx_xl_device_add_pair(VxXlWriter *writer, const char *option, const void *device, GString *pairs, const char *key,
                           const char *value)
{
    VxPlace place = ((const VxObject *)device)->place;

    if (!value)
        return;
    if (!vx_xlcfg_pairs_can_say(value)) {
        vx_diag_wrong(writer->diag, place,
                      "%s of %s is '%.100s': xl.cfg can say nothing empty there, no comma, and no "
                      "blank at either end",
                      key, option, value);
        return;
    }
    vx_xlcfg_pairs_add(pairs, key, value);
}

/* The same where blanks are kept; a word has no VALUE. */
static void add_pair_with_blanks(VxXlWriter *writer, const VxXlDevice *table, const void *device, GString *pairs,
                                 const char *key, const char *value)
{
    if (strchr(key, ',') || (value && (strchr(value, ',') || strchr(key, '=')))) {
        vx_diag_wrong(writer->diag, ((const VxObject *)device)->place,
                      "%s of %s is '%.100s': xl.cfg can say no comma there", key, table->option, value ? value : key);
        return;
    }
    if (value) {
        vx_xlcfg_pairs_add(pairs, key, value);
        return;
    }
    if (pairs->len > 0)
        g_string_append_c(pairs, ',');
    g_string_append(pairs, key);
}

void vx_xl_device_write_pair(VxXlWriter *writer, const VxXlDevice *table, const void *device, GString *pairs,
                             const char *key, const char *value)
{
    bool has_blanks = table->keeps_blanks || (table->keeps_blanks_of_values && value && *value);

    if (has_blanks && value)
        add_pair_with_blanks(writer, table, device, pairs, key, value);
    else if (!table->keeps_blanks)
        vx_xl_device_add_pair(writer, table->option, device, pairs, key, value);
}

static void format_field(VxXlWriter *writer, const VxXlDevice *table, const VxXlDeviceKey *key, const void *device,
                         GString *pairs)
{
    const void *slot = (const char *)device + key->field.offset;
    g_autoptr(GString) text = NULL;

    if (!key->field.type || !key->field.type->is_given(slot))
        return;
    text = g_string_new(NULL);
    key->field.type->format(&key->field, slot, text);
    vx_xl_device_write_pair(writer, table, device, pairs, key->key, text->str);
}

void vx_xl_device_format(VxXlWriter *writer, const VxXlDevice *table, const void *device, GString *pairs)
{
    const GPtrArray *options = ((const VxDevice *)device)->options;

    for (unsigned i = 0; i < table->n_keys; i++) {
        const VxXlDeviceKey *key = &table->keys[i];

        if (vx_options_find(options, key->key))
            continue;
        if (key->write)
            key->write(writer, device, pairs);
        else if (!key->carried && !key->is_word)
            format_field(writer, table, key, device, pairs);
    }
    for (unsigned i = 0; options && i < options->len; i++) {
        const VxOption *option = options->pdata[i];

        if (table->keeps_blanks)
            add_pair_with_blanks(writer, table, device, pairs, option->name, option->value);
        else if (strpbrk(option->name, ",=") || (*option->name && !vx_xlcfg_pairs_can_say(option->name)))
            vx_diag_wrong(writer->diag, option->object.place, "%s can have no key '%.60s'", table->option,
                          option->name);
        else
            vx_xl_device_write_pair(writer, table, device, pairs, option->name, option->value);
    }
    if (table->keeps_blanks && pairs->len == 0)
        g_string_append(pairs, VX_XL_DEVICE_WITHOUT_PAIRS);
}

/* The list OPTION, NULL if the file has none. */
static const VxXlcfgValue *find_list(VxXlReader *reader, const char *option)
{
    const VxXlcfgSetting *setting = vx_xlcfg_tree_get(reader->tree, option);

    if (!setting)
        return NULL;
    if (setting->value.kind != VX_XLCFG_LIST) {
        vx_diag_unfit(reader->diag, setting->value.place,
                      "%s is one string where a list belongs: xl takes no notice of it", option);
        return NULL;
    }
    return &setting->value;
}

static void read_each(VxXlReader *reader, const char *option, const VxXlcfgValue *list, VxXlItem read_item,
                      bool checks_text)
{
    for (guint32 i = 0; i < list->length; i++) {
        const VxXlcfgValue *item = &list->items[i];

        if (item->kind == VX_XLCFG_LIST) {
            vx_xl_report_end_of_list(reader, option, item);
            return;
        }
        if (checks_text)
            vx_xl_check_text(reader, option, item->place, item->string);
        read_item(reader, item);
    }
}

static void drop_device_at(VxDomainDef *def, VxPlace place)
{
    for (guint i = 0; def->devices && i < def->devices->len; i++) {
        VxObject *device = def->devices->pdata[i];

        if (device->place == place) {
            vx_domain_def_drop_device(def, device);
            return;
        }
    }
}

/* Carries LIST, that of OPTION, instead of the devices that were made of it. */
static void carry_instead(VxXlReader *reader, const char *option, const VxXlcfgValue *list)
{
    for (guint32 i = 0; i < list->length; i++)
        drop_device_at(reader->def, list->items[i].place);
    vx_diag_unfit(reader->diag, vx_xl_place(reader, option),
                  "%s is kept as it is, for xl takes it: put right what is wrong in it, or no guest is made of it",
                  option);
    vx_xl_carry(reader, option);
}

static void read_items(VxXlReader *reader, const char *option, VxXlItem read_item, bool checks_text)
{
    const VxXlcfgValue *list = find_list(reader, option);

    if (!list)
        return;
    reader->has_slip = false;
    read_each(reader, option, list, read_item, checks_text);
    if (reader->has_slip)
        carry_instead(reader, option, list);
}

void vx_xl_read_items(VxXlReader *reader, const char *option, VxXlItem read_item)
{
    read_items(reader, option, read_item, true);
}

void vx_xl_read_pair_items(VxXlReader *reader, const char *option, VxXlItem read_item)
{
    read_items(reader, option, read_item, false);
}

/* Writes what FORMAT makes of the devices of KIND into LIST, which is begun with the first. */
static void write_devices_of_kind(VxXlWriter *writer, const char *option, VxDeviceKind kind, VxXlFormat format,
                                  VxXlcfgList *list, bool *begun)
{
    g_autoptr(GString) item = g_string_new(NULL);
    const void *device;

    for (unsigned i = 0; (device = vx_domain_def_next_device(writer->def, kind, &i));) {
        g_string_truncate(item, 0);
        format(writer, device, item);
        if (item->len == 0)
            continue;
        if (!*begun)
            vx_xlcfg_list_begin(list, writer->out, option);
        *begun = true;
        vx_xlcfg_list_add_string(list, item->str);
    }
}

void vx_xl_write_devices_of(VxXlWriter *writer, const char *option, const VxDeviceKind *kinds, unsigned n_kinds,
                            VxXlFormat format)
{
    const VxOption *carried = vx_options_find(writer->def->options, option);
    VxXlcfgList list;
    bool begun = false;

    if (carried) {
        vx_diag_unfit(writer->diag, carried->object.place,
                      "%s is kept as it was written, with a slip in it that only xl passes over", option);
        return;
    }
    for (unsigned i = 0; i < n_kinds; i++)
        write_devices_of_kind(writer, option, kinds[i], format, &list, &begun);
    if (begun)
        vx_xlcfg_list_end(&list);
}

void vx_xl_write_devices(VxXlWriter *writer, const char *option, VxDeviceKind kind, VxXlFormat format)
{
    vx_xl_write_devices_of(writer, option, &kind, 1, format);
}
