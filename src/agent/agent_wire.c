/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent/agent_wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "util/vx_error.h"

/* A terminal would echo, and translate line ends, until it is told not to. */
static bool make_raw(int fd)
{
    struct termios modes;

    if (!isatty(fd))
        return true;
    if (tcgetattr(fd, &modes) < 0)
        return false;
    cfmakeraw(&modes);
    return tcsetattr(fd, TCSANOW, &modes) == 0;
}

bool vx_agent_wire_init(VxAgentWire *wire, int fd, GError **error)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || !make_raw(fd))
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "the guest agent's channel cannot be set up");
    wire->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wire->wake_fd < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "no event descriptor can be had");
    wire->fd = fd;
    vx_agent_line_init(&wire->line);
    return true;
}

void vx_agent_wire_clear(VxAgentWire *wire)
{
    vx_agent_line_clear(&wire->line);
    close(wire->wake_fd);
    close(wire->fd);
}

void vx_agent_wire_wake(VxAgentWire *wire)
{
    g_atomic_int_set(&wire->is_gone, TRUE);
    /* The counter is never read, so the descriptor stays readable; when it is full, it is so already. */
    (void)!eventfd_write(wire->wake_fd, 1);
}

void vx_agent_wire_begin(VxAgentWire *wire, gsize max_length)
{
    vx_agent_line_begin(&wire->line, max_length);
    wire->heard = false;
}

static VxAgentWireResult gone(VxAgentWire *wire)
{
    g_atomic_int_set(&wire->is_gone, TRUE);
    return VX_AGENT_WIRE_GONE;
}

/* Milliseconds for poll(), rounded up so that it does not spin in the last one. */
static int remaining_ms(gint64 deadline_us, gint64 now_us)
{
    if (deadline_us == VX_AGENT_NEVER)
        return -1;
    return (int)MIN((deadline_us - now_us + 999) / 1000, G_MAXINT);
}

static VxAgentWireResult wait_until_ready(VxAgentWire *wire, short events, gint64 deadline_us)
{
    struct pollfd fds[] = {{.fd = wire->fd, .events = events}, {.fd = wire->wake_fd, .events = POLLIN}};

    for (;;) {
        gint64 now_us = g_get_monotonic_time();
        int n;

        if (g_atomic_int_get(&wire->is_gone))
            return VX_AGENT_WIRE_GONE;
        if (now_us >= deadline_us)
            return VX_AGENT_WIRE_TIMEOUT;
        n = poll(fds, G_N_ELEMENTS(fds), remaining_ms(deadline_us, now_us));
        if (n < 0 && errno != EINTR)
            return gone(wire);
        if (n <= 0 || fds[1].revents)
            continue;
        /* A peer that has closed may have left an answer: reading finds out. Writing to it does not help. */
        if (fds[0].revents & events)
            return VX_AGENT_WIRE_DONE;
        return gone(wire);
    }
}

static ssize_t write_some(int fd, const char *data, gsize length)
{
    ssize_t n = send(fd, data, length, MSG_NOSIGNAL);

    return n < 0 && errno == ENOTSOCK ? write(fd, data, length) : n;
}

static bool is_passing(int error_number)
{
    return error_number == EAGAIN || error_number == EINTR;
}

VxAgentWireResult vx_agent_wire_send(VxAgentWire *wire, const char *data, gsize length, gint64 deadline_us)
{
    while (length > 0) {
        VxAgentWireResult result = wait_until_ready(wire, POLLOUT, deadline_us);
        ssize_t n;

        if (result != VX_AGENT_WIRE_DONE)
            return result;
        n = write_some(wire->fd, data, length);
        if (n < 0 && !is_passing(errno))
            return gone(wire);
        data += MAX(n, 0);
        length -= MAX(n, 0);
    }
    return VX_AGENT_WIRE_DONE;
}

VxAgentWireResult vx_agent_wire_try_send(VxAgentWire *wire, const char *data, gsize length)
{
    ssize_t n;

    if (g_atomic_int_get(&wire->is_gone))
        return VX_AGENT_WIRE_GONE;
    n = write_some(wire->fd, data, length);
    if (n < 0 && !is_passing(errno))
        return gone(wire);
    return n == (ssize_t)length ? VX_AGENT_WIRE_DONE : VX_AGENT_WIRE_TIMEOUT;
}

/* Reads what is there into the buffer, which has been used up. */
static VxAgentWireResult fill(VxAgentWire *wire, gsize *budget)
{
    ssize_t n = read(wire->fd, wire->buffer, sizeof wire->buffer);

    if (n == 0 || (n < 0 && !is_passing(errno)))
        return gone(wire);
    wire->from = 0;
    wire->to = MAX(n, 0);
    wire->heard |= n > 0;
    if (budget && *budget < wire->to)
        return VX_AGENT_WIRE_TOO_MUCH;
    if (budget)
        *budget -= wire->to;
    return n < 0 ? VX_AGENT_WIRE_TIMEOUT : VX_AGENT_WIRE_DONE;
}

/* Whether the buffer had the rest of the line. */
static bool take_line(VxAgentWire *wire)
{
    gsize taken;
    bool is_complete = vx_agent_line_feed(&wire->line, wire->buffer + wire->from, wire->to - wire->from, &taken);

    wire->from += taken;
    return is_complete;
}

VxAgentWireResult vx_agent_wire_read_line(VxAgentWire *wire, gsize *budget, gint64 deadline_us)
{
    vx_agent_line_begin(&wire->line, wire->line.max_length);
    while (!take_line(wire)) {
        VxAgentWireResult result = wait_until_ready(wire, POLLIN, deadline_us);

        if (result == VX_AGENT_WIRE_DONE)
            result = fill(wire, budget);
        if (result != VX_AGENT_WIRE_DONE && result != VX_AGENT_WIRE_TIMEOUT)
            return result;
        if (result == VX_AGENT_WIRE_TIMEOUT && g_get_monotonic_time() >= deadline_us)
            return result;
    }
    return VX_AGENT_WIRE_DONE;
}

VxAgentWireResult vx_agent_wire_try_line(VxAgentWire *wire, gsize *budget)
{
    while (!take_line(wire)) {
        VxAgentWireResult result = g_atomic_int_get(&wire->is_gone) ? VX_AGENT_WIRE_GONE : fill(wire, budget);

        if (result != VX_AGENT_WIRE_DONE)
            return result;
    }
    return VX_AGENT_WIRE_DONE;
}
