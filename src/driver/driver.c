/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/driver.h"

#include <errno.h>
#include <libvirt/libvirt.h>

#include "driver/agents.h"
#include "driver/life.h"
#include "driver/life_state.h"
#include "driver/reconnect.h"
#include "driver/save.h"
#include "util/vx_error.h"

static void copy_config(VxDriverConfig *to, const VxDriverConfig *from)
{
    *to = *from;
    to->config_folder = g_strdup(from->config_folder);
    to->autostart_folder = g_strdup(from->autostart_folder);
    to->run_folder = g_strdup(from->run_folder);
    to->save_folder = g_strdup(from->save_folder);
    to->dump_folder = g_strdup(from->dump_folder);
    to->channel_folder = g_strdup(from->channel_folder);
    to->lock_folder = g_strdup(from->lock_folder);
    to->emulator = g_strdup(from->emulator);
    to->hvmloader = g_strdup(from->hvmloader);
    to->agent_channels = (const char *const *)g_strdupv((char **)from->agent_channels);
}

static void clear_config(VxDriverConfig *config)
{
    g_free((char *)config->config_folder);
    g_free((char *)config->autostart_folder);
    g_free((char *)config->run_folder);
    g_free((char *)config->save_folder);
    g_free((char *)config->dump_folder);
    g_free((char *)config->channel_folder);
    g_free((char *)config->lock_folder);
    g_free((char *)config->emulator);
    g_free((char *)config->hvmloader);
    g_strfreev((char **)config->agent_channels);
}

static bool take_record(VxDomainRecord *record, bool autostart, gpointer data, GError **error)
{
    VxDriver *driver = data;
    bool is_new;
    g_autoptr(VxDomainObj) domain = vx_domain_list_claim(driver->list, record->uuid, record->name, &is_new, error);

    if (!domain)
        return false;
    g_mutex_lock(&domain->lock);
    domain->persistent = vx_domain_record_ref(record);
    domain->autostart = autostart;
    g_mutex_unlock(&domain->lock);
    return true;
}

#define MINIMUM_LIFE_MS 10000

static bool begin_life(VxDriver *driver, GError **error)
{
    const char *folder = driver->config.run_folder;

    if (folder && g_mkdir_with_parents(folder, 0700) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make the folder '%s'", folder);
    driver->minimum_life_ms = MINIMUM_LIFE_MS;
    driver->tasks = g_thread_pool_new(vx_life_run_task, driver, -1, FALSE, NULL);
    driver->agents = vx_agents_new(driver, error);
    if (!driver->agents)
        return false;
    vx_reconnect(driver);
    return true;
}

/* What the driver does by itself comes to its end, and nothing more is begun. */
static void end_life(VxDriver *driver)
{
    g_mutex_lock(&driver->tasks_lock);
    g_atomic_int_set(&driver->is_stopping, true);
    g_mutex_unlock(&driver->tasks_lock);
    driver->hypervisor->ops->watch(driver->hypervisor, NULL, NULL);
    if (driver->tasks)
        g_thread_pool_free(driver->tasks, FALSE, TRUE);
    vx_agents_free(driver->agents);
    driver->hypervisor->ops->free(driver->hypervisor);
}

VxDriver *vx_driver_new(const VxDriverConfig *config, VxHypervisor *hypervisor, GError **error)
{
    g_autoptr(VxDriver) driver = g_new0(VxDriver, 1);

    g_mutex_init(&driver->tasks_lock);
    copy_config(&driver->config, config);
    driver->hypervisor = hypervisor;
    driver->list = vx_domain_list_new();
    driver->events = vx_domain_events_new();
    driver->store = vx_domain_store_new(config->config_folder, config->autostart_folder, error);
    if (!driver->store || !vx_domain_store_load(driver->store, take_record, driver, error))
        return NULL;
    vx_managed_save_load(driver);
    if (hypervisor && !begin_life(driver, error))
        return NULL;
    return g_steal_pointer(&driver);
}

void vx_driver_free(VxDriver *driver)
{
    if (!driver)
        return;
    if (driver->hypervisor)
        end_life(driver);
    vx_domain_list_free(driver->list);
    vx_domain_store_free(driver->store);
    vx_domain_events_free(driver->events);
    clear_config(&driver->config);
    g_mutex_clear(&driver->tasks_lock);
    g_free(driver);
}

bool vx_driver_need_hypervisor(const VxDriver *driver, GError **error)
{
    if (!driver->hypervisor)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "no Xen hypervisor on this host");
    return true;
}

void vx_host_info_clear(VxHostInfo *info)
{
    g_clear_pointer(&info->capabilities, g_free);
}

void vx_guest_vcpu_clear(gpointer vcpu)
{
    g_clear_pointer(&((VxGuestVcpu *)vcpu)->map, g_free);
}

void vx_guest_channel_free(VxGuestChannel *channel)
{
    if (!channel)
        return;
    g_free(channel->name);
    g_free(channel->path);
    g_free(channel);
}
