/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who wants to hear of what happens to domains, and telling them. Clients register in two families: the old one by kind
 * of event, and the one by callback id, which may ask for one domain only. Any thread.
 * https://libvirt.org/html/libvirt-libvirt-domain.html#virConnectDomainEventRegisterAny
 */
#pragma once

#include "driver/domain_obj.h"

typedef struct {
    int id; /* VIR_DOMAIN_EVENT_ID_*: says which of the members below counts */
    VxDomainRef domain;
    union {
        struct {
            int type, detail; /* VIR_DOMAIN_EVENT_DEFINED, VIR_DOMAIN_EVENT_DEFINED_ADDED, ... */
        } lifecycle;
        struct {
            char *alias; /* device added, removed, removal failed */
        } device;
        struct {
            int type;  /* VIR_DOMAIN_METADATA_* */
            char *uri; /* of the namespace, or NULL */
        } metadata;
        struct {
            guint64 actual_kib;
        } balloon;
        struct {
            int state, reason;
        } agent;
        struct {
            gint64 offset_seconds;
        } rtc;
        struct {
            int action;
        } watchdog;
        struct {
            int reason;
        } pm; /* wakeup, suspend to memory or disk; tray and reboot have nothing of their own */
    };
} VxDomainEvent;

void vx_domain_event_clear(VxDomainEvent *event);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(VxDomainEvent, vx_domain_event_clear)

typedef struct VxDomainEvents VxDomainEvents;
typedef struct VxEventClient VxEventClient; /* one connection's registrations */

/* The callback id of a registration of the old family. */
#define VX_EVENT_NO_CALLBACK (-1)

/* Takes EVENT to a client: once for each of its registrations that fits, in the order in which things happened. It is
 * called from any thread with a lock held: it may only queue the event, and not call this header's functions. */
typedef void (*VxEventDeliver)(const VxDomainEvent *event, int callback_id, gpointer data);

VxDomainEvents *vx_domain_events_new(void);
/* All clients must be gone. */
void vx_domain_events_free(VxDomainEvents *events);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDomainEvents, vx_domain_events_free)

/* Tells everybody who wants to know. */
void vx_domain_events_emit(VxDomainEvents *events, const VxDomainEvent *event);

VxEventClient *vx_event_client_new(VxDomainEvents *events, VxEventDeliver deliver, gpointer data);
/* Ends all its registrations; when it returns, DELIVER is not and will not be called. NULL is allowed. */
void vx_event_client_free(VxEventClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxEventClient, vx_event_client_free)

/* The old family. Fails with VIR_ERR_INVALID_ARG when EVENT_ID is registered already (or, for the second, is not), and
 * with VIR_ERR_INTERNAL_ERROR when there is no such kind of event. */
bool vx_event_client_add(VxEventClient *client, int event_id, GError **error);
bool vx_event_client_remove(VxEventClient *client, int event_id, GError **error);

/* The family by callback id; UUID is NULL for all domains. Fails with VIR_ERR_INTERNAL_ERROR when there is no such kind
 * of event or no such callback id. */
bool vx_event_client_add_callback(VxEventClient *client, int event_id, const guint8 *uuid, int *callback_id,
                                  GError **error);
bool vx_event_client_remove_callback(VxEventClient *client, int callback_id, GError **error);
