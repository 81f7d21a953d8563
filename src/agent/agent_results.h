/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a guest agent tells of its guest; the names and meanings are those of qemu-ga-ref(7). All of it is the guest's
 * word. Texts are valid UTF-8 of any length; a text that is not given is NULL, a number that is not given is -1 unless
 * it says otherwise, a list that is not given is empty. Lists are GPtrArrays that own their elements.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "agent/agent_record.h"

/* guest-info */
typedef struct {
    char *name;
    bool is_enabled;
    bool answers_success; /* otherwise it answers only if it fails */
} VxAgentCommandInfo;
typedef struct {
    char *version;
    GPtrArray *commands; /* of VxAgentCommandInfo */
} VxAgentInfo;

/* guest-get-host-name */
typedef struct {
    char *name;
} VxAgentHost;

/* guest-network-get-interfaces */
typedef struct {
    char *type; /* "ipv4" or "ipv6" */
    char *address;
    gint64 prefix; /* bits */
} VxAgentAddress;
typedef struct {
    char *name;
    char *hardware_address;
    GPtrArray *addresses; /* of VxAgentAddress */
} VxAgentInterface;

/* guest-get-vcpus */
typedef struct {
    gint64 id;
    bool is_online;
    bool can_offline;
} VxAgentVcpu;

/* guest-get-fsinfo, guest-get-disks. Numbers of an address may be anything; the agent says -1 for what it does not
 * know. */
typedef struct {
    gint64 domain, bus, slot, function;
} VxAgentPci;
typedef struct {
    char *bus_type;
    gint64 bus, target, unit;
    VxAgentPci *pci;
    char *serial;
    char *device; /* such as /dev/xvda1 */
} VxAgentDiskAddress;
typedef struct {
    char *mount_point;
    char *name; /* of the device */
    char *type; /* such as ext4 */
    gint64 used_bytes, total_bytes;
    GPtrArray *disks; /* of VxAgentDiskAddress */
} VxAgentFilesystem;
typedef struct {
    char *name;
    bool is_partition;
    char **dependencies;
    VxAgentDiskAddress *address; /* NULL if there is none */
    char *alias;
} VxAgentDisk;

/* guest-fstrim */
typedef struct {
    char *path;
    char *error; /* why it failed, NULL if it did not */
    gint64 trimmed_bytes, minimum_bytes;
} VxAgentTrimmed;
typedef struct {
    GPtrArray *paths; /* of VxAgentTrimmed */
} VxAgentTrim;

/* guest-get-users */
typedef struct {
    char *name;
    char *domain;      /* of Windows guests */
    double login_time; /* seconds since 1970 */
} VxAgentUser;

/* guest-get-osinfo */
typedef struct {
    char *id, *name, *pretty_name, *version, *version_id, *variant, *variant_id;
    char *machine, *kernel_release, *kernel_version;
} VxAgentOs;

/* guest-get-timezone */
typedef struct {
    char *zone;
    gint64 offset_s; /* from UTC, eastwards */
} VxAgentTimezone;

/* guest-ssh-get-authorized-keys */
typedef struct {
    char **keys; /* NULL-terminated, never NULL */
} VxAgentSshKeys;

/* The kinds: struct, name of its table and of the function that frees it. */
#define VX_AGENT_RECORDS(X)                                                                                            \
    X(VxAgentCommandInfo, vx_agent_command_info)                                                                       \
    X(VxAgentInfo, vx_agent_info)                                                                                      \
    X(VxAgentHost, vx_agent_host)                                                                                      \
    X(VxAgentAddress, vx_agent_address)                                                                                \
    X(VxAgentInterface, vx_agent_interface)                                                                            \
    X(VxAgentVcpu, vx_agent_vcpu)                                                                                      \
    X(VxAgentPci, vx_agent_pci)                                                                                        \
    X(VxAgentDiskAddress, vx_agent_disk_address)                                                                       \
    X(VxAgentFilesystem, vx_agent_filesystem)                                                                          \
    X(VxAgentDisk, vx_agent_disk)                                                                                      \
    X(VxAgentTrimmed, vx_agent_trimmed)                                                                                \
    X(VxAgentTrim, vx_agent_trim)                                                                                      \
    X(VxAgentUser, vx_agent_user)                                                                                      \
    X(VxAgentOs, vx_agent_os)                                                                                          \
    X(VxAgentTimezone, vx_agent_timezone)                                                                              \
    X(VxAgentSshKeys, vx_agent_ssh_keys)

#define VX_AGENT_DECLARE_RECORD(Type, name)                                                                            \
    extern const VxAgentRecord name##_record;                                                                          \
    void name##_free(Type *data);                                                                                      \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(Type, name##_free)
VX_AGENT_RECORDS(VX_AGENT_DECLARE_RECORD)
#undef VX_AGENT_DECLARE_RECORD

/* All tables, for who wants to try them one by one; ends with NULL. */
extern const VxAgentRecord *const vx_agent_all_records[];
