/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * virtxld with the memory hypervisor, so that real clients can be tried with running guests where there is no Xen. The
 * guests obey, echo, and survive the daemon in the folder RUN_DIR/guests. What happens to them by itself, or by
 * somebody else, is said in lines that are written to the FIFO RUN_DIR/control:
 *
 *   poweroff NAME | reboot NAME | crash NAME     the guest does so by itself
 *   remove NAME | pause NAME | unpause NAME      somebody else does it
 *   make FILE                                    somebody else starts a guest of this domain XML
 *   connect NAME CHANNEL | disconnect ...        the guest's end of a channel attaches or goes
 *   behind NAME CHANNEL SOCKET                   the host's end of this guest's channel (of type unix) is a
 *                                                connection to SOCKET
 *   delay MILLISECONDS | fail N | hang 0/1 | obey 0/1
 *
 * After each line, RUN_DIR/control.done has one byte more.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "conf/domain_xml.h"
#include "daemon/daemon.h"
#include "memory_hypervisor.h"

typedef struct {
    VxMemoryHypervisor *memory;
    char *done_path;
    int fifo;
    GMutex lock;
    GHashTable *behind; /* names of a guest and of a channel of it -> path of a socket */
} Control;

static void make(VxMemoryHypervisor *memory, const char *path)
{
    g_autofree char *text = NULL;
    g_autoptr(VxDiag) diag = NULL;
    g_autoptr(VxDomainDef) def = NULL;
    gsize length;

    if (!g_file_get_contents(path, &text, &length, NULL))
        return;
    diag = vx_diag_new(path, text, length, VX_DIAG_QUIET);
    def = vx_domain_def_parse(text, length, 0, diag);
    if (def && def->name && def->uuid)
        vx_memory_hypervisor_make(memory, def);
}

static bool set_mode(VxMemoryHypervisor *memory, const char *word, const char *argument)
{
    unsigned n = (unsigned)g_ascii_strtoull(argument, NULL, 10);

    if (strcmp(word, "delay") == 0)
        vx_memory_hypervisor_set_delay(memory, n);
    else if (strcmp(word, "fail") == 0)
        vx_memory_hypervisor_fail_at(memory, n);
    else if (strcmp(word, "hang") == 0)
        vx_memory_hypervisor_set_hanging(memory, n);
    else if (strcmp(word, "obey") == 0)
        vx_memory_hypervisor_set_obedient(memory, n);
    else
        return false;
    return true;
}

static void act(VxMemoryHypervisor *memory, const char *word, int id, const char *channel)
{
    static const struct {
        const char *word;
        VxGuestShutdown reason;
    } reasons[] = {{"poweroff", VX_GUEST_POWEROFF}, {"reboot", VX_GUEST_REBOOT}, {"crash", VX_GUEST_CRASH}};

    for (unsigned i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (strcmp(word, reasons[i].word) == 0)
            vx_memory_hypervisor_shut_down(memory, id, reasons[i].reason);
    if (strcmp(word, "remove") == 0)
        vx_memory_hypervisor_remove(memory, id);
    else if (g_str_has_suffix(word, "pause"))
        vx_memory_hypervisor_set_paused(memory, id, strcmp(word, "pause") == 0);
    else if (g_str_has_suffix(word, "connect") && channel)
        vx_memory_hypervisor_set_connected(memory, id, channel, strcmp(word, "connect") == 0);
}

/* What a guest's channel is known by. */
static char *key_of(const char *guest, const char *channel)
{
    return g_strdup_printf("%s %s", guest, channel);
}

static void obey(Control *control, char *line)
{
    g_auto(GStrv) words = g_strsplit(g_strstrip(line), " ", 4);

    if (!words[0] || !words[1])
        return;
    if (strcmp(words[0], "make") == 0) {
        make(control->memory, words[1]);
    } else if (strcmp(words[0], "behind") == 0 && words[2] && words[3]) {
        g_mutex_lock(&control->lock);
        g_hash_table_insert(control->behind, key_of(words[1], words[2]), g_strdup(words[3]));
        g_mutex_unlock(&control->lock);
    } else if (!set_mode(control->memory, words[0], words[1])) {
        act(control->memory, words[0], vx_memory_hypervisor_find(control->memory, words[1]), words[2]);
    }
}

static gpointer run(gpointer data)
{
    Control *control = data;
    FILE *lines = fdopen(control->fifo, "r");
    char line[4096];

    while (fgets(line, sizeof(line), lines)) {
        FILE *done;

        obey(control, line);
        vx_memory_hypervisor_settle(control->memory);
        done = fopen(control->done_path, "a");
        if (done) {
            fputc('.', done);
            fclose(done);
        }
    }
    return NULL;
}

/* ---- a channel's other end elsewhere ---- */

typedef struct {
    int from, to;
} Pump;

static gpointer pump(gpointer data)
{
    g_autofree Pump *pipe = data;
    char bytes[4096];
    ssize_t n;

    while ((n = read(pipe->from, bytes, sizeof(bytes))) > 0)
        if (send(pipe->to, bytes, (size_t)n, MSG_NOSIGNAL) != n)
            break;
    shutdown(pipe->to, SHUT_WR);
    close(pipe->from);
    close(pipe->to);
    return NULL;
}

static void pump_both(int a, int b)
{
    Pump there = {dup(a), dup(b)}, back = {b, a};

    g_thread_unref(g_thread_new("there", pump, g_memdup2(&there, sizeof(there))));
    g_thread_unref(g_thread_new("back", pump, g_memdup2(&back, sizeof(back))));
}

static bool take_end(const char *guest, const char *name, int fd, gpointer data)
{
    Control *control = data;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_autofree char *key = key_of(guest, name ? name : "");
    const char *path;
    int there;

    g_mutex_lock(&control->lock);
    path = g_hash_table_lookup(control->behind, key);
    if (path)
        g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    g_mutex_unlock(&control->lock);
    if (!path)
        return false;
    there = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(there, (struct sockaddr *)&address, sizeof(address)) < 0) {
        close(there);
        return false;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    pump_both(fd, there);
    return true;
}

static VxHypervisor *open_memory(const VxDaemonConfig *config, GError **error)
{
    Control *control = g_new0(Control, 1);
    g_autofree char *path = g_build_filename(config->run_dir, "control", NULL);
    g_autofree char *folder = g_build_filename(config->run_dir, "guests", NULL);

    (void)error;
    g_mkdir_with_parents(config->run_dir, 0700);
    control->behind = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    control->memory = vx_memory_hypervisor_ref(vx_memory_hypervisor_new());
    vx_memory_hypervisor_set_guest_end(control->memory, take_end, control);
    vx_memory_hypervisor_set_obedient(control->memory, true);
    vx_memory_hypervisor_set_folder(control->memory, folder);
    control->done_path = g_build_filename(config->run_dir, "control.done", NULL);
    if (mkfifo(path, 0600) < 0 && errno != EEXIST)
        g_error("cannot make the FIFO %s", path);
    control->fifo = open(path, O_RDWR | O_CLOEXEC); /* for writing, too: there is never an end of it */
    g_thread_unref(g_thread_new("control", run, control));
    return (VxHypervisor *)control->memory;
}

int main(int argc, char **argv)
{
    return vx_daemon_main(argc, argv, open_memory);
}
