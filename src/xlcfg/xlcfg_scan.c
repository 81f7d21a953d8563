/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_scan.h"

#include <string.h>

/* What a byte can be part of. Fixed rather than <ctype.h>: xl's scanner knows ASCII only, whatever the locale. */
enum {
    IN_NAME = 1 << 0,
    STARTS_NAME = 1 << 1,
    IN_NUMBER = 1 << 2,
    STARTS_NUMBER = 1 << 3,
    BLANK = 1 << 4,
    ENDS_STRING_RUN = 1 << 5, /* what a string literal has to look at: quotes, backslash, newline, NUL */
};

static const guint8 classes[256] = {
    ['\0'] = ENDS_STRING_RUN,
    ['\n'] = ENDS_STRING_RUN,
    ['\\'] = ENDS_STRING_RUN,
    ['"'] = ENDS_STRING_RUN,
    ['\''] = ENDS_STRING_RUN,
    [' '] = BLANK,
    ['\t'] = BLANK,
    ['.'] = IN_NAME,
    ['_'] = IN_NAME,
    ['0' ... '9'] = IN_NAME | IN_NUMBER | STARTS_NUMBER,
    ['a' ... 'f'] = IN_NAME | STARTS_NAME | IN_NUMBER,
    ['g' ... 'w'] = IN_NAME | STARTS_NAME,
    ['x'] = IN_NAME | STARTS_NAME | IN_NUMBER,
    ['y' ... 'z'] = IN_NAME | STARTS_NAME,
};

static inline bool is(char c, unsigned class)
{
    return classes[(guint8)c] & class;
}

static inline const char *skip(const char *p, const char *end, unsigned class)
{
    while (p < end && is(*p, class))
        p++;
    return p;
}

void vx_xlcfg_scanner_init(VxXlcfgScanner *scanner, const char *text, gsize length)
{
    scanner->text = scanner->next = text;
    scanner->end = text + length;
    scanner->ignored = NULL;
}

void vx_xlcfg_scan_skip_line(VxXlcfgScanner *scanner)
{
    const char *newline = memchr(scanner->next, '\n', (gsize)(scanner->end - scanner->next));

    scanner->next = newline ? newline + 1 : scanner->end;
}

static void set_wrong(VxXlcfgToken *token, VxXlcfgFault fault, const char *end)
{
    token->type = VX_XLCFG_TOKEN_WRONG;
    token->fault = fault;
    token->end = end;
}

/* A byte no rule begins with: xl's scanner takes everything up to the next blank for one error. */
static void scan_wrong(const VxXlcfgScanner *scanner, VxXlcfgToken *token)
{
    const char *p = token->start + 1;

    while (p < scanner->end && !is(*p, BLANK) && *p != '\n')
        p++;
    set_wrong(token, VX_XLCFG_FAULT_CHARACTER, p);
}

static void scan_string(const VxXlcfgScanner *scanner, VxXlcfgToken *token)
{
    const char *p = token->start + 1, *end = scanner->end;
    char quote = *token->start;
    bool has_nul = false;

    for (;;) {
        while (p < end && !is(*p, ENDS_STRING_RUN))
            p++;
        if (p < end && *p == '\\') {
            token->has_escapes = true;
            p++;
            if (p < end && *p != '\n') {
                has_nul |= *p++ == '\0';
                continue;
            }
        }
        if (p >= end || *p == '\n') {
            set_wrong(token, VX_XLCFG_FAULT_OPEN_STRING, p);
            return;
        }
        has_nul |= *p == '\0';
        if (*p++ == quote)
            break;
    }
    token->type = VX_XLCFG_TOKEN_STRING;
    token->end = p;
    if (has_nul)
        set_wrong(token, VX_XLCFG_FAULT_NUL, p);
}

/* The newline behind a comment is part of it for xl; without one the text ends in an error. */
static void scan_comment(const VxXlcfgScanner *scanner, VxXlcfgToken *token)
{
    const char *newline = memchr(token->start, '\n', (gsize)(scanner->end - token->start));

    if (newline) {
        token->type = VX_XLCFG_TOKEN_NEWLINE;
        token->end = newline + 1;
    } else {
        set_wrong(token, VX_XLCFG_FAULT_OPEN_COMMENT, scanner->end);
    }
}

static void scan_mark(const VxXlcfgScanner *scanner, VxXlcfgToken *token)
{
    static const guint8 types[256] = {
        ['\n'] = VX_XLCFG_TOKEN_NEWLINE, [';'] = VX_XLCFG_TOKEN_SEMICOLON, [','] = VX_XLCFG_TOKEN_COMMA,
        ['['] = VX_XLCFG_TOKEN_OPEN,     [']'] = VX_XLCFG_TOKEN_CLOSE,     ['='] = VX_XLCFG_TOKEN_ASSIGN,
    };
    const char *p = token->start;

    token->type = types[(guint8)*p];
    token->end = p + 1;
    if (token->type != VX_XLCFG_TOKEN_END)
        return;
    if (*p == '#') {
        scan_comment(scanner, token);
    } else if (*p == '+' && scanner->end - p > 1 && p[1] == '=') {
        token->type = VX_XLCFG_TOKEN_ADD;
        token->end = p + 2;
    } else {
        scan_wrong(scanner, token);
    }
}

/* When the byte that xl's scanner stumbles over is the last of the text, it meets the end before it could complain,
 * and the byte is lost: what would be an error becomes the end. */
static void forgive_last_byte(VxXlcfgScanner *scanner, VxXlcfgToken *token)
{
    if (token->start + 1 != scanner->end)
        return;
    scanner->ignored = token->start;
    token->type = VX_XLCFG_TOKEN_END;
}

void vx_xlcfg_scan(VxXlcfgScanner *scanner, VxXlcfgToken *token)
{
    const char *p = skip(scanner->next, scanner->end, BLANK);

    token->start = token->end = p;
    token->has_escapes = false;
    if (p == scanner->end) {
        token->type = VX_XLCFG_TOKEN_END;
    } else if (is(*p, STARTS_NAME)) {
        token->type = VX_XLCFG_TOKEN_NAME;
        token->end = skip(p + 1, scanner->end, IN_NAME);
    } else if (is(*p, STARTS_NUMBER)) {
        token->type = VX_XLCFG_TOKEN_NUMBER;
        token->end = skip(p + 1, scanner->end, IN_NUMBER);
    } else if (*p == '"' || *p == '\'') {
        scan_string(scanner, token);
    } else {
        scan_mark(scanner, token);
    }
    if (token->type == VX_XLCFG_TOKEN_WRONG)
        forgive_last_byte(scanner, token);
    scanner->next = token->end;
}

/* How many bytes libxlutil's strtoul() takes of the (at most three) behind a backslash and a digit. It wants two or
 * more, reads them as decimal, with blanks and a sign in front, and then forgets the result. The literal's closing
 * quote ends the search. */
static unsigned count_digit_escape(const char *p)
{
    unsigned n = 0, first;

    while (n < 3 && p[n] && strchr(" \t\v\f\r", p[n]))
        n++;
    if (n < 3 && (p[n] == '+' || p[n] == '-'))
        n++;
    first = n;
    while (n < 3 && g_ascii_isdigit(p[n]))
        n++;
    return n > first ? n : 0;
}

/* The byte that backslash and LETTER stand for, NUL if they stand for none. */
static char unescape(char letter)
{
    static const char meanings[256] = {
        ['"'] = '"',  ['\''] = '\'', ['\\'] = '\\', ['a'] = '\a', ['b'] = '\b',
        ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r',  ['t'] = '\t', ['v'] = '\v',
    };

    return meanings[(guint8)letter];
}

/* Decodes the escape whose backslash is at P into *OUT and advances *OUT; returns what is behind it, NULL if it is bad.
 */
static const char *decode_escape(const char *p, char **out, VxXlcfgDecoded *decoded)
{
    unsigned n_digits;

    if (unescape(p[1])) {
        *(*out)++ = unescape(p[1]);
        return p + 2;
    }
    n_digits = p[1] >= '0' && p[1] <= '7' ? count_digit_escape(p + 2) : 0;
    if (n_digits < 2) {
        decoded->bad_escape = p;
        return NULL;
    }
    if (!decoded->no_effect)
        decoded->no_effect = p;
    return p + 2 + n_digits;
}

static void add_run(GArray *runs, const char *text, guint32 index, const char *source)
{
    VxXlcfgRun run = {index, (VxPlace)(source - text + 1)};

    if (runs)
        g_array_append_val(runs, run);
}

VxXlcfgDecoded vx_xlcfg_decode(const VxXlcfgToken *token, const char *text, char *out, GArray *runs)
{
    VxXlcfgDecoded decoded = {0};
    const char *p = token->start + 1, *end = token->end - 1, *next;
    char *begin = out;

    add_run(runs, text, 0, p);
    while (p < end) {
        if (*p != '\\') {
            *out++ = *p++;
            continue;
        }
        next = decode_escape(p, &out, &decoded);
        if (!next)
            break;
        p = next;
        add_run(runs, text, (guint32)(out - begin), p);
    }
    *out = '\0';
    decoded.length = (guint32)(out - begin);
    return decoded;
}
