/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_error.h"

#include "rpc/rpc_frame.h"
#include "rpc/wire.h"
#include "rpc/xdr_codec.h"
#include "util/vx_error.h"

#include <string.h>

/* The longest message that is sent, in bytes; longer ones are cut. */
#define MESSAGE_MAX (64u * 1024)

/* The codes that this daemon can send: libvirt's words for the kind of error, as printed before the detail (NULL: the
 * detail stands alone), and the part that complains. */
static const struct {
    int code;
    virErrorDomain domain;
    const char *kind;
} kinds[] = {
    {VIR_ERR_INTERNAL_ERROR, VIR_FROM_LIBXL, "internal error"},
    {VIR_ERR_NO_MEMORY, VIR_FROM_LIBXL, "out of memory"},
    {VIR_ERR_NO_SUPPORT, VIR_FROM_LIBXL, "this function is not supported by the connection driver"},
    {VIR_ERR_NO_CONNECT, VIR_FROM_NONE, "no connection driver available"},
    {VIR_ERR_INVALID_CONN, VIR_FROM_NONE, "invalid connection pointer in"},
    {VIR_ERR_INVALID_DOMAIN, VIR_FROM_NONE, "invalid domain pointer in"},
    {VIR_ERR_INVALID_ARG, VIR_FROM_LIBXL, "invalid argument"},
    {VIR_ERR_OPERATION_FAILED, VIR_FROM_LIBXL, "operation failed"},
    {VIR_ERR_OS_TYPE, VIR_FROM_DOMAIN, "unknown OS type"},
    {VIR_ERR_XML_ERROR, VIR_FROM_DOMAIN, "XML error"},
    {VIR_ERR_DOM_EXIST, VIR_FROM_LIBXL, "this domain exists already"},
    {VIR_ERR_OPERATION_DENIED, VIR_FROM_DOMAIN, "operation forbidden"},
    {VIR_ERR_CONF_SYNTAX, VIR_FROM_XENXL, "configuration file syntax error"},
    {VIR_ERR_XML_DETAIL, VIR_FROM_DOMAIN, NULL},
    {VIR_ERR_SYSTEM_ERROR, VIR_FROM_LIBXL, NULL},
    {VIR_ERR_RPC, VIR_FROM_RPC, NULL},
    {VIR_ERR_NO_DOMAIN, VIR_FROM_LIBXL, "Domain not found"},
    {VIR_ERR_NO_NETWORK, VIR_FROM_NETWORK, "Network not found"},
    {VIR_ERR_AUTH_FAILED, VIR_FROM_POLKIT, "authentication failed"},
    {VIR_ERR_NO_STORAGE_POOL, VIR_FROM_STORAGE, "Storage pool not found"},
    {VIR_ERR_NO_STORAGE_VOL, VIR_FROM_STORAGE, "Storage volume not found"},
    {VIR_ERR_NO_NODE_DEVICE, VIR_FROM_NODEDEV, "Node device not found"},
    {VIR_ERR_NO_SECURITY_MODEL, VIR_FROM_LIBXL, "Security model not found"},
    {VIR_ERR_OPERATION_INVALID, VIR_FROM_LIBXL, "Requested operation is not valid"},
    {VIR_ERR_NO_INTERFACE, VIR_FROM_INTERFACE, "Interface not found"},
    {VIR_ERR_INVALID_NWFILTER, VIR_FROM_NWFILTER, "Invalid network filter"},
    {VIR_ERR_NO_NWFILTER, VIR_FROM_NWFILTER, "Network filter not found"},
    {VIR_ERR_BUILD_FIREWALL, VIR_FROM_NWFILTER, "Error while building firewall"},
    {VIR_ERR_NO_SECRET, VIR_FROM_SECRET, "Secret not found"},
    {VIR_ERR_CONFIG_UNSUPPORTED, VIR_FROM_LIBXL, "unsupported configuration"},
    {VIR_ERR_OPERATION_TIMEOUT, VIR_FROM_LIBXL, "Timed out during operation"},
    {VIR_ERR_MIGRATE_PERSIST_FAILED, VIR_FROM_LIBXL, "Failed to make domain persistent after migration"},
    {VIR_ERR_NO_DOMAIN_SNAPSHOT, VIR_FROM_DOMAIN_SNAPSHOT, "Domain snapshot not found"},
    {VIR_ERR_INVALID_STREAM, VIR_FROM_STREAMS, "invalid stream pointer"},
    {VIR_ERR_ARGUMENT_UNSUPPORTED, VIR_FROM_LIBXL, "argument unsupported"},
    {VIR_ERR_OPERATION_ABORTED, VIR_FROM_LIBXL, "operation aborted"},
    {VIR_ERR_AUTH_CANCELLED, VIR_FROM_POLKIT, "authentication cancelled"},
    {VIR_ERR_NO_DOMAIN_METADATA, VIR_FROM_DOMAIN, "metadata not found"},
    {VIR_ERR_MIGRATE_UNSAFE, VIR_FROM_LIBXL, "Unsafe migration"},
    {VIR_ERR_OVERFLOW, VIR_FROM_LIBXL, "numerical overflow"},
    {VIR_ERR_OPERATION_UNSUPPORTED, VIR_FROM_LIBXL, "Operation not supported"},
    {VIR_ERR_AGENT_UNRESPONSIVE, VIR_FROM_LIBXL, "Guest agent is not responding"},
    {VIR_ERR_RESOURCE_BUSY, VIR_FROM_LIBXL, "resource busy"},
    {VIR_ERR_ACCESS_DENIED, VIR_FROM_ACCESS, "access denied"},
    {VIR_ERR_DBUS_SERVICE, VIR_FROM_DBUS, "error from service"},
    {VIR_ERR_CPU_INCOMPATIBLE, VIR_FROM_CPU, "the CPU is incompatible with host CPU"},
    {VIR_ERR_XML_INVALID_SCHEMA, VIR_FROM_DOMAIN, "XML document failed to validate against schema"},
    {VIR_ERR_AUTH_UNAVAILABLE, VIR_FROM_POLKIT, "authentication unavailable"},
    {VIR_ERR_AGENT_UNSYNCED, VIR_FROM_LIBXL, "guest agent replied with wrong id to guest-sync command"},
    {VIR_ERR_DEVICE_MISSING, VIR_FROM_LIBXL, "device not found"},
    {VIR_ERR_NO_NWFILTER_BINDING, VIR_FROM_NWFILTER, "Network filter binding not found"},
    {VIR_ERR_NO_DOMAIN_CHECKPOINT, VIR_FROM_DOMAIN_CHECKPOINT, "Domain checkpoint not found"},
    {VIR_ERR_NO_DOMAIN_BACKUP, VIR_FROM_LIBXL, "Domain backup job id not found"},
    {VIR_ERR_NO_NETWORK_PORT, VIR_FROM_NETWORK, "network port not found"},
};

static int code_of(const GError *error)
{
    return error->domain == VX_ERROR && error->code != VIR_ERR_OK ? error->code : VIR_ERR_INTERNAL_ERROR;
}

static gsize find_kind(int code)
{
    gsize i = 0;

    while (i < G_N_ELEMENTS(kinds) && kinds[i].code != code)
        i++;
    return i;
}

virErrorDomain vx_rpc_error_domain(int code)
{
    gsize i = find_kind(code);

    return i < G_N_ELEMENTS(kinds) ? kinds[i].domain : VIR_FROM_LIBXL;
}

char *vx_rpc_error_message(const GError *error)
{
    gsize i = find_kind(code_of(error));
    const char *kind = i < G_N_ELEMENTS(kinds) ? kinds[i].kind : NULL;
    g_autofree char *text = g_utf8_make_valid(error->message, (gssize)strnlen(error->message, MESSAGE_MAX));

    return kind ? g_strdup_printf("%s: %s", kind, text) : g_steal_pointer(&text);
}

void vx_rpc_error_encode(GByteArray *packet, const GError *error, virErrorDomain from)
{
    g_autofree char *message = vx_rpc_error_message(error);
    int code = code_of(error);
    wire_error value = {
        .code = code,
        .domain = (int)(from != VIR_FROM_NONE ? from : vx_rpc_error_domain(code)),
        .message = &message,
        .level = VIR_ERR_ERROR,
        .int1 = -1,
        .int2 = -1,
    };

    if (!vx_xdr_encode(packet, VX_RPC_PACKET_MAX, (xdrproc_t)xdr_wire_error, &value))
        g_assert_not_reached(); /* every string is there and within its bound */
}
