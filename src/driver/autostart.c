/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/autostart.h"

#include <fcntl.h>
#include <libvirt/libvirt.h>
#include <unistd.h>

#include "driver/life.h"
#include "driver/life_state.h"
#include "util/vx_error.h"

#define AT_ONCE 4

/* Whether nobody has done it since the host has started; it is marked as done. */
static bool is_due(const VxDriver *driver)
{
    g_autofree char *path = g_build_filename(driver->config.run_folder, "autostarted", NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return false;
    close(fd);
    return true;
}

static bool is_wanted(VxDomainObj *domain)
{
    bool is;

    g_mutex_lock(&domain->lock);
    is = domain->autostart && domain->persistent && !domain->live;
    g_mutex_unlock(&domain->lock);
    return is;
}

static void start(VxDriver *driver, VxDomainObj *domain)
{
    g_autoptr(GError) error = NULL;
    char uuid[VX_UUID_TEXT_BYTES];

    if (g_atomic_int_get(&driver->is_stopping) || !is_wanted(domain) || vx_start(driver, domain, 0, NULL, &error))
        return;
    if (!is_wanted(domain)) /* somebody has started it, or does not want it any more */
        return;
    vx_uuid_format(domain->uuid, uuid);
    g_warning("the domain of UUID %s cannot be started with the host: %s", uuid, error->message);
}

/* One of AT_ONCE tasks, the number NUMBER: it has every so many-th domain started. */
static void start_some(VxDriver *driver, VxDomainObj *unused, int number)
{
    g_autoptr(GPtrArray) domains = vx_domain_list_all(driver->list);

    (void)unused;
    for (unsigned i = 0; i < domains->len; i++) {
        VxDomainObj *domain = domains->pdata[i];

        if (domain->uuid[15] % AT_ONCE == number)
            start(driver, domain);
    }
}

void vx_autostart_begin(VxDriver *driver)
{
    if (!driver->config.run_folder || !is_due(driver))
        return;
    for (int i = 0; i < AT_ONCE; i++)
        vx_life_push_task(driver, start_some, NULL, i);
}
