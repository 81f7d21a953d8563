/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Packets of libvirt's RPC (virNetMessage, docs/kbase/internals/rpc): a length word that counts itself, a header of six
 * words, a payload; all big endian. A packet of a _WITH_FDS type has the number of descriptors as first word of the
 * payload, and the descriptors follow it, each with a byte of its own that the length does not count.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define VX_RPC_PACKET_MIN 28u
#define VX_RPC_PACKET_MAX 33554436u
#define VX_RPC_PAYLOAD_MAX (VX_RPC_PACKET_MAX - VX_RPC_PACKET_MIN)
#define VX_RPC_FDS_MAX 32u

typedef enum {
    VX_RPC_CALL,
    VX_RPC_REPLY,
    VX_RPC_MESSAGE,
    VX_RPC_STREAM,
    VX_RPC_CALL_WITH_FDS,
    VX_RPC_REPLY_WITH_FDS,
    VX_RPC_STREAM_HOLE,
} VxRpcType;

typedef enum { VX_RPC_OK, VX_RPC_FAILED, VX_RPC_CONTINUE } VxRpcStatus;

/* Values are as received: type and status may be outside their enumerations. */
typedef struct {
    guint32 program;
    guint32 version;
    gint32 procedure;
    guint32 type; /* VxRpcType */
    guint32 serial;
    guint32 status; /* VxRpcStatus */
} VxRpcHeader;

/* The first VX_RPC_PACKET_MIN bytes of a packet of LENGTH bytes, to and from bytes. Any thread. */
void vx_rpc_header_encode(const VxRpcHeader *header, guint32 length, guint8 *bytes);
void vx_rpc_header_decode(const guint8 *bytes, VxRpcHeader *header, guint32 *length);

/* A packet received. */
typedef struct {
    VxRpcHeader header;
    guint8 *payload; /* without the count of descriptors; NULL when empty */
    gsize payload_length;
    int *fds; /* close-on-exec, owned by the packet; one taken out is replaced by -1 */
    unsigned n_fds;
    void *storage; /* what payload points into */
} VxRpcPacket;

/* Frees PACKET (may be NULL) and closes its descriptors. */
void vx_rpc_packet_free(VxRpcPacket *packet);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxRpcPacket, vx_rpc_packet_free)

/* Reads packets from a non-blocking socket, however they are cut. Its buffer grows as bytes arrive, so that the length
 * a peer announces costs nothing, and there is none while no packet is under way. One thread at a time.
 *
 * One that reads ahead takes what has come in one turn to the kernel, whether it belongs to one packet or not: what
 * vx_rpc_reader_has_ahead() says is there is not told by poll(2) any more. */
typedef struct {
    bool reads_ahead; /* set by the owner */
    guint8 *ahead;    /* read, of which bytes from ahead_at to ahead_length are not taken yet; NULL: nothing */
    guint ahead_at, ahead_length;
    int ahead_fd; /* came with the last byte of that, */
    bool has_ahead_fd;
    guint8 head[VX_RPC_PACKET_MIN];
    guint head_length; /* bytes of head received */
    VxRpcPacket *packet;
    GByteArray *body;  /* the payload as far as received */
    guint body_length; /* bytes of payload announced */
    guint n_fds_announced;
} VxRpcReader;

typedef enum {
    VX_RPC_READ_MORE,   /* nothing more to read now */
    VX_RPC_READ_PACKET, /* a packet is complete */
    VX_RPC_READ_END,    /* the peer closed, between two packets or in the midst of one */
    VX_RPC_READ_BROKEN, /* what came is no packet, or reading failed; the connection is of no more use */
} VxRpcReadResult;

/* Reads from FD until there is a packet (*PACKET, freed by the caller) or no more bytes. READER starts as all zeros.
 * VX_RPC_READ_BROKEN sets *ERROR (VIR_ERR_RPC, VIR_ERR_SYSTEM_ERROR). */
VxRpcReadResult vx_rpc_reader_read(VxRpcReader *reader, int fd, VxRpcPacket **packet, GError **error);

/* Whether there are bytes that have been read from the socket and are in no packet yet. */
bool vx_rpc_reader_has_ahead(const VxRpcReader *reader);

/* Frees what READER holds, which is then as new. */
void vx_rpc_reader_clear(VxRpcReader *reader);

/* A packet to be sent: starts with room for the head; the payload is appended; vx_rpc_packet_seal writes the head. */
GByteArray *vx_rpc_packet_begin(void);
void vx_rpc_packet_seal(GByteArray *packet, const VxRpcHeader *header);
