/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "memory_echo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
    int fd, owner;
    char bytes[4096]; /* not sent back yet */
    gsize n_bytes;
} End;

struct VxMemoryEcho {
    GThread *thread;
    GMutex lock;
    GPtrArray *ends; /* of End */
    int wake;
    bool is_over;
};

static void free_end(gpointer data)
{
    close(((End *)data)->fd);
    g_free(data);
}

static void wake(VxMemoryEcho *echo)
{
    guint64 one = 1;

    if (write(echo->wake, &one, sizeof(one)) < 0)
        g_error("cannot wake the echo");
}

/* Whether END is still there. */
static bool serve(End *end)
{
    if (end->n_bytes == 0) {
        ssize_t n = read(end->fd, end->bytes, sizeof(end->bytes));

        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        end->n_bytes = n > 0 ? (gsize)n : 0;
    } else {
        ssize_t n = write(end->fd, end->bytes, end->n_bytes);

        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        memmove(end->bytes, end->bytes + n, end->n_bytes - (gsize)n);
        end->n_bytes -= (gsize)n;
    }
    return true;
}

/* Under the lock: an array of what to wait for, the wake-up first. */
static GArray *list_waits(VxMemoryEcho *echo)
{
    GArray *waits = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
    struct pollfd first = {.fd = echo->wake, .events = POLLIN};

    g_array_append_val(waits, first);
    for (unsigned i = 0; i < echo->ends->len; i++) {
        const End *end = echo->ends->pdata[i];
        struct pollfd item = {.fd = end->fd, .events = end->n_bytes > 0 ? POLLOUT : POLLIN};

        g_array_append_val(waits, item);
    }
    return waits;
}

/* Under the lock. What was added or dropped meanwhile has its turn the next time. */
static void serve_ready(VxMemoryEcho *echo, GArray *waits)
{
    for (unsigned i = 1; i < waits->len; i++) {
        const struct pollfd *item = &g_array_index(waits, struct pollfd, i);

        for (unsigned j = 0; item->revents && j < echo->ends->len; j++) {
            End *end = echo->ends->pdata[j];

            if (end->fd != item->fd)
                continue;
            if (!serve(end))
                g_ptr_array_remove_index_fast(echo->ends, j);
            break;
        }
    }
}

static gpointer run(gpointer data)
{
    VxMemoryEcho *echo = data;

    g_mutex_lock(&echo->lock);
    while (!echo->is_over) {
        GArray *waits = list_waits(echo);
        guint64 n;

        g_mutex_unlock(&echo->lock);
        while (poll((struct pollfd *)(void *)waits->data, waits->len, -1) < 0)
            continue;
        g_mutex_lock(&echo->lock);
        if (g_array_index(waits, struct pollfd, 0).revents && read(echo->wake, &n, sizeof(n)) < 0)
            g_error("cannot read the wake-up");
        serve_ready(echo, waits);
        g_array_unref(waits);
    }
    g_mutex_unlock(&echo->lock);
    return NULL;
}

VxMemoryEcho *vx_memory_echo_new(void)
{
    VxMemoryEcho *echo = g_new0(VxMemoryEcho, 1);

    g_mutex_init(&echo->lock);
    echo->ends = g_ptr_array_new_with_free_func(free_end);
    echo->wake = eventfd(0, EFD_CLOEXEC);
    g_assert_cmpint(echo->wake, >=, 0);
    echo->thread = g_thread_new("echo", run, echo);
    return echo;
}

void vx_memory_echo_free(VxMemoryEcho *echo)
{
    g_mutex_lock(&echo->lock);
    echo->is_over = true;
    g_mutex_unlock(&echo->lock);
    wake(echo);
    g_thread_join(echo->thread);
    g_ptr_array_unref(echo->ends);
    close(echo->wake);
    g_mutex_clear(&echo->lock);
    g_free(echo);
}

void vx_memory_echo_add(VxMemoryEcho *echo, int fd, int owner)
{
    End *end = g_new0(End, 1);

    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    end->fd = fd;
    end->owner = owner;
    g_mutex_lock(&echo->lock);
    g_ptr_array_add(echo->ends, end);
    g_mutex_unlock(&echo->lock);
    wake(echo);
}

void vx_memory_echo_drop(VxMemoryEcho *echo, int owner)
{
    g_mutex_lock(&echo->lock);
    for (unsigned i = echo->ends->len; i-- > 0;)
        if (((End *)echo->ends->pdata[i])->owner == owner)
            g_ptr_array_remove_index_fast(echo->ends, i);
    g_mutex_unlock(&echo->lock);
    wake(echo);
}

unsigned vx_memory_echo_count(VxMemoryEcho *echo)
{
    unsigned n;

    g_mutex_lock(&echo->lock);
    n = echo->ends->len;
    g_mutex_unlock(&echo->lock);
    return n;
}
