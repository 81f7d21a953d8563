/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The option table: what xl.cfg(5) has, one row an option. The row says what kind of value xl takes, for which types of
 * guests it is, and what becomes of it: it has a place in the definition (VX_XL_FIELD, VX_XL_GROUP), it is carried
 * under its own name (VX_XL_CARRIED), it is another spelling (VX_XL_ALIAS), or it is left out with a reason. Reading
 * (xlcfg_read.c), writing (xlcfg_write.c), `virtxl options` and its reference page are walks over the table.
 */
#pragma once

#include "conf/domain_def.h"
#include "xlcfg/xlcfg.h"
#include "xlcfg/xlcfg_tree.h"

typedef struct VxXlOption VxXlOption;

/* Reading one file. */
typedef struct {
    VxXlcfgDialect dialect;
    const VxXlcfgTree *tree;
    VxDiag *diag;
    VxDomainDef *def;
    VxGuestType guest;
    bool has_slip; /* in the list of devices that is being read: see vx_xl_severity() */
} VxXlReader;

/* Writing one file. */
typedef struct {
    GString *out;
    VxDiag *diag;
    const VxDomainDef *def;
    VxGuestType guest;
    const VxXlcfgOptions *options;
} VxXlWriter;

/* What xl takes as the value. */
typedef enum {
    VX_XL_STRING,         /* one string */
    VX_XL_NUMBER,         /* a number within the range of the row */
    VX_XL_BOOL,           /* a number; 0 is false */
    VX_XL_ENUM,           /* one of the row's words */
    VX_XL_ENUM_OR_NUMBER, /* the same, or (as older files have it) its number: the first word is 0 */
    VX_XL_STRINGS,        /* a list of strings */
    VX_XL_STRING_OR_LIST, /* one string, or a list of strings */
    VX_XL_NESTED,         /* a list of lists, or something with a grammar of its own */
} VxXlType;

typedef enum {
    VX_XL_FIELD,   /* libvirt has an element for it; the value is kept in the definition at the row's offset */
    VX_XL_GROUP,   /* libvirt has an element for it, read and written by the functions of the row's group */
    VX_XL_CARRIED, /* kept in VxDomainDef.options under its key */
    VX_XL_ALIAS,   /* nothing but an older name of `alias_of`: read, written back in today's spelling */
    VX_XL_IGNORED, /* xl itself takes no notice of it: left out with a warning */
} VxXlFate;

/* Options that are read and written together, because they share an element. */
typedef struct {
    const char *name;
    bool always; /* `read` is called even if the file has no option of the group */
    /* Called once, after all plain options, if the file has any option of the group. */
    void (*read)(VxXlReader *reader);
    /* Called once, where the group's first row stands in the table. */
    void (*write)(VxXlWriter *writer);
    /* An option whose value says more than the elements made from it is carried as well. This tells whether CARRIED
     * still says what the elements say; if not (somebody changed them), the elements are written. NULL: it always does.
     */
    bool (*holds)(const VxXlWriter *writer, const VxOption *carried);
} VxXlGroup;

#define VX_XL_FOR(guest) (1u << (guest))
#define VX_XL_PV VX_XL_FOR(VX_GUEST_PV)
#define VX_XL_PVH VX_XL_FOR(VX_GUEST_PVH)
#define VX_XL_HVM VX_XL_FOR(VX_GUEST_HVM)
#define VX_XL_ALL (VX_XL_PV | VX_XL_PVH | VX_XL_HVM)

struct VxXlOption {
    const char *key;
    VxXlType type;
    VxXlFate fate;
    guint8 guests;  /* VX_XL_PV and so on: the types of guests that it has a meaning for */
    guint16 offset; /* VX_XL_FIELD: of a char *, VxNumber or VxYesNo/VxOnOff or enum int in VxDomainDef */
    gint64 minimum, maximum;
    const VxEnum *words;    /* VX_XL_ENUM: xl's words; of a field, in the order of the field's enum */
    bool any_case;          /* xl takes the words in capitals, too */
    bool only_these_guests; /* xl refuses it for guests of other types, instead of taking no notice of it */
    bool only_this_type;    /* xl refuses a value of another type, instead of taking no notice of it */
    const VxXlGroup *group;
    /* VX_XL_CARRIED lists: reports what xl refuses of an item, which is a string; VX_XL_STRING: of the string. */
    void (*check_item)(VxXlReader *reader, const VxXlcfgValue *item);
    bool ends_at_list;    /* of these lists: an item that is a list ends it for xl */
    const char *alias_of; /* today's spelling of an option that is another spelling, whatever its fate */
    const char *element;  /* the libvirt element that it becomes, as "features/acpi" */
    const char *since;    /* the Xen release that brought it, if it came after 4.14 */
    const char *doc;      /* one line: what it is for; of VX_XL_IGNORED: why it is left out */
};

extern const VxXlOption vx_xl_options[]; /* in the order in which they are written */
extern const unsigned vx_xl_n_options;

/* The row of KEY, NULL if there is none. Any thread. */
const VxXlOption *vx_xl_option_find(const char *key);

/* The option nearest in spelling to KEY, NULL if none is near enough for a "did you mean". Any thread. */
const char *vx_xl_option_nearest(const char *key);

/* All groups in the order of their first rows, NULL-terminated. Any thread. */
const VxXlGroup *const *vx_xl_groups(void);

/* Decides what type of guest the file is about (type, builder), before anything else is read (xlcfg_type.c). */
void vx_xl_read_guest_type(VxXlReader *reader);

/* Whether PATH is an hvmloader where Xen installs it, which is what xl takes by itself: /usr/lib/xen/boot/hvmloader and
 * the like of other versions, or no folder at all. */
bool vx_xl_is_usual_hvmloader(const char *path);

/* ---- for the groups: reading ---- */

/* The value of KEY, NULL if the file does not have it, or if it means nothing for this type of guest. */
const VxXlcfgValue *vx_xl_value(const VxXlReader *reader, const char *key);
/* The string KEY; NULL if it is not there, or (with an error) if it is a list. */
const char *vx_xl_string(VxXlReader *reader, const char *key);
/* The number KEY within the range of its row; false if it is not there, or (with an error) if it is none. */
bool vx_xl_number(VxXlReader *reader, const char *key, VxNumber *number);
/* The boolean KEY: VX_YES, VX_NO, or 0 if it is not there. */
VxYesNo vx_xl_bool(VxXlReader *reader, const char *key);
/* The word KEY as its row has it; NULL if it is not there, or (with an error) if it is none. */
const char *vx_xl_word(VxXlReader *reader, const char *key);
/* VALUE as a string (after vx_xl_check_text()), NULL with an error about KEY if it is a list. */
const char *vx_xl_value_text(VxXlReader *reader, const char *key, const VxXlcfgValue *value);
/* Warns of TEXT, said by KEY at PLACE, if it is what XML can say with escapes only (conf/xml_escape.h). */
void vx_xl_check_text(VxXlReader *reader, const char *key, VxPlace place, const char *text);
/* How bad it is what was found in an item of vx_xl_read_items(): wrong, unless it is a SLIP, which xl takes although
 * nothing can be made of it. A list with slips becomes no devices, but is carried as it is. */
VxSeverity vx_xl_severity(VxXlReader *reader, bool slip);
/* Warns that ITEM of the list KEY is a list, where xl ends reading KEY. */
void vx_xl_report_end_of_list(VxXlReader *reader, const char *key, const VxXlcfgValue *item);
/* The place of the key KEY, for messages. */
VxPlace vx_xl_place(const VxXlReader *reader, const char *key);
/* Carries KEY in the options of the definition, as if its row said VX_XL_CARRIED. */
void vx_xl_carry(VxXlReader *reader, const char *key);

/* ---- for the groups: writing ---- */

/* Whether the definition carries KEY (and VxXlGroup.holds), which is then written without the group's doing. */
bool vx_xl_carries(const VxXlWriter *writer, const char *key);
/* Writes KEY; a VALUE that xl.cfg cannot say is reported as an error. */
void vx_xl_write_string(VxXlWriter *writer, const char *key, const char *value);
void vx_xl_write_number(VxXlWriter *writer, const char *key, gint64 value);
