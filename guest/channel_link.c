/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "channel_link.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_CHANNELS 64 /* Linux has 16 hvc devices at most */
#define FOLDER "xen-channel"

typedef struct {
    unsigned number;          /* of console-NUMBER */
    unsigned long long inode; /* of its folder in sysfs: grows with each device, so it tells order and age */
    int hvc;                  /* -1 if it has none yet */
    char name[VX_CHANNEL_MAX_NAME];
} Channel;

typedef struct {
    const VxChannelPlaces *places;
    int state_fd, dev_fd, folder_fd;
    Channel channels[MAX_CHANNELS];
    unsigned n_channels;
} Work;

static bool stays(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr(".-_:@+,=", c);
}

bool vx_channel_clean_name(const char *name, char clean[VX_CHANNEL_MAX_NAME])
{
    size_t length = strlen(name);

    if (length == 0 || length >= VX_CHANNEL_MAX_NAME)
        return false;
    for (size_t i = 0; i < length; i++)
        clean[i] = stays(name[i]) && !(i == 0 && name[i] == '.') ? name[i] : '_';
    clean[length] = '\0';
    return true;
}

static int by_inode(const void *a, const void *b)
{
    const Channel *one = a, *other = b;

    return (one->inode > other->inode) - (one->inode < other->inode);
}

/* Notes console-NUMBER if it is a channel (0 is the console) that a driver serves. */
static void note_channel(Work *work, int devices_fd, const char *entry)
{
    Channel *channel = &work->channels[work->n_channels];
    char path[64];
    struct stat info;
    int end = 0;

    if (sscanf(entry, "console-%u%n", &channel->number, &end) != 1 || entry[end] || channel->number == 0)
        return;
    snprintf(path, sizeof path, "console-%u/driver", channel->number);
    if (fstatat(devices_fd, path, &info, 0) < 0 || fstatat(devices_fd, entry, &info, 0) < 0)
        return;
    channel->inode = info.st_ino;
    channel->hvc = -1;
    work->n_channels++;
}

static int list_channels(Work *work)
{
    DIR *dir = opendir(work->places->devices);
    struct dirent *entry;

    if (!dir)
        return errno == ENOENT ? 0 : -errno; /* no Xen, no channels */
    while (work->n_channels < MAX_CHANNELS && (entry = readdir(dir)))
        note_channel(work, dirfd(dir), entry->d_name);
    closedir(dir);
    qsort(work->channels, work->n_channels, sizeof *work->channels, by_inode);
    return 0;
}

/* What is kept of a channel is a link "NUMBER.INODE" to "hvcN". */
static void state_name(const Channel *channel, char name[64])
{
    snprintf(name, 64, "%u.%llu", channel->number, channel->inode);
}

static void recall_hvc(Work *work, Channel *channel)
{
    char name[64], target[16] = "";

    state_name(channel, name);
    if (readlinkat(work->state_fd, name, target, sizeof target - 1) > 0 && sscanf(target, "hvc%d", &channel->hvc) != 1)
        channel->hvc = -1;
}

static bool is_taken(const Work *work, int hvc)
{
    for (unsigned i = 0; i < work->n_channels; i++)
        if (work->channels[i].hvc == hvc)
            return true;
    return false;
}

/* The kernel refuses to open an hvc device that serves nothing. */
static bool is_live(const Work *work, int hvc)
{
    char name[16];
    int fd;

    snprintf(name, sizeof name, "hvc%d", hvc);
    fd = openat(work->dev_fd, name, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == EBUSY; /* in somebody's hands */
    close(fd);
    return true;
}

static void assign_hvcs(Work *work)
{
    int hvc = 1; /* 0 is the console */

    for (unsigned i = 0; i < work->n_channels; i++)
        recall_hvc(work, &work->channels[i]);
    for (unsigned i = 0; i < work->n_channels; i++) {
        Channel *channel = &work->channels[i];
        char name[64], target[16];

        if (channel->hvc >= 0)
            continue;
        while (hvc < MAX_CHANNELS && (is_taken(work, hvc) || !is_live(work, hvc)))
            hvc++;
        if (hvc == MAX_CHANNELS)
            return;
        channel->hvc = hvc;
        state_name(channel, name);
        snprintf(target, sizeof target, "hvc%d", hvc);
        (void)!symlinkat(target, work->state_fd, name); /* without it only later changes may be judged wrongly */
    }
}

static void name_channels(Work *work)
{
    for (unsigned i = 0; i < work->n_channels; i++) {
        Channel *channel = &work->channels[i];
        char name[VX_CHANNEL_MAX_NAME];

        if (channel->hvc < 0 || !work->places->read_name(work->places->data, channel->number, name, sizeof name) ||
            !vx_channel_clean_name(name, channel->name))
            channel->name[0] = '\0';
        for (unsigned k = 0; k < i; k++)
            if (strcmp(channel->name, work->channels[k].name) == 0)
                channel->name[0] = '\0';
    }
}

static bool is_wanted_link(const Work *work, const char *name)
{
    for (unsigned i = 0; i < work->n_channels; i++)
        if (strcmp(name, work->channels[i].name) == 0)
            return true;
    return false;
}

static bool is_wanted_state(const Work *work, const char *name)
{
    char known[64];

    for (unsigned i = 0; i < work->n_channels; i++) {
        state_name(&work->channels[i], known);
        if (strcmp(name, known) == 0)
            return true;
    }
    return false;
}

/* Removes the links in a folder that are not wanted; other files are not ours. */
static void remove_others(const Work *work, int folder_fd, bool (*is_wanted)(const Work *work, const char *name))
{
    int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    struct stat info;

    while (dir && (entry = readdir(dir)))
        if (!is_wanted(work, entry->d_name) && fstatat(folder_fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISLNK(info.st_mode))
            unlinkat(folder_fd, entry->d_name, 0);
    if (dir)
        closedir(dir);
}

/* Makes NAME a link to TARGET, never without one in between. */
static int set_link(int folder_fd, const char *name, const char *target)
{
    char now[64] = "";

    if (readlinkat(folder_fd, name, now, sizeof now - 1) > 0 && strcmp(now, target) == 0)
        return 0;
    unlinkat(folder_fd, ".new", 0); /* left by one that was killed; no channel's link begins with a dot */
    if (symlinkat(target, folder_fd, ".new") < 0 || renameat(folder_fd, ".new", folder_fd, name) < 0)
        return -errno;
    return 0;
}

static int set_links(Work *work)
{
    int result = 0;

    for (unsigned i = 0; i < work->n_channels; i++) {
        char target[32];
        int failed = 0;

        snprintf(target, sizeof target, "../hvc%d", work->channels[i].hvc);
        if (work->channels[i].name[0])
            failed = set_link(work->folder_fd, work->channels[i].name, target);
        result = failed ? failed : result;
    }
    if (symlinkat(FOLDER, work->dev_fd, "xen-channels") < 0 && errno != EEXIST)
        result = -errno;
    return result;
}

static int open_folder(int at_fd, const char *path, bool create)
{
    int fd;

    if (create && mkdirat(at_fd, path, 0755) < 0 && errno != EEXIST)
        return -errno;
    fd = openat(at_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int refresh(Work *work)
{
    int result = list_channels(work);

    if (result < 0)
        return result;
    assign_hvcs(work);
    name_channels(work);
    remove_others(work, work->state_fd, is_wanted_state);
    remove_others(work, work->folder_fd, is_wanted_link);
    return set_links(work);
}

int vx_channel_refresh(const VxChannelPlaces *places)
{
    Work work = {.places = places, .dev_fd = -1, .folder_fd = -1};
    int result;

    work.state_fd = open_folder(AT_FDCWD, places->state, true);
    work.dev_fd = open_folder(AT_FDCWD, places->dev, false);
    work.folder_fd = work.dev_fd < 0 ? work.dev_fd : open_folder(work.dev_fd, FOLDER, true);
    if (work.state_fd < 0 || work.folder_fd < 0)
        result = work.state_fd < 0 ? work.state_fd : work.folder_fd;
    else
        result = flock(work.state_fd, LOCK_EX) < 0 ? -errno : refresh(&work);
    for (unsigned i = 0; i < 3; i++) {
        int fd = i == 0 ? work.folder_fd : i == 1 ? work.dev_fd : work.state_fd;

        if (fd >= 0)
            close(fd);
    }
    return result;
}
