/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * QEMU's documentation of block drivers ("Ceph RADOS block devices", "NBD access") and libvirt's Xen driver say how the
 * strings are made.
 */
#include "xlcfg/xlcfg_disk_net.h"

#include <string.h>

/* ---- writing ---- */

/* A ':' within an option of rbd is escaped. */
static void append_escaped(GString *out, const char *text)
{
    for (; *text; text++) {
        if (strchr(":;@\\", *text))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
}

static void append_rbd_hosts(GString *out, const GPtrArray *hosts)
{
    g_string_append(out, ":mon_host=");
    for (unsigned i = 0; i < hosts->len; i++) {
        const VxDiskHost *host = hosts->pdata[i];
        bool is_v6 = strchr(host->name, ':');

        if (i > 0)
            g_string_append(out, "\\;");
        if (is_v6)
            g_string_append_c(out, '[');
        append_escaped(out, host->name);
        if (is_v6)
            g_string_append_c(out, ']');
        if (host->port)
            g_string_append_printf(out, "\\:%s", host->port);
    }
}

static char *format_rbd(const VxDiskSource *source, const VxDiskAuth *auth)
{
    GString *out = g_string_new("rbd:");

    g_string_append(out, source->name);
    if (source->snapshot)
        g_string_append_printf(out, "@%s", source->snapshot);
    if (auth && auth->username) {
        g_string_append(out, ":id=");
        append_escaped(out, auth->username);
        g_string_append(out, ":auth_supported=cephx\\;none");
    } else {
        g_string_append(out, ":auth_supported=none");
    }
    if (source->hosts)
        append_rbd_hosts(out, source->hosts);
    if (source->config_file) {
        g_string_append(out, ":conf=");
        append_escaped(out, source->config_file);
    }
    return g_string_free(out, FALSE);
}

static char *format_nbd(const VxDiskSource *source)
{
    const VxDiskHost *host = source->hosts->pdata[0];
    GString *out = g_string_new("nbd:");

    if (host->transport == VX_DISK_UNIX)
        g_string_append_printf(out, "unix:%s", host->socket ? host->socket : "");
    else
        g_string_append_printf(out, "%s:%s", host->name ? host->name : "", host->port ? host->port : "10809");
    if (source->name)
        g_string_append_printf(out, ":exportname=%s", source->name);
    return g_string_free(out, FALSE);
}

static char *format_address(const VxDiskSource *source)
{
    const VxDiskHost *host = source->hosts->pdata[0];
    const char *name = source->name ? source->name : "";

    if (!host->name)
        return NULL;
    return g_strdup_printf("%s://%s%s%s/%s%s%s", vx_enum_to_text(&vx_disk_protocols, source->protocol), host->name,
                           host->port ? ":" : "", host->port ? host->port : "", name, source->query ? "?" : "",
                           source->query ? source->query : "");
}

/* Whether all hosts of rbd have names. */
static bool hosts_have_names(const GPtrArray *hosts)
{
    for (unsigned i = 0; hosts && i < hosts->len; i++) {
        if (!((const VxDiskHost *)hosts->pdata[i])->name)
            return false;
    }
    return true;
}

char *vx_xl_disk_net_format(const VxDiskSource *source, const VxDiskAuth *auth)
{
    bool has_one_host = source->hosts && source->hosts->len == 1;

    switch ((VxDiskProtocol)source->protocol) {
    case VX_DISK_RBD:
        return source->name && hosts_have_names(source->hosts) ? format_rbd(source, auth) : NULL;
    case VX_DISK_NBD:
        return has_one_host && !auth ? format_nbd(source) : NULL;
    case VX_DISK_HTTP:
    case VX_DISK_HTTPS:
    case VX_DISK_FTP:
    case VX_DISK_FTPS:
    case VX_DISK_ISCSI:
    case VX_DISK_GLUSTER:
    case VX_DISK_SSH:
        return has_one_host && !auth ? format_address(source) : NULL;
    case VX_DISK_PROTOCOL_NOT_GIVEN:
    case VX_DISK_SHEEPDOG:
    case VX_DISK_TFTP:
    case VX_DISK_VXHS:
    case VX_DISK_NFS:
        return NULL;
    }
    return NULL;
}

/* ---- reading ---- */

static VxDiskHost *add_host(VxDiskSource *source)
{
    VxDiskHost *host = vx_object_new(&vx_disk_host_element);

    if (!source->hosts)
        source->hosts = g_ptr_array_new();
    g_ptr_array_add(source->hosts, host);
    return host;
}

/* Cuts TEXT at each SEPARATOR that no backslash stands before. */
static GPtrArray *cut(const char *text, char separator)
{
    GPtrArray *parts = g_ptr_array_new_with_free_func(g_free);
    const char *start = text;

    for (;; text++) {
        if (*text == '\\' && text[1]) {
            text++;
        } else if (*text == separator || !*text) {
            g_ptr_array_add(parts, g_strndup(start, (gsize)(text - start)));
            start = text + 1;
            if (!*text)
                return parts;
        }
    }
}

static char *unescape(const char *text)
{
    GString *out = g_string_new(NULL);

    for (; *text; text++) {
        if (*text == '\\' && text[1])
            text++;
        g_string_append_c(out, *text);
    }
    return g_string_free(out, FALSE);
}

/* HOST, HOST:PORT or [V6]:PORT. */
static void parse_host(const char *escaped, VxDiskSource *source)
{
    g_autofree char *text = unescape(escaped);
    char *port = strrchr(text, ':');
    VxDiskHost *host = add_host(source);

    if (port && strspn(port + 1, "0123456789") == strlen(port + 1)) {
        host->port = g_strdup(port + 1);
        *port = '\0';
    }
    if (text[0] == '[' && g_str_has_suffix(text, "]"))
        host->name = g_strndup(text + 1, strlen(text) - 2);
    else
        host->name = g_strdup(text);
}

/* mon_host=A\:1\;B\:2, still escaped: hosts are cut at the escaped ';'. */
static void parse_rbd_hosts(const char *text, VxDiskSource *source)
{
    g_auto(GStrv) hosts = g_strsplit(text, "\\;", 0);

    for (char **host = hosts; *host; host++)
        parse_host(*host, source);
}

static void parse_rbd_option(const char *option, VxDiskSource *source)
{
    if (g_str_has_prefix(option, "id=")) {
        source->auth = source->auth ? source->auth : vx_object_new(&vx_disk_auth_element);
        g_free(source->auth->username);
        source->auth->username = unescape(option + 3);
    } else if (g_str_has_prefix(option, "mon_host=")) {
        parse_rbd_hosts(option + 9, source);
    } else if (g_str_has_prefix(option, "conf=")) {
        g_free(source->config_file);
        source->config_file = unescape(option + 5);
    }
}

static void parse_rbd(const char *text, VxDiskSource *source)
{
    g_autoptr(GPtrArray) options = cut(text, ':');
    const char *name = options->pdata[0];
    const char *snapshot = strchr(name, '@');

    source->protocol = VX_DISK_RBD;
    source->name = g_strndup(name, snapshot ? (gsize)(snapshot - name) : strlen(name));
    source->snapshot = snapshot ? g_strdup(snapshot + 1) : NULL;
    for (unsigned i = 1; i < options->len; i++)
        parse_rbd_option(options->pdata[i], source);
}

static void parse_nbd(const char *text, VxDiskSource *source)
{
    const char *name = strstr(text, ":exportname=");
    g_autofree char *server = g_strndup(text, name ? (gsize)(name - text) : strlen(text));
    VxDiskHost *host = add_host(source);
    const char *port;

    source->protocol = VX_DISK_NBD;
    source->name = name ? g_strdup(name + strlen(":exportname=")) : NULL;
    if (g_str_has_prefix(server, "unix:")) {
        host->transport = VX_DISK_UNIX;
        host->socket = g_strdup(server + 5);
        return;
    }
    port = strrchr(server, ':');
    host->name = g_strndup(server, port ? (gsize)(port - server) : strlen(server));
    host->port = port ? g_strdup(port + 1) : NULL;
}

/* PROTOCOL://HOST:PORT/NAME?QUERY, of which SCHEME bytes are the protocol. */
static void parse_address(const char *text, gsize scheme, VxDiskSource *source)
{
    g_autofree char *protocol = g_strndup(text, scheme);
    const char *server = text + scheme + 3;
    const char *name = server + strcspn(server, "/");
    const char *query = strchr(name, '?');
    g_autofree char *address = g_strndup(server, (gsize)(name - server));
    const char *port = strrchr(address, ':');
    VxDiskHost *host = add_host(source);

    source->protocol = vx_enum_from_text(&vx_disk_protocols, protocol);
    host->name = g_strndup(address, port ? (gsize)(port - address) : strlen(address));
    host->port = port ? g_strdup(port + 1) : NULL;
    name += *name == '/';
    source->name = g_strndup(name, query ? (gsize)(query - name) : strlen(name));
    source->query = query ? g_strdup(query + 1) : NULL;
}

bool vx_xl_disk_net_parse(const char *target, VxDiskSource *source)
{
    const char *scheme = strstr(target, "://");
    VxDiskSource *trial = vx_object_new(&vx_disk_source_element);
    g_autofree char *again = NULL;
    bool is_same;

    if (g_str_has_prefix(target, "rbd:"))
        parse_rbd(target + 4, trial);
    else if (g_str_has_prefix(target, "nbd:"))
        parse_nbd(target + 4, trial);
    else if (scheme)
        parse_address(target, (gsize)(scheme - target), trial);
    again = trial->protocol ? vx_xl_disk_net_format(trial, trial->auth) : NULL;
    is_same = again && strcmp(again, target) == 0;
    if (is_same) {
        VxDiskSource swapped = *source;

        *source = *trial;
        source->object.place = swapped.object.place;
        *trial = swapped;
    }
    vx_object_free(&vx_disk_source_element, trial);
    return is_same;
}
