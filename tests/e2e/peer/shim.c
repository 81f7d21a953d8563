/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Preloaded into Debian's libvirtd in the test machine. Its Xen driver looks for a CPU model it knows, and refuses to
 * start when there is none; the emulated CPU lacks VME, and Xen hides SEP from dom0, and all its models have both. So
 * both are added to what libxl tells it of CPUID leaf 1, register EDX, which is the first word of libxl_physinfo's
 * hw_cap.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <libxl.h>

#define EDX_VME (1u << 1)
#define EDX_SEP (1u << 11)

typedef int GetPhysinfo(libxl_ctx *ctx, libxl_physinfo *info);

int libxl_get_physinfo(libxl_ctx *ctx, libxl_physinfo *info)
{
    GetPhysinfo *next = (GetPhysinfo *)dlsym(RTLD_NEXT, "libxl_get_physinfo");
    int result = next ? next(ctx, info) : ERROR_FAIL;

    if (result == 0)
        info->hw_cap[0] |= EDX_VME | EDX_SEP;
    return result;
}
