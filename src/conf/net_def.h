/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Network interfaces: <interface>. https://libvirt.org/formatdomain.html#network-interfaces
 */
#pragma once

#include "conf/device_def.h"
#include "conf/hostdev_def.h"

#define VX_NET_TYPES(X)                                                                                                \
    X(VX_NET_ETHERNET, "ethernet")                                                                                     \
    X(VX_NET_BRIDGE, "bridge")                                                                                         \
    X(VX_NET_NETWORK, "network")                                                                                       \
    X(VX_NET_HOSTDEV, "hostdev")                                                                                       \
    X(VX_NET_USER, "user")                                                                                             \
    X(VX_NET_VHOSTUSER, "vhostuser")                                                                                   \
    X(VX_NET_SERVER, "server")                                                                                         \
    X(VX_NET_CLIENT, "client")                                                                                         \
    X(VX_NET_MCAST, "mcast")                                                                                           \
    X(VX_NET_UDP, "udp")                                                                                               \
    X(VX_NET_INTERNAL, "internal")                                                                                     \
    X(VX_NET_DIRECT, "direct")                                                                                         \
    X(VX_NET_VDPA, "vdpa")                                                                                             \
    X(VX_NET_NULL, "null")                                                                                             \
    X(VX_NET_VDS, "vds")
typedef enum { VX_NET_NOT_GIVEN, VX_NET_TYPES(VX_ENUM_ID) } VxNetType;
VX_ENUM_DECLARE(vx_net_types);

#define VX_IP_FAMILIES(X) X(VX_IP_V4, "ipv4") X(VX_IP_V6, "ipv6")
typedef enum { VX_IP_FAMILY_NOT_GIVEN, VX_IP_FAMILIES(VX_ENUM_ID) } VxIpFamily;
VX_ENUM_DECLARE(vx_ip_families);

#define VX_LINK_STATES(X) X(VX_LINK_UP, "up") X(VX_LINK_DOWN, "down")
typedef enum { VX_LINK_NOT_GIVEN, VX_LINK_STATES(VX_ENUM_ID) } VxLinkState;
VX_ENUM_DECLARE(vx_link_states);

#define VX_VLAN_MODES(X) X(VX_VLAN_TAGGED, "tagged") X(VX_VLAN_UNTAGGED, "untagged")
typedef enum { VX_VLAN_MODE_NOT_GIVEN, VX_VLAN_MODES(VX_ENUM_ID) } VxVlanMode;
VX_ENUM_DECLARE(vx_vlan_modes);

typedef struct {
    VxObject object;
    char *address;
    int family; /* VxIpFamily */
    VxNumber prefix;
    char *peer;
} VxNetIp;
extern const VxElement vx_net_ip_element;

typedef struct {
    VxObject object;
    VxNumber id;
    int native_mode; /* VxVlanMode */
} VxVlanTag;
extern const VxElement vx_vlan_tag_element;

typedef struct {
    VxObject object;
    int trunk;       /* VxYesNo */
    GPtrArray *tags; /* of VxVlanTag */
} VxVlan;
extern const VxElement vx_vlan_element;

/* <virtualport>: what a switch is told of the port. */
typedef struct {
    VxObject object;
    char *type; /* openvswitch, 802.1Qbh, ... */
    char *managerid, *typeid, *typeidversion, *instanceid, *interfaceid, *profileid;
} VxVirtualPort;
extern const VxElement vx_virtual_port_element;

typedef struct {
    VxDevice device;
    int type;                   /* VxNetType */
    int managed;                /* VxYesNo: of a hostdev */
    int trust_guest_rx_filters; /* VxYesNo */

    char *mac;
    char *mac_type;
    char *mac_check;

    char *bridge;
    char *network, *portgroup, *portid;
    char *source_dev, *source_mode; /* of a direct interface */
    char *source_type, *source_path, *source_address, *source_port;
    VxHostAddress source_device; /* of a hostdev */

    VxVlan *vlan;
    VxVirtualPort *virtual_port;
    VxNumber rate_kilobytes_per_s; /* what the guest may send, in units of 1000 bytes per second */
    GPtrArray *ips;                /* of VxNetIp */
    char *script;
    char *target;       /* name of the host's side */
    int target_managed; /* VxYesNo */
    char *guest_name, *guest_actual;
    char *model; /* e1000, rtl8139, ...; "netfront": no emulated card */
    char *driver_name;
    int link_state; /* VxLinkState */
    VxNumber mtu_bytes;
} VxNet;

/* The model of an interface that is Xen's own alone, with no emulated card beside it. */
#define VX_NET_MODEL_NETFRONT "netfront"

/* Whether TEXT (LENGTH bytes) is an IP address, and of which family; 0 if it is none. */
VxIpFamily vx_ip_family_of(const char *text, gsize length);
