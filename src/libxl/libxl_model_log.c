/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_model_log.h"

#include <string.h>

#include "libxl/libxl_store.h"
#include "util/vx_file.h"

#define DEVICE_MODEL_LOG "/var/log/xen/qemu-dm-%s.log" /* libxl's own, in its XEN_LOG_DIR */
#define LOG_MAX_BYTES ((gsize)1024 * 1024)
#define WORDS_MAX_BYTES 300

/* The last line that says something: of a console that the guest has not opened yet, QEMU always complains. */
static const char *find_last_line(char *text)
{
    for (;;) {
        char *end = strrchr(g_strchomp(text), '\n');
        const char *line = end ? end + 1 : text;

        if (!end || !g_str_has_prefix(line, "xen be: "))
            return line;
        *end = '\0';
    }
}

/* libxl knows only that the device model has ended; why, it has written to its log. */
static char *read_last_words(const char *name)
{
    g_autofree char *path = g_strdup_printf(DEVICE_MODEL_LOG, name);
    g_autofree char *text = NULL;
    const char *last;
    gsize length;

    if (strchr(name, '/') || !vx_file_read(path, LOG_MAX_BYTES, &text, &length, NULL))
        return NULL;
    last = find_last_line(text);
    return vx_store_is_sound(last, strnlen(last, WORDS_MAX_BYTES)) ? g_strndup(last, WORDS_MAX_BYTES) : NULL;
}

void vx_libxl_add_device_model_words(const char *name, GError **error)
{
    g_autofree char *words = NULL;
    char *message;

    if (!error || !*error || !strstr((*error)->message, "evice model"))
        return;
    words = read_last_words(name);
    if (!words)
        return;
    message = g_strdup_printf("%s; the log of the device model, " DEVICE_MODEL_LOG ", ends with: %s", (*error)->message,
                              name, words);
    g_free((*error)->message);
    (*error)->message = message;
}
