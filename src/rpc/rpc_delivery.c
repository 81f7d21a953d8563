/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The way of packets from any thread to that of their connection.
 */
#include "rpc/rpc_private.h"
#include "rpc/xdr_codec.h"

#include <unistd.h>

typedef struct {
    void (*function)(void *data);
    void *data;
} Posted;

static gboolean run_posted(void *data)
{
    Posted *posted = data;

    posted->function(posted->data);
    return G_SOURCE_REMOVE;
}

static void post_later(GMainContext *context, void (*function)(void *data), void *data)
{
    Posted *posted = g_new(Posted, 1);
    GSource *source = g_idle_source_new();

    *posted = (Posted){.function = function, .data = data};
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, run_posted, posted, g_free);
    g_source_attach(source, context);
    g_source_unref(source);
}

/* g_main_context_invoke would not do: it may run in the caller's thread when the loop does not run yet. */
void vx_rpc_post(GMainContext *context, void (*function)(void *data), void *data)
{
    if (g_main_context_is_owner(context))
        function(data);
    else
        post_later(context, function, data);
}

/* What arrives when the connection has ended. */
static void drop_delivery(VxRpcDelivery *delivery)
{
    g_byte_array_unref(delivery->packet);
    for (unsigned i = 0; i < delivery->n_fds; i++)
        close(delivery->fds[i]);
    g_free(delivery->fds);
    if (delivery->handlers)
        delivery->handlers->ended(NULL, delivery->stream_data);
}

static void deliver(void *data)
{
    g_autofree VxRpcDelivery *delivery = data;
    g_autoptr(VxRpcConnection) connection = delivery->connection;

    if (vx_rpc_connection_is_open(connection))
        vx_rpc_connection_take_delivery(connection, delivery);
    else
        drop_delivery(delivery);
}

void vx_rpc_deliver(const VxRpcDelivery *delivery)
{
    vx_rpc_post(vx_rpc_connection_get_context(delivery->connection), deliver, g_memdup2(delivery, sizeof *delivery));
}

bool vx_rpc_connection_send_event(VxRpcConnection *connection, guint32 program, gint32 number, const void *message)
{
    const VxRpcProcedure *event = vx_rpc_procedure_find(program, number);
    VxRpcDelivery delivery = {.packet = vx_rpc_packet_begin(), .kind = VX_RPC_OUT_EVENT};
    /* clients do not look at the serial of an event; libvirtd sends 1 */
    const VxRpcHeader header = {program, VX_PROGRAM_VERSION, number, VX_RPC_MESSAGE, 1, VX_RPC_OK};

    if (!event || !event->is_event ||
        (event->ret_xdr && !vx_xdr_encode(delivery.packet, VX_RPC_PACKET_MAX, event->ret_xdr, message))) {
        g_byte_array_unref(delivery.packet);
        return false;
    }
    vx_rpc_packet_seal(delivery.packet, &header);
    delivery.connection = vx_rpc_connection_ref(connection);
    /* Not at once, not even in the loop's own thread: whoever tells events has them locked, and when the client is
     * found to be gone it is taken off their list. */
    post_later(vx_rpc_connection_get_context(connection), deliver, g_memdup2(&delivery, sizeof delivery));
    return true;
}
