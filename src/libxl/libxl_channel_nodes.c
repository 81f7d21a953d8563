/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_channel_nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libxl/libxl_channel.h"
#include "libxl/libxl_store.h"

#define MAX_NUMBER 63 /* a guest has no more hvc devices than that; Linux has 16 */
#define MAX_STATE 8
#define MAX_APART 9               /* Linux tells consoles apart by the last digit of their number */
#define MARK "/libxl/%d/plugging" /* beside libxl's own nodes, and gone with them */
#define LAST "plugged-last"       /* there, too: the number that was last on its way */
#define TRIES 50                  /* of a transaction that somebody else's came in between */

void vx_channel_nodes_init(VxChannelNodes *nodes, struct xs_handle *store, int guest, int number, const char *back)
{
    nodes->guest = guest;
    nodes->number = number;
    nodes->own = vx_store_own_domain(store);
    nodes->record = g_strdup_printf("/libxl/%d/device/console/%d", guest, number);
    nodes->front = g_strdup_printf("/local/domain/%d/device/console/%d", guest, number);
    nodes->back =
        back ? g_strdup(back) : g_strdup_printf("/local/domain/%d/backend/console/%d/%d", nodes->own, guest, number);
    nodes->backend = vx_libxl_backend_domain(nodes->back);
}

void vx_channel_nodes_clear(VxChannelNodes *nodes)
{
    g_clear_pointer(&nodes->record, g_free);
    g_clear_pointer(&nodes->front, g_free);
    g_clear_pointer(&nodes->back, g_free);
}

static bool exists(struct xs_handle *store, xs_transaction_t transaction, const char *path)
{
    unsigned length;
    char *value = xs_read(store, transaction, path, &length);

    free(value);
    return value != NULL;
}

static bool any_exists(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction)
{
    return exists(store, transaction, nodes->record) || exists(store, transaction, nodes->front) ||
           exists(store, transaction, nodes->back);
}

/* Linux takes any device whose number ends in 0 for the primary console, and leaves it alone. */
static bool is_free(struct xs_handle *store, int guest, int number)
{
    g_auto(VxChannelNodes) nodes = {0};

    vx_channel_nodes_init(&nodes, store, guest, number, NULL);
    return number % 10 != 0 && !any_exists(&nodes, store, XBT_NULL);
}

int vx_channel_nodes_find_number(struct xs_handle *store, int guest)
{
    int last = vx_store_read_number(store, MAX_NUMBER, 0, "/libxl/%d/" LAST, guest);

    for (int i = 1; i <= MAX_NUMBER; i++) {
        int number = i <= MAX_APART ? (last + i - 1) % MAX_APART + 1 : i;

        if (is_free(store, guest, number))
            return number;
    }
    return -1;
}

char *vx_channel_nodes_chardev(int number, libxl_channel_connection connection)
{
    return g_strdup_printf(connection == LIBXL_CHANNEL_CONNECTION_SOCKET ? "virtxl-channel%d" : "xencons%d", number);
}

char *vx_channel_nodes_output(const VxChannelNodes *nodes, const libxl_device_channel *channel)
{
    g_autofree char *chardev = vx_channel_nodes_chardev(nodes->number, channel->connection);

    return channel->connection == LIBXL_CHANNEL_CONNECTION_SOCKET ? g_strdup_printf("chardev:%s", chardev)
                                                                  : g_strdup("pty");
}

/* ---- transactions ---- */

typedef bool (*Change)(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction,
                       gconstpointer data);

/* Carries CHANGE out, whole or not at all. False with errno set. */
static bool transact(const VxChannelNodes *nodes, struct xs_handle *store, Change change, gconstpointer data)
{
    for (unsigned i = 0; i < TRIES; i++) {
        xs_transaction_t transaction = xs_transaction_start(store);
        bool good = transaction != XBT_NULL && change(nodes, store, transaction, data);
        int why = errno;

        if (transaction != XBT_NULL && xs_transaction_end(store, transaction, !good) && good)
            return true;
        if (good)
            why = errno;
        errno = why;
        if (errno != EAGAIN)
            return false;
    }
    return false;
}

static bool put(struct xs_handle *store, xs_transaction_t transaction, const char *folder, const char *name,
                const char *value)
{
    g_autofree char *path = g_strdup_printf("%s/%s", folder, name);

    return xs_write(store, transaction, path, value, (unsigned)strlen(value));
}

static bool drop(struct xs_handle *store, xs_transaction_t transaction, const char *path)
{
    return xs_rm(store, transaction, path) || errno == ENOENT;
}

/* ---- what is written ---- */

/* Where a node goes, and who may write it there. What only the toolstack reads stands in RECORD as well, where no other
 * domain can have changed it. */
typedef enum {
    RECORD = 1 << 0,
    BACK = 1 << 1,
    FRONT = 1 << 2,
    GUEST = 1 << 3, /* in the guest's folder, and the guest's to write */
    TTY = 1 << 4,   /* where FRONT is, the backend's to write */
} Places;

typedef struct {
    const char *name;
    Places places;
    const char *value; /* NULL: the node is left out */
} Node;

static bool permit(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction, const Node *node,
                   Places place, const char *path)
{
    int owner = place == GUEST ? nodes->guest : place == BACK ? nodes->backend : nodes->own;
    bool is_far = nodes->backend != nodes->own && place == FRONT;
    struct xs_permissions permissions[] = {
        {.id = (unsigned)owner, .perms = XS_PERM_NONE}, /* for all others; the owner may do everything */
        {.id = (unsigned)(place == GUEST ? nodes->backend : nodes->guest), .perms = XS_PERM_READ},
        {.id = (unsigned)nodes->backend, .perms = XS_PERM_READ | (node->places & TTY ? XS_PERM_WRITE : 0)},
    };

    return xs_set_permissions(store, transaction, path, permissions, is_far ? 3 : 2);
}

static bool write_place(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction,
                        const Node *node, Places place)
{
    const char *folder = place == RECORD ? nodes->record : place == BACK ? nodes->back : nodes->front;
    g_autofree char *path = *node->name ? g_strdup_printf("%s/%s", folder, node->name) : g_strdup(folder);

    if (!(node->places & place))
        return true;
    return xs_write(store, transaction, path, node->value, (unsigned)strlen(node->value)) &&
           (place == RECORD || permit(nodes, store, transaction, node, place, path));
}

static bool guest_exists(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction)
{
    g_autofree char *guest = g_strdup_printf("/local/domain/%d", nodes->guest);

    return exists(store, transaction, guest);
}

static bool write_all(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction,
                      gconstpointer data)
{
    if (!guest_exists(nodes, store, transaction)) {
        errno = ESRCH;
        return false;
    }
    if (any_exists(nodes, store, transaction)) {
        errno = EEXIST;
        return false;
    }
    for (const Node *node = data; node->name; node++) {
        for (unsigned place = RECORD; node->value && place <= GUEST; place <<= 1) {
            if (!write_place(nodes, store, transaction, node, place))
                return false;
        }
    }
    return true;
}

static bool fail_to_write(const VxChannelNodes *nodes, GError **error)
{
    switch (errno) {
    case ESRCH:
        return vx_fail(error, VIR_ERR_NO_DOMAIN, "there is no guest %d any more", nodes->guest);
    case EEXIST:
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "somebody else has just given guest %d a console %d",
                       nodes->guest, nodes->number);
    default:
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot write channel %d of guest %d to xenstore",
                             nodes->number, nodes->guest);
    }
}

bool vx_channel_nodes_write(const VxChannelNodes *nodes, struct xs_handle *store, const libxl_device_channel *channel,
                            GError **error)
{
    bool is_socket = channel->connection == LIBXL_CHANNEL_CONNECTION_SOCKET;
    g_autofree char *guest = g_strdup_printf("%d", nodes->guest);
    g_autofree char *backend = g_strdup_printf("%d", nodes->backend);
    g_autofree char *output = vx_channel_nodes_output(nodes, channel);
    const Node list[] = {
        {"", RECORD | BACK | FRONT, ""}, /* the folders */
        {"frontend", RECORD | BACK, nodes->front},
        {"backend", RECORD | FRONT, nodes->back},
        {"frontend-id", RECORD | BACK, guest},
        {"backend-id", FRONT, backend},
        {"online", RECORD | BACK, "1"},
        {"protocol", RECORD | BACK | FRONT, "vt100"},
        {"name", RECORD | BACK | FRONT, channel->name},
        {"connection", RECORD | BACK, is_socket ? "socket" : "pty"},
        {"path", RECORD | BACK, is_socket ? channel->u.socket.path : NULL},
        {"limit", FRONT, "1048576"}, /* bytes, as for any console */
        {"type", FRONT, "ioemu"},    /* the device model serves it, not xenconsoled */
        {"output", FRONT, output},
        {"tty", FRONT | TTY, ""}, /* of a pty, the device model writes it */
        {"ring-ref", GUEST, ""},
        {"port", GUEST, ""},
        {"state", RECORD | BACK | GUEST, "1"},
        {NULL, 0, NULL},
    };

    return transact(nodes, store, write_all, list) || fail_to_write(nodes, error);
}

/* ---- the mark ---- */

void vx_channel_mark_clear(VxChannelMark *mark)
{
    g_clear_pointer(&mark->name, g_free);
    g_clear_pointer(&mark->path, g_free);
}

static bool write_mark(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction,
                       gconstpointer data)
{
    g_autofree char *folder = g_strdup_printf(MARK, nodes->guest);
    g_autofree char *beside = g_path_get_dirname(folder);
    g_autofree char *number = g_strdup_printf("%d", nodes->number);
    g_autofree char *there = g_strdup_printf(MARK "/number", nodes->guest);
    const VxChannelMark *mark = data;
    bool is_marked = exists(store, transaction, there);

    if (is_marked || !guest_exists(nodes, store, transaction)) {
        errno = is_marked ? EEXIST : ESRCH;
        return false;
    }
    return put(store, transaction, folder, "number", number) && put(store, transaction, folder, "name", mark->name) &&
           (!mark->path || put(store, transaction, folder, "path", mark->path)) &&
           put(store, transaction, beside, LAST, number);
}

bool vx_channel_nodes_mark(const VxChannelNodes *nodes, struct xs_handle *store, const char *name, const char *path,
                           GError **error)
{
    const VxChannelMark mark = {.name = (char *)name, .path = (char *)path};

    if (transact(nodes, store, write_mark, &mark))
        return true;
    if (errno != EEXIST)
        return fail_to_write(nodes, error);
    return vx_fail(error, VIR_ERR_OPERATION_FAILED,
                   "guest %d has a channel that was on its way when the daemon ended: what has become of it is being "
                   "found out, so try again",
                   nodes->guest);
}

static bool remove_mark(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction,
                        gconstpointer data)
{
    g_autofree char *folder = g_strdup_printf(MARK, nodes->guest);

    (void)data;
    return drop(store, transaction, folder);
}

void vx_channel_nodes_unmark(const VxChannelNodes *nodes, struct xs_handle *store)
{
    if (!transact(nodes, store, remove_mark, NULL))
        g_warning("guest %d: xenstore keeps the mark of a channel that was on its way: %s", nodes->guest,
                  g_strerror(errno));
}

bool vx_channel_nodes_find_mark(struct xs_handle *store, int guest, VxChannelMark *mark)
{
    *mark = (VxChannelMark){.number = vx_store_read_number(store, MAX_NUMBER, -1, MARK "/number", guest)};
    if (mark->number < 0)
        return false;
    mark->name = vx_store_read(store, MARK "/name", guest);
    if (!mark->name)
        mark->name = g_strdup("");
    mark->path = vx_store_read(store, MARK "/path", guest);
    return true;
}

/* ---- the end ---- */

static bool set_online(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction,
                       gconstpointer data)
{
    bool online = data != NULL;

    if (!exists(store, transaction, nodes->back))
        return true;
    return put(store, transaction, nodes->back, "online", online ? "1" : "0") &&
           put(store, transaction, nodes->back, "state", online ? "4" : "5");
}

bool vx_channel_nodes_ask_to_close(const VxChannelNodes *nodes, struct xs_handle *store, GError **error)
{
    return transact(nodes, store, set_online, NULL) || fail_to_write(nodes, error);
}

bool vx_channel_nodes_keep_open(const VxChannelNodes *nodes, struct xs_handle *store, GError **error)
{
    return transact(nodes, store, set_online, nodes) || fail_to_write(nodes, error);
}

static bool set_closed(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction,
                       gconstpointer data)
{
    (void)data;
    return !exists(store, transaction, nodes->front) || put(store, transaction, nodes->front, "state", "6");
}

bool vx_channel_nodes_close_front(const VxChannelNodes *nodes, struct xs_handle *store, GError **error)
{
    return transact(nodes, store, set_closed, NULL) || fail_to_write(nodes, error);
}

static bool remove_all(const VxChannelNodes *nodes, struct xs_handle *store, xs_transaction_t transaction,
                       gconstpointer data)
{
    (void)data;
    return drop(store, transaction, nodes->back) && drop(store, transaction, nodes->front) &&
           drop(store, transaction, nodes->record);
}

bool vx_channel_nodes_remove(const VxChannelNodes *nodes, struct xs_handle *store, GError **error)
{
    return transact(nodes, store, remove_all, NULL) ||
           vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot remove channel %d of guest %d from xenstore",
                         nodes->number, nodes->guest);
}

VxXenbusState vx_channel_nodes_front_state(const VxChannelNodes *nodes, struct xs_handle *store)
{
    return (VxXenbusState)vx_store_read_number(store, MAX_STATE, VX_XENBUS_UNKNOWN, "%s/state", nodes->front);
}

VxXenbusState vx_channel_nodes_back_state(const VxChannelNodes *nodes, struct xs_handle *store)
{
    return (VxXenbusState)vx_store_read_number(store, MAX_STATE, VX_XENBUS_UNKNOWN, "%s/state", nodes->back);
}
