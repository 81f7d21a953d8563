/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "libxl/libxl_log_words.h"

#include <string.h>

#include "libxl/libxl_store.h"
#include "util/vx_file.h"

#define LOG_FOLDER "/var/log/xen/" /* libxl's XEN_LOG_DIR */
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

static char *read_last_words(const char *path)
{
    g_autofree char *text = NULL;
    const char *last;
    gsize length;

    if (!vx_file_read(path, LOG_MAX_BYTES, &text, &length, NULL))
        return NULL;
    last = find_last_line(text);
    return vx_store_is_sound(last, strnlen(last, WORDS_MAX_BYTES)) ? g_strndup(last, WORDS_MAX_BYTES) : NULL;
}

/* The log that MESSAGE is about, below libxl's own folder. The caller frees it. */
static char *find_log(const char *message, const char *name)
{
    static const char consult[] = "consult logfile " LOG_FOLDER;
    const char *file = strstr(message, consult);

    if (file) {
        file += strlen(consult);
        return g_strdup_printf(LOG_FOLDER "%.*s", (int)strcspn(file, " ;/"), file);
    }
    if (!strstr(message, "evice model") || strchr(name, '/'))
        return NULL;
    return g_strdup_printf(LOG_FOLDER "qemu-dm-%s.log", name);
}

void vx_libxl_add_log_words(const char *name, GError **error)
{
    g_autofree char *path = error && *error ? find_log((*error)->message, name) : NULL;
    g_autofree char *words = path ? read_last_words(path) : NULL;
    char *message;

    if (!words)
        return;
    message = g_strdup_printf("%s; the log %s ends with: %s", (*error)->message, path, words);
    g_free((*error)->message);
    (*error)->message = message;
}
