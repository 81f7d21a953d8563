/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The words of an xl.cfg text, cut exactly as the scanner of xl (libxlutil) cuts them: names, numbers, strings in
 * either quote, punctuation, line ends. Blanks and comments are passed over. The scanner never fails: what xl could not
 * cut is a token of type VX_XLCFG_TOKEN_WRONG. Any thread; nothing is allocated.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "util/vx_diag.h"

typedef enum {
    VX_XLCFG_TOKEN_END,
    VX_XLCFG_TOKEN_NEWLINE,
    VX_XLCFG_TOKEN_SEMICOLON,
    VX_XLCFG_TOKEN_COMMA,
    VX_XLCFG_TOKEN_OPEN,   /* [ */
    VX_XLCFG_TOKEN_CLOSE,  /* ] */
    VX_XLCFG_TOKEN_ASSIGN, /* = */
    VX_XLCFG_TOKEN_ADD,    /* += */
    VX_XLCFG_TOKEN_NAME,
    VX_XLCFG_TOKEN_NUMBER,
    VX_XLCFG_TOKEN_STRING, /* with its quotes */
    VX_XLCFG_TOKEN_WRONG,
} VxXlcfgTokenType;

/* What is wrong with a VX_XLCFG_TOKEN_WRONG. */
typedef enum {
    VX_XLCFG_FAULT_CHARACTER,    /* no word can begin like this */
    VX_XLCFG_FAULT_OPEN_STRING,  /* the closing quote is not on the same line */
    VX_XLCFG_FAULT_NUL,          /* a string that holds a NUL byte */
    VX_XLCFG_FAULT_OPEN_COMMENT, /* a comment that ends with the text instead of with a newline */
} VxXlcfgFault;

typedef struct {
    VxXlcfgTokenType type;
    VxXlcfgFault fault; /* of a VX_XLCFG_TOKEN_WRONG */
    bool has_escapes;   /* a string that holds a backslash */
    const char *start, *end;
} VxXlcfgToken;

typedef struct {
    const char *text, *next, *end;
    const char *ignored; /* the one odd byte at the very end of the text that xl passes over without a word, or NULL */
} VxXlcfgScanner;

/* Begins to scan LENGTH bytes of TEXT, which must outlive the scanner and its tokens. */
void vx_xlcfg_scanner_init(VxXlcfgScanner *scanner, const char *text, gsize length);

/* Cuts off the next token; at the end of the text that is VX_XLCFG_TOKEN_END, however often it is asked. */
void vx_xlcfg_scan(VxXlcfgScanner *scanner, VxXlcfgToken *token);

/* Passes over the rest of the line, including its end. */
void vx_xlcfg_scan_skip_line(VxXlcfgScanner *scanner);

/* A stretch of a decoded string whose bytes stand one behind the other in the source too. */
typedef struct {
    guint32 index; /* in the decoded string */
    VxPlace place; /* of that byte */
} VxXlcfgRun;

typedef struct {
    guint32 length;         /* of the decoded string, without its NUL */
    const char *bad_escape; /* the backslash of the first escape that xl refuses, or NULL */
    const char *no_effect;  /* the backslash of the first escape that xl takes but turns into nothing, or NULL */
} VxXlcfgDecoded;

/* Decodes the string literal TOKEN into OUT, with a NUL behind it; OUT has room for all bytes of the token. RUNS (of
 * VxXlcfgRun; may be NULL) is appended to; its places are counted from TEXT. Escapes are those of libxlutil: \a \b \f
 * \n \r \t \v \\ \" \'; a backslash and digits is taken but yields nothing, everything else is refused, \x included. */
VxXlcfgDecoded vx_xlcfg_decode(const VxXlcfgToken *token, const char *text, char *out, GArray *runs);
