/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxl channel serve: gives every start of a guest an answer over a channel: what a file holds then, or what a
 * command prints. The answer is sent as soon as the guest's driver has attached to the channel, once for each start;
 * or, on request, for each line that the guest sends. It waits for a domain that does not run, or that nobody has
 * defined yet.
 */
#include "channel.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/chr_def.h"
#include "conf/domain_xml.h"
#include "util/vx_file.h"

#define ANSWER_MAX ((gsize)16 * 1024 * 1024)
#define REQUEST_MAX 4096u /* of a line; a pipe takes it without waiting */
#define LOOK_MS 500       /* between two looks at a channel to which the guest has not attached yet */

typedef struct {
    virConnectPtr connection;
    virStreamPtr stream; /* NULL: not open */
    int id;              /* of the guest that the stream is of */
    int done_id;         /* of the guest that has got its answer, or cannot get one; -1: none */
    int timer;
    bool complained; /* about what is tried again and again */

    GByteArray *request; /* a line that is not whole yet */
    bool is_too_long;

    GByteArray *answer; /* what is yet to be sent, or is being collected from the command */
    gsize n_sent;
    GPid command; /* 0: none runs */
    int command_out, command_watch;
    bool is_answering;

    bool is_over;
    ExitStatus status;
} Serve;

static void look(Serve *serve);
static void begin_answer(Serve *serve, const char *request, gsize length);

static void end(Serve *serve, ExitStatus status)
{
    serve->is_over = true;
    serve->status = status;
}

/* What does not work now: an end with --once, a message otherwise. */
static void cannot(Serve *serve, const char *why)
{
    complain(EXIT_REFUSED, "%s", why);
    if (options.once)
        end(serve, EXIT_REFUSED);
}

static void watch_stream(Serve *serve)
{
    int events = VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP;

    if (serve->is_answering && !serve->command && serve->n_sent < serve->answer->len)
        events |= VIR_STREAM_EVENT_WRITABLE;
    if (serve->stream)
        virStreamEventUpdateCallback(serve->stream, events);
}

/* ---- the command ---- */

static void stop_command(Serve *serve)
{
    if (!serve->command)
        return;
    virEventRemoveHandle(serve->command_watch);
    close(serve->command_out);
    kill(serve->command, SIGTERM);
    waitpid(serve->command, NULL, 0);
    serve->command = 0;
}

static void forget_answer(Serve *serve)
{
    stop_command(serve);
    serve->is_answering = false;
    serve->n_sent = 0;
    g_byte_array_set_size(serve->answer, 0);
}

static void command_ended(Serve *serve)
{
    int status = 0;

    virEventRemoveHandle(serve->command_watch);
    close(serve->command_out);
    waitpid(serve->command, &status, 0);
    serve->command = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        watch_stream(serve);
        return;
    }
    forget_answer(serve);
    cannot(serve, "the command has failed: there is no answer for the guest");
}

static void on_command(int watch G_GNUC_UNUSED, int fd, int events G_GNUC_UNUSED, void *data)
{
    Serve *serve = data;
    guint8 bytes[65536];
    ssize_t n = read(fd, bytes, sizeof bytes);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n > 0 && serve->answer->len + (gsize)n <= ANSWER_MAX) {
        g_byte_array_append(serve->answer, bytes, (guint)n);
    } else if (n > 0) {
        forget_answer(serve);
        cannot(serve, "the command prints more than 16 MiB: no guest takes that");
    } else {
        command_ended(serve);
    }
}

/* The command gets the request (empty unless it answers requests) as its input, and who asks in its environment. */
static void start_command(Serve *serve, const char *request, gsize length)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) environment = g_get_environ();
    int in = -1;

    environment = g_environ_setenv(environment, "VIRTXL_DOMAIN", options.domain, TRUE);
    environment = g_environ_setenv(environment, "VIRTXL_CHANNEL", options.channel, TRUE);
    if (!g_spawn_async_with_pipes(NULL, options.answer, environment,
                                  G_SPAWN_SEARCH_PATH_FROM_ENVP | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                  &serve->command, &in, &serve->command_out, NULL, &error)) {
        serve->command = 0;
        forget_answer(serve);
        cannot(serve, error->message);
        return;
    }
    if (write(in, request, length) < 0)
        complain(EXIT_IO, "the command does not read the request");
    close(in);
    serve->command_watch = virEventAddHandle(serve->command_out, VIR_EVENT_HANDLE_READABLE, on_command, serve, NULL);
}

/* ---- the answer ---- */

static void begin_answer(Serve *serve, const char *request, gsize length)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    gsize text_length;

    forget_answer(serve);
    serve->is_answering = true;
    if (options.is_command) {
        start_command(serve, request, length);
    } else if (vx_file_read(options.answer[0], ANSWER_MAX, &text, &text_length, &error)) {
        g_byte_array_append(serve->answer, (const guint8 *)text, (guint)text_length);
    } else {
        forget_answer(serve);
        cannot(serve, error->message);
    }
    watch_stream(serve);
}

static void answered(Serve *serve)
{
    g_autofree char *size = g_strdup_printf("%" G_GSIZE_FORMAT, serve->n_sent);

    forget_answer(serve);
    serve->done_id = serve->id;
    if (!options.once) {
        printf("%s: sent %s bytes\n", options.domain, size);
        fflush(stdout);
        return;
    }
    virStreamEventRemoveCallback(serve->stream);
    end(serve, virStreamFinish(serve->stream) < 0 ? complain_last() : EXIT_GOOD);
    g_clear_pointer(&serve->stream, virStreamFree);
}

static void transmit(Serve *serve)
{
    const char *rest = (const char *)serve->answer->data + serve->n_sent;
    int n =
        serve->n_sent < serve->answer->len ? virStreamSend(serve->stream, rest, serve->answer->len - serve->n_sent) : 0;

    if (n > 0)
        serve->n_sent += (gsize)n;
    if (serve->is_answering && !serve->command && serve->n_sent == serve->answer->len)
        answered(serve);
}

/* ---- the channel ---- */

static void close_stream(Serve *serve)
{
    if (!serve->stream)
        return;
    forget_answer(serve);
    virStreamEventRemoveCallback(serve->stream);
    virStreamAbort(serve->stream);
    g_clear_pointer(&serve->stream, virStreamFree);
    g_byte_array_set_size(serve->request, 0);
    serve->is_too_long = false;
}

/* A line is a request; one that is too long is none. */
static void take_request(Serve *serve, const char *bytes, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r') {
            if (serve->request->len > 0 && !serve->is_too_long && !serve->is_answering) {
                g_byte_array_append(serve->request, (const guint8 *)"\n", 1);
                begin_answer(serve, (const char *)serve->request->data, serve->request->len);
            }
            g_byte_array_set_size(serve->request, 0);
            serve->is_too_long = false;
        } else if (serve->request->len + 1 < REQUEST_MAX) {
            g_byte_array_append(serve->request, (const guint8 *)&bytes[i], 1);
        } else {
            serve->is_too_long = true;
        }
    }
}

/* What the guest says is read in any case: one that is not heard would wait for ever. */
static void receive(Serve *serve)
{
    char bytes[65536];

    while (serve->stream && !serve->is_over) {
        int n = virStreamRecv(serve->stream, bytes, sizeof bytes);

        if (n == -2)
            return;
        if (n > 0 && options.on_request) {
            take_request(serve, bytes, (gsize)n);
        } else if (n <= 0) {
            serve->done_id = serve->id;
            close_stream(serve);
            if (n < 0)
                cannot(serve, virGetLastErrorMessage());
        }
    }
}

static void on_stream(virStreamPtr stream G_GNUC_UNUSED, int events, void *data)
{
    Serve *serve = data;

    if (events & (VIR_STREAM_EVENT_READABLE | VIR_STREAM_EVENT_ERROR | VIR_STREAM_EVENT_HANGUP))
        receive(serve);
    if ((events & VIR_STREAM_EVENT_WRITABLE) && serve->stream && !serve->is_over)
        transmit(serve);
    if (!serve->is_over)
        watch_stream(serve);
}

/* Whether the guest's driver has attached to the channel. A daemon that does not say counts as yes. */
static bool is_attached(virDomainPtr domain)
{
    char *xml = virDomainGetXMLDesc(domain, 0);
    g_autoptr(VxDiag) diag = xml ? vx_diag_new("the domain", xml, strlen(xml), VX_DIAG_QUIET) : NULL;
    g_autoptr(VxDomainDef) def = xml ? vx_domain_def_parse(xml, strlen(xml), VX_READ_LIVE, diag) : NULL;
    bool attached = true;

    for (unsigned i = 0; def && def->devices && i < def->devices->len; i++) {
        const VxChr *channel = def->devices->pdata[i];

        if (channel->device.object.kind == VX_DEVICE_CHANNEL && g_strcmp0(channel->target_name, options.channel) == 0)
            attached = channel->target_state != VX_CHR_STATE_DISCONNECTED;
    }
    free(xml);
    return attached;
}

/* The channel cannot be opened, for ERROR. */
static void cannot_open(Serve *serve, const virError *error)
{
    if (error->code == VIR_ERR_OPERATION_INVALID) /* not running any more */
        return;
    if (error->code != VIR_ERR_OPERATION_FAILED) { /* else it is in use, and may be free later */
        serve->done_id = serve->id;
        cannot(serve, error->message);
    } else if (!serve->complained) {
        complain(EXIT_REFUSED, "%s; waiting for it", error->message);
        serve->complained = true;
    }
}

/* Opens the channel of the guest of DOMAIN. */
static void open_stream(Serve *serve, virDomainPtr domain)
{
    virErrorPtr error = NULL;

    serve->id = (int)virDomainGetID(domain);
    serve->stream = open_channel(serve->connection, domain, &error);
    if (serve->stream) {
        serve->complained = false;
        virStreamEventAddCallback(serve->stream, VIR_STREAM_EVENT_READABLE, on_stream, serve, NULL);
    } else if (error) {
        cannot_open(serve, error);
    }
    virFreeError(error);
}

/* Does what is next for DOMAIN, which runs. Returns whether to look again soon. */
static bool look_at(Serve *serve, virDomainPtr domain)
{
    int id = (int)virDomainGetID(domain);

    if (serve->stream && serve->id != id)
        close_stream(serve);
    if (serve->stream ? options.on_request || serve->is_answering || serve->done_id == id : serve->done_id == id)
        return false;
    if (!options.on_request && !is_attached(domain))
        return true;
    if (!serve->stream)
        open_stream(serve, domain);
    if (serve->stream && !options.on_request)
        begin_answer(serve, "", 0);
    return !serve->stream && serve->done_id != id;
}

static void look(Serve *serve)
{
    virDomainPtr domain = serve->is_over ? NULL : find_domain(serve->connection);
    bool again = false;

    if (domain && virDomainIsActive(domain) == 1)
        again = look_at(serve, domain);
    else
        close_stream(serve);
    if (domain)
        virDomainFree(domain);
    virEventUpdateTimeout(serve->timer, again ? LOOK_MS : -1);
}

/* ---- what happens ---- */

static void on_timer(int timer G_GNUC_UNUSED, void *data)
{
    look(data);
}

static int on_lifecycle(virConnectPtr connection G_GNUC_UNUSED, virDomainPtr domain G_GNUC_UNUSED, int event,
                        int detail G_GNUC_UNUSED, void *data)
{
    /* What was still on its way from a guest that has stopped is read until its end. */
    if (event == VIR_DOMAIN_EVENT_STARTED || event == VIR_DOMAIN_EVENT_RESUMED)
        virEventUpdateTimeout(((Serve *)data)->timer, 0);
    return 0;
}

static void on_deadline(int timer G_GNUC_UNUSED, void *data)
{
    end(data, complain(EXIT_REFUSED, "no answer was given within %d seconds", options.timeout_s));
}

static void on_lost(virConnectPtr connection G_GNUC_UNUSED, int reason, void *data)
{
    if (reason != VIR_CONNECT_CLOSE_REASON_CLIENT)
        end(data, complain(EXIT_IO, "the connection to the daemon has ended"));
}

static int stop_pipe[2] = {-1, -1};

static void on_signal(int number G_GNUC_UNUSED)
{
    if (write(stop_pipe[1], "", 1) < 0)
        _exit(EXIT_IO);
}

static void on_stop(int watch G_GNUC_UNUSED, int fd G_GNUC_UNUSED, int events G_GNUC_UNUSED, void *data)
{
    end(data, options.once ? EXIT_REFUSED : EXIT_GOOD);
}

static void catch_signals(Serve *serve)
{
    if (!g_unix_open_pipe(stop_pipe, FD_CLOEXEC, NULL))
        return;
    virEventAddHandle(stop_pipe[0], VIR_EVENT_HANDLE_READABLE, on_stop, serve, NULL);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGPIPE, SIG_IGN);
}

ExitStatus serve_channel(void)
{
    Serve serve = {.done_id = -1, .id = -1, .request = g_byte_array_new(), .answer = g_byte_array_new()};
    int callback;

    if (!options.is_command && strcmp(options.answer[0], "-") != 0 && access(options.answer[0], R_OK) < 0)
        return complain(EXIT_IO, "cannot read '%s': %s", options.answer[0], g_strerror(errno));
    serve.connection = open_daemon();
    if (!serve.connection)
        return EXIT_IO;
    catch_signals(&serve);
    serve.timer = virEventAddTimeout(0, on_timer, &serve, NULL);
    if (options.timeout_s > 0)
        virEventAddTimeout(options.timeout_s * 1000, on_deadline, &serve, NULL);
    virConnectRegisterCloseCallback(serve.connection, on_lost, &serve, NULL);
    callback = virConnectDomainEventRegisterAny(serve.connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
                                                VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), &serve, NULL);
    if (callback < 0)
        end(&serve, complain_last());
    while (!serve.is_over && virEventRunDefaultImpl() == 0)
        continue;
    close_stream(&serve);
    virConnectUnregisterCloseCallback(serve.connection, on_lost);
    if (callback >= 0)
        virConnectDomainEventDeregisterAny(serve.connection, callback);
    virConnectClose(serve.connection);
    g_byte_array_unref(serve.request);
    g_byte_array_unref(serve.answer);
    return serve.status;
}
