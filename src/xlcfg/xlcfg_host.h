/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What xl refuses of resources of the host and of devices that libvirt has no elements for. They are carried as they
 * are: each function checks an item of its option's list and reports what is wrong. xl.cfg(5).
 */
#pragma once

#include "xlcfg/xlcfg_options.h"

void vx_xl_check_ioport(VxXlReader *reader, const VxXlcfgValue *item);
void vx_xl_check_irq(VxXlReader *reader, const VxXlcfgValue *item);
void vx_xl_check_iomem(VxXlReader *reader, const VxXlcfgValue *item);
void vx_xl_check_vtpm(VxXlReader *reader, const VxXlcfgValue *item);
void vx_xl_check_pvcalls(VxXlReader *reader, const VxXlcfgValue *item);
void vx_xl_check_virtio(VxXlReader *reader, const VxXlcfgValue *item);
/* Of the whole string, of which xl takes no notice if anything in it is wrong. */
void vx_xl_check_rdm(VxXlReader *reader, const VxXlcfgValue *value);
