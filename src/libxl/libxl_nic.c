/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Network interfaces as libxl_device_nic: xl-network-configuration(5).
 */
#include <string.h>

#include "libxl/libxl_device.h"

#define ROW(name, value_type, member, ...) VX_LIBXL_ROW(name, value_type, libxl_device_nic, member, ##__VA_ARGS__)
#define COLO_ROW(member) ROW(#member, string, member)

static const VxLibxlWord nic_type_words[] = {{"ioemu", "vif_ioemu"}, {0}};
VX_LIBXL_NAMES(nic_type, nic_type_words);

static const VxLibxlRow nic_rows[] = {
    ROW("type", enum, nictype, .names = &names_nic_type),
    ROW("mac", mac, mac),
    ROW("bridge", string, bridge),
    ROW("gatewaydev", string, gatewaydev),
    ROW("ip", string, ip),
    ROW("script", string, script),
    ROW("backend", string, backend_domname),
    ROW("vifname", string, ifname),
    ROW("model", string, model),
    ROW("mtu", int, mtu),
    ROW("devid", int, devid),
#ifdef LIBXL_HAVE_NIC_TRUSTED
    ROW("trusted", defbool, trusted, .flag = "1"),
    ROW("untrusted", defbool, trusted, .flag = "0"),
#else
    {.key = "trusted", .flag = "1", .nothing = "this libxl is too old for it", .since = "4.17"},
    {.key = "untrusted", .flag = "0", .nothing = "this libxl is too old for it", .since = "4.17"},
#endif
    ROW("forwarddev", string, coloft_forwarddev),
    COLO_ROW(colo_sock_mirror_id),
    COLO_ROW(colo_sock_mirror_ip),
    COLO_ROW(colo_sock_mirror_port),
    COLO_ROW(colo_sock_compare_pri_in_id),
    COLO_ROW(colo_sock_compare_pri_in_ip),
    COLO_ROW(colo_sock_compare_pri_in_port),
    COLO_ROW(colo_sock_compare_sec_in_id),
    COLO_ROW(colo_sock_compare_sec_in_ip),
    COLO_ROW(colo_sock_compare_sec_in_port),
    COLO_ROW(colo_sock_compare_notify_id),
    COLO_ROW(colo_sock_compare_notify_ip),
    COLO_ROW(colo_sock_compare_notify_port),
    COLO_ROW(colo_sock_redirector0_id),
    COLO_ROW(colo_sock_redirector0_ip),
    COLO_ROW(colo_sock_redirector0_port),
    COLO_ROW(colo_sock_redirector1_id),
    COLO_ROW(colo_sock_redirector1_ip),
    COLO_ROW(colo_sock_redirector1_port),
    COLO_ROW(colo_sock_redirector2_id),
    COLO_ROW(colo_sock_redirector2_ip),
    COLO_ROW(colo_sock_redirector2_port),
    COLO_ROW(colo_filter_mirror_queue),
    COLO_ROW(colo_filter_mirror_outdev),
    COLO_ROW(colo_filter_redirector0_queue),
    COLO_ROW(colo_filter_redirector0_indev),
    COLO_ROW(colo_filter_redirector0_outdev),
    COLO_ROW(colo_filter_redirector1_queue),
    COLO_ROW(colo_filter_redirector1_indev),
    COLO_ROW(colo_filter_redirector1_outdev),
    COLO_ROW(colo_compare_pri_in),
    COLO_ROW(colo_compare_sec_in),
    COLO_ROW(colo_compare_out),
    COLO_ROW(colo_compare_notify_dev),
    COLO_ROW(colo_sock_sec_redirector0_id),
    COLO_ROW(colo_sock_sec_redirector0_ip),
    COLO_ROW(colo_sock_sec_redirector0_port),
    COLO_ROW(colo_sock_sec_redirector1_id),
    COLO_ROW(colo_sock_sec_redirector1_ip),
    COLO_ROW(colo_sock_sec_redirector1_port),
    COLO_ROW(colo_filter_sec_redirector0_queue),
    COLO_ROW(colo_filter_sec_redirector0_indev),
    COLO_ROW(colo_filter_sec_redirector0_outdev),
    COLO_ROW(colo_filter_sec_redirector1_queue),
    COLO_ROW(colo_filter_sec_redirector1_indev),
    COLO_ROW(colo_filter_sec_redirector1_outdev),
    COLO_ROW(colo_filter_sec_rewriter0_queue),
    COLO_ROW(colo_checkpoint_host),
    COLO_ROW(colo_checkpoint_port),
};

static void init_nic(void *device)
{
    libxl_device_nic_init(device);
}

/* ---- rate=10Mb/s@50ms: so many bytes an interval ---- */

#define USECS_PER_SEC 1000000
#define USUAL_INTERVAL_USECS 50000

/* "10Mb/s": bits with a small b, bytes with a large one. */
static bool parse_bytes_per_sec(const char *text, const char **rest, guint64 *bytes)
{
    guint64 factor;

    if (!vx_libxl_parse_number(text, 0, bytes, &text) || *bytes == 0 || *bytes > G_MAXUINT32)
        return false;
    factor = *text == 'G' ? 1000000000 : *text == 'M' ? 1000000 : *text == 'K' ? 1000 : 1;
    text += factor > 1;
    if ((*text != 'b' && *text != 'B') || !g_str_has_prefix(text + 1, "/s"))
        return false;
    *bytes = *bytes * factor / (*text == 'b' ? 8 : 1);
    *rest = text + strlen("b/s");
    return true;
}

/* "50ms", "20us", "1s" or "1" */
static bool parse_interval_usecs(const char *text, guint64 *usecs)
{
    if (!vx_libxl_parse_number(text, 0, usecs, &text) || *usecs == 0 || *usecs > G_MAXUINT32)
        return false;
    *usecs *= *text == 'm' ? 1000 : *text == 'u' ? 1 : USECS_PER_SEC;
    text += *text == 'm' || *text == 'u';
    text += *text == 's';
    return !*text && *usecs <= G_MAXUINT32;
}

static bool parse_rate(const char *text, libxl_device_nic *nic)
{
    guint64 bytes_per_sec, usecs = USUAL_INTERVAL_USECS;

    if (!parse_bytes_per_sec(text, &text, &bytes_per_sec))
        return false;
    if (*text == '@' ? !parse_interval_usecs(text + 1, &usecs) : *text != '\0')
        return false;
    if (bytes_per_sec > G_MAXUINT64 / usecs)
        return false;
    nic->rate_interval_usecs = (uint32_t)usecs;
    nic->rate_bytes_per_interval = bytes_per_sec * usecs / USECS_PER_SEC;
    return true;
}

static bool apply_nic_pair(VxLibxlWriter *writer, const char *key, const char *value, void *device)
{
    if (strcmp(key, "rate") != 0 || !value)
        return false;
    if (!parse_rate(value, device))
        vx_diag_wrong(writer->diag, writer->place, "rate of the interface is '%.60s': write one as 10Mb/s@50ms", value);
    return true;
}

/* The rate a second that gives so many bytes an interval: at most 32 bits before the unit. */
static char *text_of_rate(guint64 bytes, guint64 usecs)
{
    static const char units[] = {0, 'K', 'M', 'G'};
    guint64 per_sec = bytes / usecs * USECS_PER_SEC + (bytes % usecs * USECS_PER_SEC + usecs - 1) / usecs;
    unsigned unit = 0;

    if (per_sec == 0)
        return g_strdup_printf("1b/s@%" G_GUINT64_FORMAT "us", usecs); /* less than a byte an interval */
    for (; per_sec > G_MAXUINT32 && unit + 1 < G_N_ELEMENTS(units); unit++)
        per_sec /= 1000;
    return g_strdup_printf("%" G_GUINT64_FORMAT "%.1sB/s@%" G_GUINT64_FORMAT "us", per_sec, &units[unit], usecs);
}

static void tell_nic_pairs(VxLibxlReader *reader, json_object *object, GString *item)
{
    gint64 bytes = vx_libxl_find_number(reader, object, "rate_bytes_per_interval", 0);
    gint64 usecs = vx_libxl_find_number(reader, object, "rate_interval_usecs", 0);
    g_autofree char *rate = bytes >= 0 && usecs > 0 ? text_of_rate((guint64)bytes, (guint64)usecs) : NULL;

    if (rate)
        vx_libxl_add_pair(item, "rate", rate);
}

static const VxLibxlDevice nic_device = {
    VX_LIBXL_ARRAY(nics, libxl_device_nic),
    VX_LIBXL_ROWS(nic_rows),
    .passes_over = true,
    .init = init_nic,
    .devid = offsetof(libxl_device_nic, devid),
    .apply_pair = apply_nic_pair,
    .tell_pairs = tell_nic_pairs,
};

VX_LIBXL_DEVICE_FUNCTIONS(nic, nic_device)
