/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Stable names for the channels of the guest that this runs in: /dev/xen-channel/NAME, where xen-pv-channel(7) tells
 * programs to look, links to the hvc device that the kernel gave to the channel.
 *
 * The kernel does not say which hvc device belongs to which channel. It takes the lowest that is free when the channel
 * appears, which is the one with the channel's number (as the manual says) only while none has gone. So the channels
 * that have no device yet get the devices that have none, both in their order; what was found is kept in a folder of
 * its own, for when channels come and go later.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define VX_CHANNEL_MAX_NAME 128 /* bytes, with the NUL */

typedef struct {
    const char *devices; /* /sys/bus/xen/devices */
    const char *dev;     /* /dev */
    const char *state;   /* /run/xen-channel */
    /* Writes the name of channel NUMBER, as it is, to NAME of SIZE bytes; false if it has none. */
    bool (*read_name)(void *data, unsigned number, char *name, size_t size);
    void *data;
} VxChannelPlaces;

/* Makes a file name of NAME that cannot leave a folder or surprise a terminal: letters, digits and ".-_:@+,=" stay, all
 * else becomes "_", also a dot in front. False if it is empty or does not fit. */
bool vx_channel_clean_name(const char *name, char clean[VX_CHANNEL_MAX_NAME]);

/* Makes the links as they should be now: new ones are made, those of channels that went are removed, "xen-channels"
 * beside the folder links to it. Of two channels of one name the one that came first has it. Returns 0 or a negative
 * errno. One process at a time: the state folder is locked meanwhile. */
int vx_channel_refresh(const VxChannelPlaces *places);
