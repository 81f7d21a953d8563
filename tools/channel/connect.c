/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl channel connect: a channel joined to standard input and output. On a terminal, ^] ends it; in a pipe, the end
 * of the input does, when the guest has then been silent for a while, for a channel has no half-open state that could
 * tell the guest of it.
 */
#include "channel.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define ESCAPE '\x1d'     /* ^], as virsh console has it */
#define PIECE 65536       /* read at once */
#define OUT_PIECE 4096    /* a pipe that can be written to takes as much (PIPE_BUF) */
#define WAITING (1 << 20) /* bytes for standard output at which the stream is not read */

typedef struct {
    virStreamPtr stream;
    GByteArray *to_guest, *to_out;
    int in_watch, out_watch, timer; /* -1: none */
    bool is_terminal, is_cut;       /* cut: what is not yet sent does not matter */
    bool in_ended, stream_ended, is_over;
    ExitStatus status;
} Bridge;

/* ---- the terminal ---- */

static struct termios terminal_before;

static void restore_terminal(void)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
}

static void die(int number)
{
    restore_terminal();
    _exit(128 + number);
}

static bool make_raw(void)
{
    struct termios raw;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &terminal_before) < 0)
        return false;
    raw = terminal_before;
    cfmakeraw(&raw);
    signal(SIGTERM, die);
    signal(SIGHUP, die);
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
}

/* ---- the bridge ---- */

static void end(Bridge *bridge, ExitStatus status)
{
    bridge->is_over = true;
    bridge->status = MAX(bridge->status, status);
}

/* What is waited for follows from what there is. */
static void update(Bridge *bridge)
{
    int events = VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP;

    if (bridge->to_out->len < WAITING)
        events |= VIR_STREAM_EVENT_READABLE;
    if (bridge->to_guest->len > 0)
        events |= VIR_STREAM_EVENT_WRITABLE;
    if (!bridge->stream_ended)
        virStreamEventUpdateCallback(bridge->stream, events);
    virEventUpdateHandle(bridge->in_watch,
                         bridge->in_ended || bridge->to_guest->len > 0 ? 0 : VIR_EVENT_HANDLE_READABLE);
    virEventUpdateHandle(bridge->out_watch, bridge->to_out->len > 0 ? VIR_EVENT_HANDLE_WRITABLE : 0);
    if (bridge->stream_ended && bridge->to_out->len == 0)
        end(bridge, EXIT_GOOD);
    if (bridge->in_ended && bridge->to_guest->len == 0 && options.linger_s >= 0)
        virEventUpdateTimeout(bridge->timer, (int)(MIN(options.linger_s, 86400) * 1000));
}

static void on_silence(int timer G_GNUC_UNUSED, void *data)
{
    Bridge *bridge = data;

    if (bridge->to_out->len == 0)
        end(bridge, EXIT_GOOD);
}

static void take_input(Bridge *bridge, const char *bytes, gsize length)
{
    const char *escape = bridge->is_terminal ? memchr(bytes, ESCAPE, length) : NULL;

    g_byte_array_append(bridge->to_guest, (const guint8 *)bytes, (guint)(escape ? (gsize)(escape - bytes) : length));
    if (escape) {
        bridge->is_cut = true;
        end(bridge, EXIT_GOOD);
    }
}

static void on_input(int watch G_GNUC_UNUSED, int fd, int events G_GNUC_UNUSED, void *data)
{
    Bridge *bridge = data;
    char bytes[PIECE];
    ssize_t n = read(fd, bytes, sizeof bytes);

    if (n > 0)
        take_input(bridge, bytes, (gsize)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        bridge->in_ended = true;
    update(bridge);
}

static void on_output(int watch G_GNUC_UNUSED, int fd, int events G_GNUC_UNUSED, void *data)
{
    Bridge *bridge = data;
    ssize_t n = write(fd, bridge->to_out->data, MIN(bridge->to_out->len, OUT_PIECE));

    if (n > 0)
        g_byte_array_remove_range(bridge->to_out, 0, (guint)n);
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        end(bridge, complain(EXIT_IO, "cannot write to standard output: %s", g_strerror(errno)));
    update(bridge);
}

static void receive(Bridge *bridge)
{
    char bytes[PIECE];

    while (!bridge->stream_ended && bridge->to_out->len < WAITING) {
        int n = virStreamRecv(bridge->stream, bytes, sizeof bytes);

        if (n == -2)
            return;
        if (n > 0)
            g_byte_array_append(bridge->to_out, (const guint8 *)bytes, (guint)n);
        else
            bridge->stream_ended = true;
        if (n < 0)
            end(bridge, complain_last());
    }
}

static void transmit(Bridge *bridge)
{
    int n = virStreamSend(bridge->stream, (const char *)bridge->to_guest->data, bridge->to_guest->len);

    if (n > 0)
        g_byte_array_remove_range(bridge->to_guest, 0, (guint)n);
    else if (n == -1)
        end(bridge, complain_last());
}

static void on_stream(virStreamPtr stream G_GNUC_UNUSED, int events, void *data)
{
    Bridge *bridge = data;

    if (events & (VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP))
        receive(bridge);
    if ((events & VIR_STREAM_EVENT_WRITABLE) && !bridge->is_over && bridge->to_guest->len > 0)
        transmit(bridge);
    if (events & VIR_STREAM_EVENT_HANGUP)
        bridge->stream_ended = true;
    update(bridge);
}

static void on_lost(virConnectPtr connection G_GNUC_UNUSED, int reason, void *data)
{
    if (reason != VIR_CONNECT_CLOSE_REASON_CLIENT)
        end(data, complain(EXIT_IO, "the connection to the daemon has ended"));
}

/* What has come is written, and what was read is sent, before it ends. */
static void settle(Bridge *bridge)
{
    gsize n = 0;

    while (n < bridge->to_out->len) {
        ssize_t written = write(STDOUT_FILENO, bridge->to_out->data + n, bridge->to_out->len - n);

        if (written <= 0 && errno != EINTR && errno != EAGAIN)
            break;
        n += (gsize)MAX(written, 0);
    }
    virStreamEventRemoveCallback(bridge->stream);
    if (bridge->status == EXIT_GOOD && !bridge->is_cut && virStreamFinish(bridge->stream) < 0)
        bridge->status = complain_last();
    else if (bridge->is_cut)
        virStreamAbort(bridge->stream);
}

static ExitStatus run_bridge(virConnectPtr connection, virStreamPtr stream)
{
    Bridge bridge = {.stream = stream, .to_guest = g_byte_array_new(), .to_out = g_byte_array_new()};

    signal(SIGPIPE, SIG_IGN);
    bridge.in_watch = virEventAddHandle(STDIN_FILENO, 0, on_input, &bridge, NULL);
    bridge.out_watch = virEventAddHandle(STDOUT_FILENO, 0, on_output, &bridge, NULL);
    bridge.timer = virEventAddTimeout(-1, on_silence, &bridge, NULL);
    virConnectRegisterCloseCallback(connection, on_lost, &bridge, NULL);
    virStreamEventAddCallback(stream, VIR_STREAM_EVENT_READABLE, on_stream, &bridge, NULL);
    bridge.is_terminal = make_raw();
    if (bridge.is_terminal)
        fputs("Escape character is ^]\r\n", stderr);
    update(&bridge);
    while (!bridge.is_over && virEventRunDefaultImpl() == 0)
        continue;
    virConnectUnregisterCloseCallback(connection, on_lost);
    settle(&bridge);
    if (bridge.is_terminal)
        restore_terminal();
    virEventRemoveHandle(bridge.in_watch);
    virEventRemoveHandle(bridge.out_watch);
    virEventRemoveTimeout(bridge.timer);
    g_byte_array_unref(bridge.to_guest);
    g_byte_array_unref(bridge.to_out);
    return bridge.status;
}

static ExitStatus connect_to(virConnectPtr connection, virDomainPtr domain)
{
    virErrorPtr error = NULL;
    virStreamPtr stream = open_channel(connection, domain, &error);
    ExitStatus status = stream ? run_bridge(connection, stream) : complain_error(error);

    virFreeError(error);
    if (stream)
        virStreamFree(stream);
    return status;
}

ExitStatus connect_channel(void)
{
    virConnectPtr connection = open_daemon();
    virDomainPtr domain = connection ? find_domain(connection) : NULL;
    ExitStatus status = !connection ? EXIT_IO : domain ? connect_to(connection, domain) : complain_last();

    if (domain)
        virDomainFree(domain);
    if (connection)
        virConnectClose(connection);
    return status;
}
