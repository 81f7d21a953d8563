/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <sound>: a sound card of an HVM guest. https://libvirt.org/formatdomain.html#sound-devices
 */
#pragma once

#include "conf/device_def.h"

#define VX_SOUND_MODELS(X)                                                                                             \
    X(VX_SOUND_SB16, "sb16")                                                                                           \
    X(VX_SOUND_ES1370, "es1370")                                                                                       \
    X(VX_SOUND_PCSPK, "pcspk")                                                                                         \
    X(VX_SOUND_AC97, "ac97")                                                                                           \
    X(VX_SOUND_ICH6, "ich6")                                                                                           \
    X(VX_SOUND_ICH9, "ich9")                                                                                           \
    X(VX_SOUND_USB, "usb")                                                                                             \
    X(VX_SOUND_ICH7, "ich7")
typedef enum { VX_SOUND_NOT_GIVEN, VX_SOUND_MODELS(VX_ENUM_ID) } VxSoundModel;
VX_ENUM_DECLARE(vx_sound_models);

typedef struct {
    VxDevice device;
    int model; /* VxSoundModel */
} VxSound;
