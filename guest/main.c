/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * xen-channel-link: what udev runs in a guest when a channel comes or goes. It takes no arguments.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "channel_link.h"
#include "xenstore_name.h"

static bool read_name(void *data, unsigned number, char *name, size_t size)
{
    return vx_xenstore_read_name(*(int *)data, number, name, size);
}

int main(int argc, char **argv)
{
    const char *xenbus = "/dev/xen/xenbus";
    int fd = open(xenbus, O_RDWR | O_CLOEXEC), result;
    VxChannelPlaces places = {.devices = "/sys/bus/xen/devices",
                              .dev = "/dev",
                              .state = "/run/xen-channel",
                              .read_name = read_name,
                              .data = &fd};

    if (argc > 1) {
        fprintf(stderr, "%s takes no arguments: it links all channels of this guest under /dev/xen-channel/\n",
                argv[0]);
        return 2;
    }
    if (fd < 0) {
        fprintf(stderr, "xen-channel-link: cannot open %s: is this a Xen guest?\n", xenbus);
        return 1;
    }
    result = vx_channel_refresh(&places);
    close(fd);
    if (result < 0)
        fprintf(stderr, "xen-channel-link: the links cannot be made: %s\n", strerror(-result));
    return result < 0;
}
