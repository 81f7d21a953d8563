/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Users and groups as settings name them. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include <glib.h>

/* The user, or group, of that NAME, which may be a number; -1 of "". Fails with VIR_ERR_CONF_SYNTAX when there is none
 * on this host. */
bool vx_find_user(const char *name, uid_t *user, GError **error);
bool vx_find_group(const char *name, gid_t *group, GError **error);
