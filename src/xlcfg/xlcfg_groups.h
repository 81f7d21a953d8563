/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The groups of the option table, each in a file of its own.
 */
#pragma once

#include "xlcfg/xlcfg_options.h"

/* xlcfg_type.c */
extern const VxXlGroup vx_xl_type;

/* xlcfg_general.c */
extern const VxXlGroup vx_xl_uuid;
extern const VxXlGroup vx_xl_memory;
extern const VxXlGroup vx_xl_vcpus;
extern const VxXlGroup vx_xl_actions;

/* xlcfg_boot.c */
extern const VxXlGroup vx_xl_kernel;
extern const VxXlGroup vx_xl_command_line;
extern const VxXlGroup vx_xl_bootloader_args;
extern const VxXlGroup vx_xl_boot;

/* xlcfg_firmware.c */
extern const VxXlGroup vx_xl_firmware;
extern const VxXlGroup vx_xl_acpi_firmware;

/* xlcfg_features.c, xlcfg_clock.c */
extern const VxXlGroup vx_xl_features;
/* Report what xl refuses of an item of viridian= and of mca_caps=. */
void vx_xl_check_viridian(VxXlReader *reader, const VxXlcfgValue *item);
void vx_xl_check_mca_cap(VxXlReader *reader, const VxXlcfgValue *item);
extern const VxXlGroup vx_xl_clock;

/* xlcfg_affinity.c, xlcfg_cpu.c, xlcfg_numa.c */
extern const VxXlGroup vx_xl_affinity;
extern const VxXlGroup vx_xl_cpu;
extern const VxXlGroup vx_xl_numa;

/* xlcfg_channel.c */
extern const VxXlGroup vx_xl_channels;

/* xlcfg_graphics.c, xlcfg_spice.c, xlcfg_video.c */
extern const VxXlGroup vx_xl_graphics;
extern const VxXlGroup vx_xl_spice;
extern const VxXlGroup vx_xl_video;
extern const VxXlGroup vx_xl_gfx_passthru;

/* xlcfg_input.c, xlcfg_sound.c, xlcfg_serial.c */
extern const VxXlGroup vx_xl_input;
extern const VxXlGroup vx_xl_sound;
extern const VxXlGroup vx_xl_serial;
extern const VxXlGroup vx_xl_parallel;

/* xlcfg_pv_devices.c */
extern const VxXlGroup vx_xl_vkb;
extern const VxXlGroup vx_xl_vdispl;
extern const VxXlGroup vx_xl_vsnd;

/* xlcfg_device_model.c */
extern const VxXlGroup vx_xl_device_model;
extern const VxXlGroup vx_xl_device_model_args;
extern const VxXlGroup vx_xl_seclabel;

/* xlcfg_disk.c */
extern const VxXlGroup vx_xl_disks;

/* xlcfg_vif.c */
extern const VxXlGroup vx_xl_vifs;

/* xlcfg_pci.c, xlcfg_usb.c, xlcfg_p9.c, xlcfg_xenbus.c */
extern const VxXlGroup vx_xl_pci;
extern const VxXlGroup vx_xl_usb_controllers;
extern const VxXlGroup vx_xl_usb_devices;
extern const VxXlGroup vx_xl_p9;
extern const VxXlGroup vx_xl_xenbus;
