/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From a call to its handler and back to its answer. This is the one place that decides whether a client may call what
 * it calls: by rpc_procedures.def, and by whether it has authenticated and opened a connection.
 */
#pragma once

#include "daemon/client.h"

/* Has CALL (taken) of CLIENT answered. Main thread. */
void vx_dispatch(VxClient *client, VxRpcCall *call);

/* PROCEDURE as libvirt's API calls it: virDomainGetInfo. The caller frees it. Any thread. */
char *vx_procedure_api_name(guint32 program, const VxRpcProcedure *procedure);

/* The part of libvirt that complains about the use of PROCEDURE: that of its kind of object. Any thread. */
virErrorDomain vx_procedure_part(const VxRpcProcedure *procedure);

/* Fails with VIR_ERR_NO_SUPPORT for CALL. */
bool vx_fail_no_support(VxRpcCall *call, GError **error);
