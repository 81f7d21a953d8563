/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * <features>: what the guest's machine can do. https://libvirt.org/formatdomain.html#hypervisor-features
 */
#include "conf/domain_def.h"
#include "conf/domain_elements.h"

VX_ENUM_DEFINE(vx_passthrough_modes, VX_PASSTHROUGH_MODES);

static const VxField feature_fields[] = {
    VX_ATTR_ENUM("state", VxFeature, state, vx_on_off, "on (as without it) or off"),
};
const VxElement vx_feature_element = {.name = "feature", .size = sizeof(VxFeature), VX_ELEMENT_FIELDS(feature_fields)};

static const VxField apic_fields[] = {
    VX_ATTR_ENUM("eoi", VxFeature, state, vx_on_off, "end-of-interrupt acceleration"),
};
static const VxElement apic_element = {.name = "apic", .size = sizeof(VxFeature), VX_ELEMENT_FIELDS(apic_fields)};

static const VxField e820_host_fields[] = {
    VX_ATTR_ENUM("state", VxFeatures, e820_host, vx_on_off, "whether a PV guest gets the host's memory map"),
};
static const VxElement e820_host_element = {.name = "e820_host", VX_ELEMENT_FIELDS(e820_host_fields)};

static const VxField gfx_passthru_fields[] = {
    VX_ATTR_ENUM("state", VxFeatures, gfx_passthru, vx_on_off, "whether the guest gets the host's graphics card"),
};
static const VxElement gfx_passthru_element = {.name = "gfx_passthru", VX_ELEMENT_FIELDS(gfx_passthru_fields)};

static const VxField passthrough_fields[] = {
    VX_ATTR_ENUM("state", VxFeatures, passthrough, vx_on_off, "whether devices can be passed through"),
    VX_ATTR_ENUM("mode", VxFeatures, passthrough_mode, vx_passthrough_modes,
                 "whether the IOMMU shares the guest's page tables"),
};
static const VxElement passthrough_element = {.name = "passthrough", VX_ELEMENT_FIELDS(passthrough_fields)};

static const VxField xen_fields[] = {
    VX_GROUP("e820_host", e820_host_element, "the host's memory map for a PV guest"),
    VX_GROUP("gfx_passthru", gfx_passthru_element, "Qubes OS: passing the host's graphics card through"),
    VX_GROUP("passthrough", passthrough_element, "passing devices through"),
};
static const VxElement xen_element = {.name = "xen", VX_ELEMENT_FIELDS(xen_fields)};

static const VxField features_fields[] = {
    VX_TEXT_FLAG("acpi", VxFeatures, acpi, "ACPI tables"),
    VX_POINTER("apic", VxFeatures, apic, apic_element, "APIC"),
    VX_TEXT_FLAG("pae", VxFeatures, pae, "physical address extension"),
    VX_POINTER("hap", VxFeatures, hap, vx_feature_element, "hardware-assisted paging"),
    VX_TEXT_FLAG("viridian", VxFeatures, viridian, "Viridian (Hyper-V) interfaces for Windows guests"),
    VX_TEXT_FLAG("privnet", VxFeatures, privnet, "a network namespace of its own"),
    VX_GROUP("xen", xen_element, "features of Xen alone"),
    VX_CANNOT("hyperv", "on Xen, <viridian/> switches these on"),
    VX_CANNOT("kvm", "they are KVM's"),
    VX_CANNOT("pvspinlock", "Xen guests choose their spinlocks themselves"),
    VX_CANNOT("pmu", "it is a matter of Xen's command line (vpmu=)"),
    VX_CANNOT("vmport", "Xen's device model has no such port"),
    VX_CANNOT("gic", "Xen gives the guest the host's version of it"),
    VX_CANNOT("smm", "Xen has no system management mode for guests"),
    VX_CANNOT("ioapic", "Xen emulates it itself"),
    VX_CANNOT("hpt", "it is POWER's"),
    VX_CANNOT("htm", "it is POWER's"),
    VX_CANNOT("nested-hv", "it is POWER's; on Xen see nestedhvm in xl.cfg(5)"),
    VX_CANNOT("capabilities", "they are for containers"),
    VX_CANNOT("vmcoreinfo", "Xen's device model has no such device"),
    VX_CANNOT("msrs", "Xen decides itself about unknown registers"),
    VX_CANNOT("ccf-assist", "it is POWER's"),
    VX_CANNOT("cfpc", "it is POWER's"),
    VX_CANNOT("sbbc", "it is POWER's"),
    VX_CANNOT("ibs", "it is POWER's"),
    VX_CANNOT("tcg", "it is QEMU's"),
    VX_CANNOT("async-teardown", "it is QEMU's"),
    VX_CANNOT("ras", "it is QEMU's"),
    VX_CANNOT("ps2", "Xen's device model always has it"),
    VX_CANNOT("aia", "it is RISC-V's"),
};
const VxElement vx_features_element = {
    .name = "features", VX_ELEMENT_FIELDS(features_fields), .doc = "What the guest's machine can do.",
};
