/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_xm.h"

#include <string.h>

#include "conf/device_def.h"
#include "xlcfg/xlcfg_print.h"

/* What xend ran as the firmware of every HVM guest; xm takes its path as the kernel. */
#define HVMLOADER "/usr/lib/xen/boot/hvmloader"
#define WORD_BITS 64

void vx_xm_cannot(VxDiag *diag, VxPlace place, const char *what, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, what);
    text = g_strdup_vprintf(what, arguments);
    va_end(arguments);
    vx_diag_wrong(diag, place, "xm cannot say %s: write the guest as xen-xl (--dialect=xl) instead", text);
}

/* ---- reading what only xm has ---- */

/* vcpu_avail is a mask of the virtual CPUs that are there at the start, of those that vcpus says there can be. */
static void read_vcpu_avail(VxXlReader *reader, const VxXlcfgSetting *setting)
{
    gint64 mask = 0, present = 0;
    VxNumber vcpus = {0};

    vx_xl_number(reader, "vcpus", &vcpus);
    if (!vcpus.given)
        vcpus = VX_NUMBER(1);
    if (!vx_xlcfg_read_int64(reader->diag, setting->key, &setting->value, 0, G_MAXINT64, &mask))
        return;
    for (gint64 i = 0; i < MIN(vcpus.value, WORD_BITS); i++)
        present += (mask >> i) & 1;
    if (present == 0)
        vx_diag_wrong(
            reader->diag, setting->value.place,
            "vcpu_avail leaves the guest no virtual CPU: write 1 or another mask with one of the lowest bits");
    else if (mask != (gint64)((G_MAXUINT64 >> (WORD_BITS - present))))
        vx_diag_warn(reader->diag, setting->value.place,
                     "vcpu_avail has gaps: the first %" G_GINT64_FORMAT " virtual CPUs are there at the start",
                     present);
    if (present > 0 && present < vcpus.value)
        reader->def->vcpus.current = VX_NUMBER(present);
}

static void read_text(VxXlReader *reader, const VxXlcfgSetting *setting, char **slot)
{
    g_free(*slot);
    *slot = g_strdup(vx_xl_value_text(reader, setting->key, &setting->value));
}

static void read_bootargs(VxXlReader *reader, const VxXlcfgSetting *setting)
{
    read_text(reader, setting, &reader->def->bootloader_args);
}

static void read_device_model(VxXlReader *reader, const VxXlcfgSetting *setting)
{
    read_text(reader, setting, &reader->def->emulator.path);
}

/* The oldest files have one CD-ROM drive, beside the disks. */
static void read_cdrom(VxXlReader *reader, const VxXlcfgSetting *setting)
{
    const char *path = vx_xl_value_text(reader, setting->key, &setting->value);
    g_autofree char *text = path ? g_strdup_printf("phy:%s,hdc:cdrom,r", path) : NULL;
    VxXlcfgValue disk = {.kind = VX_XLCFG_STRING, .is_quoted = true, .place = setting->value.place};

    if (!text)
        return;
    disk.string = text;
    disk.length = (guint32)strlen(text);
    vx_xl_read_disk(reader, &disk);
}

static const struct {
    const char *key;
    void (*read)(VxXlReader *reader, const VxXlcfgSetting *setting);
} own[] = {
    {"bootargs", read_bootargs},
    {"cdrom", read_cdrom},
    {"device_model", read_device_model},
    {"vcpu_avail", read_vcpu_avail},
};

bool vx_xm_read(VxXlReader *reader, const VxXlcfgSetting *setting)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(own); i++) {
        if (strcmp(own[i].key, setting->key) == 0) {
            own[i].read(reader, setting);
            return true;
        }
    }
    return false;
}

/* ---- writing ---- */

typedef struct {
    const VxDomainDef *def;
    const VxXlcfgTree *tree; /* of the xl.cfg */
    VxGuestType guest;
    GString *out;
    VxDiag *diag;
} Translation;

/* Where in the definition the option KEY comes from, as near as it can be told. */
static VxPlace find_place(const Translation *translation, const char *key)
{
    static const struct {
        const char *key;
        VxDeviceKind kind;
    } devices[] = {
        {"channel", VX_DEVICE_CHANNEL}, {"usbctrl", VX_DEVICE_CONTROLLER}, {"usbdev", VX_DEVICE_HOSTDEV},
        {"p9", VX_DEVICE_FILESYSTEM},   {"serial", VX_DEVICE_SERIAL},      {"usbdevice", VX_DEVICE_INPUT},
        {"vga", VX_DEVICE_VIDEO},       {"pci", VX_DEVICE_HOSTDEV},
    };
    const VxOption *carried = vx_options_find(translation->def->options, key);

    if (carried)
        return carried->object.place;
    for (unsigned i = 0; i < G_N_ELEMENTS(devices); i++) {
        unsigned at = 0;
        const VxDevice *device =
            strcmp(devices[i].key, key) == 0 ? vx_domain_def_next_device(translation->def, devices[i].kind, &at) : NULL;

        if (device)
            return device->object.place;
    }
    return translation->def->object.place;
}

static void cannot_option(const Translation *translation, const char *key)
{
    vx_xm_cannot(translation->diag, find_place(translation, key), "%s", key);
}

typedef void (*Translate)(Translation *translation, const VxXlcfgSetting *setting);

static void translate_type(Translation *translation, const VxXlcfgSetting *setting)
{
    const VxLoader *loader = translation->def->os.loader;

    (void)setting;
    if (translation->guest == VX_GUEST_PVH)
        vx_xm_cannot(translation->diag, translation->def->object.place, "a PVH guest");
    if (translation->guest != VX_GUEST_HVM)
        return;
    vx_xlcfg_print_string(translation->out, "builder", "hvm");
    vx_xlcfg_print_string(translation->out, "kernel", loader && loader->path ? loader->path : HVMLOADER);
}

/* The kernel of an HVM guest is its firmware in xm, and has been written with the type. */
static void translate_kernel(Translation *translation, const VxXlcfgSetting *setting)
{
    if (translation->guest == VX_GUEST_HVM)
        vx_xm_cannot(translation->diag, translation->def->object.place, "the %s that an HVM guest starts directly",
                     setting->key);
    else
        vx_xlcfg_print_value(translation->out, setting->key, &setting->value);
}

static void translate_command_line(Translation *translation, const VxXlcfgSetting *setting)
{
    vx_xlcfg_print_value(translation->out, "extra", &setting->value);
}

static void translate_bootloader_args(Translation *translation, const VxXlcfgSetting *setting)
{
    vx_xlcfg_print_string(translation->out, "bootargs",
                          translation->def->bootloader_args ? translation->def->bootloader_args
                                                            : setting->value.items[0].string);
}

/* vcpus is how many there can be, here. */
static void translate_vcpus(Translation *translation, const VxXlcfgSetting *setting)
{
    const VxXlcfgSetting *maximum = vx_xlcfg_tree_get(translation->tree, "maxvcpus");
    gint64 present = 0;

    vx_xlcfg_print_value(translation->out, "vcpus", maximum ? &maximum->value : &setting->value);
    if (!maximum || vx_xlcfg_value_to_int64(&setting->value, 1, G_MAXINT64, &present) != VX_XLCFG_NUMBER_GOOD)
        return;
    if (present < WORD_BITS)
        vx_xlcfg_print_int(translation->out, "vcpu_avail", (gint64)((G_GUINT64_CONSTANT(1) << present) - 1));
    else
        vx_xm_cannot(translation->diag, translation->def->object.place,
                     "that %" G_GINT64_FORMAT " of more virtual CPUs are there at the start", present);
}

static void translate_nothing(Translation *translation, const VxXlcfgSetting *setting)
{
    (void)translation; /* it has been said with another option */
    (void)setting;
}

static void translate_device_model(Translation *translation, const VxXlcfgSetting *setting)
{
    vx_xlcfg_print_value(translation->out, "device_model", &setting->value);
}

/* xm had one device model, which is what xl calls traditional. */
static void translate_device_model_version(Translation *translation, const VxXlcfgSetting *setting)
{
    if (g_strcmp0(vx_xlcfg_value_string(&setting->value), "qemu-xen-traditional") != 0)
        cannot_option(translation, setting->key);
}

static void translate_vga(Translation *translation, const VxXlcfgSetting *setting)
{
    const char *card = vx_xlcfg_value_string(&setting->value);

    if (g_strcmp0(card, "stdvga") == 0 || g_strcmp0(card, "cirrus") == 0)
        vx_xlcfg_print_int(translation->out, "stdvga", *card == 's');
    else
        vx_xm_cannot(translation->diag, find_place(translation, "vga"), "the graphics card '%.20s'", card ? card : "");
}

/* xm takes one string where xl takes a list, too. */
static void translate_single(Translation *translation, const VxXlcfgSetting *setting)
{
    const VxXlcfgValue *value = &setting->value;

    if (value->kind == VX_XLCFG_STRING)
        vx_xlcfg_print_value(translation->out, setting->key, value);
    else if (value->length == 1)
        vx_xlcfg_print_value(translation->out, setting->key, &value->items[0]);
    else
        vx_xm_cannot(translation->diag, find_place(translation, setting->key), "more than one %s", setting->key);
}

/* ---- lists of pairs ---- */

static const char *const vif_keys[] = {"mac",  "bridge", "ip",   "script", "backend", "vifname",
                                       "type", "model",  "rate", "accel",  NULL};
static const char *const pci_keys[] = {"msitranslate", "power_mgmt", NULL};

static void check_pair(const Translation *translation, VxPlace place, const char *option, const char *pair,
                       const char *const *known)
{
    g_autofree char *key = g_strndup(pair, strcspn(pair, "="));

    if (!g_strv_contains(known, key))
        vx_xm_cannot(translation->diag, place, "%s of %s", key, option);
}

/* An HVM guest's interface says whether it is emulated: type=ioemu, or netfront if it is not. */
static char *translate_vif(const Translation *translation, const VxXlcfgValue *item, VxPlace place)
{
    g_auto(GStrv) pairs = g_strsplit(item->string, ",", 0);
    GString *out = g_string_new(NULL);
    const char *type = translation->guest == VX_GUEST_HVM ? "ioemu" : NULL;

    for (char **pair = pairs; *pair; pair++) {
        if (!**pair)
            continue;
        if (strcmp(*pair, "type=vif") == 0) {
            type = "netfront";
        } else if (strcmp(*pair, "type=ioemu") == 0) {
            type = "ioemu";
        } else {
            check_pair(translation, place, "an interface", *pair, vif_keys);
            g_string_append_printf(out, "%s%s", out->len ? "," : "", *pair);
        }
    }
    if (type)
        g_string_append_printf(out, "%stype=%s", out->len ? "," : "", type);
    return g_string_free(out, FALSE);
}

static VxPlace place_of_vif(const Translation *translation, guint32 index)
{
    const VxDevice *device = NULL;
    unsigned at = 0;

    for (guint32 i = 0; i <= index; i++)
        device = vx_domain_def_next_device(translation->def, VX_DEVICE_INTERFACE, &at);
    return device ? device->object.place : VX_NO_PLACE;
}

static void translate_vifs(Translation *translation, const VxXlcfgSetting *setting)
{
    VxXlcfgList list;

    vx_xlcfg_list_begin(&list, translation->out, setting->key);
    for (guint32 i = 0; i < setting->value.length; i++) {
        g_autofree char *item = translate_vif(translation, &setting->value.items[i], place_of_vif(translation, i));

        vx_xlcfg_list_add_string(&list, item);
    }
    vx_xlcfg_list_end(&list);
}

static void translate_pci(Translation *translation, const VxXlcfgSetting *setting)
{
    for (guint32 i = 0; i < setting->value.length; i++) {
        g_auto(GStrv) parts = g_strsplit(setting->value.items[i].string, ",", 0);

        for (char **part = parts[0] ? parts + 1 : parts; *part; part++)
            check_pair(translation, find_place(translation, "pci"), "a PCI device", *part, pci_keys);
    }
    vx_xlcfg_print_value(translation->out, setting->key, &setting->value);
}

/* A framebuffer is VNC's or SDL's, by its type, and has a number of its own unless it is told to look for a free one.
 */
static char *translate_framebuffer(const VxXlcfgValue *item)
{
    g_auto(GStrv) pairs = g_strsplit(item->string, ",", 0);
    bool is_sdl = g_strv_contains((const char *const *)pairs, "vnc=0");
    GString *out = g_string_new(is_sdl ? "type=sdl" : "type=vnc");
    bool has_number = is_sdl;

    for (char **pair = pairs; *pair; pair++) {
        has_number = has_number || g_str_has_prefix(*pair, "vncdisplay=") || g_str_has_prefix(*pair, "vncunused=");
        if (strcmp(*pair, is_sdl ? "vnc=0" : "vnc=1") != 0 && !(is_sdl && strcmp(*pair, "sdl=1") == 0))
            g_string_append_printf(out, ",%s", *pair);
    }
    if (!has_number)
        g_string_append(out, ",vncunused=1");
    return g_string_free(out, FALSE);
}

static void translate_framebuffers(Translation *translation, const VxXlcfgSetting *setting)
{
    VxXlcfgList list;

    if (translation->guest == VX_GUEST_HVM) {
        vx_xlcfg_print_value(translation->out, setting->key, &setting->value);
        return;
    }
    vx_xlcfg_list_begin(&list, translation->out, setting->key);
    for (guint32 i = 0; i < setting->value.length; i++) {
        g_autofree char *item = translate_framebuffer(&setting->value.items[i]);

        vx_xlcfg_list_add_string(&list, item);
    }
    vx_xlcfg_list_end(&list);
}

/* ---- the options of xl that xm has ---- */

static const struct {
    const char *key;
    Translate translate; /* NULL: as it is */
} options[] = {
    {"name", NULL},
    {"uuid", NULL},
    {"type", translate_type},
    {"pool", NULL},
    {"memory", NULL},
    {"maxmem", NULL},
    {"shadow_memory", NULL},
    {"vcpus", translate_vcpus},
    {"maxvcpus", translate_nothing},
    {"cpus", NULL},
    {"cpu_weight", NULL},
    {"cpuid", NULL},
    {"kernel", translate_kernel},
    {"ramdisk", translate_kernel},
    {"cmdline", translate_command_line},
    {"bootloader", NULL},
    {"bootloader_args", translate_bootloader_args},
    {"boot", NULL},
    {"firmware_override", translate_nothing}, /* the kernel, of which translate_type() thinks */
    {"acpi", NULL},
    {"apic", NULL},
    {"pae", NULL},
    {"nx", NULL},
    {"hap", NULL},
    {"oos", NULL},
    {"viridian", NULL},
    {"e820_host", NULL},
    {"nomigrate", NULL},
    {"localtime", NULL},
    {"rtc_timeoffset", NULL},
    {"tsc_mode", NULL},
    {"timer_mode", NULL},
    {"hpet", NULL},
    {"vpt_align", NULL},
    {"on_poweroff", NULL},
    {"on_reboot", NULL},
    {"on_crash", NULL},
    {"disk", NULL}, /* already written in xm's way */
    {"vif", translate_vifs},
    {"pci", translate_pci},
    {"pci_msitranslate", NULL},
    {"pci_power_mgmt", NULL},
    {"vtpm", NULL},
    {"ioports", NULL},
    {"vfb", translate_framebuffers},
    {"vnc", NULL},
    {"vnclisten", NULL},
    {"vncpasswd", NULL},
    {"vncdisplay", NULL},
    {"vncunused", NULL},
    {"sdl", NULL},
    {"opengl", NULL},
    {"display", NULL},
    {"xauthority", NULL},
    {"keymap", NULL},
    {"vga", translate_vga},
    {"videoram", NULL},
    {"nographic", NULL},
    {"gfx_passthru", NULL},
    {"soundhw", NULL},
    {"usb", NULL},
    {"usbdevice", translate_single},
    {"serial", translate_single},
    {"parallel", NULL},
    {"device_model_override", translate_device_model},
    {"device_model_version", translate_device_model_version},
    {"xen_platform_pci", NULL},
};

static void translate_setting(Translation *translation, const VxXlcfgSetting *setting)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(options); i++) {
        if (strcmp(options[i].key, setting->key) != 0)
            continue;
        if (options[i].translate)
            options[i].translate(translation, setting);
        else
            vx_xlcfg_print_value(translation->out, setting->key, &setting->value);
        return;
    }
    cannot_option(translation, setting->key);
}

/* xl shows an HVM guest's screen by VNC unless it is told not to, xm only if it is told so. */
static void say_defaults(Translation *translation)
{
    if (translation->guest == VX_GUEST_HVM && !vx_xlcfg_tree_get(translation->tree, "vnc"))
        vx_xlcfg_print_int(translation->out, "vnc", 1);
}

char *vx_xm_translate(const VxDomainDef *def, const char *text, VxDiag *diag)
{
    gsize length = strlen(text);
    g_autoptr(VxDiag) about_text = vx_diag_new("", text, length, VX_DIAG_QUIET);
    g_autoptr(VxXlcfgTree) tree = vx_xlcfg_tree_parse(text, length, about_text);
    Translation translation = {.def = def,
                               .tree = tree,
                               .guest = vx_domain_def_guest_type(def),
                               .out = g_string_sized_new(length),
                               .diag = diag};

    for (const VxXlcfgSetting *setting = tree ? vx_xlcfg_tree_next(tree, NULL) : NULL; setting;
         setting = vx_xlcfg_tree_next(tree, setting))
        translate_setting(&translation, setting);
    if (tree)
        say_defaults(&translation);
    return g_string_free(translation.out, FALSE);
}
