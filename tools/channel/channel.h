/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the commands of virtxl-channel share. It is a program of its own, so that converting needs no libvirt.
 */
#pragma once

#include <glib.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdbool.h>

/* Exit statuses, which scripts may rely on. */
typedef enum {
    EXIT_GOOD = 0,
    EXIT_REFUSED = 1, /* no such domain or channel, not running, in use, or nothing came of it in time */
    EXIT_USAGE = 2,
    EXIT_IO = 3, /* the daemon cannot be reached, or a file cannot be read or written */
} ExitStatus;

typedef struct {
    char *uri;
    gboolean json, force, once, on_request;
    double linger_s;
    int timeout_s; /* 0: none */
    char *domain, *channel;
    char **answer; /* a FILE, or what stood behind "--" */
    bool is_command;
} ChannelOptions;

extern ChannelOptions options;

/* Says "virtxl channel: MESSAGE" on standard error. Returns STATUS. */
ExitStatus complain(ExitStatus status, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The same with an ERROR of libvirt's (NULL: unknown), and with its last one. */
ExitStatus complain_error(const virError *error);
ExitStatus complain_last(void);

/* A connection to the daemon, which pings it; NULL: it has complained. */
virConnectPtr open_daemon(void);
/* The domain of options.domain: a name, an id or a UUID; NULL: there is none. */
virDomainPtr find_domain(virConnectPtr connection);
/* A non-blocking stream over options.channel; NULL with *ERROR, which virFreeError frees. */
virStreamPtr open_channel(virConnectPtr connection, virDomainPtr domain, virErrorPtr *error);

ExitStatus list_channels(void);
ExitStatus connect_channel(void);
ExitStatus serve_channel(void);
