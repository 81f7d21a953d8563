/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The dialect of xm, the toolstack before xl, which libvirt calls xen-xm: the syntax is that of xl.cfg, and so are most
 * options. What differs is here: options that only xm has, those that it calls something else, and those that it lacks.
 * (Its disks are in xlcfg_disk_xm.c.) As libvirt's driver reads and writes it. Any thread.
 */
#pragma once

#include "conf/disk_def.h"
#include "xlcfg/xlcfg_options.h"

/* Reads SETTING into the definition of READER if it is an option that only xm has; false if it is not. */
bool vx_xm_read(VxXlReader *reader, const VxXlcfgSetting *setting);

/* TEXT, the xl.cfg of DEF (with xm's disks in it), in xm's options. What xm cannot say is an error in DIAG, at the
 * place in DEF. The caller frees it. */
char *vx_xm_translate(const VxDomainDef *def, const char *text, VxDiag *diag);

/* Reports that xm cannot say WHAT, which stands at PLACE: an error that names the way out. */
void vx_xm_cannot(VxDiag *diag, VxPlace place, const char *what, ...) G_GNUC_PRINTF(3, 4);

/* Appends DISK to ITEM in xm's way, as "phy:/dev/vg/a,xvda,w". TARGET is its source, NULL if there is none; FORMAT is
 * what xl calls its format, SCRIPT, BACKEND_DOMAIN and what is carried are looked at in DISK. */
void vx_xm_format_disk(VxXlWriter *writer, const VxDisk *disk, const char *format, const char *target, GString *item);

/* Reads ITEM, a string, as an entry of the list disk (xlcfg_disk.c). */
void vx_xl_read_disk(VxXlReader *reader, const VxXlcfgValue *item);
