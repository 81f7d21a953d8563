/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the files of the memory hypervisor share.
 */
#pragma once

#include "memory_echo.h"
#include "memory_hypervisor.h"

typedef struct {
    VxGuestInfo info;
    VxDomainDef *def;
    GPtrArray *lines; /* of VxMemoryLine: its consoles and channels */
    guint8 *pins;     /* PIN_BYTES for each vcpu */
    int weight, cap;
    bool is_asleep;
    char *unsettled; /* name of a channel that was on its way when the daemon ended; NULL: none */
} VxMemoryGuest;

#define VX_MEMORY_HOST_CPUS 16
#define VX_MEMORY_SLACK_KIB 1024 /* as libxl does, Xen allows a guest more than its definition says */
#define VX_MEMORY_PIN_BYTES (VX_MEMORY_HOST_CPUS / 8)

typedef struct {
    char *name; /* NULL: the console */
    int devid;
    VxChrType type;
    char *path;   /* of the pty or socket */
    int terminal; /* the pty's other side, held open so that it stays between its users; -1: none */
    bool is_connected;
} VxMemoryLine;

struct VxMemoryHypervisor {
    VxHypervisor base;
    gatomicrefcount refs;
    GMutex lock; /* guards what follows */
    GCond changed;
    GHashTable *guests; /* id -> VxMemoryGuest */
    int next_id;
    unsigned delay_ms, fail_at;
    bool is_hanging, is_obedient;
    char *folder;
    VxMemoryGuestEnd guest_end;
    gpointer guest_end_data;

    GMutex watch_lock; /* held while the watch is called */
    VxGuestWatch watch;
    gpointer watch_data;

    GThreadPool *pool;   /* of long calls */
    GThreadPool *teller; /* of events: one thread, in order */
    gint n_untold;       /* atomic */
    VxMemoryEcho *echo;
};

/* Begins a call: the lock is held when this returns true. */
bool vx_memory_enter(VxMemoryHypervisor *memory, GError **error);
/* The same for a call about a guest; NULL when it fails. */
VxMemoryGuest *vx_memory_enter_guest(VxHypervisor *hypervisor, int id, GError **error);
/* Ends it. Always true. */
bool vx_memory_leave(VxHypervisor *hypervisor);

/* Under the lock: has EVENT told, and keeps GUEST in the folder as it is now. */
void vx_memory_tell(VxMemoryHypervisor *memory, VxGuestEventKind kind, const VxMemoryGuest *guest, const char *channel,
                    bool connected);
void vx_memory_keep(VxMemoryHypervisor *memory, const VxMemoryGuest *guest);
/* What precedes the XML of a guest that is kept: whether it is paused, and why it shut down. */
#define VX_MEMORY_KEPT_FORMAT "<!-- %d %d -->\n"

/* Without the lock: tells EVENT at once. */
void vx_memory_tell_now(VxMemoryHypervisor *memory, const VxGuestEvent *event);

/* Under the lock: the guest ID, NULL if there is none. */
VxMemoryGuest *vx_memory_find(VxMemoryHypervisor *memory, int id);
/* Under the lock: adds the guest ID, of DEF, which is taken. */
VxMemoryGuest *vx_memory_add_guest(VxMemoryHypervisor *memory, VxDomainDef *def, int id);
/* Under the lock: the same with an id of its own, which is told and kept. */
VxMemoryGuest *vx_memory_make_guest(VxMemoryHypervisor *memory, VxDomainDef *def, bool paused);
/* Under the lock: forgets the guest ID. */
void vx_memory_drop_guest(VxMemoryHypervisor *memory, int id);
/* Under the lock: GUEST has shut down, which is told and kept. */
void vx_memory_shut_down(VxMemoryHypervisor *memory, VxMemoryGuest *guest, VxGuestShutdown reason);

/* memory_lines.c: the consoles and channels of a guest. */
void vx_memory_make_lines(VxMemoryHypervisor *memory, VxMemoryGuest *guest);
void vx_memory_free_line(gpointer line);
GPtrArray *vx_memory_channels(VxHypervisor *hypervisor, int id, GError **error);
int vx_memory_open_chr(VxHypervisor *hypervisor, int id, const VxChr *chr, GError **error);
bool vx_memory_fill_live(VxHypervisor *hypervisor, int id, VxDomainDef *def, GError **error);

/* memory_calls.c: sets the members of OPS that are short calls about a guest. */
void vx_memory_set_calls(VxHypervisorOps *ops);

/* memory_long_calls.c: sets those that end later; carries one out, in a thread of the pool of the hypervisor POOL_DATA.
 */
void vx_memory_set_long_calls(VxHypervisorOps *ops);
void vx_memory_run_long_call(gpointer data, gpointer pool_data);
