/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * bench/rpc VIRTXLD [SECONDS]: what a private, offline virtxld does for 1, 8 and 64 clients that each have one call
 * under way, for SECONDS (1) a load: calls a second, how long a call takes, and how much processor time it costs the
 * daemon, which what else the machine does leaves alone. Then how long it takes to start and how much memory it has
 * with many definitions, and how long virsh takes to list them.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "wire_client.h"

#define MAX_CLIENTS 64
#define N_DEFINITIONS 100u /* while calls are measured */
#define START_TIMEOUT_NS (60 * G_GINT64_CONSTANT(1000000000))
#define LIST_FLAGS 3u /* active and inactive */

static gint64 now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

/* ---- the daemon ---- */

typedef struct {
    const char *program;
    char *folder;
    char *socket_path;
    GPid pid;
} Daemon;

static char *domain_xml(unsigned number, unsigned edition)
{
    return g_strdup_printf(
        "<domain type='xen'><name>guest%05u</name><uuid>5b2f6ae1-2a5c-4c4a-9d3a-0000%08x</uuid><title>%u</title>"
        "<memory unit='MiB'>512</memory><vcpu>2</vcpu><os><type arch='x86_64' machine='xenfv'>hvm</type></os><devices>"
        "<disk type='file' device='disk'><source file='/srv/%u.img'/><target dev='xvda' bus='xen'/></disk>"
        "<interface type='bridge'><mac address='00:16:3e:00:%02x:%02x'/><source bridge='xenbr0'/></interface>"
        "<graphics type='vnc' port='-1'/>"
        "<channel type='unix'><source mode='bind' path='/run/%u.agent'/>"
        "<target type='xen' name='org.qemu.guest_agent.0'/></channel></devices></domain>\n",
        number, number, edition, number, number >> 8 & 0xff, number & 0xff, number);
}

static void write_definitions(const Daemon *daemon, unsigned n)
{
    g_autofree char *folder = g_build_filename(daemon->folder, "state", "config", NULL);

    g_mkdir_with_parents(folder, 0700);
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("%s/guest%05u.xml", folder, i);
        g_autofree char *xml = domain_xml(i, 0);
        g_autoptr(GError) error = NULL;

        if (!g_file_set_contents_full(path, xml, -1, G_FILE_SET_CONTENTS_NONE, 0600, &error))
            g_error("%s", error->message);
    }
}

static GPid spawn(char **argv, GSpawnFlags flags)
{
    g_autoptr(GError) error = NULL;
    GPid pid;

    if (!g_spawn_async(NULL, argv, NULL,
                       flags | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                       &pid, &error))
        g_error("%s", error->message);
    return pid;
}

/* The nanoseconds until it answers its first client. */
static gint64 start(Daemon *daemon)
{
    g_autofree char *sockets = g_build_filename(daemon->folder, "socket", NULL);
    g_autofree char *state = g_build_filename(daemon->folder, "state", NULL);
    g_autofree char *run = g_build_filename(daemon->folder, "run", NULL);
    char *argv[] = {(char *)daemon->program,
                    (char *)"--offline",
                    (char *)"--config",
                    (char *)"/dev/null",
                    (char *)"--socket-dir",
                    sockets,
                    (char *)"--state-dir",
                    state,
                    (char *)"--run-dir",
                    run,
                    NULL};
    const gint64 began = now_ns();
    WireClient client;

    daemon->pid = spawn(argv, G_SPAWN_STDERR_TO_DEV_NULL);
    while (!wire_client_connect(&client, daemon->socket_path)) {
        if (waitpid(daemon->pid, NULL, WNOHANG) != 0 || now_ns() - began > START_TIMEOUT_NS)
            g_error("%s does not start", daemon->program);
        g_usleep(500);
    }
    wire_client_open(&client);
    wire_client_close(&client);
    return now_ns() - began;
}

static void stop(const Daemon *daemon)
{
    kill(daemon->pid, SIGTERM);
    waitpid(daemon->pid, NULL, 0);
}

static gint64 processor_ns(GPid pid)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
        return 0;
    return used.tv_sec * G_GINT64_CONSTANT(1000000000) + used.tv_nsec;
}

static double memory_mib(GPid pid, const char *field)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", (int)pid);
    g_autofree char *text = NULL;
    const char *line;

    if (!g_file_get_contents(path, &text, NULL, NULL) || !(line = strstr(text, field)))
        g_error("cannot read %s", path);
    return strtod(line + strlen(field) + 1, NULL) / 1024;
}

static void print_memory(const Daemon *daemon, const char *label)
{
    printf("%-22s %5.1f MiB resident, of which %5.1f MiB its own\n", label, memory_mib(daemon->pid, "VmRSS"),
           memory_mib(daemon->pid, "RssAnon"));
}

/* ---- calls ---- */

/* Every call of LOAD that client NUMBER makes; two of them, made in turn, so that a definition differs from the one
 * there is. */
typedef struct {
    const char *name;
    GByteArray *(*make)(unsigned number, unsigned turn);
} Load;

static GByteArray *make_list_all(unsigned number G_GNUC_UNUSED, unsigned turn G_GNUC_UNUSED)
{
    const wire_connect_list_all_domains_args args = {.need_results = 1, .flags = LIST_FLAGS};

    return wire_call_new(VX_REMOTE_CONNECT_LIST_ALL_DOMAINS, (xdrproc_t)xdr_wire_connect_list_all_domains_args, &args);
}

static GByteArray *make_dumpxml(unsigned number, unsigned turn G_GNUC_UNUSED)
{
    wire_domain_get_xml_desc_args args = {.dom = {.name = (char *)"", .id = -1}};
    const guint8 uuid[] = {0x5b, 0x2f, 0x6a, 0xe1, 0x2a, 0x5c, 0x4c, 0x4a, 0x9d, 0x3a, 0, 0, 0, 0, 0, (guint8)number};

    G_STATIC_ASSERT(sizeof(uuid) == sizeof(args.dom.uuid.bytes));
    memcpy(args.dom.uuid.bytes, uuid, sizeof(uuid));
    return wire_call_new(VX_REMOTE_DOMAIN_GET_XML_DESC, (xdrproc_t)xdr_wire_domain_get_xml_desc_args, &args);
}

static GByteArray *make_define(unsigned number, unsigned turn)
{
    g_autofree char *xml = domain_xml(number, turn + 1);
    const wire_domain_define_xml_args args = {.xml = xml};

    return wire_call_new(VX_REMOTE_DOMAIN_DEFINE_XML, (xdrproc_t)xdr_wire_domain_define_xml_args, &args);
}

static const Load loads[] = {{"list-all", make_list_all}, {"dumpxml", make_dumpxml}, {"define", make_define}};

typedef struct {
    WireClient wire;
    GByteArray *calls[2];
    unsigned turn;
    gint64 sent_ns;
} Client;

static void send_next(Client *client)
{
    client->sent_ns = now_ns();
    wire_client_send(&client->wire, client->calls[client->turn++ % G_N_ELEMENTS(client->calls)]);
}

/* What is under way is waited for and not counted. */
static void drain(Client *clients, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        VxRpcPacket *reply;

        while (!(reply = wire_client_receive(&clients[i].wire)))
            ;
        vx_rpc_packet_free(reply);
    }
}

/* Calls for SECONDS; the durations of those answered. */
static GArray *run_load(Client *clients, unsigned n, double seconds)
{
    GArray *durations = g_array_new(FALSE, FALSE, sizeof(gint64));
    const gint64 end = now_ns() + (gint64)(seconds * 1e9);
    struct pollfd waits[MAX_CLIENTS];

    for (unsigned i = 0; i < n; i++) {
        waits[i] = (struct pollfd){.fd = clients[i].wire.fd, .events = POLLIN};
        send_next(&clients[i]);
    }
    while (now_ns() < end) {
        if (poll(waits, n, -1) < 0 && errno != EINTR)
            g_error("cannot wait: %s", g_strerror(errno));
        for (unsigned i = 0; i < n; i++) {
            g_autoptr(VxRpcPacket) reply = waits[i].revents ? wire_client_receive(&clients[i].wire) : NULL;
            gint64 took;

            if (!reply)
                continue;
            took = now_ns() - clients[i].sent_ns;
            g_array_append_val(durations, took);
            send_next(&clients[i]);
        }
    }
    drain(clients, n);
    return durations;
}

static gint compare_ns(gconstpointer a, gconstpointer b)
{
    const gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

    return (x > y) - (x < y);
}

static void print_load(const char *name, unsigned n_clients, GArray *durations, double wall_s, double daemon_s)
{
    const guint n = durations->len;
    const gint64 *sorted = (const gint64 *)(const void *)durations->data;

    if (n == 0)
        g_error("%s: no call was answered", name);
    g_array_sort(durations, compare_ns);
    printf("%-9s %2u client%s %8.0f calls a second, p50 %8.0f us, p99 %8.0f us, %6.1f us of the daemon's processor\n",
           name, n_clients, n_clients == 1 ? ": " : "s:", n / wall_s, (double)sorted[n / 2] / 1e3,
           (double)sorted[MIN(n - 1, n * 99 / 100)] / 1e3, daemon_s * 1e6 / n);
}

static void measure_load(const Daemon *daemon, const Load *load, unsigned n_clients, double seconds)
{
    g_autofree Client *clients = g_new0(Client, n_clients);
    g_autoptr(GArray) durations = NULL;
    gint64 began, used;

    for (unsigned i = 0; i < n_clients; i++) {
        if (!wire_client_connect(&clients[i].wire, daemon->socket_path))
            g_error("cannot connect to %s", daemon->socket_path);
        wire_client_open(&clients[i].wire);
        for (unsigned turn = 0; turn < G_N_ELEMENTS(clients[i].calls); turn++)
            clients[i].calls[turn] = load->make(i, turn);
    }
    used = processor_ns(daemon->pid);
    began = now_ns();
    durations = run_load(clients, n_clients, seconds);
    used = processor_ns(daemon->pid) - used;
    print_load(load->name, n_clients, durations, (double)(now_ns() - began) / 1e9, (double)used / 1e9);
    for (unsigned i = 0; i < n_clients; i++) {
        wire_client_close(&clients[i].wire);
        for (unsigned turn = 0; turn < G_N_ELEMENTS(clients[i].calls); turn++)
            g_byte_array_unref(clients[i].calls[turn]);
    }
}

static void measure_calls(Daemon *daemon, double seconds)
{
    static const unsigned n_clients[] = {1, 8, MAX_CLIENTS};

    write_definitions(daemon, N_DEFINITIONS);
    start(daemon);
    printf("With %u definitions, in %s:\n", N_DEFINITIONS, daemon->folder);
    for (unsigned i = 0; i < G_N_ELEMENTS(loads); i++) {
        for (unsigned k = 0; k < G_N_ELEMENTS(n_clients); k++)
            measure_load(daemon, &loads[i], n_clients[k], seconds);
    }
    print_memory(daemon, "after these calls");
    stop(daemon);
}

/* ---- many definitions ---- */

static void measure_virsh(const Daemon *daemon, unsigned n)
{
    g_autofree char *uri = g_strdup_printf("xen+unix:///system?socket=%s", daemon->socket_path);
    char *argv[] = {(char *)"virsh", (char *)"-c", uri, (char *)"list", (char *)"--all", NULL};
    g_autofree char *virsh = g_find_program_in_path(argv[0]);
    gint64 began, used, own;
    struct rusage usage;
    int status;

    if (!virsh) {
        printf("virsh is not installed: virsh list --all is not measured\n");
        return;
    }
    used = processor_ns(daemon->pid);
    began = now_ns();
    wait4(spawn(argv, G_SPAWN_DEFAULT), &status, 0, &usage);
    if (status != 0)
        g_error("virsh list --all failed");
    own = G_USEC_PER_SEC * (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + usage.ru_utime.tv_usec +
          usage.ru_stime.tv_usec;
    printf("virsh list --all of %5u: %.3f s, of which %.3f s of the daemon's processor, %.3f s of virsh's\n", n,
           (double)(now_ns() - began) / 1e9, (double)(processor_ns(daemon->pid) - used) / 1e9, (double)own / 1e6);
}

static void measure_start(Daemon *daemon, unsigned n)
{
    g_autofree char *label = g_strdup_printf("%5u definitions:", n);
    gint64 took;

    write_definitions(daemon, n);
    took = start(daemon);
    printf("start with %5u definitions: %.3f s, of which %.3f s of its processor\n", n, (double)took / 1e9,
           (double)processor_ns(daemon->pid) / 1e9);
    print_memory(daemon, label);
    measure_virsh(daemon, n);
    stop(daemon);
}

static void remove_folder(const char *folder)
{
    char *argv[] = {(char *)"rm", (char *)"-rf", (char *)"--", (char *)folder, NULL};

    waitpid(spawn(argv, G_SPAWN_DEFAULT), NULL, 0);
}

int main(int argc, char **argv)
{
    static const unsigned n_definitions[] = {0, 10, 1000, 10000};
    const double seconds = argc > 2 ? g_ascii_strtod(argv[2], NULL) : 1;
    Daemon daemon = {.program = argv[1]};

    if (argc < 2 || argc > 3 || seconds <= 0) {
        fprintf(stderr, "Usage: %s VIRTXLD [SECONDS]\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (unsigned i = 0; i <= G_N_ELEMENTS(n_definitions); i++) {
        daemon.folder = g_dir_make_tmp("virtxl-bench-XXXXXX", NULL);
        daemon.socket_path = g_build_filename(daemon.folder, "socket", "virtxend-sock", NULL);
        if (i < G_N_ELEMENTS(n_definitions))
            measure_start(&daemon, n_definitions[i]);
        else
            measure_calls(&daemon, seconds);
        remove_folder(daemon.folder);
        g_free(daemon.folder);
        g_free(daemon.socket_path);
    }
    return 0;
}
