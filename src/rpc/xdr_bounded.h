/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Stand-ins for xdr_array, xdr_bytes and xdr_string of libtirpc in the generated code: the same contract, but a length
 * that the message does not hold is refused before memory is allocated, and so is a string with a NUL inside. Any
 * thread.
 */
#pragma once

#include <rpc/rpc.h>

bool_t vx_xdr_array(XDR *xdrs, caddr_t *items, u_int *n_items, u_int max_items, u_int item_size, xdrproc_t item_xdr);
bool_t vx_xdr_bytes(XDR *xdrs, char **bytes, u_int *n_bytes, u_int max_bytes);
bool_t vx_xdr_string(XDR *xdrs, char **text, u_int max_bytes);
