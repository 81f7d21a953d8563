/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the files about the life of guests share: the steps from one state to the next, each with its events and its
 * status file; calls of the hypervisor that take their time; what the driver does by itself.
 */
#pragma once

#include "driver/driver.h"

/* ---- long calls ---- */

/* A call of the hypervisor that ends with VxGuestDone: hand it vx_wait_done and the VxWait, then vx_wait_end. */
typedef struct {
    GMutex lock;
    GCond done;
    bool is_done;
    int id;
    GError *error;
} VxWait;

void vx_wait_begin(VxWait *wait);
void vx_wait_done(int id, GError *error, gpointer data);
/* Waits for the end. *ID (NULL is allowed) is what the call said. */
bool vx_wait_end(VxWait *wait, int *id, GError **error);

/* ---- steps ---- */

/* The definition of a guest that has been made: RECORD's with the guest's ID and what was chosen for it. */
VxDomainRecord *vx_life_live_record(VxDriver *driver, VxDomainDef *def, int id);
/* DEF, read from a running guest, without what was chosen for that guest alone: another one is made of it. */
void vx_life_strip(VxDomainDef *def);

/* The guest ID of DOMAIN runs (or is just about to), or is paused: the events say so when that is new. What was pending
 * is done if it is paused; else whoever lets it run says so. */
void vx_life_become_running(VxDriver *driver, VxDomainObj *domain, VxDomainRecord *live, int id, bool paused,
                            bool restored);
void vx_life_become_paused(VxDriver *driver, VxDomainObj *domain, int id, bool paused, int reason);
/* It is suspended to memory, or has woken up. */
void vx_life_become_asleep(VxDriver *driver, VxDomainObj *domain, int id, bool asleep);
/* It has shut down by itself and waits to be destroyed. Returns whether that is news. */
bool vx_life_become_dead(VxDriver *driver, VxDomainObj *domain, int id, VxGuestShutdown shutdown);

/* The guest ID of DOMAIN is no more, and a transient domain about to go: whoever has its job withdraws it.
 * REASON and DETAIL: VIR_DOMAIN_SHUTOFF_*, VIR_DOMAIN_EVENT_STOPPED_*. Nothing happens when ID is not its guest (any
 * more); that returns false. */
bool vx_life_become_shut_off(VxDriver *driver, VxDomainObj *domain, int id, int reason, int detail);
/* The same by how it ended, when nobody here has ended it. */
bool vx_life_become_gone(VxDriver *driver, VxDomainObj *domain, int id);

/* Looks at how the guest of DOMAIN is, for others may have changed it. Quick, needs no job, and never fails: what
 * cannot be learned stays as it was. */
void vx_life_refresh(VxDriver *driver, VxDomainObj *domain);
/* The same with what Xen has just said of it. */
void vx_life_refresh_from(VxDriver *driver, VxDomainObj *domain, const VxGuestInfo *info);

/* ---- beginning and ending ---- */

typedef struct {
    bool paused;
    int fd; /* where the state to start from stands; -1: none */
    gconstpointer owner;
} VxLifeStart;

/* Starts a guest of RECORD for DOMAIN, whose job is held. When it fails, the domain is as it was. */
bool vx_life_start(VxDriver *driver, VxDomainObj *domain, VxDomainRecord *record, const VxLifeStart *how,
                   GError **error);
/* Ends the guest ID of DOMAIN; it is shut off for REASON when this returns true. */
bool vx_life_end(VxDriver *driver, VxDomainObj *domain, int id, int reason, int detail, GError **error);

/* Fails for domain 0. */
bool vx_life_check_not_host(const VxDomainObj *domain, GError **error);

/* ---- by itself ---- */

typedef void (*VxTask)(VxDriver *driver, VxDomainObj *domain, int number);

/* Has TASK done by a thread of the driver's. DOMAIN: a reference is taken; NULL is allowed. Returns false, and nothing is
 * done, when the driver is about to end. */
bool vx_life_push_task(VxDriver *driver, VxTask task, VxDomainObj *domain, int number);
void vx_life_run_task(gpointer task, gpointer driver);

/* Carries out what is to happen to a guest that has shut down by itself, DOMAIN's guest NUMBER (a VxTask). */
void vx_life_act(VxDriver *driver, VxDomainObj *domain, int number);
/* Takes a domain that has nothing left out of the list (a VxTask). */
void vx_life_sweep(VxDriver *driver, VxDomainObj *domain, int number);
