/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * vif = [ "mac=00:16:3e:00:00:01,bridge=xenbr0" ] <-> <interface>. xl-network-configuration(5).
 */
#include <string.h>

#include "conf/net_def.h"
#include "xlcfg/xlcfg_device.h"
#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_rate.h"

static const VxXlDevice vif_table;

/* ---- mac ---- */

#define MAC_BYTES 6

/* As xl reads it: a number of at most two hexadecimal digits, any one letter, and so on; behind what is no number the
 * rest is zero. Of an address that is too short xl makes what happens to stand behind it. */
static void read_mac(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxNet *net = device;
    const char *text = pair->value, *end = text + strlen(text);
    unsigned bytes[MAC_BYTES] = {0}, n = 0, any = 0;

    for (; n < MAC_BYTES && text < end; n++) {
        char *behind;
        guint64 number = g_ascii_strtoull(text, &behind, 16);

        if (behind == text || number > 0xff)
            break;
        bytes[n] = (unsigned)number;
        any |= bytes[n];
        text = behind + 1;
    }
    if (n < MAC_BYTES || text <= end)
        vx_diag_report(reader->diag, n > 0 && n < MAC_BYTES && text >= end ? vx_xl_severity(reader, true) : VX_UNFIT,
                       pair->value_place,
                       "mac of vif is '%.60s': write six pairs of hexadecimal digits, as in 00:16:3e:00:00:01",
                       pair->value);
    g_clear_pointer(&net->mac, g_free);
    if (any)
        net->mac = g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
                                   bytes[5]);
}

static void write_mac(VxXlWriter *writer, const void *device, GString *pairs)
{
    (void)writer;
    vx_xlcfg_pairs_add(pairs, "mac", ((const VxNet *)device)->mac);
}

/* ---- bridge: BRIDGE, BRIDGE.VLAN or BRIDGE:VLAN:VLAN ---- */

static char *format_bridge(const VxNet *net)
{
    GString *out;

    if (!net->bridge || !net->vlan || !net->vlan->tags)
        return g_strdup(net->bridge);
    out = g_string_new(net->bridge);
    for (unsigned i = 0; i < net->vlan->tags->len; i++) {
        const VxVlanTag *tag = net->vlan->tags->pdata[i];
        bool is_trunk = net->vlan->trunk == VX_YES || net->vlan->tags->len > 1;

        g_string_append_printf(out, "%c%" G_GINT64_FORMAT, is_trunk ? ':' : '.', tag->id.value);
    }
    return g_string_free(out, FALSE);
}

static void add_tag(VxVlan *vlan, const char *text)
{
    VxVlanTag *tag = vx_object_new(&vx_vlan_tag_element);

    tag->id = VX_NUMBER((gint64)g_ascii_strtoull(text, NULL, 10));
    if (!vlan->tags)
        vlan->tags = g_ptr_array_new();
    g_ptr_array_add(vlan->tags, tag);
}

static bool are_vlans(char **texts)
{
    for (; *texts; texts++) {
        if (!**texts || strlen(*texts) > 4 || strspn(*texts, "0123456789") != strlen(*texts) ||
            g_ascii_strtoull(*texts, NULL, 10) > 4095)
            return false;
    }
    return true;
}

/* A script that says it is for Linux bridges means a bridge whose name has a dot. */
static bool may_have_vlans(const VxNet *net)
{
    return !net->script || strstr(net->script, "openvswitch");
}

/* Cuts the VLANs off the name of the bridge, as libvirt does. */
static void split_bridge(VxNet *net)
{
    bool is_trunk = net->bridge && strchr(net->bridge, ':');
    g_auto(GStrv) parts = net->bridge ? g_strsplit(net->bridge, is_trunk ? ":" : ".", 0) : NULL;
    g_autofree char *whole = NULL, *again = NULL;

    if (!parts || !parts[0] || !parts[1] || !*parts[0] || (!is_trunk && parts[2]) || !may_have_vlans(net) ||
        !are_vlans(parts + 1))
        return;
    whole = net->bridge;
    net->bridge = g_strdup(parts[0]);
    net->vlan = vx_object_new(&vx_vlan_element);
    net->vlan->trunk = is_trunk ? VX_YES : 0;
    for (char **tag = parts + 1; *tag; tag++)
        add_tag(net->vlan, *tag);
    net->virtual_port = vx_object_new(&vx_virtual_port_element);
    net->virtual_port->type = g_strdup("openvswitch");
    again = format_bridge(net);
    if (strcmp(again, whole) == 0)
        return;
    g_free(net->bridge);
    net->bridge = g_steal_pointer(&whole);
    vx_object_free(&vx_vlan_element, g_steal_pointer(&net->vlan));
    vx_object_free(&vx_virtual_port_element, g_steal_pointer(&net->virtual_port));
}

static void write_bridge(VxXlWriter *writer, const void *device, GString *pairs)
{
    g_autofree char *bridge = format_bridge(device);

    vx_xl_device_write_pair(writer, &vif_table, device, pairs, "bridge", bridge);
}

/* ---- ip: addresses, with blanks between them ---- */

static char *format_ips(const GPtrArray *ips)
{
    GString *out = g_string_new(NULL);

    for (unsigned i = 0; ips && i < ips->len; i++) {
        const VxNetIp *ip = ips->pdata[i];

        g_string_append_printf(out, "%s%s", i ? " " : "", ip->address);
        if (ip->prefix.given)
            g_string_append_printf(out, "/%" G_GINT64_FORMAT, ip->prefix.value);
    }
    return g_string_free(out, FALSE);
}

/* ADDRESS or ADDRESS/PREFIX; NULL if TEXT is neither. */
static VxNetIp *parse_ip(const char *text)
{
    gsize length = strcspn(text, "/");
    VxIpFamily family = vx_ip_family_of(text, length);
    guint64 prefix = 0;
    VxNetIp *ip;

    if (!family || (text[length] && !g_ascii_string_to_unsigned(text + length + 1, 10, 0, 128, &prefix, NULL)))
        return NULL;
    ip = vx_object_new(&vx_net_ip_element);
    ip->address = g_strndup(text, length);
    ip->family = (int)family;
    ip->prefix = (VxNumber){.value = (gint64)prefix, .given = text[length]};
    return ip;
}

static void clear_ips(VxNet *net)
{
    for (unsigned i = 0; net->ips && i < net->ips->len; i++)
        vx_object_free(&vx_net_ip_element, net->ips->pdata[i]);
    g_clear_pointer(&net->ips, g_ptr_array_unref);
}

/* What is not a list of addresses is for the script to understand, and carried. */
static void read_ip(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxNet *net = device;
    g_auto(GStrv) parts = g_strsplit(pair->value, " ", 0);
    g_autofree char *again = NULL;

    (void)reader;
    clear_ips(net);
    net->ips = g_ptr_array_new();
    for (char **part = parts; *part; part++) {
        VxNetIp *ip = parse_ip(*part);

        if (ip)
            g_ptr_array_add(net->ips, ip);
    }
    again = format_ips(net->ips);
    if (*again && strcmp(again, pair->value) == 0)
        return;
    clear_ips(net);
    vx_xl_device_carry(device, pair->key, pair->value);
}

static void write_ip(VxXlWriter *writer, const void *device, GString *pairs)
{
    const VxNet *net = device;
    g_autofree char *ips = format_ips(net->ips);

    if (net->ips && net->ips->len > 0)
        vx_xl_device_write_pair(writer, &vif_table, device, pairs, "ip", ips);
}

/* ---- type and model: an emulated card is there or not ---- */

static void read_type(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    if (reader->dialect == VX_XLCFG_XM && strcmp(pair->value, "netfront") == 0) {
        vx_xl_device_carry(device, pair->key, "vif");
        return;
    }
    if (strcmp(pair->value, "vif") != 0 && strcmp(pair->value, "ioemu") != 0)
        vx_diag_unfit(reader->diag, pair->value_place,
                      "type of vif is '%.60s', of which xl takes no notice: write vif or ioemu", pair->value);
    vx_xl_device_carry(device, pair->key, pair->value);
}

/* What libvirt has words for need not be carried: netfront for type=vif, and the usual type of the guest. */
static void settle_type(const VxXlReader *reader, VxNet *net)
{
    const VxOption *type = vx_options_find(net->device.options, "type");
    bool is_usual, is_vif;

    if (net->model && strcmp(net->model, VX_NET_MODEL_NETFRONT) == 0) {
        vx_xl_device_carry(&net->device, "model", net->model);
        g_clear_pointer(&net->model, g_free);
    }
    if (!type || vx_options_find(net->device.options, "model"))
        return;
    is_vif = strcmp(type->value, "vif") == 0;
    is_usual = strcmp(type->value, "ioemu") == 0 && reader->guest == VX_GUEST_HVM;
    if ((is_vif && !net->model) || is_usual) {
        vx_options_remove(&net->device.options, "type");
        if (is_vif)
            net->model = g_strdup(VX_NET_MODEL_NETFRONT);
    }
}

static void write_model(VxXlWriter *writer, const void *device, GString *pairs)
{
    const VxNet *net = device;

    if (net->model && strcmp(net->model, VX_NET_MODEL_NETFRONT) == 0)
        vx_xlcfg_pairs_add(pairs, "type", "vif");
    else
        vx_xl_device_write_pair(writer, &vif_table, device, pairs, "model", net->model);
}

/* ---- the rest ---- */

static void read_rate(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxNet *net = device;
    VxXlRate rate;
    const char *why = vx_xl_rate_parse(pair->value, &rate);

    net->rate_kilobytes_per_s = (VxNumber){0};
    if (why)
        vx_diag_wrong(reader->diag, pair->value_place, "rate of vif is '%.60s': %s", pair->value, why);
    else if (rate.interval_us == VX_XL_RATE_INTERVAL_US && rate.bytes_per_s > 0 && rate.bytes_per_s % 1000 == 0 &&
             rate.bytes_per_s / 1000 <= G_MAXUINT32)
        net->rate_kilobytes_per_s = VX_NUMBER((gint64)(rate.bytes_per_s / 1000));
    else
        vx_xl_device_carry(device, pair->key, pair->value);
}

static void write_rate(VxXlWriter *writer, const void *device, GString *pairs)
{
    const VxNumber *rate = &((const VxNet *)device)->rate_kilobytes_per_s;
    g_autofree char *text = rate->given ? g_strdup_printf("%" G_GINT64_FORMAT "KB/s", rate->value) : NULL;

    (void)writer;
    vx_xlcfg_pairs_add(pairs, "rate", text);
}

/* A number in front, as strtoul reads it. */
static bool read_leading_number(VxXlReader *reader, const VxXlcfgPair *pair, VxNumber *number)
{
    char *end;
    guint64 value = g_ascii_strtoull(pair->value, &end, 10);

    if (end == pair->value || value > G_MAXINT32) {
        vx_diag_wrong(reader->diag, pair->value_place, "%s of vif is '%.60s': write a number", pair->key, pair->value);
        return false;
    }
    if (*end)
        vx_diag_unfit(reader->diag, pair->value_place, "%s of vif is '%.60s', of which xl takes the number only",
                      pair->key, pair->value);
    *number = VX_NUMBER((gint64)value);
    return true;
}

static void read_mtu(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxNet *net = device;

    net->mtu_bytes = (VxNumber){0};
    if (read_leading_number(reader, pair, &net->mtu_bytes) && net->mtu_bytes.value == 0)
        net->mtu_bytes.given = false; /* as if it was not there */
}

static void write_mtu(VxXlWriter *writer, const void *device, GString *pairs)
{
    const VxNumber *mtu = &((const VxNet *)device)->mtu_bytes;

    (void)writer;
    if (mtu->given)
        vx_xlcfg_pairs_add_int(pairs, "mtu", mtu->value);
}

static void read_devid(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxNumber number;
    char text[24];

    if (!read_leading_number(reader, pair, &number))
        return;
    g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, number.value);
    vx_xl_device_carry(device, pair->key, text);
}

static void read_gateway_device(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    (void)reader;
    vx_xl_device_carry(device, "gatewaydev", pair->value);
}

/* trusted or untrusted: the last one counts. */
static void read_trust(VxXlReader *reader, const VxXlcfgPair *pair, void *device)
{
    VxDevice *interface = device;
    const char *other = strcmp(pair->key, "trusted") == 0 ? "untrusted" : "trusted";
    VxOption *option = (VxOption *)vx_options_find(interface->options, other);

    (void)reader;
    if (!option) {
        vx_xl_device_carry(interface, pair->key, NULL);
        return;
    }
    g_free(option->name);
    option->name = g_strdup(pair->key);
}

#define COLO "COLO replication"
#define SOCKET(name)                                                                                                   \
    VX_XL_KEY_CARRIED("colo_sock_" name "_id", COLO), VX_XL_KEY_CARRIED("colo_sock_" name "_ip", COLO),                \
        VX_XL_KEY_CARRIED("colo_sock_" name "_port", COLO)

static const VxXlDeviceKey vif_keys[] = {
    {.key = "mac", .read = read_mac, .write = write_mac, .doc = "MAC address"},
    {.key = "bridge",
     .field = {.name = "bridge", .type = &vx_value_string, .offset = offsetof(VxNet, bridge)},
     .write = write_bridge,
     .doc = "the host's bridge, with Open vSwitch's VLANs"},
    {.key = "ip", .read = read_ip, .write = write_ip, .doc = "addresses that the script lets the guest use"},
    VX_XL_KEY_STRING("script", VxNet, script, "the script that joins the interface to its network"),
    VX_XL_KEY_STRING("backend", VxDevice, backend_domain, "the driver domain that serves the interface"),
    VX_XL_KEY_STRING("vifname", VxNet, target, "name of the host's side"),
    {.key = "type", .read = read_type, .carried = true, .doc = "vif, or ioemu for an emulated card, too"},
    {.key = "model",
     .field = {.name = "model", .type = &vx_value_string, .offset = offsetof(VxNet, model)},
     .write = write_model,
     .doc = "the emulated card"},
    {.key = "rate", .read = read_rate, .write = write_rate, .doc = "what the guest may send"},
    VX_XL_KEY_CARRIED("vlan", "VLANs on a Linux bridge, as vif-bridge takes them; since 4.19"),
    {.key = "mtu", .read = read_mtu, .write = write_mtu, .doc = "bytes of the largest packet"},
    VX_XL_KEY_CARRIED("gatewaydev", "the host's interface behind vif-route and its like"),
    {.key = "netdev", .read = read_gateway_device, .carried = true, .doc = "older spelling of gatewaydev"},
    {.key = "devid", .read = read_devid, .carried = true, .doc = "number of the interface"},
    {.key = "trusted", .read = read_trust, .is_word = true, .doc = "the guest may trust the backend"},
    {.key = "untrusted", .read = read_trust, .is_word = true, .doc = "the guest should not trust the backend"},
    VX_XL_KEY_CARRIED("forwarddev", COLO),
    SOCKET("mirror"),
    SOCKET("compare_sec_in"),
    SOCKET("redirector0"),
    SOCKET("redirector1"),
    SOCKET("redirector2"),
    SOCKET("compare_pri_in"),
    SOCKET("compare_notify"),
    VX_XL_KEY_CARRIED("colo_filter_mirror_queue", COLO),
    VX_XL_KEY_CARRIED("colo_filter_mirror_outdev", COLO),
    VX_XL_KEY_CARRIED("colo_filter_redirector0_queue", COLO),
    VX_XL_KEY_CARRIED("colo_filter_redirector0_indev", COLO),
    VX_XL_KEY_CARRIED("colo_filter_redirector0_outdev", COLO),
    VX_XL_KEY_CARRIED("colo_filter_redirector1_queue", COLO),
    VX_XL_KEY_CARRIED("colo_filter_redirector1_indev", COLO),
    VX_XL_KEY_CARRIED("colo_filter_redirector1_outdev", COLO),
    VX_XL_KEY_CARRIED("colo_compare_pri_in", COLO),
    VX_XL_KEY_CARRIED("colo_compare_sec_in", COLO),
    VX_XL_KEY_CARRIED("colo_compare_out", COLO),
    VX_XL_KEY_CARRIED("colo_compare_notify_dev", COLO),
    SOCKET("sec_redirector0"),
    SOCKET("sec_redirector1"),
    VX_XL_KEY_CARRIED("colo_filter_sec_redirector0_queue", COLO),
    VX_XL_KEY_CARRIED("colo_filter_sec_redirector0_indev", COLO),
    VX_XL_KEY_CARRIED("colo_filter_sec_redirector0_outdev", COLO),
    VX_XL_KEY_CARRIED("colo_filter_sec_redirector1_queue", COLO),
    VX_XL_KEY_CARRIED("colo_filter_sec_redirector1_indev", COLO),
    VX_XL_KEY_CARRIED("colo_filter_sec_redirector1_outdev", COLO),
    VX_XL_KEY_CARRIED("colo_filter_sec_rewriter0_queue", COLO),
    VX_XL_KEY_CARRIED("colo_checkpoint_host", COLO),
    VX_XL_KEY_CARRIED("colo_checkpoint_port", COLO),
};
static const VxXlDevice vif_table = {.option = "vif", VX_XL_KEYS(vif_keys), .keeps_blanks = true};

/* ---- the list ---- */

static void read_vif(VxXlReader *reader, const VxXlcfgValue *item)
{
    VxNet *net = vx_domain_def_add_device(reader->def, VX_DEVICE_INTERFACE);

    net->device.object.place = item->place;
    vx_xl_device_read(reader, &vif_table, item, net);
    net->type = net->bridge || g_strcmp0(net->script, "vif-bridge") == 0 || g_strcmp0(net->script, "vif-vnic") == 0
                    ? VX_NET_BRIDGE
                    : VX_NET_ETHERNET;
    split_bridge(net);
    settle_type(reader, net);
}

static void read_vifs(VxXlReader *reader)
{
    vx_xl_read_items(reader, "vif", read_vif);
}

/* What xl.cfg has no words for and the guest can do without. */
static void warn_of_lost(VxXlWriter *writer, const VxNet *net)
{
    const struct {
        const char *what;
        bool is_given;
    } hints[] = {
        {"<guest>", net->guest_name},
        {"<driver>", net->driver_name},
        {"trustGuestRxFilters", net->trust_guest_rx_filters},
        {"the parameters of <virtualport>",
         net->virtual_port && (net->virtual_port->interfaceid || net->virtual_port->profileid)},
    };

    if (net->link_state == VX_LINK_DOWN)
        vx_diag_unfit(
            writer->diag, net->device.object.place,
            "Xen has no cable that can be pulled out: <link state='down'/> would be up, so take it out, or the "
            "interface");
    for (unsigned i = 0; i < G_N_ELEMENTS(hints); i++) {
        if (hints[i].is_given)
            vx_diag_warn(writer->diag, net->device.object.place, "xl.cfg has no word for %s of an interface: left out",
                         hints[i].what);
    }
}

/* libvirt's Xen driver asks for the bridge of a network when the guest starts. */
static void tell_of_network(VxXlWriter *writer, const VxNet *net)
{
    const char *name = net->network ? net->network : "";

    if (net->bridge)
        vx_diag_warn(writer->diag, net->device.object.place,
                     "xl.cfg knows no <interface type='network'>: the network '%.40s' becomes its bridge, '%.40s'",
                     name, net->bridge);
    else
        vx_diag_unfit(
            writer->diag, net->device.object.place,
            "xl.cfg knows no <interface type='network'>: without the bridge of the network '%.40s', xl takes its "
            "own, so add bridge='...' to <source>",
            name);
}

static void format_vif(VxXlWriter *writer, const void *device, GString *item)
{
    const VxNet *net = device;

    switch ((VxNetType)net->type) {
    case VX_NET_HOSTDEV:
        return; /* it is in pci= */
    case VX_NET_BRIDGE:
    case VX_NET_ETHERNET:
        warn_of_lost(writer, net);
        vx_xl_device_format(writer, &vif_table, net, item);
        return;
    case VX_NET_NETWORK:
        tell_of_network(writer, net);
        warn_of_lost(writer, net);
        vx_xl_device_format(writer, &vif_table, net, item);
        return;
    default:
        vx_diag_wrong(writer->diag, net->device.object.place,
                      "xl.cfg has no interfaces of type '%s': write type='bridge' or type='ethernet'",
                      net->type ? vx_enum_to_text(&vx_net_types, net->type) : "");
        return;
    }
}

static void write_vifs(VxXlWriter *writer)
{
    vx_xl_write_devices(writer, "vif", VX_DEVICE_INTERFACE, format_vif);
}

const VxXlGroup vx_xl_vifs = {.name = "interfaces", .read = read_vifs, .write = write_vifs};
