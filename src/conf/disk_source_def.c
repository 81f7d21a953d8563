/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <source> of a disk: what is on the host's side, or across the network.
 */
#include "conf/disk_def.h"

VX_ENUM_DEFINE(vx_disk_protocols, VX_DISK_PROTOCOLS);
VX_ENUM_DEFINE(vx_disk_transports, VX_DISK_TRANSPORTS);

static const VxField host_fields[] = {
    VX_ATTR_STRING("name", VxDiskHost, name, "name or address of the server"),
    VX_ATTR_STRING("port", VxDiskHost, port, "its port"),
    VX_ATTR_ENUM("transport", VxDiskHost, transport, vx_disk_transports, "how the server is reached"),
    VX_ATTR_STRING("socket", VxDiskHost, socket, "path of the server's UNIX socket"),
};
const VxElement vx_disk_host_element = {
    .name = "host",
    .size = sizeof(VxDiskHost),
    VX_ELEMENT_FIELDS(host_fields),
    .doc = "A server of a network disk.",
};

static const VxField secret_fields[] = {
    VX_ATTR_STRING("type", VxDiskAuth, secret_type, "ceph or iscsi"),
    VX_ATTR_STRING("uuid", VxDiskAuth, secret_uuid, "the secret, by its UUID"),
    VX_ATTR_STRING("usage", VxDiskAuth, secret_usage, "the secret, by what it is for"),
};
static const VxElement secret_element = {.name = "secret", VX_ELEMENT_FIELDS(secret_fields)};

static const VxField auth_fields[] = {
    VX_ATTR_STRING("username", VxDiskAuth, username, "the user, as the server knows it", .flags = VX_FIELD_REQUIRED),
    VX_GROUP("secret", secret_element, "where the secret is kept"),
};
const VxElement vx_disk_auth_element = {
    .name = "auth",
    .size = sizeof(VxDiskAuth),
    VX_ELEMENT_FIELDS(auth_fields),
    .doc = "Who the host is to the server of a network disk.",
};

static const VxField snapshot_fields[] = {
    VX_ATTR_STRING("name", VxDiskSource, snapshot, "name of the snapshot", .flags = VX_FIELD_REQUIRED),
};
static const VxElement snapshot_element = {.name = "snapshot", VX_ELEMENT_FIELDS(snapshot_fields)};

static const VxField config_fields[] = {
    VX_ATTR_STRING("file", VxDiskSource, config_file, "path of Ceph's configuration", .flags = VX_FIELD_REQUIRED),
};
static const VxElement config_element = {.name = "config", VX_ELEMENT_FIELDS(config_fields)};

#define NO_NVME "Xen takes an NVMe disk as a PCI device: write a <hostdev>"
#define NO_VHOST_USER "Xen's disks have no vhost-user backend"
#define NO_HTTP_TUNING "Xen's device model is told the address only"

static const VxField source_fields[] = {
    VX_ATTR_STRING("file", VxDiskSource, file, "path of the image, for type='file'"),
    VX_ATTR_STRING("dev", VxDiskSource, dev, "path of the block device, for type='block'"),
    VX_ATTR_STRING("dir", VxDiskSource, dir, "path of the folder, for type='dir'"),
    VX_CANNOT_ATTR("type", NO_NVME),
    VX_CANNOT_ATTR("managed", NO_NVME),
    VX_CANNOT_ATTR("namespace", NO_NVME),
    VX_CANNOT_ATTR("path", NO_VHOST_USER),
    VX_ATTR_ENUM("protocol", VxDiskSource, protocol, vx_disk_protocols, "what the server speaks, for type='network'"),
    VX_ATTR_STRING("name", VxDiskSource, name, "the image, as the server calls it: pool/image of rbd"),
    VX_ATTR_STRING("query", VxDiskSource, query, "what is behind the ? of an http address"),
    VX_ATTR_ENUM("tls", VxDiskSource, tls, vx_yes_no, "whether the connection is encrypted"),
    VX_CANNOT_ATTR("tlsHostname", "Xen's device model is told of no TLS"),
    VX_CANNOT_ATTR("fdgroup", "Xen's device model takes no open files"),
    VX_ATTR_STRING("pool", VxDiskSource, pool, "the storage pool, for type='volume'"),
    VX_ATTR_STRING("volume", VxDiskSource, volume, "the volume of the pool"),
    VX_ATTR_STRING("mode", VxDiskSource, mode, "how a volume of an iscsi pool is reached: host or direct"),
    VX_ATTR_ENUM("startupPolicy", VxDiskSource, startup_policy, vx_startup_policies,
                 "what to do when the source is missing as the guest starts"),
    VX_ATTR_NUMBER("index", VxDiskSource, index, 0, G_MAXUINT32, "index of the image in its chain",
                   .flags = VX_FIELD_LIVE),
    VX_MANY("host", VxDiskSource, hosts, vx_disk_host_element, "a server"),
    VX_GROUP("snapshot", snapshot_element, "the snapshot that is read"),
    VX_GROUP("config", config_element, "Ceph's configuration"),
    VX_CANNOT("initiator", "Xen's device model uses the host's own iSCSI name"),
    VX_CANNOT("address", NO_NVME),
    VX_POINTER("auth", VxDiskSource, auth, vx_disk_auth_element, "who the host is to the server"),
    VX_CANNOT("reconnect", NO_VHOST_USER),
    VX_CANNOT("ssl", NO_HTTP_TUNING),
    VX_CANNOT("cookies", NO_HTTP_TUNING),
    VX_CANNOT("readahead", NO_HTTP_TUNING),
    VX_CANNOT("timeout", NO_HTTP_TUNING),
    VX_CANNOT("identity", "Xen's device model is told of no identity"),
    VX_CANNOT("knownHosts", "Xen's device model is told of no SSH hosts"),
    VX_CANNOT("seclabel", "Xen labels no host devices"),
    VX_CANNOT("encryption", "Xen decrypts no disks"),
    VX_CANNOT("reservations", "Xen has no persistent reservations"),
    VX_CANNOT("slices", "Xen takes an image whole"),
    VX_CANNOT("dataStore", "Xen's device model finds the data of an image itself"),
};
const VxElement vx_disk_source_element = {
    .name = "source",
    .size = sizeof(VxDiskSource),
    VX_ELEMENT_FIELDS(source_fields),
    .doc = "What the disk is made from. An empty drive has none.",
};
