/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "agent/agent_watch.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/vx_error.h"

#define ANSWER_TIME_US ((gint64)VX_AGENT_SYNC_TIMEOUT_S * G_USEC_PER_SEC)
#define FIRST_PAUSE_S 1
#define BUSY_PAUSE_US ((gint64)10 * G_USEC_PER_SEC)
#define NEVER G_MAXINT64
#define EVENTS_AT_ONCE 64

typedef struct {
    gatomicrefcount refs;
    VxAgent *agent; /* NULL: only a time to wait for */
    gpointer key;
    GDestroyNotify free_key;

    GSequenceIter *place; /* in the watch's sequence; NULL: no longer watched */
    gint64 due_us;        /* when something is to be done next */
    bool is_asked;        /* until then, an answer is in time */
    bool is_told;         /* a command has found out whether it answers */
    bool answers;         /* what was told last */
    unsigned pause_s;     /* until it is asked again, if it does not answer */
    bool is_listening;    /* its bytes wake the thread */
} Entry;

struct VxAgentWatch {
    VxAgentNewsFunc news;
    gpointer data;
    gint64 interval_us; /* NEVER: no interval */
    int epoll_fd, wake_fd;
    GThread *thread;

    GMutex lock; /* guards all that follows, and the entries */
    bool is_ending;
    GHashTable *entries; /* VxAgent (or, without one, the entry itself) -> Entry */
    GSequence *by_due;   /* of Entry */
};

/* ---- entries ---- */

static Entry *entry_ref(Entry *entry)
{
    g_atomic_ref_count_inc(&entry->refs);
    return entry;
}

static void entry_unref(gpointer data)
{
    Entry *entry = data;

    if (!g_atomic_ref_count_dec(&entry->refs))
        return;
    if (entry->free_key)
        entry->free_key(entry->key);
    vx_agent_unref(entry->agent);
    g_free(entry);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Entry, entry_unref)

static int compare_due(gconstpointer one, gconstpointer other, gpointer data)
{
    gint64 a = ((const Entry *)one)->due_us, b = ((const Entry *)other)->due_us;

    (void)data;
    return a < b ? -1 : a > b;
}

static void wake(VxAgentWatch *watch)
{
    (void)!eventfd_write(watch->wake_fd, 1);
}

static void set_due(Entry *entry, gint64 due_us)
{
    entry->due_us = due_us;
    g_sequence_sort_changed(entry->place, compare_due, NULL);
}

/* A closed channel is told in any case. */
static void listen_to(VxAgentWatch *watch, Entry *entry, bool is_listening)
{
    struct epoll_event event = {.events = is_listening ? EPOLLIN : 0, .data.ptr = entry->agent};

    if (entry->is_listening == is_listening)
        return;
    entry->is_listening = is_listening;
    epoll_ctl(watch->epoll_fd, EPOLL_CTL_MOD, vx_agent_get_fd(entry->agent), &event);
}

/* ---- what becomes of an agent; under the lock ---- */

static void forget(VxAgentWatch *watch, Entry *entry)
{
    if (entry->agent)
        epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, vx_agent_get_fd(entry->agent), NULL);
    g_sequence_remove(g_steal_pointer(&entry->place));
    g_hash_table_remove(watch->entries, entry->agent ? (gpointer)entry->agent : entry);
}

static gint64 after(gint64 pause_us)
{
    return pause_us == NEVER ? NEVER : g_get_monotonic_time() + pause_us;
}

/* It is known whether the agent answers. True if that is news. */
static bool settle(VxAgentWatch *watch, Entry *entry, bool answers)
{
    bool is_news = entry->answers != answers;

    entry->is_asked = false;
    entry->answers = answers;
    if (answers) {
        entry->pause_s = FIRST_PAUSE_S;
        listen_to(watch, entry, false);
        set_due(entry, after(watch->interval_us));
    } else {
        set_due(entry, after((gint64)entry->pause_s * G_USEC_PER_SEC));
        entry->pause_s = MIN(entry->pause_s * 2, VX_AGENT_WATCH_PATIENCE_S);
    }
    return is_news;
}

/* Acts on what a probe says. True if there is NEWS. */
static bool take_probe(VxAgentWatch *watch, Entry *entry, VxAgentProbe probe, VxAgentNews *news)
{
    switch (probe) {
    case VX_AGENT_PROBE_WAITING:
        return false;
    case VX_AGENT_PROBE_BUSY: /* vx_agent_watch_look comes when the command is done; or else it is asked again */
        entry->is_asked = false;
        listen_to(watch, entry, false);
        set_due(entry, after(BUSY_PAUSE_US));
        return false;
    case VX_AGENT_PROBE_ANSWERED:
        *news = VX_AGENT_NEWS_ANSWERS;
        return settle(watch, entry, true);
    case VX_AGENT_PROBE_REFUSED:
        listen_to(watch, entry, false);
        *news = VX_AGENT_NEWS_SILENT;
        return settle(watch, entry, false);
    case VX_AGENT_PROBE_GONE:
        *news = VX_AGENT_NEWS_GONE;
        forget(watch, entry);
        return true;
    }
    return false;
}

/* What a command has found out. */
static bool take_word(VxAgentWatch *watch, Entry *entry, VxAgentNews *news)
{
    bool answers = vx_agent_answers(entry->agent);

    entry->is_told = false;
    if (vx_agent_is_gone(entry->agent))
        return take_probe(watch, entry, VX_AGENT_PROBE_GONE, news);
    *news = answers ? VX_AGENT_NEWS_ANSWERS : VX_AGENT_NEWS_SILENT;
    return settle(watch, entry, answers);
}

static bool act_when_due(VxAgentWatch *watch, Entry *entry, VxAgentNews *news)
{
    VxAgentProbe probe;

    if (!entry->agent) {
        *news = VX_AGENT_NEWS_TIME;
        forget(watch, entry);
        return true;
    }
    if (entry->is_told)
        return take_word(watch, entry, news);
    if (entry->is_asked) { /* and the time for its answer is over */
        probe = vx_agent_probe_miss(entry->agent);
        if (probe != VX_AGENT_PROBE_WAITING)
            return take_probe(watch, entry, probe, news);
        *news = VX_AGENT_NEWS_SILENT;
        return settle(watch, entry, false); /* it goes on listening, until a late answer comes */
    }
    probe = vx_agent_probe_begin(entry->agent);
    if (probe == VX_AGENT_PROBE_WAITING) {
        entry->is_asked = true;
        listen_to(watch, entry, true);
        set_due(entry, after(ANSWER_TIME_US));
    }
    return take_probe(watch, entry, probe, news);
}

static bool act_on_bytes(VxAgentWatch *watch, Entry *entry, guint32 events, VxAgentNews *news)
{
    if (entry->is_listening && (events & EPOLLIN))
        return take_probe(watch, entry, vx_agent_probe_look(entry->agent), news);
    if (events & (EPOLLHUP | EPOLLERR))
        return take_probe(watch, entry, VX_AGENT_PROBE_GONE, news);
    return false;
}

/* ---- the thread ---- */

static void tell(VxAgentWatch *watch, Entry *entry, VxAgentNews news)
{
    g_mutex_unlock(&watch->lock);
    if (news == VX_AGENT_NEWS_GONE)
        vx_agent_close(entry->agent);
    watch->news(news, entry->agent, entry->key, watch->data);
    g_mutex_lock(&watch->lock);
}

/* Does what is due, and returns how many milliseconds there are until the next is; -1: for ever. Under the lock. */
static int do_what_is_due(VxAgentWatch *watch)
{
    while (!watch->is_ending && !g_sequence_is_empty(watch->by_due)) {
        g_autoptr(Entry) entry = entry_ref(g_sequence_get(g_sequence_get_begin_iter(watch->by_due)));
        gint64 wait_us = entry->due_us == NEVER ? NEVER : entry->due_us - g_get_monotonic_time();
        VxAgentNews news;

        if (wait_us == NEVER)
            return -1;
        if (wait_us > 0)
            return (int)MIN(wait_us / 1000 + 1, G_MAXINT);
        if (act_when_due(watch, entry, &news))
            tell(watch, entry, news);
    }
    return -1;
}

static void take_event(VxAgentWatch *watch, const struct epoll_event *event)
{
    g_autoptr(Entry) entry = NULL;
    VxAgentNews news;
    eventfd_t count;

    if (!event->data.ptr) {
        (void)!eventfd_read(watch->wake_fd, &count);
        return;
    }
    entry = g_hash_table_lookup(watch->entries, event->data.ptr);
    if (!entry) /* removed meanwhile */
        return;
    entry_ref(entry);
    if (act_on_bytes(watch, entry, event->events, &news))
        tell(watch, entry, news);
}

static gpointer run(gpointer data)
{
    VxAgentWatch *watch = data;
    struct epoll_event events[EVENTS_AT_ONCE];

    g_mutex_lock(&watch->lock);
    while (!watch->is_ending) {
        int wait_ms = do_what_is_due(watch), n;

        g_mutex_unlock(&watch->lock);
        n = epoll_wait(watch->epoll_fd, events, EVENTS_AT_ONCE, wait_ms);
        g_mutex_lock(&watch->lock);
        for (int i = 0; i < n && !watch->is_ending; i++)
            take_event(watch, &events[i]);
    }
    g_mutex_unlock(&watch->lock);
    return NULL;
}

/* ---- from outside ---- */

VxAgentWatch *vx_agent_watch_new(unsigned interval_s, VxAgentNewsFunc news, gpointer data, GError **error)
{
    struct epoll_event event = {.events = EPOLLIN};
    VxAgentWatch *watch = g_new0(VxAgentWatch, 1);

    watch->news = news;
    watch->data = data;
    watch->interval_us = interval_s ? (gint64)interval_s * G_USEC_PER_SEC : NEVER;
    watch->entries = g_hash_table_new_full(NULL, NULL, NULL, entry_unref);
    watch->by_due = g_sequence_new(NULL);
    g_mutex_init(&watch->lock);
    watch->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    watch->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch->epoll_fd < 0 || watch->wake_fd < 0 ||
        epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, watch->wake_fd, &event) < 0) {
        vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "guest agents cannot be watched");
        vx_agent_watch_free(watch);
        return NULL;
    }
    watch->thread = g_thread_new("agents", run, watch);
    return watch;
}

void vx_agent_watch_free(VxAgentWatch *watch)
{
    if (!watch)
        return;
    g_mutex_lock(&watch->lock);
    watch->is_ending = true;
    g_mutex_unlock(&watch->lock);
    wake(watch);
    if (watch->thread)
        g_thread_join(watch->thread);
    g_sequence_free(watch->by_due);
    g_hash_table_unref(watch->entries);
    if (watch->epoll_fd >= 0)
        close(watch->epoll_fd);
    if (watch->wake_fd >= 0)
        close(watch->wake_fd);
    g_mutex_clear(&watch->lock);
    g_free(watch);
}

/* An entry of AGENT (NULL: none), due at DUE_US. Under the lock. */
static void add_entry(VxAgentWatch *watch, VxAgent *agent, gint64 due_us, gpointer key, GDestroyNotify free_key)
{
    Entry *entry = g_new(Entry, 1);

    *entry = (Entry){.agent = agent ? vx_agent_ref(agent) : NULL,
                     .key = key,
                     .free_key = free_key,
                     .due_us = due_us,
                     .pause_s = FIRST_PAUSE_S};
    g_atomic_ref_count_init(&entry->refs);
    entry->place = g_sequence_insert_sorted(watch->by_due, entry, compare_due, NULL);
    g_hash_table_insert(watch->entries, agent ? (gpointer)agent : entry, entry);
}

void vx_agent_watch_add(VxAgentWatch *watch, VxAgent *agent, gpointer key, GDestroyNotify free_key)
{
    struct epoll_event event = {.data.ptr = agent};

    g_mutex_lock(&watch->lock);
    add_entry(watch, agent, g_get_monotonic_time(), key, free_key);
    epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, vx_agent_get_fd(agent), &event);
    g_mutex_unlock(&watch->lock);
    wake(watch);
}

void vx_agent_watch_remind(VxAgentWatch *watch, unsigned pause_s, gpointer key, GDestroyNotify free_key)
{
    g_mutex_lock(&watch->lock);
    add_entry(watch, NULL, after((gint64)pause_s * G_USEC_PER_SEC), key, free_key);
    g_mutex_unlock(&watch->lock);
    wake(watch);
}

void vx_agent_watch_remove(VxAgentWatch *watch, VxAgent *agent)
{
    Entry *entry;

    g_mutex_lock(&watch->lock);
    entry = g_hash_table_lookup(watch->entries, agent);
    if (entry)
        forget(watch, entry);
    g_mutex_unlock(&watch->lock);
}

/* The thread settles it, for it alone tells news. What is no news spares the next question. */
void vx_agent_watch_look(VxAgentWatch *watch, VxAgent *agent)
{
    gint64 soon_us = after((gint64)FIRST_PAUSE_S * G_USEC_PER_SEC);
    Entry *entry;

    g_mutex_lock(&watch->lock);
    entry = g_hash_table_lookup(watch->entries, agent);
    if (entry && (entry->answers != vx_agent_answers(agent) || vx_agent_is_gone(agent))) {
        entry->is_told = true;
        set_due(entry, 0);
        wake(watch);
    } else if (entry && entry->answers) {
        settle(watch, entry, true);
    } else if (entry && (entry->is_asked || !entry->is_listening)) { /* the command has kept it from answering */
        entry->is_asked = false;
        set_due(entry, MIN(entry->due_us, soon_us));
        wake(watch);
    }
    g_mutex_unlock(&watch->lock);
}
