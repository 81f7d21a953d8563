/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/sockets.h"

#include "daemon/daemon_service.h"
#include "util/vx_error.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NO_GROUP ((gid_t)-1)

/* The group of the read-write socket; a name that there is not on this host is as none. */
static gid_t find_group(const char *name)
{
    const struct group *group = *name ? getgrnam(name) : NULL;

    if (*name && !group)
        g_info("there is no group '%s': only root can connect read-write", name);
    return group ? group->gr_gid : NO_GROUP;
}

static bool open_one(VxRpcServer *server, const VxDaemonConfig *config, const char *name, VxSocketTag tag,
                     GError **error)
{
    g_autofree char *path = g_build_filename(config->socket_dir, name, NULL);
    bool is_read_only = tag == VX_SOCKET_READ_ONLY;
    VxRpcListener listener;

    if (!vx_rpc_listener_open(&listener, path, is_read_only ? config->unix_sock_ro_perms : config->unix_sock_rw_perms,
                              is_read_only ? NO_GROUP : find_group(config->unix_sock_group), error))
        return false;
    vx_rpc_server_add_listener(server, &listener, tag);
    g_info("listening on %s", path);
    return true;
}

static bool open_pair(VxRpcServer *server, const VxDaemonConfig *config, const char *name, GError **error)
{
    g_autofree char *read_only = g_strconcat(name, "-ro", NULL);

    return open_one(server, config, name, VX_SOCKET_READ_WRITE, error) &&
           open_one(server, config, read_only, VX_SOCKET_READ_ONLY, error);
}

static bool open_own(VxRpcServer *server, const VxDaemonConfig *config, GError **error)
{
    g_autoptr(GError) trouble = NULL;

    if (g_mkdir_with_parents(config->socket_dir, 0755) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make the folder of the sockets '%s'",
                             config->socket_dir);
    if (!open_pair(server, config, "virtxend-sock", error))
        return false;
    if (config->listen_legacy && !open_pair(server, config, "libvirt-sock", &trouble))
        g_warning("listen_legacy is set, but %s", trouble->message);
    return true;
}

/* The path at which FD listens; "" when it has none. The caller frees it. */
static char *path_of(int fd)
{
    struct sockaddr_un address = {0};
    socklen_t length = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0 || address.sun_family != AF_UNIX)
        return g_strdup("");
    return g_strndup(address.sun_path, sizeof address.sun_path);
}

static bool adopt(VxRpcServer *server, const VxServiceSocket *passed, GError **error)
{
    g_autofree char *path = path_of(passed->fd);
    VxRpcListener listener;
    VxSocketTag tag;

    if (g_str_has_suffix(path, "-sock-ro"))
        tag = VX_SOCKET_READ_ONLY;
    else if (g_str_has_suffix(path, "-sock") && !g_str_has_suffix(path, "-admin-sock"))
        tag = VX_SOCKET_READ_WRITE;
    else
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "the socket '%s' of the unit '%s' is none of ours: their names end in -sock or -sock-ro", path,
                       passed->name);
    if (!vx_rpc_listener_adopt(&listener, passed->fd, error))
        return false;
    vx_rpc_server_add_listener(server, &listener, tag);
    g_info("listening on %s, of the unit '%s'", path, passed->name);
    return true;
}

bool vx_sockets_open(VxRpcServer *server, const VxDaemonConfig *config, GError **error)
{
    g_autoptr(GArray) passed = vx_service_take_sockets();
    bool done = true;

    if (passed->len == 0)
        return open_own(server, config, error);
    for (guint i = 0; done && i < passed->len; i++)
        done = adopt(server, &g_array_index(passed, VxServiceSocket, i), error);
    return done;
}
