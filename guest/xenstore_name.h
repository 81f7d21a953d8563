/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Reads device/console/NUMBER/name of this guest from xenstore through FD, an open /dev/xen/xenbus, by the protocol of
 * xen/io/xs_wire.h. False if there is none, or if it has a NUL or does not fit. */
bool vx_xenstore_read_name(int fd, unsigned number, char *name, size_t size);
