/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/dump.h"

#include <libvirt/libvirt.h>

#include "driver/change.h"
#include "driver/define.h"
#include "driver/life_state.h"
#include "util/vx_error.h"

/* What Xen writes has nothing but memory in it, so that VIR_DUMP_MEMORY_ONLY changes nothing. */
#define DUMP_FLAGS (VIR_DUMP_CRASH | VIR_DUMP_LIVE | VIR_DUMP_RESET | VIR_DUMP_MEMORY_ONLY)

static bool check(const char *path, unsigned format, unsigned flags, GError **error)
{
    if (!vx_check_flags(flags, DUMP_FLAGS, "virDomainCoreDumpWithFormat", error))
        return false;
    if ((flags & VIR_DUMP_CRASH) && (flags & (VIR_DUMP_LIVE | VIR_DUMP_RESET)))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "a domain that is to crash can neither run on nor be reset");
    if (format != VIR_DOMAIN_CORE_DUMP_FORMAT_RAW)
        return vx_fail(error, VIR_ERR_ARGUMENT_UNSUPPORTED, "Xen dumps memory in its own format only: ask for 'raw'");
    if (!g_path_is_absolute(path))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "'%s' is no absolute path", path);
    return true;
}

static bool write_dump(VxDriver *driver, int id, const char *path, GError **error)
{
    VxWait wait;

    vx_wait_begin(&wait);
    driver->hypervisor->ops->dump_core(driver->hypervisor, id, path, vx_wait_done, &wait);
    return vx_wait_end(&wait, NULL, error);
}

/* What becomes of the guest when the dump is written. */
static bool finish(VxDriver *driver, VxChange *change, unsigned flags, GError **error)
{
    int id = change->view.id;

    if (flags & VIR_DUMP_RESET)
        return driver->hypervisor->ops->trigger(driver->hypervisor, id, VX_GUEST_TRIGGER_RESET, error);
    if (!(flags & VIR_DUMP_CRASH))
        return true;
    if (!vx_life_end(driver, change->domain, id, VIR_DOMAIN_SHUTOFF_CRASHED, VIR_DOMAIN_EVENT_STOPPED_CRASHED, error))
        return false;
    vx_define_withdraw(driver, change->domain, change->view.live->name);
    return true;
}

static bool pause_guest(VxDriver *driver, VxChange *change, GError **error)
{
    if (!driver->hypervisor->ops->pause(driver->hypervisor, change->view.id, error))
        return false;
    vx_life_become_paused(driver, change->domain, change->view.id, true, VIR_DOMAIN_PAUSED_DUMP);
    return true;
}

static bool unpause_guest(VxDriver *driver, VxChange *change, GError **error)
{
    if (!driver->hypervisor->ops->unpause(driver->hypervisor, change->view.id, error))
        return false;
    vx_life_become_paused(driver, change->domain, change->view.id, false, VIR_DOMAIN_RUNNING_UNPAUSED);
    return true;
}

bool vx_core_dump(VxDriver *driver, VxDomainObj *domain, const char *path, unsigned format, unsigned flags,
                  GError **error)
{
    g_auto(VxChange) change = {0};
    bool pauses, good;

    if (!check(path, format, flags, error) || !vx_life_check_not_host(domain, error) ||
        !vx_change_begin(&change, domain, "dump", VIR_DOMAIN_AFFECT_LIVE, error) ||
        !vx_driver_need_hypervisor(driver, error))
        return false;
    pauses = !(flags & VIR_DUMP_LIVE) && change.view.state == VIR_DOMAIN_RUNNING;
    if (pauses && !pause_guest(driver, &change, error))
        return false;
    good = write_dump(driver, change.view.id, path, error);
    if (pauses && !(good && (flags & VIR_DUMP_CRASH)) && !unpause_guest(driver, &change, good ? error : NULL))
        return false;
    return good && finish(driver, &change, flags, error);
}
