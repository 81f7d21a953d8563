/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/polkit.h"

#include "rpc/wire.h"
#include "util/vx_error.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ASK_TIMEOUT_S (5 * 60) /* somebody may have to type a password */
#define MAX_WORDS_BYTES 1024

/* One run of pkcheck. It ends when the pipe of its standard error does: no signal is needed for that, which libxl has
 * uses of its own for. */
struct VxPolkitQuestion {
    VxRpcCall *call;
    VxClient *client; /* the call keeps it */
    GPid pkcheck;
    int words_fd;
    guint source, timer;
    GString *words; /* what pkcheck complains of */
};

/* When process PID began, in ticks since the machine started (proc(5), field 22 of stat): with it, polkit cannot take
 * another process for the client after the number has been used anew. */
static bool find_start_time(pid_t pid, guint64 *ticks)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", pid);
    g_autofree char *text = NULL;
    g_auto(GStrv) fields = NULL;
    const char *behind_name;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return false;
    behind_name = strrchr(text, ')'); /* the name may hold anything */
    if (!behind_name)
        return false;
    fields = g_strsplit(behind_name + 1, " ", -1);
    return g_strv_length(fields) > 20 && g_ascii_string_to_unsigned(fields[20], 10, 0, G_MAXUINT64, ticks, NULL);
}

static bool decide(int status, const char *words, GError **error)
{
    switch (WIFEXITED(status) ? WEXITSTATUS(status) : -1) {
    case 0:
        return true;
    case 1:
        return vx_fail(error, VIR_ERR_AUTH_FAILED, "polkit does not let this user connect");
    case 2:
        return vx_fail(error, VIR_ERR_AUTH_UNAVAILABLE,
                       "no polkit agent is there to ask for a password: start one (pkttyagent), or become root");
    case 3:
        return vx_fail(error, VIR_ERR_AUTH_CANCELLED, "the question for a password was dismissed");
    default:
        return vx_fail(error, VIR_ERR_AUTH_FAILED, "polkit does not answer: %s",
                       *words ? words : "pkcheck has ended without a word");
    }
}

static void answer(VxClient *client, VxRpcCall *call, int status, const char *words)
{
    VxRpcConnection *connection = client->connection;
    const wire_auth_polkit_ret ret = {.complete = 1};
    GError *error = NULL;

    if (!decide(status, words, &error)) {
        g_warning("client %" G_GUINT64_FORMAT " is not let in: %s", vx_rpc_connection_get_id(connection),
                  error->message);
        vx_rpc_call_fail_from(call, VIR_FROM_POLKIT, error);
        return;
    }
    if (vx_rpc_connection_is_open(connection))
        vx_client_set_authenticated(client);
    vx_rpc_call_reply(call, &ret);
}

/* pkcheck has closed its standard error, which it does by ending. */
static void finish(VxPolkitQuestion *question)
{
    g_autofree char *words = g_string_free(g_steal_pointer(&question->words), FALSE);
    VxClient *client = question->client;
    VxRpcCall *call = question->call;
    int status = -1;

    while (waitpid(question->pkcheck, &status, 0) < 0 && errno == EINTR)
        ;
    g_source_remove(question->source);
    g_source_remove(question->timer);
    close(question->words_fd);
    g_free(question);
    client->question = NULL;
    answer(client, call, status, g_strstrip(words));
}

static gboolean hear(int fd, GIOCondition condition G_GNUC_UNUSED, void *data)
{
    VxPolkitQuestion *question = data;
    char bytes[MAX_WORDS_BYTES];
    ssize_t n = read(fd, bytes, sizeof bytes);

    if (n > 0)
        g_string_append_len(question->words, bytes, MIN(n, (ssize_t)(MAX_WORDS_BYTES - question->words->len)));
    else if (n == 0 || errno != EINTR)
        finish(question);
    return G_SOURCE_CONTINUE; /* finish() takes it away */
}

static gboolean give_up(void *data)
{
    VxPolkitQuestion *question = data;

    g_string_assign(question->words, "nobody has decided in time");
    kill(question->pkcheck, SIGKILL);
    return G_SOURCE_CONTINUE;
}

static bool start_pkcheck(const VxClient *client, GPid *pid, int *words_fd, GError **error)
{
    const VxRpcPeer *peer = vx_rpc_connection_get_peer(client->connection);
    const char *action = client->is_read_only ? "org.libvirt.unix.monitor" : "org.libvirt.unix.manage";
    g_autofree char *process = NULL;
    const char *arguments[] = {"pkcheck", "--action-id", action, "--process", NULL, "--allow-user-interaction", NULL};
    g_autoptr(GError) trouble = NULL;
    guint64 start_time;

    if (!find_start_time(peer->pid, &start_time))
        return vx_fail(error, VIR_ERR_AUTH_FAILED, "process %d, which connected, cannot be found", peer->pid);
    arguments[4] = process = g_strdup_printf("%d,%" G_GUINT64_FORMAT ",%u", peer->pid, start_time, peer->uid);
    if (g_spawn_async_with_pipes("/", (char **)arguments, NULL,
                                 G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL,
                                 NULL, pid, NULL, NULL, words_fd, &trouble))
        return true;
    return vx_fail(error, VIR_ERR_AUTH_FAILED, "polkit cannot be asked: %s: install polkitd, which has pkcheck",
                   trouble->message);
}

static bool ask(VxClient *client, VxRpcCall *call, GError **error)
{
    VxPolkitQuestion *question;
    GPid pkcheck;
    int words_fd;

    if (client->auth != VX_AUTH_POLKIT || client->is_authenticated || client->question)
        return vx_fail(error, VIR_ERR_AUTH_FAILED, "polkit is not what this client is to authenticate with now");
    if (!start_pkcheck(client, &pkcheck, &words_fd, error))
        return false;
    question = client->question = g_new(VxPolkitQuestion, 1);
    *question = (VxPolkitQuestion){
        .call = call, .client = client, .pkcheck = pkcheck, .words_fd = words_fd, .words = g_string_new(NULL)};
    question->source = g_unix_fd_add(words_fd, G_IO_IN | G_IO_HUP, hear, question);
    question->timer = g_timeout_add_seconds(ASK_TIMEOUT_S, give_up, question);
    return true;
}

void vx_polkit_ask(VxClient *client, VxRpcCall *call)
{
    GError *error = NULL;

    if (!ask(client, call, &error))
        vx_rpc_call_fail_from(call, VIR_FROM_POLKIT, error);
}

void vx_polkit_forget(VxClient *client)
{
    if (client->question)
        kill(client->question->pkcheck, SIGTERM);
}
