/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_monitor.h"

#include <string.h>

#include "libxl/libxl_qmp.h"
#include "libxl/libxl_store.h"

#define MAX_PID 0x400000                       /* Linux's largest */
#define QMP_SOCKET "/var/run/xen/qmp-libxl-%d" /* as libxl names it on QEMU's command line */
#define ANSWER_WAIT_MS (10 * 1000)             /* as long as libxl waits for other devices */
#define REMOVE_WAIT_US (5 * G_USEC_PER_SEC)
#define REMOVE_STEP_US (50 * 1000)

bool vx_libxl_has_device_model(VxLibxlSession *session, int id)
{
    struct xs_handle *store = vx_libxl_session_store(session);

    return vx_store_read_number(store, MAX_PID, -1, "/local/domain/%d/image/device-model-pid", id) > 0;
}

char *vx_libxl_monitor_quote(const char *text)
{
    GString *quoted = g_string_new("\"");

    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(quoted, '\\');
        g_string_append_c(quoted, *text);
    }
    g_string_append_c(quoted, '"');
    return g_string_free(quoted, FALSE);
}

/* What the monitor answers, without the line break at its end; NULL with *ERROR set when it cannot be asked. */
static char *ask(int id, const char *command, GError **error)
{
    g_autofree char *path = g_strdup_printf(QMP_SOCKET, id);
    g_autofree char *output = vx_libxl_qmp_ask(path, id, command, ANSWER_WAIT_MS, error);

    return output ? g_strstrip(g_utf8_make_valid(output, -1)) : NULL;
}

bool vx_libxl_monitor_answers(int id, GError **error)
{
    g_autofree char *answer = ask(id, "info name", error);

    return answer != NULL;
}

static bool is_plain(const char *text)
{
    for (; *text; text++) {
        if (g_ascii_iscntrl(*text))
            return false;
    }
    return true;
}

bool vx_libxl_monitor_add_socket(int id, const char *chardev, const char *path, GError **error)
{
    g_auto(GStrv) pieces = g_strsplit(path, ",", -1);
    g_autofree char *value = g_strjoinv(",,", pieces); /* a comma alone would end the value */
    g_autofree char *options = g_strdup_printf("socket,id=%s,path=%s,server=on,wait=off", chardev, value);
    g_autofree char *word = vx_libxl_monitor_quote(options);
    g_autofree char *command = g_strdup_printf("chardev-add %s", word);
    g_autofree char *answer = NULL;

    if (!is_plain(path))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "the path of the socket has control characters");
    answer = ask(id, command, error);
    if (!answer)
        return false;
    if (*answer)
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "the device model cannot make the socket '%s': %.200s", path,
                       answer);
    return true;
}

/* Whether ANSWER to chardev-remove says that there is nothing of that name (any more). */
static bool says_gone(const char *answer)
{
    return *answer == '\0' || strstr(answer, "not found");
}

bool vx_libxl_monitor_remove(int id, const char *chardev, GError **error)
{
    gint64 end = g_get_monotonic_time() + REMOVE_WAIT_US;
    g_autofree char *command = g_strdup_printf("chardev-remove %s", chardev);

    for (;;) {
        g_autofree char *answer = ask(id, command, error);

        if (!answer)
            return false;
        if (says_gone(answer))
            return true;
        if (g_get_monotonic_time() > end)
            return vx_fail(error, VIR_ERR_OPERATION_FAILED, "the device model keeps the character device '%s': %.200s",
                           chardev, answer);
        g_usleep(REMOVE_STEP_US);
    }
}
