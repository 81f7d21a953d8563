/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/save.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <string.h>
#include <unistd.h>

#include "conf/domain_xml.h"
#include "driver/change.h"
#include "driver/complete.h"
#include "driver/define.h"
#include "driver/save_image.h"
#include "driver/status.h"
#include "util/vx_error.h"

#define SAVE_FLAGS (VIR_DOMAIN_SAVE_BYPASS_CACHE | VIR_DOMAIN_SAVE_RUNNING | VIR_DOMAIN_SAVE_PAUSED)

static bool check_save_flags(unsigned flags, const char *call, GError **error)
{
    if ((flags & VIR_DOMAIN_SAVE_RUNNING) && (flags & VIR_DOMAIN_SAVE_PAUSED))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "a domain is either running or paused: give one of the two flags");
    return vx_check_flags(flags, SAVE_FLAGS, call, error);
}

static bool choose_paused(unsigned flags, bool is_paused)
{
    return flags & VIR_DOMAIN_SAVE_PAUSED || (is_paused && !(flags & VIR_DOMAIN_SAVE_RUNNING));
}

/* ---- definitions ---- */

/* The definition of a client's XML, or of that of an image. */
static VxDomainDef *read_xml(VxDriver *driver, const char *xml, GError **error)
{
    VxDomainDef *def = vx_complete_xml(driver, xml, 0, error);

    if (def)
        vx_life_strip(def);
    return def;
}

/* Whether XML can take the place of OLD. */
static VxDomainDef *replace_xml(VxDriver *driver, const char *old, const char *xml, GError **error)
{
    g_autoptr(VxDomainDef) was = read_xml(driver, old, error);
    g_autoptr(VxDomainDef) def = was ? read_xml(driver, xml, error) : NULL;

    if (!def)
        return NULL;
    if (g_ascii_strcasecmp(was->uuid, def->uuid) != 0 || strcmp(was->name, def->name) != 0) {
        vx_fail(error, VIR_ERR_INVALID_ARG, "the saved domain is '%s' with uuid %s: leave both as they are", was->name,
                was->uuid);
        return NULL;
    }
    return g_steal_pointer(&def);
}

/* What is written of the running domain: XML, or else what it is. The caller frees it. */
static char *xml_to_save(VxDriver *driver, const VxDomainRecord *live, const char *xml, GError **error)
{
    g_autoptr(VxDomainDef) def = NULL;

    if (!xml)
        return g_strdup(vx_domain_record_text(live, NULL));
    def = replace_xml(driver, live->text, xml, error);
    return def ? vx_domain_def_format(def, VX_WRITE_SECRETS, NULL) : NULL;
}

/* ---- saving ---- */

static bool run_on(VxDriver *driver, VxDomainObj *domain, int id)
{
    g_autoptr(GError) error = NULL;
    VxWait wait;

    vx_wait_begin(&wait);
    driver->hypervisor->ops->resume(driver->hypervisor, id, vx_wait_done, &wait);
    if (!vx_wait_end(&wait, NULL, &error))
        g_info("guest %d cannot be resumed: %s", id, error->message);
    vx_life_refresh(driver, domain);
    return false;
}

/* Writes the state behind what FILE has, and ends the guest. */
static bool save_guest(VxDriver *driver, VxDomainObj *domain, int id, VxSaveFile *file, bool drops_cache,
                       GError **error)
{
    VxWait wait;

    vx_wait_begin(&wait);
    driver->hypervisor->ops->save(driver->hypervisor, id, file->fd, vx_wait_done, &wait);
    if (!vx_wait_end(&wait, NULL, error) || !vx_save_file_finish(file, drops_cache, error))
        return run_on(driver, domain, id);
    if (vx_life_end(driver, domain, id, VIR_DOMAIN_SHUTOFF_SAVED, VIR_DOMAIN_EVENT_STOPPED_SAVED, error))
        return true;
    unlink(file->path); /* of a guest that runs on, a file of its past would ruin the disks */
    return run_on(driver, domain, id);
}

/* Under the job of CHANGE. */
static bool save_to(VxDriver *driver, VxChange *change, const char *path, const char *xml, unsigned flags,
                    GError **error)
{
    bool is_paused = choose_paused(flags, change->view.state == VIR_DOMAIN_PAUSED), done;
    g_autofree char *text = NULL;
    g_auto(VxSaveFile) file = {.fd = -1};

    if (change->view.state != VIR_DOMAIN_RUNNING && change->view.state != VIR_DOMAIN_PAUSED)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' has to be running to be saved",
                       change->view.live->name);
    text = xml_to_save(driver, change->view.live, xml, error);
    if (!text || !vx_save_file_begin(&file, path, text, is_paused, error))
        return false;
    vx_status_set_pending(driver, change->domain, VX_PENDING_SAVE, NULL);
    done = save_guest(driver, change->domain, change->view.id, &file, flags & VIR_DOMAIN_SAVE_BYPASS_CACHE, error);
    vx_status_set_pending(driver, change->domain, NULL, NULL);
    return done;
}

static bool begin_save(VxDriver *driver, VxChange *change, VxDomainObj *domain, GError **error)
{
    if (!vx_life_check_not_host(domain, error) ||
        !vx_change_begin(change, domain, "save", VIR_DOMAIN_AFFECT_LIVE, error) ||
        !vx_driver_need_hypervisor(driver, error))
        return false;
    vx_life_refresh(driver, domain);
    g_mutex_lock(&domain->lock);
    change->view.state = domain->state;
    g_mutex_unlock(&domain->lock);
    return true;
}

bool vx_save(VxDriver *driver, VxDomainObj *domain, const char *path, const char *xml, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};

    if (!check_save_flags(flags, "virDomainSaveFlags", error) || !begin_save(driver, &change, domain, error) ||
        !save_to(driver, &change, path, xml, flags, error))
        return false;
    vx_define_withdraw(driver, domain, change.view.live->name);
    return true;
}

/* ---- restoring ---- */

/* Under the job of DOMAIN. */
static bool restore_into(VxDriver *driver, VxDomainObj *domain, VxDomainRecord *record, const VxLifeStart *how,
                         GError **error)
{
    bool is_running;

    g_mutex_lock(&domain->lock);
    is_running = domain->live != NULL;
    g_mutex_unlock(&domain->lock);
    if (is_running)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' is already running", record->name);
    return vx_life_start(driver, domain, record, how, error);
}

bool vx_restore(VxDriver *driver, const char *path, const char *xml, unsigned flags, GError **error)
{
    g_auto(VxSaveImage) image = {.fd = -1};
    g_autoptr(VxDomainDef) def = NULL;
    g_autoptr(VxDomainRecord) record = NULL;
    g_autoptr(VxDomainObj) domain = NULL;
    VxLifeStart how = {0};
    bool done;

    if (!check_save_flags(flags, "virDomainRestoreFlags", error) || !vx_driver_need_hypervisor(driver, error) ||
        !vx_save_image_open(path, &image, error))
        return false;
    def = xml ? replace_xml(driver, image.xml, xml, error) : read_xml(driver, image.xml, error);
    if (!def)
        return false;
    record = vx_domain_record_new(def, false);
    domain = vx_define_claim(driver, record, "restore", error);
    if (!domain)
        return false;
    how = (VxLifeStart){.paused = choose_paused(flags, image.is_paused), .fd = image.fd};
    done = restore_into(driver, domain, record, &how, error);
    vx_define_withdraw(driver, domain, record->name);
    vx_domain_obj_end_job(domain);
    return done;
}

/* ---- images ---- */

char *vx_save_image_get_xml(const char *path, unsigned flags, GError **error)
{
    g_auto(VxSaveImage) image = {.fd = -1};
    g_autoptr(VxDiag) diag = NULL;
    g_autoptr(VxDomainDef) def = NULL;

    if (!vx_check_flags(flags, VIR_DOMAIN_SAVE_IMAGE_XML_SECURE, "virDomainSaveImageGetXMLDesc", error) ||
        !vx_save_image_open(path, &image, error))
        return NULL;
    diag = vx_diag_new(path, image.xml, strlen(image.xml), VX_DIAG_QUIET);
    def = vx_domain_def_parse(image.xml, strlen(image.xml), 0, diag);
    if (!def || vx_diag_n_errors(diag) > 0) {
        g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_XML_ERROR));
        return NULL;
    }
    vx_life_strip(def);
    return vx_domain_def_format(def, flags & VIR_DOMAIN_SAVE_IMAGE_XML_SECURE ? VX_WRITE_SECRETS : 0, NULL);
}

bool vx_save_image_define_xml(VxDriver *driver, const char *path, const char *xml, unsigned flags, GError **error)
{
    g_auto(VxSaveImage) image = {.fd = -1};
    g_autoptr(VxDomainDef) def = NULL;
    g_autofree char *text = NULL;

    if (!check_save_flags(flags, "virDomainSaveImageDefineXML", error) || !vx_save_image_open(path, &image, error))
        return false;
    def = replace_xml(driver, image.xml, xml, error);
    if (!def)
        return false;
    text = vx_domain_def_format(def, VX_WRITE_SECRETS, NULL);
    return vx_save_image_set_xml(path, text, choose_paused(flags, image.is_paused), error);
}

/* ---- managed saves ---- */

#define SUFFIX ".save"

static char *managed_path(const VxDriver *driver, const char *name)
{
    return g_strconcat(driver->config.save_folder, "/", name, SUFFIX, NULL);
}

static void set_managed(VxDomainObj *domain, bool has)
{
    g_mutex_lock(&domain->lock);
    domain->has_managed_save = has;
    g_mutex_unlock(&domain->lock);
}

bool vx_managed_save(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};
    g_autofree char *path = NULL;

    if (!check_save_flags(flags, "virDomainManagedSave", error) || !begin_save(driver, &change, domain, error))
        return false;
    if (!change.view.persistent)
        return vx_fail(error, VIR_ERR_OPERATION_INVALID,
                       "domain '%s' is transient: a managed save is of one that is defined", change.view.live->name);
    if (g_mkdir_with_parents(driver->config.save_folder, 0700) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make the folder '%s'",
                             driver->config.save_folder);
    path = managed_path(driver, change.view.persistent->name);
    if (!save_to(driver, &change, path, NULL, flags, error))
        return false;
    set_managed(domain, true);
    return true;
}

bool vx_has_managed_save(VxDomainObj *domain, unsigned flags, bool *has, GError **error)
{
    g_auto(VxDomainView) view = {0};

    if (!vx_check_flags(flags, 0, "virDomainHasManagedSaveImage", error) || !vx_domain_obj_look(domain, &view, error))
        return false;
    *has = view.has_managed_save;
    return true;
}

bool vx_managed_save_drop(VxDriver *driver, VxDomainObj *domain, const char *name, GError **error)
{
    g_autofree char *path = managed_path(driver, name);

    if (unlink(path) < 0 && errno != ENOENT)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot remove '%s'", path);
    set_managed(domain, false);
    return true;
}

bool vx_managed_save_remove(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};

    return vx_check_flags(flags, 0, "virDomainManagedSaveRemove", error) &&
           vx_change_begin(&change, domain, "remove the saved state of", VIR_DOMAIN_AFFECT_CONFIG, error) &&
           vx_managed_save_drop(driver, domain, change.view.persistent->name, error);
}

/* The path of the managed save of the domain whose job CHANGE has. NULL with *ERROR set when there is none. */
static char *need_managed(VxDriver *driver, VxChange *change, GError **error)
{
    if (change->view.has_managed_save)
        return managed_path(driver, change->view.persistent->name);
    vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' does not have managed save image",
            change->view.persistent->name);
    return NULL;
}

char *vx_managed_save_get_xml(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};
    g_autofree char *path = NULL;

    if (!vx_change_begin(&change, domain, "ask for the saved state of", VIR_DOMAIN_AFFECT_CONFIG, error))
        return NULL;
    path = need_managed(driver, &change, error);
    return path ? vx_save_image_get_xml(path, flags, error) : NULL;
}

bool vx_managed_save_define_xml(VxDriver *driver, VxDomainObj *domain, const char *xml, unsigned flags, GError **error)
{
    g_auto(VxChange) change = {0};
    g_autofree char *path = NULL;

    if (!vx_change_begin(&change, domain, "change the saved state of", VIR_DOMAIN_AFFECT_CONFIG, error))
        return false;
    path = need_managed(driver, &change, error);
    return path && vx_save_image_define_xml(driver, path, xml, flags, error);
}

bool vx_managed_save_start(VxDriver *driver, VxDomainObj *domain, const char *name, VxLifeStart how, GError **error)
{
    g_autofree char *path = managed_path(driver, name);
    g_auto(VxSaveImage) image = {.fd = -1};
    g_autoptr(VxDomainDef) def = NULL;
    g_autoptr(VxDomainRecord) record = NULL;
    g_autoptr(GError) why = NULL;

    if (!vx_save_image_open(path, &image, error))
        return false;
    def = read_xml(driver, image.xml, error);
    if (!def)
        return false;
    record = vx_domain_record_new(def, false);
    if (memcmp(record->uuid, domain->uuid, sizeof(record->uuid)) != 0 || strcmp(record->name, name) != 0)
        return vx_fail(error, VIR_ERR_OPERATION_FAILED,
                       "the saved state of domain '%s' is one of '%s' with uuid %s: start it with --force-boot", name,
                       def->name, def->uuid);
    how.fd = image.fd;
    how.paused = how.paused || image.is_paused;
    if (!vx_life_start(driver, domain, record, &how, error))
        return false;
    if (!vx_managed_save_drop(driver, domain, name, &why)) /* a second start from it would ruin the disks */
        g_warning("%s", why->message);
    set_managed(domain, false);
    return true;
}

/* Removes the file ENTRY if it is one that a killed daemon had begun to write. */
static void sweep_aside(const VxDriver *driver, const char *entry)
{
    const char *suffix = strstr(entry, SUFFIX ".");
    g_autofree char *path = g_build_filename(driver->config.save_folder, entry, NULL);

    if (suffix && strlen(suffix) == strlen(SUFFIX ".XXXXXX"))
        unlink(path);
}

void vx_managed_save_load(VxDriver *driver)
{
    g_autoptr(GDir) dir = driver->config.save_folder ? g_dir_open(driver->config.save_folder, 0, NULL) : NULL;
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *name = NULL;
        g_autoptr(VxDomainObj) domain = NULL;

        if (!g_str_has_suffix(entry, SUFFIX)) {
            sweep_aside(driver, entry);
            continue;
        }
        name = g_strndup(entry, strlen(entry) - strlen(SUFFIX));
        domain = vx_domain_list_find_name(driver->list, name);
        if (domain)
            set_managed(domain, true);
    }
}
