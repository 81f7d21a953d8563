/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/domain_store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "driver/store_paths.h"
#include "util/vx_error.h"
#include "util/vx_file.h"

#define FOLDER_MODE 0700
#define FILE_MODE 0600 /* a definition may hold passwords */

static bool make_folder(const char *folder, GError **error)
{
    if (g_mkdir_with_parents(folder, FOLDER_MODE) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make the folder %s", folder);
    return true;
}

VxDomainStore *vx_domain_store_new(const char *folder, const char *autostart_folder, GError **error)
{
    VxDomainStore *store;

    if (!make_folder(folder, error) || !make_folder(autostart_folder, error))
        return NULL;
    store = g_new0(VxDomainStore, 1);
    store->folder = g_strdup(folder);
    store->autostart_folder = g_strdup(autostart_folder);
    return store;
}

void vx_domain_store_free(VxDomainStore *store)
{
    if (!store)
        return;
    g_free(store->folder);
    g_free(store->autostart_folder);
    g_free(store);
}

char *vx_store_path(const VxDomainStore *store, const char *name)
{
    return g_strconcat(store->folder, "/", name, VX_STORE_SUFFIX, NULL);
}

char *vx_store_autostart_path(const VxDomainStore *store, const char *name)
{
    return g_strconcat(store->autostart_folder, "/", name, VX_STORE_SUFFIX, NULL);
}

/* ---- small steps ---- */

static bool remove_file(const char *path, GError **error)
{
    if (unlink(path) < 0 && errno != ENOENT)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot remove %s", path);
    return true;
}

bool vx_store_set_aside(const char *path, GError **error)
{
    for (unsigned i = 0;; i++) {
        g_autofree char *aside =
            i == 0 ? g_strconcat(path, ".damaged", NULL) : g_strdup_printf("%s.damaged.%u", path, i);

        if (faccessat(AT_FDCWD, aside, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            continue;
        if (rename(path, aside) < 0)
            return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot set %s aside", path);
        g_warning("%s is kept as %s", path, aside);
        return true;
    }
}

/* The name as a shell takes it without quotes and a comment of XML allows it, or else the UUID. */
static void append_handle(const VxDomainRecord *record, GString *out)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@+=,";
    char uuid[VX_UUID_TEXT_BYTES];

    if (strspn(record->name, safe) == strlen(record->name) && record->name[0] != '-' && !strstr(record->name, "--")) {
        g_string_append(out, record->name);
        return;
    }
    vx_uuid_format(record->uuid, uuid);
    g_string_append(out, uuid);
}

static bool write_record(const char *path, const VxDomainRecord *record, GError **error)
{
    gsize length;
    const char *xml = vx_domain_record_text(record, &length);
    g_autoptr(GString) text = g_string_sized_new(length + 320);

    g_string_append(text,
                    "<!--\nThis file is written by the daemon that runs the domain: what is changed here by hand is\n"
                    "lost with its next change. Change the domain through libvirt instead, for example with:\n"
                    "  virsh edit ");
    append_handle(record, text);
    g_string_append(text, "\n-->\n\n");
    g_string_append_len(text, xml, (gssize)length);
    return vx_file_write(path, text->str, text->len, FILE_MODE, error);
}

static bool make_link(const char *target, const char *link_path, GError **error)
{
    if (!remove_file(link_path, error))
        return false;
    if (symlink(target, link_path) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make the link %s", link_path);
    return true;
}

/* ---- changes ---- */

/* Makes room for a definition that is new under NAME. */
static bool clear_place(VxDomainStore *store, const char *name, GError **error)
{
    g_autofree char *path = vx_store_path(store, name);
    g_autofree char *link_path = vx_store_autostart_path(store, name);

    if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 && !vx_store_set_aside(path, error))
        return false;
    return remove_file(link_path, error);
}

bool vx_domain_store_save(VxDomainStore *store, const VxDomainRecord *record, bool is_new, GError **error)
{
    g_autofree char *path = vx_store_path(store, record->name);

    return (!is_new || clear_place(store, record->name, error)) && write_record(path, record, error);
}

/* The file goes first, and for good before the link does: otherwise a crash between the two would leave a domain that
 * no longer starts with the host. A link that points nowhere does no harm, and loading removes it. */
bool vx_domain_store_remove(VxDomainStore *store, const char *name, GError **error)
{
    g_autofree char *path = vx_store_path(store, name);
    g_autofree char *link_path = vx_store_autostart_path(store, name);

    return remove_file(path, error) && vx_file_sync_folder(store->folder, error) && remove_file(link_path, error) &&
           vx_file_sync_folder(store->autostart_folder, error);
}

/* The text becomes the new one under the old file name first: that is the moment at which the domain is renamed, and
 * loading finishes what a crash leaves undone after it. A link that points nowhere does no harm, so the new one is made
 * before and the old one removed after. */
bool vx_domain_store_rename(VxDomainStore *store, const char *old_name, const VxDomainRecord *record, bool autostart,
                            GError **error)
{
    g_autofree char *old_path = vx_store_path(store, old_name);
    g_autofree char *new_path = vx_store_path(store, record->name);
    g_autofree char *old_link = vx_store_autostart_path(store, old_name);
    g_autofree char *new_link = vx_store_autostart_path(store, record->name);

    if (!clear_place(store, record->name, error))
        return false;
    if (autostart && (!make_link(new_path, new_link, error) || !vx_file_sync_folder(store->autostart_folder, error)))
        return false;
    if (!write_record(old_path, record, error))
        return false;
    if (rename(old_path, new_path) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot rename %s to %s", old_path, new_path);
    return remove_file(old_link, error) && vx_file_sync_folder(store->autostart_folder, error) &&
           vx_file_sync_folder(store->folder, error);
}

bool vx_domain_store_set_autostart(VxDomainStore *store, const char *name, bool autostart, GError **error)
{
    g_autofree char *path = vx_store_path(store, name);
    g_autofree char *link_path = vx_store_autostart_path(store, name);
    bool done = autostart ? make_link(path, link_path, error) : remove_file(link_path, error);

    return done && vx_file_sync_folder(store->autostart_folder, error);
}
