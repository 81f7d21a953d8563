/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_session.h"

#include <errno.h>
#include <libxl_event.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_IDLE 6u

struct VxLibxlSession {
    xentoollog_logger logger; /* first: libxl hands it back */
    VxLibxlSessions *sessions;
    libxl_ctx *ctx;
    struct xs_handle *store;
    VxLibxlWords words;
    sigset_t signals; /* of the thread, before the session began */
    bool is_new;      /* and is not kept */
    pid_t pid;
};

struct VxLibxlSessions {
    GMutex lock;
    GQueue idle; /* of VxLibxlSession; the one that was used last comes first */
};

/* ---- what libxl says ---- */

/* A child of libxl's own has not called exec yet: other threads of this process may have held any lock when it was
 * made. */
static void say_from_child(const char *text)
{
    dprintf(STDERR_FILENO, "libxl: %s\n", text);
}

static void on_message(xentoollog_logger *logger, xentoollog_level level, int errno_value, const char *context,
                       const char *format, va_list arguments)
{
    VxLibxlSession *session = (VxLibxlSession *)logger;
    char text[1024];

    vsnprintf(text, sizeof(text), format, arguments);
    if (getpid() != session->pid) {
        if (level >= XTL_ERROR)
            say_from_child(text);
        return;
    }
    if (level >= XTL_ERROR)
        vx_libxl_words_add(&session->words, text, errno_value);
    if (level >= XTL_VERBOSE || level == XTL_DEBUG)
        g_debug("%s: %s: %s%s%s", context ? context : "libxl", xtl_level_to_string(level), text,
                errno_value > 0 ? ": " : "", errno_value > 0 ? g_strerror(errno_value) : "");
}

static void on_destroy(xentoollog_logger *logger)
{
    (void)logger;
}

/* libxl leaves the process when nobody takes this. */
static void on_disaster(void *data, libxl_event_type type, const char *message, int errno_value)
{
    (void)data, (void)type;
    g_critical("libxl can no longer tell what happens: %s: %s", message, g_strerror(errno_value));
}

/* ---- one session ---- */

static const libxl_childproc_hooks childproc_hooks = {.chldowner = libxl_sigchld_owner_libxl_always_selective_reap};
static const libxl_event_hooks event_hooks = {.disaster = on_disaster};

static void free_session(VxLibxlSession *session)
{
    if (session->store)
        xs_close(session->store);
    libxl_ctx_free(session->ctx);
    vx_libxl_words_clear(&session->words);
    g_free(session);
}

static VxLibxlSession *open_session(VxLibxlSessions *sessions, GError **error)
{
    VxLibxlSession *session = g_new0(VxLibxlSession, 1);
    int rc;

    session->sessions = sessions;
    session->logger.vmessage = on_message;
    session->logger.destroy = on_destroy;
    session->pid = getpid();
    vx_libxl_words_init(&session->words);
    rc = libxl_ctx_alloc(&session->ctx, LIBXL_VERSION, 0, &session->logger);
    if (rc == 0) {
        libxl_childproc_setmode(session->ctx, &childproc_hooks, NULL);
        libxl_event_register_callbacks(session->ctx, &event_hooks, NULL);
        session->store = xs_open(0);
    }
    if (rc == 0 && session->store)
        return session;
    vx_libxl_session_fail(session, error, VIR_ERR_OPERATION_FAILED, rc, "cannot talk to Xen's %s",
                          rc ? "toolstack" : "store: is xenstored running?");
    free_session(session);
    return NULL;
}

static void block_sigchld(sigset_t *before)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &set, before);
}

static VxLibxlSession *take_idle(VxLibxlSessions *sessions)
{
    VxLibxlSession *session;

    g_mutex_lock(&sessions->lock);
    session = g_queue_pop_head(&sessions->idle);
    g_mutex_unlock(&sessions->lock);
    return session;
}

static VxLibxlSession *begin(VxLibxlSessions *sessions, bool is_new, GError **error)
{
    VxLibxlSession *session;
    sigset_t signals;

    block_sigchld(&signals);
    session = is_new ? NULL : take_idle(sessions);
    if (!session)
        session = open_session(sessions, error);
    if (!session) {
        pthread_sigmask(SIG_SETMASK, &signals, NULL);
        return NULL;
    }
    session->signals = signals;
    session->is_new = is_new;
    return session;
}

VxLibxlSession *vx_libxl_session_begin(VxLibxlSessions *sessions, GError **error)
{
    return begin(sessions, false, error);
}

VxLibxlSession *vx_libxl_session_begin_new(VxLibxlSessions *sessions, GError **error)
{
    return begin(sessions, true, error);
}

void vx_libxl_session_end(VxLibxlSession *session)
{
    VxLibxlSessions *sessions = session->sessions;
    sigset_t signals = session->signals;
    bool kept;

    vx_libxl_words_forget(&session->words);
    g_mutex_lock(&sessions->lock);
    kept = !session->is_new && g_queue_get_length(&sessions->idle) < MAX_IDLE;
    if (kept)
        g_queue_push_head(&sessions->idle, session);
    g_mutex_unlock(&sessions->lock);
    if (!kept)
        free_session(session);
    pthread_sigmask(SIG_SETMASK, &signals, NULL);
}

libxl_ctx *vx_libxl_session_ctx(VxLibxlSession *session)
{
    return session->ctx;
}

struct xs_handle *vx_libxl_session_store(VxLibxlSession *session)
{
    return session->store;
}

/* ---- errors ---- */

static virErrorNumber code_of(int rc, virErrorNumber otherwise)
{
    switch (rc) {
    case ERROR_DOMAIN_NOTFOUND:
        return VIR_ERR_NO_DOMAIN;
    case ERROR_NOPARAVIRT:
        return VIR_ERR_OPERATION_UNSUPPORTED;
    case ERROR_ABORTED:
        return VIR_ERR_OPERATION_ABORTED;
    default:
        return otherwise;
    }
}

bool vx_libxl_session_fail(VxLibxlSession *session, GError **error, virErrorNumber code, int rc, const char *format,
                           ...)
{
    g_autofree char *words = vx_libxl_words_join(&session->words);
    g_autofree char *message = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (words)
        return vx_fail(error, code_of(rc, code), "%s: %s", message, words);
    if (rc < 0)
        return vx_fail(error, code_of(rc, code), "%s: libxl gives no reason but '%s'", message,
                       libxl_error_to_string((libxl_error)rc));
    return vx_fail(error, code_of(rc, code), "%s", message);
}

/* ---- all of them ---- */

VxLibxlSessions *vx_libxl_sessions_new(GError **error)
{
    g_autoptr(VxLibxlSessions) sessions = g_new0(VxLibxlSessions, 1);
    VxLibxlSession *first;

    g_mutex_init(&sessions->lock);
    g_queue_init(&sessions->idle);
    first = vx_libxl_session_begin(sessions, error);
    if (!first)
        return NULL;
    vx_libxl_session_end(first);
    return g_steal_pointer(&sessions);
}

void vx_libxl_sessions_free(VxLibxlSessions *sessions)
{
    VxLibxlSession *session;

    if (!sessions)
        return;
    while ((session = g_queue_pop_head(&sessions->idle)))
        free_session(session);
    g_mutex_clear(&sessions->lock);
    g_free(sessions);
}
