/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/status.h"

#include <errno.h>
#include <libvirt/libvirt.h>
#include <string.h>
#include <unistd.h>

#include "conf/domain_xml.h"
#include "conf/xml_source.h"
#include "util/vx_error.h"
#include "util/vx_file.h"

#define SUFFIX ".xml"

/* ---- words ---- */

/* libvirt's words for the reasons of each state, in the order of its enums. */
static const char *const no_reasons[] = {"unknown", NULL};
static const char *const running_reasons[] = {
    "unknown",       "booted", "migrated", "restored",  "from snapshot",    "unpaused", "migration canceled",
    "save canceled", "wakeup", "crashed",  "post-copy", "post-copy failed", NULL};
static const char *const paused_reasons[] = {
    "unknown",  "user",     "migration", "save",        "dump",      "ioerror",          "watchdog",  "from snapshot",
    "shutdown", "snapshot", "panicked",  "starting up", "post-copy", "post-copy failed", "api error", NULL};
static const char *const shutdown_reasons[] = {"unknown", "user", NULL};
static const char *const shutoff_reasons[] = {"unknown", "shutdown", "destroyed",     "crashed", "migrated",
                                              "saved",   "failed",   "from snapshot", "daemon",  NULL};
static const char *const crashed_reasons[] = {"unknown", "panicked", NULL};

static const struct {
    const char *name;
    const char *const *reasons;
} states[] = {
    [VIR_DOMAIN_NOSTATE] = {"nostate", no_reasons},         [VIR_DOMAIN_RUNNING] = {"running", running_reasons},
    [VIR_DOMAIN_BLOCKED] = {"blocked", no_reasons},         [VIR_DOMAIN_PAUSED] = {"paused", paused_reasons},
    [VIR_DOMAIN_SHUTDOWN] = {"shutdown", shutdown_reasons}, [VIR_DOMAIN_SHUTOFF] = {"shutoff", shutoff_reasons},
    [VIR_DOMAIN_CRASHED] = {"crashed", crashed_reasons},    [VIR_DOMAIN_PMSUSPENDED] = {"pmsuspended", no_reasons},
};

static const char *reason_name(int state, int reason)
{
    const char *const *reasons = states[state].reasons;

    return reason >= 0 && reason < (int)g_strv_length((gchar **)reasons) ? reasons[reason] : reasons[0];
}

static bool parse_state(const char *text, int *state)
{
    for (unsigned i = 0; text && i < G_N_ELEMENTS(states); i++) {
        if (strcmp(states[i].name, text) == 0) {
            *state = (int)i;
            return true;
        }
    }
    return false;
}

/* The reason is only for show: another one than those known does no harm. */
static int parse_reason(int state, const char *text)
{
    for (int i = 0; text && states[state].reasons[i]; i++) {
        if (strcmp(states[state].reasons[i], text) == 0)
            return i;
    }
    return 0;
}

static const char *const pendings[] = {VX_PENDING_START, VX_PENDING_PAUSED, VX_PENDING_RESTART, VX_PENDING_SAVE,
                                       VX_PENDING_REBOOT};

static const char *parse_pending(const char *text)
{
    for (unsigned i = 0; text && i < G_N_ELEMENTS(pendings); i++) {
        if (strcmp(pendings[i], text) == 0)
            return pendings[i];
    }
    return NULL;
}

/* ---- writing ---- */

static char *status_path(const VxDriver *driver, const char *name)
{
    return g_strconcat(driver->config.run_folder, "/", name, SUFFIX, NULL);
}

#define HEAD                                                                                                           \
    "<!--\nThe state of a running domain, for the daemon to find it after a restart: it is written anew at every "     \
    "change.\n-->\n"

static char *format(const VxDomainRecord *record, int state, int reason, const char *pending)
{
    gsize length;
    const char *xml = vx_domain_record_text(record, &length);
    GString *text = g_string_sized_new(length + 300);

    g_string_append_printf(text, HEAD "<domstatus state='%s' reason='%s' pid='0'>\n", states[state].name,
                           reason_name(state, reason));
    if (pending)
        g_string_append_printf(text, "  <pending action='%s'/>\n", pending);
    g_string_append_len(text, xml, (gssize)length);
    g_string_append(text, "</domstatus>\n");
    return g_string_free(text, FALSE);
}

/* The status lock is held, so that what was looked at last is written last. */
static void write_locked(VxDriver *driver, VxDomainObj *domain, VxDomainRecord *fallback)
{
    g_autoptr(VxDomainRecord) record = NULL;
    g_autofree char *path = NULL, *text = NULL;
    g_autoptr(GError) error = NULL;
    const char *pending;
    bool is_kept;
    int state, reason;

    g_mutex_lock(&domain->lock);
    record = domain->live ? domain->live : fallback;
    if (record)
        vx_domain_record_ref(record);
    pending = domain->pending;
    state = domain->state;
    reason = domain->reason;
    is_kept = !domain->is_foreign && !domain->is_domain_zero && (domain->live || (pending && fallback));
    g_mutex_unlock(&domain->lock);
    if (!record || !is_kept)
        return;
    path = status_path(driver, record->name);
    text = format(record, state, reason, pending);
    if (!vx_file_write_volatile(path, text, strlen(text), 0600, &error))
        g_warning("the state of domain '%s' cannot be kept: %s", record->name, error->message);
}

void vx_status_write(VxDriver *driver, VxDomainObj *domain)
{
    if (!driver->config.run_folder)
        return;
    g_mutex_lock(&domain->status_lock);
    write_locked(driver, domain, NULL);
    g_mutex_unlock(&domain->status_lock);
}

void vx_status_set_pending(VxDriver *driver, VxDomainObj *domain, const char *pending, VxDomainRecord *record)
{
    g_mutex_lock(&domain->status_lock);
    g_mutex_lock(&domain->lock);
    domain->pending = pending;
    g_mutex_unlock(&domain->lock);
    if (driver->config.run_folder)
        write_locked(driver, domain, record);
    g_mutex_unlock(&domain->status_lock);
}

void vx_status_remove(VxDriver *driver, const char *name)
{
    g_autofree char *path = NULL;

    if (!driver->config.run_folder)
        return;
    path = status_path(driver, name);
    if (unlink(path) < 0 && errno != ENOENT)
        g_warning("cannot remove %s: %s", path, g_strerror(errno));
}

/* ---- reading ---- */

static VxDomainDef *parse_domain(const VxXmlNode *node, const char *path, GError **error)
{
    g_autofree char *text = vx_xml_verbatim(node);
    g_autoptr(VxDiag) diag = vx_diag_new(path, text, strlen(text), VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) def = vx_domain_def_parse(text, strlen(text), VX_READ_LIVE, diag);
    guint8 uuid[16];

    if (!def || vx_diag_n_errors(diag) > 0) {
        g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_XML_ERROR));
        return NULL;
    }
    if (!def->name || !def->uuid || !vx_uuid_parse(def->uuid, uuid)) {
        vx_fail(error, VIR_ERR_XML_ERROR, "it lacks a <name> or a <uuid>");
        return NULL;
    }
    return g_steal_pointer(&def);
}

static bool parse_root(const VxXmlNode *root, const char *path, VxStatus *status, GError **error)
{
    const char *state = vx_xml_value(root, "state"), *reason = vx_xml_value(root, "reason");
    const VxXmlNode *domain = vx_xml_child(root, "domain"), *pending = vx_xml_child(root, "pending");
    const char *action = pending ? vx_xml_value(pending, "action") : NULL;

    if (strcmp(root->name, "domstatus") != 0 || !domain)
        return vx_fail(error, VIR_ERR_XML_ERROR, "it is no <domstatus> of a <domain>");
    if (!parse_state(state, &status->state))
        return vx_fail(error, VIR_ERR_XML_ERROR, "its state '%.40s' is none that is known", state ? state : "");
    status->reason = parse_reason(status->state, reason);
    status->pending = parse_pending(action);
    status->def = parse_domain(domain, path, error);
    if (!status->def)
        return false;
    status->id = status->def->id.given ? (int)status->def->id.value : -1;
    return true;
}

static bool load_file(VxDriver *driver, const char *path, const char *name, VxStatusVisit visit, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(VxDiag) diag = NULL;
    g_autoptr(VxXmlDocument) document = NULL;
    VxStatus status = {0};
    gsize length;
    bool good;

    if (!vx_file_read(path, VX_FILE_MAX_BYTES, &text, &length, error))
        return false;
    diag = vx_diag_new(path, text, length, VX_DIAG_QUIET);
    document = vx_xml_parse(text, length, diag);
    if (!document) {
        g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_XML_ERROR));
        return false;
    }
    good = parse_root(vx_xml_root(document), path, &status, error);
    if (good && strcmp(status.def->name, name) != 0)
        good = vx_fail(error, VIR_ERR_XML_ERROR, "it is of the domain '%.60s'", status.def->name);
    good = good && visit(driver, &status, error);
    vx_domain_def_free(status.def);
    return good;
}

void vx_status_load(VxDriver *driver, VxStatusVisit visit)
{
    g_autoptr(GDir) dir = g_dir_open(driver->config.run_folder, 0, NULL);
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(driver->config.run_folder, entry, NULL);
        g_autoptr(GError) error = NULL;
        g_autofree char *name = NULL;

        if (vx_file_is_aside(entry)) {
            unlink(path);
            continue;
        }
        if (!g_str_has_suffix(entry, SUFFIX) || entry[0] == '.')
            continue;
        name = g_strndup(entry, strlen(entry) - strlen(SUFFIX));
        if (!load_file(driver, path, name, visit, &error))
            g_warning("cannot use %s: %s", path, error->message);
    }
}
