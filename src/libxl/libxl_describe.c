/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The definition of a guest that somebody else has made, as libxl keeps it.
 */
#include <libxl_utils.h>
#include <stdlib.h>
#include <string.h>

#include "conf/domain_defaults.h"
#include "driver/domain_record.h"
#include "libxl/libxl_config.h"
#include "libxl/libxl_live.h"
#include "libxl/libxl_store.h"

VxGuestType vx_libxl_guest_type(struct xs_handle *store, int id)
{
    g_autofree char *type = vx_store_read(store, "/libxl/%d/type", id);
    int guest = type ? vx_enum_from_text(&vx_guest_types, type) : 0;

    return guest ? (VxGuestType)guest : VX_GUEST_PV;
}

void vx_libxl_set_guest_type(VxDomainDef *def, VxGuestType guest)
{
    static const VxOsType types[] = {
        [VX_GUEST_PV] = VX_OS_LINUX, [VX_GUEST_PVH] = VX_OS_XENPVH, [VX_GUEST_HVM] = VX_OS_HVM};

    def->os.type = types[guest];
}

char *vx_libxl_guest_name(VxLibxlSession *session, int id)
{
    char *name = libxl_domid_to_name(vx_libxl_session_ctx(session), (uint32_t)id);
    bool is_sound = name && vx_store_is_sound(name, strlen(name));
    char *copy = is_sound ? g_strdup(name) : g_strdup_printf("Domain-%d", id);

    free(name);
    return copy;
}

/* ---- what libxl keeps ---- */

/* Where no device model of an HVM guest is written down (it is being made, or goes), libxl would end the process. */
static bool has_device_model(struct xs_handle *store, int id)
{
    g_autofree char *version = vx_store_read(store, "/libxl/%d/dm-version", id);

    return vx_libxl_guest_type(store, id) != VX_GUEST_HVM || g_strcmp0(version, "qemu_xen") == 0;
}

static VxDomainDef *describe_kept(VxLibxlSession *session, int id)
{
    g_autoptr(VxDiag) diag = vx_diag_new("libxl", NULL, 0, VX_DIAG_QUIET);
    g_auto(libxl_domain_config) config;
    g_autoptr(VxDomainDef) def = NULL;
    g_autoptr(GError) error = NULL;

    libxl_domain_config_init(&config);
    if (!has_device_model(vx_libxl_session_store(session), id) ||
        libxl_retrieve_domain_configuration(vx_libxl_session_ctx(session), (uint32_t)id, &config, NULL) != 0)
        return NULL;
    def = vx_libxl_config_to_definition(&config, diag);
    error = vx_diag_to_error(diag, 0);
    if (!error)
        return g_steal_pointer(&def);
    g_info("libxl's configuration of guest %d is of no use here: %s", id, error->message);
    return NULL;
}

/* ---- what there is without it ---- */

#define SLACK_KIB 1024 /* libxl lets Xen give each guest that much more than its maximum */

static VxDomainDef *describe_bare(VxLibxlSession *session, const VxGuestInfo *info)
{
    VxDomainDef *def = vx_domain_def_new();
    char uuid[VX_UUID_TEXT_BYTES];

    vx_uuid_format(info->uuid, uuid);
    def->type = g_strdup("xen");
    def->name = vx_libxl_guest_name(session, info->id);
    def->uuid = g_strdup(uuid);
    def->memory_kib = VX_NUMBER(MAX((gint64)info->memory_kib, (gint64)info->maximum_memory_kib - SLACK_KIB));
    def->current_memory_kib = VX_NUMBER((gint64)info->memory_kib);
    def->vcpus.maximum = VX_NUMBER(info->maximum_vcpus);
    if (info->n_vcpus > 0 && info->n_vcpus < info->maximum_vcpus)
        def->vcpus.current = VX_NUMBER(info->n_vcpus);
    vx_libxl_set_guest_type(def, vx_libxl_guest_type(vx_libxl_session_store(session), info->id));
    vx_domain_def_add_defaults(def);
    return def;
}

VxDomainDef *vx_libxl_describe(VxHypervisor *hypervisor, int id, GError **error)
{
    g_autoptr(VxLibxlSession) session = vx_libxl_begin(hypervisor, error);
    VxDomainDef *def;
    VxGuestInfo info;

    if (!session || !vx_libxl_info(hypervisor, id, &info, error))
        return NULL;
    def = describe_kept(session, id);
    return def ? def : describe_bare(session, &info);
}
