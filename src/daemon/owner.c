/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

#include "util/vx_error.h"

#define MAX_BYTES 65536 /* of a group with all its members */

static bool parse_number(const char *name, guint32 *number)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(name, 10, 0, G_MAXUINT32 - 1, &value, NULL))
        return false;
    *number = (guint32)value;
    return true;
}

static bool fail(const char *what, const char *name, int why, GError **error)
{
    return vx_fail(error, VIR_ERR_CONF_SYNTAX, "there is no %s '%.60s' on this host%s%s", what, name, why ? ": " : "",
                   why ? g_strerror(why) : "");
}

bool vx_find_user(const char *name, uid_t *user, GError **error)
{
    g_autofree char *buffer = g_malloc(MAX_BYTES);
    struct passwd entry, *found = NULL;
    int why;

    *user = (uid_t)-1;
    if (!*name || parse_number(name, user))
        return true;
    why = getpwnam_r(name, &entry, buffer, MAX_BYTES, &found);
    if (!found)
        return fail("user", name, why, error);
    *user = found->pw_uid;
    return true;
}

bool vx_find_group(const char *name, gid_t *group, GError **error)
{
    g_autofree char *buffer = g_malloc(MAX_BYTES);
    struct group entry, *found = NULL;
    int why;

    *group = (gid_t)-1;
    if (!*name || parse_number(name, group))
        return true;
    why = getgrnam_r(name, &entry, buffer, MAX_BYTES, &found);
    if (!found)
        return fail("group", name, why, error);
    *group = found->gr_gid;
    return true;
}
