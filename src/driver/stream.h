/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Consoles and channels of running guests, opened for a client. Each is open for one at a time: two readers would each
 * get half of what the guest says.
 */
#pragma once

#include "driver/driver.h"

/* A device of a domain that somebody has open. */
typedef struct VxOpenDevice VxOpenDevice;

/* Told once to whoever has a device open when another takes it away: it should close it at once, for ERROR (taken). Any
 * thread; it must not wait, nor close the device before it returns. */
typedef void (*VxDeviceRevoke)(GError *error, gpointer data);

/* virDomainOpenConsole (VIR_DOMAIN_CONSOLE_*): NAME is an alias, or the name of a channel; NULL is the first console,
 * or, without one, the first serial port. Everything is opened exclusively here, as VIR_DOMAIN_CONSOLE_SAFE asks. Fails
 * with VIR_ERR_OPERATION_INVALID when the domain is not running, with VIR_ERR_INVALID_ARG when it has no such device,
 * and with VIR_ERR_OPERATION_FAILED when somebody else has it open. With VIR_DOMAIN_CONSOLE_FORCE it is taken from
 * another client; that may take VX_REVOKE_WAIT_MS. */
VxOpenDevice *vx_open_console(VxDriver *driver, VxDomainObj *domain, const char *name, unsigned flags, GError **error);

/* virDomainOpenChannel (VIR_DOMAIN_CHANNEL_*): NAME is the channel's name or its alias; NULL is the first channel. It
 * fails as vx_open_console does. */
VxOpenDevice *vx_open_channel(VxDriver *driver, VxDomainObj *domain, const char *name, unsigned flags, GError **error);

/* The same for CHR of the live definition of DOMAIN, whose guest is ID, for whoever needs a channel in the driver
 * itself. TAKE: also when somebody else has it. */
VxOpenDevice *vx_open_device(VxDriver *driver, VxDomainObj *domain, int id, const VxChr *chr, bool take,
                             GError **error);
#define VX_REVOKE_WAIT_MS 10000

/* The descriptor of DEVICE, non-blocking, the caller's to close before vx_open_device_close. Once. */
int vx_open_device_take_fd(VxOpenDevice *device);

/* Who is to be told when DEVICE is taken away, perhaps at once; FREE(DATA) with the device (both may be NULL). */
void vx_open_device_set_revoke(VxOpenDevice *device, VxDeviceRevoke revoke, gpointer data, GDestroyNotify free_data);

/* Lets others have it. */
void vx_open_device_close(VxOpenDevice *device);
