/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The state of running domains on disk, where and as libvirt's Xen driver keeps it, so that this daemon finds its
 * guests after a restart, and that one after a move back: RUN_FOLDER/NAME.xml is
 *
 *   <domstatus state='running' reason='booted' pid='0'>
 *     <pending action='...'/>
 *     <domain type='xen' id='1'> ... </domain>
 *   </domstatus>
 *
 * <pending> is ours, and not looked at by libvirt: what was under way, should the daemon not come to its end.
 */
#pragma once

#include "driver/driver.h"

#define VX_PENDING_START "start"         /* the guest may be half made */
#define VX_PENDING_PAUSED "start-paused" /* the same, of one that stays paused */
#define VX_PENDING_RESTART "restart"     /* it is destroyed, and then started again */
#define VX_PENDING_SAVE "save"           /* it is suspended, and then destroyed */
#define VX_PENDING_REBOOT "reboot"       /* its power button is pressed: when it powers off, it reboots */

/* Writes the file of DOMAIN as it is now, or removes it when there is nothing to keep. What fails goes to the log: the
 * guest runs nevertheless. */
void vx_status_write(VxDriver *driver, VxDomainObj *domain);
/* Sets what is under way (VX_PENDING_*, NULL: nothing), and writes the file; RECORD is the definition of a domain that
 * has no guest yet. */
void vx_status_set_pending(VxDriver *driver, VxDomainObj *domain, const char *pending, VxDomainRecord *record);
/* Removes the file of the domain NAME. */
void vx_status_remove(VxDriver *driver, const char *name);

/* What a file says. */
typedef struct {
    VxDomainDef *def;
    int id; /* -1: it had no guest */
    int state, reason;
    const char *pending;
} VxStatus;

/* Called for each file; a reason why it cannot be used is returned in *ERROR (false), and goes to the log. */
typedef bool (*VxStatusVisit)(VxDriver *driver, const VxStatus *status, GError **error);
/* Reads all files. One that makes no sense is reported, and left. */
void vx_status_load(VxDriver *driver, VxStatusVisit visit);
