/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A definition at rest: its XML text and the few facts that lists ask for. What it says never changes, so that whoever
 * holds a reference may read it without a lock, and it takes a fraction of the memory of the structs, which are made
 * from it when a call needs them.
 */
#pragma once

#include "conf/domain_def.h"
#include "conf/field_table.h"

typedef struct {
    gatomicrefcount refs;
    guint8 uuid[16];
    bool is_live;   /* the text is of a running domain: it has the fields of VX_FIELD_LIVE */
    guint8 os_type; /* VxOsType */
    guint64 memory_kib, current_memory_kib;
    unsigned n_vcpus, maximum_vcpus;
    bool has_channels;
    /* vx_domain_record_text() alone looks at these: */
    gsize is_ours;    /* of g_once_init_enter(): the text is as we write it, not as it was read from a file */
    bool has_secrets; /* the text has passwords, which only those who ask for them may see */
    char *text;
    gsize length; /* of the text */
    char name[];
} VxDomainRecord;

/* The record of DEF, which must have a name and a UUID. Never NULL. Any thread. */
VxDomainRecord *vx_domain_record_new(const VxDomainDef *def, bool is_live);
/* The same, of a DEF that was read from TEXT (taken, LENGTH bytes) as a domain at rest: it is written anew by the first
 * who asks for it, for many are there that nobody asks for. */
VxDomainRecord *vx_domain_record_new_from(const VxDomainDef *def, char *text, gsize length);

VxDomainRecord *vx_domain_record_ref(VxDomainRecord *record);
void vx_domain_record_unref(VxDomainRecord *record); /* NULL is allowed */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VxDomainRecord, vx_domain_record_unref)

/* RECORD's XML, NUL-terminated, and its length in bytes; it lives as long as the record. Any thread. */
const char *vx_domain_record_text(const VxDomainRecord *record, gsize *length);

/* Whether that is at hand, and need not be written anew first. */
bool vx_domain_record_is_written(const VxDomainRecord *record);

/* Whether it has passwords. */
bool vx_domain_record_has_secrets(const VxDomainRecord *record);

/* The definition that RECORD is of. The caller frees it. NULL with *ERROR set when memory is corrupt. Any thread. */
VxDomainDef *vx_domain_record_open(const VxDomainRecord *record, GError **error);

/* The XML of RECORD as FLAGS of the writer ask. The caller frees it. */
char *vx_domain_record_format(const VxDomainRecord *record, VxWriteFlags flags, GError **error);

#define VX_UUID_TEXT_BYTES 37
/* UUID as 36 characters and a NUL. */
void vx_uuid_format(const guint8 uuid[16], char text[VX_UUID_TEXT_BYTES]);
/* Reads 32 hexadecimal digits, with or without dashes between them. */
bool vx_uuid_parse(const char *text, guint8 uuid[16]);
/* A random one (RFC 4122, version 4). */
void vx_uuid_generate(guint8 uuid[16]);
/* For a GHashTable whose keys are the 16 bytes of UUIDs. Any thread. */
guint vx_uuid_hash(gconstpointer uuid);
gboolean vx_uuid_equal(gconstpointer a, gconstpointer b);
