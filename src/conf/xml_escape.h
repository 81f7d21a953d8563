/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Text that XML has no way of saying: control characters, and bytes that are not UTF-8. xl takes both. In domain XML
 * each such byte becomes \xHH, and so does a backslash; the attribute virtxl:escaped of the element names the
 * attributes in which that was done, "." for the element's own text: <source file='/a\xff' virtxl:escaped='file'/>. Any
 * thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define VX_XML_ESCAPED "escaped"
#define VX_XML_ESCAPED_CONTENT "."

/* Whether XML 1.0 can say TEXT at all: UTF-8, no control characters but tab, newline and carriage return. */
bool vx_xml_can_say(const char *text);

/* TEXT with escapes for what XML cannot say. The caller frees it. */
char *vx_xml_escape(const char *text);

/* The text that was escaped as TEXT, NULL if a backslash in it begins no escape. The caller frees it. */
char *vx_xml_unescape(const char *text);

/* Whether NAME is one of NAMES, a list with blanks between its words; NULL is an empty list. */
bool vx_xml_is_escaped(const char *names, const char *name);
