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

#include "conf/chr_def.h"
#include "conf/disk_def.h"
#include "conf/domain_def.h"
#include "conf/net_def.h"

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

/* Why a guest has shut down by itself. It then stays, without running, until it is destroyed. */
typedef enum {
    VX_GUEST_NOT_SHUT_DOWN,
    VX_GUEST_POWEROFF,
    VX_GUEST_REBOOT,
    VX_GUEST_SUSPEND, /* for saving, or to memory */
    VX_GUEST_CRASH,
    VX_GUEST_WATCHDOG,
    VX_GUEST_SOFT_RESET,
} VxGuestShutdown;

/* A running guest, as Xen sees it at this moment. */
typedef struct {
    int id;
    guint8 uuid[16];
    bool paused;
    bool blocked; /* idle: all its vcpus wait for something */
    bool dying;   /* being destroyed */
    VxGuestShutdown shutdown;
    guint64 memory_kib, maximum_memory_kib;
    guint64 cpu_time_ns;
    unsigned n_vcpus; /* online */
    unsigned maximum_vcpus;
} VxGuestInfo;

/* One virtual CPU of a running guest. */
typedef struct {
    unsigned number;
    bool online, running, blocked;
    int cpu; /* of the host, where it runs or ran last; -1: nowhere yet */
    guint64 cpu_time_ns;
    guint8 *map; /* the host's CPUs it may run on, bit n of byte n/8 for CPU n */
    gsize map_bytes;
} VxGuestVcpu;

/* Frees what VCPU holds. Fits g_array_set_clear_func. */
void vx_guest_vcpu_clear(gpointer vcpu);

/* How a channel (or console) of a running guest is. All text comes from xenstore and has been checked: it is valid
 * UTF-8 without control characters, and of a bounded length. */
typedef struct {
    char *name;         /* NULL: the console number 0, or a channel without one */
    int devid;          /* its number in xenstore: console-DEVID is what the guest's kernel calls it */
    VxChrType type;     /* VX_CHR_PTY, VX_CHR_UNIX; VX_CHR_NOT_GIVEN when the backend does not say */
    char *path;         /* of the pty or socket on this host; NULL if not known, not sound, or served elsewhere */
    int backend_id;     /* the domain that serves it: 0 is the toolstack's own */
    int frontend_state; /* xenbus states: 4 is connected; 0 is unknown. The guest writes it */
    int backend_state;
} VxGuestChannel;

void vx_guest_channel_free(VxGuestChannel *channel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxGuestChannel, vx_guest_channel_free)

/* xenbus' XenbusStateConnected: both ends are there. */
#define VX_XENBUS_CONNECTED 4
static inline bool vx_guest_channel_is_connected(const VxGuestChannel *channel)
{
    return channel->frontend_state == VX_XENBUS_CONNECTED;
}

/* What a disk or an interface of a guest has moved. -1: not known. */
typedef struct {
    gint64 read_requests, read_bytes, write_requests, write_bytes, errors;
} VxGuestBlockStats;

typedef struct {
    gint64 rx_bytes, rx_packets, rx_errors, rx_dropped, tx_bytes, tx_packets, tx_errors, tx_dropped; /* the guest's */
} VxGuestInterfaceStats;

/* How a guest is asked to shut down. */
typedef enum {
    VX_GUEST_ASK_ANY,  /* PV control if the guest has it, else ACPI */
    VX_GUEST_ASK_PV,   /* a word in xenstore that its drivers watch */
    VX_GUEST_ASK_ACPI, /* the power button, which HVM guests have */
} VxGuestAsk;

typedef enum {
    VX_GUEST_TRIGGER_RESET, /* it shuts down at once, unasked, with VX_GUEST_REBOOT */
    VX_GUEST_TRIGGER_NMI,
    VX_GUEST_TRIGGER_SLEEP,  /* the sleep button */
    VX_GUEST_TRIGGER_WAKEUP, /* out of ACPI's S3 */
} VxGuestTrigger;

/* Called once, from any thread, when a long call is over: ERROR is NULL on success and otherwise DONE's to free. ID is
 * that of the started guest. */
typedef void (*VxGuestDone)(int id, GError *error, gpointer data);

/* What Xen says of a guest by itself. */
typedef enum {
    VX_GUEST_EVENT_NEW,      /* somebody has made it: this driver, or xl beside it */
    VX_GUEST_EVENT_SHUTDOWN, /* it has shut down (see VxGuestShutdown), and waits to be destroyed */
    VX_GUEST_EVENT_GONE,     /* it is no more: somebody has destroyed it */
    VX_GUEST_EVENT_CHANNEL,  /* the guest's end of a channel has attached or gone */
    VX_GUEST_EVENT_DETAILS,  /* fill_live may have something else to say than before, which is none of the above */
} VxGuestEventKind;

typedef struct {
    VxGuestEventKind kind;
    int id;
    guint8 uuid[16];
    VxGuestShutdown shutdown; /* of VX_GUEST_EVENT_SHUTDOWN */
    const char *channel;      /* of VX_GUEST_EVENT_CHANNEL: its name, borrowed; checked as in VxGuestChannel */
    bool connected;           /* of VX_GUEST_EVENT_CHANNEL */
} VxGuestEvent;

/* Called from a thread of the hypervisor's, one event at a time, in the order in which things happened. It must not
 * wait for a guest, nor call a long function of the hypervisor. */
typedef void (*VxGuestWatch)(const VxGuestEvent *event, gpointer data);

/* Every member is set. */
typedef struct {
    void (*free)(VxHypervisor *hypervisor);

    /* Fills *INFO, which vx_host_info_clear frees. */
    bool (*host_info)(VxHypervisor *hypervisor, VxHostInfo *info, GError **error);

    /* Tells of all guests from now on; of those there are already, VX_GUEST_EVENT_NEW is not told. NULL ends it, and no
     * call of the watch is under way when that returns. */
    void (*watch)(VxHypervisor *hypervisor, VxGuestWatch watch, gpointer data);

    /* All guests (of VxGuestInfo), domain 0 with them. NULL with *ERROR set on failure. */
    GArray *(*list)(VxHypervisor *hypervisor, GError **error);
    /* Fails with VIR_ERR_NO_DOMAIN when there is no guest ID. Quick: it waits for nobody but Xen itself. */
    bool (*info)(VxHypervisor *hypervisor, int id, VxGuestInfo *info, GError **error);

    /* The definition that the toolstack keeps of the running guest ID, whoever made it: for those that this driver did
     * not start. Where the toolstack keeps none, one of name, UUID, memory and vcpus. The caller frees it. */
    VxDomainDef *(*describe)(VxHypervisor *hypervisor, int id, GError **error);
    /* Puts into DEF, the definition of the running guest ID, what was chosen when it was made and what is now: ptys,
     * the ports of displays, the names of interfaces, the states of channels. What DEF has of that already, and does
     * not change while the guest runs, stays; so do the states of channels that it has. */
    bool (*fill_live)(VxHypervisor *hypervisor, int id, VxDomainDef *def, GError **error);

    /* Makes a guest of DEF (borrowed until DONE is called) without holding up the caller. It is paused: unpause lets it
     * run. All its channels are there when it succeeds. When it fails, nothing of the guest is left, and the error has
     * the toolstack's own words. */
    void (*start)(VxHypervisor *hypervisor, const VxDomainDef *def, VxGuestDone done, gpointer data);
    /* The same from the state that save wrote to FD (borrowed until DONE is called), from where it stands on. */
    void (*restore)(VxHypervisor *hypervisor, const VxDomainDef *def, int fd, VxGuestDone done, gpointer data);
    void (*destroy)(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data);

    /* Writes the guest's state to FD and leaves it suspended: it is then destroyed, or resumed with resume. */
    void (*save)(VxHypervisor *hypervisor, int id, int fd, VxGuestDone done, gpointer data);
    /* Suspends the guest to memory; it knows. */
    void (*suspend)(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data);
    /* Lets a suspended guest go on. */
    void (*resume)(VxHypervisor *hypervisor, int id, VxGuestDone done, gpointer data);
    /* Writes the guest's memory to the file PATH (absolute), for crash(8). */
    void (*dump_core)(VxHypervisor *hypervisor, int id, const char *path, VxGuestDone done, gpointer data);

    /* Asks the guest; it may take its time or not care. Fails with VIR_ERR_OPERATION_UNSUPPORTED when the guest has no
     * such way. To reboot there is PV control only. */
    bool (*shutdown)(VxHypervisor *hypervisor, int id, VxGuestAsk ask, GError **error);
    bool (*reboot)(VxHypervisor *hypervisor, int id, GError **error);
    bool (*trigger)(VxHypervisor *hypervisor, int id, VxGuestTrigger trigger, GError **error);

    /* Gives a guest that has shut down another name and UUID, so that one of its own can be made beside it. */
    bool (*preserve)(VxHypervisor *hypervisor, int id, const char *new_name, const guint8 new_uuid[16], GError **error);

    bool (*pause)(VxHypervisor *hypervisor, int id, GError **error);
    bool (*unpause)(VxHypervisor *hypervisor, int id, GError **error);
    bool (*set_memory)(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error);
    bool (*set_maximum_memory)(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error);
    bool (*set_vcpus)(VxHypervisor *hypervisor, int id, unsigned n_vcpus, GError **error);

    /* All vcpus of the guest (of VxGuestVcpu, which the array clears). NULL with *ERROR set on failure. */
    GArray *(*vcpus)(VxHypervisor *hypervisor, int id, GError **error);
    /* The host's CPUs that VCPU may run on, bit n of byte n/8 for CPU n. */
    bool (*pin_vcpu)(VxHypervisor *hypervisor, int id, unsigned vcpu, const guint8 *map, gsize map_bytes,
                     GError **error);

    /* The consoles and channels of the guest (of VxGuestChannel, which the array frees), the primary console first.
     * NULL with *ERROR set on failure. */
    GPtrArray *(*channels)(VxHypervisor *hypervisor, int id, GError **error);
    /* Opens the host's end of CHR, a serial, console or channel of the guest, for reading and writing; channels are
     * found by name. The caller closes the descriptor, which is non-blocking. Returns -1 with *ERROR set, among others
     * with VIR_ERR_OPERATION_UNSUPPORTED when another domain serves it or its kind cannot be opened. Nothing is opened
     * that is neither a pty under /dev/pts nor a socket where the definition wants one. */
    int (*open_chr)(VxHypervisor *hypervisor, int id, const VxChr *chr, GError **error);

    /* Plugs DEVICE into a running guest, takes the one like it out, changes it. When it fails, the guest is as it was
     * before. detach fails with VIR_ERR_DEVICE_MISSING when there is none like it, and with VIR_ERR_OPERATION_FAILED
     * when the guest does not let go of it. */
    bool (*attach)(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error);
    bool (*detach)(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error);
    bool (*update)(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error);

    /* Whether a daemon has died in the middle of attach or detach, for guest ID. Quick. settle then ends it: the device
     * is there with all that belongs to it, or nothing of it is; DEF, the definition of the running guest, is changed
     * to say which. */
    bool (*is_plugging)(VxHypervisor *hypervisor, int id);
    bool (*settle)(VxHypervisor *hypervisor, int id, VxDomainDef *def, GError **error);

    bool (*block_stats)(VxHypervisor *hypervisor, int id, const VxDisk *disk, VxGuestBlockStats *stats, GError **error);
    bool (*interface_stats)(VxHypervisor *hypervisor, int id, const VxNet *net, VxGuestInterfaceStats *stats,
                            GError **error);

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
