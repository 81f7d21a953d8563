/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices that xl.cfg writes as "key=value,key=value,...": one table of keys a device drives reading and writing. What
 * libvirt has no words for is carried in VxDevice.options under its key.
 */
#pragma once

#include "conf/device_def.h"
#include "xlcfg/xlcfg_options.h"
#include "xlcfg/xlcfg_pairs.h"

typedef struct {
    const char *key;
    /* The value's type, names, range and offset in the device's struct, as in a table of src/conf. */
    VxField field;
    bool carried; /* kept in VxDevice.options; the field's type, names and range (if it has a type) only check it */
    bool refuses_blanks; /* although the table takes them */
    bool is_word;        /* a word without a value, carried as such */
    /* For what is irregular, instead of the above. A key can come again: reading it forgets what an earlier pair has
     * set; what that carried under the key's name is gone already. */
    void (*read)(VxXlReader *reader, const VxXlcfgPair *pair, void *device);
    void (*write)(VxXlWriter *writer, const void *device, GString *pairs);
    const char *doc;
} VxXlDeviceKey;

typedef struct {
    const char *option; /* the xl.cfg option, for messages: "channel" */
    const VxXlDeviceKey *keys;
    unsigned n_keys;
    bool refuses_unknown;        /* xl refuses a key that it does not know, instead of passing over it */
    bool keeps_blanks_of_values; /* xl cuts as vx_xlcfg_pairs_init_keeping_blanks_of_values() says */
    bool takes_blanks;           /* xl takes blanks alone for a key or a value, and a '=' too many: slips */
    bool takes_no_pair;          /* xl before 4.18 takes what is no pair as well, a slip, and reads nothing behind it */
    bool keeps_blanks;           /* xl cuts as vx_xlcfg_pairs_init_keeping_blanks() says; values may be empty then */
} VxXlDevice;

#define VX_XL_KEYS(table) .keys = (table), .n_keys = G_N_ELEMENTS(table)
#define VX_XL_KEY_STRING(word, STRUCT, member, documentation)                                                          \
    {                                                                                                                  \
        .key = word, .field = {.name = word, .type = &vx_value_string, .offset = offsetof(STRUCT, member)},            \
        .doc = documentation                                                                                           \
    }
#define VX_XL_KEY_NUMBER(word, STRUCT, member, low, high, documentation)                                               \
    {                                                                                                                  \
        .key = word,                                                                                                   \
        .field = {.name = word,                                                                                        \
                  .type = &vx_value_number,                                                                            \
                  .offset = offsetof(STRUCT, member),                                                                  \
                  .minimum = low,                                                                                      \
                  .maximum = high},                                                                                    \
        .doc = documentation                                                                                           \
    }
#define VX_XL_KEY_ENUM(word, STRUCT, member, table, documentation)                                                     \
    {                                                                                                                  \
        .key = word,                                                                                                   \
        .field = {.name = word, .type = &vx_value_enum, .offset = offsetof(STRUCT, member), .names = &table},          \
        .doc = documentation                                                                                           \
    }
#define VX_XL_KEY_CARRIED(word, documentation)                                                                         \
    {                                                                                                                  \
        .key = word, .carried = true, .doc = documentation                                                             \
    }

/* A device of a table with keeps_blanks that has no pairs: an item that is empty would be left out. */
#define VX_XL_DEVICE_WITHOUT_PAIRS ","

/* Reads the pairs of VALUE (an item of the option's list) into DEVICE. The last of two equal keys wins, as in xl, with
 * a warning; an unknown key is carried with a warning, unless xl refuses it. What is wrong is reported where it stands.
 */
void vx_xl_device_read(VxXlReader *reader, const VxXlDevice *table, const VxXlcfgValue *value, void *device);

/* Reads one pair of DEVICE. For devices that have more than pairs. */
void vx_xl_device_read_pair(VxXlReader *reader, const VxXlDevice *table, const VxXlcfgPair *pair, void *device);

/* Carries KEY=VALUE (VALUE may be NULL: a word) on DEVICE; a key that is carried already is replaced. */
void vx_xl_device_carry(VxDevice *device, const char *key, const char *value);

/* Appends the pairs of DEVICE to PAIRS, the keys in the order of the table and what is carried behind them. A key that
 * is carried under its own name is not written from its field. What xl.cfg cannot say is reported at the device's
 * place. */
void vx_xl_device_format(VxXlWriter *writer, const VxXlDevice *table, const void *device, GString *pairs);

/* Appends KEY=VALUE to PAIRS if VALUE is not NULL; reports, at the place of DEVICE, a value that cannot be said. */
void vx_xl_device_add_pair(VxXlWriter *writer, const char *option, const void *device, GString *pairs, const char *key,
                           const char *value);

/* The same for a device of TABLE, with blanks and empty values if TABLE keeps them. */
void vx_xl_device_write_pair(VxXlWriter *writer, const VxXlDevice *table, const void *device, GString *pairs,
                             const char *key, const char *value);

/* The items of the list OPTION as strings: calls READ_ITEM for each, which adds devices. When one of them has found a
 * slip (vx_xl_severity()), all that were added are dropped, and the list is carried as it is. What is no list, and
 * items that are no strings, are reported; a list among them is where xl ends reading, and what follows is left out
 * with a warning. */
typedef void (*VxXlItem)(VxXlReader *reader, const VxXlcfgValue *item);
void vx_xl_read_items(VxXlReader *reader, const char *option, VxXlItem read_item);
/* The same for a READ_ITEM that reads items by vx_xl_device_read() only, which looks itself whether XML can say each
 * key and value: the blanks round them, which are taken off, may be any. */
void vx_xl_read_pair_items(VxXlReader *reader, const char *option, VxXlItem read_item);
/* Writes the devices of KIND as the list OPTION, each formatted by FORMAT into an empty string; a device that FORMAT
 * leaves empty is left out. */
typedef void (*VxXlFormat)(VxXlWriter *writer, const void *device, GString *item);
void vx_xl_write_devices(VxXlWriter *writer, const char *option, VxDeviceKind kind, VxXlFormat format);
/* The same with several kinds of devices in one list. */
void vx_xl_write_devices_of(VxXlWriter *writer, const char *option, const VxDeviceKind *kinds, unsigned n_kinds,
                            VxXlFormat format);
