/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xenstore_name.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

static bool write_all(int fd, const void *data, size_t length)
{
    return write(fd, data, length) == (ssize_t)length;
}

static bool read_all(int fd, void *data, size_t length)
{
    char *at = data;

    while (length > 0) {
        ssize_t n = read(fd, at, length);

        if (n <= 0)
            return false;
        at += n;
        length -= (size_t)n;
    }
    return true;
}

/* Passes over LENGTH bytes, so that the next answer is found behind them. */
static void skip(int fd, size_t length)
{
    char dropped[256];

    while (length > 0) {
        size_t n = length < sizeof dropped ? length : sizeof dropped;

        if (!read_all(fd, dropped, n))
            return;
        length -= n;
    }
}

bool vx_xenstore_read_name(int fd, unsigned number, char *name, size_t size)
{
    char request[sizeof(struct xsd_sockmsg) + 64];
    struct xsd_sockmsg header = {.type = XS_READ};
    int length = snprintf(request + sizeof header, 64, "device/console/%u/name", number) + 1;

    header.len = (uint32_t)length;
    memcpy(request, &header, sizeof header);
    if (!write_all(fd, request, sizeof header + header.len) || !read_all(fd, &header, sizeof header))
        return false;
    if (header.len >= size) {
        skip(fd, header.len);
        return false;
    }
    if (!read_all(fd, name, header.len))
        return false;
    name[header.len] = '\0';
    return header.type == XS_READ && strlen(name) == header.len;
}
