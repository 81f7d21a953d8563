/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices that libvirt knows and Xen does not have: kept as they were said, each with the reason.
 */
#include "conf/device_def.h"

#define CANNOT_DEVICE(identifier, element_name, device_kind, reason)                                                   \
    static const VxField identifier##_fields[] = {VX_CANNOT_WHOLE(element_name, reason)};                              \
    const VxElement identifier = {                                                                                     \
        .name = element_name,                                                                                          \
        .kind = device_kind,                                                                                           \
        .size = sizeof(VxDevice),                                                                                      \
        VX_ELEMENT_FIELDS(identifier##_fields),                                                                        \
    }

CANNOT_DEVICE(vx_lease_element, "lease", VX_DEVICE_LEASE, "Xen guests take no leases of a lock manager");
CANNOT_DEVICE(vx_smartcard_element, "smartcard", VX_DEVICE_SMARTCARD, "Xen's device model has no smartcard reader");
CANNOT_DEVICE(vx_tpm_element, "tpm", VX_DEVICE_TPM, "Xen's TPMs are xl.cfg's vtpm=");
CANNOT_DEVICE(vx_audio_element, "audio", VX_DEVICE_AUDIO, "Xen's device model chooses the host's sound itself");
CANNOT_DEVICE(vx_redirdev_element, "redirdev", VX_DEVICE_REDIRDEV,
              "USB devices of a spice client are redirected by xl.cfg's spiceusbredirection=");
CANNOT_DEVICE(vx_redirfilter_element, "redirfilter", VX_DEVICE_REDIRFILTER,
              "Xen's device model redirects any USB device of a spice client");
CANNOT_DEVICE(vx_hub_element, "hub", VX_DEVICE_HUB, "Xen's device model adds no USB hubs");
CANNOT_DEVICE(vx_watchdog_element, "watchdog", VX_DEVICE_WATCHDOG,
              "Xen's watchdog is a hypercall that every guest has");
CANNOT_DEVICE(vx_rng_element, "rng", VX_DEVICE_RNG, "Xen offers guests no random numbers");
CANNOT_DEVICE(vx_nvram_element, "nvram", VX_DEVICE_NVRAM, "it is POWER's");
CANNOT_DEVICE(vx_panic_element, "panic", VX_DEVICE_PANIC,
              "a Xen guest reports its crash to Xen itself: see <on_crash>");
CANNOT_DEVICE(vx_shmem_element, "shmem", VX_DEVICE_SHMEM, "Xen guests share memory by grants");
CANNOT_DEVICE(vx_memory_device_element, "memory", VX_DEVICE_MEMORY, "Xen guests get more memory by their balloon");
CANNOT_DEVICE(vx_iommu_element, "iommu", VX_DEVICE_IOMMU, "Xen shows guests no IOMMU; see xl.cfg's passthrough=");
CANNOT_DEVICE(vx_vsock_element, "vsock", VX_DEVICE_VSOCK, "Xen has no vsock; a <channel> connects guest and host");
CANNOT_DEVICE(vx_crypto_element, "crypto", VX_DEVICE_CRYPTO, "Xen's device model has no crypto card");
CANNOT_DEVICE(vx_pstore_element, "pstore", VX_DEVICE_PSTORE, "Xen's device model has no such memory");
