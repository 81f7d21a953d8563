/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The types of all calls, replies and events, as rpcgen makes them from wire/<family>.x: wire_NAME and xdr_wire_NAME.
 */
#pragma once

#include "rpc/wire/wire_base.h"
#include "rpc/wire/wire_connect.h"
#include "rpc/wire/wire_device.h"
#include "rpc/wire/wire_domain.h"
#include "rpc/wire/wire_event.h"
#include "rpc/wire/wire_interface.h"
#include "rpc/wire/wire_migrate.h"
#include "rpc/wire/wire_network.h"
#include "rpc/wire/wire_nodedev.h"
#include "rpc/wire/wire_nwfilter.h"
#include "rpc/wire/wire_qemu.h"
#include "rpc/wire/wire_secret.h"
#include "rpc/wire/wire_snapshot.h"
#include "rpc/wire/wire_storage.h"
#include "rpc/wire/wire_tune.h"

/* wire_nonnull_string is a char * that is never NULL; wire_string is a char ** that may be. */

/* For procedures without arguments or without result. */
typedef struct {
} wire_none;
#define xdr_wire_none NULL
