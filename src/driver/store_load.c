/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reading all definitions at the start. Files are parsed by as many threads as the host has CPUs; the visitor is called
 * by one at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/domain_xml.h"
#include "driver/store_paths.h"
#include "util/vx_error.h"
#include "util/vx_file.h"

typedef struct {
    VxDomainStore *store;
    VxStoreVisit visit;
    gpointer data;
    GPtrArray *names;  /* of files, without the suffix */
    GHashTable *links; /* names of the files in the autostart folder */
    gint next;         /* of names; atomic */
    GMutex lock;       /* of visit */
} Loading;

/* The names in the autostart folder: most domains have none there, and to ask for each would be a call each. */
static GHashTable *list_links(const VxDomainStore *store)
{
    g_autoptr(GDir) dir = g_dir_open(store->autostart_folder, 0, NULL);
    GHashTable *links = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir)))
        g_hash_table_add(links, g_strdup(entry));
    return links;
}

/* Whether the host starts the domain: its link leads to the file itself, not to another of that name elsewhere. */
static bool is_autostarted(const Loading *loading, const char *name)
{
    g_autofree char *path = vx_store_path(loading->store, name);
    g_autofree char *link_path = vx_store_autostart_path(loading->store, name);
    struct stat file, linked;

    return g_hash_table_contains(loading->links, strrchr(link_path, '/') + 1) && stat(link_path, &linked) == 0 &&
           stat(path, &file) == 0 && file.st_dev == linked.st_dev && file.st_ino == linked.st_ino;
}

/* A definition whose name is not its file's was being renamed when the daemon died: the new name counts. */
static bool finish_rename(const VxDomainStore *store, const char *file_name, const char *name, GError **error)
{
    g_autofree char *path = vx_store_path(store, file_name);
    g_autofree char *new_path = vx_store_path(store, name);

    if (strchr(name, '/') || faccessat(AT_FDCWD, new_path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return vx_fail(error, VIR_ERR_XML_ERROR, "it defines '%s', which another file does: remove one of them", name);
    if (rename(path, new_path) < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot rename it to %s", new_path);
    return vx_file_sync_folder(store->folder, error);
}

/* The record of the file PATH; *DAMAGED when it is not domain XML at all. */
static VxDomainRecord *read_record(const char *path, bool *damaged, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(VxDiag) diag = NULL;
    g_autoptr(VxDomainDef) def = NULL;
    gsize length;

    if (!vx_file_read(path, VX_FILE_MAX_BYTES, &text, &length, error))
        return NULL;
    diag = vx_diag_new(path, text, length, VX_DIAG_QUIET);
    def = vx_domain_def_parse(text, length, 0, diag);
    *damaged = !def;
    if (!def || vx_diag_n_errors(diag) > 0) {
        g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_XML_ERROR));
        return NULL;
    }
    if (!def->name || !def->uuid) {
        vx_fail(error, VIR_ERR_XML_ERROR, "it lacks a <name> or a <uuid>");
        return NULL;
    }
    return vx_domain_record_new_from(def, g_steal_pointer(&text), length);
}

static bool load_file(Loading *loading, const char *file_name, const char *path, bool *damaged, GError **error)
{
    g_autoptr(VxDomainRecord) record = read_record(path, damaged, error);
    bool taken;

    if (!record)
        return false;
    if (strcmp(record->name, file_name) != 0 && !finish_rename(loading->store, file_name, record->name, error))
        return false;
    g_mutex_lock(&loading->lock);
    taken = loading->visit(record, is_autostarted(loading, record->name), loading->data, error);
    g_mutex_unlock(&loading->lock);
    return taken;
}

static gpointer load_files(gpointer data)
{
    Loading *loading = data;
    gint i;

    while ((i = g_atomic_int_add(&loading->next, 1)) < (gint)loading->names->len) {
        const char *file_name = loading->names->pdata[i];
        g_autofree char *path = vx_store_path(loading->store, file_name);
        g_autoptr(GError) error = NULL;
        bool damaged = false;

        if (load_file(loading, file_name, path, &damaged, &error))
            continue;
        g_warning("cannot load %s: %s", path, error->message);
        g_clear_error(&error);
        if (damaged && !vx_store_set_aside(path, &error))
            g_warning("%s", error->message);
    }
    return NULL;
}

/* The names of all definitions; what a killed daemon had begun to write aside is removed, for nobody was told of it. */
static GPtrArray *list_names(const VxDomainStore *store, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(store->folder, 0, error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *entry;

    if (!dir)
        return NULL;
    while ((entry = g_dir_read_name(dir))) {
        if (vx_file_is_aside(entry)) {
            g_autofree char *path = g_build_filename(store->folder, entry, NULL);

            unlink(path);
        } else if (g_str_has_suffix(entry, VX_STORE_SUFFIX) && strlen(entry) > strlen(VX_STORE_SUFFIX)) {
            g_ptr_array_add(names, g_strndup(entry, strlen(entry) - strlen(VX_STORE_SUFFIX)));
        }
    }
    return g_steal_pointer(&names);
}

/* A daemon that died while it removed or renamed a domain leaves a link of ours to a file that is no more. */
static void remove_stale_links(const VxDomainStore *store)
{
    g_autoptr(GDir) dir = g_dir_open(store->autostart_folder, 0, NULL);
    const char *entry;

    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *link_path = g_build_filename(store->autostart_folder, entry, NULL);
        g_autofree char *path = g_build_filename(store->folder, entry, NULL);
        g_autofree char *target = g_file_read_link(link_path, NULL);

        if (target && strcmp(target, path) == 0 && faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
            errno == ENOENT)
            unlink(link_path);
    }
}

#define MAX_THREADS 8
#define FILES_FOR_A_THREAD 64 /* with fewer, starting a thread takes longer than reading them */

bool vx_domain_store_load(VxDomainStore *store, VxStoreVisit visit, gpointer data, GError **error)
{
    Loading loading = {.store = store, .visit = visit, .data = data};
    GThread *threads[MAX_THREADS];
    unsigned n_threads = 0;
    GError *why = NULL;

    loading.names = list_names(store, &why);
    if (!loading.names) {
        vx_fail(error, VIR_ERR_SYSTEM_ERROR, "cannot list %s: %s", store->folder, why->message);
        g_error_free(why);
        return false;
    }
    loading.links = list_links(store);
    g_mutex_init(&loading.lock);
    while (n_threads + 1 < MIN(MAX_THREADS, g_get_num_processors()) &&
           loading.names->len > (n_threads + 1) * FILES_FOR_A_THREAD)
        threads[n_threads++] = g_thread_new("load", load_files, &loading);
    load_files(&loading);
    for (unsigned i = 0; i < n_threads; i++)
        g_thread_join(threads[i]);
    g_mutex_clear(&loading.lock);
    g_hash_table_unref(loading.links);
    g_ptr_array_unref(loading.names);
    remove_stale_links(store);
    return true;
}
