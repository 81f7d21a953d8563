/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/owner.h"

#include "util/vx_error.h"

static void test_user(void)
{
    g_autoptr(GError) error = NULL;
    uid_t user = 5;

    g_assert_true(vx_find_user("", &user, &error));
    g_assert_cmpuint(user, ==, (uid_t)-1);
    g_assert_true(vx_find_user("root", &user, &error));
    g_assert_cmpuint(user, ==, 0);
    g_assert_true(vx_find_user("12345", &user, &error));
    g_assert_cmpuint(user, ==, 12345);
    g_assert_false(vx_find_user("no such user", &user, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_CONF_SYNTAX);
    g_assert_cmpstr(error->message, ==, "there is no user 'no such user' on this host");
}

static void test_group(void)
{
    g_autoptr(GError) error = NULL;
    gid_t group = 5;

    g_assert_true(vx_find_group("", &group, &error));
    g_assert_cmpuint(group, ==, (gid_t)-1);
    g_assert_true(vx_find_group("root", &group, &error));
    g_assert_cmpuint(group, ==, 0);
    /* -1, which would mean none, is no number of a group */
    g_assert_false(vx_find_group("4294967295", &group, &error));
    g_assert_cmpstr(error->message, ==, "there is no group '4294967295' on this host");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/daemon/owner/user", test_user);
    g_test_add_func("/daemon/owner/group", test_group);
    return g_test_run();
}
