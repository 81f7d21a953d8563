/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Errors as clients of libvirt know them: the code, the part that complains (virErrorDomain), and the finished message,
 * which begins with the kind of error in libvirt's fixed words, since clients print it as it is.
 */
#pragma once

#include <glib.h>
#include <libvirt/virterror.h>

/* The part that is named for an error of CODE unless the caller knows better. Any thread. */
virErrorDomain vx_rpc_error_domain(int code);

/* ERROR's message with the words of its kind before it. An error of another GError domain than VX_ERROR counts as
 * VIR_ERR_INTERNAL_ERROR. The caller frees it. Any thread. */
char *vx_rpc_error_message(const GError *error);

/* Appends ERROR, in the form of the wire, to PACKET. FROM is the part that complains, VIR_FROM_NONE: by its code. Any
 * thread. */
void vx_rpc_error_encode(GByteArray *packet, const GError *error, virErrorDomain from);
