/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/dispatch.h"

#include "daemon/daemon_log.h"
#include "daemon/handler.h"
#include "daemon/polkit.h"
#include "rpc/xdr_codec.h"
#include "util/vx_error.h"

#include <string.h>

typedef bool (*Run)(VxRequest *request, const void *args, void *ret, GError **error);

typedef bool (*IsQuick)(const VxRequest *request, const void *args);

typedef struct {
    Run run;            /* NULL: no handler */
    bool now;           /* in the main thread, */
    IsQuick is_quick;   /* or, if it is not NULL, when this says so */
    bool waits;         /* for a guest's agent, */
    gsize flags_offset; /* but, if FLAGS_MASK is not 0, only when a bit of it is set in that field */
    guint32 flags_mask;
} Handler;

/* Each handler has its own types; the table wants them all alike. */
#define VX_HANDLED(name)                                                                                               \
    static bool run_##name(VxRequest *request, const void *args, void *ret, GError **error)                            \
    {                                                                                                                  \
        return vx_handle_##name(request, args, ret, error);                                                            \
    }
#include "daemon/handlers.def"

#define VX_HANDLED(name)
#define VX_HANDLED_IF_QUICK(name)                                                                                      \
    static bool is_quick_##name(const VxRequest *request, const void *args)                                            \
    {                                                                                                                  \
        return vx_is_quick_##name(request, args);                                                                      \
    }
#include "daemon/handlers.def"

static const Handler handlers[VX_REMOTE_N_PROCEDURES] = {
#define VX_HANDLED(name) [VX_REMOTE_##name] = {.run = run_##name},
#define VX_HANDLED_NOW(name) [VX_REMOTE_##name] = {.run = run_##name, .now = true},
#define VX_HANDLED_IF_QUICK(name) [VX_REMOTE_##name] = {.run = run_##name, .is_quick = is_quick_##name},
#define VX_HANDLED_AGENT(name) [VX_REMOTE_##name] = {.run = run_##name, .waits = true},
#define VX_HANDLED_AGENT_IF(name, field, mask)                                                                         \
    [VX_REMOTE_##name] = {                                                                                             \
        .run = run_##name, .waits = true, .flags_offset = offsetof(VxArgs_##name, field), .flags_mask = (mask)},
#define VX_HANDLED_QEMU(name)
#include "daemon/handlers.def"
};

static const Handler qemu_handlers[VX_QEMU_N_PROCEDURES] = {
#define VX_HANDLED(name)
#define VX_HANDLED_QEMU(name) [VX_QEMU_##name] = {.run = run_##name, .waits = true},
#include "daemon/handlers.def"
};

static const Handler *find_handler(const VxRpcCall *call)
{
    guint16 number = vx_rpc_call_get_procedure(call)->number;

    return vx_rpc_call_get_header(call)->program == VX_PROGRAM_REMOTE ? &handlers[number] : &qemu_handlers[number];
}

/* Whether a call with ARGS waits for a guest's agent. */
static bool does_wait(const Handler *handler, const void *args)
{
    guint32 flags = 0;

    if (handler->waits && handler->flags_mask)
        memcpy(&flags, (const char *)args + handler->flags_offset, sizeof flags);
    return handler->waits && (!handler->flags_mask || (flags & handler->flags_mask));
}

static bool may_precede_open(const VxRpcProcedure *procedure)
{
    return procedure->access == VX_ACCESS_LOGIN || procedure->number == VX_REMOTE_CONNECT_OPEN ||
           procedure->number == VX_REMOTE_CONNECT_CLOSE || procedure->number == VX_REMOTE_CONNECT_SUPPORTS_FEATURE;
}

/* Whether CLIENT has come as far as to call PROCEDURE. */
static bool check_stage(const VxClient *client, guint32 program, const VxRpcProcedure *procedure, GError **error)
{
    if (!client->is_authenticated && (program != VX_PROGRAM_REMOTE || procedure->access != VX_ACCESS_LOGIN))
        return vx_fail(error, VIR_ERR_RPC, "authentication required");
    if (!client->is_open && (program != VX_PROGRAM_REMOTE || !may_precede_open(procedure)))
        return vx_fail(error, VIR_ERR_INTERNAL_ERROR, "connection not open");
    return true;
}

static bool check_access(const VxRequest *request, const VxRpcProcedure *procedure, const void *args, GError **error)
{
    g_autofree char *name = NULL;

    if (!request->client->is_read_only || !vx_rpc_procedure_needs_write(procedure, args))
        return true;
    name = vx_procedure_api_name(vx_rpc_call_get_header(request->call)->program, procedure);
    return vx_fail(error, VIR_ERR_OPERATION_DENIED, "read only access prevents %s", name);
}

/* Who has changed what; NULL if nobody has changed anything. The caller frees it. */
static char *describe_change(const VxRequest *request, const VxRpcProcedure *procedure, const void *args)
{
    const VxRpcPeer *peer = vx_rpc_connection_get_peer(request->client->connection);
    g_autofree char *name = NULL;

    if (!request->subject || !vx_rpc_procedure_needs_write(procedure, args))
        return NULL;
    name = vx_procedure_api_name(vx_rpc_call_get_header(request->call)->program, procedure);
    return g_strdup_printf("%s of domain '%s' by user %u, process %d (client %" G_GUINT64_FORMAT ")", name,
                           request->subject, peer->uid, peer->pid,
                           vx_rpc_connection_get_id(request->client->connection));
}

/* Answers with ERROR (taken): about access and support it is the kind of object that complains. */
static void fail(VxRpcCall *call, GError *error)
{
    const VxRpcProcedure *procedure = vx_rpc_call_get_procedure(call);

    g_debug("%s of client %" G_GUINT64_FORMAT " failed: %s", procedure->name,
            vx_rpc_connection_get_id(vx_rpc_call_get_connection(call)), error->message);
    if (g_error_matches(error, VX_ERROR, VIR_ERR_OPERATION_DENIED) ||
        g_error_matches(error, VX_ERROR, VIR_ERR_NO_SUPPORT))
        vx_rpc_call_fail_from(call, vx_procedure_part(procedure), error);
    else
        vx_rpc_call_fail(call, error);
}

static void answer(VxRequest *request, const void *args, const void *ret)
{
    const VxRpcProcedure *procedure = vx_rpc_call_get_procedure(request->call);
    g_autofree char *change = NULL;

    if (vx_daemon_log_shows(VX_LOG_DEBUG))
        g_debug("%s of client %" G_GUINT64_FORMAT, procedure->name,
                vx_rpc_connection_get_id(request->client->connection));
    if (vx_daemon_log_shows(VX_LOG_INFO))
        change = describe_change(request, procedure, args); /* of which nothing may be there once it is answered */
    if (request->stream)
        vx_rpc_call_reply_with_fd_stream(request->call, ret, request->stream);
    else
        vx_rpc_call_reply(request->call, ret);
    if (change)
        g_info("%s", change);
}

static void carry_out(VxRequest *request, const Handler *handler, const void *args)
{
    const VxRpcProcedure *procedure = vx_rpc_call_get_procedure(request->call);
    g_autofree void *ret = g_malloc0(MAX(procedure->ret_size, 1));
    GError *error = NULL;

    if (handler->run ? handler->run(request, args, ret, &error) : vx_fail_no_support(request->call, &error))
        answer(request, args, ret);
    else
        fail(request->call, error);
    if (procedure->ret_xdr)
        vx_xdr_free(procedure->ret_xdr, ret);
    g_free(request->subject);
    g_free(request);
}

/* A thread that may wait for agents has the request. */
static void run_patiently(void *data)
{
    VxRequest *request = data;
    void *args;

    vx_rpc_call_decode(request->call, &args, NULL); /* once more, which cannot fail */
    carry_out(request, find_handler(request->call), args);
}

static void run_request(void *data)
{
    VxRequest *request = data;
    const Handler *handler = find_handler(request->call);
    GError *error = NULL;
    void *args;

    if (!vx_rpc_call_decode(request->call, &args, &error) ||
        !check_access(request, vx_rpc_call_get_procedure(request->call), args, &error)) {
        fail(request->call, error);
        g_free(request);
    } else if (does_wait(handler, args)) {
        vx_workers_push(request->client->daemon->workers, VX_WORK_PATIENT, run_patiently, request);
    } else {
        carry_out(request, handler, args);
    }
}

/* Whether the call can be carried out in the main thread. */
static bool is_for_now(const VxRequest *request, const Handler *handler)
{
    void *args;

    if (handler->now || !handler->run)
        return true;
    return handler->is_quick && vx_rpc_call_decode(request->call, &args, NULL) && handler->is_quick(request, args);
}

void vx_dispatch(VxClient *client, VxRpcCall *call)
{
    const VxRpcProcedure *procedure = vx_rpc_call_get_procedure(call);
    guint32 program = vx_rpc_call_get_header(call)->program;
    const Handler *handler = find_handler(call);
    GError *error = NULL;
    VxRequest *request;

    if (!check_stage(client, program, procedure, &error)) {
        vx_rpc_call_fail_from(call, VIR_FROM_RPC, error);
        return;
    }
    if (program == VX_PROGRAM_REMOTE && procedure->number == VX_REMOTE_AUTH_POLKIT) {
        vx_polkit_ask(client, call);
        return;
    }
    request = g_new(VxRequest, 1);
    *request = (VxRequest){.driver = client->daemon->driver, .client = client, .call = call};
    if (is_for_now(request, handler))
        run_request(request);
    else
        vx_workers_push(client->daemon->workers, procedure->is_high_priority ? VX_WORK_URGENT : VX_WORK_GENERAL,
                        run_request, request);
}
