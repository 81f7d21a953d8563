/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The grammar of xl.cfg, by recursive descent:
 *
 *   file  = { [ name ( "=" | "+=" ) value ] ( newline | ";" ) }    the last end may be missing
 *   value = string | number | "[" [ value { "," value } [ "," ] ] "]"
 *
 * with newlines allowed behind "[", "," and a value of a list. Where libxlutil would skip to the next line behind an
 * error, a list is read on as long as it makes sense, so that one slip is one message.
 */
#include <string.h>

#include "xlcfg/xlcfg_tree_private.h"

#define FIRST_ITEMS 64
/* Of a wrong word, so much is quoted. */
#define MAX_EXCERPT 40

typedef struct {
    VxXlcfgScanner scanner;
    VxXlcfgToken token; /* the one that is looked at */
    VxXlcfgTree *tree;
    VxDiag *diag;
    VxXlcfgValue *items; /* a stack: the items read so far of all lists that are open */
    gsize n_items, max_items;
    VxXlcfgValue first_items[FIRST_ITEMS];
    GArray *runs; /* of VxXlcfgRun; made when the first escape is met */
    unsigned n_values;
    unsigned n_errors;
    bool told_crlf;
} Parser;

/* How reading a part ended. */
typedef enum {
    READ,    /* the token behind it is looked at; errors in it, if any, are reported */
    SKIP,    /* reported; what follows on the line makes no sense */
    ABANDON, /* reported; the token that is looked at begins something new */
} Outcome;

static void advance(Parser *parser)
{
    vx_xlcfg_scan(&parser->scanner, &parser->token);
}

static VxPlace place_of(const Parser *parser, const char *source)
{
    return (VxPlace)(source - parser->scanner.text + 1);
}

#define complain(parser, source, ...)                                                                                  \
    ((parser)->n_errors++, vx_diag_wrong((parser)->diag, place_of(parser, source), __VA_ARGS__))

/* The text of the token as the two arguments of a %.*s. */
#define EXCERPT(token) (int)MIN((token).end - (token).start, MAX_EXCERPT), (token).start

/* Nothing behind it is read: so many errors, or so much, that more of it helps nobody. */
static void give_up(Parser *parser)
{
    parser->scanner.next = parser->scanner.end;
    advance(parser);
}

static void complain_about_character(Parser *parser)
{
    const VxXlcfgToken *token = &parser->token;
    const char *p = token->start;

    if (*p == '\r') {
        if (!parser->told_crlf)
            complain(parser, p, "the line ends in CR LF, which xl refuses: convert the file to plain LF");
        parser->told_crlf = true;
    } else if (g_ascii_isupper(*p)) {
        complain(parser, p, "'%.*s' cannot begin a word: names are in lower case, and text stands in quotes",
                 EXCERPT(*token));
    } else if ((*p == '-' || *p == '+') && token->end - p > 1 && g_ascii_isdigit(p[1])) {
        complain(parser, p, "a number with a sign must stand in quotes: write \"%.*s\"", EXCERPT(*token));
    } else if (*p == '.') {
        complain(parser, p, "only whole numbers go without quotes: put the value in quotes");
    } else if (*p == '\0') {
        complain(parser, p, "a NUL byte: an xl.cfg is plain text in an encoding such as UTF-8");
    } else if (token->end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        complain(parser, p, "a byte order mark, which xl refuses: store the file without one");
    } else {
        complain(parser, p, "'%.*s' means nothing outside quotes: put text in quotes and begin a comment with #",
                 EXCERPT(*token));
    }
}

static void complain_about_wrong_token(Parser *parser)
{
    const char *start = parser->token.start;

    switch (parser->token.fault) {
    case VX_XLCFG_FAULT_CHARACTER:
        complain_about_character(parser);
        break;
    case VX_XLCFG_FAULT_OPEN_STRING:
        complain(parser, start, "the string does not end on its line: close it with %c, and write a line break as \\n",
                 *start);
        break;
    case VX_XLCFG_FAULT_NUL:
        complain(parser, start, "the string holds a NUL byte, which no value can: remove it");
        break;
    case VX_XLCFG_FAULT_OPEN_COMMENT:
        complain(parser, start, "the comment in the last line has no newline behind it, which xl refuses: add one");
        break;
    }
}

/* Complains that WANTED was expected (the sentence goes on with HINT) where the current token is. */
static void complain_expected(Parser *parser, const char *wanted, const char *hint)
{
    const VxXlcfgToken *token = &parser->token;

    switch (token->type) {
    case VX_XLCFG_TOKEN_WRONG:
        complain_about_wrong_token(parser);
        break;
    case VX_XLCFG_TOKEN_END:
        complain(parser, token->start, "%s is missing at the end of the file%s", wanted, hint);
        break;
    case VX_XLCFG_TOKEN_NEWLINE:
        complain(parser, token->start, "%s is missing at the end of the line%s", wanted, hint);
        break;
    default:
        complain(parser, token->start, "%s is missing before '%.*s'%s", wanted, EXCERPT(*token), hint);
        break;
    }
}

static void note_octal(Parser *parser, const char *escape)
{
    vx_diag_warn(parser->diag, place_of(parser, escape),
                 "xl turns an escape of digits into nothing: write the character itself, or \\\\ for a backslash");
}

/* Decodes a string with escapes, in place of the copy that does for all others. */
static void decode_string(Parser *parser, VxXlcfgValue *value, char *string)
{
    VxXlcfgDecoded decoded;
    VxXlcfgRun *runs;

    if (!parser->runs)
        parser->runs = g_array_new(FALSE, FALSE, sizeof(VxXlcfgRun));
    g_array_set_size(parser->runs, 0);
    decoded = vx_xlcfg_decode(&parser->token, parser->scanner.text, string, parser->runs);
    if (decoded.bad_escape)
        complain(parser, decoded.bad_escape,
                 "xl does not know this escape: there are \\n \\t \\r \\a \\b \\f \\v \\\\ \\\" \\', and any other "
                 "character stands for itself without a backslash");
    else if (decoded.no_effect)
        note_octal(parser, decoded.no_effect);
    runs = vx_xlcfg_tree_take_node(parser->tree, parser->runs->len * sizeof(*runs));
    memcpy(runs, parser->runs->data, parser->runs->len * sizeof(*runs));
    value->length = decoded.length;
    value->runs = runs;
    value->n_runs = parser->runs->len;
}

static void read_atom(Parser *parser, VxXlcfgValue *value)
{
    const VxXlcfgToken *token = &parser->token;
    bool is_quoted = token->type == VX_XLCFG_TOKEN_STRING;
    gsize length = (gsize)(token->end - token->start) - 2 * is_quoted;
    char *string = vx_xlcfg_tree_take_text(parser->tree, length + 1);

    *value = (VxXlcfgValue){.kind = VX_XLCFG_STRING,
                            .is_quoted = is_quoted,
                            .place = place_of(parser, token->start),
                            .length = (guint32)length,
                            .string = string};
    if (token->has_escapes) {
        decode_string(parser, value, string);
    } else {
        memcpy(string, token->start + is_quoted, length);
        string[length] = '\0';
    }
    advance(parser);
}

static Outcome read_value(Parser *parser, VxXlcfgValue *value, unsigned depth);

static void push_item(Parser *parser, const VxXlcfgValue *item)
{
    if (parser->n_items == parser->max_items) {
        VxXlcfgValue *old = parser->items == parser->first_items ? NULL : parser->items;

        parser->max_items *= 2;
        parser->items = g_renew(VxXlcfgValue, old, parser->max_items);
        if (!old)
            memcpy(parser->items, parser->first_items, sizeof(parser->first_items));
    }
    parser->items[parser->n_items++] = *item;
}

static void skip_newlines(Parser *parser)
{
    while (parser->token.type == VX_XLCFG_TOKEN_NEWLINE)
        advance(parser);
}

/* Whether the current name is the key of an assignment. */
static bool begins_assignment(const Parser *parser)
{
    VxXlcfgScanner ahead = parser->scanner;
    VxXlcfgToken token;

    if (parser->token.type != VX_XLCFG_TOKEN_NAME)
        return false;
    vx_xlcfg_scan(&ahead, &token);
    return token.type == VX_XLCFG_TOKEN_ASSIGN || token.type == VX_XLCFG_TOKEN_ADD;
}

/* Whether the list that was opened at OPEN has been forgotten about; says so if it has. */
static bool list_is_left_open(Parser *parser, const char *open)
{
    if (parser->token.type == VX_XLCFG_TOKEN_END)
        complain(parser, open, "the list that begins here is never closed: add ]");
    else if (begins_assignment(parser))
        complain(parser, open, "the list that begins here is not closed before '%.*s': add ]", EXCERPT(parser->token));
    else
        return false;
    return true;
}

/* Reads what stands between an item and the next one. */
static Outcome read_separator(Parser *parser, const char *open)
{
    skip_newlines(parser);
    if (parser->token.type == VX_XLCFG_TOKEN_COMMA) {
        advance(parser);
        skip_newlines(parser);
        return READ;
    }
    if (parser->token.type == VX_XLCFG_TOKEN_CLOSE)
        return READ;
    if (list_is_left_open(parser, open))
        return ABANDON;
    complain_expected(parser, "a comma or ]", "");
    if (parser->token.type == VX_XLCFG_TOKEN_WRONG || parser->token.type == VX_XLCFG_TOKEN_SEMICOLON)
        advance(parser);
    return READ;
}

/* Reads the items of the list that was opened at OPEN onto the stack. */
static Outcome read_items(Parser *parser, const char *open, unsigned depth)
{
    VxXlcfgValue item;
    Outcome outcome;

    skip_newlines(parser);
    while (parser->token.type != VX_XLCFG_TOKEN_CLOSE) {
        if (list_is_left_open(parser, open))
            return ABANDON;
        outcome = read_value(parser, &item, depth);
        if (outcome == ABANDON)
            return ABANDON;
        if (outcome == READ)
            push_item(parser, &item);
        else if (parser->token.type != VX_XLCFG_TOKEN_COMMA)
            advance(parser);
        if (parser->n_errors >= VX_DIAG_MAX_PROBLEMS)
            give_up(parser);
        if (read_separator(parser, open) == ABANDON)
            return ABANDON;
    }
    advance(parser);
    return READ;
}

static Outcome read_list(Parser *parser, VxXlcfgValue *value, unsigned depth)
{
    const char *open = parser->token.start;
    gsize n_before = parser->n_items, n_items;
    Outcome outcome;

    if (depth == VX_XLCFG_MAX_DEPTH) {
        complain(parser, open, "lists are nested deeper than %d", VX_XLCFG_MAX_DEPTH);
        give_up(parser);
        return ABANDON;
    }
    advance(parser);
    outcome = read_items(parser, open, depth + 1);
    n_items = parser->n_items - n_before;
    *value = (VxXlcfgValue){.kind = VX_XLCFG_LIST, .place = place_of(parser, open), .length = (guint32)n_items};
    if (n_items > 0) {
        value->items = vx_xlcfg_tree_take_node(parser->tree, n_items * sizeof(*value->items));
        memcpy(value->items, parser->items + n_before, n_items * sizeof(*value->items));
    }
    parser->n_items = n_before;
    return outcome;
}

/* The words that people coming from Python or YAML try. */
static void complain_about_word(Parser *parser)
{
    const VxXlcfgToken *token = &parser->token;
    g_autofree char *word = g_strndup(token->start, (gsize)(token->end - token->start));
    static const char *const yes[] = {"true", "yes", "on", NULL}, *const no[] = {"false", "no", "off", "none", NULL};

    if (g_strv_contains(yes, word))
        complain(parser, token->start, "'%s' is not a value: write 1", word);
    else if (g_strv_contains(no, word))
        complain(parser, token->start, "'%s' is not a value: write 0, or leave the option out", word);
    else
        complain(parser, token->start, "'%.*s' is not a value: put text in quotes", EXCERPT(*token));
}

static Outcome read_value(Parser *parser, VxXlcfgValue *value, unsigned depth)
{
    if (++parser->n_values > VX_XLCFG_MAX_VALUES) {
        complain(parser, parser->token.start, "the file has more than %u values", VX_XLCFG_MAX_VALUES);
        give_up(parser);
        return ABANDON;
    }
    switch (parser->token.type) {
    case VX_XLCFG_TOKEN_STRING:
    case VX_XLCFG_TOKEN_NUMBER:
        read_atom(parser, value);
        return READ;
    case VX_XLCFG_TOKEN_OPEN:
        return read_list(parser, value, depth);
    case VX_XLCFG_TOKEN_NAME:
        complain_about_word(parser);
        return SKIP;
    default:
        complain_expected(parser, "a value", ": a number, a \"string\" or a [list]");
        return SKIP;
    }
}

static void store(Parser *parser, const VxXlcfgToken *key, const VxXlcfgValue *value)
{
    if (vx_xlcfg_tree_store(parser->tree, key->start, (gsize)(key->end - key->start), place_of(parser, key->start),
                            *value))
        return;
    complain(parser, parser->scanner.text + value->place - 1, "%s cannot be added to '%.*s', which is %s so far: %s",
             value->kind == VX_XLCFG_LIST ? "a list" : "a string or number", EXCERPT(*key),
             value->kind == VX_XLCFG_LIST ? "a string or number" : "a list",
             value->kind == VX_XLCFG_LIST ? "write a string" : "write a list in [ ]");
}

/* Reads an assignment whose key is the current token. */
static Outcome read_assignment(Parser *parser)
{
    VxXlcfgToken key = parser->token;
    VxXlcfgValue value;
    bool is_sum;
    Outcome outcome;

    advance(parser);
    is_sum = parser->token.type == VX_XLCFG_TOKEN_ADD;
    if (!is_sum && parser->token.type != VX_XLCFG_TOKEN_ASSIGN) {
        if (parser->token.type == VX_XLCFG_TOKEN_WRONG)
            complain_about_wrong_token(parser);
        else
            complain(parser, key.start, "'%.*s' is not an assignment: write NAME = VALUE", EXCERPT(key));
        return SKIP;
    }
    advance(parser);
    outcome = read_value(parser, &value, 0);
    if (outcome != READ)
        return outcome;
    value.is_sum = is_sum;
    store(parser, &key, &value);
    return READ;
}

static bool at_end_of_statement(const Parser *parser)
{
    return parser->token.type == VX_XLCFG_TOKEN_NEWLINE || parser->token.type == VX_XLCFG_TOKEN_SEMICOLON ||
           parser->token.type == VX_XLCFG_TOKEN_END;
}

/* Reads a statement and what ends it; behind an error, the rest of the line. */
static void read_statement(Parser *parser)
{
    Outcome outcome = READ;

    if (parser->token.type == VX_XLCFG_TOKEN_NAME) {
        outcome = read_assignment(parser);
    } else if (!at_end_of_statement(parser)) {
        complain_expected(parser, "the name of an option", "");
        outcome = SKIP;
    }
    if (outcome == ABANDON)
        return;
    if (outcome == READ && !at_end_of_statement(parser)) {
        complain_expected(parser, "a newline or ;", "");
        outcome = SKIP;
    }
    if (outcome == SKIP && parser->token.type != VX_XLCFG_TOKEN_NEWLINE)
        vx_xlcfg_scan_skip_line(&parser->scanner);
    advance(parser);
}

VxXlcfgTree *vx_xlcfg_tree_parse(const char *text, gsize length, VxDiag *diag)
{
    Parser parser;

    if (length > G_MAXINT32) { /* as much as libxlutil takes, and as a VxPlace can say */
        vx_diag_wrong(diag, VX_NO_PLACE, "the file is larger than 2 GiB");
        return NULL;
    }
    parser.tree = vx_xlcfg_tree_new(length);
    parser.diag = diag;
    parser.items = parser.first_items;
    parser.n_items = 0;
    parser.max_items = FIRST_ITEMS;
    parser.runs = NULL;
    parser.n_values = parser.n_errors = 0;
    parser.told_crlf = false;
    vx_xlcfg_scanner_init(&parser.scanner, text, length);
    advance(&parser);
    while (parser.token.type != VX_XLCFG_TOKEN_END && parser.n_errors < VX_DIAG_MAX_PROBLEMS)
        read_statement(&parser);
    if (parser.items != parser.first_items)
        g_free(parser.items);
    if (parser.runs)
        g_array_unref(parser.runs);
    if (parser.n_errors > 0)
        g_clear_pointer(&parser.tree, vx_xlcfg_tree_free);
    else if (parser.scanner.ignored)
        vx_diag_warn(diag, place_of(&parser, parser.scanner.ignored),
                     "the last character of the file means nothing to xl, which passes over it: remove it");
    return parser.tree;
}
