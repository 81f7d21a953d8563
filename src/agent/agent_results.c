/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent/agent_results.h"

#define FIELD(Type, key, member, type, ...)                                                                            \
    {                                                                                                                  \
        key, type, .offset = offsetof(Type, member), __VA_ARGS__                                                       \
    }
#define OPTIONAL .is_optional = true
#define RANGE(from, to) .min = (from), .max = (to)
#define OF(name) .record = &name##_record

static const VxAgentField vx_agent_command_info_fields[] = {
    FIELD(VxAgentCommandInfo, "name", name, VX_AGENT_STRING),
    FIELD(VxAgentCommandInfo, "enabled", is_enabled, VX_AGENT_BOOL),
    FIELD(VxAgentCommandInfo, "success-response", answers_success, VX_AGENT_BOOL, OPTIONAL),
};
static const VxAgentField vx_agent_info_fields[] = {
    FIELD(VxAgentInfo, "version", version, VX_AGENT_STRING),
    FIELD(VxAgentInfo, "supported_commands", commands, VX_AGENT_LIST, OPTIONAL, OF(vx_agent_command_info)),
};
static const VxAgentField vx_agent_host_fields[] = {
    FIELD(VxAgentHost, "host-name", name, VX_AGENT_STRING),
};
static const VxAgentField vx_agent_address_fields[] = {
    FIELD(VxAgentAddress, "ip-address-type", type, VX_AGENT_STRING),
    FIELD(VxAgentAddress, "ip-address", address, VX_AGENT_STRING),
    FIELD(VxAgentAddress, "prefix", prefix, VX_AGENT_INT, RANGE(0, 128)),
};
static const VxAgentField vx_agent_interface_fields[] = {
    FIELD(VxAgentInterface, "name", name, VX_AGENT_STRING),
    FIELD(VxAgentInterface, "hardware-address", hardware_address, VX_AGENT_STRING, OPTIONAL),
    FIELD(VxAgentInterface, "ip-addresses", addresses, VX_AGENT_LIST, OPTIONAL, OF(vx_agent_address)),
};
static const VxAgentField vx_agent_vcpu_fields[] = {
    FIELD(VxAgentVcpu, "logical-id", id, VX_AGENT_INT, RANGE(0, G_MAXINT32)),
    FIELD(VxAgentVcpu, "online", is_online, VX_AGENT_BOOL),
    FIELD(VxAgentVcpu, "can-offline", can_offline, VX_AGENT_BOOL, OPTIONAL),
};
#define ANY_INT32 RANGE(G_MININT32, G_MAXUINT32) /* some agents say 4294967295 for -1 */
static const VxAgentField vx_agent_pci_fields[] = {
    FIELD(VxAgentPci, "domain", domain, VX_AGENT_INT, ANY_INT32),
    FIELD(VxAgentPci, "bus", bus, VX_AGENT_INT, ANY_INT32),
    FIELD(VxAgentPci, "slot", slot, VX_AGENT_INT, ANY_INT32),
    FIELD(VxAgentPci, "function", function, VX_AGENT_INT, ANY_INT32),
};
static const VxAgentField vx_agent_disk_address_fields[] = {
    FIELD(VxAgentDiskAddress, "bus-type", bus_type, VX_AGENT_STRING, OPTIONAL),
    FIELD(VxAgentDiskAddress, "bus", bus, VX_AGENT_INT, ANY_INT32),
    FIELD(VxAgentDiskAddress, "target", target, VX_AGENT_INT, ANY_INT32),
    FIELD(VxAgentDiskAddress, "unit", unit, VX_AGENT_INT, ANY_INT32),
    FIELD(VxAgentDiskAddress, "pci-controller", pci, VX_AGENT_RECORD, OF(vx_agent_pci)),
    FIELD(VxAgentDiskAddress, "serial", serial, VX_AGENT_STRING, OPTIONAL),
    FIELD(VxAgentDiskAddress, "dev", device, VX_AGENT_STRING, OPTIONAL),
};
static const VxAgentField vx_agent_filesystem_fields[] = {
    FIELD(VxAgentFilesystem, "mountpoint", mount_point, VX_AGENT_STRING),
    FIELD(VxAgentFilesystem, "name", name, VX_AGENT_STRING),
    FIELD(VxAgentFilesystem, "type", type, VX_AGENT_STRING),
    FIELD(VxAgentFilesystem, "used-bytes", used_bytes, VX_AGENT_INT, OPTIONAL, RANGE(0, G_MAXINT64)),
    FIELD(VxAgentFilesystem, "total-bytes", total_bytes, VX_AGENT_INT, OPTIONAL, RANGE(0, G_MAXINT64)),
    FIELD(VxAgentFilesystem, "disk", disks, VX_AGENT_LIST, OF(vx_agent_disk_address)),
};
static const VxAgentField vx_agent_disk_fields[] = {
    FIELD(VxAgentDisk, "name", name, VX_AGENT_STRING),
    FIELD(VxAgentDisk, "partition", is_partition, VX_AGENT_BOOL),
    FIELD(VxAgentDisk, "dependencies", dependencies, VX_AGENT_STRINGS, OPTIONAL),
    FIELD(VxAgentDisk, "address", address, VX_AGENT_RECORD, OPTIONAL, OF(vx_agent_disk_address)),
    FIELD(VxAgentDisk, "alias", alias, VX_AGENT_STRING, OPTIONAL),
};
static const VxAgentField vx_agent_trimmed_fields[] = {
    FIELD(VxAgentTrimmed, "path", path, VX_AGENT_STRING),
    FIELD(VxAgentTrimmed, "error", error, VX_AGENT_STRING, OPTIONAL),
    FIELD(VxAgentTrimmed, "trimmed", trimmed_bytes, VX_AGENT_INT, OPTIONAL, RANGE(0, G_MAXINT64)),
    FIELD(VxAgentTrimmed, "minimum", minimum_bytes, VX_AGENT_INT, OPTIONAL, RANGE(0, G_MAXINT64)),
};
static const VxAgentField vx_agent_trim_fields[] = {
    FIELD(VxAgentTrim, "paths", paths, VX_AGENT_LIST, OPTIONAL, OF(vx_agent_trimmed)),
};
static const VxAgentField vx_agent_user_fields[] = {
    FIELD(VxAgentUser, "user", name, VX_AGENT_STRING),
    FIELD(VxAgentUser, "domain", domain, VX_AGENT_STRING, OPTIONAL),
    FIELD(VxAgentUser, "login-time", login_time, VX_AGENT_NUMBER),
};
#define OS_FIELD(key, member) FIELD(VxAgentOs, key, member, VX_AGENT_STRING, OPTIONAL)
static const VxAgentField vx_agent_os_fields[] = {
    OS_FIELD("id", id),
    OS_FIELD("name", name),
    OS_FIELD("pretty-name", pretty_name),
    OS_FIELD("version", version),
    OS_FIELD("version-id", version_id),
    OS_FIELD("variant", variant),
    OS_FIELD("variant-id", variant_id),
    OS_FIELD("machine", machine),
    OS_FIELD("kernel-release", kernel_release),
    OS_FIELD("kernel-version", kernel_version),
};
static const VxAgentField vx_agent_timezone_fields[] = {
    FIELD(VxAgentTimezone, "zone", zone, VX_AGENT_STRING, OPTIONAL),
    FIELD(VxAgentTimezone, "offset", offset_s, VX_AGENT_INT, RANGE(-86400, 86400)),
};
static const VxAgentField vx_agent_ssh_keys_fields[] = {
    FIELD(VxAgentSshKeys, "keys", keys, VX_AGENT_STRINGS),
};

#define DEFINE_RECORD(Type, name)                                                                                      \
    const VxAgentRecord name##_record = {sizeof(Type), name##_fields, G_N_ELEMENTS(name##_fields),                     \
                                         (GDestroyNotify)name##_free};                                                 \
    void name##_free(Type *data)                                                                                       \
    {                                                                                                                  \
        vx_agent_record_free(&name##_record, data);                                                                    \
    }
VX_AGENT_RECORDS(DEFINE_RECORD)

#define ADDRESS_OF(Type, name) &name##_record,
const VxAgentRecord *const vx_agent_all_records[] = {VX_AGENT_RECORDS(ADDRESS_OF) NULL};
