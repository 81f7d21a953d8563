/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the parts of the real hypervisor share, and their functions for its table, one file a family. What each does
 * stands in driver/hypervisor.h.
 */
#pragma once

#include "driver/hypervisor.h"
#include "libxl/libxl_guests.h"
#include "libxl/libxl_host.h"
#include "libxl/libxl_session.h"
#include "libxl/libxl_sockets.h"
#include "libxl/libxl_watch.h"

typedef struct {
    VxHypervisor base;
    VxLibxlSessions *sessions;
    VxLibxlGuests *guests;
    GThreadPool *long_calls; /* of VxLibxlCall, each in a thread of its own */
    char *channel_folder;
    VxLibxlSockets sockets; /* whose folder it is */
    VxLibxlHost host;
    unsigned *node_of_cpu;
    GMutex memory_lock; /* one guest at a time makes room for itself */
    GMutex asks_lock;
    GPtrArray *asks; /* of libxl_ctx: where a guest is waited for; under asks_lock */
    GMutex watch_lock;
    VxLibxlWatch *watch; /* under watch_lock */
} VxLibxlHypervisor;

/* A session, for the functions of the table. */
static inline VxLibxlSession *vx_libxl_begin(VxHypervisor *hypervisor, GError **error)
{
    return vx_libxl_session_begin(((VxLibxlHypervisor *)hypervisor)->sessions, error);
}

/* ---- long calls ---- */

typedef struct VxLibxlCall VxLibxlCall;
struct VxLibxlCall {
    VxLibxlHypervisor *hypervisor;
    bool (*run)(VxLibxlCall *call, VxLibxlSession *session, GError **error);
    int id;
    const VxDomainDef *def; /* borrowed */
    int fd;
    char *path;
    VxGuestDone done;
    gpointer data;
};

/* Carries CALL (copied; its path is taken) out in a thread, and tells its DONE. */
void vx_libxl_call_push(const VxLibxlCall *call);

/* libxl_start.c */
bool vx_libxl_run_start(VxLibxlCall *call, VxLibxlSession *session, GError **error); /* from FD, if there is one */
/* libxl_stop.c */
bool vx_libxl_run_destroy(VxLibxlCall *call, VxLibxlSession *session, GError **error);
/* libxl_save.c */
bool vx_libxl_run_save(VxLibxlCall *call, VxLibxlSession *session, GError **error);
bool vx_libxl_run_suspend(VxLibxlCall *call, VxLibxlSession *session, GError **error);
bool vx_libxl_run_resume(VxLibxlCall *call, VxLibxlSession *session, GError **error);
bool vx_libxl_run_dump_core(VxLibxlCall *call, VxLibxlSession *session, GError **error);

/* Destroys guest ID and what libxl leaves of it, its sockets among others: libxl_stop.c. */
bool vx_libxl_destroy(VxLibxlSession *session, const VxLibxlSockets *sockets, int id, GError **error);

/* ---- short calls ---- */

/* libxl_info.c */
bool vx_libxl_host_info(VxHypervisor *hypervisor, VxHostInfo *info, GError **error);
GArray *vx_libxl_list(VxHypervisor *hypervisor, GError **error);
bool vx_libxl_info(VxHypervisor *hypervisor, int id, VxGuestInfo *info, GError **error);
bool vx_libxl_learn_host(VxLibxlHypervisor *hypervisor, GError **error);

/* libxl_describe.c; the type of guest ID is VX_GUEST_PV when the toolstack has not written another one down; its name,
 * which the caller frees, "Domain-ID" */
char *vx_libxl_guest_name(VxLibxlSession *session, int id);
VxGuestType vx_libxl_guest_type(struct xs_handle *store, int id);
void vx_libxl_set_guest_type(VxDomainDef *def, VxGuestType guest);
VxDomainDef *vx_libxl_describe(VxHypervisor *hypervisor, int id, GError **error);
/* libxl_fill.c */
bool vx_libxl_fill_live(VxHypervisor *hypervisor, int id, VxDomainDef *def, GError **error);

/* libxl_ask.c; the first ends all waiting for guests that were asked for something */
void vx_libxl_stop_asking(VxLibxlHypervisor *hypervisor);
bool vx_libxl_shutdown(VxHypervisor *hypervisor, int id, VxGuestAsk ask, GError **error);
bool vx_libxl_reboot(VxHypervisor *hypervisor, int id, GError **error);
bool vx_libxl_trigger(VxHypervisor *hypervisor, int id, VxGuestTrigger trigger, GError **error);

/* libxl_stop.c */
bool vx_libxl_preserve(VxHypervisor *hypervisor, int id, const char *new_name, const guint8 new_uuid[16],
                       GError **error);
bool vx_libxl_pause(VxHypervisor *hypervisor, int id, GError **error);
bool vx_libxl_unpause(VxHypervisor *hypervisor, int id, GError **error);

/* libxl_tune.c */
bool vx_libxl_set_memory(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error);
bool vx_libxl_set_maximum_memory(VxHypervisor *hypervisor, int id, guint64 memory_kib, GError **error);
bool vx_libxl_get_credit(VxHypervisor *hypervisor, int id, int *weight, int *cap, GError **error);
bool vx_libxl_set_credit(VxHypervisor *hypervisor, int id, int weight, int cap, GError **error);
const char *vx_libxl_scheduler(VxHypervisor *hypervisor);

/* libxl_vcpu.c */
bool vx_libxl_set_vcpus(VxHypervisor *hypervisor, int id, unsigned n_vcpus, GError **error);
GArray *vx_libxl_vcpus(VxHypervisor *hypervisor, int id, GError **error);
bool vx_libxl_pin_vcpu(VxHypervisor *hypervisor, int id, unsigned vcpu, const guint8 *map, gsize map_bytes,
                       GError **error);

/* libxl_open.c */
GPtrArray *vx_libxl_channels(VxHypervisor *hypervisor, int id, GError **error);
int vx_libxl_open_chr(VxHypervisor *hypervisor, int id, const VxChr *chr, GError **error);

/* libxl_plug.c */
bool vx_libxl_attach(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error);
bool vx_libxl_detach(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error);
bool vx_libxl_update(VxHypervisor *hypervisor, int id, const VxDevice *device, GError **error);
bool vx_libxl_is_plugging(VxHypervisor *hypervisor, int id);
bool vx_libxl_settle(VxHypervisor *hypervisor, int id, VxDomainDef *def, GError **error);

/* libxl_vif.c: the number of the guest's interface NET, which its MAC address tells, -1 if there is none; the name of
 * the host's end of the interface DEVID, which the caller frees. */
int vx_libxl_find_vif(struct xs_handle *store, int id, const VxNet *net);
char *vx_libxl_vif_name(struct xs_handle *store, int id, int devid);

/* libxl_stats.c */
bool vx_libxl_block_stats(VxHypervisor *hypervisor, int id, const VxDisk *disk, VxGuestBlockStats *stats,
                          GError **error);
bool vx_libxl_interface_stats(VxHypervisor *hypervisor, int id, const VxNet *net, VxGuestInterfaceStats *stats,
                              GError **error);
