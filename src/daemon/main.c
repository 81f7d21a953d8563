/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxld: serves xen:///system to libvirt's clients.
 */
#include "daemon/daemon.h"

#ifdef HAVE_LIBXL
#include "libxl/libxl_hypervisor.h"
#endif

static VxHypervisor *open_xen(const VxDaemonConfig *config, GError **error)
{
#ifdef HAVE_LIBXL
    const VxLibxlSettings settings = {.channel_folder = config->channel_dir};

    return vx_libxl_is_host() ? vx_libxl_hypervisor_new(&settings, error) : NULL;
#else
    (void)config, (void)error;
    return NULL;
#endif
}

int main(int argc, char **argv)
{
    return vx_daemon_main(argc, argv, open_xen);
}
