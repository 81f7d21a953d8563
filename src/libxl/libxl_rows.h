/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Rows that tie a key of xl.cfg to a field of one of libxl's structures. A walk over them fills the structure; another
 * one goes the way back, from libxl's JSON of it. The JSON's names are those of the C members, so a row needs no more
 * than the member; of a union `u`, the JSON has "NAME.MEMBER" with the discriminator's NAME.
 */
#pragma once

#include <libxl.h>
#include <libxl_utils.h>

#include "conf/domain_def.h"
#include "libxl/libxl_host.h"
#include "util/vx_json.h"
#include "xlcfg/xlcfg_options.h"
#include "xlcfg/xlcfg_print.h"

typedef struct VxLibxlRow VxLibxlRow;

/* From settings to libxl's structure. */
typedef struct {
    libxl_domain_config *config;
    const VxDomainDef *def;
    const VxXlcfgTree *settings; /* what the definition says, as options of xl.cfg */
    const VxLibxlHost *host;
    VxGuestType guest;
    VxDiag *diag;
    VxPlace place; /* of what is being translated, for messages */
} VxLibxlWriter;

/* From libxl's JSON to settings. */
typedef struct {
    json_object *root;
    GString *out; /* the settings, as the text of an xl.cfg */
    VxGuestType guest;
    unsigned index;   /* of the device that is being told, in its array */
    GHashTable *seen; /* nodes of the JSON that have been understood */
    VxDiag *diag;
} VxLibxlReader;

/* What kind of value a field is. */
typedef struct {
    /* Puts TEXT into SLOT; false when it is no such value. */
    bool (*set)(const VxLibxlRow *row, const char *text, void *slot);
    /* The text of NODE, NULL when it is no such value. The caller frees it. */
    char *(*get)(const VxLibxlRow *row, json_object *node);
    bool is_number; /* xl.cfg has it without quotes */
} VxLibxlType;

extern const VxLibxlType vx_libxl_string;  /* char * */
extern const VxLibxlType vx_libxl_int;     /* int or uint32_t */
extern const VxLibxlType vx_libxl_uint8;   /* uint8_t */
extern const VxLibxlType vx_libxl_mib;     /* uint64_t in KiB; MiB in xl.cfg */
extern const VxLibxlType vx_libxl_truth;   /* bool */
extern const VxLibxlType vx_libxl_defbool; /* libxl_defbool: 0 or another number */
extern const VxLibxlType vx_libxl_enum;    /* an enum of libxl: VxLibxlRow.names */
extern const VxLibxlType vx_libxl_uuid;    /* libxl_uuid */
extern const VxLibxlType vx_libxl_mac;     /* libxl_mac */

/* The words of an enum of libxl, and where xl.cfg has another word for one of them. */
typedef struct {
    const char *xl, *libxl;
} VxLibxlWord;
typedef struct {
    bool (*parse)(const char *text, int *value); /* libxl's word */
    const VxLibxlWord *words;                    /* ends with a NULL; NULL when all words are the same */
} VxLibxlNames;

/* Declares and defines the names of the enum libxl_NAME. */
#define VX_LIBXL_NAMES(name, words_of_xl)                                                                              \
    static bool parse_##name(const char *text, int *value)                                                             \
    {                                                                                                                  \
        libxl_##name member;                                                                                           \
                                                                                                                       \
        if (libxl_##name##_from_string(text, &member) != 0)                                                            \
            return false;                                                                                              \
        *value = (int)member;                                                                                          \
        return true;                                                                                                   \
    }                                                                                                                  \
    static const VxLibxlNames names_##name = {.parse = parse_##name, .words = words_of_xl}

struct VxLibxlRow {
    const char *key;
    const VxLibxlType *type; /* NULL for a row with functions of its own */
    gsize offset;            /* in libxl_domain_config, or in the device's structure */
    const char *path;        /* the member: "b_info.u.hvm.vnc.listen" */
    const VxLibxlNames *names;
    guint8 guests; /* VX_XL_PV and so on: for which types of guests there is such a field; 0: for all */
    /* Of a device: the key stands alone, without '=', for this value. */
    const char *flag;
    /* Instead of a type. */
    void (*apply)(VxLibxlWriter *writer, const VxLibxlRow *row, const VxXlcfgValue *value);
    void (*tell)(VxLibxlReader *reader, const VxLibxlRow *row);
    /* Why libxl has no field for it: it is part of what another row does, xl takes no notice of it, or this release of
     * libxl is too old. Of the last, VERSION is the release that brought it. */
    const char *nothing;
    const char *since;
};

#define VX_LIBXL_ROW(name, value_type, STRUCT, member, ...)                                                            \
    {                                                                                                                  \
        .key = name, .type = &vx_libxl_##value_type, .offset = offsetof(STRUCT, member), .path = #member,              \
        ##__VA_ARGS__                                                                                                  \
    }

/* ---- from settings ---- */

/* The value of the setting KEY, NULL if there is none; the same as text, NULL also if it is a list. */
const VxXlcfgValue *vx_libxl_setting(const VxLibxlWriter *writer, const char *key);
const char *vx_libxl_text(const VxLibxlWriter *writer, const char *key);
/* The setting KEY as a number; FALLBACK if there is none. */
gint64 vx_libxl_number(const VxLibxlWriter *writer, const char *key, gint64 fallback);

/* Sets the field of ROW in the structure at BASE to TEXT; what libxl does not know is reported. */
void vx_libxl_set(VxLibxlWriter *writer, const VxLibxlRow *row, const char *text, void *base);

/* The strings of the list VALUE, as libxl wants them; a string that is no list is a list of one. libxl frees it. */
libxl_string_list vx_libxl_strings(const VxXlcfgValue *value);

/* Replaces *SLOT, which is libxl's, with a copy of TEXT. */
void vx_libxl_replace(char **slot, const char *text);

/* An array of COUNT cleared elements of SIZE bytes, which libxl frees. */
void *vx_libxl_array(gsize count, gsize size);

/* Gives BITMAP room for N_BITS bits, none of them set. */
void vx_libxl_bitmap_alloc(libxl_bitmap *bitmap, unsigned n_bits);

/* Reads TEXT as a number in BASE that ends TEXT, or where *REST (if not NULL) is put. */
bool vx_libxl_parse_number(const char *text, int base, guint64 *number, const char **rest);

/* ---- from JSON ---- */

/* The node at PATH ("b_info.u.hvm.vnc.listen") below OBJECT, NULL if there is none, or OBJECT is no object. It is taken
 * for understood. */
json_object *vx_libxl_find(VxLibxlReader *reader, json_object *object, const char *path);
/* The same as a list or as an object; NULL if it is none. */
json_object *vx_libxl_find_list(VxLibxlReader *reader, json_object *object, const char *path);
json_object *vx_libxl_find_object(VxLibxlReader *reader, json_object *object, const char *path);
/* The same as a number; FALLBACK if there is none. */
gint64 vx_libxl_find_number(VxLibxlReader *reader, json_object *object, const char *path, gint64 fallback);
/* The same as a string; NULL if there is none. It belongs to the JSON. */
const char *vx_libxl_find_string(VxLibxlReader *reader, json_object *object, const char *path);

/* Takes NODE, and all below it, for understood. */
void vx_libxl_mark_all(VxLibxlReader *reader, json_object *node);

/* The text of ROW's field in OBJECT, NULL if there is none. What cannot be read is reported. The caller frees it. */
char *vx_libxl_get(VxLibxlReader *reader, const VxLibxlRow *row, json_object *object);

/* Writes the strings of the list NODE as the setting KEY; nothing for an empty list. */
void vx_libxl_tell_strings(VxLibxlReader *reader, const char *key, json_object *list);

/* ---- the table ---- */

extern const VxLibxlRow vx_libxl_rows[]; /* in the order in which they are applied */
extern const unsigned vx_libxl_n_rows;
/* The row of KEY, NULL if there is none. */
const VxLibxlRow *vx_libxl_row_find(const char *key);
