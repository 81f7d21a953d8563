/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * max_grant_frames = N and max_event_channels = N <-> <controller type='xenbus' maxGrantFrames='N'
 * maxEventChannels='N'/>. xl.cfg(5) max_grant_frames, max_event_channels.
 */
#include <string.h>

#include "conf/controller_def.h"
#include "xlcfg/xlcfg_groups.h"

static const struct {
    const char *key;
    gsize offset;
} limits[] = {
    {"max_event_channels", offsetof(VxController, max_event_channels)},
    {"max_grant_frames", offsetof(VxController, max_grant_frames)},
};

static VxController *find_xenbus(const VxDomainDef *def)
{
    VxController *controller;

    for (unsigned i = 0; (controller = vx_domain_def_next_device(def, VX_DEVICE_CONTROLLER, &i));) {
        if (controller->type == VX_CONTROLLER_XENBUS)
            return controller;
    }
    return NULL;
}

static VxController *get_xenbus(VxXlReader *reader, VxPlace place)
{
    VxController *controller = find_xenbus(reader->def);

    if (controller)
        return controller;
    controller = vx_domain_def_add_device(reader->def, VX_DEVICE_CONTROLLER);
    controller->device.object.place = place;
    controller->type = VX_CONTROLLER_XENBUS;
    controller->index = VX_NUMBER(0);
    return controller;
}

static void read_limits(VxXlReader *reader)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(limits); i++) {
        VxNumber number = {0};

        if (!vx_xl_number(reader, limits[i].key, &number))
            continue;
        if (number.value < 0 || number.value > G_MAXINT32) /* what the attribute cannot say */
            vx_xl_carry(reader, limits[i].key);
        else
            G_STRUCT_MEMBER(VxNumber, get_xenbus(reader, vx_xl_place(reader, limits[i].key)), limits[i].offset) =
                number;
    }
}

/* The limit of KEY that the definition's controller has; NULL if it has none. */
static const VxNumber *find_limit(const VxDomainDef *def, const char *key)
{
    const VxController *controller = find_xenbus(def);

    for (unsigned i = 0; controller && i < G_N_ELEMENTS(limits); i++) {
        const VxNumber *limit = &G_STRUCT_MEMBER(const VxNumber, controller, limits[i].offset);

        if (strcmp(limits[i].key, key) == 0)
            return limit->given ? limit : NULL;
    }
    return NULL;
}

static bool limit_holds(const VxXlWriter *writer, const VxOption *carried)
{
    return !find_limit(writer->def, carried->name);
}

static void write_limits(VxXlWriter *writer)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(limits); i++) {
        const VxNumber *limit = find_limit(writer->def, limits[i].key);

        if (limit && !vx_xl_carries(writer, limits[i].key))
            vx_xl_write_number(writer, limits[i].key, limit->value);
    }
}

const VxXlGroup vx_xl_xenbus = {.name = "xenbus", .read = read_limits, .write = write_limits, .holds = limit_holds};
