/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "util/vx_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/vx_error.h"

typedef int Descriptor;

static void descriptor_close(Descriptor *fd)
{
    if (*fd > STDERR_FILENO)
        close(*fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Descriptor, descriptor_close)

bool vx_file_read(const char *path, gsize max_bytes, char **text, gsize *length, GError **error)
{
    bool is_stdin = strcmp(path, "-") == 0;
    g_auto(Descriptor) fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const char *shown = is_stdin ? "standard input" : path;

    if (fd < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot open %s", shown);
    for (;;) {
        guint8 chunk[65536];
        gssize n = read(fd, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot read %s", shown);
        if (n == 0)
            break;
        if ((gsize)n > max_bytes - bytes->len)
            return vx_fail(error, VIR_ERR_OPERATION_INVALID,
                           "%s is larger than the %" G_GSIZE_FORMAT " bytes that are read of a file", shown, max_bytes);
        g_byte_array_append(bytes, chunk, (guint)n);
    }
    *length = bytes->len;
    g_byte_array_append(bytes, (const guint8 *)"", 1);
    *text = (char *)g_byte_array_free(g_steal_pointer(&bytes), FALSE);
    return true;
}

static bool write_all(int fd, const char *text, gsize length)
{
    while (length > 0) {
        gssize n = write(fd, text, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text += n;
        length -= (gsize)n;
    }
    return true;
}

static bool write_directly(const char *target, const char *path, const char *text, gsize length, GError **error)
{
    g_auto(Descriptor) fd = open(target, O_WRONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0 || !write_all(fd, text, length))
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot write %s", path);
    return true;
}

bool vx_file_sync_folder(const char *folder, GError **error)
{
    g_auto(Descriptor) fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* A file system that cannot sync a folder says EINVAL; its rename is as safe as it will be. */
    if (fd < 0 || (fsync(fd) < 0 && errno != EINVAL))
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot sync %s", folder);
    return true;
}

static bool write_beside(const char *aside, const char *text, gsize length, unsigned mode, bool is_synced)
{
    g_auto(Descriptor) fd = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);

    return fd >= 0 && write_all(fd, text, length) && (!is_synced || fsync(fd) == 0);
}

/* What write_beside's files are called: short, so that every name that fits its file system can be written. */
#define ASIDE_FORMAT ".%08x.vxnew"
#define ASIDE_LENGTH (1 + 8 + 6)

bool vx_file_is_aside(const char *file_name)
{
    unsigned number;
    int n = 0;

    return strlen(file_name) == ASIDE_LENGTH && sscanf(file_name, ".%8x.vxnew%n", &number, &n) == 1 &&
           n == ASIDE_LENGTH;
}

static bool write_file(const char *path, const char *text, gsize length, unsigned mode, bool is_synced, GError **error)
{
    struct stat status;
    bool exists = lstat(path, &status) == 0;
    bool is_link = exists && S_ISLNK(status.st_mode);
    g_autofree char *resolved = is_link ? realpath(path, NULL) : NULL; /* it goes on pointing where it points */
    const char *target = resolved ? resolved : path;
    g_autofree char *folder = g_path_get_dirname(target);
    g_autofree char *aside = g_strdup_printf("%s/" ASIDE_FORMAT, folder, g_random_int());

    if (is_link)
        exists = stat(path, &status) == 0;
    /* A link to what has no name (/dev/stdout, a deleted file) must not be taken for a file to be put in its place. */
    if (exists && (!S_ISREG(status.st_mode) || (is_link && !resolved)))
        return write_directly(target, path, text, length, error);
    if (!write_beside(aside, text, length, mode, is_synced) || rename(aside, target) < 0) {
        int why = errno;

        unlink(aside);
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, why, "cannot write %s", path);
    }
    return !is_synced || vx_file_sync_folder(folder, error);
}

bool vx_file_write(const char *path, const char *text, gsize length, unsigned mode, GError **error)
{
    return write_file(path, text, length, mode, true, error);
}

bool vx_file_write_volatile(const char *path, const char *text, gsize length, unsigned mode, GError **error)
{
    return write_file(path, text, length, mode, false, error);
}
