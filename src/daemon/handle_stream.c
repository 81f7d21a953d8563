/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Consoles and channels, which are streams of bytes.
 */
#include "daemon/handler.h"

#include "driver/stream.h"

static void end_stream(GError *error, gpointer stream)
{
    vx_rpc_fd_stream_fail(stream, error);
}

static void forget_stream(gpointer stream)
{
    vx_rpc_fd_stream_unref(stream);
}

static void close_device(gpointer device)
{
    vx_open_device_close(device);
}

/* The answer to REQUEST opens DEVICE (taken; NULL: it could not be opened). */
static bool join(VxRequest *request, VxOpenDevice *device)
{
    if (!device)
        return false;
    request->stream = vx_rpc_fd_stream_new(request->call, vx_open_device_take_fd(device), close_device, device);
    vx_open_device_set_revoke(device, end_stream, vx_rpc_fd_stream_ref(request->stream), forget_stream);
    return true;
}

VX_HANDLER(DOMAIN_OPEN_CONSOLE)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain &&
           join(request, vx_open_console(request->driver, domain, vx_wire_text(args->dev_name), args->flags, error));
}

VX_HANDLER(DOMAIN_OPEN_CHANNEL)
{
    g_autoptr(VxDomainObj) domain = vx_request_find(request, &args->dom, error);

    return domain &&
           join(request, vx_open_channel(request->driver, domain, vx_wire_text(args->name), args->flags, error));
}
