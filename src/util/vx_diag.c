/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/vx_diag.h"

#include <string.h>

#include "util/vx_error.h"

typedef struct {
    bool is_error;
    VxPlace place;
    char *message;
} Problem;

struct VxDiag {
    char *file_name;
    const char *text;
    gsize length;
    VxDiagFlags flags;
    GArray *problems; /* of Problem */
    unsigned n_errors;
    unsigned n_warnings;
    unsigned n_wrong;
};

/* A source line longer than this is shown in part: a caret under a megabyte helps nobody. */
#define MAX_SHOWN_BYTES 160
#define MAX_MESSAGE_BYTES 500

static void problem_clear(void *problem)
{
    g_free(((Problem *)problem)->message);
}

VxDiag *vx_diag_new(const char *file_name, const char *text, gsize length, VxDiagFlags flags)
{
    VxDiag *diag = g_new0(VxDiag, 1);

    diag->file_name = g_strdup(file_name);
    diag->text = text;
    diag->length = text ? length : 0;
    diag->flags = flags;
    return diag;
}

void vx_diag_free(VxDiag *diag)
{
    if (!diag)
        return;
    if (diag->problems)
        g_array_unref(diag->problems);
    g_free(diag->file_name);
    g_free(diag);
}

static bool counts_as_error(const VxDiag *diag, VxSeverity severity)
{
    switch (severity) {
    case VX_WARNING:
        return diag->flags & VX_DIAG_STRICT;
    case VX_UNFIT:
        return diag->flags & (VX_DIAG_STRICT | VX_DIAG_FOR_GUEST);
    case VX_WRONG:
        return true;
    }
    return true;
}

/* Messages quote what stood in the source. What a terminal would obey, a line break, and what is not UTF-8 become dots,
 * and of a quotation without end only the beginning is kept. */
static char *make_presentable(char *message)
{
    GString *shown = g_string_new(NULL);
    gsize width;

    for (const char *p = message; *p; p += width) {
        gunichar character = g_utf8_get_char_validated(p, -1);
        bool is_good = character < (gunichar)-2 && g_unichar_isprint(character);

        if (shown->len > MAX_MESSAGE_BYTES) {
            g_string_append(shown, "...");
            break;
        }
        width = is_good ? (gsize)(g_utf8_next_char(p) - p) : 1;
        g_string_append_len(shown, is_good ? p : ".", (gssize)width);
    }
    g_free(message);
    return g_string_free(shown, FALSE);
}

/* The same said again, by somebody to whom it is worse: one sentence is enough, and it is the worse one. */
static bool say_again(VxDiag *diag, const Problem *problem)
{
    for (unsigned i = 0; diag->problems && i < diag->problems->len; i++) {
        Problem *earlier = &g_array_index(diag->problems, Problem, i);

        if (earlier->place != problem->place || strcmp(earlier->message, problem->message) != 0)
            continue;
        if (problem->is_error && !earlier->is_error) {
            earlier->is_error = true;
            diag->n_warnings--;
            diag->n_errors++;
        }
        return true;
    }
    return false;
}

void vx_diag_report(VxDiag *diag, VxSeverity severity, VxPlace place, const char *format, ...)
{
    Problem problem = {.is_error = counts_as_error(diag, severity), .place = place};
    bool is_full = diag->problems && diag->problems->len >= VX_DIAG_MAX_PROBLEMS;
    va_list arguments;

    diag->n_wrong += severity == VX_WRONG;
    if (!problem.is_error && (diag->flags & VX_DIAG_QUIET))
        return;
    if (!is_full) {
        va_start(arguments, format);
        problem.message = make_presentable(g_strdup_vprintf(format, arguments));
        va_end(arguments);
        if (say_again(diag, &problem)) {
            g_free(problem.message);
            return;
        }
    }
    diag->n_errors += problem.is_error;
    diag->n_warnings += !problem.is_error;
    if (!diag->problems) {
        diag->problems = g_array_new(FALSE, FALSE, sizeof(Problem));
        g_array_set_clear_func(diag->problems, problem_clear);
    }
    if (!is_full)
        g_array_append_val(diag->problems, problem);
}

const char *vx_diag_text(const VxDiag *diag, gsize *length)
{
    *length = diag->length;
    return diag->text;
}

unsigned vx_diag_n_errors(const VxDiag *diag)
{
    return diag->n_errors;
}

unsigned vx_diag_n_warnings(const VxDiag *diag)
{
    return diag->n_warnings;
}

unsigned vx_diag_n_wrong(const VxDiag *diag)
{
    return diag->n_wrong;
}

/* The first byte of the line that OFFSET is in. */
static gsize line_start(const VxDiag *diag, gsize offset)
{
    while (offset > 0 && diag->text[offset - 1] != '\n')
        offset--;
    return offset;
}

/* Characters of UTF-8 in LENGTH bytes: continuation bytes do not count. */
static unsigned count_characters(const char *text, gsize length)
{
    unsigned n = 0;

    for (gsize i = 0; i < length; i++)
        n += (text[i] & 0xc0) != 0x80;
    return n;
}

bool vx_diag_tells(const VxDiag *diag, VxPlace place, const char *word)
{
    for (unsigned i = 0; diag->problems && i < diag->problems->len; i++) {
        const Problem *problem = &g_array_index(diag->problems, Problem, i);

        if (problem->place == place && strstr(problem->message, word))
            return true;
    }
    return false;
}

void vx_diag_locate(const VxDiag *diag, VxPlace place, unsigned *line, unsigned *column)
{
    gsize offset, start;

    *line = *column = 0;
    if (place == VX_NO_PLACE || !diag->text)
        return;
    offset = MIN((gsize)place - 1, diag->length);
    start = line_start(diag, offset);
    *line = 1;
    for (const char *p = diag->text; (p = memchr(p, '\n', (gsize)(diag->text + start - p))); p++)
        (*line)++;
    *column = 1 + count_characters(diag->text + start, offset - start);
}

static int compare_places(const void *a, const void *b)
{
    const Problem *left = a, *right = b;

    return (left->place > right->place) - (left->place < right->place);
}

/* The source line of PLACE and a caret under it. What a terminal would obey or could not show becomes a dot. */
static void format_source_line(const VxDiag *diag, VxPlace place, VxDiagShow show, GString *out)
{
    gsize offset = MIN((gsize)place - 1, diag->length);
    gsize start = line_start(diag, offset);
    gsize end = start;
    GString *caret = g_string_new(NULL);

    while (end < diag->length && diag->text[end] != '\n')
        end++;
    if (offset - start > MAX_SHOWN_BYTES / 2)
        start = offset - MAX_SHOWN_BYTES / 2;
    while (start < offset && (diag->text[start] & 0xc0) == 0x80)
        start++;
    end = MIN(end, start + MAX_SHOWN_BYTES);
    g_string_append(out, "    ");
    for (gsize i = start; i < end;) {
        gunichar character = g_utf8_get_char_validated(diag->text + i, (gssize)(end - i));
        gsize width = 1;

        if (character != (gunichar)-1 && character != (gunichar)-2 && g_unichar_isprint(character)) {
            width = (gsize)(g_utf8_next_char(diag->text + i) - (diag->text + i));
            g_string_append_len(out, diag->text + i, (gssize)width);
        } else {
            g_string_append_c(out, diag->text[i] == '\t' ? '\t' : '.');
        }
        if (i < offset)
            g_string_append_c(caret, diag->text[i] == '\t' ? '\t' : ' ');
        i += width;
    }
    g_string_append_printf(out, "\n    %s%s^%s\n", caret->str, show & VX_DIAG_SHOW_COLOR ? "\033[1;32m" : "",
                           show & VX_DIAG_SHOW_COLOR ? "\033[0m" : "");
    g_string_free(caret, TRUE);
}

static void format_problem(const VxDiag *diag, const Problem *problem, VxDiagShow show, GString *out)
{
    bool color = show & VX_DIAG_SHOW_COLOR;
    const char *word = problem->is_error ? "error" : "warning";
    const char *on = !color ? "" : problem->is_error ? "\033[1;31m" : "\033[1;35m";
    unsigned line, column;

    vx_diag_locate(diag, problem->place, &line, &column);
    g_string_append(out, diag->file_name);
    if (line)
        g_string_append_printf(out, ":%u:%u", line, column);
    g_string_append_printf(out, ": %s%s:%s %s\n", on, word, color ? "\033[0m" : "", problem->message);
    if (line && (show & VX_DIAG_SHOW_SOURCE))
        format_source_line(diag, problem->place, show, out);
}

void vx_diag_format(VxDiag *diag, VxDiagShow show, GString *out)
{
    unsigned n_reported = diag->n_errors + diag->n_warnings;

    if (!diag->problems)
        return;
    g_array_sort(diag->problems, compare_places);
    for (unsigned i = 0; i < diag->problems->len; i++)
        format_problem(diag, &g_array_index(diag->problems, Problem, i), show, out);
    if (n_reported > diag->problems->len)
        g_string_append_printf(out, "%s: and %u problems more\n", diag->file_name, n_reported - diag->problems->len);
}

GError *vx_diag_to_error(VxDiag *diag, int code)
{
    g_autoptr(GString) message = g_string_new(NULL);

    if (diag->n_errors == 0)
        return NULL;
    g_array_sort(diag->problems, compare_places);
    for (unsigned i = 0; i < diag->problems->len; i++) {
        const Problem *problem = &g_array_index(diag->problems, Problem, i);
        unsigned line, column;

        if (!problem->is_error)
            continue;
        vx_diag_locate(diag, problem->place, &line, &column);
        if (message->len > 0)
            g_string_append_c(message, '\n');
        if (line)
            g_string_append_printf(message, "line %u: ", line);
        g_string_append(message, problem->message);
    }
    return g_error_new_literal(VX_ERROR, code, message->str);
}
