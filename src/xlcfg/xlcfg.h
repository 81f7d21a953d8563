/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * xl.cfg <-> definition. xl.cfg(5) says what an option means; the option table (xlcfg_table.c) says what becomes of it.
 * Any thread.
 */
#pragma once

#include "conf/domain_def.h"

/* Which toolstack a file is for. Both have one syntax, and are read and written by one table of options. */
typedef enum {
    VX_XLCFG_XL,
    VX_XLCFG_XM, /* the one before xl, which libvirt calls xen-xm: see xlcfg_xm.h */
} VxXlcfgDialect;

/* Reads the xl.cfg in TEXT, and completes the definition with libvirt's defaults (vx_domain_def_add_defaults). Problems
 * go to DIAG (which must be about TEXT), all of them. NULL when the syntax is wrong; not to be used when DIAG has errors. */
VxDomainDef *vx_xlcfg_parse(const char *text, gsize length, VxDiag *diag);

/* The same for a file of DIALECT. */
VxDomainDef *vx_xlcfg_parse_as(VxXlcfgDialect dialect, const char *text, gsize length, VxDiag *diag);

typedef struct {
    const char *channel_dir;           /* where a socket channel without a path gets one */
    bool refuse_virtio_channels;       /* a virtio channel is an error, instead of a Xen channel of the same name */
    bool map_virtio_channels_silently; /* it becomes one without a warning, for it was asked for */
    bool keep_xml; /* the domain XML rides in the xl.cfg, so that vx_xlcfg_parse gives the definition back as it is */
    VxXlcfgDialect dialect;            /* what xm cannot say is an error */
    bool for_libxl; /* libxl is told afterwards: no word about what only the text of an xl.cfg cannot say exactly */
} VxXlcfgOptions;

/* Where libvirt's Xen driver puts the sockets of channels that have no path. */
#define VX_XLCFG_CHANNEL_DIR "/var/lib/libvirt/libxl/channel/target"

/* The xl.cfg of DEF, which xl reads back to the same guest. What xl.cfg cannot say goes to DIAG: as an error when the
 * guest would be another one, as a warning otherwise. The caller frees it; not to be used when DIAG has errors. */
char *vx_xlcfg_format(const VxDomainDef *def, const VxXlcfgOptions *options, VxDiag *diag);

/* Warns of everything in DEF that TEXT, the file of DIALECT made from it, does not say, each at its place. TEXT is read back for
 * that, so this takes as long as vx_xlcfg_parse. */
void vx_xlcfg_report_losses(const VxDomainDef *def, VxXlcfgDialect dialect, const char *text, VxDiag *diag);
