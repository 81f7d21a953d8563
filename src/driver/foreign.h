/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests that this driver has not made: domain 0, and those of somebody else (xl), which are listed and never touched
 * unasked.
 */
#pragma once

#include "driver/driver.h"

/* There is a guest NUMBER that is nobody's here: it becomes the one of the domain of its UUID, or of a transient
 * domain. A VxTask. DOMAIN is not looked at. */
void vx_foreign_appear(VxDriver *driver, VxDomainObj *domain, int number);

/* The definition of the running guest ID as the toolstack has it, under the name and UUID of RECORD. The caller frees
 * it; NULL with *ERROR set. */
VxDomainDef *vx_foreign_describe(VxDriver *driver, int id, const VxDomainRecord *record, GError **error);

/* Lists the host itself as Domain-0, which is persistent, and no file. */
void vx_foreign_add_domain_zero(VxDriver *driver, const VxGuestInfo *info);
