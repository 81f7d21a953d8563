/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests start, stop and live. Each call waits until it is done; meanwhile it holds the domain's job and nothing else.
 */
#pragma once

#include "driver/driver.h"

/* virDomainCreateWithFlags: starts a domain that is defined. Fails with VIR_ERR_OPERATION_INVALID when it runs already
 * or there is no Xen, with VIR_ERR_CONFIG_UNSUPPORTED when Xen cannot run it, and else as Xen says. */
bool vx_start(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);

/* virDomainCreateXML: starts a domain that need not be defined. *REF is it. */
bool vx_create_xml(VxDriver *driver, const char *xml, unsigned flags, VxDomainRef *ref, GError **error);

/* virDomainDestroyFlags, virDomainShutdownFlags, virDomainReboot, virDomainSuspend, virDomainResume. */
bool vx_destroy(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
bool vx_shutdown(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
bool vx_reboot(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
bool vx_suspend(VxDriver *driver, VxDomainObj *domain, GError **error);
bool vx_resume(VxDriver *driver, VxDomainObj *domain, GError **error);

/* The VxGuestWatch of a driver (DATA). */
void vx_life_guest_event(const VxGuestEvent *event, gpointer data);
