/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What libvirt's Xen driver adds to every definition that leaves it out, so that clients find it there.
 */
#pragma once

#include "conf/domain_def.h"

/* Completes DEF. What is added never makes another guest of it. */
void vx_domain_def_add_defaults(VxDomainDef *def);
