/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The guest agent's commands that libvirt's calls need, one function each. They take the timeout of
 * vx_agent_set_timeout and fail as agent.h says, and with VIR_ERR_INVALID_ARG if an argument is no valid UTF-8. Whether
 * an agent has a command is asked by running it: the error is VIR_ERR_OPERATION_UNSUPPORTED if not. Results are the
 * caller's to free. They block: for worker threads only.
 */
#pragma once

#include "agent/agent.h"
#include "agent/agent_results.h"

/* guest-ping */
bool vx_agent_ping(VxAgent *agent, GError **error);
VxAgentInfo *vx_agent_get_info(VxAgent *agent, GError **error);

typedef enum { VX_AGENT_POWERDOWN, VX_AGENT_REBOOT, VX_AGENT_HALT } VxAgentShutdownMode;
/* guest-shutdown: has succeeded when the agent says so, or when the channel closes or is closed (vx_agent_close)
 * because the guest went; fails with VIR_ERR_AGENT_UNRESPONSIVE after VIR_DOMAIN_QEMU_AGENT_COMMAND_SHUTDOWN seconds.
 */
bool vx_agent_shutdown(VxAgent *agent, VxAgentShutdownMode mode, GError **error);

typedef enum { VX_AGENT_SUSPEND_RAM, VX_AGENT_SUSPEND_DISK, VX_AGENT_SUSPEND_HYBRID } VxAgentSuspendTarget;
/* guest-suspend-ram, -disk, -hybrid: as with vx_agent_shutdown, but with the timeout that is set. */
bool vx_agent_suspend(VxAgent *agent, VxAgentSuspendTarget target, GError **error);

/* guest-get-host-name */
char *vx_agent_get_host_name(VxAgent *agent, GError **error);
/* guest-network-get-interfaces; an alias such as "eth0:1" has its addresses under "eth0". Of VxAgentInterface. */
GPtrArray *vx_agent_get_interfaces(VxAgent *agent, GError **error);
VxAgentOs *vx_agent_get_os(VxAgent *agent, GError **error);
VxAgentTimezone *vx_agent_get_timezone(VxAgent *agent, GError **error);
GPtrArray *vx_agent_get_users(VxAgent *agent, GError **error); /* of VxAgentUser */
GPtrArray *vx_agent_get_disks(VxAgent *agent, GError **error); /* of VxAgentDisk */
GPtrArray *vx_agent_get_filesystems(VxAgent *agent,
                                    GError **error); /* of VxAgentFilesystem, in the order of mounting */

/* guest-get-time, guest-set-time: nanoseconds since 1970. Without a time the guest takes that of its own clock chip. */
bool vx_agent_get_time(VxAgent *agent, gint64 *time_ns, GError **error);
bool vx_agent_set_time(VxAgent *agent, gint64 time_ns, GError **error);
bool vx_agent_set_time_from_rtc(VxAgent *agent, GError **error);

/* guest-fsfreeze-freeze, or -freeze-list for the N_MOUNT_POINTS ones, if that is not 0. *N_FROZEN is how many were. */
bool vx_agent_freeze(VxAgent *agent, const char *const *mount_points, unsigned n_mount_points, unsigned *n_frozen,
                     GError **error);
bool vx_agent_thaw(VxAgent *agent, unsigned *n_thawed, GError **error);
/* guest-fsfreeze-status: whether any file system is frozen. */
bool vx_agent_get_frozen(VxAgent *agent, bool *is_frozen, GError **error);
/* guest-fstrim of free extents of MINIMUM_BYTES and more. */
VxAgentTrim *vx_agent_trim(VxAgent *agent, guint64 minimum_bytes, GError **error);

GPtrArray *vx_agent_get_vcpus(VxAgent *agent, GError **error); /* of VxAgentVcpu */
/* guest-set-vcpus: makes each VxAgentVcpu of VCPUS as its is_online says, those first that come first. Fails with
 * VIR_ERR_INTERNAL_ERROR if the guest does not get through. */
bool vx_agent_set_vcpus(VxAgent *agent, GPtrArray *vcpus, GError **error);
/* Which of VCPUS are to be changed, and how, so that N_ONLINE are online: an array of VxAgentVcpu for
 * vx_agent_set_vcpus. The first CPU is kept, even if it could go: Linux cannot sleep without it. Fails with
 * VIR_ERR_INVALID_ARG if so few cannot be had, and with VIR_ERR_INTERNAL_ERROR if the guest has less. Does not block.
 */
GPtrArray *vx_agent_choose_vcpus(GPtrArray *vcpus, unsigned n_online, GError **error);

/* guest-set-user-password; with IS_CRYPTED, PASSWORD is a hash as in shadow(5). */
bool vx_agent_set_password(VxAgent *agent, const char *user, const char *password, bool is_crypted, GError **error);

/* guest-ssh-get-authorized-keys; NULL-terminated. */
char **vx_agent_get_ssh_keys(VxAgent *agent, const char *user, GError **error);
/* guest-ssh-add-authorized-keys (with REPLACE, KEYS are then the only ones) and -remove-authorized-keys. */
bool vx_agent_add_ssh_keys(VxAgent *agent, const char *user, const char *const *keys, bool replace, GError **error);
bool vx_agent_remove_ssh_keys(VxAgent *agent, const char *user, const char *const *keys, GError **error);
