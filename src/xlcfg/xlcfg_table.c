/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The option table. The order is the order in which options are written. Ranges are those that xl itself checks: what
 * Xen refuses later is not for a conversion to judge.
 */
#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_host.h"

#define PV VX_XL_PV
#define PVH VX_XL_PVH
#define HVM VX_XL_HVM
#define ALL VX_XL_ALL

#define FIELD(name, value_type, guest_types, member, becomes, documentation, ...)                                      \
    {                                                                                                                  \
        .key = name, .type = value_type, .fate = VX_XL_FIELD, .guests = guest_types,                                   \
        .offset = offsetof(VxDomainDef, member), .element = becomes, .doc = documentation, ##__VA_ARGS__               \
    }
#define GROUP(name, value_type, guest_types, of_group, becomes, documentation, ...)                                    \
    {                                                                                                                  \
        .key = name, .type = value_type, .fate = VX_XL_GROUP, .guests = guest_types, .group = &of_group,               \
        .element = becomes, .doc = documentation, ##__VA_ARGS__                                                        \
    }
#define CARRIED(name, value_type, guest_types, documentation, ...)                                                     \
    {                                                                                                                  \
        .key = name, .type = value_type, .fate = VX_XL_CARRIED, .guests = guest_types, .doc = documentation,           \
        ##__VA_ARGS__                                                                                                  \
    }
#define IGNORED(name, value_type, reason)                                                                              \
    {                                                                                                                  \
        .key = name, .type = value_type, .fate = VX_XL_IGNORED, .guests = ALL, ANY, .doc = reason                      \
    }

#define ANY .minimum = G_MININT64, .maximum = G_MAXINT64
#define STRING(name, guest_types, documentation, ...)                                                                  \
    CARRIED(name, VX_XL_STRING, guest_types, documentation, ##__VA_ARGS__)
#define NUMBER(name, guest_types, documentation, ...)                                                                  \
    CARRIED(name, VX_XL_NUMBER, guest_types, documentation, ANY, ##__VA_ARGS__)
#define BOOL(name, guest_types, documentation, ...)                                                                    \
    CARRIED(name, VX_XL_BOOL, guest_types, documentation, ANY, ##__VA_ARGS__)
#define STRINGS(name, guest_types, documentation, ...)                                                                 \
    CARRIED(name, VX_XL_STRINGS, guest_types, documentation, ##__VA_ARGS__)
#define WORD(name, guest_types, table, documentation, ...)                                                             \
    CARRIED(name, VX_XL_ENUM, guest_types, documentation, .words = &table, ##__VA_ARGS__)
#define ONLY_THIS_TYPE .only_this_type = true
#define ANY_CASE .any_case = true
#define SINCE(release) .since = release

#define WORDS(table, ...)                                                                                              \
    static const char *const table##_texts[] = {__VA_ARGS__};                                                          \
    static const VxEnum table = {G_N_ELEMENTS(table##_texts), table##_texts}

WORDS(actions, "destroy", "restart", "rename-restart", "preserve", "coredump-destroy", "coredump-restart",
      "soft-reset");
WORDS(altp2m_modes, "disabled", "mixed", "external", "limited");
WORDS(bioses, "rombios", "seabios", "ovmf", "unknown");
WORDS(gic_versions, "default", "v2", "v3");
WORDS(hdtypes, "ide", "ahci");
WORDS(genid_words, "generate", "none");
WORDS(model_versions, "qemu-xen", "qemu-xen-traditional");
WORDS(passthrough_words, "default", "disabled", "enabled", "sync_pt", "share_pt");
WORDS(sve_lengths, "hw", "disabled", "128", "256", "384", "512", "640", "768", "896", "1024", "1152", "1280", "1408",
      "1536", "1664", "1792", "1920", "2048");
WORDS(tees, "none", "optee", "ffa");
WORDS(timer_modes, "delay_for_missed_ticks", "no_delay_for_missed_ticks", "no_missed_ticks_pending",
      "one_missed_tick_pending");
WORDS(tsc_modes, "default", "always_emulate", "native", "native_paravirt");
WORDS(vendor_devices, "none", "xenserver");
WORDS(vgas, "stdvga", "cirrus", "none", "qxl");
WORDS(vuarts, "unknown", "sbsa_uart");

/* Each section has one owner of its meaning: the file or files named there. */
const VxXlOption vx_xl_options[] = {
    /* ---- what it is: xlcfg_general.c, xlcfg_type.c ---- */
    FIELD("name", VX_XL_STRING, ALL, name, "name", "name of the guest"),
    GROUP("uuid", VX_XL_STRING, ALL, vx_xl_uuid, "uuid", "UUID of the guest"),
    GROUP("type", VX_XL_STRING, ALL, vx_xl_type, "os/type", "type of the guest: pv, pvh or hvm"),
    GROUP("builder", VX_XL_STRING, ALL, vx_xl_type, "os/type", "type of the guest: generic or hvm", .alias_of = "type"),
    STRING("pool", ALL, "CPU pool that the guest runs in"),

    /* ---- memory: xlcfg_general.c ---- */
    GROUP("memory", VX_XL_NUMBER, ALL, vx_xl_memory, "currentMemory", "memory at the start, in MiB", .minimum = 1,
          .maximum = G_MAXINT32),
    GROUP("maxmem", VX_XL_NUMBER, ALL, vx_xl_memory, "memory", "memory that the guest may have, in MiB", .minimum = 1,
          .maximum = G_MAXINT32),
    NUMBER("shadow_memory", HVM | PVH, "memory for shadow page tables, in MiB"),
    STRINGS("llc_colors", ALL, "colours of the last-level cache that the guest's memory has", SINCE("4.20")),

    /* ---- CPUs: xlcfg_general.c ---- */
    GROUP("vcpus", VX_XL_NUMBER, ALL, vx_xl_vcpus, "vcpu/@current", "virtual CPUs at the start", .minimum = 1,
          .maximum = 4096),
    GROUP("maxvcpus", VX_XL_NUMBER, ALL, vx_xl_vcpus, "vcpu", "virtual CPUs that there can be", .minimum = 1,
          .maximum = 4096),
    /* says how many CPUs there are, if maxvcpus does not */
    GROUP("vnuma", VX_XL_NESTED, ALL, vx_xl_numa, "cpu/numa/cell", "virtual NUMA nodes"),
    GROUP("cpus", VX_XL_STRING_OR_LIST, ALL, vx_xl_affinity, "vcpu/@cpuset",
          "host CPUs that the virtual CPUs may run on"),
    GROUP("cpus_soft", VX_XL_STRING_OR_LIST, ALL, vx_xl_affinity, NULL, "host CPUs that the virtual CPUs prefer"),
    GROUP("cpu_weight", VX_XL_NUMBER, ALL, vx_xl_affinity, "cputune/shares", "weight of the guest for the scheduler",
          ANY),
    NUMBER("cap", ALL, "most CPU time that the guest gets, in percent of one host CPU"),
    NUMBER("period", ALL, "period of the RTDS scheduler, in microseconds"),
    NUMBER("slice", ALL, "slice of the scheduler"),
    NUMBER("latency", ALL, "latency of the scheduler"),
    NUMBER("extratime", ALL, "whether the guest gets time beyond its share"),
    GROUP("cpuid", VX_XL_STRING_OR_LIST, ALL, vx_xl_cpu, "cpu/feature", "CPU features that the guest sees"),
    GROUP("nestedhvm", VX_XL_BOOL, ALL, vx_xl_cpu, "cpu/@mode", "whether the guest can run guests of its own", ANY),
    NUMBER("vmtrace_buf_kb", HVM | PVH, "buffer for processor traces of each virtual CPU, in KiB", SINCE("4.15")),
    BOOL("vpmu", ALL, "whether the guest has performance counters", SINCE("4.16")),

    /* ---- booting: xlcfg_boot.c ---- */
    GROUP("kernel", VX_XL_STRING, ALL, vx_xl_kernel, "os/kernel", "path of the kernel"),
    FIELD("ramdisk", VX_XL_STRING, ALL, os.initrd, "os/initrd", "path of the initial RAM disk"),
    FIELD("device_tree", VX_XL_STRING, ALL, os.dtb, "os/dtb", "path of a partial device tree"),
    GROUP("cmdline", VX_XL_STRING, ALL, vx_xl_command_line, "os/cmdline", "command line of the kernel"),
    GROUP("root", VX_XL_STRING, ALL, vx_xl_command_line, "os/cmdline", "root=... of the command line",
          .alias_of = "cmdline"),
    GROUP("extra", VX_XL_STRING, ALL, vx_xl_command_line, "os/cmdline", "the rest of the command line",
          .alias_of = "cmdline"),
    FIELD("bootloader", VX_XL_STRING, ALL, bootloader, "bootloader",
          "program on the host that finds a PV or PVH guest's kernel"),
    GROUP("bootloader_args", VX_XL_STRING_OR_LIST, ALL, vx_xl_bootloader_args, "bootloader_args", "arguments for it"),
    BOOL("bootloader_restrict", ALL, "whether the bootloader runs without privileges", SINCE("4.18")),
    STRING("bootloader_user", ALL, "user that the bootloader runs as", SINCE("4.18")),
    GROUP("boot", VX_XL_STRING, HVM, vx_xl_boot, "os/boot", "letters of the devices to boot from: a, c, d, n"),
    GROUP("bios", VX_XL_ENUM, HVM, vx_xl_firmware, "os/@firmware", "BIOS of the guest", .words = &bioses, ANY_CASE),
    GROUP("bios_path_override", VX_XL_STRING, HVM, vx_xl_firmware, "os/loader", "path of the BIOS image"),
    GROUP("firmware", VX_XL_STRING, ALL, vx_xl_firmware, "os/loader",
          "BIOS, path of hvmloader, or pvgrub32 or pvgrub64"),
    GROUP("firmware_override", VX_XL_STRING, HVM, vx_xl_firmware, "os/loader", "path of hvmloader"),
    GROUP("acpi_firmware", VX_XL_STRING, HVM, vx_xl_acpi_firmware, "os/acpi/table",
          "path of ACPI tables for the guest"),
    STRING("smbios_firmware", HVM, "path of SMBIOS structures for the guest"),
    STRINGS("smbios", HVM, "strings of the SMBIOS tables", ONLY_THIS_TYPE, SINCE("4.18")),
    WORD("ms_vm_genid", HVM, genid_words, "whether the guest gets a generation ID"),
    BOOL("pvshim", PVH, "whether a PV kernel runs in a shim, as PVH guest"),
    STRING("pvshim_path", PVH, "path of the shim"),
    STRING("pvshim_cmdline", PVH, "command line of the shim"),
    STRING("pvshim_extra", PVH, "what to add to the shim's command line"),

    /* ---- features: xlcfg_features.c ---- */
    GROUP("acpi", VX_XL_BOOL, HVM | PVH, vx_xl_features, "features/acpi", "ACPI tables", ANY),
    FIELD("acpi_s3", VX_XL_BOOL, HVM, suspend_to_mem, "pm/suspend-to-mem", "ACPI sleep state S3", ANY),
    FIELD("acpi_s4", VX_XL_BOOL, HVM, suspend_to_disk, "pm/suspend-to-disk", "ACPI sleep state S4", ANY),
    BOOL("acpi_laptop_slate", HVM, "the ACPI device of laptops and slates"),
    GROUP("apic", VX_XL_BOOL, HVM, vx_xl_features, "features/apic", "APIC", ANY),
    GROUP("pae", VX_XL_BOOL, HVM, vx_xl_features, "features/pae", "physical address extension", ANY),
    BOOL("nx", HVM, "no-execute bit"),
    GROUP("hap", VX_XL_BOOL, ALL, vx_xl_features, "features/hap", "hardware-assisted paging", ANY),
    BOOL("oos", ALL, "shadow page tables may be out of sync"),
    GROUP("viridian", VX_XL_STRING_OR_LIST, HVM, vx_xl_features, "features/viridian", "Viridian (Hyper-V) interfaces",
          ANY, .check_item = vx_xl_check_viridian),
    GROUP("e820_host", VX_XL_BOOL, PV, vx_xl_features, "features/xen/e820_host", "the host's memory map for the guest",
          ANY),
    GROUP("passthrough", VX_XL_ENUM, ALL, vx_xl_features, "features/xen/passthrough",
          "whether devices can be passed through", .words = &passthrough_words, ANY_CASE),
    CARRIED("altp2m", VX_XL_ENUM_OR_NUMBER, ALL, "alternate views of the guest's memory", .words = &altp2m_modes,
            ANY_CASE),
    BOOL("altp2mhvm", HVM, "the older altp2m, which counts where that is not given or disabled"),
    NUMBER("altp2m_count", ALL, "how many such views there can be", SINCE("4.21")),
    CARRIED("mmio_hole", VX_XL_NUMBER, HVM, "hole for devices below 4 GiB, in MiB", .minimum = 256, .maximum = 3840),
    STRINGS("mca_caps", HVM, "machine check capabilities", ONLY_THIS_TYPE, .check_item = vx_xl_check_mca_cap),
    BOOL("msr_relaxed", ALL, "whether reading an unknown register gives 0", SINCE("4.15")),
    BOOL("hvm_pirq", HVM, "whether interrupts can come as event channels", SINCE("4.19")),
    BOOL("driver_domain", ALL, "whether the guest serves devices to others"),
    BOOL("nomigrate", ALL, "the guest is never migrated, and sees the host as it is"),
    BOOL("xend_suspend_evtchn_compat", ALL, "how xend told a guest to suspend"),
    GROUP("max_event_channels", VX_XL_NUMBER, ALL, vx_xl_xenbus, "devices/controller/@maxEventChannels",
          "most event channels", ANY),
    GROUP("max_grant_frames", VX_XL_NUMBER, ALL, vx_xl_xenbus, "devices/controller/@maxGrantFrames",
          "most grant frames", .maximum = G_MAXINT32, ONLY_THIS_TYPE),
    CARRIED("max_maptrack_frames", VX_XL_NUMBER, ALL, "most maptrack frames", .maximum = G_MAXINT32, ONLY_THIS_TYPE),
    CARRIED("max_grant_version", VX_XL_NUMBER, ALL, "highest version of grant tables", .maximum = G_MAXINT32,
            ONLY_THIS_TYPE, SINCE("4.16")),
    NUMBER("xenstore_feature_mask", ALL, "features of xenstore that the guest sees", SINCE("4.21")),
    STRINGS("xenstore_quota", ALL, "quotas of the guest in xenstore", SINCE("4.22")),

    /* ---- time: xlcfg_clock.c ---- */
    GROUP("localtime", VX_XL_BOOL, ALL, vx_xl_clock, "clock/@offset",
          "whether the guest's clock starts from local time", ANY),
    GROUP("rtc_timeoffset", VX_XL_NUMBER, ALL, vx_xl_clock, "clock/@adjustment",
          "seconds that the guest's clock is ahead", ANY),
    GROUP("tsc_mode", VX_XL_ENUM_OR_NUMBER, ALL, vx_xl_clock, "clock/timer",
          "how the guest reads the time stamp counter", .words = &tsc_modes, ANY_CASE),
    CARRIED("timer_mode", VX_XL_ENUM_OR_NUMBER, HVM | PVH, "what becomes of ticks that were missed",
            .words = &timer_modes, ANY_CASE, .only_these_guests = true),
    GROUP("hpet", VX_XL_BOOL, HVM, vx_xl_clock, "clock/timer", "HPET timer", ANY),
    BOOL("vpt_align", HVM, "whether timers of several virtual CPUs tick together"),

    /* ---- ARM ---- */
    WORD("gic_version", ALL, gic_versions, "version of the interrupt controller", ANY_CASE),
    WORD("tee", ALL, tees, "trusted execution environment", ANY_CASE),
    WORD("sve", ALL, sve_lengths, "length of SVE vectors", ANY_CASE, SINCE("4.18")),
    WORD("vuart", ALL, vuarts, "emulated serial port", ANY_CASE),
    NUMBER("nr_spis", ALL, "how many shared interrupts the guest has", SINCE("4.19")),
    BOOL("trap_unmapped_accesses", ALL, "whether unmapped accesses trap", SINCE("4.21")),
    STRING("arm_sci", ALL, "system control interface", SINCE("4.21")),

    /* ---- when it ends: xlcfg_general.c ---- */
    GROUP("on_poweroff", VX_XL_STRING, ALL, vx_xl_actions, "on_poweroff", "what to do when the guest powers off"),
    GROUP("on_reboot", VX_XL_STRING, ALL, vx_xl_actions, "on_reboot", "what to do when the guest reboots"),
    GROUP("on_crash", VX_XL_STRING, ALL, vx_xl_actions, "on_crash", "what to do when the guest crashes"),
    WORD("on_watchdog", ALL, actions, "what to do when the guest's watchdog fires"),
    WORD("on_soft_reset", ALL, actions, "what to do when the guest resets itself"),

    /* ---- disks, networks, buses, other devices ---- */
    GROUP("disk", VX_XL_STRINGS, ALL, vx_xl_disks, "devices/disk", "disks"),
    WORD("hdtype", HVM, hdtypes, "bus of emulated disks", ANY_CASE),
    GROUP("vif", VX_XL_STRINGS, ALL, vx_xl_vifs, "devices/interface", "network interfaces"),
    GROUP("pci", VX_XL_STRINGS, ALL, vx_xl_pci, "devices/hostdev", "PCI devices of the host"),
    GROUP("pci_msitranslate", VX_XL_NUMBER, ALL, vx_xl_pci, "devices/hostdev", "msitranslate= of every PCI device",
          ANY),
    GROUP("pci_power_mgmt", VX_XL_NUMBER, ALL, vx_xl_pci, "devices/hostdev", "power_mgmt= of every PCI device", ANY),
    GROUP("pci_permissive", VX_XL_NUMBER, ALL, vx_xl_pci, "devices/hostdev", "permissive= of every PCI device", ANY),
    GROUP("pci_seize", VX_XL_NUMBER, ALL, vx_xl_pci, "devices/hostdev", "seize= of every PCI device", ANY),
    STRING("rdm", ALL, "reserved device memory", .check_item = vx_xl_check_rdm),
    NUMBER("rdm_mem_boundary", HVM, "where reserved device memory may conflict, in MiB"),
    GROUP("usbctrl", VX_XL_STRINGS, ALL, vx_xl_usb_controllers, "devices/controller", "USB controllers"),
    GROUP("usbdev", VX_XL_STRINGS, ALL, vx_xl_usb_devices, "devices/hostdev", "USB devices of the host"),
    STRINGS("vtpm", ALL, "virtual TPMs", .check_item = vx_xl_check_vtpm, .ends_at_list = true),
    GROUP("p9", VX_XL_STRINGS, ALL, vx_xl_p9, "devices/filesystem", "9pfs shares"),
    STRINGS("pvcalls", ALL, "sockets of the host for the guest", .check_item = vx_xl_check_pvcalls, .ends_at_list = true),
    STRINGS("virtio", ALL, "virtio devices", .check_item = vx_xl_check_virtio, .ends_at_list = true, SINCE("4.18")),
    STRINGS("dtdev", ALL, "device tree nodes of the host"),
    STRINGS("ioports", ALL, "I/O ports of the host", .check_item = vx_xl_check_ioport),
    STRINGS("irqs", ALL, "interrupts of the host", .check_item = vx_xl_check_irq),
    STRINGS("iomem", ALL, "I/O memory of the host", .check_item = vx_xl_check_iomem),
    IGNORED("vif2", VX_XL_STRINGS, "xl has no such networks"),

    /* ---- display, sound, input, consoles ---- */
    GROUP("vfb", VX_XL_STRINGS, ALL, vx_xl_graphics, "devices/graphics", "framebuffers"),
    GROUP("vnc", VX_XL_BOOL, HVM | PV, vx_xl_graphics, "devices/graphics", "whether the screen is shown by VNC", ANY),
    GROUP("vnclisten", VX_XL_STRING, HVM | PV, vx_xl_graphics, "devices/graphics",
          "address that VNC listens on, with :DISPLAY"),
    GROUP("vncpasswd", VX_XL_STRING, HVM | PV, vx_xl_graphics, "devices/graphics", "password of VNC"),
    GROUP("vncdisplay", VX_XL_NUMBER, HVM | PV, vx_xl_graphics, "devices/graphics", "number of the VNC display", ANY),
    GROUP("vncunused", VX_XL_BOOL, HVM | PV, vx_xl_graphics, "devices/graphics",
          "whether a free VNC display is looked for", ANY),
    IGNORED("vncviewer", VX_XL_NUMBER, "xl starts a viewer when it is called with -V"),
    GROUP("sdl", VX_XL_BOOL, HVM | PV, vx_xl_graphics, "devices/graphics",
          "whether the screen is shown in a window of the host", ANY),
    GROUP("opengl", VX_XL_BOOL, HVM | PV, vx_xl_graphics, "devices/graphics", "whether that window uses OpenGL", ANY),
    GROUP("display", VX_XL_STRING, HVM | PV, vx_xl_graphics, "devices/graphics", "X display of that window"),
    GROUP("xauthority", VX_XL_STRING, HVM | PV, vx_xl_graphics, "devices/graphics", "X authority file of that window"),
    GROUP("keymap", VX_XL_STRING, HVM | PV, vx_xl_graphics, "devices/graphics", "keyboard layout"),
    GROUP("spice", VX_XL_BOOL, HVM, vx_xl_spice, "devices/graphics", "whether the screen is shown by SPICE", ANY),
    GROUP("spicehost", VX_XL_STRING, HVM, vx_xl_spice, "devices/graphics", "address that SPICE listens on"),
    GROUP("spiceport", VX_XL_NUMBER, HVM, vx_xl_spice, "devices/graphics", "port of SPICE", ANY),
    GROUP("spicetls_port", VX_XL_NUMBER, HVM, vx_xl_spice, "devices/graphics", "TLS port of SPICE", ANY),
    GROUP("spicedisable_ticketing", VX_XL_BOOL, HVM, vx_xl_spice, "devices/graphics",
          "whether SPICE asks for no password", ANY),
    GROUP("spicepasswd", VX_XL_STRING, HVM, vx_xl_spice, "devices/graphics", "password of SPICE"),
    GROUP("spiceagent_mouse", VX_XL_BOOL, HVM, vx_xl_spice, "devices/graphics", "whether SPICE's agent moves the mouse",
          ANY),
    GROUP("spicevdagent", VX_XL_BOOL, HVM, vx_xl_spice, "devices/graphics",
          "whether there is a channel for SPICE's agent", ANY),
    GROUP("spice_clipboard_sharing", VX_XL_BOOL, HVM, vx_xl_spice, "devices/graphics",
          "whether SPICE shares the clipboard", ANY),
    GROUP("spiceusbredirection", VX_XL_NUMBER, HVM, vx_xl_spice, "devices/graphics",
          "USB devices that SPICE can redirect", ANY),
    GROUP("spice_image_compression", VX_XL_STRING, HVM, vx_xl_spice, "devices/graphics", "how SPICE compresses images"),
    GROUP("spice_streaming_video", VX_XL_STRING, HVM, vx_xl_spice, "devices/graphics", "how SPICE detects video"),
    GROUP("vga", VX_XL_ENUM, HVM, vx_xl_video, "devices/video", "graphics card", .words = &vgas),
    GROUP("stdvga", VX_XL_BOOL, HVM, vx_xl_video, "devices/video", "whether the graphics card is a standard one", ANY,
          .alias_of = "vga"),
    GROUP("videoram", VX_XL_NUMBER, ALL, vx_xl_video, "devices/video", "memory of the graphics card, in MiB",
          .minimum = 0, .maximum = G_MAXINT32 / 1024),
    GROUP("nographic", VX_XL_BOOL, HVM, vx_xl_video, "devices/video", "no screen at all", ANY),
    GROUP("gfx_passthru", VX_XL_STRING, HVM, vx_xl_gfx_passthru, NULL,
          "whether the guest gets the host's graphics card"),
    GROUP("soundhw", VX_XL_STRING, HVM, vx_xl_sound, "devices/sound", "sound card"),
    BOOL("usb", HVM, "USB of the device model"),
    NUMBER("usbversion", HVM, "version of that USB"),
    GROUP("usbdevice", VX_XL_STRING_OR_LIST, HVM, vx_xl_input, "devices/input", "USB devices of the device model"),
    BOOL("vkb_device", HVM, "whether the device model has a PV keyboard and mouse"),
    GROUP("vkb", VX_XL_STRINGS, ALL, vx_xl_vkb, NULL, "PV keyboards and pointers"),
    GROUP("vdispl", VX_XL_STRINGS, ALL, vx_xl_vdispl, NULL, "PV displays"),
    GROUP("vsnd", VX_XL_NESTED, ALL, vx_xl_vsnd, NULL, "PV sound cards"),
    GROUP("serial", VX_XL_STRING_OR_LIST, HVM, vx_xl_serial, "devices/serial", "serial ports"),
    GROUP("parallel", VX_XL_STRING, HVM, vx_xl_parallel, "devices/parallel",
          "parallel ports, of which xl takes no notice"),
    GROUP("channel", VX_XL_STRINGS, ALL, vx_xl_channels, "devices/channel", "channels between host and guest"),

    /* ---- the device model ---- */
    GROUP("device_model_version", VX_XL_ENUM, ALL, vx_xl_device_model, "devices/emulator", "which device model",
          .words = &model_versions),
    GROUP("device_model_override", VX_XL_STRING, ALL, vx_xl_device_model, "devices/emulator",
          "path of the device model"),
    GROUP("device_model_stubdomain_override", VX_XL_BOOL, ALL, vx_xl_device_model, "devices/emulator",
          "whether the device model runs in a domain of its own", ANY),
    STRING("device_model_stubdomain_seclabel", ALL, "security label of that domain"),
    STRING("device_model_user", ALL, "user that the device model runs as"),
    BOOL("dm_restrict", ALL, "whether the device model runs without privileges"),
    STRINGS("device_model_args", ALL, "arguments for the device model", ONLY_THIS_TYPE),
    GROUP("device_model_args_pv", VX_XL_STRINGS, ALL, vx_xl_device_model_args, "commandline",
          "arguments for a PV guest's device model", ONLY_THIS_TYPE),
    GROUP("device_model_args_hvm", VX_XL_STRINGS, ALL, vx_xl_device_model_args, "commandline",
          "arguments for an HVM guest's device model", ONLY_THIS_TYPE),
    GROUP("stubdomain_kernel", VX_XL_STRING, ALL, vx_xl_device_model, "devices/emulator",
          "kernel of the device model's domain"),
    GROUP("stubdomain_cmdline", VX_XL_STRING, ALL, vx_xl_device_model, "devices/emulator",
          "command line of the device model's domain"),
    GROUP("stubdomain_ramdisk", VX_XL_STRING, ALL, vx_xl_device_model, "devices/emulator",
          "initial RAM disk of the device model's domain"),
    GROUP("stubdomain_memory", VX_XL_NUMBER, ALL, vx_xl_device_model, "devices/emulator",
          "memory of the device model's domain, in MiB", ANY),
    IGNORED("device_model", VX_XL_STRING, "xl takes device_model_override instead"),
    BOOL("xen_platform_pci", HVM, "the PCI device that PV drivers look for"),
    BOOL("xen_platform_pci_bar_uc", HVM, "whether memory of that device is not cached", SINCE("4.21")),
    WORD("vendor_device", HVM, vendor_devices, "PCI device that makes Windows look for drivers", ANY_CASE),
    GROUP("seclabel", VX_XL_STRING, ALL, vx_xl_seclabel, "seclabel", "security label"),
    STRING("init_seclabel", ALL, "security label while the guest is built"),
};
const unsigned vx_xl_n_options = G_N_ELEMENTS(vx_xl_options);
