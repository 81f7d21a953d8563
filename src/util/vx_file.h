/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Files: read whole within a bound, written whole or not at all. Any thread.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The largest source text that is read: 16 MiB. */
#define VX_FILE_MAX_BYTES ((gsize)16 * 1024 * 1024)

/* Reads the file PATH ("-": standard input) of at most MAX_BYTES bytes. *TEXT is NUL-terminated behind *LENGTH bytes
 * and freed by the caller. Fails with VIR_ERR_SYSTEM_ERROR (it cannot be read) or VIR_ERR_OPERATION_INVALID (it is
 * larger). */
bool vx_file_read(const char *path, gsize max_bytes, char **text, gsize *length, GError **error);

/* Makes PATH a file of the LENGTH bytes of TEXT and of MODE: written beside it under another name, synced, renamed over
 * it, and its folder synced; so after a crash there is the old file or the new one, whole. A path that is not a regular
 * file (a pipe, /dev/stdout) is written to directly. Fails with VIR_ERR_SYSTEM_ERROR. */
bool vx_file_write(const char *path, const char *text, gsize length, unsigned mode, GError **error);

/* The same without syncing: whole also when this process dies, but not when the host does. For what is of no use then.
 */
bool vx_file_write_volatile(const char *path, const char *text, gsize length, unsigned mode, GError **error);

/* Whether FILE_NAME (without folder) is what vx_file_write calls a file that it has not finished: after a crash it may
 * be left behind, and can go. */
bool vx_file_is_aside(const char *file_name);

/* Makes what was created, renamed and removed in FOLDER last through a crash. Fails with VIR_ERR_SYSTEM_ERROR. */
bool vx_file_sync_folder(const char *folder, GError **error);
