/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A thread that sends back what comes over any of its descriptors. Any thread.
 */
#pragma once

#include <glib.h>

typedef struct VxMemoryEcho VxMemoryEcho;

VxMemoryEcho *vx_memory_echo_new(void);
void vx_memory_echo_free(VxMemoryEcho *echo);

/* Echoes over FD (taken), which belongs to OWNER, until its other end has gone. */
void vx_memory_echo_add(VxMemoryEcho *echo, int fd, int owner);
/* Closes all that belong to OWNER. */
void vx_memory_echo_drop(VxMemoryEcho *echo, int owner);
unsigned vx_memory_echo_count(VxMemoryEcho *echo);
