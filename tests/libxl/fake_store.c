/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static GHashTable *nodes;       /* path -> GBytes */
static GHashTable *permissions; /* path -> text */
static GHashTable *before;      /* the nodes, when the transaction began */
unsigned fake_store_n_conflicts;
unsigned fake_store_n_reads, fake_store_n_watches;

static void free_bytes(gpointer bytes)
{
    g_bytes_unref(bytes);
}

static GHashTable *all(void)
{
    if (!nodes)
        nodes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_bytes);
    return nodes;
}

void fake_store_clear(void)
{
    g_clear_pointer(&nodes, g_hash_table_unref);
    g_clear_pointer(&permissions, g_hash_table_unref);
    fake_store_n_conflicts = 0;
    fake_store_n_reads = fake_store_n_watches = 0;
}

void fake_store_put_bytes(const char *path, const char *value, gsize length)
{
    g_hash_table_insert(all(), g_strdup(path), g_bytes_new(value, length));
}

void fake_store_put(const char *value, const char *format, ...)
{
    g_autofree char *path = NULL;
    va_list arguments;

    va_start(arguments, format);
    path = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fake_store_put_bytes(path, value, strlen(value));
}

void fake_store_remove(const char *path)
{
    g_hash_table_remove(all(), path);
}

/* ---- libxenstore's ---- */

void *xs_read(struct xs_handle *store, xs_transaction_t transaction, const char *path, unsigned *length)
{
    GBytes *bytes = g_hash_table_lookup(all(), path);
    char *copy;

    (void)store, (void)transaction;
    fake_store_n_reads++;
    if (!bytes)
        return NULL;
    *length = (unsigned)g_bytes_get_size(bytes);
    copy = malloc(*length + 1);
    if (*length > 0)
        memcpy(copy, g_bytes_get_data(bytes, NULL), *length);
    copy[*length] = '\0';
    return copy;
}

/* As libxenstore has it: the pointers and, behind them in the same block, the names. */
static char **pack(GPtrArray *names)
{
    gsize bytes = names->len * sizeof(char *);
    char **packed;
    char *end;

    for (guint i = 0; i < names->len; i++)
        bytes += strlen(names->pdata[i]) + 1;
    packed = malloc(bytes);
    end = (char *)(packed + names->len);
    for (guint i = 0; i < names->len; i++) {
        packed[i] = end;
        end = stpcpy(end, names->pdata[i]) + 1;
    }
    return packed;
}

char **xs_directory(struct xs_handle *store, xs_transaction_t transaction, const char *path, unsigned *n)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *prefix = g_strconcat(path, "/", NULL);
    GHashTableIter iter;
    gpointer node;

    (void)store, (void)transaction;
    g_hash_table_iter_init(&iter, all());
    while (g_hash_table_iter_next(&iter, &node, NULL)) {
        const char *below = g_str_has_prefix(node, prefix) ? (char *)node + strlen(prefix) : NULL;
        g_autofree char *name = below ? g_strndup(below, strcspn(below, "/")) : NULL;

        if (name && !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
            g_ptr_array_add(names, g_steal_pointer(&name));
    }
    *n = names->len;
    return names->len > 0 ? pack(names) : NULL;
}

bool xs_watch(struct xs_handle *store, const char *path, const char *token)
{
    (void)store, (void)path, (void)token;
    fake_store_n_watches++;
    return true;
}

bool xs_unwatch(struct xs_handle *store, const char *path, const char *token)
{
    (void)store, (void)path, (void)token;
    fake_store_n_watches--;
    return true;
}

/* ---- those that write ---- */

const char *fake_store_permissions(const char *path)
{
    const char *text = permissions ? g_hash_table_lookup(permissions, path) : NULL;

    return text ? text : "";
}

static int compare_paths(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *fake_store_list(void)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    GHashTableIter iter;
    gpointer path;

    g_hash_table_iter_init(&iter, all());
    while (g_hash_table_iter_next(&iter, &path, NULL))
        g_ptr_array_add(paths, g_strdup(path));
    g_ptr_array_sort(paths, compare_paths);
    return paths;
}

bool xs_write(struct xs_handle *store, xs_transaction_t transaction, const char *path, const void *data,
              unsigned length)
{
    (void)store;
    g_assert_cmpuint(transaction, !=, XBT_NULL); /* all or nothing is what the tests are about */
    fake_store_put_bytes(path, data, length);
    return true;
}

bool xs_rm(struct xs_handle *store, xs_transaction_t transaction, const char *path)
{
    g_autofree char *prefix = g_strconcat(path, "/", NULL);
    bool found = false;
    GHashTableIter iter;
    gpointer node;

    (void)store, (void)transaction;
    g_hash_table_iter_init(&iter, all());
    while (g_hash_table_iter_next(&iter, &node, NULL)) {
        if (g_strcmp0(node, path) == 0 || g_str_has_prefix(node, prefix)) {
            found = true;
            g_hash_table_iter_remove(&iter);
        }
    }
    errno = found ? 0 : ENOENT;
    return found;
}

bool xs_set_permissions(struct xs_handle *store, xs_transaction_t transaction, const char *path,
                        struct xs_permissions *list, unsigned n)
{
    GString *text = g_string_new(NULL);

    (void)store, (void)transaction;
    for (unsigned i = 0; i < n; i++)
        g_string_append_printf(text, "%s%c%u", i ? "," : "", "nrwb"[list[i].perms], list[i].id);
    if (!permissions)
        permissions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_insert(permissions, g_strdup(path), g_string_free(text, FALSE));
    return true;
}

xs_transaction_t xs_transaction_start(struct xs_handle *store)
{
    GHashTableIter iter;
    gpointer path, bytes;

    (void)store;
    g_assert_null(before);
    before = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_bytes);
    g_hash_table_iter_init(&iter, all());
    while (g_hash_table_iter_next(&iter, &path, &bytes))
        g_hash_table_insert(before, g_strdup(path), g_bytes_ref(bytes));
    return 1;
}

bool xs_transaction_end(struct xs_handle *store, xs_transaction_t transaction, bool abort)
{
    bool conflict = !abort && fake_store_n_conflicts > 0;

    (void)store, (void)transaction;
    if (abort || conflict) {
        g_hash_table_unref(nodes);
        nodes = before;
    } else {
        g_hash_table_unref(before);
    }
    before = NULL;
    fake_store_n_conflicts -= conflict;
    errno = conflict ? EAGAIN : 0;
    return !conflict;
}
