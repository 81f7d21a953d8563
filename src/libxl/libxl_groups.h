/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The functions of the table's irregular rows, one file a family.
 */
#pragma once

#include "libxl/libxl_rows.h"

/* Declares apply and tell functions of a family. */
#define VX_LIBXL_APPLY(name)                                                                                           \
    void vx_libxl_apply_##name(VxLibxlWriter *writer, const VxLibxlRow *row, const VxXlcfgValue *value)
#define VX_LIBXL_TELL(name) void vx_libxl_tell_##name(VxLibxlReader *reader, const VxLibxlRow *row)
#define VX_LIBXL_BOTH(name)                                                                                            \
    VX_LIBXL_APPLY(name);                                                                                              \
    VX_LIBXL_TELL(name)

/* libxl_general.c */
VX_LIBXL_BOTH(type);
VX_LIBXL_BOTH(seclabel);
VX_LIBXL_APPLY(init_seclabel);
VX_LIBXL_BOTH(action);
VX_LIBXL_BOTH(string_list);
VX_LIBXL_BOTH(string_or_list);
VX_LIBXL_BOTH(ranges_ioports);
VX_LIBXL_BOTH(ranges_irqs);
VX_LIBXL_BOTH(ranges_iomem);

/* libxl_cpus.c */
VX_LIBXL_BOTH(vcpus);
VX_LIBXL_BOTH(affinity);
VX_LIBXL_BOTH(cpuid);

/* libxl_vnuma.c */
VX_LIBXL_BOTH(vnuma);

/* libxl_hvm.c */
VX_LIBXL_BOTH(firmware);
VX_LIBXL_BOTH(viridian);
#ifdef LIBXL_HAVE_BUILDINFO_HVM_SMBIOS
VX_LIBXL_BOTH(smbios);
#endif
VX_LIBXL_BOTH(ms_vm_genid);
VX_LIBXL_BOTH(mca_caps);
VX_LIBXL_BOTH(rdm);
VX_LIBXL_APPLY(stdvga);
VX_LIBXL_BOTH(gfx_passthru);

/* libxl_later.c */
#ifdef LIBXL_HAVE_BUILDINFO_LLC_COLORS
VX_LIBXL_BOTH(llc_colors);
#endif
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_SCI
VX_LIBXL_BOTH(arm_sci);
#endif
#ifdef LIBXL_HAVE_XENSTORE_QUOTA
VX_LIBXL_BOTH(xenstore_quota);
#endif

/* One file a device. */
VX_LIBXL_BOTH(channel);
VX_LIBXL_BOTH(disk);
VX_LIBXL_BOTH(nic);
VX_LIBXL_BOTH(pci);
VX_LIBXL_BOTH(dtdev);
VX_LIBXL_BOTH(usbctrl);
VX_LIBXL_BOTH(usbdev);
VX_LIBXL_BOTH(vfb);
/* vnc = 1 of a PV guest that has no vfb, which gives it one. */
void vx_libxl_add_vfb_of_vnc(VxLibxlWriter *writer);
VX_LIBXL_BOTH(vkb);
VX_LIBXL_BOTH(vtpm);
VX_LIBXL_BOTH(p9);
VX_LIBXL_BOTH(pvcalls);
VX_LIBXL_BOTH(vdispl);
VX_LIBXL_BOTH(vsnd);
#ifdef HAVE_LIBXL_VIRTIO
VX_LIBXL_BOTH(virtio);
#endif
