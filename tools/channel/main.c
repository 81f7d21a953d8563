/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl-channel, which 'virtxl channel' runs: the channels of guests, through libvirt's client library, so that it
 * works with any daemon that serves them, also on another host.
 */
#include "channel.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "config.h"

ChannelOptions options = {.linger_s = 1};

static const struct {
    const char *name, *arguments, *summary;
    int least, most; /* arguments; of serve, a command follows */
    ExitStatus (*run)(void);
} commands[] = {
    {"list", "DOMAIN", "list a domain's channels", 1, 1, list_channels},
    {"connect", "DOMAIN CHANNEL", "talk over a channel", 2, 2, connect_channel},
    {"serve", "DOMAIN CHANNEL FILE|-- COMMAND...", "give every start of a guest an answer", 3, G_MAXINT, serve_channel},
};

ExitStatus complain(ExitStatus status, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    fprintf(stderr, "virtxl channel: %s\n", message);
    if (status == EXIT_USAGE)
        fputs("virtxl channel: 'virtxl channel --help' says more\n", stderr);
    return status;
}

ExitStatus complain_error(const virError *error)
{
    bool is_lost = error && (error->code == VIR_ERR_SYSTEM_ERROR || error->code == VIR_ERR_RPC ||
                             error->code == VIR_ERR_NO_CONNECT || error->code == VIR_ERR_AUTH_FAILED);

    return complain(is_lost ? EXIT_IO : EXIT_REFUSED, "%s", error && error->message ? error->message : "unknown error");
}

ExitStatus complain_last(void)
{
    return complain_error(virGetLastError());
}

static void stay_quiet(void *data G_GNUC_UNUSED, virErrorPtr error G_GNUC_UNUSED)
{
}

virConnectPtr open_daemon(void)
{
    virConnectPtr connection;

    virSetErrorFunc(NULL, stay_quiet);
    if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0)
        return NULL;
    connection = virConnectOpenAuth(options.uri ? options.uri : "xen:///system", virConnectAuthPtrDefault, 0);
    if (!connection)
        complain(EXIT_IO, "%s", virGetLastErrorMessage());
    else
        virConnectSetKeepAlive(connection, 5, 5);
    return connection;
}

virDomainPtr find_domain(virConnectPtr connection)
{
    virDomainPtr domain = virDomainLookupByName(connection, options.domain);
    char *end;
    long id;

    if (domain)
        return domain;
    id = strtol(options.domain, &end, 10);
    if (*options.domain && *end == '\0' && id >= 0 && id <= G_MAXINT)
        return virDomainLookupByID(connection, (int)id);
    return strlen(options.domain) == VIR_UUID_STRING_BUFLEN - 1
               ? virDomainLookupByUUIDString(connection, options.domain)
               : NULL;
}

virStreamPtr open_channel(virConnectPtr connection, virDomainPtr domain, virErrorPtr *error)
{
    virStreamPtr stream = virStreamNew(connection, VIR_STREAM_NONBLOCK);

    if (stream &&
        virDomainOpenChannel(domain, options.channel, stream, options.force ? VIR_DOMAIN_CHANNEL_FORCE : 0) == 0)
        return stream;
    *error = virSaveLastError(); /* each call forgets that of the one before */
    if (stream)
        virStreamFree(stream);
    return NULL;
}

static const GOptionEntry entries[] = {
    {"connect", 'c', 0, G_OPTION_ARG_STRING, &options.uri, "The daemon: a libvirt URI; default xen:///system", "URI"},
    {"json", 0, 0, G_OPTION_ARG_NONE, &options.json, "list: print JSON", NULL},
    {"force", 'f', 0, G_OPTION_ARG_NONE, &options.force, "connect, serve: take the channel from who has it", NULL},
    {"linger", 0, 0, G_OPTION_ARG_DOUBLE, &options.linger_s,
     "connect: after the end of the input, go on until the guest has been silent for so long (-1: until the channel "
     "ends)",
     "SECONDS"},
    {"once", 0, 0, G_OPTION_ARG_NONE, &options.once, "serve: end after the first answer", NULL},
    {"on-request", 0, 0, G_OPTION_ARG_NONE, &options.on_request, "serve: answer each line that the guest sends", NULL},
    {"timeout", 0, 0, G_OPTION_ARG_INT, &options.timeout_s, "serve --once: give up after so long", "SECONDS"},
    {0},
};

/* For the completion of shells, in virtxl's own way. */
static void list_options(void)
{
    for (const GOptionEntry *entry = entries; entry->long_name; entry++)
        printf("--%s%s%s\n", entry->long_name, entry->arg_description ? "=" : "",
               entry->arg_description ? entry->arg_description : "");
}

static char *describe(void)
{
    GString *text = g_string_new("Commands:\n");

    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++)
        g_string_append_printf(text, "  %s %-*s %s\n", commands[i].name, 42 - (int)strlen(commands[i].name),
                               commands[i].arguments, commands[i].summary);
    g_string_append(text, "\nvirtxl-channel(1) says more, also of the exit status.");
    return g_string_free(text, FALSE);
}

/* Takes what stands behind the first "--" off ARGV: another program's options are not ours. */
static char **split_command(int *argc, char **argv)
{
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            char **rest = argv + i + 1;

            *argc = i;
            argv[i] = NULL;
            return rest;
        }
    }
    return NULL;
}

static ExitStatus run(int argc, char **argv, char **command)
{
    int n = argc - 2;

    if (argc < 2)
        return complain(EXIT_USAGE, "which command: list, connect or serve?");
    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].name, argv[1]) != 0)
            continue;
        if ((command != NULL) != (commands[i].run == serve_channel && n == 2) && (command || n > 3))
            return complain(EXIT_USAGE, "only 'serve DOMAIN CHANNEL' takes a command, and that instead of a file");
        if (n + (command && *command ? 1 : 0) < commands[i].least || n > commands[i].most)
            return complain(EXIT_USAGE, "write: %s %s", commands[i].name, commands[i].arguments);
        options.domain = argv[2];
        options.channel = n > 1 ? argv[3] : NULL;
        options.is_command = command != NULL;
        options.answer = command ? command : argv + 4;
        return commands[i].run();
    }
    return complain(EXIT_USAGE, "there is no command '%s': write list, connect or serve", argv[1]);
}

int main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("COMMAND DOMAIN ...");
    g_autoptr(GError) error = NULL;
    g_autofree char *description = describe();
    char **command = split_command(&argc, argv);
    gboolean version = FALSE, list = FALSE;
    const GOptionEntry more[] = {
        {"version", 'V', 0, G_OPTION_ARG_NONE, &version, "Show the version and exit", NULL},
        {"list-options", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &list, NULL, NULL},
        {0},
    };
    ExitStatus status;

    setlocale(LC_ALL, "");
    g_set_prgname("virtxl channel");
    g_option_context_set_summary(context, "The channels of a guest: private streams of bytes between it and the host.");
    g_option_context_set_description(context, description);
    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_add_main_entries(context, more, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error))
        return complain(EXIT_USAGE, "%s", error->message);
    if (list)
        list_options();
    if (version)
        puts("virtxl " VIRTXL_VERSION);
    if (list || version)
        return EXIT_GOOD;
    status = run(argc, argv, command);
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain(EXIT_IO, "cannot write to standard output");
    return (int)status;
}
