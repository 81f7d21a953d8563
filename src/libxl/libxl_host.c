/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_host.h"

#include <glib.h>
#include <unistd.h>

VxLibxlHost vx_libxl_host_guess(void)
{
    long n_cpus = sysconf(_SC_NPROCESSORS_CONF);

    return (VxLibxlHost){.n_cpus = n_cpus > 0 ? n_cpus : 1, .n_nodes = 1};
}

unsigned vx_libxl_host_node(const VxLibxlHost *host, unsigned cpu)
{
    unsigned cpus_a_node = MAX(1, host->n_cpus / MAX(1, host->n_nodes));

    return host->node_of_cpu ? host->node_of_cpu[cpu] : cpu / cpus_a_node;
}
