/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * serial = "pty", or [ "pty", "tcp:host:port,server,nowait" ], and parallel <-> <serial>, <parallel> of an HVM guest.
 * xl hands the words to QEMU (its manual, "-serial dev"); libvirt's Xen driver knows the same words.
 */
#include <string.h>

#include "conf/chr_def.h"
#include "conf/device_check.h"
#include "xlcfg/xlcfg_groups.h"
#include "xlcfg/xlcfg_words.h"

/* No guest has more ports; a port number beyond is a slip. */
#define MAX_PORTS 64

/* ---- one port from a word ---- */

static VxChrSource *add_source(VxChr *chr, VxChrMode mode)
{
    VxChrSource *source = vx_chr_add_source(chr);

    source->mode = mode;
    return source;
}

/* "HOST:PORT" into SOURCE; an empty host is not given. False if there is no colon. */
static bool set_address(VxChrSource *source, const char *text)
{
    const char *colon = strrchr(text, ':');

    if (!colon)
        return false;
    source->host = colon > text ? g_strndup(text, (gsize)(colon - text)) : NULL;
    source->service = *colon && colon[1] ? g_strdup(colon + 1) : NULL;
    return true;
}

/* Cuts the QEMU options off TEXT and tells by them whether the host listens. */
static VxChrMode cut_options(char *text)
{
    char *comma = strchr(text, ',');
    bool listens;

    if (!comma)
        return VX_CHR_MODE_CONNECT;
    *comma = '\0';
    listens = strstr(comma + 1, "server") != NULL;
    return listens ? VX_CHR_MODE_BIND : VX_CHR_MODE_CONNECT;
}

static bool read_tcp(VxChr *chr, char *text)
{
    VxChrMode mode = cut_options(text);

    return set_address(add_source(chr, mode), text);
}

static bool read_udp(VxChr *chr, char *text)
{
    char *local = strchr(text, '@');
    bool good;

    if (local)
        *local++ = '\0';
    good = !local || set_address(add_source(chr, VX_CHR_MODE_BIND), local);
    return set_address(add_source(chr, VX_CHR_MODE_CONNECT), text) && good;
}

static bool read_path(VxChr *chr, const char *path)
{
    vx_chr_make_source(chr)->path = g_strdup(path);
    return *path != '\0';
}

/* WORD into CHR. False if libvirt has no words for it. */
static bool read_word(VxChr *chr, const char *word)
{
    g_autofree char *name = g_strdup(word);
    char *rest = strchr(name, ':');

    if (word[0] == '/') {
        chr->type = VX_CHR_DEV;
        return read_path(chr, word);
    }
    if (rest)
        *rest++ = '\0';
    chr->type = strcmp(name, "telnet") == 0 ? VX_CHR_TCP : vx_enum_from_text(&vx_chr_types, name);
    switch (chr->type) {
    case VX_CHR_PTY:
    case VX_CHR_NULL:
    case VX_CHR_STDIO:
    case VX_CHR_VC:
        return !rest;
    case VX_CHR_FILE:
    case VX_CHR_PIPE:
        return rest && read_path(chr, rest);
    case VX_CHR_UNIX:
        if (!rest)
            return false;
        vx_chr_make_source(chr)->mode = cut_options(rest);
        return read_path(chr, rest);
    case VX_CHR_TCP:
        chr->protocol = strcmp(name, "telnet") == 0 ? VX_CHR_PROTOCOL_TELNET : VX_CHR_PROTOCOL_RAW;
        return rest && read_tcp(chr, rest);
    case VX_CHR_UDP:
        return rest && read_udp(chr, rest);
    default:
        return false;
    }
}

/* ---- one port to a word ---- */

static const VxChrSource *find_source(const VxChr *chr, VxChrMode mode)
{
    for (unsigned i = 0; chr->sources && i < chr->sources->len; i++) {
        const VxChrSource *source = chr->sources->pdata[i];

        if (source->mode == (int)mode)
            return source;
    }
    return NULL;
}

static void append_address(GString *word, const VxChrSource *source)
{
    g_string_append_printf(word, "%s:%s", source->host ? source->host : "", source->service ? source->service : "");
}

static void append_tcp(GString *word, const VxChr *chr, const VxChrSource *source)
{
    g_string_append(word, chr->protocol == VX_CHR_PROTOCOL_TELNET ? "telnet:" : "tcp:");
    append_address(word, source);
    if (source->mode == VX_CHR_MODE_BIND)
        g_string_append(word, ",server,nowait");
}

static void append_udp(GString *word, const VxChr *chr)
{
    const VxChrSource *remote = find_source(chr, VX_CHR_MODE_CONNECT), *local = find_source(chr, VX_CHR_MODE_BIND);

    g_string_append(word, "udp:");
    if (remote)
        append_address(word, remote);
    else
        g_string_append_c(word, ':');
    if (!local)
        return;
    g_string_append_c(word, '@');
    append_address(word, local);
}

/* The word for CHR; NULL if QEMU has none. The caller frees it. */
static char *format_word(const VxChr *chr)
{
    const VxChrSource *source = chr->sources && chr->sources->len > 0 ? chr->sources->pdata[0] : NULL;
    const char *path = vx_chr_path(chr);
    g_autoptr(GString) word = g_string_new(NULL);

    switch (chr->type) {
    case VX_CHR_PTY:
    case VX_CHR_NULL:
    case VX_CHR_STDIO:
    case VX_CHR_VC:
        return g_strdup(vx_enum_to_text(&vx_chr_types, chr->type));
    case VX_CHR_DEV:
        return g_strdup(path);
    case VX_CHR_FILE:
    case VX_CHR_PIPE:
        return path ? g_strdup_printf("%s:%s", vx_enum_to_text(&vx_chr_types, chr->type), path) : NULL;
    case VX_CHR_UNIX:
        return path ? g_strdup_printf("unix:%s%s", path, source->mode == VX_CHR_MODE_BIND ? ",server,nowait" : "")
                    : NULL;
    case VX_CHR_TCP:
        if (!source)
            return NULL;
        append_tcp(word, chr, source);
        break;
    case VX_CHR_UDP:
        append_udp(word, chr);
        break;
    default:
        return NULL;
    }
    return g_strdup(word->str);
}

/* ---- all ports ---- */

/* WORDS as they are written from the devices made from them: a word that is no device leaves a gap. */
static void canonical_words(const VxWords *words, VxWords *canonical)
{
    unsigned n_gaps = 0;

    for (unsigned i = 0; words->words && i < words->words->len; i++) {
        VxChr *chr = vx_object_new(&vx_serial_element);
        g_autofree char *word = read_word(chr, words->words->pdata[i]) ? format_word(chr) : NULL;

        vx_object_free(&vx_serial_element, chr);
        if (!word) {
            n_gaps++;
            continue;
        }
        for (; n_gaps > 0; n_gaps--)
            vx_words_add(canonical, "none");
        vx_words_add(canonical, word);
    }
    canonical->is_list = canonical->words && canonical->words->len > 1;
}

static void read_ports(VxXlReader *reader, const char *key, VxDeviceKind kind)
{
    g_auto(VxWords) words = {0}, canonical = {0};

    vx_words_read(&words, reader, key);
    for (unsigned i = 0; words.words && i < words.words->len; i++) {
        VxChr *probe = vx_object_new(&vx_serial_element);
        bool good = read_word(probe, words.words->pdata[i]);
        VxChr *chr;

        vx_object_free(&vx_serial_element, probe);
        if (!good)
            continue;
        chr = vx_domain_def_add_device(reader->def, kind);
        chr->device.object.place = vx_xl_value(reader, key)->place;
        read_word(chr, words.words->pdata[i]);
        chr->target_port = VX_NUMBER(i);
    }
    canonical_words(&words, &canonical);
    if (!vx_words_equal(&words, &canonical))
        vx_xl_carry(reader, key);
}

static void set_word(VxWords *words, unsigned port, const char *word)
{
    while (!words->words || words->words->len <= port)
        vx_words_add(words, "none");
    g_free(words->words->pdata[port]);
    words->words->pdata[port] = g_strdup(word);
}

/* The words of the ports of KIND, each at its number. DIAG (may be NULL) gets what xl.cfg cannot say. */
static void words_of(const VxXlWriter *writer, VxDeviceKind kind, VxWords *words, VxDiag *diag)
{
    const VxChr *chr;

    for (unsigned i = 0; (chr = vx_domain_def_next_device(writer->def, kind, &i));) {
        g_autofree char *word = format_word(chr);
        gint64 port = chr->target_port.given ? chr->target_port.value : words->words ? words->words->len : 0;
        bool is_taken = words->words && port < words->words->len && strcmp(words->words->pdata[port], "none") != 0;

        if (word && port < MAX_PORTS && !is_taken)
            set_word(words, (unsigned)port, word);
        else if (diag && word)
            vx_diag_wrong(diag, chr->device.object.place, "port %" G_GINT64_FORMAT " %s", port,
                          is_taken ? "is there twice: give each its own number" : "is too high: count from 0");
    }
    words->is_list = words->words && words->words->len > 1;
}

static bool ports_hold(const VxXlWriter *writer, const VxOption *carried, VxDeviceKind kind)
{
    g_auto(VxWords) words = {0}, then = {0}, now = {0};

    vx_words_from_option(&words, carried);
    canonical_words(&words, &then);
    words_of(writer, kind, &now, NULL);
    return vx_words_equal(&then, &now);
}

static void write_ports(VxXlWriter *writer, const char *key, VxDeviceKind kind)
{
    g_auto(VxWords) words = {0};

    if (!vx_xl_carries(writer, key))
        words_of(writer, kind, &words, writer->diag);
    vx_words_write(writer, key, &words);
}

static void read_serial(VxXlReader *reader)
{
    read_ports(reader, "serial", VX_DEVICE_SERIAL);
}

static bool serial_holds(const VxXlWriter *writer, const VxOption *carried)
{
    return ports_hold(writer, carried, VX_DEVICE_SERIAL);
}

static void write_serial(VxXlWriter *writer)
{
    const VxChr *chr;

    for (unsigned i = 0; (chr = vx_domain_def_next_device(writer->def, VX_DEVICE_SERIAL, &i));)
        vx_device_check(writer->def, &chr->device, VX_WRONG, writer->diag);
    write_ports(writer, "serial", VX_DEVICE_SERIAL);
}

const VxXlGroup vx_xl_serial = {.name = "serial", .read = read_serial, .write = write_serial, .holds = serial_holds};

/* libvirt's Xen driver reads and writes parallel; xl takes no notice of it, and that is said of the definition. */
static void read_parallel(VxXlReader *reader)
{
    read_ports(reader, "parallel", VX_DEVICE_PARALLEL);
}

static bool parallel_holds(const VxXlWriter *writer, const VxOption *carried)
{
    return ports_hold(writer, carried, VX_DEVICE_PARALLEL);
}

static void write_parallel(VxXlWriter *writer)
{
    write_ports(writer, "parallel", VX_DEVICE_PARALLEL);
}

const VxXlGroup vx_xl_parallel = {
    .name = "parallel",
    .read = read_parallel,
    .write = write_parallel,
    .holds = parallel_holds,
};
