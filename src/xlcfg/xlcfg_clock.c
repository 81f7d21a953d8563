/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * localtime, rtc_timeoffset, tsc_mode, hpet <-> <clock> and its timers.
 */
#include <string.h>

#include "xlcfg/xlcfg_groups.h"

/* xl's words for tsc_mode and libvirt's. */
static const struct {
    const char *xl, *libvirt;
} tsc_modes[] = {
    {"default", "auto"}, {"always_emulate", "emulate"}, {"native", "native"}, {"native_paravirt", "paravirt"}};

static VxTimer *add_timer(VxClock *clock, const char *name, VxYesNo present)
{
    VxTimer *timer = vx_object_new(&vx_timer_element);

    timer->name = g_strdup(name);
    timer->present = present;
    if (!clock->timers)
        clock->timers = g_ptr_array_new();
    g_ptr_array_add(clock->timers, timer);
    return timer;
}

static void read_offset(VxXlReader *reader, VxClock *clock)
{
    bool local = vx_xl_bool(reader, "localtime") == VX_YES;
    VxNumber seconds = {0};

    if (vx_xl_number(reader, "rtc_timeoffset", &seconds)) {
        clock->offset = VX_CLOCK_VARIABLE;
        clock->basis = local ? VX_CLOCK_BASIS_LOCALTIME : VX_CLOCK_BASIS_UTC;
        clock->adjustment = g_strdup_printf("%" G_GINT64_FORMAT, seconds.value);
    } else if (local) {
        clock->offset = VX_CLOCK_LOCALTIME;
    }
}

static void read_clock(VxXlReader *reader)
{
    VxClock *clock = &reader->def->clock;
    const char *word = vx_xl_word(reader, "tsc_mode");
    VxYesNo hpet = vx_xl_bool(reader, "hpet");

    read_offset(reader, clock);
    for (unsigned i = 0; word && i < G_N_ELEMENTS(tsc_modes); i++) {
        if (strcmp(word, tsc_modes[i].xl) == 0)
            add_timer(clock, "tsc", VX_YES)->mode = g_strdup(tsc_modes[i].libvirt);
    }
    if (hpet)
        add_timer(clock, "hpet", hpet);
}

static void write_variable(VxXlWriter *writer, const VxClock *clock)
{
    const char *adjustment = clock->adjustment ? clock->adjustment : "0";
    char *end = NULL;
    gint64 seconds = g_ascii_strtoll(adjustment, &end, 10);

    if (clock->basis == VX_CLOCK_BASIS_LOCALTIME)
        vx_xl_write_number(writer, "localtime", 1);
    if (strcmp(adjustment, "reset") == 0)
        return;
    if (end != adjustment && *end == '\0')
        vx_xl_write_number(writer, "rtc_timeoffset", seconds);
    else
        vx_diag_wrong(writer->diag, writer->def->object.place,
                      "adjustment of <clock> is '%.60s': write a number of seconds", adjustment);
}

static void write_offset(VxXlWriter *writer, const VxClock *clock)
{
    switch ((VxClockOffset)clock->offset) {
    case VX_CLOCK_NOT_GIVEN:
    case VX_CLOCK_UTC:
        break;
    case VX_CLOCK_LOCALTIME:
        vx_xl_write_number(writer, "localtime", 1);
        break;
    case VX_CLOCK_VARIABLE:
        write_variable(writer, clock);
        break;
    case VX_CLOCK_TIMEZONE:
    case VX_CLOCK_ABSOLUTE:
        vx_diag_wrong(writer->diag, writer->def->object.place,
                      "Xen has no clock that starts from '%s': write utc, localtime or variable",
                      vx_enum_to_text(&vx_clock_offsets, clock->offset));
        break;
    }
}

static void write_tsc(VxXlWriter *writer, const VxTimer *timer)
{
    for (unsigned i = 0; timer->mode && i < G_N_ELEMENTS(tsc_modes); i++) {
        if (strcmp(timer->mode, tsc_modes[i].libvirt) == 0) {
            vx_xl_write_string(writer, "tsc_mode", tsc_modes[i].xl);
            return;
        }
    }
    if (timer->mode)
        vx_diag_wrong(writer->diag, timer->object.place,
                      "mode of the timer tsc is '%.60s': write auto, native, emulate or paravirt", timer->mode);
}

static void write_timers(VxXlWriter *writer, const VxClock *clock)
{
    for (unsigned i = 0; clock->timers && i < clock->timers->len; i++) {
        const VxTimer *timer = clock->timers->pdata[i];

        if (strcmp(timer->name, "tsc") == 0 && !vx_xl_carries(writer, "tsc_mode"))
            write_tsc(writer, timer);
        else if (strcmp(timer->name, "hpet") == 0 && writer->guest == VX_GUEST_HVM && timer->present)
            vx_xl_write_number(writer, "hpet", timer->present == VX_YES);
    }
}

static void write_clock(VxXlWriter *writer)
{
    const VxClock *clock = &writer->def->clock;

    if (!vx_xl_carries(writer, "localtime") && !vx_xl_carries(writer, "rtc_timeoffset"))
        write_offset(writer, clock);
    write_timers(writer, clock);
}

const VxXlGroup vx_xl_clock = {.name = "clock", .read = read_clock, .write = write_clock};
