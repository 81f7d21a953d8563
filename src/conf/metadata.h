/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <metadata>: data of applications, one element for each namespace. It is kept as text; these functions read and change
 * one application's element in it, as virDomainGetMetadata and virDomainSetMetadata want it. Any thread.
 * https://libvirt.org/formatdomain.html#general-metadata
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "util/vx_diag.h"

/* The element of namespace URI in METADATA (the text of <metadata>, or NULL), its own names without the namespace, as
 * it was given to vx_metadata_set. The caller frees it; NULL when there is none. */
char *vx_metadata_get(const char *metadata, const char *uri);

/* Puts ELEMENT (its text; NULL: nothing) in the place of the one of namespace URI in *METADATA, with the prefix PREFIX.
 * A metadata that has become empty becomes NULL. False, with the reason in DIAG (which must be about ELEMENT), when
 * ELEMENT is not one well-formed element. */
bool vx_metadata_set(char **metadata, const char *element, const char *prefix, const char *uri, VxDiag *diag);
