/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Disks that a device model does not serve.
 */
#include "libxl/libxl_disk_check.h"

#include <libvirt/virterror.h>
#include <string.h>

#include "fake_store.h"
#include "util/vx_error.h"

#define WAIT_MS 60

static void add_disk(int devid, const char *kind, int backend_domain, const char *name, const char *state)
{
    g_autofree char *backend = g_strdup_printf("/local/domain/%d/backend/%s/7/%d", backend_domain, kind, devid);

    fake_store_put(backend, "/libxl/7/device/vbd/%d/backend", devid);
    fake_store_put(name, "%s/dev", backend);
    fake_store_put(state, "%s/state", backend);
}

static void served(void)
{
    GError *error = NULL;

    fake_store_clear();
    g_assert_true(vx_libxl_check_disks(FAKE_STORE, 7, WAIT_MS, &error));
    add_disk(51712, "qdisk", 0, "xvda", "2");
    add_disk(51728, "qdisk", 0, "xvdb", "4");
    g_assert_true(vx_libxl_check_disks(FAKE_STORE, 7, WAIT_MS, &error));
    g_assert_no_error(error);
}

static void not_served(void)
{
    GError *error = NULL;

    fake_store_clear();
    add_disk(51712, "qdisk", 0, "xvda", "4");
    add_disk(51728, "qdisk", 0, "xvdb", "1");
    g_assert_false(vx_libxl_check_disks(FAKE_STORE, 7, WAIT_MS, &error));
    g_assert_error(error, VX_ERROR, VIR_ERR_OPERATION_FAILED);
    g_assert_nonnull(strstr(error->message, "'xvdb'"));
    g_clear_error(&error);
}

/* The kernel's, those of another domain, which has its own ways to say so, and a drive that may be empty. */
static void of_others(void)
{
    GError *error = NULL;

    fake_store_clear();
    add_disk(51712, "vbd", 0, "xvda", "1");
    add_disk(51728, "qdisk", 3, "xvdb", "1");
    add_disk(5632, "qdisk", 0, "hdc", "1");
    fake_store_put("cdrom", "/local/domain/0/backend/qdisk/7/5632/device-type");
    g_assert_true(vx_libxl_check_disks(FAKE_STORE, 7, WAIT_MS, &error));
    g_assert_no_error(error);
    fake_store_clear();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/libxl/disks/served", served);
    g_test_add_func("/libxl/disks/not-served", not_served);
    g_test_add_func("/libxl/disks/of-others", of_others);
    return g_test_run();
}
