/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <clock>: how the guest's clock starts and what drives it. https://libvirt.org/formatdomain.html#time-keeping
 */
#include "conf/domain_def.h"
#include "conf/domain_elements.h"

VX_ENUM_DEFINE(vx_clock_offsets, VX_CLOCK_OFFSETS);
VX_ENUM_DEFINE(vx_clock_bases, VX_CLOCK_BASES);

static const VxField timer_fields[] = {
    VX_ATTR_STRING("name", VxTimer, name, "tsc, hpet, ...", .flags = VX_FIELD_REQUIRED),
    VX_ATTR_ENUM("present", VxTimer, present, vx_yes_no, "whether the guest has it"),
    VX_ATTR_STRING("tickpolicy", VxTimer, tickpolicy, "what becomes of ticks that were missed"),
    VX_ATTR_STRING("track", VxTimer, track, "what the timer follows"),
    VX_ATTR_NUMBER("frequency", VxTimer, frequency_hz, 1, G_MAXINT64 - 1, "frequency in Hz"),
    VX_ATTR_STRING("mode", VxTimer, mode, "of tsc: auto, native, emulate, paravirt"),
    VX_CANNOT("catchup", "Xen's timers have no such limits"),
};
const VxElement vx_timer_element = {.name = "timer", .size = sizeof(VxTimer), VX_ELEMENT_FIELDS(timer_fields)};

static const VxField clock_fields[] = {
    VX_ATTR_ENUM("offset", VxClock, offset, vx_clock_offsets, "what the guest's clock starts from"),
    VX_ATTR_STRING("adjustment", VxClock, adjustment, "seconds from there, or reset"),
    VX_ATTR_ENUM("basis", VxClock, basis, vx_clock_bases, "what a variable offset counts from"),
    VX_ATTR_STRING("timezone", VxClock, timezone, "time zone"),
    VX_ATTR_STRING("start", VxClock, start, "seconds since 1970 of an absolute start"),
    VX_MANY("timer", VxClock, timers, vx_timer_element, "one of the guest's timers"),
};
const VxElement vx_clock_element = {.name = "clock", VX_ELEMENT_FIELDS(clock_fields), .doc = "The guest's clock."};
