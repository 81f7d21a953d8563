/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The functions that carry out calls, one each, listed in handlers.def: they decode nothing and send nothing, but take
 * the arguments, ask the driver, and fill the result, whose memory is freed when it is sent (also when they fail). They
 * run in any thread, unless handlers.def says that they run in the main one.
 *
 *   VX_HANDLER(DOMAIN_IS_ACTIVE)
 *   {
 *       ... request, args, ret, error ...
 *       return true;
 *   }
 */
#pragma once

#include "daemon/client.h"
#include "rpc/rpc_stream_fd.h"
#include "rpc/wire.h"

/* One call under way. */
typedef struct {
    VxDriver *driver;
    VxClient *client;
    VxRpcCall *call;
    char *subject;         /* the name of the domain that it is about, for the log; NULL: none */
    VxRpcFdStream *stream; /* that the answer opens; NULL: none */
} VxRequest;

/* The types of the arguments and of the result of every procedure: VxArgs_DOMAIN_IS_ACTIVE, VxRet_DOMAIN_IS_ACTIVE. */
#define VX_CALL(program, number, name, arguments, result, access, priority)                                            \
    typedef wire_##arguments VxArgs_##name;                                                                            \
    typedef wire_##result VxRet_##name;
#include "rpc/rpc_procedures.def"

#define VX_HANDLER(name)                                                                                               \
    bool vx_handle_##name(VxRequest *request G_GNUC_UNUSED, const VxArgs_##name *args G_GNUC_UNUSED,                   \
                          VxRet_##name *ret G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)

/* Whether the handler of NAME, with these arguments, will not wait; in the main thread. */
#define VX_IS_QUICK(name) bool vx_is_quick_##name(const VxRequest *request, const VxArgs_##name *args)

#define VX_HANDLED(name) VX_HANDLER(name);
#define VX_HANDLED_IF_QUICK(name)                                                                                      \
    VX_HANDLER(name);                                                                                                  \
    VX_IS_QUICK(name);
#include "daemon/handlers.def"

/* The domain that DOM means, a reference of the caller's; NULL with *ERROR set when there is none. */
VxDomainObj *vx_request_find(VxRequest *request, const wire_nonnull_domain *dom, GError **error);

/* Says that the request is about the domain REF, and puts it, and its name, into a result. */
void vx_request_return_ref(VxRequest *request, VxDomainRef *ref, wire_nonnull_domain *dom);
/* The same of DOMAIN as it is now. */
bool vx_request_return_domain(VxRequest *request, VxDomainObj *domain, wire_nonnull_domain *dom, GError **error);

/* REF as it is sent; *DOM gets its name. */
void vx_wire_domain_take(wire_nonnull_domain *dom, VxDomainRef *ref);

/* The text of an optional argument, or NULL. */
static inline const char *vx_wire_text(wire_string text)
{
    return text ? *text : NULL;
}
