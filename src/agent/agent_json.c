/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent/agent_json.h"

#include <math.h>
#include <string.h>

/* A reader that goes once over the text and recurses as deep as VX_AGENT_JSON_MAX_DEPTH at most. A function that finds
 * something wrong notes it once and returns false. */
typedef struct {
    const char *at, *end;
    const char *problem;
    unsigned depth, n_values;
} Reader;

static bool value(Reader *reader);

static bool wrong(Reader *reader, const char *problem)
{
    if (!reader->problem)
        reader->problem = problem;
    return false;
}

static bool not_json(Reader *reader)
{
    return wrong(reader, reader->at == reader->end ? "it ends too early" : "it is not JSON");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(Reader *reader)
{
    while (reader->at < reader->end && is_blank(*reader->at))
        reader->at++;
}

static bool next_is(Reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static bool word(Reader *reader, const char *text)
{
    gsize length = strlen(text);

    if ((gsize)(reader->end - reader->at) < length || memcmp(reader->at, text, length) != 0)
        return not_json(reader);
    reader->at += length;
    return true;
}

static bool digits(Reader *reader)
{
    const char *start = reader->at;

    while (reader->at < reader->end && g_ascii_isdigit(*reader->at))
        reader->at++;
    return reader->at > start || not_json(reader);
}

/* The number from START up to here must be one that the tree can hold. */
static bool number_fits(Reader *reader, const char *start, bool is_whole)
{
    char copy[64];
    gsize length = reader->at - start;

    if (length >= sizeof copy)
        return wrong(reader, "it has a number of too many digits");
    memcpy(copy, start, length);
    copy[length] = '\0';
    if (is_whole ? !g_ascii_string_to_signed(copy, 10, G_MININT64, G_MAXINT64, NULL, NULL)
                 : !isfinite(g_ascii_strtod(copy, NULL)))
        return wrong(reader, "it has a number that does not fit in 64 bits");
    return true;
}

static bool number(Reader *reader)
{
    const char *start = reader->at;
    bool is_whole = true;

    next_is(reader, '-');
    if (!next_is(reader, '0') && !digits(reader))
        return false;
    if (next_is(reader, '.')) {
        is_whole = false;
        if (!digits(reader))
            return false;
    }
    if (next_is(reader, 'e') || next_is(reader, 'E')) {
        is_whole = false;
        if (!next_is(reader, '+'))
            next_is(reader, '-');
        if (!digits(reader))
            return false;
    }
    return number_fits(reader, start, is_whole);
}

/* The four hexadecimal digits of an escape, -1 if they are none. */
static int code_unit(Reader *reader)
{
    int unit = 0;

    for (unsigned i = 0; i < 4; i++) {
        if (reader->at == reader->end || !g_ascii_isxdigit(*reader->at)) {
            not_json(reader);
            return -1;
        }
        unit = unit * 16 + g_ascii_xdigit_value(*reader->at++);
    }
    return unit;
}

static bool unicode_escape(Reader *reader)
{
    int unit = code_unit(reader);

    if (unit < 0)
        return false;
    if (unit == 0)
        return wrong(reader, "it has a NUL in a string");
    if (unit < 0xd800 || unit > 0xdfff)
        return true;
    if (unit < 0xdc00 && next_is(reader, '\\') && next_is(reader, 'u')) {
        unit = code_unit(reader);
        if (unit >= 0xdc00 && unit <= 0xdfff)
            return true;
    }
    return wrong(reader, "it has half a surrogate pair");
}

static bool string(Reader *reader)
{
    if (!next_is(reader, '"'))
        return not_json(reader);
    while (reader->at < reader->end) {
        unsigned char c = *reader->at++;

        if (c == '"')
            return true;
        if (c < ' ')
            return wrong(reader, "it has a control character in a string");
        if (c != '\\')
            continue;
        if (next_is(reader, 'u')) {
            if (!unicode_escape(reader))
                return false;
        } else if (reader->at == reader->end || !memchr("\"\\/bfnrt", *reader->at, 8)) {
            return not_json(reader);
        } else {
            reader->at++;
        }
    }
    return not_json(reader);
}

static bool member(Reader *reader)
{
    skip_blanks(reader);
    if (!string(reader))
        return false;
    skip_blanks(reader);
    return next_is(reader, ':') ? value(reader) : not_json(reader);
}

/* What stands between an opening bracket, already read, and CLOSE. */
static bool items(Reader *reader, char close, bool (*item)(Reader *reader))
{
    bool done;

    if (++reader->depth > VX_AGENT_JSON_MAX_DEPTH)
        return wrong(reader, "it is nested too deeply");
    skip_blanks(reader);
    done = next_is(reader, close);
    while (!done) {
        if (!item(reader))
            return false;
        skip_blanks(reader);
        done = next_is(reader, close);
        if (!done && !next_is(reader, ','))
            return not_json(reader);
    }
    reader->depth--;
    return true;
}

static bool value(Reader *reader)
{
    skip_blanks(reader);
    if (++reader->n_values > VX_AGENT_JSON_MAX_VALUES)
        return wrong(reader, "it has too many values");
    if (next_is(reader, '{'))
        return items(reader, '}', member);
    if (next_is(reader, '['))
        return items(reader, ']', value);
    switch (reader->at < reader->end ? *reader->at : '\0') {
    case '"':
        return string(reader);
    case 't':
        return word(reader, "true");
    case 'f':
        return word(reader, "false");
    case 'n':
        return word(reader, "null");
    default:
        return number(reader);
    }
}

const char *vx_agent_json_check(const char *text, gsize length)
{
    Reader reader = {.at = text, .end = text + length};

    if (!g_utf8_validate_len(text, length, NULL))
        return "it is not valid UTF-8";
    if (value(&reader)) {
        skip_blanks(&reader);
        if (reader.at < reader.end)
            not_json(&reader);
    }
    return reader.problem;
}

char *vx_agent_json_compact(const char *text, gsize length)
{
    char *compact = g_malloc(length + 1), *to = compact;
    bool in_string = false;

    for (const char *at = text; at < text + length; at++) {
        if (!in_string && is_blank(*at))
            continue;
        if (*at == '"')
            in_string = !in_string;
        *to++ = *at;
        if (in_string && *at == '\\' && at + 1 < text + length)
            *to++ = *++at;
    }
    *to = '\0';
    return compact;
}
