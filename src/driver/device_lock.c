/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/device_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/vx_error.h"

/* libvirt's names for it: /dev/pts/3 is LCK.._pts_3. */
static char *choose_path(const char *folder, const char *path)
{
    const char *rest = g_str_has_prefix(path, "/dev/") ? path + strlen("/dev") : path;
    g_autofree char *name = g_strdelimit(g_strconcat("LCK..", rest, NULL), "/", '_');

    return g_build_filename(folder, name, NULL);
}

/* The process that the lock file LOCK_PATH names; 0 when there is none. Others may write into the folder. */
static pid_t read_holder(const char *lock_path)
{
    char text[32];
    int fd = open(lock_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    long holder;

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    holder = strtol(text, NULL, 10);
    return holder > 0 && holder <= G_MAXINT32 ? (pid_t)holder : 0;
}

static bool is_alive(pid_t process)
{
    return process > 0 && process != getpid() && (kill(process, 0) == 0 || errno == EPERM);
}

static bool write_lock(int fd)
{
    char text[16];
    int length = g_snprintf(text, sizeof text, "%10d\n", (int)getpid());
    bool good = write(fd, text, (gsize)length) == length;

    return close(fd) == 0 && good;
}

bool vx_device_lock(const char *folder, const char *path, char **lock_path, GError **error)
{
    g_autofree char *file = choose_path(folder, path);
    pid_t holder = read_holder(file);
    int fd;

    *lock_path = NULL;
    if (is_alive(holder))
        return vx_fail(error, VIR_ERR_OPERATION_FAILED, "'%s' is in use by process %d, says the lock file '%s'", path,
                       (int)holder, file);
    unlink(file);
    g_mkdir_with_parents(folder, 0755);
    fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0 && errno == EACCES && geteuid() != 0)
        return true;
    if (fd < 0 || !write_lock(fd)) {
        vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot make the lock file '%s'", file);
        if (fd >= 0)
            unlink(file);
        return false;
    }
    *lock_path = g_steal_pointer(&file);
    return true;
}
