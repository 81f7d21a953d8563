/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/domain_list.h"

#include "util/vx_error.h"

struct VxDomainList {
    GRWLock lock;
    GHashTable *by_uuid; /* guint8[16] of the domain -> VxDomainObj, which it holds */
    GHashTable *by_name; /* copy of the name -> VxDomainObj, borrowed from by_uuid */
    GHashTable *by_id;   /* int -> VxDomainObj, borrowed */
};

static void unref_domain(gpointer domain)
{
    vx_domain_obj_unref(domain);
}

VxDomainList *vx_domain_list_new(void)
{
    VxDomainList *list = g_new0(VxDomainList, 1);

    g_rw_lock_init(&list->lock);
    list->by_uuid = g_hash_table_new_full(vx_uuid_hash, vx_uuid_equal, NULL, unref_domain);
    list->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    list->by_id = g_hash_table_new(g_direct_hash, g_direct_equal);
    return list;
}

void vx_domain_list_free(VxDomainList *list)
{
    if (!list)
        return;
    g_hash_table_unref(list->by_id);
    g_hash_table_unref(list->by_name);
    g_hash_table_unref(list->by_uuid);
    g_rw_lock_clear(&list->lock);
    g_free(list);
}

static VxDomainObj *find(VxDomainList *list, GHashTable *table, gconstpointer key)
{
    VxDomainObj *domain;

    g_rw_lock_reader_lock(&list->lock);
    domain = g_hash_table_lookup(table, key);
    if (domain)
        vx_domain_obj_ref(domain);
    g_rw_lock_reader_unlock(&list->lock);
    return domain;
}

VxDomainObj *vx_domain_list_find_uuid(VxDomainList *list, const guint8 uuid[16])
{
    return find(list, list->by_uuid, uuid);
}

VxDomainObj *vx_domain_list_find_name(VxDomainList *list, const char *name)
{
    return find(list, list->by_name, name);
}

VxDomainObj *vx_domain_list_find_id(VxDomainList *list, int id)
{
    return find(list, list->by_id, GINT_TO_POINTER(id));
}

VxDomainObj *vx_domain_list_find_guest(VxDomainList *list, int id, const guint8 uuid[16])
{
    VxDomainObj *domain = vx_domain_list_find_id(list, id);

    return domain ? domain : vx_domain_list_find_uuid(list, uuid);
}

GPtrArray *vx_domain_list_all(VxDomainList *list)
{
    GPtrArray *domains;
    GHashTableIter iter;
    gpointer domain;

    g_rw_lock_reader_lock(&list->lock);
    domains = g_ptr_array_new_full(g_hash_table_size(list->by_uuid), unref_domain);
    g_hash_table_iter_init(&iter, list->by_uuid);
    while (g_hash_table_iter_next(&iter, NULL, &domain))
        g_ptr_array_add(domains, vx_domain_obj_ref(domain));
    g_rw_lock_reader_unlock(&list->lock);
    return domains;
}

/* ---- claims ---- */

static VxDomainObj *insert(VxDomainList *list, const guint8 uuid[16], const char *name)
{
    VxDomainObj *domain = vx_domain_obj_new(uuid);

    g_hash_table_insert(list->by_uuid, domain->uuid, domain);
    g_hash_table_insert(list->by_name, g_strdup(name), domain);
    return domain;
}

static bool fail_taken(const char *name, const guint8 uuid[16], GError **error)
{
    char text[VX_UUID_TEXT_BYTES];

    vx_uuid_format(uuid, text);
    return vx_fail(error, VIR_ERR_OPERATION_FAILED,
                   "domain '%s' already exists with uuid %s: choose another name, or leave that uuid to change the "
                   "domain there is",
                   name, text);
}

/* Under the lock: who has UUID may only be called NAME. */
static bool fail_known_otherwise(VxDomainList *list, const VxDomainObj *domain, const char *name, GError **error)
{
    GHashTableIter iter;
    gpointer other, key;
    const char *known_as = "another domain";
    char text[VX_UUID_TEXT_BYTES];

    g_hash_table_iter_init(&iter, list->by_name);
    while (g_hash_table_iter_next(&iter, &key, &other)) {
        if (other == domain)
            known_as = key;
    }
    vx_uuid_format(domain->uuid, text);
    return vx_fail(error, VIR_ERR_OPERATION_FAILED,
                   "uuid %s belongs to the domain '%s', not '%s': leave out <uuid> to define a new domain, or rename "
                   "that one",
                   text, known_as, name);
}

VxDomainObj *vx_domain_list_claim(VxDomainList *list, const guint8 uuid[16], const char *name, bool *is_new,
                                  GError **error)
{
    VxDomainObj *domain, *named;
    bool granted = true;

    g_rw_lock_writer_lock(&list->lock);
    domain = g_hash_table_lookup(list->by_uuid, uuid);
    named = g_hash_table_lookup(list->by_name, name);
    *is_new = !domain && !named;
    if (*is_new)
        domain = insert(list, uuid, name);
    else if (!domain)
        granted = fail_taken(name, named->uuid, error);
    else if (domain != named)
        granted = fail_known_otherwise(list, domain, name, error);
    if (granted)
        vx_domain_obj_ref(domain);
    g_rw_lock_writer_unlock(&list->lock);
    return granted ? domain : NULL;
}

bool vx_domain_list_claim_name(VxDomainList *list, VxDomainObj *domain, const char *new_name, GError **error)
{
    bool is_free;

    g_rw_lock_writer_lock(&list->lock);
    is_free = !g_hash_table_contains(list->by_name, new_name);
    if (is_free)
        g_hash_table_insert(list->by_name, g_strdup(new_name), domain);
    g_rw_lock_writer_unlock(&list->lock);
    return is_free ? true : vx_fail(error, VIR_ERR_OPERATION_INVALID, "domain '%s' already exists", new_name);
}

void vx_domain_list_drop_name(VxDomainList *list, const char *name)
{
    g_rw_lock_writer_lock(&list->lock);
    g_hash_table_remove(list->by_name, name);
    g_rw_lock_writer_unlock(&list->lock);
}

char *vx_domain_list_name_of(VxDomainList *list, const VxDomainObj *domain)
{
    GHashTableIter iter;
    gpointer name, other;
    char *found = NULL;

    g_rw_lock_reader_lock(&list->lock);
    g_hash_table_iter_init(&iter, list->by_name);
    while (!found && g_hash_table_iter_next(&iter, &name, &other))
        if (other == domain)
            found = g_strdup(name);
    g_rw_lock_reader_unlock(&list->lock);
    return found;
}

void vx_domain_list_add_id(VxDomainList *list, VxDomainObj *domain, int id)
{
    g_rw_lock_writer_lock(&list->lock);
    g_hash_table_insert(list->by_id, GINT_TO_POINTER(id), domain);
    g_rw_lock_writer_unlock(&list->lock);
}

void vx_domain_list_drop_id(VxDomainList *list, int id)
{
    g_rw_lock_writer_lock(&list->lock);
    g_hash_table_remove(list->by_id, GINT_TO_POINTER(id));
    g_rw_lock_writer_unlock(&list->lock);
}

void vx_domain_list_remove(VxDomainList *list, VxDomainObj *domain, const char *name)
{
    g_mutex_lock(&domain->lock);
    domain->removed = true;
    g_mutex_unlock(&domain->lock);

    g_rw_lock_writer_lock(&list->lock);
    g_hash_table_remove(list->by_name, name);
    g_hash_table_remove(list->by_uuid, domain->uuid); /* the caller has a reference of its own */
    g_rw_lock_writer_unlock(&list->lock);
}
