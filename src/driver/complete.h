/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From the XML of a client to a definition that a domain can have: read, checked, and completed with what libvirt's
 * clients count on finding in it.
 */
#pragma once

#include "driver/driver.h"

typedef enum {
    VX_COMPLETE_VALIDATE = 1 << 0, /* against the schema, first */
} VxCompleteFlags;

/* The definition that XML says. The caller frees it. NULL with *ERROR set: VIR_ERR_XML_DETAIL when it is not
 * well-formed, VIR_ERR_XML_INVALID_SCHEMA when the schema does not allow it, VIR_ERR_XML_ERROR when it makes no sense,
 * and VIR_ERR_CONFIG_UNSUPPORTED when it is for another hypervisor; the message says the line. */
VxDomainDef *vx_complete_xml(VxDriver *driver, const char *xml, VxCompleteFlags flags, GError **error);

/* Whether Xen can start a guest of DEF. Fails with VIR_ERR_CONFIG_UNSUPPORTED. */
bool vx_complete_for_start(const VxDomainDef *def, GError **error);

/* Whether a domain can be called NAME. Fails with VIR_ERR_XML_ERROR. */
bool vx_complete_check_name(const char *name, GError **error);

/* The same for one DEVICE that a client gives: checked and completed. */
bool vx_complete_device(VxDriver *driver, VxDevice *device, GError **error);
