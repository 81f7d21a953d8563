/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/daemon_log.h"

#include <stdio.h>
#include <time.h>

static gint current_level = VX_LOG_INFO;

/* GLib's levels as ours. What ends the process is an error like others. */
static VxLogLevel level_of(GLogLevelFlags flags)
{
    if (flags & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
        return VX_LOG_ERROR;
    if (flags & G_LOG_LEVEL_WARNING)
        return VX_LOG_WARNING;
    if (flags & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO))
        return VX_LOG_INFO;
    return VX_LOG_DEBUG;
}

static const char *find_message(const GLogField *fields, gsize n_fields)
{
    for (gsize i = 0; i < n_fields; i++)
        if (g_str_equal(fields[i].key, "MESSAGE") && fields[i].length < 0)
            return fields[i].value;
    return "";
}

/* One line, whatever a client put into the message: a line end in it must not begin a line of its own making. */
static void write_line(VxLogLevel level, const char *message)
{
    time_t now = time(NULL);
    struct tm local;
    char when[64] = "";
    g_autofree char *text = g_strdup(message);

    strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S%z", localtime_r(&now, &local));
    for (char *c = text; *c; c++)
        if ((guchar)*c < ' ' || *c == '\177')
            *c = ' ';
    fprintf(stderr, "%s %s: %s\n", when, vx_enum_to_text(&vx_log_levels, (int)level), text);
    fflush(stderr);
}

bool vx_daemon_log_shows(VxLogLevel level)
{
    return level <= (VxLogLevel)g_atomic_int_get(&current_level);
}

static GLogWriterOutput write_message(GLogLevelFlags flags, const GLogField *fields, gsize n_fields,
                                      void *data G_GNUC_UNUSED)
{
    static gsize checked;
    static bool is_journal;

    if (!vx_daemon_log_shows(level_of(flags)))
        return G_LOG_WRITER_HANDLED;
    if (g_once_init_enter(&checked)) {
        is_journal = g_log_writer_is_journald(fileno(stderr));
        g_once_init_leave(&checked, 1);
    }
    if (is_journal && g_log_writer_journald(flags, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
        return G_LOG_WRITER_HANDLED;
    write_line(level_of(flags), find_message(fields, n_fields));
    return G_LOG_WRITER_HANDLED;
}

void vx_daemon_log_set_level(VxLogLevel level)
{
    g_atomic_int_set(&current_level, (gint)level);
}

void vx_daemon_log_start(VxLogLevel level)
{
    vx_daemon_log_set_level(level);
    g_log_set_writer_func(write_message, NULL, NULL);
}
