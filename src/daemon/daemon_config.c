/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon_config.h"

#include <stddef.h>
#include <string.h>

VX_ENUM_DEFINE(vx_auth_schemes, VX_AUTH_SCHEMES);
VX_ENUM_DEFINE(vx_virtio_settings, VX_VIRTIO_SETTINGS);
VX_ENUM_DEFINE(vx_log_levels, VX_LOG_LEVELS);

typedef enum { KIND_SECTION, KIND_TEXT, KIND_FOLDER, KIND_NUMBER, KIND_MODE, KIND_SWITCH, KIND_CHOICE } Kind;

typedef struct {
    Kind kind;
    const char *key;
    gsize offset; /* into VxDaemonConfig */
    const char *default_text;
    unsigned default_number;
    unsigned least;
    unsigned most;
    const VxEnum *table;
    const char *documentation;
} Setting;

#define AT(name) .key = #name, .offset = offsetof(VxDaemonConfig, name)

static const Setting settings[] = {
#define VX_SECTION(text) {.kind = KIND_SECTION, .key = "", .documentation = text},
#define VX_TEXT(name, value, text) {.kind = KIND_TEXT, AT(name), .default_text = value, .documentation = text},
#define VX_FOLDER(name, value, text) {.kind = KIND_FOLDER, AT(name), .default_text = value, .documentation = text},
#define VX_COUNT(name, value, lowest, highest, text)                                                                   \
    {.kind = KIND_NUMBER, AT(name), .default_number = value, .least = lowest, .most = highest, .documentation = text},
#define VX_MODE(name, value, text) {.kind = KIND_MODE, AT(name), .default_number = value, .documentation = text},
#define VX_SWITCH(name, value, text) {.kind = KIND_SWITCH, AT(name), .default_number = value, .documentation = text},
#define VX_CHOICE(name, value, texts, text)                                                                            \
    {.kind = KIND_CHOICE, AT(name), .default_number = value, .table = &texts, .documentation = text},
#include "daemon/daemon_settings.def"
};

static void *field_of(VxDaemonConfig *config, const Setting *setting)
{
    return (char *)config + setting->offset;
}

static void set_text(VxDaemonConfig *config, const Setting *setting, const char *text)
{
    char **field = field_of(config, setting);

    g_free(*field);
    *field = g_strdup(text);
}

static void set_number(VxDaemonConfig *config, const Setting *setting, unsigned number)
{
    if (setting->kind == KIND_SWITCH)
        *(bool *)field_of(config, setting) = number != 0;
    else if (setting->kind == KIND_CHOICE)
        *(int *)field_of(config, setting) = (int)number;
    else
        *(unsigned *)field_of(config, setting) = number;
}

VxDaemonConfig *vx_daemon_config_new(void)
{
    VxDaemonConfig *config = g_new0(VxDaemonConfig, 1);

    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (settings[i].default_text)
            set_text(config, &settings[i], settings[i].default_text);
        else if (settings[i].kind != KIND_SECTION)
            set_number(config, &settings[i], settings[i].default_number);
    }
    return config;
}

void vx_daemon_config_free(VxDaemonConfig *config)
{
    if (!config)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++)
        if (settings[i].default_text)
            g_free(*(char **)field_of(config, &settings[i]));
    g_free(config);
}

/* The text, and how far it has been read. */
typedef struct {
    const char *text;
    gsize length;
    gsize at;
    VxDiag *diag;
} Cursor;

static VxPlace place_of(gsize at)
{
    return (VxPlace)(at + 1);
}

static char peek(const Cursor *cursor)
{
    return cursor->at < cursor->length ? cursor->text[cursor->at] : '\0';
}

static void skip_blanks(Cursor *cursor)
{
    while (peek(cursor) == ' ' || peek(cursor) == '\t' || peek(cursor) == '\r')
        cursor->at++;
}

static void skip_line(Cursor *cursor)
{
    while (cursor->at < cursor->length && cursor->text[cursor->at] != '\n')
        cursor->at++;
    if (cursor->at < cursor->length)
        cursor->at++;
}

static char *read_word(Cursor *cursor)
{
    gsize start = cursor->at;

    while (g_ascii_isalnum(peek(cursor)) || peek(cursor) == '_' || peek(cursor) == '-')
        cursor->at++;
    return g_strndup(cursor->text + start, cursor->at - start);
}

/* What stands behind "=": a quoted text without its quotes (*IS_TEXT), or a word. NULL if it is neither. */
static char *read_value(Cursor *cursor, bool *is_text)
{
    char quote = peek(cursor);
    gsize start = cursor->at + 1;
    const char *end, *line_end;
    gsize rest;

    *is_text = quote == '"' || quote == '\'';
    if (!*is_text)
        return read_word(cursor);
    rest = cursor->length - start;
    line_end = memchr(cursor->text + start, '\n', rest);
    end = memchr(cursor->text + start, quote, line_end ? (gsize)(line_end - cursor->text) - start : rest);
    if (!end) {
        vx_diag_wrong(cursor->diag, place_of(start - 1), "this text has no closing %c", quote);
        return NULL;
    }
    cursor->at = (gsize)(end - cursor->text) + 1;
    return g_strndup(cursor->text + start, (gsize)(end - cursor->text) - start);
}

static bool parse_number(const char *text, unsigned base, unsigned least, unsigned most, unsigned *number)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, base, least, most, &value, NULL))
        return false;
    *number = (unsigned)value;
    return true;
}

/* Gives SETTING the VALUE, or says why it cannot have it. */
static void apply(VxDaemonConfig *config, const Setting *setting, const char *value, bool is_text, const Cursor *cursor,
                  VxPlace place)
{
    const char *key = setting->key;
    unsigned number = 0;

    switch (setting->kind) {
    case KIND_TEXT:
        if (!is_text)
            vx_diag_wrong(cursor->diag, place, "%s takes a text in quotes", key);
        else
            set_text(config, setting, value);
        return;
    case KIND_FOLDER:
        if (!is_text || !g_path_is_absolute(value))
            vx_diag_wrong(cursor->diag, place, "%s takes an absolute path, in quotes", key);
        else
            set_text(config, setting, value);
        return;
    case KIND_NUMBER:
        if (is_text || !parse_number(value, 10, setting->least, setting->most, &number))
            vx_diag_wrong(cursor->diag, place, "%s takes a number from %u to %u", key, setting->least, setting->most);
        else
            set_number(config, setting, number);
        return;
    case KIND_MODE:
        if (!is_text || !parse_number(value, 8, 0, 0777, &number))
            vx_diag_wrong(cursor->diag, place, "%s takes permissions as octal digits in quotes, as \"0770\"", key);
        else
            set_number(config, setting, number);
        return;
    case KIND_SWITCH:
        if (is_text || !parse_number(value, 10, 0, 1, &number))
            vx_diag_wrong(cursor->diag, place, "%s takes 0 (no) or 1 (yes)", key);
        else
            set_number(config, setting, number);
        return;
    case KIND_CHOICE:
        number = is_text ? (unsigned)vx_enum_from_text(setting->table, value) : 0;
        if (number) {
            set_number(config, setting, number);
        } else {
            g_autofree char *texts = vx_enum_list_texts(setting->table);
            vx_diag_wrong(cursor->diag, place, "%s takes %s, in quotes", key, texts);
        }
        return;
    case KIND_SECTION:
        return;
    }
}

static const Setting *find_setting(const char *key)
{
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++)
        if (settings[i].kind != KIND_SECTION && g_str_equal(settings[i].key, key))
            return &settings[i];
    return NULL;
}

static void warn_unknown(const Cursor *cursor, VxPlace place, const char *key)
{
    const char *keys[G_N_ELEMENTS(settings)] = {NULL};
    const char *nearest;

    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++)
        if (settings[i].kind != KIND_SECTION)
            keys[i] = settings[i].key;
    nearest = vx_nearest_text(key, keys, G_N_ELEMENTS(keys));
    if (nearest)
        vx_diag_warn(cursor->diag, place, "there is no setting '%s'; did you mean '%s'?", key, nearest);
    else
        vx_diag_warn(cursor->diag, place, "there is no setting '%s'", key);
}

/* "key = value", then nothing but a comment. Stops where it fails. */
static void parse_setting(VxDaemonConfig *config, Cursor *cursor)
{
    VxPlace key_place = place_of(cursor->at), value_place;
    g_autofree char *key = read_word(cursor);
    g_autofree char *value = NULL;
    const Setting *setting = find_setting(key);
    bool is_text;

    skip_blanks(cursor);
    if (!*key || peek(cursor) != '=') {
        vx_diag_wrong(cursor->diag, key_place, "this line is not of the form key = value");
        return;
    }
    cursor->at++;
    skip_blanks(cursor);
    value_place = place_of(cursor->at);
    if (!setting) {
        warn_unknown(cursor, key_place, key);
        return;
    }
    value = read_value(cursor, &is_text);
    if (!value)
        return;
    skip_blanks(cursor);
    if (peek(cursor) != '\0' && peek(cursor) != '\n' && peek(cursor) != '#')
        vx_diag_wrong(cursor->diag, place_of(cursor->at), "nothing but a comment may follow the value of %s", key);
    else
        apply(config, setting, value, is_text, cursor, value_place);
}

void vx_daemon_config_parse(VxDaemonConfig *config, const char *text, gsize length, VxDiag *diag)
{
    Cursor cursor = {.text = text, .length = length, .diag = diag};

    while (cursor.at < cursor.length) {
        skip_blanks(&cursor);
        if (peek(&cursor) != '\n' && peek(&cursor) != '#' && cursor.at < cursor.length)
            parse_setting(config, &cursor);
        skip_line(&cursor);
    }
}

/* TEXT as lines of a comment, at most 100 characters wide. */
static void write_comment(GString *out, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);
    gsize width = 100;

    for (gsize i = 0; words[i]; i++) {
        if (width + 1 + strlen(words[i]) > 100) {
            g_string_append(out, i ? "\n#" : "#");
            width = 1;
        }
        g_string_append_printf(out, " %s", words[i]);
        width += 1 + strlen(words[i]);
    }
    g_string_append_c(out, '\n');
}

static void write_setting(GString *out, const Setting *setting)
{
    write_comment(out, setting->documentation);
    g_string_append_printf(out, "#%s = ", setting->key);
    if (setting->default_text)
        g_string_append_printf(out, "\"%s\"\n\n", setting->default_text);
    else if (setting->kind == KIND_MODE)
        g_string_append_printf(out, "\"%04o\"\n\n", setting->default_number);
    else if (setting->kind == KIND_CHOICE)
        g_string_append_printf(out, "\"%s\"\n\n", vx_enum_to_text(setting->table, (int)setting->default_number));
    else
        g_string_append_printf(out, "%u\n\n", setting->default_number);
}

void vx_daemon_config_write_example(GString *out)
{
    g_string_append(out, "# Settings of virtxld. Each is shown at its default; remove the # before it to change it.\n");
    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        if (settings[i].kind == KIND_SECTION)
            g_string_append_printf(out, "\n## %s\n\n", settings[i].documentation);
        else
            write_setting(out, &settings[i]);
    }
}
