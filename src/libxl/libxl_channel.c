/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "libxl/libxl_store.h"
#include "util/vx_error.h"

#define MAX_STATE 16 /* xenbus states end at 8 */
#define MAX_DOMAIN 0x7fef

/* ---- what the store has ---- */

int vx_libxl_backend_domain(const char *path)
{
    static const char prefix[] = "/local/domain/";
    g_autofree char *number = NULL;
    const char *digits;

    if (!path || !g_str_has_prefix(path, prefix))
        return -1;
    digits = path + strlen(prefix);
    number = g_strndup(digits, strcspn(digits, "/"));
    if (!g_str_has_prefix(digits + strlen(number), "/backend/"))
        return -1;
    return vx_store_parse_number(number, MAX_DOMAIN, -1);
}

bool vx_libxl_is_pty_path(const char *text)
{
    static const char prefix[] = "/dev/pts/";

    return text && g_str_has_prefix(text, prefix) && vx_store_parse_number(text + strlen(prefix), 9999999, -1) >= 0;
}

/* Of the primary console: what it is connected to is xenconsoled's or QEMU's affair, and always a pty. */
static void read_primary(struct xs_handle *store, int id, VxGuestChannel *channel)
{
    channel->type = VX_CHR_PTY;
    channel->path = vx_store_read(store, "/local/domain/%d/console/tty", id);
    channel->frontend_state = vx_store_read_number(store, MAX_STATE, 0, "/local/domain/%d/console/state", id);
}

static char *read_name(struct xs_handle *store, int id, int devid)
{
    return vx_store_read(store, "/libxl/%d/device/console/%d/name", id, devid);
}

/* Of the guest's end. */
static int read_state(struct xs_handle *store, int id, int devid)
{
    return vx_store_read_number(store, MAX_STATE, 0, "/local/domain/%d/device/console/%d/state", id, devid);
}

static void read_secondary(struct xs_handle *store, int id, VxGuestChannel *channel)
{
    g_autofree char *record = g_strdup_printf("/libxl/%d/device/console/%d", id, channel->devid);
    g_autofree char *connection = vx_store_read(store, "%s/connection", record);

    channel->name = read_name(store, id, channel->devid);
    if (g_strcmp0(connection, "pty") == 0) {
        channel->type = VX_CHR_PTY;
        channel->path = vx_store_read(store, "/local/domain/%d/device/console/%d/tty", id, channel->devid);
    } else if (g_strcmp0(connection, "socket") == 0) {
        channel->type = VX_CHR_UNIX;
        channel->path = vx_store_read(store, "%s/path", record);
    }
    channel->frontend_state = read_state(store, id, channel->devid);
}

/* A path of the host's is shown only when it is one that we would open, and our own domain serves it. */
static void drop_unsound_path(VxGuestChannel *channel, int own_id)
{
    bool sound = channel->backend_id == own_id && (channel->type == VX_CHR_UNIX ? channel->path && *channel->path == '/'
                                                                                : vx_libxl_is_pty_path(channel->path));

    if (!sound)
        g_clear_pointer(&channel->path, g_free);
}

static void read_all(struct xs_handle *store, int id, VxGuestChannel *channel, int own_id)
{
    g_autofree char *backend = vx_store_read(store, "/libxl/%d/device/console/%d/backend", id, channel->devid);

    channel->backend_id = vx_libxl_backend_domain(backend);
    if (channel->devid == 0)
        read_primary(store, id, channel);
    else
        read_secondary(store, id, channel);
    if (channel->backend_id >= 0)
        channel->backend_state = vx_store_read_number(store, MAX_STATE, 0, "%s/state", backend);
    drop_unsound_path(channel, own_id);
}

static VxGuestChannel *read_channel(struct xs_handle *store, int id, int devid, VxLibxlChannelPart part, int own_id)
{
    VxGuestChannel *channel = g_new0(VxGuestChannel, 1);

    channel->devid = devid;
    channel->backend_id = -1;
    if (part == VX_CHANNEL_ALL) {
        read_all(store, id, channel, own_id);
    } else if (devid > 0) {
        channel->name = read_name(store, id, devid);
        if (part == VX_CHANNEL_STATES)
            channel->frontend_state = read_state(store, id, devid);
    }
    return channel;
}

static void free_channel(gpointer channel)
{
    vx_guest_channel_free(channel);
}

GPtrArray *vx_libxl_read_channels(struct xs_handle *store, int id, VxLibxlChannelPart part)
{
    GPtrArray *channels = g_ptr_array_new_with_free_func(free_channel);
    g_autoptr(GArray) devids = vx_store_list_numbers(store, "/libxl/%d/device/console", id);
    int own_id = part == VX_CHANNEL_ALL ? vx_store_own_domain(store) : 0;

    for (guint i = 0; i < devids->len; i++)
        g_ptr_array_add(channels, read_channel(store, id, g_array_index(devids, int, i), part, own_id));
    return channels;
}

const VxGuestChannel *vx_libxl_find_channel(const GPtrArray *channels, const char *name)
{
    for (guint i = 0; name && i < channels->len; i++) {
        const VxGuestChannel *channel = channels->pdata[i];

        if (channel->devid > 0 && g_strcmp0(channel->name, name) == 0)
            return channel;
    }
    return NULL;
}

/* libxl goes on without a console that it could not add; so what is to be there is looked for. */
bool vx_libxl_check_channels(struct xs_handle *store, int id, const VxDomainDef *def, GError **error)
{
    g_autoptr(GPtrArray) channels = NULL;
    g_autoptr(GString) missing = g_string_new(NULL);
    unsigned first = 0;
    const VxChr *chr;

    if (!vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &first))
        return true;
    channels = vx_libxl_read_channels(store, id, VX_CHANNEL_NAMES);
    for (unsigned i = 0; (chr = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &i));) {
        if (chr->target_name && !vx_libxl_find_channel(channels, chr->target_name))
            g_string_append_printf(missing, "%s'%.60s'", missing->len > 0 ? ", " : "", chr->target_name);
    }
    if (missing->len == 0)
        return true;
    return vx_fail(error, VIR_ERR_OPERATION_FAILED, "Xen has made the guest without its channel %s", missing->str);
}

/* ---- opening ---- */

/* A descriptor that stands for PATH itself, not for what a symbolic link says. */
static int open_place(const char *path, struct stat *status, GError **error)
{
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, status) == 0)
        return fd;
    vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot open '%s'", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

#define PTY_MAJOR_FIRST 136u /* Documentation/admin-guide/devices.txt of Linux: UNIX98 pseudo-TTY slaves */
#define PTY_MAJOR_LAST 143u

int vx_libxl_open_pty(const char *path, GError **error)
{
    struct stat status;
    int fd;

    if (!vx_libxl_is_pty_path(path)) {
        vx_fail(error, VIR_ERR_OPERATION_FAILED, "'%.100s' is no pty of this host", path);
        return -1;
    }
    fd = open(path, O_RDWR | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot open '%s'", path);
        return -1;
    }
    if (fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && major(status.st_rdev) >= PTY_MAJOR_FIRST &&
        major(status.st_rdev) <= PTY_MAJOR_LAST)
        return fd;
    close(fd);
    vx_fail(error, VIR_ERR_OPERATION_FAILED, "'%s' is no pty", path);
    return -1;
}

int vx_libxl_connect_place(int place)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), why;

    g_snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", place);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    why = errno;
    close(fd);
    errno = why;
    return -1;
}

int vx_libxl_connect_socket(const char *path, GError **error)
{
    struct stat status;
    int place = open_place(path, &status, error), fd = -1, why = 0;

    if (place < 0)
        return -1;
    if (!S_ISSOCK(status.st_mode)) {
        vx_fail(error, VIR_ERR_OPERATION_FAILED, "'%s' is no socket", path);
    } else if ((fd = vx_libxl_connect_place(place)) < 0) {
        why = errno;
        vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, why, "cannot connect to the socket '%s'", path);
    }
    close(place);
    errno = why;
    return fd;
}
