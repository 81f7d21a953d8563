/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "driver/domain_record.h"

#include <string.h>
#include <sys/random.h>

#include "conf/domain_xml.h"
#include "util/vx_error.h"

/* ---- UUIDs ---- */

void vx_uuid_format(const guint8 uuid[16], char text[VX_UUID_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    char *p = text;

    for (unsigned i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = digits[uuid[i] >> 4];
        *p++ = digits[uuid[i] & 15];
    }
    *p = '\0';
}

bool vx_uuid_parse(const char *text, guint8 uuid[16])
{
    unsigned n = 0;

    for (; *text && n < 32; text++) {
        if (*text == '-')
            continue;
        if (!g_ascii_isxdigit(*text))
            return false;
        uuid[n / 2] = (guint8)(n % 2 ? uuid[n / 2] | g_ascii_xdigit_value(*text) : g_ascii_xdigit_value(*text) << 4);
        n++;
    }
    return n == 32 && *text == '\0';
}

void vx_uuid_generate(guint8 uuid[16])
{
    if (getrandom(uuid, 16, 0) != 16) {
        for (unsigned i = 0; i < 16; i++)
            uuid[i] = (guint8)g_random_int();
    }
    uuid[6] = (guint8)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (guint8)((uuid[8] & 0x3f) | 0x80);
}

/* UUIDs are random, but whoever chooses one should not choose our collisions: all of it counts. */
guint vx_uuid_hash(gconstpointer uuid)
{
    guint32 words[4];

    memcpy(words, uuid, sizeof(words));
    return words[0] ^ (words[1] * 31) ^ (words[2] * 131) ^ (words[3] * 1031);
}

gboolean vx_uuid_equal(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, 16) == 0;
}

/* ---- records ---- */

static VxWriteFlags whole(bool is_live)
{
    return VX_WRITE_SECRETS | (is_live ? VX_WRITE_LIVE : 0);
}

static void take_facts(VxDomainRecord *record, const VxDomainDef *def)
{
    bool parsed = vx_uuid_parse(def->uuid, record->uuid);
    unsigned from = 0;

    g_assert(parsed);
    record->os_type = (guint8)def->os.type;
    record->memory_kib = (guint64)def->memory_kib.value;
    record->current_memory_kib =
        def->current_memory_kib.given ? (guint64)def->current_memory_kib.value : record->memory_kib;
    record->maximum_vcpus = def->vcpus.maximum.given ? (unsigned)def->vcpus.maximum.value : 1;
    record->has_channels = vx_domain_def_next_device(def, VX_DEVICE_CHANNEL, &from) != NULL;
    record->n_vcpus = def->vcpus.current.given ? (unsigned)def->vcpus.current.value : record->maximum_vcpus;
}

static VxDomainRecord *new_record(const VxDomainDef *def, bool is_live, bool is_ours)
{
    gsize name_bytes = strlen(def->name) + 1;
    VxDomainRecord *record = g_malloc0(sizeof(*record) + name_bytes);

    g_atomic_ref_count_init(&record->refs);
    record->is_live = is_live;
    record->is_ours = is_ours;
    take_facts(record, def);
    memcpy(record->name, def->name, name_bytes);
    return record;
}

VxDomainRecord *vx_domain_record_new(const VxDomainDef *def, bool is_live)
{
    VxDomainRecord *record = new_record(def, is_live, true);

    record->text = vx_domain_def_format_whole(def, whole(is_live), &record->length, &record->has_secrets);
    return record;
}

VxDomainRecord *vx_domain_record_new_from(const VxDomainDef *def, char *text, gsize length)
{
    VxDomainRecord *record = new_record(def, false, false);

    record->text = text;
    record->length = length;
    return record;
}

static VxDomainDef *parse(const VxDomainRecord *record, GError **error)
{
    g_autoptr(VxDiag) diag = vx_diag_new(record->name, record->text, record->length, VX_DIAG_QUIET);
    g_autoptr(VxDomainDef) def =
        vx_domain_def_parse(record->text, record->length, record->is_live ? VX_READ_LIVE : 0, diag);

    if (!def || vx_diag_n_errors(diag) > 0) {
        g_propagate_error(error, vx_diag_to_error(diag, VIR_ERR_INTERNAL_ERROR));
        return NULL;
    }
    return g_steal_pointer(&def);
}

/* Writes anew what has been read from a file. That it can be read is known: it was, before the record was made. */
static void make_ours(VxDomainRecord *record)
{
    g_autoptr(VxDomainDef) def = parse(record, NULL);
    char *text = def ? vx_domain_def_format_whole(def, whole(false), &record->length, &record->has_secrets) : NULL;

    if (!text)
        return;
    g_free(record->text);
    record->text = text;
}

const char *vx_domain_record_text(const VxDomainRecord *record, gsize *length)
{
    VxDomainRecord *changed = (VxDomainRecord *)record; /* into what it says already */

    if (g_once_init_enter(&changed->is_ours)) {
        make_ours(changed);
        g_once_init_leave(&changed->is_ours, 1);
    }
    if (length)
        *length = record->length;
    return record->text;
}

VxDomainRecord *vx_domain_record_ref(VxDomainRecord *record)
{
    g_atomic_ref_count_inc(&record->refs);
    return record;
}

void vx_domain_record_unref(VxDomainRecord *record)
{
    if (!record || !g_atomic_ref_count_dec(&record->refs))
        return;
    g_free(record->text);
    g_free(record);
}

bool vx_domain_record_is_written(const VxDomainRecord *record)
{
    return g_atomic_pointer_get((gsize *)&record->is_ours) != 0;
}

bool vx_domain_record_has_secrets(const VxDomainRecord *record)
{
    vx_domain_record_text(record, NULL);
    return record->has_secrets;
}

VxDomainDef *vx_domain_record_open(const VxDomainRecord *record, GError **error)
{
    vx_domain_record_text(record, NULL); /* before somebody else has it written anew while it is parsed here */
    return parse(record, error);
}

char *vx_domain_record_format(const VxDomainRecord *record, VxWriteFlags flags, GError **error)
{
    gsize length;
    const char *text = vx_domain_record_text(record, &length);
    bool drops_secrets = vx_domain_record_has_secrets(record) && !(flags & VX_WRITE_SECRETS);
    bool drops_live = record->is_live && !(flags & VX_WRITE_LIVE);
    g_autoptr(VxDomainDef) def = NULL;

    if (!drops_secrets && !drops_live)
        return g_strndup(text, length);
    def = vx_domain_record_open(record, error);
    return def ? vx_domain_def_format(def, flags, NULL) : NULL;
}
