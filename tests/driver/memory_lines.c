/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <pty.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "conf/graphics_def.h"
#include "memory_private.h"
#include "util/vx_error.h"

void vx_memory_free_line(gpointer data)
{
    VxMemoryLine *line = data;

    if (line->terminal >= 0)
        close(line->terminal);
    g_free(line->name);
    g_free(line->path);
    g_free(line);
}

/* Hands GUEST's end FD to whoever wants it. */
static void give_end(VxMemoryHypervisor *memory, const VxMemoryGuest *guest, const VxMemoryLine *line, int fd)
{
    if (!memory->guest_end || !memory->guest_end(guest->def->name, line->name, fd, memory->guest_end_data))
        vx_memory_echo_add(memory->echo, fd, guest->info.id);
}

static void make_pty(VxMemoryHypervisor *memory, const VxMemoryGuest *guest, VxMemoryLine *line)
{
    char path[64];
    struct termios modes;
    int guest_end;

    if (openpty(&guest_end, &line->terminal, path, NULL, NULL) < 0)
        g_error("no pty");
    if (tcgetattr(line->terminal, &modes) < 0)
        g_error("no modes of a pty");
    cfmakeraw(&modes);
    tcsetattr(line->terminal, TCSANOW, &modes);
    fcntl(guest_end, F_SETFD, FD_CLOEXEC);
    fcntl(line->terminal, F_SETFD, FD_CLOEXEC);
    line->path = g_strdup(path);
    give_end(memory, guest, line, guest_end);
}

static bool is_line(const VxDevice *device)
{
    return device->object.kind == VX_DEVICE_CONSOLE || device->object.kind == VX_DEVICE_SERIAL ||
           device->object.kind == VX_DEVICE_CHANNEL;
}

static void make_line(VxMemoryHypervisor *memory, VxMemoryGuest *guest, const VxChr *chr)
{
    VxMemoryLine *line = g_new0(VxMemoryLine, 1);

    line->devid = (int)guest->lines->len;
    line->type = (VxChrType)chr->type;
    line->terminal = -1;
    line->is_connected = true;
    line->name = g_strdup(chr->target_name);
    if (chr->type == VX_CHR_PTY)
        make_pty(memory, guest, line);
    else
        line->path = g_strdup(vx_chr_path(chr));
    g_ptr_array_add(guest->lines, line);
}

void vx_memory_make_lines(VxMemoryHypervisor *memory, VxMemoryGuest *guest)
{
    GPtrArray *devices = guest->def->devices;

    for (unsigned i = 0; devices && i < devices->len; i++)
        if (is_line(devices->pdata[i]))
            make_line(memory, guest, devices->pdata[i]);
}

/* Under the lock: the line of CHR, which a caller may have read from another copy of the definition. */
static VxMemoryLine *find_line(const VxMemoryGuest *guest, const VxChr *chr)
{
    bool is_channel = chr->device.object.kind == VX_DEVICE_CHANNEL;

    for (unsigned i = 0; i < guest->lines->len; i++) {
        VxMemoryLine *line = guest->lines->pdata[i];

        if (is_channel ? g_strcmp0(line->name, chr->target_name) == 0 && line->name : !line->name)
            return line;
    }
    return NULL;
}

GPtrArray *vx_memory_channels(VxHypervisor *hypervisor, int id, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);
    GPtrArray *channels;

    if (!guest)
        return NULL;
    channels = g_ptr_array_new_with_free_func((GDestroyNotify)vx_guest_channel_free);
    for (unsigned i = 0; i < guest->lines->len; i++) {
        const VxMemoryLine *line = guest->lines->pdata[i];
        VxGuestChannel *channel = g_new0(VxGuestChannel, 1);

        *channel = (VxGuestChannel){.name = g_strdup(line->name),
                                    .devid = line->devid,
                                    .type = line->type,
                                    .path = g_strdup(line->path),
                                    .frontend_state = line->is_connected ? VX_XENBUS_CONNECTED : 1,
                                    .backend_state = VX_XENBUS_CONNECTED};
        g_ptr_array_add(channels, channel);
    }
    vx_memory_leave(hypervisor);
    return channels;
}

/* Under the lock. */
static int open_line(VxMemoryHypervisor *memory, const VxMemoryGuest *guest, const VxMemoryLine *line, GError **error)
{
    int ends[2];

    if (line->type == VX_CHR_PTY)
        return open(line->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (line->type != VX_CHR_UNIX) {
        vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED, "a console or channel of this kind cannot be opened");
        return -1;
    }
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
        g_error("no pair of sockets");
    give_end(memory, guest, line, ends[1]);
    return ends[0];
}

int vx_memory_open_chr(VxHypervisor *hypervisor, int id, const VxChr *chr, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);
    const VxMemoryLine *line;
    int fd = -1;

    if (!guest)
        return -1;
    line = find_line(guest, chr);
    if (line)
        fd = open_line((VxMemoryHypervisor *)hypervisor, guest, line, error);
    else
        vx_fail(error, VIR_ERR_INTERNAL_ERROR, "the guest has no such console or channel");
    vx_memory_leave(hypervisor);
    return fd;
}

/* ---- what was chosen ---- */

static void fill_chr(const VxMemoryGuest *guest, VxChr *chr)
{
    const VxMemoryLine *line = find_line(guest, chr);

    if (!line)
        return;
    if (line->type == VX_CHR_PTY) {
        VxChrSource *source = vx_chr_make_source(chr);

        g_free(source->path);
        source->path = g_strdup(line->path);
        if (chr->device.object.kind == VX_DEVICE_CONSOLE) {
            g_free(chr->tty);
            chr->tty = g_strdup(line->path);
        }
    }
    if (chr->device.object.kind == VX_DEVICE_CHANNEL)
        chr->target_state = line->is_connected ? VX_CHR_STATE_CONNECTED : VX_CHR_STATE_DISCONNECTED;
}

static void fill_net(const VxMemoryGuest *guest, VxNet *net, unsigned number)
{
    if (!net->target)
        net->target = g_strdup_printf("vif%d.%u", guest->info.id, number);
}

bool vx_memory_fill_live(VxHypervisor *hypervisor, int id, VxDomainDef *def, GError **error)
{
    VxMemoryGuest *guest = vx_memory_enter_guest(hypervisor, id, error);
    unsigned n_nets = 0;

    if (!guest)
        return false;
    def->id = VX_NUMBER(id);
    for (unsigned i = 0; def->devices && i < def->devices->len; i++) {
        VxDevice *device = def->devices->pdata[i];

        if (is_line(device))
            fill_chr(guest, (VxChr *)device);
        else if (device->object.kind == VX_DEVICE_INTERFACE)
            fill_net(guest, (VxNet *)device, n_nets++);
        else if (device->object.kind == VX_DEVICE_GRAPHICS && ((VxGraphics *)device)->port.value <= 0)
            ((VxGraphics *)device)->port = VX_NUMBER(VX_VNC_PORT_BASE + id);
    }
    return vx_memory_leave(hypervisor);
}
