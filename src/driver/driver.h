/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The driver: what each libvirt call means. The calls are in one header a family (define.h, query.h, ...); all take the
 * driver and, if they are about a domain, the VxDomainObj that a look-up gave. They may be called from any thread, and
 * fail with VX_ERROR (libvirt's codes). FLAGS are libvirt's of the same call; unknown ones are VIR_ERR_INVALID_ARG.
 */
#pragma once

#include "driver/domain_events.h"
#include "driver/domain_list.h"
#include "driver/domain_store.h"
#include "driver/hypervisor.h"

/* What becomes of <channel> with <target type='virtio'>, as clients write it that know nothing of Xen. */
typedef enum {
    VX_VIRTIO_CHANNELS_MAP,    /* it becomes a Xen channel of the same name and path */
    VX_VIRTIO_CHANNELS_REFUSE, /* it is an error */
} VxVirtioChannels;

typedef struct {
    const char *config_folder;    /* of the definitions; absolute */
    const char *autostart_folder; /* of the links of those that start with the host; absolute */
    const char *run_folder;       /* of the state of running domains; absolute; NULL: it is not kept */
    const char *save_folder;      /* of saved domains; absolute; NULL: none are */
    const char *dump_folder;      /* of the memory of domains that crashed; absolute; NULL: none is kept */
    const char *channel_folder;   /* of the sockets of channels whose XML gives no path */
    const char *lock_folder;      /* of the lock files of consoles that are open; NULL: none are made */
    const char *emulator;         /* the device model, for the capabilities */
    const char *hvmloader;        /* Xen's firmware for HVM guests, for the same */
    VxVirtioChannels virtio_channels;
    const char *const *agent_channels; /* names of channels for guest agents, ends with NULL; NULL: libvirt's name */
    unsigned agent_check_interval_s;   /* how often a guest agent that answers is asked again; 0: never */
} VxDriverConfig;

typedef struct VxAgents VxAgents;

typedef struct {
    VxDriverConfig config; /* copies */
    VxDomainList *list;
    VxDomainStore *store;
    VxDomainEvents *events;
    VxHypervisor *hypervisor; /* NULL: offline */
    VxAgents *agents;         /* NULL: offline */
    GThreadPool *tasks;       /* what the driver does by itself: see life_state.h */
    GMutex tasks_lock;        /* held while a task is pushed, and while is_stopping is set */
    gint is_stopping;         /* atomic: nothing new is begun */
    unsigned minimum_life_ms; /* guests that die sooner, several times in a row, are not restarted */
} VxDriver;

/* A driver of all definitions found in the folders of CONFIG (copied). It takes HYPERVISOR (NULL: offline), also when
 * it fails. NULL with *ERROR set (VIR_ERR_SYSTEM_ERROR) when the folders cannot be used. */
VxDriver *vx_driver_new(const VxDriverConfig *config, VxHypervisor *hypervisor, GError **error);
/* No call may be under way, and no event client left. NULL is allowed. */
void vx_driver_free(VxDriver *driver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDriver, vx_driver_free)

/* Fails with VIR_ERR_OPERATION_INVALID when the driver is offline. */
bool vx_driver_need_hypervisor(const VxDriver *driver, GError **error);
