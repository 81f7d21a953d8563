/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "xlcfg/xlcfg_host.h"

#include <string.h>

#include "conf/field_table.h"
#include "xlcfg/xlcfg_pairs.h"

/* A number in BASE at *AT, which is moved behind it; G_MAXUINT64 for one that 64 bits do not hold. */
static bool read_any_number(const char **at, int base, guint64 *number)
{
    const char *begin = *at;
    char *end;

    *number = g_ascii_strtoull(begin, &end, base);
    *at = end;
    return end != begin;
}

/* The same, below LIMIT. */
static bool read_number(const char **at, int base, guint64 limit, guint64 *number)
{
    return read_any_number(at, base, number) && *number < limit;
}

void vx_xl_check_ioport(VxXlReader *reader, const VxXlcfgValue *item)
{
    const char *at = item->string;
    guint64 first, last;
    bool is_good = read_number(&at, 16, G_MAXUINT32, &first);

    if (is_good && *at == '-') {
        at++;
        is_good = read_number(&at, 16, G_MAXUINT32, &last) && *at == '\0';
    } else if (is_good && *at) {
        vx_diag_unfit(reader->diag, item->place, "ioports has '%.40s', of which xl takes the number in front only",
                      item->string);
    }
    if (!is_good)
        vx_diag_wrong(reader->diag, item->place,
                      "ioports has '%.40s': write hexadecimal ports, as in \"3f8\" or \"2f8-2ff\"", item->string);
}

void vx_xl_check_irq(VxXlReader *reader, const VxXlcfgValue *item)
{
    const char *at = item->string;
    guint64 irq;

    if (!read_number(&at, 10, G_MAXUINT32, &irq) || *at)
        vx_diag_wrong(reader->diag, item->place, "irqs has '%.40s': write the number of an interrupt", item->string);
}

/* A hexadecimal number of pages at *AT, which is moved behind it. *IS_BEYOND is set for one that 64 bits do not hold,
 * which xl takes for the largest that they do. */
static bool read_pages(const char **at, bool *is_beyond)
{
    guint64 number;
    bool is_there = read_any_number(at, 16, &number);

    *is_beyond |= number == G_MAXUINT64;
    return is_there;
}

/* START,COUNT or START,COUNT@GFN, in pages and hexadecimal. */
void vx_xl_check_iomem(VxXlReader *reader, const VxXlcfgValue *item)
{
    const char *at = item->string;
    bool is_beyond = false;
    bool is_good = read_pages(&at, &is_beyond) && *at == ',' && (at++, read_pages(&at, &is_beyond));

    if (is_good && *at == '@') {
        at++;
        is_good = read_pages(&at, &is_beyond);
    }
    if (!is_good || *at)
        vx_diag_wrong(reader->diag, item->place,
                      "iomem has '%.40s': write hexadecimal numbers of pages, as in \"fec00,1\" or \"fec00,1@100\"",
                      item->string);
    else if (is_beyond)
        vx_diag_unfit(reader->diag, item->place,
                      "iomem has '%.40s', with a number larger than any page's: xl takes it, and it is kept", item->string);
}

/* The pairs of ITEM that xl sees: it stops without a word where a key=value should be and is not. */
static bool next_pair(VxXlReader *reader, const char *option, VxXlcfgPairs *pairs)
{
    do {
        if (!vx_xlcfg_pairs_next(pairs))
            return false;
    } while (pairs->pair.kind == VX_XLCFG_EMPTY);
    if (pairs->pair.value)
        return true;
    vx_diag_unfit(reader->diag, pairs->pair.key_place,
                  "%s has '%.40s', which is no key=value: xl takes no notice of it and of what stands behind it",
                  option, pairs->pair.key);
    return false;
}

void vx_xl_check_vtpm(VxXlReader *reader, const VxXlcfgValue *item)
{
    g_auto(VxXlcfgPairs) pairs = {0};
    bool has_backend = false;

    vx_xlcfg_pairs_init_keeping_blanks(&pairs, item, ',');
    while (next_pair(reader, "vtpm", &pairs)) {
        if (strcmp(pairs.pair.key, "backend") == 0) {
            has_backend = true;
        } else if (strcmp(pairs.pair.key, "uuid") == 0) {
            g_autofree char *uuid = NULL;
            g_autofree char *why = NULL;

            if (!vx_value_uuid.parse(NULL, pairs.pair.value, &uuid, &why))
                vx_diag_wrong(reader->diag, pairs.pair.value_place, "uuid of vtpm is '%.60s': write %s",
                              pairs.pair.value, why);
        } else {
            vx_diag_wrong(reader->diag, pairs.pair.key_place, "vtpm has no key '%.60s': write backend or uuid",
                          pairs.pair.key);
        }
    }
    if (!has_backend)
        vx_diag_wrong(reader->diag, item->place, "the vtpm has no backend: write backend=DOMAIN");
}

void vx_xl_check_pvcalls(VxXlReader *reader, const VxXlcfgValue *item)
{
    g_auto(VxXlcfgPairs) pairs = {0};

    vx_xlcfg_pairs_init_keeping_blanks(&pairs, item, ',');
    while (next_pair(reader, "pvcalls", &pairs)) {
        if (strcmp(pairs.pair.key, "backend") != 0)
            vx_diag_wrong(reader->diag, pairs.pair.key_place, "pvcalls has no key '%.60s': write backend",
                          pairs.pair.key);
    }
}

/* A pair of virtio that is not the first half of a type. An xl that does not know the option, as that of Xen 4.17, takes
 * anything. */
static void check_virtio_pair(VxXlReader *reader, const VxXlcfgPair *pair)
{
    static const char *const keys[] = {"backend", "type", "transport", "grant_usage", NULL};

    if (!pair->value || !g_strv_contains(keys, pair->key))
        vx_diag_unfit(reader->diag, pair->key_place,
                      "virtio has '%.60s' where it has no such key: write backend=, type=, transport= or grant_usage=",
                      pair->key);
    else if (strcmp(pair->key, "transport") == 0 && g_ascii_strcasecmp(pair->value, "mmio") != 0 &&
             g_ascii_strcasecmp(pair->value, "unknown") != 0)
        vx_diag_unfit(reader->diag, pair->value_place, "transport of virtio is '%.60s': write mmio", pair->value);
}

/* Moves behind the second half of "type=virtio,deviceN": whatever stands there, it is part of the type. */
static bool skip_device(VxXlcfgPairs *pairs)
{
    do {
        if (!vx_xlcfg_pairs_next(pairs))
            return false;
    } while (pairs->pair.kind == VX_XLCFG_EMPTY);
    return true;
}

void vx_xl_check_virtio(VxXlReader *reader, const VxXlcfgValue *item)
{
    g_auto(VxXlcfgPairs) pairs = {0};

    vx_xlcfg_pairs_init_keeping_blanks(&pairs, item, ',');
    while (vx_xlcfg_pairs_next(&pairs)) {
        const VxXlcfgPair *pair = &pairs.pair;
        VxPlace type_place = pair->value_place;

        if (pair->kind == VX_XLCFG_EMPTY)
            continue;
        check_virtio_pair(reader, pair);
        if (pair->value && strcmp(pair->key, "type") == 0 && g_str_has_prefix(pair->value, "virtio") &&
            !skip_device(&pairs))
            vx_diag_unfit(reader->diag, type_place,
                          "type of virtio ends behind 'virtio', where xl crashes: write type=virtio,device or "
                          "type=virtio,deviceN");
    }
}

static bool is_good_rdm(const char *setting)
{
    static const char policy[] = "policy=";

    if (!g_str_has_prefix(setting, policy))
        return strcmp(setting, "strategy=host") == 0;
    return g_ascii_strcasecmp(setting + strlen(policy), "strict") == 0 ||
           g_ascii_strcasecmp(setting + strlen(policy), "relaxed") == 0;
}

void vx_xl_check_rdm(VxXlReader *reader, const VxXlcfgValue *value)
{
    g_auto(GStrv) settings = g_strsplit(*value->string ? value->string : " ", ",", -1);
    gsize at = 0;

    for (char **setting = settings; *setting; at += strlen(*setting) + 1, setting++) {
        if (!is_good_rdm(*setting)) {
            vx_diag_unfit(reader->diag, vx_xlcfg_value_place(value, at),
                          "rdm has '%.60s', so xl takes no notice of it at all: write strategy=host, policy=strict or "
                          "policy=relaxed, without blanks",
                          *setting);
            return;
        }
    }
}
