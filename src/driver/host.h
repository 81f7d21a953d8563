/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The machine: what Xen says of it, or, when the driver is offline, what Linux does.
 */
#pragma once

#include "driver/driver.h"

/* virConnectGetType. */
#define VX_DRIVER_TYPE "Xen"

/* virConnectGetVersion: Xen's, 1000000 * major + 1000 * minor + release; 0 when the driver is offline. */
bool vx_get_version(VxDriver *driver, gulong *version, GError **error);

/* virConnectGetHostname. The caller frees it. */
char *vx_get_hostname(void);

/* virConnectGetMaxVcpus. */
bool vx_get_max_vcpus(VxDriver *driver, unsigned *n, GError **error);

typedef struct {
    char model[32]; /* the architecture: x86_64 */
    guint64 memory_kib;
    unsigned cpus, mhz;
    unsigned nodes, sockets, cores, threads; /* sockets per node, cores per socket, threads per core */
} VxNodeInfo;

/* virNodeGetInfo. */
bool vx_get_node_info(VxDriver *driver, VxNodeInfo *info, GError **error);

/* virNodeGetCPUMap: which of the *N_CPUS CPUs are online, bit n of byte n/8; the caller frees it. */
guint8 *vx_get_cpu_map(VxDriver *driver, unsigned *n_cpus, unsigned *n_online, unsigned flags, GError **error);

/* virNodeGetFreeMemory, and what NUMA node CELL has of it, in bytes. The second fails with VIR_ERR_INVALID_ARG when
 * there is no such node. */
bool vx_get_free_memory(VxDriver *driver, guint64 *bytes, GError **error);
bool vx_get_cell_free_memory(VxDriver *driver, unsigned cell, guint64 *bytes, GError **error);

typedef struct {
    guint64 total_kib, free_kib, buffers_kib, cached_kib;
} VxNodeMemory;

/* virNodeGetMemoryStats of the whole host. */
bool vx_get_memory_stats(VxDriver *driver, VxNodeMemory *memory, GError **error);

/* virConnectGetSysinfo: what the firmware says of the machine, as XML. The caller frees it. */
char *vx_get_sysinfo(VxDriver *driver, unsigned flags, GError **error);

/* virConnectGetCapabilities, virConnectGetDomainCapabilities: XML, which the caller frees. What is NULL is chosen. */
char *vx_get_capabilities(VxDriver *driver, GError **error);
char *vx_get_domain_capabilities(VxDriver *driver, const char *emulator, const char *arch, const char *machine,
                                 const char *type, unsigned flags, GError **error);
