/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libxl/libxl_channel.h"
#include "util/vx_error.h"

/* Others pass through to the sockets whose names they know, and see nothing else. */
#define FOLDER_MODE 0711

/* ---- folders ---- */

/* NAME in the folder AT, made if need be; -1 with errno set: ENOTDIR also for a symbolic link. */
static int enter(int at, const char *name)
{
    int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, fd = openat(at, name, flags);

    if (fd >= 0 || errno != ENOENT)
        return fd;
    if (mkdirat(at, name, FOLDER_MODE) < 0 && errno != EEXIST)
        return -1;
    return openat(at, name, flags);
}

/* Whether nobody but root and the daemon can put something else into the place of what is in the folder AT. */
static bool is_trusted(int at)
{
    struct stat status;

    return fstat(at, &status) == 0 && (status.st_uid == 0 || status.st_uid == geteuid()) &&
           (!(status.st_mode & (S_IWGRP | S_IWOTH)) || (status.st_mode & S_ISVTX));
}

static bool fail_to_enter(const char *folder, const char *name, GError **error)
{
    if (errno == ENOTDIR || errno == ELOOP)
        return vx_fail(error, VIR_ERR_OPERATION_FAILED,
                       "'%s' in the path of the folder for channels, '%s', is a symbolic link or no folder: "
                       "set channel_dir to a path without one",
                       name, folder);
    return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make the folder '%s'", folder);
}

/* Steps from the folder *AT into NAME. */
static bool step_into(int *at, const char *folder, const char *name, GError **error)
{
    int next;

    if (!is_trusted(*at))
        return vx_fail(error, VIR_ERR_OPERATION_FAILED,
                       "others may write to what is above '%s' in the path of the folder for channels, '%s'", name,
                       folder);
    next = enter(*at, name);
    if (next < 0)
        return fail_to_enter(folder, name, error);
    close(*at);
    *at = next;
    return true;
}

static bool claim(int fd, const char *folder, GError **error)
{
    g_autofree char *self = g_strdup_printf("/proc/self/fd/%d", fd); /* FD itself is for its place only */
    struct stat status;

    if (fstat(fd, &status) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot look at '%s'", folder);
    if (status.st_uid != geteuid())
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "the folder for channels, '%s', belongs to user %d, not to us",
                       folder, (int)status.st_uid);
    if ((status.st_mode & ALLPERMS) != FOLDER_MODE && chmod(self, FOLDER_MODE) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot set the permissions of '%s'", folder);
    return true;
}

/* The daemon's own FOLDER, made if need be, step by step and never by a symbolic link. */
static int open_own_folder(const char *folder, GError **error)
{
    g_auto(GStrv) names = g_strsplit(folder, "/", -1);
    int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool good = at >= 0 || vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot open the folder '/'");

    for (unsigned i = 0; good && names[i]; i++)
        good = !*names[i] || step_into(&at, folder, names[i], error);
    if (good && claim(at, folder, error))
        return at;
    if (at >= 0)
        close(at);
    return -1;
}

/* The folder in which PATH is; one that a definition names may be where it likes, but has to be there. */
static int open_folder_of(const VxLibxlSockets *sockets, const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);
    int fd;

    if (strcmp(parent, sockets->folder) == 0)
        return open_own_folder(parent, error);
    fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        vx_fail(error, VIR_ERR_OPERATION_FAILED, "the folder of the socket '%s' cannot be used: %s", path,
                g_strerror(errno));
    return fd;
}

/* ---- one socket ---- */

/* A socket that is looked at: its place stands for it, whatever its name comes to mean. */
typedef struct {
    const char *path;
    char *name; /* in its folder */
    int folder, place;
    struct stat status;
} Place;

static void place_clear(Place *place)
{
    if (place->folder >= 0)
        close(place->folder);
    if (place->place >= 0)
        close(place->place);
    g_free(place->name);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

/* Finds what is at PATH; *IS_THERE is false when nothing is. */
static bool find_place(Place *place, const VxLibxlSockets *sockets, const char *path, bool *is_there, GError **error)
{
    *place = (Place){.path = path, .name = g_path_get_basename(path), .folder = -1, .place = -1};
    *is_there = false;
    place->folder = open_folder_of(sockets, path, error);
    if (place->folder < 0)
        return false;
    place->place = openat(place->folder, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (place->place < 0 && errno == ENOENT)
        return true;
    if (place->place < 0 || fstat(place->place, &place->status) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot look at '%s'", path);
    *is_there = true;
    if (S_ISSOCK(place->status.st_mode))
        return true;
    return vx_fail(error, VIR_ERR_OPERATION_FAILED, "'%s' is in the way: it is %s", path,
                   S_ISLNK(place->status.st_mode) ? "a symbolic link" : "no socket");
}

static bool is_still_there(const Place *place)
{
    struct stat now;

    return fstatat(place->folder, place->name, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_dev == place->status.st_dev &&
           now.st_ino == place->status.st_ino;
}

/* Only what refuses a connection is known to be dead. */
static bool check_dead(const Place *place, GError **error)
{
    int fd = vx_libxl_connect_place(place->place);

    if (fd < 0 && errno == ECONNREFUSED)
        return true;
    if (fd < 0)
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "another process may serve the socket '%s': %s", place->path,
                       g_strerror(errno));
    close(fd);
    return vx_fail(error, VIR_ERR_OPERATION_FAILED, "another process serves the socket '%s'", place->path);
}

bool vx_libxl_drop_dead_socket(const VxLibxlSockets *sockets, const char *path, GError **error)
{
    g_auto(Place) place;
    bool is_there;

    if (!find_place(&place, sockets, path, &is_there, error))
        return false;
    if (!is_there)
        return true;
    if (!check_dead(&place, error))
        return false;
    if (!is_still_there(&place))
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "somebody else has just made '%s' anew", path);
    if (unlinkat(place.folder, place.name, 0) < 0 && errno != ENOENT)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot remove '%s'", path);
    return true;
}

static bool grant(const VxLibxlSockets *sockets, const char *path, GError **error)
{
    g_autofree char *self = NULL;
    g_auto(Place) place;
    bool is_there;

    if (!find_place(&place, sockets, path, &is_there, error))
        return false;
    if (!is_there || place.status.st_uid != geteuid() || place.status.st_nlink != 1)
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "the device model has not made the socket '%s'", path);
    self = g_strdup_printf("/proc/self/fd/%d", place.place); /* it itself is for its place only */
    if (chmod(self, sockets->mode) < 0 || fchownat(place.place, "", sockets->user, sockets->group, AT_EMPTY_PATH) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot set owner and permissions of the socket '%s'",
                             path);
    return true;
}

/* ---- those of a guest ---- */

/* The path of the socket that the device model listens on here for the channel; NULL if it does not. */
static const char *socket_of(const libxl_device_channel *channel)
{
    return channel->backend_domid == 0 && channel->connection == LIBXL_CHANNEL_CONNECTION_SOCKET
               ? channel->u.socket.path
               : NULL;
}

typedef bool (*Act)(const VxLibxlSockets *sockets, const char *path, GError **error);

static bool act_on_all(const VxLibxlSockets *sockets, const libxl_domain_config *config, Act act, GError **error)
{
    for (int i = 0; i < config->num_channels; i++) {
        const char *path = socket_of(&config->channels[i]);

        if (path && !act(sockets, path, error))
            return false;
    }
    return true;
}

bool vx_libxl_prepare_sockets(const VxLibxlSockets *sockets, const libxl_domain_config *config, GError **error)
{
    return act_on_all(sockets, config, vx_libxl_drop_dead_socket, error);
}

bool vx_libxl_grant_sockets(const VxLibxlSockets *sockets, const libxl_domain_config *config, GError **error)
{
    return act_on_all(sockets, config, grant, error);
}

static bool clear(const VxLibxlSockets *sockets, const char *path, GError **error)
{
    (void)error;
    vx_libxl_drop_dead_socket(sockets, path, NULL);
    return true;
}

void vx_libxl_clear_sockets(const VxLibxlSockets *sockets, const libxl_domain_config *config)
{
    act_on_all(sockets, config, clear, NULL);
}
