/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What running domains have used: time, memory, vcpus, bytes of disks and interfaces. Nothing here waits for a domain's
 * job. What a guest's driver counts is as true as that driver is.
 */
#pragma once

#include "driver/driver.h"

/* virDomainGetVcpus: all vcpus of a running domain (of VxGuestVcpu, which the array clears), by their numbers. NULL
 * with *ERROR set: VIR_ERR_OPERATION_INVALID when it is not running. */
GArray *vx_get_running_vcpus(VxDriver *driver, VxDomainObj *domain, GError **error);
/* VIR_VCPU_* of a vcpu. */
int vx_vcpu_state(const VxGuestVcpu *vcpu);

/* virDomainBlockStats of the disk whose target or source DISK is, or of all disks together when it is "". Fails with
 * VIR_ERR_INVALID_ARG when there is none. */
bool vx_get_block_stats(VxDriver *driver, VxDomainObj *domain, const char *disk, VxGuestBlockStats *stats,
                        GError **error);

/* virDomainInterfaceStats of the interface whose host's name or MAC address INTERFACE is. Fails with
 * VIR_ERR_INVALID_ARG when there is none. */
bool vx_get_interface_stats(VxDriver *driver, VxDomainObj *domain, const char *interface, VxGuestInterfaceStats *stats,
                            GError **error);

/* virDomainMemoryStats: what Xen knows of it. */
typedef struct {
    guint64 balloon_kib, resident_kib;
} VxMemoryStats;
bool vx_get_guest_memory_stats(VxDriver *driver, VxDomainObj *domain, unsigned flags, VxMemoryStats *stats,
                               GError **error);

/* virDomainGetBlockInfo, in bytes. */
typedef struct {
    guint64 capacity;   /* what the guest sees */
    guint64 allocation; /* what it takes on the host */
    guint64 physical;   /* the size of the file or device */
} VxBlockInfo;
bool vx_get_block_info(VxDomainObj *domain, const char *disk, unsigned flags, VxBlockInfo *info, GError **error);

/* One value of virConnectGetAllDomainStats. */
typedef struct {
    char *field; /* "cpu.time" */
    int type;    /* VIR_TYPED_PARAM_*: which of the next counts */
    union {
        gint32 i;
        guint32 ui;
        gint64 l;
        guint64 ul;
        char *s;
    };
} VxStat;

/* The groups (VIR_DOMAIN_STATS_*) that there is something to say of here: state, cpu-total, balloon, vcpu, interface,
 * block, and vm, which is each hypervisor's own: of Xen, channel.count, and channel.N.name and channel.N.state
 * ("connected" or "disconnected") of each channel. */
extern const unsigned vx_stats_groups;

/* What is true of DOMAIN now, of GROUPS: an array of VxStat, which clears them. What Xen does not say, because the
 * guest is about to go, is left out. NULL with *ERROR set (VIR_ERR_NO_DOMAIN) when the domain is gone. */
GArray *vx_get_stats(VxDriver *driver, VxDomainObj *domain, unsigned groups, GError **error);
