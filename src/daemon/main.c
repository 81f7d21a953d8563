/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxld: serves xen:///system to libvirt's clients.
 */
#include "daemon/daemon.h"
#include "daemon/owner.h"

#ifdef HAVE_LIBXL
#include "libxl/libxl_hypervisor.h"
#endif

static VxHypervisor *open_xen(const VxDaemonConfig *config, GError **error)
{
#ifdef HAVE_LIBXL
    VxLibxlSettings settings = {.channel_folder = config->channel_dir, .socket_mode = config->channel_sock_perms};

    if (!vx_libxl_is_host() || !vx_find_user(config->channel_sock_user, &settings.socket_user, error) ||
        !vx_find_group(config->channel_sock_group, &settings.socket_group, error))
        return NULL;
    return vx_libxl_hypervisor_new(&settings, error);
#else
    (void)config, (void)error;
    return NULL;
#endif
}

int main(int argc, char **argv)
{
    return vx_daemon_main(argc, argv, open_xen);
}
