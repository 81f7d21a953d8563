/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Amounts of memory: an element whose text is a number and whose `unit` attribute says of what, kept in KiB.
 * https://libvirt.org/formatdomain.html#memory-allocation
 */
#pragma once

#include "conf/field_table.h"

/* For the row of an element like <memory unit='MiB'>512</memory>, whose slot is a VxNumber in KiB. */
extern const VxCustom vx_memory_kib;

/* For an attribute that says of what its neighbour is an amount (unit='MiB'): how many bytes TEXT is, 0 if it is no unit.
 * NULL means KiB, libvirt's default. */
guint64 vx_memory_unit_bytes(const char *text);

/* AMOUNT units of UNIT_BYTES in KiB, rounded up; false when it is 2^53 KiB or more. */
bool vx_memory_to_kib(guint64 amount, guint64 unit_bytes, VxNumber *kib);
