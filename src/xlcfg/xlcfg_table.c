/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The option table. The order is the order in which options are written.
 */
#include "xlcfg/xlcfg_groups.h"

#define FIELD(name, value_type, guest_types, member, becomes, documentation, ...)                                      \
    {.key = name, .type = value_type, .fate = VX_XL_FIELD, .guests = guest_types,                                      \
     .offset = offsetof(VxDomainDef, member), .element = becomes, .doc = documentation, ##__VA_ARGS__}
#define GROUP(name, value_type, guest_types, of_group, becomes, documentation, ...)                                    \
    {.key = name, .type = value_type, .fate = VX_XL_GROUP, .guests = guest_types, .group = &of_group,                  \
     .element = becomes, .doc = documentation, ##__VA_ARGS__}
#define CARRIED(name, value_type, guest_types, documentation, ...)                                                     \
    {.key = name, .type = value_type, .fate = VX_XL_CARRIED, .guests = guest_types, .doc = documentation, ##__VA_ARGS__}
#define IGNORED(name, value_type, reason)                                                                              \
    {.key = name, .type = value_type, .fate = VX_XL_IGNORED, .guests = VX_XL_ALL, .doc = reason}

#define ANY_INT .minimum = G_MININT32, .maximum = G_MAXINT32

const VxXlOption vx_xl_options[] = {
    /* what it is */
    FIELD("name", VX_XL_STRING, VX_XL_ALL, name, "name", "name of the guest"),
    GROUP("uuid", VX_XL_STRING, VX_XL_ALL, vx_xl_uuid, "uuid", "UUID of the guest"),
    GROUP("type", VX_XL_STRING, VX_XL_ALL, vx_xl_type, "os/type", "pv, pvh or hvm"),
    GROUP("builder", VX_XL_STRING, VX_XL_ALL, vx_xl_type, "os/type", "older spelling of type: generic or hvm"),

    /* memory and CPUs */
    GROUP("memory", VX_XL_NUMBER, VX_XL_ALL, vx_xl_memory, "currentMemory", "memory at the start, in MiB", .minimum = 1,
          .maximum = G_MAXINT32),
    GROUP("maxmem", VX_XL_NUMBER, VX_XL_ALL, vx_xl_memory, "memory", "memory that the guest may have, in MiB",
          .minimum = 1, .maximum = G_MAXINT32),
    GROUP("vcpus", VX_XL_NUMBER, VX_XL_ALL, vx_xl_vcpus, "vcpu/@current", "virtual CPUs at the start", .minimum = 1,
          .maximum = 4096),
    GROUP("maxvcpus", VX_XL_NUMBER, VX_XL_ALL, vx_xl_vcpus, "vcpu", "virtual CPUs that there can be", .minimum = 1,
          .maximum = 4096),

    /* booting */
    FIELD("kernel", VX_XL_STRING, VX_XL_ALL, os.kernel, "os/kernel", "path of the kernel"),
    FIELD("ramdisk", VX_XL_STRING, VX_XL_ALL, os.initrd, "os/initrd", "path of the initial RAM disk"),
    GROUP("cmdline", VX_XL_STRING, VX_XL_ALL, vx_xl_command_line, "os/cmdline", "command line of the kernel"),
    GROUP("root", VX_XL_STRING, VX_XL_ALL, vx_xl_command_line, "os/cmdline", "older spelling of cmdline: its root=..."),
    GROUP("extra", VX_XL_STRING, VX_XL_ALL, vx_xl_command_line, "os/cmdline", "older spelling of cmdline: the rest of it"),

    /* when it ends */
    GROUP("on_poweroff", VX_XL_STRING, VX_XL_ALL, vx_xl_actions, "on_poweroff", "what to do when the guest powers off"),
    GROUP("on_reboot", VX_XL_STRING, VX_XL_ALL, vx_xl_actions, "on_reboot", "what to do when the guest reboots"),
    GROUP("on_crash", VX_XL_STRING, VX_XL_ALL, vx_xl_actions, "on_crash", "what to do when the guest crashes"),

    /* devices */
    GROUP("channel", VX_XL_STRINGS, VX_XL_ALL, vx_xl_channels, "devices/channel", "channels between host and guest"),
};
const unsigned vx_xl_n_options = G_N_ELEMENTS(vx_xl_options);
