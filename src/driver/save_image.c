/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/save_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/vx_error.h"
#include "util/vx_file.h"

#define MAGIC "libvirt-xml\n \0 \r"
#define VERSION 2 /* of the state behind it: that of Xen 4.6 and later */

/* In the byte order of the host. */
typedef struct {
    char magic[sizeof(MAGIC) - 1];
    uint32_t version;
    uint32_t xml_bytes; /* with the NUL */
    uint32_t is_paused; /* not used by libvirt */
    uint32_t unused[9];
} Header;

G_STATIC_ASSERT(sizeof(Header) == 64);

/* ---- reading ---- */

static bool read_whole(int fd, void *to, gsize n_bytes)
{
    for (gsize n = 0; n < n_bytes;) {
        ssize_t more = read(fd, (char *)to + n, n_bytes - n);

        if (more <= 0 && !(more < 0 && errno == EINTR))
            return false;
        n += more > 0 ? (gsize)more : 0;
    }
    return true;
}

static bool read_image(const char *path, VxSaveImage *image, GError **error)
{
    Header header;

    if (!read_whole(image->fd, &header, sizeof(header)) || memcmp(header.magic, MAGIC, sizeof(header.magic)) != 0)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "'%s' is not the file of a saved domain", path);
    if (header.version != VERSION)
        return vx_fail(error, VIR_ERR_INVALID_ARG,
                       "'%s' is the file of a saved domain of version %u, and only version %d is known", path,
                       header.version, VERSION);
    if (header.xml_bytes == 0 || header.xml_bytes > VX_FILE_MAX_BYTES)
        return vx_fail(error, VIR_ERR_INVALID_ARG, "'%s' is damaged: its XML cannot have %u bytes", path,
                       header.xml_bytes);
    image->xml = g_malloc((gsize)header.xml_bytes + 1);
    image->xml[header.xml_bytes] = '\0';
    if (!read_whole(image->fd, image->xml, header.xml_bytes))
        return vx_fail(error, VIR_ERR_INVALID_ARG, "'%s' is damaged: it ends within its XML", path);
    image->is_paused = header.is_paused == 1;
    return true;
}

bool vx_save_image_open(const char *path, VxSaveImage *image, GError **error)
{
    *image = (VxSaveImage){.fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (image->fd < 0)
        return vx_fail_errno(error, VIR_ERR_OPERATION_FAILED, errno, "cannot open the file of a saved domain '%s'",
                             path);
    if (read_image(path, image, error))
        return true;
    vx_save_image_clear(image);
    return false;
}

void vx_save_image_clear(VxSaveImage *image)
{
    if (image->fd >= 0)
        close(image->fd);
    g_free(image->xml);
    *image = (VxSaveImage){.fd = -1};
}

/* ---- writing ---- */

static bool write_whole(int fd, const void *from, gsize n_bytes)
{
    for (gsize n = 0; n < n_bytes;) {
        ssize_t more = write(fd, (const char *)from + n, n_bytes - n);

        if (more < 0 && errno != EINTR)
            return false;
        n += more > 0 ? (gsize)more : 0;
    }
    return true;
}

static bool fail_write(const VxSaveFile *file, GError **error)
{
    return vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot write '%s'", file->path);
}

static bool write_head(const VxSaveFile *file, const char *xml, bool is_paused, GError **error)
{
    Header header = {.version = VERSION, .xml_bytes = (uint32_t)strlen(xml) + 1, .is_paused = is_paused};

    memcpy(header.magic, MAGIC, sizeof(header.magic));
    return (write_whole(file->fd, &header, sizeof(header)) && write_whole(file->fd, xml, header.xml_bytes)) ||
           fail_write(file, error);
}

bool vx_save_file_begin(VxSaveFile *file, const char *path, const char *xml, bool is_paused, GError **error)
{
    struct stat there;
    bool is_special = stat(path, &there) == 0 && !S_ISREG(there.st_mode);

    *file = (VxSaveFile){.fd = -1, .path = g_strdup(path)};
    if (is_special) {
        file->fd = open(path, O_WRONLY | O_CLOEXEC);
    } else {
        char *aside = g_strconcat(path, ".XXXXXX", NULL);

        file->fd = g_mkstemp_full(aside, O_WRONLY | O_CLOEXEC, 0600);
        file->aside = aside;
        if (file->fd < 0)
            g_clear_pointer(&file->aside, g_free);
    }
    if (file->fd < 0)
        return fail_write(file, error);
    return write_head(file, xml, is_paused, error);
}

bool vx_save_file_finish(VxSaveFile *file, bool drops_cache, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(file->path);

    if (!file->aside)
        return true;
    if (fsync(file->fd) < 0)
        return fail_write(file, error);
    if (drops_cache)
        posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
    if (rename(file->aside, file->path) < 0)
        return fail_write(file, error);
    g_clear_pointer(&file->aside, g_free);
    return vx_file_sync_folder(folder, error);
}

void vx_save_file_clear(VxSaveFile *file)
{
    if (file->aside)
        unlink(file->aside);
    if (file->fd >= 0)
        close(file->fd);
    g_free(file->aside);
    g_free(file->path);
    *file = (VxSaveFile){.fd = -1};
}

/* ---- changing ---- */

static bool copy_rest(int from, const VxSaveFile *to, GError **error)
{
    g_autofree char *bytes = g_malloc(1 << 20);
    ssize_t n;

    while ((n = read(from, bytes, 1 << 20)) > 0)
        if (!write_whole(to->fd, bytes, (gsize)n))
            return fail_write(to, error);
    return n == 0 || vx_fail_errno(error, VIR_ERR_SYSTEM_ERROR, errno, "cannot read '%s'", to->path);
}

bool vx_save_image_set_xml(const char *path, const char *xml, bool is_paused, GError **error)
{
    g_auto(VxSaveImage) image = {.fd = -1};
    g_auto(VxSaveFile) file = {.fd = -1};

    return vx_save_image_open(path, &image, error) && vx_save_file_begin(&file, path, xml, is_paused, error) &&
           copy_rest(image.fd, &file, error) && vx_save_file_finish(&file, false, error);
}
