/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests start, stop and live. Each call waits until it is done; meanwhile it holds the domain's job and nothing else.
 * Calls that Xen has no word for fail with VIR_ERR_OPERATION_INVALID when the driver is offline, and all that concern
 * the host fail with it for Domain-0.
 */
#pragma once

#include "driver/driver.h"

/* virDomainCreateWithFlags: starts a domain that is defined, from its managed save if it has one. With
 * VIR_DOMAIN_START_AUTODESTROY its guest goes with OWNER, see vx_life_owner_gone. Fails with VIR_ERR_OPERATION_INVALID
 * when it runs already or there is no Xen, with VIR_ERR_CONFIG_UNSUPPORTED when Xen cannot run it, with
 * VIR_ERR_OPERATION_ABORTED when it was destroyed meanwhile, and else as Xen says. */
bool vx_start(VxDriver *driver, VxDomainObj *domain, unsigned flags, gconstpointer owner, GError **error);

/* virDomainCreateXML: starts a domain that need not be defined. *REF is it. */
bool vx_create_xml(VxDriver *driver, const char *xml, unsigned flags, gconstpointer owner, VxDomainRef *ref,
                   GError **error);

/* The client OWNER has gone: what was started for it is destroyed, in the background. */
void vx_life_owner_gone(VxDriver *driver, gconstpointer owner);

/* virDomainDestroyFlags. When another call is stuck, also the one that starts the guest, it is cut short. */
bool vx_destroy(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);

/* virDomainShutdownFlags, virDomainReboot, virDomainReset, virDomainInjectNMI, virDomainSuspend, virDomainResume. */
bool vx_shutdown(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
bool vx_reboot(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
bool vx_reset(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
bool vx_inject_nmi(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
bool vx_suspend(VxDriver *driver, VxDomainObj *domain, GError **error);
bool vx_resume(VxDriver *driver, VxDomainObj *domain, GError **error);

/* virDomainPMSuspendForDuration (to memory only, and for DURATION_S 0, until it is woken up), virDomainPMWakeup. */
bool vx_pm_suspend(VxDriver *driver, VxDomainObj *domain, unsigned target, guint64 duration_s, unsigned flags,
                   GError **error);
bool vx_pm_wakeup(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);

/* virDomainSetLifecycleAction: VIR_DOMAIN_LIFECYCLE_*, VIR_DOMAIN_LIFECYCLE_ACTION_*, VIR_DOMAIN_AFFECT_*. */
bool vx_set_lifecycle_action(VxDriver *driver, VxDomainObj *domain, unsigned type, unsigned action, unsigned flags,
                             GError **error);

/* virDomainGetJobInfo, virDomainGetJobStats: VIR_DOMAIN_JOB_*, and for how long it has been under way. */
bool vx_get_job(VxDomainObj *domain, int *type, guint64 *elapsed_ms, GError **error);
/* virDomainAbortJobFlags. */
bool vx_abort_job(VxDomainObj *domain, unsigned flags, GError **error);

/* The VxGuestWatch of a driver (DATA). */
void vx_life_guest_event(const VxGuestEvent *event, gpointer data);
