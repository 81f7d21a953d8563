/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * PCI devices passed through as libxl_device_pci: xl-pci-configuration(5). And device tree nodes, which are paths.
 */
#include <string.h>

#include "libxl/libxl_device.h"

#define ROW(name, value_type, member, ...) VX_LIBXL_ROW(name, value_type, libxl_device_pci, member, ##__VA_ARGS__)

VX_LIBXL_NAMES(rdm_reserve_policy, NULL);

static const VxLibxlRow pci_rows[] = {
    ROW("permissive", truth, permissive),
    ROW("msitranslate", truth, msitranslate),
    ROW("power_mgmt", truth, power_mgmt),
    ROW("seize", truth, seize),
    ROW("rdm_policy", enum, rdm_policy, .names = &names_rdm_reserve_policy),
#ifdef LIBXL_HAVE_DEVICE_PCI_NAME
    ROW("name", string, name),
#else
    {.key = "name", .nothing = "this libxl is too old for it", .since = "4.16"},
#endif
};

static void init_pci(void *device)
{
    libxl_device_pci_init(device);
}

/* ---- from settings ---- */

#define ALL_FUNCTIONS (~(uint32_t)0)
#define SLOT_SHIFT 3 /* of a slot in a vdevfn */
#define MAX_SLOT 0x1f
#define MAX_FUNCTION 7

/* "[DDDD:]BB:SS.F", where F may be "*"; what stands behind it is put into *REST. */
static bool parse_address(const char *text, libxl_device_pci *pci, const char **rest)
{
    guint64 numbers[3] = {0}; /* domain, bus, slot */
    guint64 function = 0;
    unsigned count = 0;
    bool has_domain;

    do {
        if (count == G_N_ELEMENTS(numbers) || !vx_libxl_parse_number(text, 16, &numbers[count++], &text))
            return false;
    } while (*text++ == ':');
    has_domain = count == G_N_ELEMENTS(numbers);
    if (text[-1] != '.' || count < 2)
        return false;
    if (*text == '*')
        text++, pci->vfunc_mask = ALL_FUNCTIONS;
    else if (vx_libxl_parse_number(text, 16, &function, &text))
        pci->vfunc_mask = 1;
    else
        return false;
    pci->domain = has_domain ? (int)numbers[0] : 0;
    pci->bus = (uint8_t)numbers[count - 2];
    pci->dev = (uint8_t)numbers[count - 1];
    pci->func = (uint8_t)function;
    *rest = text;
    return pci->domain <= 0xffff && numbers[count - 2] <= 0xff && numbers[count - 1] <= MAX_SLOT &&
           function <= MAX_FUNCTION;
}

static bool parse_slot(const char *text, libxl_device_pci *pci)
{
    guint64 slot;

    if (!vx_libxl_parse_number(text, 16, &slot, NULL) || slot > MAX_SLOT)
        return false;
    pci->vdevfn = (uint32_t)slot << SLOT_SHIFT;
    return true;
}

/* An address alone, which may have "@SLOT" behind it. */
static bool parse_positional(const char *text, libxl_device_pci *pci)
{
    const char *rest;

    if (!parse_address(text, pci, &rest))
        return false;
    return !*rest || (*rest == '@' && parse_slot(rest + 1, pci));
}

static bool apply_pci_pair(VxLibxlWriter *writer, const char *key, const char *value, void *device)
{
    libxl_device_pci *pci = device;
    const char *rest;
    bool good;

    if (!value)
        good = parse_positional(key, pci);
    else if (strcmp(key, "bdf") == 0)
        good = parse_address(value, pci, &rest) && !*rest;
    else if (strcmp(key, "vslot") == 0)
        good = parse_slot(value, pci);
    else
        return false;
    if (!good)
        vx_diag_wrong(writer->diag, writer->place, "the PCI device is '%.60s': write its address as 0000:03:00.0",
                      value ? value : key);
    return true;
}

static void tell_pci(VxLibxlReader *reader, json_object *object, GString *item);

static const VxLibxlDevice pci_device = {
    VX_LIBXL_ARRAY(pcidevs, libxl_device_pci),
    VX_LIBXL_ROWS(pci_rows),
    .init = init_pci,
    .apply_pair = apply_pci_pair,
    .tell_item = tell_pci,
};

/* The global options are what each device begins with. */
VX_LIBXL_APPLY(pci)
{
    libxl_domain_build_info *info = &writer->config->b_info;

    (void)row;
    for (guint32 i = 0; value->kind == VX_XLCFG_LIST && i < value->length; i++) {
        const char *item = vx_xlcfg_value_string(&value->items[i]);
        libxl_device_pci *pci = vx_libxl_device_add(writer->config, &pci_device);

        pci->msitranslate = vx_libxl_number(writer, "pci_msitranslate", 0) != 0;
        pci->power_mgmt = vx_libxl_number(writer, "pci_power_mgmt", 0) != 0;
        pci->permissive = vx_libxl_number(writer, "pci_permissive", 0) != 0;
        pci->seize = vx_libxl_number(writer, "pci_seize", 0) != 0;
        /* What only an HVM guest can say is "strict" for the others, as xl has it. */
        pci->rdm_policy = writer->guest == VX_GUEST_HVM ? info->u.hvm.rdm.policy : LIBXL_RDM_RESERVE_POLICY_STRICT;
        vx_libxl_device_set_place(writer, &pci_device, i);
        vx_libxl_device_apply_pairs(writer, &pci_device, item ? item : "", pci);
    }
    if (writer->config->num_pcidevs > 0 && writer->guest == VX_GUEST_PV)
        libxl_defbool_set(&info->u.pv.e820_host, true);
}

/* ---- from JSON ---- */

static void tell_pci(VxLibxlReader *reader, json_object *object, GString *item)
{
    bool all = vx_libxl_find_number(reader, object, "vfunc_mask", 0) == ALL_FUNCTIONS;
    unsigned function = (unsigned)vx_libxl_find_number(reader, object, "func", 0);
    unsigned slot = (unsigned)vx_libxl_find_number(reader, object, "vdevfn", 0) >> SLOT_SHIFT;

    if (!json_object_object_get_ex(object, "name", NULL)) {
        g_string_append_printf(item, "%04x:%02x:%02x.", (unsigned)vx_libxl_find_number(reader, object, "domain", 0),
                               (unsigned)vx_libxl_find_number(reader, object, "bus", 0),
                               (unsigned)vx_libxl_find_number(reader, object, "dev", 0));
        g_string_append_printf(item, all ? "*" : "%x", function);
    }
    if (slot > 0)
        g_string_append_printf(item, "@%x", slot);
    vx_libxl_device_tell_pairs(reader, &pci_device, object, item);
}

VX_LIBXL_DEVICE_TELL(pci, pci_device)

/* ---- dtdev = [ "/path/in/the/device/tree", ... ] ---- */

static void init_dtdev(void *device)
{
    libxl_device_dtdev_init(device);
}

static void tell_dtdev(VxLibxlReader *reader, json_object *object, GString *item)
{
    const char *path = vx_libxl_find_string(reader, object, "path");

    g_string_append(item, path ? path : "");
}

static const VxLibxlDevice dtdev_device = {
    VX_LIBXL_ARRAY(dtdevs, libxl_device_dtdev),
    .init = init_dtdev,
    .tell_item = tell_dtdev,
};

VX_LIBXL_APPLY(dtdev)
{
    (void)row;
    for (guint32 i = 0; value->kind == VX_XLCFG_LIST && i < value->length; i++) {
        libxl_device_dtdev *device = vx_libxl_device_add(writer->config, &dtdev_device);

        vx_libxl_replace(&device->path, vx_xlcfg_value_string(&value->items[i]));
    }
}

VX_LIBXL_DEVICE_TELL(dtdev, dtdev_device)
