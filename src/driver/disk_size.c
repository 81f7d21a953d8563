/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/disk_size.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/vx_error.h"

/* qcow2's header is "QFI\xfb", a version from 2 on, ..., and at byte 24 the size that the guest sees; all big-endian.
 * https://gitlab.com/qemu-project/qemu/-/blob/master/docs/interop/qcow2.txt */
static bool read_qcow2(int fd, guint64 *capacity)
{
    guint8 header[32];
    guint32 version;

    if (pread(fd, header, sizeof header, 0) != sizeof header || memcmp(header, "QFI\xfb", 4) != 0)
        return false;
    memcpy(&version, header + 4, sizeof version);
    memcpy(capacity, header + 24, sizeof *capacity);
    *capacity = GUINT64_FROM_BE(*capacity);
    return GUINT32_FROM_BE(version) >= 2;
}

static bool measure(const VxDisk *disk, int fd, VxBlockInfo *info)
{
    struct stat status;
    off_t end;

    if (fstat(fd, &status) < 0 || !(S_ISREG(status.st_mode) || S_ISBLK(status.st_mode)) ||
        (end = lseek(fd, 0, SEEK_END)) < 0)
        return false;
    info->physical = (guint64)end;
    info->allocation = S_ISREG(status.st_mode) ? (guint64)status.st_blocks * 512 : info->physical;
    info->capacity = info->physical;
    /* Only of a disk that is said to be one: in a raw disk, it is the guest who writes the first bytes. */
    if (disk->format == VX_DISK_QCOW2)
        read_qcow2(fd, &info->capacity);
    return true;
}

bool vx_measure_disk(const VxDisk *disk, VxBlockInfo *info, GError **error)
{
    const char *path = vx_disk_path(disk);
    bool good;
    int fd;

    if (!path || *path != '/')
        return vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED, "disk '%s' is no file or block device of this host",
                       disk->target);
    fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot open '%s'", path);
    good = measure(disk, fd, info);
    close(fd);
    return good || vx_fail(error, VIR_ERR_OPERATION_UNSUPPORTED, "'%s' is no file and no block device", path);
}
