/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_connection.h"

#include "rpc/rpc_keepalive.h"
#include "rpc/rpc_private.h"
#include "util/vx_error.h"

#include <sys/socket.h>
#include <unistd.h>

/* Packets taken from one client before others have their turn. */
#define PACKETS_PER_TURN 32

struct VxRpcConnection {
    gint references;
    guint64 id;
    GMainContext *context;
    int fd;
    GSource *io;
    void *io_tag;
    GIOCondition io_condition; /* that is polled for */
    const VxRpcConnectionLimits *limits;
    const VxRpcConnectionHandlers *handlers;
    void *handlers_data;
    VxRpcPeer peer;
    void *data;
    GDestroyNotify destroy_data;

    VxRpcReader reader;
    VxRpcOutput output;
    unsigned n_calls;    /* in flight */
    GQueue waiting;      /* VxRpcCall, beyond max_calls */
    gsize waiting_bytes; /* of these */
    GList *streams;
    unsigned n_holds; /* streams that hold the input */
    VxRpcKeepalive keepalive;
    GSource *keepalive_timer;
    GSource *linger_timer; /* not NULL: nothing more is read, and it closes when all is written */
    bool open;
    bool in_turn; /* handle_io is on the stack, and will flush */
};

typedef struct {
    GSource source;
    VxRpcConnection *connection;
} IoSource;

VxRpcConnection *vx_rpc_connection_ref(VxRpcConnection *connection)
{
    g_atomic_int_inc(&connection->references);
    return connection;
}

void vx_rpc_connection_unref(VxRpcConnection *connection)
{
    if (!connection || !g_atomic_int_dec_and_test(&connection->references))
        return;
    if (connection->destroy_data)
        connection->destroy_data(connection->data);
    g_main_context_unref(connection->context);
    g_free(connection);
}

bool vx_rpc_connection_is_open(const VxRpcConnection *connection)
{
    return connection->open;
}

const VxRpcPeer *vx_rpc_connection_get_peer(const VxRpcConnection *connection)
{
    return &connection->peer;
}

guint64 vx_rpc_connection_get_id(const VxRpcConnection *connection)
{
    return connection->id;
}

void vx_rpc_connection_set_data(VxRpcConnection *connection, void *data, GDestroyNotify destroy)
{
    connection->data = data;
    connection->destroy_data = destroy;
}

void *vx_rpc_connection_get_data(const VxRpcConnection *connection)
{
    return connection->data;
}

GMainContext *vx_rpc_connection_get_context(VxRpcConnection *connection)
{
    return connection->context;
}

static void stop_timer(GSource **timer)
{
    if (*timer)
        g_source_destroy(*timer);
    g_clear_pointer(timer, g_source_unref);
}

static void drop_waiting_calls(VxRpcConnection *connection)
{
    VxRpcCall *call;

    while ((call = g_queue_pop_head(&connection->waiting)))
        vx_rpc_call_discard(call);
    connection->waiting_bytes = 0;
}

void vx_rpc_connection_close(VxRpcConnection *connection, const GError *reason)
{
    if (!connection->open)
        return;
    connection->open = false;
    stop_timer(&connection->io);
    stop_timer(&connection->keepalive_timer);
    stop_timer(&connection->linger_timer);
    while (connection->streams)
        vx_rpc_stream_end(connection->streams->data);
    drop_waiting_calls(connection);
    vx_rpc_reader_clear(&connection->reader);
    vx_rpc_output_clear(&connection->output);
    close(connection->fd);
    connection->fd = -1;
    connection->handlers->closed(connection, reason, connection->handlers_data);
    vx_rpc_connection_unref(connection); /* the reference that an open connection has of itself */
}

static bool wants_read(const VxRpcConnection *connection)
{
    return !connection->linger_timer && !connection->n_holds && connection->output.bytes < VX_RPC_OUTPUT_HIGH &&
           connection->waiting.length < VX_RPC_WAITING_CALLS_MAX &&
           connection->waiting_bytes < VX_RPC_WAITING_BYTES_MAX;
}

/* What has been read ahead is not told by the socket: the source is to be ready by itself. */
static void wake_for_ahead(VxRpcConnection *connection)
{
    gint64 ready_time = vx_rpc_reader_has_ahead(&connection->reader) && wants_read(connection) ? 0 : -1;

    if (g_source_get_ready_time(connection->io) != ready_time)
        g_source_set_ready_time(connection->io, ready_time);
}

/* Brings what is polled for in line with the state; ends a lingering connection that has nothing left to write. Within
 * handle_io's turn it waits for the end, when most answers are written already. */
static void update(VxRpcConnection *connection)
{
    GIOCondition condition = 0;

    if (!connection->open || connection->in_turn)
        return;
    if (connection->linger_timer && !connection->n_calls && !connection->output.bytes) {
        vx_rpc_connection_close(connection, NULL);
        return;
    }
    wake_for_ahead(connection);
    if (wants_read(connection))
        condition |= G_IO_IN;
    if (!g_queue_is_empty(&connection->output.packets))
        condition |= G_IO_OUT;
    condition |= G_IO_HUP | G_IO_ERR;
    if (condition == connection->io_condition)
        return; /* to change it would wake the loop up once more */
    connection->io_condition = condition;
    g_source_modify_unix_fd(connection->io, connection->io_tag, condition);
}

/* Tells the streams that wait for it, one after the other, until it is full again. */
static void offer_room(VxRpcConnection *connection)
{
    bool told = true;

    while (told && connection->open && !vx_rpc_connection_is_full(connection)) {
        told = false;
        for (GList *l = connection->streams; l && !told; l = l->next)
            told = vx_rpc_stream_tell_writable(l->data);
    }
}

static void flush(VxRpcConnection *connection)
{
    g_autoptr(GError) error = NULL;

    if (!connection->open)
        return;
    if (!vx_rpc_output_flush(&connection->output, connection->fd, &error)) {
        vx_rpc_connection_close(connection, error);
        return;
    }
    offer_room(connection);
    update(connection);
}

/* Behind any change outside of handle_io's turn, which does the same at its end. */
static void flush_outside_turn(VxRpcConnection *connection)
{
    if (!connection->in_turn)
        flush(connection);
}

void vx_rpc_connection_flush(VxRpcConnection *connection)
{
    flush_outside_turn(connection);
}

void vx_rpc_connection_push(VxRpcConnection *connection, VxRpcOutKind kind, GByteArray *packet)
{
    vx_rpc_output_push(&connection->output, kind, packet, NULL, 0);
    update(connection);
}

bool vx_rpc_connection_is_full(const VxRpcConnection *connection)
{
    return connection->output.bytes >= VX_RPC_STREAM_CHUNK;
}

void vx_rpc_connection_hold_input(VxRpcConnection *connection, bool hold)
{
    if (hold)
        connection->n_holds++;
    else
        connection->n_holds--;
    update(connection);
}

void vx_rpc_connection_add_stream(VxRpcConnection *connection, VxRpcStream *stream)
{
    connection->streams = g_list_prepend(connection->streams, stream);
}

void vx_rpc_connection_remove_stream(VxRpcConnection *connection, VxRpcStream *stream)
{
    connection->streams = g_list_remove(connection->streams, stream);
}

static void send_keepalive(VxRpcConnection *connection, VxRpcKeepaliveProcedure procedure)
{
    GByteArray *packet = vx_rpc_packet_begin();
    const VxRpcHeader header = {
        .program = VX_PROGRAM_KEEPALIVE,
        .version = VX_PROGRAM_VERSION,
        .procedure = procedure,
        .type = VX_RPC_MESSAGE,
    };

    vx_rpc_packet_seal(packet, &header);
    vx_rpc_connection_push(connection, VX_RPC_OUT_URGENT, packet);
}

static gboolean tick_keepalive(void *data)
{
    VxRpcConnection *connection = data;
    g_autoptr(GError) error = NULL;

    if (!wants_read(connection))
        return G_SOURCE_CONTINUE; /* it is we who do not listen */
    switch (vx_rpc_keepalive_tick(&connection->keepalive)) {
    case VX_RPC_KEEPALIVE_PING:
        send_keepalive(connection, VX_RPC_PING);
        break;
    case VX_RPC_KEEPALIVE_DEAD:
        vx_fail(&error, VIR_ERR_RPC, "the client did not answer %u keepalive messages", connection->keepalive.count);
        vx_rpc_connection_close(connection, error);
        break;
    case VX_RPC_KEEPALIVE_NOTHING:
        break;
    }
    return G_SOURCE_CONTINUE;
}

static GSource *start_timer(VxRpcConnection *connection, unsigned seconds, GSourceFunc function)
{
    GSource *timer = g_timeout_source_new_seconds(seconds);

    g_source_set_callback(timer, function, connection, NULL);
    g_source_attach(timer, connection->context);
    return timer;
}

static void start_keepalive(void *data)
{
    g_autoptr(VxRpcConnection) connection = data;

    if (connection->open && !connection->keepalive_timer)
        connection->keepalive_timer = start_timer(connection, connection->limits->keepalive_interval_s, tick_keepalive);
}

void vx_rpc_connection_start_keepalive(VxRpcConnection *connection)
{
    if (connection->limits->keepalive_interval_s > 0)
        vx_rpc_post(connection->context, start_keepalive, vx_rpc_connection_ref(connection));
}

static gboolean stop_lingering(void *data)
{
    VxRpcConnection *connection = data;

    vx_rpc_connection_close(connection, NULL);
    return G_SOURCE_REMOVE;
}

void vx_rpc_connection_close_when_written(VxRpcConnection *connection)
{
    if (!connection->open || connection->linger_timer)
        return;
    connection->linger_timer = start_timer(connection, VX_RPC_LINGER_S, stop_lingering);
    drop_waiting_calls(connection);
    flush_outside_turn(connection);
}

/* Answers a call that cannot be carried out. */
static void refuse(VxRpcConnection *connection, const VxRpcHeader *header, const GError *error)
{
    vx_rpc_connection_push(connection, VX_RPC_OUT_REPLY,
                           vx_rpc_error_packet(header, VX_RPC_REPLY, error, VIR_FROM_RPC));
}

/* The procedure that a call names. The words "unknown procedure" are those that clients look for. */
static const VxRpcProcedure *find_procedure(const VxRpcHeader *header, GError **error)
{
    const VxRpcProcedure *procedure = vx_rpc_procedure_find(header->program, header->procedure);

    if (!vx_rpc_procedure_last(header->program) || header->version != VX_PROGRAM_VERSION)
        vx_fail(error, VIR_ERR_RPC, "program 0x%x version %u is not served here", header->program, header->version);
    else if (!procedure || procedure->is_event)
        vx_fail(error, VIR_ERR_RPC, "unknown procedure: %d", header->procedure);
    else if (header->status != VX_RPC_OK)
        vx_fail(error, VIR_ERR_RPC, "a call must have status %d, not %u", VX_RPC_OK, header->status);
    else
        return procedure;
    return NULL;
}

static void hand_over(VxRpcConnection *connection, VxRpcCall *call)
{
    connection->n_calls++;
    connection->handlers->call(connection, call, connection->handlers_data);
}

static void take_call(VxRpcConnection *connection, VxRpcPacket *packet)
{
    g_autoptr(GError) error = NULL;
    const VxRpcProcedure *procedure = find_procedure(&packet->header, &error);
    VxRpcCall *call;

    if (!procedure) {
        refuse(connection, &packet->header, error);
        vx_rpc_packet_free(packet);
        return;
    }
    call = vx_rpc_call_new(connection, procedure, packet);
    if (connection->n_calls < connection->limits->max_calls) {
        hand_over(connection, call);
    } else {
        g_queue_push_tail(&connection->waiting, call);
        connection->waiting_bytes += vx_rpc_call_get_size(call);
    }
}

static void hand_over_waiting(VxRpcConnection *connection)
{
    while (connection->open && connection->n_calls < connection->limits->max_calls &&
           !g_queue_is_empty(&connection->waiting)) {
        VxRpcCall *call = g_queue_pop_head(&connection->waiting);

        connection->waiting_bytes -= vx_rpc_call_get_size(call);
        hand_over(connection, call);
    }
}

/* A packet of no known stream is late, and dropped. */
static void take_stream_packet(VxRpcConnection *connection, const VxRpcPacket *packet)
{
    for (GList *l = connection->streams; l; l = l->next) {
        if (vx_rpc_stream_matches(l->data, &packet->header)) {
            vx_rpc_stream_take(l->data, packet);
            return;
        }
    }
}

static void take_packet(VxRpcConnection *connection, VxRpcPacket *packet)
{
    const VxRpcHeader *header = &packet->header;

    vx_rpc_keepalive_hear(&connection->keepalive);
    if (header->program == VX_PROGRAM_KEEPALIVE) {
        if (header->type == VX_RPC_MESSAGE && header->procedure == VX_RPC_PING)
            send_keepalive(connection, VX_RPC_PONG);
    } else if (header->type == VX_RPC_CALL || header->type == VX_RPC_CALL_WITH_FDS) {
        take_call(connection, packet);
        return;
    } else if (header->type == VX_RPC_STREAM || header->type == VX_RPC_STREAM_HOLE) {
        take_stream_packet(connection, packet);
    }
    vx_rpc_packet_free(packet);
}

/* Whether another packet may well be there already: most clients wait for their answer before they send more, and to
 * look would be one more turn to the kernel for each of their calls. */
static bool may_have_sent_more(const VxRpcConnection *connection)
{
    return connection->streams || vx_rpc_reader_has_ahead(&connection->reader);
}

static void read_packets(VxRpcConnection *connection)
{
    for (unsigned i = 0; i < PACKETS_PER_TURN && connection->open && wants_read(connection); i++) {
        g_autoptr(GError) error = NULL;
        VxRpcPacket *packet = NULL;

        switch (vx_rpc_reader_read(&connection->reader, connection->fd, &packet, &error)) {
        case VX_RPC_READ_PACKET:
            take_packet(connection, packet);
            if (!may_have_sent_more(connection))
                return;
            break;
        case VX_RPC_READ_END:
        case VX_RPC_READ_BROKEN:
            vx_rpc_connection_close(connection, error);
            return;
        case VX_RPC_READ_MORE:
            return;
        }
    }
}

static void handle_io(VxRpcConnection *connection, GIOCondition condition)
{
    connection->in_turn = true;
    if ((condition & G_IO_IN || vx_rpc_reader_has_ahead(&connection->reader)) && wants_read(connection))
        read_packets(connection);
    else if (condition & (G_IO_HUP | G_IO_ERR | G_IO_NVAL))
        vx_rpc_connection_close(connection, NULL);
    connection->in_turn = false;
    flush(connection);
}

static gboolean check_io(GSource *source)
{
    VxRpcConnection *connection = ((IoSource *)source)->connection;

    return g_source_query_unix_fd(source, connection->io_tag) != 0;
}

static gboolean dispatch_io(GSource *source, GSourceFunc function G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
    g_autoptr(VxRpcConnection) connection = vx_rpc_connection_ref(((IoSource *)source)->connection);

    handle_io(connection, g_source_query_unix_fd(source, connection->io_tag));
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs io_functions = {.check = check_io, .dispatch = dispatch_io};

VxRpcConnection *vx_rpc_connection_new(GMainContext *context, int fd, const VxRpcConnectionLimits *limits,
                                       const VxRpcConnectionHandlers *handlers, void *data)
{
    static gsize last_id;
    VxRpcConnection *connection = g_new0(VxRpcConnection, 1);
    struct ucred credentials = {.pid = 0, .uid = (uid_t)-1, .gid = (gid_t)-1};
    socklen_t size = sizeof credentials;

    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size);
    *connection = (VxRpcConnection){
        .references = 2, /* the caller's, and its own while it is open */
        .id = (gsize)g_atomic_pointer_add(&last_id, 1) + 1,
        .context = g_main_context_ref(context ? context : g_main_context_default()),
        .fd = fd,
        .limits = limits,
        .handlers = handlers,
        .handlers_data = data,
        .peer = {.pid = credentials.pid, .uid = credentials.uid, .gid = credentials.gid},
        .reader = {.reads_ahead = true},
        .keepalive = {.count = limits->keepalive_count},
        .open = true,
    };
    connection->io = g_source_new(&io_functions, sizeof(IoSource));
    ((IoSource *)connection->io)->connection = connection;
    connection->io_tag = g_source_add_unix_fd(connection->io, fd, G_IO_IN | G_IO_HUP | G_IO_ERR);
    /* No loop runs within a turn; and a source that could not recurse would be taken out of the poll for each turn and
     * put back, which wakes the loop up twice. */
    g_source_set_can_recurse(connection->io, TRUE);
    g_source_attach(connection->io, connection->context);
    return connection;
}

static void begin_stream(VxRpcConnection *connection, const VxRpcDelivery *delivery)
{
    if (delivery->failed)
        delivery->handlers->ended(NULL, delivery->stream_data);
    else
        vx_rpc_stream_begin(connection, &delivery->stream_header, delivery->handlers, delivery->stream_data);
}

void vx_rpc_connection_take_delivery(VxRpcConnection *connection, const VxRpcDelivery *delivery)
{
    g_autoptr(GError) error = NULL;

    vx_rpc_output_push(&connection->output, delivery->kind, delivery->packet, delivery->fds, delivery->n_fds);
    if (delivery->handlers)
        begin_stream(connection, delivery);
    if (delivery->ends_call) {
        connection->n_calls--;
        hand_over_waiting(connection);
    }
    if (connection->open && connection->output.event_bytes > VX_RPC_EVENTS_MAX) {
        vx_fail(&error, VIR_ERR_RPC, "the client does not read its events; more than %u bytes wait", VX_RPC_EVENTS_MAX);
        vx_rpc_connection_close(connection, error);
    }
    flush_outside_turn(connection);
}
