/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * libvirt's calls that a guest's agent answers, each under the name of the API's function. All wait for the agent, as
 * long as the domain's response timeout or the call's own says, and for no job of the domain: they belong into threads
 * that may wait. Besides the errors of vx_agent_use_begin and of agent/agent.h they fail with VIR_ERR_INVALID_ARG for
 * unknown flags and bad arguments, and with VIR_ERR_ARGUMENT_UNSUPPORTED for what no agent can do. What they return is
 * the guest's word, and the caller's to free.
 */
#pragma once

#include "agent/agent_results.h"
#include "driver/agents.h"

/* virDomainQemuAgentCommand: the whole answer, as JSON. TIMEOUT_S: seconds or VIR_DOMAIN_QEMU_AGENT_COMMAND_*. */
char *vx_qemu_agent_command(VxDriver *driver, VxDomainObj *domain, const char *command, int timeout_s, unsigned flags,
                            GError **error);

/* The agent's part of virDomainShutdownFlags and virDomainReboot (REBOOT), for life.c: if *FLAGS has AGENT_FLAG, which
 * is taken out, the agent is asked before anybody else. *DONE says whether it has done it: it said so, or the guest
 * went. It fails only if no other way is left in *FLAGS. */
bool vx_agent_first(VxDriver *driver, VxDomainObj *domain, unsigned *flags, unsigned agent_flag, bool reboot,
                    bool *done, GError **error);

/* virDomainGetHostname, with VIR_DOMAIN_GET_HOSTNAME_AGENT or no flag. */
char *vx_get_guest_hostname(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);

/* virDomainInterfaceAddresses with VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT: of VxAgentInterface. */
GPtrArray *vx_get_interface_addresses(VxDriver *driver, VxDomainObj *domain, unsigned source, unsigned flags,
                                      GError **error);

/* virDomainGetTime, virDomainSetTime (VIR_DOMAIN_TIME_SYNC: from the guest's clock chip). */
bool vx_get_time(VxDriver *driver, VxDomainObj *domain, unsigned flags, gint64 *seconds, unsigned *nanoseconds,
                 GError **error);
bool vx_set_time(VxDriver *driver, VxDomainObj *domain, gint64 seconds, unsigned nanoseconds, unsigned flags,
                 GError **error);

/* A file system of a guest. */
typedef struct {
    VxAgentFilesystem *told; /* what the agent says */
    GPtrArray *aliases;      /* targets (such as xvda) of the domain's disks it is on, as far as they can be told */
} VxGuestFilesystem;
void vx_guest_filesystem_free(gpointer filesystem);

/* virDomainGetFSInfo: of VxGuestFilesystem. */
GPtrArray *vx_get_fsinfo(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
/* virDomainFSFreeze of N mount points (0: all), virDomainFSThaw: how many file systems were. */
bool vx_fsfreeze(VxDriver *driver, VxDomainObj *domain, const char *const *mount_points, unsigned n, unsigned flags,
                 unsigned *n_frozen, GError **error);
bool vx_fsthaw(VxDriver *driver, VxDomainObj *domain, unsigned n_mount_points, unsigned flags, unsigned *n_thawed,
               GError **error);
/* virDomainFSTrim. */
bool vx_fstrim(VxDriver *driver, VxDomainObj *domain, const char *mount_point, guint64 minimum_bytes, unsigned flags,
               GError **error);

/* virDomainSetUserPassword (VIR_DOMAIN_PASSWORD_ENCRYPTED). */
bool vx_set_user_password(VxDriver *driver, VxDomainObj *domain, const char *user, const char *password, unsigned flags,
                          GError **error);

/* virDomainAuthorizedSSHKeysGet: NULL-terminated. virDomainAuthorizedSSHKeysSet of N_KEYS
 * (VIR_DOMAIN_AUTHORIZED_SSH_KEYS_SET_*; without a flag they are then the only ones). */
char **vx_get_authorized_keys(VxDriver *driver, VxDomainObj *domain, const char *user, unsigned flags, GError **error);
bool vx_set_authorized_keys(VxDriver *driver, VxDomainObj *domain, const char *user, const char *const *keys,
                            unsigned n_keys, unsigned flags, GError **error);

/* virDomainGetGuestInfo (VIR_DOMAIN_GUEST_INFO_*; TYPES 0: all that the agent knows): of VxParam (driver/params.h). */
GArray *vx_get_guest_info(VxDriver *driver, VxDomainObj *domain, unsigned types, unsigned flags, GError **error);

/* virDomainGetGuestVcpus: of VxParam. */
GArray *vx_get_guest_vcpus(VxDriver *driver, VxDomainObj *domain, unsigned flags, GError **error);
/* virDomainSetGuestVcpus: CPUS is a list such as "0-2,5"; STATE is 1 (online) or 0. */
bool vx_set_guest_vcpus(VxDriver *driver, VxDomainObj *domain, const char *cpus, int state, unsigned flags,
                        GError **error);
/* virDomainGetVcpusFlags and virDomainSetVcpusFlags with VIR_DOMAIN_VCPU_GUEST among FLAGS: how many virtual CPUs the
 * guest uses, or (VIR_DOMAIN_VCPU_MAXIMUM) could use. */
bool vx_count_guest_vcpus(VxDriver *driver, VxDomainObj *domain, unsigned flags, unsigned *n_vcpus, GError **error);
bool vx_set_guest_vcpu_count(VxDriver *driver, VxDomainObj *domain, unsigned n_vcpus, unsigned flags, GError **error);
