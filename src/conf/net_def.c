/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/net_def.h"

#include <arpa/inet.h>
#include <string.h>

VX_ENUM_DEFINE(vx_net_types, VX_NET_TYPES);
VX_ENUM_DEFINE(vx_ip_families, VX_IP_FAMILIES);
VX_ENUM_DEFINE(vx_link_states, VX_LINK_STATES);
VX_ENUM_DEFINE(vx_vlan_modes, VX_VLAN_MODES);

static const VxField mac_fields[] = {
    {.placement = VX_ATTRIBUTE,
     .name = "address",
     .type = &vx_value_mac,
     .offset = offsetof(VxNet, mac),
     .flags = VX_FIELD_REQUIRED,
     .doc = "the address"},
    VX_ATTR_STRING("type", VxNet, mac_type, "generated or static"),
    VX_ATTR_STRING("check", VxNet, mac_check, "whether the address must be of a known range"),
};
static const VxElement mac_element = {.name = "mac", VX_ELEMENT_FIELDS(mac_fields)};

static const VxField source_fields[] = {
    VX_ATTR_STRING("type", VxNet, source_type, "unix, for type='vhostuser'"),
    VX_ATTR_STRING("path", VxNet, source_path, "path of the socket, for type='vhostuser'"),
    VX_ATTR_STRING("network", VxNet, network, "libvirt's network, for type='network'"),
    VX_ATTR_STRING("portgroup", VxNet, portgroup, "the group of ports of the network"),
    VX_ATTR_STRING("portid", VxNet, portid, "the port of the network", .flags = VX_FIELD_LIVE),
    VX_ATTR_STRING("bridge", VxNet, bridge, "the host's bridge, for type='bridge'"),
    VX_ATTR_STRING("address", VxNet, source_address, "address of the other side"),
    VX_ATTR_STRING("port", VxNet, source_port, "port of the other side"),
    VX_ATTR_STRING("dev", VxNet, source_dev, "the host's interface, for type='direct'"),
    VX_ATTR_STRING("mode", VxNet, source_mode, "how the host's interface is used"),
    VX_CANNOT_ATTR("name", "Xen has no such internal network"),
    VX_CANNOT_ATTR("switchid", "it is VMware's"),
    VX_CANNOT_ATTR("portgroupid", "it is VMware's"),
    VX_CANNOT_ATTR("connectionid", "it is VMware's"),
    VX_CANNOT_ATTR("macTableManager", "a Xen interface's script joins the bridge as it is"),
    VX_CANNOT("local", "Xen has no such tunnel"),
    VX_SPECIAL("address", VxNet, source_device, vx_host_address, "the PCI device, for type='hostdev'"),
    VX_CANNOT("ip", "Xen gives the host's side no address; its script may"),
    VX_CANNOT("route", "Xen gives the host's side no routes; its script may"),
    VX_CANNOT("reconnect", "Xen has no vhost-user interfaces"),
    VX_CANNOT_ATTR("startupPolicy", "an interface is of a PCI device, which must be there"),
    VX_CANNOT_ATTR("missing", "an interface is of a PCI device, which must be there"),
    VX_CANNOT("vendor", "an interface is of a PCI device: write its <address>"),
    VX_CANNOT("product", "an interface is of a PCI device: write its <address>"),
};
static const VxElement source_element = {.name = "source", VX_ELEMENT_FIELDS(source_fields)};

static const VxField tag_fields[] = {
    VX_ATTR_NUMBER("id", VxVlanTag, id, 0, 4095, "number of the VLAN", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_ENUM("nativeMode", VxVlanTag, native_mode, vx_vlan_modes, "that of frames without a tag"),
};
const VxElement vx_vlan_tag_element = {.name = "tag", .size = sizeof(VxVlanTag), VX_ELEMENT_FIELDS(tag_fields)};

static const VxField vlan_fields[] = {
    VX_ATTR_ENUM("trunk", VxVlan, trunk, vx_yes_no, "whether frames keep their tags"),
    VX_MANY("tag", VxVlan, tags, vx_vlan_tag_element, "a VLAN"),
};
const VxElement vx_vlan_element = {
    .name = "vlan",
    .size = sizeof(VxVlan),
    VX_ELEMENT_FIELDS(vlan_fields),
    .doc = "The VLANs of an Open vSwitch port.",
};

static const VxField parameters_fields[] = {
    VX_ATTR_STRING("managerid", VxVirtualPort, managerid, "802.1Qbg: the manager"),
    VX_ATTR_STRING("typeid", VxVirtualPort, typeid, "802.1Qbg: the type"),
    VX_ATTR_STRING("typeidversion", VxVirtualPort, typeidversion, "802.1Qbg: version of the type"),
    VX_ATTR_STRING("instanceid", VxVirtualPort, instanceid, "802.1Qbg: the instance"),
    VX_ATTR_STRING("interfaceid", VxVirtualPort, interfaceid, "Open vSwitch: the interface"),
    VX_ATTR_STRING("profileid", VxVirtualPort, profileid, "Open vSwitch, 802.1Qbh: the profile"),
};
static const VxElement parameters_element = {.name = "parameters", VX_ELEMENT_FIELDS(parameters_fields)};

static const VxField virtual_port_fields[] = {
    VX_ATTR_STRING("type", VxVirtualPort, type, "openvswitch, or a kind that Xen has not"),
    VX_GROUP("parameters", parameters_element, "what the switch is told"),
};
const VxElement vx_virtual_port_element = {
    .name = "virtualport",
    .size = sizeof(VxVirtualPort),
    VX_ELEMENT_FIELDS(virtual_port_fields),
    .doc = "The port of the switch that the bridge is.",
};

static const VxField outbound_fields[] = {
    VX_ATTR_NUMBER("average", VxNet, rate_kilobytes_per_s, 1, G_MAXUINT32, "units of 1000 bytes per second",
                   .flags = VX_FIELD_REQUIRED),
    VX_CANNOT_ATTR("peak", "Xen has one limit, the average"),
    VX_CANNOT_ATTR("burst", "Xen has one limit, the average"),
    VX_CANNOT_ATTR("floor", "Xen guarantees an interface nothing"),
};
static const VxElement outbound_element = {.name = "outbound", VX_ELEMENT_FIELDS(outbound_fields)};

static const VxField bandwidth_fields[] = {
    VX_CANNOT_ATTR("classID", "Xen has no classes of interfaces"),
    VX_CANNOT("inbound", "Xen limits only what the guest sends"),
    VX_GROUP("outbound", outbound_element, "what the guest may send"),
};
static const VxElement bandwidth_element = {.name = "bandwidth", VX_ELEMENT_FIELDS(bandwidth_fields)};

static const VxField ip_fields[] = {
    VX_ATTR_STRING("address", VxNetIp, address, "the address", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_ENUM("family", VxNetIp, family, vx_ip_families,
                 "ipv4 or ipv6; follows from the address if it is not given"),
    VX_ATTR_NUMBER("prefix", VxNetIp, prefix, 0, 128, "bits of the network's part"),
    VX_ATTR_STRING("peer", VxNetIp, peer, "address of the host's side"),
};
const VxElement vx_net_ip_element = {
    .name = "ip",
    .size = sizeof(VxNetIp),
    VX_ELEMENT_FIELDS(ip_fields),
    .doc = "An address that the interface's script lets the guest use.",
};

static const VxField script_fields[] = {
    VX_ATTR_STRING("path", VxNet, script, "path, or name in Xen's folder of scripts", .flags = VX_FIELD_REQUIRED),
};
static const VxElement script_element = {.name = "script", VX_ELEMENT_FIELDS(script_fields)};

static const VxField target_fields[] = {
    VX_ATTR_STRING("dev", VxNet, target, "name of the host's side"),
    VX_ATTR_ENUM("managed", VxNet, target_managed, vx_yes_no, "whether libvirt makes it"),
};
static const VxElement target_element = {.name = "target", VX_ELEMENT_FIELDS(target_fields)};

static const VxField guest_fields[] = {
    VX_ATTR_STRING("dev", VxNet, guest_name, "name in the guest: kept, the guest chooses"),
    VX_ATTR_STRING("actual", VxNet, guest_actual, "name that it has in the guest", .flags = VX_FIELD_LIVE),
};
static const VxElement guest_element = {.name = "guest", VX_ELEMENT_FIELDS(guest_fields)};

static const VxField model_fields[] = {
    VX_ATTR_STRING("type", VxNet, model, "the emulated card, or netfront for none", .flags = VX_FIELD_REQUIRED),
};
static const VxElement model_element = {.name = "model", VX_ELEMENT_FIELDS(model_fields)};

#define NO_TUNING "it is of virtio interfaces, which Xen's are not"

static const VxField driver_fields[] = {
    VX_ATTR_STRING("name", VxNet, driver_name, "what serves the interface: kept, Xen has one back end"),
    VX_CANNOT_ATTR("txmode", NO_TUNING),
    VX_CANNOT_ATTR("ioeventfd", NO_TUNING),
    VX_CANNOT_ATTR("event_idx", NO_TUNING),
    VX_CANNOT_ATTR("queues", NO_TUNING),
    VX_CANNOT_ATTR("rx_queue_size", NO_TUNING),
    VX_CANNOT_ATTR("tx_queue_size", NO_TUNING),
    VX_CANNOT_ATTR("rss", NO_TUNING),
    VX_CANNOT_ATTR("rss_hash_report", NO_TUNING),
    VX_CANNOT_ATTR("iommu", NO_TUNING),
    VX_CANNOT_ATTR("ats", NO_TUNING),
    VX_CANNOT_ATTR("packed", NO_TUNING),
    VX_CANNOT_ATTR("page_per_vq", NO_TUNING),
    VX_CANNOT("host", NO_TUNING),
    VX_CANNOT("guest", NO_TUNING),
};
static const VxElement driver_element = {.name = "driver", VX_ELEMENT_FIELDS(driver_fields)};

static const VxField link_fields[] = {
    VX_ATTR_ENUM("state", VxNet, link_state, vx_link_states, "whether the cable is plugged in; Xen's always is"),
};
static const VxElement link_element = {.name = "link", VX_ELEMENT_FIELDS(link_fields)};

static const VxField mtu_fields[] = {
    VX_ATTR_NUMBER("size", VxNet, mtu_bytes, 1, G_MAXUINT32, "bytes", .flags = VX_FIELD_REQUIRED),
};
static const VxElement mtu_element = {.name = "mtu", VX_ELEMENT_FIELDS(mtu_fields)};

static const VxField interface_fields[] = {
    VX_ATTR_ENUM("type", VxNet, type, vx_net_types, "what the interface is joined to", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_ENUM("managed", VxNet, managed, vx_yes_no, "whether the host gives a PCI device up by itself"),
    VX_ATTR_ENUM("trustGuestRxFilters", VxNet, trust_guest_rx_filters, vx_yes_no, "kept: Xen sets no filters"),
    VX_GROUP("mac", mac_element, "the MAC address; the host chooses one if it is not given"),
    VX_GROUP("source", source_element, "what the interface is joined to"),
    VX_POINTER("vlan", VxNet, vlan, vx_vlan_element, "the VLANs of an Open vSwitch port"),
    VX_POINTER("virtualport", VxNet, virtual_port, vx_virtual_port_element, "the port of the switch"),
    VX_GROUP("bandwidth", bandwidth_element, "limits"),
    VX_MANY("ip", VxNet, ips, vx_net_ip_element, "an address of the guest"),
    VX_CANNOT("route", "Xen gives a guest no routes"),
    VX_CANNOT("portForward", "Xen forwards no ports"),
    VX_GROUP("script", script_element, "the script that joins the interface to its network"),
    VX_DEVICE_BACKEND_ROW,
    VX_GROUP("target", target_element, "the host's side"),
    VX_GROUP("guest", guest_element, "the guest's side"),
    VX_GROUP("model", model_element, "what the guest sees"),
    VX_GROUP("driver", driver_element, "what serves the interface"),
    VX_CANNOT("backend", "Xen has one back end"),
    VX_CANNOT("filterref", "Xen filters nothing; write the address as <ip> for a script that does"),
    VX_CANNOT("tune", NO_TUNING),
    VX_GROUP("link", link_element, "the cable"),
    VX_GROUP("mtu", mtu_element, "size of the largest packet"),
    VX_CANNOT("coalesce", "Xen does not merge the interface's interrupts"),
    VX_CANNOT("port", "Xen has no isolated ports"),
    VX_CANNOT("teaming", "Xen's interfaces are in no team"),
    VX_DEVICE_NAME_ROWS,
    VX_CANNOT("rom", "Xen chooses the ROM of the card"),
    VX_CANNOT("downscript", "xl calls the interface's own script when it goes"),
    VX_DEVICE_PLACE_ROWS,
};

const VxElement vx_interface_element = {
    .name = "interface",
    .kind = VX_DEVICE_INTERFACE,
    .size = sizeof(VxNet),
    VX_ELEMENT_FIELDS(interface_fields),
    .doc = "A network interface.",
};

VxIpFamily vx_ip_family_of(const char *text, gsize length)
{
    g_autofree char *address = g_strndup(text, length);
    struct in6_addr any;

    if (inet_pton(AF_INET, address, &any) == 1)
        return VX_IP_V4;
    return inet_pton(AF_INET6, address, &any) == 1 ? VX_IP_V6 : VX_IP_FAMILY_NOT_GIVEN;
}
