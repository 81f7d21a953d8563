/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_sockets.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "libxl/libxl_channel.h"
#include "util/vx_error.h"

/* Others pass through to the sockets whose names they know, and see nothing else. */
#define FOLDER_MODE 0711

static bool make_folder(const char *folder, GError **error)
{
    if (g_mkdir_with_parents(folder, FOLDER_MODE) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make the folder '%s'", folder);
    return true;
}

static bool check_parent(const char *path, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);

    if (!g_file_test(parent, G_FILE_TEST_IS_DIR))
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "the folder of the socket '%s' does not exist", path);
    return true;
}

bool vx_libxl_drop_dead_socket(const char *path, GError **error)
{
    g_autoptr(GError) why = NULL;
    struct stat status;
    int fd;

    if (lstat(path, &status) < 0)
        return errno == ENOENT || vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot look at '%s'", path);
    if (!S_ISSOCK(status.st_mode))
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "'%s' is in the way: it is no socket", path);
    errno = 0;
    fd = vx_libxl_connect_socket(path, &why);
    if (fd >= 0 || errno != ECONNREFUSED) {
        if (fd >= 0)
            close(fd);
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "another process serves the socket '%s'%s%s", path,
                       why ? ": " : "", why ? why->message : "");
    }
    if (unlink(path) < 0 && errno != ENOENT)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot remove '%s'", path);
    return true;
}

/* The path of the socket that the device model listens on here for the channel; NULL if it does not. */
static const char *socket_of(const libxl_device_channel *channel)
{
    bool is_here = !channel->backend_domname && channel->backend_domid == 0;

    return is_here && channel->connection == LIBXL_CHANNEL_CONNECTION_SOCKET ? channel->u.socket.path : NULL;
}

static bool prepare_socket(const char *path, const char *folder, GError **error)
{
    if (g_str_has_prefix(path, folder) && path[strlen(folder)] == '/' && !make_folder(folder, error))
        return false;
    return check_parent(path, error) && vx_libxl_drop_dead_socket(path, error);
}

bool vx_libxl_prepare_sockets(const libxl_domain_config *config, const char *folder, GError **error)
{
    for (int i = 0; i < config->num_channels; i++) {
        const char *path = socket_of(&config->channels[i]);

        if (path && !prepare_socket(path, folder, error))
            return false;
    }
    return true;
}

void vx_libxl_clear_sockets(const libxl_domain_config *config)
{
    for (int i = 0; i < config->num_channels; i++) {
        const char *path = socket_of(&config->channels[i]);

        if (path)
            vx_libxl_drop_dead_socket(path, NULL);
    }
}
