/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How much memory and how many virtual CPUs a domain has, where these run, and the scheduler's weight for it.
 */
#pragma once

#include "driver/driver.h"

/* virDomainSetMemoryFlags (VIR_DOMAIN_MEM_*); virDomainSetMaxMemory is this with VIR_DOMAIN_MEM_MAXIMUM, and
 * virDomainSetMemory with VIR_DOMAIN_MEM_LIVE. Fails with VIR_ERR_INVALID_ARG when it is more than the maximum, or 0.
 */
bool vx_set_memory(VxDriver *driver, VxDomainObj *domain, guint64 memory_kib, unsigned flags, GError **error);

/* virDomainSetVcpusFlags (VIR_DOMAIN_VCPU_*, but not _GUEST, for which agent_calls.h has a function); virDomainSetVcpus
 * is this with VIR_DOMAIN_VCPU_LIVE. */
bool vx_set_vcpus(VxDriver *driver, VxDomainObj *domain, unsigned n_vcpus, unsigned flags, GError **error);

/* virDomainGetVcpusFlags. */
bool vx_get_vcpus(VxDomainObj *domain, unsigned flags, unsigned *n_vcpus, GError **error);

/* virDomainPinVcpuFlags: the host's CPUs that VCPU may run on, bit n of byte n/8 for CPU n. */
bool vx_pin_vcpu(VxDriver *driver, VxDomainObj *domain, unsigned vcpu, const guint8 *map, gsize map_bytes,
                 unsigned flags, GError **error);

/* virDomainGetVcpuPinInfo: N_MAPS maps of MAP_BYTES each, one behind the other in MAPS, are filled; *N_FILLED says how
 * many. A vcpu that is not pinned may run on all N_CPUS of the host. */
bool vx_get_vcpu_pins(VxDomainObj *domain, unsigned n_cpus, guint8 *maps, unsigned n_maps, gsize map_bytes,
                      unsigned flags, unsigned *n_filled, GError **error);

/* virDomainGetSchedulerType: static text, and how many parameters it has. */
const char *vx_get_scheduler(VxDriver *driver, VxDomainObj *domain, unsigned *n_parameters, GError **error);

/* The parameters of the credit schedulers. Of a definition, -1 stands for "not given". */
typedef struct {
    int weight; /* 1..65535; "weight" */
    int cap;    /* percent of one CPU, 0: none; "cap" */
} VxCredit;

/* virDomainGetSchedulerParametersFlags, virDomainSetSchedulerParametersFlags (VIR_DOMAIN_AFFECT_*); what is -1 in
 * CREDIT stays as it is. */
bool vx_get_credit(VxDriver *driver, VxDomainObj *domain, unsigned flags, VxCredit *credit, GError **error);
bool vx_set_credit(VxDriver *driver, VxDomainObj *domain, const VxCredit *credit, unsigned flags, GError **error);
