/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The strings by which QEMU, and so xl.cfg's disk, calls images across the network: rbd:POOL/IMAGE:..., nbd:HOST:PORT,
 * and addresses such as https://HOST/IMAGE.
 */
#pragma once

#include "conf/disk_def.h"

/* Reads TARGET into SOURCE if it is such a string and SOURCE can say all of it: then vx_xl_disk_net_format() gives
 * TARGET back. Returns false, and leaves SOURCE alone, if not. Any thread. */
bool vx_xl_disk_net_parse(const char *target, VxDiskSource *source);

/* The string for SOURCE and AUTH (may be NULL); NULL if there is none. The caller frees it. Any thread. */
char *vx_xl_disk_net_format(const VxDiskSource *source, const VxDiskAuth *auth);
