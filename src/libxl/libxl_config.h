/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A definition as libxenlight's structure, and back. What xl would say to libxl for the same guest is what libxl is
 * told here, and no more: what the definition leaves open is left to libxl. xl.cfg(5), libxl.h of Xen 4.14 and later.
 *
 * The way goes over the option table: the definition says which options of xl.cfg it stands for (vx_xlcfg_format), and
 * each option has a row that says which field of libxl_domain_config it sets (libxl_table.c). So what an element of the
 * XML means to Xen is described in one place for xl.cfg and for libxl. None of it needs Xen to be there. Any thread.
 */
#pragma once

#include <libxl.h>

#include "conf/domain_def.h"
#include "libxl/libxl_host.h"
#include "xlcfg/xlcfg.h"

/* Fills CONFIG with DEF. Problems go to DIAG, at the places DEF keeps; CONFIG is not to be used when it has errors. The
 * caller disposes of it (vx_libxl_config_clear) either way. */
void vx_libxl_config_init(libxl_domain_config *config, const VxDomainDef *def, const VxXlcfgOptions *options,
                          const VxLibxlHost *host, VxDiag *diag);
void vx_libxl_config_clear(libxl_domain_config *config);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(libxl_domain_config, vx_libxl_config_clear)

/* The definition that CONFIG describes, completed with libvirt's defaults. What libvirt's XML and its carried options
 * cannot say goes to DIAG as warnings. NULL, or not to be used, when DIAG has errors. The caller frees it. */
VxDomainDef *vx_libxl_config_to_definition(libxl_domain_config *config, VxDiag *diag);
