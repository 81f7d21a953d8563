/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_disk_scan.h"

#include <string.h>

VX_ENUM_DEFINE(vx_xl_disk_backends, VX_XL_DISK_BACKENDS);

typedef struct {
    VxXlReader *reader;
    const VxXlcfgValue *spec;
    const char *at; /* of the token */
    gsize length;   /* of the token, with the comma that ends it, once it is known */
    VxXlDisk *disk;
    bool has_prefix;     /* raw:, phy: and so on: the format is no positional parameter then */
    bool access_is_told; /* positionally */
    bool failed;
} Scan;

static VxPlace place_of(const Scan *scan, const char *at)
{
    return vx_xlcfg_value_place(scan->spec, (gsize)(at - scan->spec->string));
}

static void wrong(Scan *scan, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void wrong(Scan *scan, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    va_start(arguments, format);
    message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    vx_diag_wrong(scan->reader->diag, place_of(scan, scan->at), "%s", message);
    scan->failed = true;
}

/* ---- what a token means ---- */

/* A text may be given once; an empty one counts as not given. */
static void save(Scan *scan, const char *what, char **slot, const char *text)
{
    if (*slot && **slot) {
        wrong(scan, "the disk has a second %s, '%.60s': write one only", what, text);
        return;
    }
    g_free(*slot);
    *slot = g_strdup(text);
}

/* A word may be given again, if it is the same. */
static void save_word(Scan *scan, const char *what, int *slot, int value, const char *text)
{
    if (*slot && *slot != value)
        wrong(scan, "the disk has a second %s, '%.60s': write one only", what, text);
    else
        *slot = value;
}

static void set_format(Scan *scan, const char *text)
{
    static const struct {
        const char *word;
        VxDiskFormat format;
    } formats[] = {
        {"", VX_DISK_RAW},    {"raw", VX_DISK_RAW}, {"qcow", VX_DISK_QCOW},  {"qcow2", VX_DISK_QCOW2},
        {"vhd", VX_DISK_VHD}, {"qed", VX_DISK_QED}, {"empty", VX_DISK_NONE},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (strcmp(text, formats[i].word) == 0) {
            save_word(scan, "format", &scan->disk->format, (int)formats[i].format, text);
            return;
        }
    }
    wrong(scan, "the disk's format is '%.60s': write raw, qcow, qcow2, qed, vhd or empty", text);
}

static void set_access(Scan *scan, const char *text)
{
    if (strcmp(text, "r") == 0 || strcmp(text, "ro") == 0)
        scan->disk->is_readonly = true;
    else if (strcmp(text, "w") == 0 || strcmp(text, "rw") == 0 || !*text)
        scan->disk->is_readonly = false;
    else if (scan->reader->dialect == VX_XLCFG_XM && (strcmp(text, "w!") == 0 || strcmp(text, "!") == 0))
        scan->disk->is_shareable = true;
    else
        wrong(scan, "the disk's access is '%.60s': write ro or rw", text);
}

static void set_backend_type(Scan *scan, const char *text)
{
    int backend = vx_enum_from_text(&vx_xl_disk_backends, text);

    if (backend)
        save_word(scan, "backendtype", &scan->disk->backend, backend, text);
    else
        wrong(scan, "the disk's backendtype is '%.60s': write phy, qdisk, tap or standalone", text);
}

static void set_device_type(Scan *scan, const char *text)
{
    if (strcmp(text, "cdrom") == 0 || strcmp(text, "disk") == 0)
        scan->disk->is_cdrom = *text == 'c';
    else
        wrong(scan, "the disk's devtype is '%.60s': write cdrom or disk", text);
}

static void set_target(Scan *scan, const char *text)
{
    save(scan, "target", &scan->disk->target, text);
}

static void set_vdev(Scan *scan, const char *text)
{
    save(scan, "vdev", &scan->disk->vdev, text);
}

static void set_script(Scan *scan, const char *text)
{
    save(scan, "script", &scan->disk->script, text);
}

static void set_backend(Scan *scan, const char *text)
{
    save(scan, "backend", &scan->disk->backend_domain, text);
}

static VxOption *find_option(Scan *scan, const char *name)
{
    return (VxOption *)vx_options_find(scan->disk->options, name);
}

static void carry(Scan *scan, const char *name, const char *value)
{
    VxOption *option = find_option(scan, name);

    if (!option) {
        vx_options_add(&scan->disk->options, name, value);
        return;
    }
    g_free(option->value);
    option->value = g_strdup(value);
}

/* ---- parameters with a value ---- */

typedef enum { CARRY_TEXT, CARRY_PORT, CARRY_SPECIFICATION, CARRY_GRANTS } Carried;

/* KEY=VALUE of a parameter that libvirt has no word for. */
static void set_carried(Scan *scan, const char *key, Carried kind, const char *text)
{
    const VxOption *before = find_option(scan, key);
    bool is_text = kind == CARRY_TEXT || kind == CARRY_SPECIFICATION;

    if (is_text && before && *before->value && !(kind == CARRY_SPECIFICATION && strcmp(before->value, text) == 0))
        wrong(scan, "the disk has a second %s, '%.60s': write one only", key, text);
    else if (kind == CARRY_PORT && atoi(text) == 0)
        wrong(scan, "the disk's %s is '%.60s': write the number of a port", key, text);
    else if (kind == CARRY_SPECIFICATION && strcmp(text, "xen") != 0 && strcmp(text, "virtio") != 0)
        wrong(scan, "the disk's %s is '%.60s': write xen or virtio", key, text);
    else if (kind == CARRY_GRANTS && strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
        wrong(scan, "the disk's %s is '%.60s': write 0 or 1", key, text);
    else
        carry(scan, key, text);
}

static const struct {
    const char *key;
    void (*set)(Scan *scan, const char *text); /* NULL: it is carried */
    Carried carried;
} parameters[] = {
    {"format", set_format, 0},
    {"devtype", set_device_type, 0},
    {"access", set_access, 0},
    {"backend", set_backend, 0},
    {"backendtype", set_backend_type, 0},
    {"vdev", set_vdev, 0},
    {"script", set_script, 0},
    {"specification", NULL, CARRY_SPECIFICATION},
    {"grant_usage", NULL, CARRY_GRANTS},
    {"colo-host", NULL, CARRY_TEXT},
    {"colo-port", NULL, CARRY_PORT},
    {"colo-export", NULL, CARRY_TEXT},
    {"active-disk", NULL, CARRY_TEXT},
    {"hidden-disk", NULL, CARRY_TEXT},
};

/* ---- flags ---- */

static void set_cdrom(Scan *scan)
{
    scan->disk->is_cdrom = true;
}

static void set_discard(Scan *scan)
{
    scan->disk->discard = VX_DISK_UNMAP;
}

static void set_no_discard(Scan *scan)
{
    scan->disk->discard = VX_DISK_IGNORE;
}

static const struct {
    const char *word;
    void (*set)(Scan *scan); /* NULL: it is carried as an option of that name, */
    const char *opposite;    /* instead of this one */
} flags[] = {
    {"cdrom", set_cdrom, NULL},     {"discard", set_discard, NULL}, {"no-discard", set_no_discard, NULL},
    {"direct-io-safe", NULL, NULL}, {"colo", NULL, "no-colo"},      {"no-colo", NULL, "colo"},
    {"trusted", NULL, "untrusted"}, {"untrusted", NULL, "trusted"},
};

const char *const vx_xl_disk_flags[] = {"direct-io-safe", "colo", "no-colo", "trusted", "untrusted", NULL};

static void carry_flag(Scan *scan, const char *word, const char *opposite)
{
    VxOption *other = opposite ? find_option(scan, opposite) : NULL;

    if (other) {
        g_free(other->name);
        other->name = g_strdup(word);
    } else {
        carry(scan, word, "1");
    }
}

/* ---- deprecated prefixes ---- */

static const struct {
    const char *prefix;
    bool is_format;
    const char *script;
} prefixes[] = {
    {"raw:", true, NULL},         {"qcow:", true, NULL},          {"qcow2:", true, NULL},
    {"vhd:", true, NULL},         {"tapdisk:", false, NULL},      {"tap:", false, NULL},
    {"tap2:", false, NULL},       {"aio:", false, NULL},          {"ioemu:", false, NULL},
    {"file:", false, NULL},       {"phy:", false, NULL},          {"iscsi:", false, "block-iscsi"},
    {"nbd:", false, "block-nbd"}, {"enbd:", false, "block-enbd"}, {"drbd:", false, "block-drbd"},
};

static bool scan_prefix(Scan *scan)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        gsize length = strlen(prefixes[i].prefix);

        if (strncmp(scan->at, prefixes[i].prefix, length) != 0)
            continue;
        scan->has_prefix = true;
        scan->length = length;
        if (prefixes[i].is_format) {
            g_autofree char *format = g_strndup(prefixes[i].prefix, length - 1);

            set_format(scan, format);
        } else if (prefixes[i].script) {
            set_script(scan, prefixes[i].script);
        }
        return true;
    }
    return false;
}

/* Something like foo:/bar at SCAN->at. (foo:bar is a name.) */
static bool is_unknown_prefix(const Scan *scan)
{
    const char *colon = scan->at;

    if (!g_ascii_islower(*colon))
        return false;
    while (g_ascii_islower(*colon) || g_ascii_isdigit(*colon))
        colon++;
    return *colon == ':' && !g_ascii_islower(colon[1]) && !g_ascii_isdigit(colon[1]);
}

/* ---- positional parameters ---- */

/* An older way to say the devtype: hdc:cdrom. */
static bool scan_vdev_and_type(Scan *scan, const char *text)
{
    const char *colon = strrchr(text, ':');
    g_autofree char *vdev = NULL;

    if (!colon)
        return false;
    vdev = g_strndup(text, (gsize)(colon - text));
    set_vdev(scan, vdev);
    set_device_type(scan, colon + 1);
    return true;
}

static void scan_positional(Scan *scan, const char *text)
{
    VxXlDisk *disk = scan->disk;

    if (!disk->target) {
        disk->target = g_strdup(text);
    } else if (!scan->has_prefix && !disk->format) {
        if (!*disk->target && scan_vdev_and_type(scan, text))
            disk->format = VX_DISK_NONE;
        else
            set_format(scan, text);
    } else if (!disk->vdev) {
        if (!scan_vdev_and_type(scan, text))
            set_vdev(scan, text);
    } else if (!scan->access_is_told) {
        scan->access_is_told = true;
        set_access(scan, text);
    } else {
        wrong(scan, "the disk has '%.60s' behind target, format, vdev and access: leave it out", text);
    }
}

/* TOKEN is no parameter. xl overlooks a '=' that ends the specification. */
static void scan_word(Scan *scan, char *token)
{
    char *equals = strchr(token, '=');

    if (equals && (equals[1] || scan->at[scan->length])) {
        wrong(scan,
              "the disk has '%.60s', which is no parameter of disks: if it is a target with a '=', write target=...",
              token);
        return;
    }
    if (equals) {
        vx_diag_unfit(scan->reader->diag, place_of(scan, scan->at), "the disk ends with a '=': leave it out");
        *equals = '\0';
    }
    if (!equals || *token)
        scan_positional(scan, token);
}

/* ---- the walk ---- */

/* TOKEN is KEY, '=' and the rest. */
static const char *value_of(const char *token, const char *key)
{
    gsize length = strlen(key);

    return strncmp(token, key, length) == 0 && token[length] == '=' ? token + length + 1 : NULL;
}

/* A token that a comma or the end of the specification ends. */
static void scan_token(Scan *scan, char *token)
{
    const char *value;

    for (unsigned i = 0; i < G_N_ELEMENTS(parameters); i++) {
        if (!(value = value_of(token, parameters[i].key)))
            continue;
        if (parameters[i].set)
            parameters[i].set(scan, value);
        else
            set_carried(scan, parameters[i].key, parameters[i].carried, value);
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(flags); i++) {
        if (strcmp(token, flags[i].word) != 0)
            continue;
        if (flags[i].set)
            flags[i].set(scan);
        else
            carry_flag(scan, flags[i].word, flags[i].opposite);
        return;
    }
    scan_word(scan, token);
}

/* The target takes the rest of the line; one comma at its end is not part of it. */
static void scan_target(Scan *scan, const char *value)
{
    gsize length = strcspn(value, "\n");
    g_autofree char *target = g_strndup(value, length > 0 && value[length - 1] == ',' ? length - 1 : length);

    scan->length = (gsize)(value - scan->at) + length;
    set_target(scan, target);
}

static void scan_next(Scan *scan)
{
    const char *value = value_of(scan->at, "target");
    g_autofree char *token = NULL;

    if (value) {
        scan_target(scan, value);
        return;
    }
    if (scan_prefix(scan))
        return;
    if (is_unknown_prefix(scan)) {
        wrong(scan, "the disk has an unknown prefix, '%.*s': write target=...", (int)strcspn(scan->at, ":") + 1,
              scan->at);
        return;
    }
    token = g_strndup(scan->at, strcspn(scan->at, ","));
    scan->length = strlen(token);
    if (scan->at[scan->length] == ',')
        scan->length++;
    scan_token(scan, token);
}

/* What takes the whole specification to judge. */
static bool complete(Scan *scan)
{
    VxXlDisk *disk = scan->disk;

    scan->at = scan->spec->string;
    if (!disk->format)
        disk->format = VX_DISK_RAW;
    if (disk->is_cdrom) {
        disk->is_readonly = true;
        if (!disk->target || !*disk->target)
            disk->format = VX_DISK_NONE;
    }
    if (!disk->vdev)
        wrong(scan, "the disk has no vdev: write vdev=xvda or the like");
    else if (!disk->target && !disk->is_cdrom)
        wrong(scan, "the disk has no target: write target=/..., or make it an empty drive by devtype=cdrom");
    return !scan->failed;
}

/* SOURCE,DEVICE,ACCESS, which xm takes without a prefix, too. */
static bool has_three_parts(const char *text)
{
    const char *comma = strchr(text, ',');

    return comma && (comma = strchr(comma + 1, ',')) && !strchr(comma + 1, ',') && !strchr(text, '=');
}

bool vx_xl_disk_scan(VxXlReader *reader, const VxXlcfgValue *spec, VxXlDisk *disk)
{
    Scan scan = {.reader = reader, .spec = spec, .disk = disk, .at = spec->string};

    *disk = (VxXlDisk){0};
    scan.has_prefix = reader->dialect == VX_XLCFG_XM && has_three_parts(spec->string);
    while (*(scan.at += strspn(scan.at, " \t\n"))) {
        scan.length = 0;
        scan_next(&scan);
        if (scan.failed)
            return false;
        scan.at += scan.length;
    }
    return complete(&scan);
}

void vx_xl_disk_clear(VxXlDisk *disk)
{
    g_free(disk->target);
    g_free(disk->vdev);
    g_free(disk->backend_domain);
    g_free(disk->script);
    for (unsigned i = 0; disk->options && i < disk->options->len; i++)
        vx_object_free(&vx_option_element, disk->options->pdata[i]);
    g_clear_pointer(&disk->options, g_ptr_array_unref);
    *disk = (VxXlDisk){0};
}
