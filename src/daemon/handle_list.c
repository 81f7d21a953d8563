/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Listing and looking up domains.
 */
#include "daemon/handler.h"

#include <string.h>

#include "driver/query.h"
#include "util/vx_error.h"

/* Also the most that is asked for at once. */
static bool check_maximum(int maximum, GError **error)
{
    if (maximum < 0 || maximum > WIRE_LIST_MAX)
        return vx_fail(error, VIR_ERR_RPC, "a list of %d entries is asked for: 0 to %d can be sent", maximum,
                       WIRE_LIST_MAX);
    return true;
}

VX_IS_QUICK(CONNECT_LIST_ALL_DOMAINS)
{
    return vx_is_list_at_hand(request->driver, args->flags);
}

VX_HANDLER(CONNECT_LIST_ALL_DOMAINS)
{
    g_autoptr(GArray) refs = vx_list_domains(request->driver, args->flags, error);

    if (!refs)
        return false;
    ret->ret = refs->len;
    if (!args->need_results)
        return true;
    ret->domains.domains_len = refs->len;
    ret->domains.domains_val = g_new0(wire_nonnull_domain, refs->len);
    for (guint i = 0; i < refs->len; i++)
        vx_wire_domain_take(&ret->domains.domains_val[i], &g_array_index(refs, VxDomainRef, i));
    return true;
}

VX_HANDLER(CONNECT_LIST_DOMAINS)
{
    g_autoptr(GArray) ids = NULL;

    if (!check_maximum(args->maxids, error))
        return false;
    ids = vx_list_ids(request->driver, (unsigned)args->maxids);
    ret->ids.ids_len = ids->len;
    ret->ids.ids_val = g_memdup2(ids->data, ids->len * sizeof(int));
    return true;
}

VX_HANDLER(CONNECT_NUM_OF_DOMAINS)
{
    ret->num = (int)vx_count_running(request->driver);
    return true;
}

VX_HANDLER(CONNECT_LIST_DEFINED_DOMAINS)
{
    g_autoptr(GPtrArray) names = NULL;

    if (!check_maximum(args->maxnames, error))
        return false;
    names = vx_list_defined_names(request->driver, (unsigned)args->maxnames);
    ret->names.names_len = names->len;
    ret->names.names_val = g_new0(char *, names->len);
    for (guint i = 0; i < names->len; i++)
        ret->names.names_val[i] = g_strdup(names->pdata[i]);
    return true;
}

VX_HANDLER(CONNECT_NUM_OF_DEFINED_DOMAINS)
{
    ret->num = (int)vx_count_defined(request->driver);
    return true;
}

VX_HANDLER(DOMAIN_LOOKUP_BY_ID)
{
    g_autoptr(VxDomainObj) domain = vx_find_id(request->driver, args->id, error);

    return domain && vx_request_return_domain(request, domain, &ret->dom, error);
}

VX_HANDLER(DOMAIN_LOOKUP_BY_NAME)
{
    g_autoptr(VxDomainObj) domain = vx_find_name(request->driver, args->name, error);

    return domain && vx_request_return_domain(request, domain, &ret->dom, error);
}

VX_HANDLER(DOMAIN_LOOKUP_BY_UUID)
{
    g_autoptr(VxDomainObj) domain = vx_find_uuid(request->driver, (const guint8 *)args->uuid.bytes, error);

    return domain && vx_request_return_domain(request, domain, &ret->dom, error);
}
