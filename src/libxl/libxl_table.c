/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The libxl column of the option table: which field of libxl_domain_config an option of xl.cfg sets. The order is the
 * order in which the rows are applied: a row that looks at what another has set stands behind it.
 */
#include "libxl/libxl_groups.h"

#define ROW(name, value_type, member, ...) VX_LIBXL_ROW(name, value_type, libxl_domain_config, member, ##__VA_ARGS__)
#define HVM_ROW(name, value_type, member, ...)                                                                         \
    ROW(name, value_type, b_info.u.hvm.member, .guests = VX_XL_HVM, ##__VA_ARGS__)
#define PVH_ROW(name, value_type, member, ...)                                                                         \
    ROW(name, value_type, b_info.u.pvh.member, .guests = VX_XL_PVH, ##__VA_ARGS__)
#define ENUM_ROW(name, of_enum, member, ...) ROW(name, enum, member, .names = &names_##of_enum, ##__VA_ARGS__)
#define HVM_ENUM_ROW(name, of_enum, member, ...) HVM_ROW(name, enum, member, .names = &names_##of_enum, ##__VA_ARGS__)
/* A list of strings whose rows need no more than the member. */
#define STRINGS_ROW(name, member, ...)                                                                                 \
    {                                                                                                                  \
        .key = name, .offset = offsetof(libxl_domain_config, member), .path = #member,                                 \
        .apply = vx_libxl_apply_string_list, .tell = vx_libxl_tell_string_list, ##__VA_ARGS__                          \
    }
/* One string, or a list of them in the member NAME_list. */
#define STRING_OR_LIST_ROW(name, member)                                                                               \
    {                                                                                                                  \
        .key = name, .guests = VX_XL_HVM, .offset = offsetof(libxl_domain_config, b_info.u.hvm.member),                \
        .path = "b_info.u.hvm." #member, .apply = vx_libxl_apply_string_or_list, .tell = vx_libxl_tell_string_or_list  \
    }
/* A row with functions of its own. */
#define OWN_ROW(name, functions, ...)                                                                                  \
    {                                                                                                                  \
        .key = name, .apply = vx_libxl_apply_##functions, .tell = vx_libxl_tell_##functions, ##__VA_ARGS__             \
    }
/* An option that no field stands for. */
#define NO_ROW(name, reason)                                                                                           \
    {                                                                                                                  \
        .key = name, .nothing = reason                                                                                 \
    }
/* An option that a later release than the one compiled for has brought. */
#define TOO_NEW_ROW(name, release)                                                                                     \
    {                                                                                                                  \
        .key = name, .nothing = "this libxl is too old for it", .since = release                                       \
    }

#define ACTION_ROW(name)                                                                                               \
    {                                                                                                                  \
        .key = #name, .offset = offsetof(libxl_domain_config, name), .path = #name,                                    \
        .names = &names_action_on_shutdown, .apply = vx_libxl_apply_action, .tell = vx_libxl_tell_action               \
    }

#define AFFINITY_ROW(name, member)                                                                                     \
    {                                                                                                                  \
        .key = name, .offset = offsetof(libxl_domain_config, b_info.member), .path = "b_info." #member,                \
        .apply = vx_libxl_apply_affinity, .tell = vx_libxl_tell_affinity                                               \
    }

static const VxLibxlWord action_words[] = {
    {"rename-restart", "restart_rename"},
    {"coredump-destroy", "coredump_destroy"},
    {"coredump-restart", "coredump_restart"},
    {"soft-reset", "soft_reset"},
    {0},
};
static const VxLibxlWord device_model_words[] = {
    {"qemu-xen-traditional", "qemu_xen_traditional"},
    {"qemu-xen", "qemu_xen"},
    {0},
};
static const VxLibxlWord vga_words[] = {{"stdvga", "std"}, {0}};

VX_LIBXL_NAMES(action_on_shutdown, action_words);
VX_LIBXL_NAMES(altp2m_mode, NULL);
VX_LIBXL_NAMES(bios_type, NULL);
VX_LIBXL_NAMES(device_model_version, device_model_words);
VX_LIBXL_NAMES(gic_version, NULL);
VX_LIBXL_NAMES(hdtype, NULL);
VX_LIBXL_NAMES(passthrough, NULL);
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_SVE_VL
VX_LIBXL_NAMES(sve_type, NULL);
#endif
VX_LIBXL_NAMES(tee_type, NULL);
VX_LIBXL_NAMES(timer_mode, NULL);
VX_LIBXL_NAMES(tsc_mode, NULL);
VX_LIBXL_NAMES(vendor_device, NULL);
VX_LIBXL_NAMES(vga_interface_type, vga_words);
VX_LIBXL_NAMES(vuart_type, NULL);

const VxLibxlRow vx_libxl_rows[] = {
    /* what it is */
    OWN_ROW("type", type),
    NO_ROW("builder", "it is an older spelling of type"),
    ROW("name", string, c_info.name),
    ROW("uuid", uuid, c_info.uuid),
    ROW("pool", string, c_info.pool_name),
    {.key = "init_seclabel", .apply = vx_libxl_apply_init_seclabel},
    OWN_ROW("seclabel", seclabel),
    ROW("driver_domain", defbool, c_info.driver_domain),
    ROW("xend_suspend_evtchn_compat", defbool, c_info.xend_suspend_evtchn_compat),
    ENUM_ROW("passthrough", passthrough, c_info.passthrough),
    ROW("oos", defbool, c_info.oos),

    /* memory */
    ROW("memory", mib, b_info.target_memkb),
    ROW("maxmem", mib, b_info.max_memkb),
    ROW("shadow_memory", mib, b_info.shadow_memkb),
    ROW("videoram", mib, b_info.video_memkb),
    ROW("max_grant_frames", int, b_info.max_grant_frames),
    ROW("max_maptrack_frames", int, b_info.max_maptrack_frames),
#ifdef LIBXL_HAVE_MAX_GRANT_VERSION
    ROW("max_grant_version", int, b_info.max_grant_version),
#else
    TOO_NEW_ROW("max_grant_version", "4.16"),
#endif
    ROW("max_event_channels", int, b_info.event_channels),

    /* CPUs */
    OWN_ROW("vcpus", vcpus),
    ROW("maxvcpus", int, b_info.max_vcpus),
    OWN_ROW("vnuma", vnuma),
    AFFINITY_ROW("cpus", vcpu_hard_affinity),
    AFFINITY_ROW("cpus_soft", vcpu_soft_affinity),
    ROW("cpu_weight", int, b_info.sched_params.weight),
    ROW("cap", int, b_info.sched_params.cap),
    ROW("period", int, b_info.sched_params.period),
    ROW("slice", int, b_info.sched_params.slice),
    ROW("latency", int, b_info.sched_params.latency),
    ROW("extratime", int, b_info.sched_params.extratime),
    OWN_ROW("cpuid", cpuid),
    ROW("hap", defbool, c_info.hap),
    ROW("nestedhvm", defbool, b_info.nested_hvm),
    ENUM_ROW("tsc_mode", tsc_mode, b_info.tsc_mode),
    ENUM_ROW("timer_mode", timer_mode, b_info.timer_mode, .guests = VX_XL_HVM | VX_XL_PVH),
    ENUM_ROW("altp2m", altp2m_mode, b_info.altp2m),
    HVM_ROW("altp2mhvm", defbool, altp2m),
    OWN_ROW("mca_caps", mca_caps, .guests = VX_XL_HVM),
#ifdef LIBXL_HAVE_X86_MSR_RELAXED
    ROW("msr_relaxed", defbool, b_info.arch_x86.msr_relaxed),
#else
    TOO_NEW_ROW("msr_relaxed", "4.15"),
#endif
#ifdef LIBXL_HAVE_VMTRACE_BUF_KB
    ROW("vmtrace_buf_kb", int, b_info.vmtrace_buf_kb),
#else
    TOO_NEW_ROW("vmtrace_buf_kb", "4.15"),
#endif
#ifdef LIBXL_HAVE_VPMU
    ROW("vpmu", defbool, b_info.vpmu),
#else
    TOO_NEW_ROW("vpmu", "4.17"),
#endif
#ifdef LIBXL_HAVE_ALTP2M_COUNT
    ROW("altp2m_count", int, b_info.altp2m_count),
#else
    TOO_NEW_ROW("altp2m_count", "4.21"),
#endif

    /* clock */
    ROW("rtc_timeoffset", int, b_info.rtc_timeoffset),
    ROW("localtime", defbool, b_info.localtime),
    HVM_ROW("hpet", defbool, hpet),
    HVM_ROW("vpt_align", defbool, vpt_align),

    /* booting */
    ROW("kernel", string, b_info.kernel),
    ROW("ramdisk", string, b_info.ramdisk),
    ROW("device_tree", string, b_info.device_tree),
    ROW("cmdline", string, b_info.cmdline),
    NO_ROW("root", "it is part of cmdline"),
    NO_ROW("extra", "it is part of cmdline"),
    ROW("bootloader", string, b_info.bootloader),
    STRINGS_ROW("bootloader_args", b_info.bootloader_args),
#ifdef LIBXL_HAVE_BOOTLOADER_RESTRICT
    ROW("bootloader_restrict", defbool, b_info.bootloader_restrict),
    ROW("bootloader_user", string, b_info.bootloader_user),
#else
    TOO_NEW_ROW("bootloader_restrict", "4.19"),
    TOO_NEW_ROW("bootloader_user", "4.19"),
#endif
    HVM_ROW("boot", string, boot),
    HVM_ROW("firmware_override", string, firmware),
    HVM_ROW("bios_path_override", string, system_firmware),
    HVM_ENUM_ROW("bios", bios_type, bios),
    OWN_ROW("firmware", firmware),
    HVM_ROW("smbios_firmware", string, smbios_firmware),
    HVM_ROW("acpi_firmware", string, acpi_firmware),
#ifdef LIBXL_HAVE_BUILDINFO_HVM_SMBIOS
    OWN_ROW("smbios", smbios, .guests = VX_XL_HVM),
#else
    TOO_NEW_ROW("smbios", "4.18"),
#endif
    OWN_ROW("ms_vm_genid", ms_vm_genid, .guests = VX_XL_HVM),
    PVH_ROW("pvshim", defbool, pvshim),
    PVH_ROW("pvshim_path", string, pvshim_path),
    PVH_ROW("pvshim_cmdline", string, pvshim_cmdline),
    PVH_ROW("pvshim_extra", string, pvshim_extra),

    /* features */
    ROW("acpi", defbool, b_info.acpi),
    ROW("apic", defbool, b_info.apic, .guests = VX_XL_HVM),
    HVM_ROW("pae", defbool, pae),
    HVM_ROW("nx", defbool, nx),
    HVM_ROW("acpi_s3", defbool, acpi_s3),
    HVM_ROW("acpi_s4", defbool, acpi_s4),
    HVM_ROW("acpi_laptop_slate", defbool, acpi_laptop_slate),
    OWN_ROW("viridian", viridian, .guests = VX_XL_HVM),
    HVM_ROW("xen_platform_pci", defbool, xen_platform_pci),
    HVM_ROW("mmio_hole", mib, mmio_hole_memkb),
    ROW("e820_host", defbool, b_info.u.pv.e820_host, .guests = VX_XL_PV),
    ROW("nomigrate", defbool, b_info.disable_migrate),
    ENUM_ROW("tee", tee_type, b_info.tee),
    ENUM_ROW("gic_version", gic_version, b_info.arch_arm.gic_version),
    ENUM_ROW("vuart", vuart_type, b_info.arch_arm.vuart),
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_SVE_VL
    ENUM_ROW("sve", sve_type, b_info.arch_arm.sve_vl),
#else
    TOO_NEW_ROW("sve", "4.18"),
#endif
#ifdef LIBXL_HAVE_HVM_PIRQ
    HVM_ROW("hvm_pirq", defbool, pirq),
#else
    TOO_NEW_ROW("hvm_pirq", "4.19"),
#endif
#ifdef LIBXL_HAVE_XENSTORE_FEATURE_MASK
    ROW("xenstore_feature_mask", int, b_info.xenstore_feature_mask),
#else
    TOO_NEW_ROW("xenstore_feature_mask", "4.21"),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_NR_SPIS
    ROW("nr_spis", int, b_info.arch_arm.nr_spis),
#else
    TOO_NEW_ROW("nr_spis", "4.19"),
#endif
#ifdef LIBXL_HAVE_TRAP_UNMAPPED_ACCESSES
    ROW("trap_unmapped_accesses", defbool, b_info.trap_unmapped_accesses),
#else
    TOO_NEW_ROW("trap_unmapped_accesses", "4.21"),
#endif
#ifdef LIBXL_HAVE_XEN_PLATFORM_PCI_BAR_UC
    HVM_ROW("xen_platform_pci_bar_uc", defbool, xen_platform_pci_bar_uc),
#else
    TOO_NEW_ROW("xen_platform_pci_bar_uc", "4.21"),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_LLC_COLORS
    OWN_ROW("llc_colors", llc_colors),
#else
    TOO_NEW_ROW("llc_colors", "4.20"),
#endif
#ifdef LIBXL_HAVE_XENSTORE_QUOTA
    OWN_ROW("xenstore_quota", xenstore_quota),
#else
    TOO_NEW_ROW("xenstore_quota", "4.22"),
#endif
#ifdef LIBXL_HAVE_BUILDINFO_ARCH_ARM_SCI
    OWN_ROW("arm_sci", arm_sci),
#else
    TOO_NEW_ROW("arm_sci", "4.21"),
#endif

    /* when it ends */
    ACTION_ROW(on_poweroff),
    ACTION_ROW(on_reboot),
    ACTION_ROW(on_crash),
    ACTION_ROW(on_watchdog),
    ACTION_ROW(on_soft_reset),

    /* hardware passed through */
    OWN_ROW("rdm", rdm, .guests = VX_XL_HVM),
    HVM_ROW("rdm_mem_boundary", mib, rdm_mem_boundary_memkb),
    NO_ROW("pci_msitranslate", "pci applies it to each device"),
    NO_ROW("pci_power_mgmt", "pci applies it to each device"),
    NO_ROW("pci_permissive", "pci applies it to each device"),
    NO_ROW("pci_seize", "pci applies it to each device"),
    OWN_ROW("pci", pci),
    OWN_ROW("dtdev", dtdev),
    OWN_ROW("ioports", ranges_ioports),
    OWN_ROW("irqs", ranges_irqs),
    OWN_ROW("iomem", ranges_iomem),
    OWN_ROW("gfx_passthru", gfx_passthru, .guests = VX_XL_HVM),

    /* the device model */
    ROW("device_model_override", string, b_info.device_model),
    ENUM_ROW("device_model_version", device_model_version, b_info.device_model_version),
    NO_ROW("device_model", "xl takes no notice of it"),
    ROW("device_model_stubdomain_override", defbool, b_info.device_model_stubdomain),
    ROW("device_model_stubdomain_seclabel", string, b_info.device_model_ssid_label),
    ROW("device_model_user", string, b_info.device_model_user),
    ROW("stubdomain_kernel", string, b_info.stubdomain_kernel),
    ROW("stubdomain_cmdline", string, b_info.stubdomain_cmdline),
    ROW("stubdomain_ramdisk", string, b_info.stubdomain_ramdisk),
    ROW("stubdomain_memory", mib, b_info.stubdomain_memkb),
    STRINGS_ROW("device_model_args", b_info.extra),
    STRINGS_ROW("device_model_args_pv", b_info.extra_pv),
    STRINGS_ROW("device_model_args_hvm", b_info.extra_hvm),
    ROW("dm_restrict", defbool, b_info.dm_restrict),

    /* screens and what goes with them */
    OWN_ROW("vfb", vfb),
    HVM_ROW("vnc", defbool, vnc.enable),
    HVM_ROW("vnclisten", string, vnc.listen),
    HVM_ROW("vncpasswd", string, vnc.passwd),
    HVM_ROW("vncdisplay", int, vnc.display),
    HVM_ROW("vncunused", defbool, vnc.findunused),
    NO_ROW("vncviewer", "xl takes no notice of it"),
    HVM_ROW("sdl", defbool, sdl.enable),
    HVM_ROW("opengl", defbool, sdl.opengl),
    HVM_ROW("display", string, sdl.display),
    HVM_ROW("xauthority", string, sdl.xauthority),
    HVM_ROW("keymap", string, keymap),
    HVM_ROW("spice", defbool, spice.enable),
    HVM_ROW("spiceport", int, spice.port),
    HVM_ROW("spicetls_port", int, spice.tls_port),
    HVM_ROW("spicehost", string, spice.host),
    HVM_ROW("spicedisable_ticketing", defbool, spice.disable_ticketing),
    HVM_ROW("spicepasswd", string, spice.passwd),
    HVM_ROW("spiceagent_mouse", defbool, spice.agent_mouse),
    HVM_ROW("spicevdagent", defbool, spice.vdagent),
    HVM_ROW("spice_clipboard_sharing", defbool, spice.clipboard_sharing),
    HVM_ROW("spiceusbredirection", int, spice.usbredirection),
    HVM_ROW("spice_image_compression", string, spice.image_compression),
    HVM_ROW("spice_streaming_video", string, spice.streaming_video),
    HVM_ROW("nographic", defbool, nographic),
    HVM_ENUM_ROW("vga", vga_interface_type, vga.kind),
    {.key = "stdvga", .guests = VX_XL_HVM, .apply = vx_libxl_apply_stdvga},
    HVM_ROW("soundhw", string, soundhw),
    OWN_ROW("vkb", vkb),
    HVM_ROW("vkb_device", defbool, vkb_device),

    /* devices */
    OWN_ROW("disk", disk),
    HVM_ENUM_ROW("hdtype", hdtype, hdtype),
    OWN_ROW("vif", nic),
    NO_ROW("vif2", "xl takes no notice of it"),
    HVM_ENUM_ROW("vendor_device", vendor_device, vendor_device),
    NO_ROW("parallel", "xl takes no notice of it"),
    STRING_OR_LIST_ROW("serial", serial),
    HVM_ROW("usb", defbool, usb),
    HVM_ROW("usbversion", int, usbversion),
    STRING_OR_LIST_ROW("usbdevice", usbdevice),
    OWN_ROW("usbctrl", usbctrl),
    OWN_ROW("usbdev", usbdev),
    OWN_ROW("vtpm", vtpm),
    OWN_ROW("p9", p9),
    OWN_ROW("pvcalls", pvcalls),
    OWN_ROW("vdispl", vdispl),
    OWN_ROW("vsnd", vsnd),
#ifdef HAVE_LIBXL_VIRTIO
    OWN_ROW("virtio", virtio),
#else
    TOO_NEW_ROW("virtio", "4.18"),
#endif
    OWN_ROW("channel", channel),
};
const unsigned vx_libxl_n_rows = G_N_ELEMENTS(vx_libxl_rows);
