/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One domain that the driver knows: its definitions, its state, its lock and its job.
 *
 * The lock guards the members for a moment and is never held while a file, Xen or an agent is waited for. Whoever
 * changes a domain holds its job from the first look to the last write, so that changes follow one another.
 */
#pragma once

#include "driver/domain_record.h"

typedef struct {
    gatomicrefcount refs;
    guint8 uuid[16]; /* never changes */

    GMutex lock; /* guards all that follows */
    GCond job_free;
    GCond device_closed;
    const char *job; /* what is being done to the domain, for messages; NULL: nothing */
    gint64 job_us;   /* since when: g_get_monotonic_time */
    unsigned n_waiting;

    GHashTable *channel_states; /* name -> VxChrState, of the guest channel_states_id (channel_state.h); NULL: none */
    int channel_states_id;

    VxDomainRecord *xml_of; /* of which XML was made (live_xml.h); NULL: none is kept */
    char *xml;
    unsigned n_news; /* of what XML of the running domain is made of, beside its definition */

    GPtrArray *open_devices; /* of VxOpenDevice, which belong to those who opened them (stream.h) */

    VxDomainRecord *persistent; /* NULL for a transient domain */
    VxDomainRecord *live;       /* NULL when it is not running */
    int id;                     /* Xen's; -1 when it is not running */
    int state, reason;          /* VIR_DOMAIN_* of virDomainState and of the reasons of that state */
    bool autostart;
    bool updated; /* the persistent definition was changed while the domain runs */
    bool removed; /* no longer in the list: whoever waited for the job starts anew */

    bool is_domain_zero;   /* the host itself */
    bool is_foreign;       /* its guest was made by somebody else, who looks after it */
    bool has_managed_save; /* there is a state to start from */
    int shutdown;          /* VxGuestShutdown: how its guest has shut down, when it waits to be destroyed */
    unsigned n_ending;     /* who is about to destroy its guest, and will say so */

    bool is_starting;
    int start_id;      /* Xen's id of a guest that is_starting, as soon as it is known; else -1 */
    bool is_cancelled; /* somebody has destroyed the guest that the job is about */

    const char *pending; /* what is under way that outlives the daemon (static text, see status.h); NULL: nothing */
    gconstpointer owner; /* the client with which its guest goes; NULL: none */
    gint64 started_us;   /* when its guest started: g_get_monotonic_time */
    unsigned n_quick_deaths;

    GMutex status_lock; /* held while its status file is written, and taken before LOCK */
} VxDomainObj;

/* A domain of no definition yet. Never NULL. */
VxDomainObj *vx_domain_obj_new(const guint8 uuid[16]);
VxDomainObj *vx_domain_obj_ref(VxDomainObj *domain);
void vx_domain_obj_unref(VxDomainObj *domain); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDomainObj, vx_domain_obj_unref)

/* How a domain is referred to in answers and events. */
typedef struct {
    char *name;
    guint8 uuid[16];
    int id; /* -1: not running */
} VxDomainRef;

void vx_domain_ref_clear(VxDomainRef *ref);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxDomainRef, vx_domain_ref_clear)

/* *REF, which vx_domain_ref_clear frees, as it is now. Fails with VIR_ERR_NO_DOMAIN when the domain is gone. */
bool vx_domain_obj_get_ref(VxDomainObj *domain, VxDomainRef *ref, GError **error);

/* What was true of a domain at one moment. */
typedef struct {
    VxDomainRecord *persistent, *live; /* held; NULL as in VxDomainObj */
    int id, state, reason;
    bool autostart, updated, has_managed_save, is_foreign;
} VxDomainView;

void vx_domain_view_clear(VxDomainView *view);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxDomainView, vx_domain_view_clear)

/* Takes *VIEW. Fails with VIR_ERR_NO_DOMAIN when the domain is gone (or is only about to be defined). */
bool vx_domain_obj_look(VxDomainObj *domain, VxDomainView *view, GError **error);

/* The definition that counts now: the live one, or else the persistent one. Borrowed from VIEW. */
VxDomainRecord *vx_domain_view_current(const VxDomainView *view);

/* How long a call waits for another one that is changing the same domain. */
#define VX_JOB_WAIT_MS 30000

/* Takes the job of DOMAIN for WHAT (static text: "define"). Fails with VIR_ERR_OPERATION_TIMEOUT, and with
 * VIR_ERR_NO_DOMAIN when the domain has been removed meanwhile. */
bool vx_domain_obj_begin_job(VxDomainObj *domain, const char *what, GError **error);
void vx_domain_obj_end_job(VxDomainObj *domain);
/* Takes the job however long it takes. Returns false when the domain has been removed meanwhile. */
bool vx_domain_obj_await_job(VxDomainObj *domain, const char *what);
/* Takes the job to end the domain's guest, whoever has it and is stuck: waits for a moment, and then breaks in as soon
 * as there is a guest to end. *ID is that guest's when it broke in, -1 when it has the job. Fails as
 * vx_domain_obj_begin_job. */
bool vx_domain_obj_begin_end(VxDomainObj *domain, const char *what, int *id, GError **error);
