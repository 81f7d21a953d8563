/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rpc/rpc_listener.h"

#include "util/vx_error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

static bool fill_address(struct sockaddr_un *address, const char *path, GError **error)
{
    if (strlen(path) >= sizeof address->sun_path)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "the socket path '%s' is longer than %" G_GSIZE_FORMAT " bytes",
                       path, sizeof address->sun_path - 1);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, path, strlen(path));
    return true;
}

/* Whether nobody listens at the socket PATH: only a refused connection proves it. */
static bool is_dead(const char *path, GError **error)
{
    struct sockaddr_un address;
    int fd;
    int result;

    if (!fill_address(&address, path, error))
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make a socket");
    result = connect(fd, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
    close(fd);
    if (result == ECONNREFUSED || result == ENOENT)
        return true;
    if (result == 0 || result == EAGAIN)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID,
                       "another program listens on '%s'; stop it first, or choose another socket folder", path);
    return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, result, "cannot tell whether a program listens on '%s'", path);
}

/* Whether PATH is free, or holds a dead socket that may be replaced. */
static bool may_replace(const char *path, GError **error)
{
    struct stat status;

    if (lstat(path, &status) < 0) {
        if (errno == ENOENT)
            return true;
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot look at '%s'", path);
    }
    if (!S_ISSOCK(status.st_mode))
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "'%s' is not a socket; it is left alone, so remove it", path);
    return is_dead(path, error);
}

/* A socket bound and listening at PATH, with nothing at PATH before. */
static int bind_new(const char *path, mode_t mode, gid_t group, GError **error)
{
    struct sockaddr_un address;
    int fd;

    if (!fill_address(&address, path, error))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make a socket");
        return -1;
    }
    /* fchmod on the unbound socket is what bind takes the mode from; the group and the final mode follow by name */
    if (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        (group != (gid_t)-1 && lchown(path, (uid_t)-1, group) < 0) || chmod(path, mode) < 0 ||
        listen(fd, BACKLOG) < 0) {
        vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot listen on '%s'", path);
        close(fd);
        return -1;
    }
    return fd;
}

/* Makes the socket beside PATH and moves it there. The folder is locked, so that of two daemons that start at once only
 * one finds the old socket dead, and a daemon clears away what one that was killed here has left. */
static bool open_locked(VxRpcListener *listener, const char *folder, const char *path, mode_t mode, gid_t group,
                        GError **error)
{
    g_autofree char *new_path = g_build_filename(folder, ".new", NULL);
    struct stat status;

    if (!may_replace(path, error))
        return false;
    unlink(new_path);
    listener->fd = bind_new(new_path, mode, group, error);
    if (listener->fd >= 0 && lstat(new_path, &status) == 0 && rename(new_path, path) == 0) {
        listener->path = g_strdup(path);
        listener->device = status.st_dev;
        listener->inode = status.st_ino;
        return true;
    }
    if (listener->fd >= 0) {
        vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot put a socket at '%s'", path);
        close(listener->fd);
        listener->fd = -1;
    }
    unlink(new_path);
    return false;
}

bool vx_rpc_listener_open(VxRpcListener *listener, const char *path, mode_t mode, gid_t group, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    struct sockaddr_un address;
    bool done;
    int lock;

    *listener = (VxRpcListener){.fd = -1};
    if (!fill_address(&address, path, error))
        return false;
    lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0 || flock(lock, LOCK_EX) < 0) {
        vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot open the socket folder '%s'", folder);
        if (lock >= 0)
            close(lock);
        return false;
    }
    done = open_locked(listener, folder, path, mode, group, error);
    close(lock);
    return done;
}

bool vx_rpc_listener_adopt(VxRpcListener *listener, int fd, GError **error)
{
    int family = 0, type = 0, listens = 0;
    socklen_t size = sizeof(int);

    *listener = (VxRpcListener){.fd = -1};
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "the inherited descriptor %d is of no use", fd);
    if (family != AF_UNIX || type != SOCK_STREAM || !listens)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "the inherited descriptor %d is not a listening UNIX stream socket",
                       fd);
    if (!g_unix_set_fd_nonblocking(fd, TRUE, error))
        return false;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    listener->fd = fd;
    return true;
}

void vx_rpc_listener_close(VxRpcListener *listener)
{
    struct stat status;

    if (listener->fd < 0)
        return;
    if (listener->path && lstat(listener->path, &status) == 0 && status.st_dev == listener->device &&
        status.st_ino == listener->inode)
        unlink(listener->path);
    close(listener->fd);
    listener->fd = -1;
    g_clear_pointer(&listener->path, g_free);
}
