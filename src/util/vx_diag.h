/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The problems of one source text (an xl.cfg, a domain XML, a JSON): collected while it is read, all of them, and
 * shown afterwards as "FILE:LINE:COLUMN: error|warning: sentence". A VxDiag belongs to one thread at a time.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* A place in the source text: 1 + the byte offset. 0 is "nowhere in particular". */
typedef guint32 VxPlace;
#define VX_NO_PLACE ((VxPlace)0)

typedef enum {
    VX_WARNING, /* something the reader should know, or that could not be kept */
    VX_UNFIT,   /* kept, but no guest could be started from it: an error where one is to be */
    VX_WRONG,   /* the input is wrong */
} VxSeverity;

typedef enum {
    VX_DIAG_STRICT = 1 << 0,    /* warnings count as errors */
    VX_DIAG_FOR_GUEST = 1 << 1, /* a guest will be made from it: VX_UNFIT counts as an error */
    VX_DIAG_QUIET = 1 << 2,     /* warnings (that do not count as errors) are not kept */
} VxDiagFlags;

typedef struct VxDiag VxDiag;

/* A collector for the problems of TEXT (LENGTH bytes, borrowed: it must outlive the VxDiag; NULL if there is no text),
 * which messages call FILE_NAME (copied). Never NULL. */
VxDiag *vx_diag_new(const char *file_name, const char *text, gsize length, VxDiagFlags flags);
void vx_diag_free(VxDiag *diag);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDiag, vx_diag_free)

/* Reports one problem at PLACE: one sentence without final full stop, which may quote the source: what cannot be shown
 * becomes dots. The same sentence at the same place is kept once, as the worse of the two. After VX_DIAG_MAX_PROBLEMS the
 * rest is only counted. */
void vx_diag_report(VxDiag *diag, VxSeverity severity, VxPlace place, const char *format, ...) G_GNUC_PRINTF(4, 5);
#define vx_diag_warn(diag, place, ...) vx_diag_report(diag, VX_WARNING, place, __VA_ARGS__)
#define vx_diag_unfit(diag, place, ...) vx_diag_report(diag, VX_UNFIT, place, __VA_ARGS__)
#define vx_diag_wrong(diag, place, ...) vx_diag_report(diag, VX_WRONG, place, __VA_ARGS__)
#define VX_DIAG_MAX_PROBLEMS 200

/* The source text and its length, NULL if there is none. It is borrowed. */
const char *vx_diag_text(const VxDiag *diag, gsize *length);

/* How many problems count as errors, and how many do not, under the flags given. */
unsigned vx_diag_n_errors(const VxDiag *diag);
unsigned vx_diag_n_warnings(const VxDiag *diag);
/* How many were reported as VX_WRONG, whatever the flags make of the others. */
unsigned vx_diag_n_wrong(const VxDiag *diag);

/* Whether a problem at PLACE was reported whose sentence has WORD in it. */
bool vx_diag_tells(const VxDiag *diag, VxPlace place, const char *word);

/* Line and column (both from 1, the column in characters of UTF-8) of PLACE; 0 and 0 for VX_NO_PLACE. */
void vx_diag_locate(const VxDiag *diag, VxPlace place, unsigned *line, unsigned *column);

typedef enum {
    VX_DIAG_SHOW_SOURCE = 1 << 0, /* the offending line and a caret below each problem */
    VX_DIAG_SHOW_COLOR = 1 << 1,  /* ANSI colours */
} VxDiagShow;

/* Appends all problems, in the order of the source, as text lines to OUT. */
void vx_diag_format(VxDiag *diag, VxDiagShow show, GString *out);

/* The errors as one GError (VX_ERROR, CODE) whose message has a line per error, as "line L: sentence"; NULL if there
 * is none. The caller frees it. */
GError *vx_diag_to_error(VxDiag *diag, int code);
