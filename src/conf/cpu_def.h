/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <cpu>: what the guest's processors look like, and its NUMA nodes; <cputune>: where they run.
 * https://libvirt.org/formatdomain.html#cpu-model-and-topology
 */
#pragma once

#include "conf/device_def.h"

#define VX_CPU_MODES(X)                                                                                                \
    X(VX_CPU_CUSTOM, "custom")                                                                                         \
    X(VX_CPU_HOST_MODEL, "host-model")                                                                                 \
    X(VX_CPU_HOST_PASSTHROUGH, "host-passthrough")                                                                     \
    X(VX_CPU_MAXIMUM, "maximum")
typedef enum { VX_CPU_MODE_NOT_GIVEN, VX_CPU_MODES(VX_ENUM_ID) } VxCpuMode;
VX_ENUM_DECLARE(vx_cpu_modes);

#define VX_CPU_POLICIES(X)                                                                                             \
    X(VX_CPU_FORCE, "force")                                                                                           \
    X(VX_CPU_REQUIRE, "require")                                                                                       \
    X(VX_CPU_OPTIONAL, "optional")                                                                                     \
    X(VX_CPU_DISABLE, "disable")                                                                                       \
    X(VX_CPU_FORBID, "forbid")
typedef enum { VX_CPU_POLICY_NOT_GIVEN, VX_CPU_POLICIES(VX_ENUM_ID) } VxCpuPolicy;
VX_ENUM_DECLARE(vx_cpu_policies);

typedef struct {
    VxObject object;
    int policy; /* VxCpuPolicy; not given stands for "require" */
    char *name; /* libvirt's name of it */
} VxCpuFeature;
extern const VxElement vx_cpu_feature_element;

typedef struct {
    VxObject object;
    VxNumber id;    /* of the other cell */
    VxNumber value; /* 10 is next to it */
} VxCellDistance;
extern const VxElement vx_cell_distance_element;

/* A NUMA node of the guest. */
typedef struct {
    VxObject object;
    VxNumber id;
    char *cpus; /* virtual CPUs, as in 0-3,5 */
    VxNumber memory_kib;
    char *unit;           /* always KiB once it has been read */
    GPtrArray *distances; /* of VxCellDistance */
    GPtrArray *options;   /* of VxOption: pnode */
} VxCell;
extern const VxElement vx_cell_element;

typedef struct {
    VxNumber sockets, dies, clusters, cores, threads;
} VxCpuTopology;

typedef struct {
    int mode; /* VxCpuMode */
    char *match, *check, *migratable;
    char *model, *model_fallback, *model_vendor_id, *vendor;
    VxCpuTopology topology;
    GPtrArray *features; /* of VxCpuFeature */
    GPtrArray *cells;    /* of VxCell */
} VxCpu;
extern const VxElement vx_cpu_element; /* of a VxCpu */

typedef struct {
    VxObject object;
    VxNumber vcpu;
    char *cpuset;
} VxVcpuPin;
extern const VxElement vx_vcpu_pin_element;

typedef struct {
    VxNumber shares;      /* the weight for the scheduler */
    GPtrArray *vcpu_pins; /* of VxVcpuPin */
} VxCpuTune;
extern const VxElement vx_cpu_tune_element; /* of a VxCpuTune */
