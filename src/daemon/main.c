/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxld: serves xen:///system to libvirt's clients.
 */
#include "daemon/daemon.h"

static VxHypervisor *open_xen(const VxDaemonConfig *config, GError **error)
{
    (void)config, (void)error;
    return NULL;
}

int main(int argc, char **argv)
{
    return vx_daemon_main(argc, argv, open_xen);
}
