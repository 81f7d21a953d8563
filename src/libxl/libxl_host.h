/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a translation to libxl has to know of the host that the guest is for.
 */
#pragma once

/* What `cpus = "all"` and "nodes:1" stand for. */
typedef struct {
    unsigned n_cpus;
    unsigned n_nodes;            /* NUMA nodes */
    const unsigned *node_of_cpu; /* N_CPUS entries; NULL: the CPUs are dealt out to the nodes evenly, in order */
} VxLibxlHost;

/* What this machine says of itself without asking Xen: its CPUs, and one node. Any thread. */
VxLibxlHost vx_libxl_host_guess(void);
/* The NUMA node of CPU. */
unsigned vx_libxl_host_node(const VxLibxlHost *host, unsigned cpu);
