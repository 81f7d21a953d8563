/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The door to whatever runs guests. The driver knows Xen only through this struct of functions; src/libxl/ implements
 * it on libxenlight, tests/driver/ in memory. A driver without one is offline: everything works but running a guest.
 *
 * Every function may be called from any thread, several at a time, also for the same guest; none may call back into the
 * driver but through VxGuestDone and VxGuestWatch. Errors are of VX_ERROR and carry the toolstack's own words.
 */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "conf/domain_def.h"

typedef struct VxHypervisor VxHypervisor;

/* What is known of the host only by asking Xen. */
typedef struct {
    gulong version;     /* 1000000 * major + 1000 * minor + release */
    char *capabilities; /* Xen's own word: "xen-3.0-x86_64 hvm-3.0-x86_32 ..." */
    guint64 memory_kib; /* all of the machine's, not only domain 0's */
    guint64 free_memory_kib;
    unsigned n_cpus; /* that Xen can use */
    unsigned mhz;
    unsigned sockets, cores, threads, nodes; /* sockets per node, cores per socket, threads per core */
} VxHostInfo;

/* Frees what INFO holds, not INFO. */
void vx_host_info_clear(VxHostInfo *info);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxHostInfo, vx_host_info_clear)

/* A running guest, as Xen sees it at this moment. */
typedef struct {
    int id;
    guint8 uuid[16];
    bool paused;
    guint64 memory_kib, maximum_memory_kib;
    guint64 cpu_time_ns;
    unsigned n_vcpus; /* online */
} VxGuestInfo;

typedef enum {
    VX_GUEST_START_PAUSED = 1 << 0,
} VxGuestStartFlags;

/* Called once, from any thread, when a long call is over: ERROR is NULL on success and otherwise DONE's to free. ID is
 * that of the started guest. */
typedef void (*VxGuestDone)(int id, GError *error, gpointer data);

/* What Xen says of a guest by itself. */
typedef enum {
    VX_GUEST_EVENT_POWEROFF, /* it has shut down, and waits to be destroyed */
    VX_GUEST_EVENT_REBOOT,
    VX_GUEST_EVENT_SUSPEND,
    VX_GUEST_EVENT_CRASH,
    VX_GUEST_EVENT_WATCHDOG,
    VX_GUEST_EVENT_GONE, /* it is no more: somebody has destroyed it */
    VX_GUEST_EVENT_PAUSED,
    VX_GUEST_EVENT_UNPAUSED,
} VxGuestEventKind;

typedef struct {
    VxGuestEventKind kind;
    int id;
    guint8 uuid[16];
} VxGuestEvent;

/* Called from a thread of the hypervisor's, one event at a time, in the order in which things happened. */
typedef void (*VxGuestWatch)(const VxGuestEvent *event, gpointer data);

typedef struct {
    void (*free)(VxHypervisor *hypervisor);

    /* Fills *INFO, which vx_host_info_clear frees. */
    bool (*host_info)(VxHypervisor *hypervisor, VxHostInfo *info, GError **error);

    /* Tells of all guests from now on; NULL ends it, and no call of the watch is under way when that returns. */
    void (*watch)(VxHypervisor *hypervisor, VxGuestWatch watch, gpointer data);

    /* All guests (of VxGuestInfo), domain 0 with them. NULL with *ERROR set on failure. */
    GArray *(*list)(VxHypervisor *hypervisor, GError **error);
    bool (*info)(VxHypervisor *hypervisor, int id, VxGuestInfo *info, GError **error);

    /* Starts a guest of DEF (borrowed until DONE is called) without holding up the caller. When it fails, nothing of
     * the guest is left. */
    void (*start)(VxHypervisor *hypervisor, const VxDomainDef *def, VxGuestStartFlags flags, VxGuestDone done,
                  gpointer data);
    void (*destroy)(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data);

    /* Asks the guest; it may take its time or not care. */
    bool (*shutdown)(VxHypervisor *hypervisor, int id, GError **error);
    bool (*reboot)(VxHypervisor *hypervisor, int id, GError **error);

    bool (*pause)(VxHypervisor *hypervisor, int id, GError **error);
    bool (*unpause)(VxHypervisor *hypervisor, int id, GError **error);
    bool (*set_memory)(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error);
    bool (*set_maximum_memory)(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error);
    bool (*set_vcpus)(VxHypervisor *hypervisor, int id, unsigned n_vcpus, GError **error);

    /* The host's CPUs that VCPU may run on, bit n of byte n/8 for CPU n. */
    bool (*pin_vcpu)(VxHypervisor *hypervisor, int id, unsigned vcpu, const guint8 *map, gsize map_bytes,
                     GError **error);

    /* Plugs DEVICE into a running guest, takes the one like it out, changes it. */
    bool (*attach)(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error);
    bool (*detach)(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error);
    bool (*update)(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error);

    /* Weight (1..65535) and cap (percent of one CPU, 0: none) of the credit schedulers. A negative value is not set. */
    bool (*get_credit)(VxHypervisor *hypervisor, int id, int *weight, int *cap, GError **error);
    bool (*set_credit)(VxHypervisor *hypervisor, int id, int weight, int cap, GError **error);
    /* "credit", "credit2", "rtds", ...: static. */
    const char *(*scheduler)(VxHypervisor *hypervisor);
} VxHypervisorOps;

/* Implementations begin their struct with this. */
struct VxHypervisor {
    const VxHypervisorOps *ops;
};
