/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices: a list of xl.cfg whose items are pairs, an array of libxl_domain_config, and one table of rows that ties
 * the keys to the members. What a device has beyond rows are the functions of its VxLibxlDevice.
 */
#pragma once

#include "libxl/libxl_groups.h"
#include "xlcfg/xlcfg_pairs.h"

typedef struct VxLibxlDevice VxLibxlDevice;

struct VxLibxlDevice {
    const char *list;   /* the array, in libxl_domain_config and in its JSON */
    VxDeviceKind kind;  /* of the elements it comes from; VX_DEVICE_NOT_GIVEN: several */
    gsize array, count; /* offsets in libxl_domain_config */
    gsize size;         /* of an element */
    void (*init)(void *device);
    gsize devid; /* offset of the member that xl sets to the place in the list; 0: it has none */
    const VxLibxlRow *rows;
    unsigned n_rows;
    /* Instead of rows for the whole of an item, or for what no row has (a pair, or a word whose value is NULL); false
     * when the key is none of the device's. May be NULL. */
    bool (*apply_pair)(VxLibxlWriter *writer, const char *key, const char *value, void *device);
    /* When all pairs are in. May be NULL. */
    void (*finish)(VxLibxlWriter *writer, void *device);
    /* Appends what no row has to the pairs ITEM. May be NULL. */
    void (*tell_pairs)(VxLibxlReader *reader, json_object *object, GString *item);
    /* Instead of pairs: writes the whole item. May be NULL. */
    void (*tell_item)(VxLibxlReader *reader, json_object *object, GString *item);
    bool trims;       /* xl takes blanks off the ends of values */
    bool passes_over; /* xl passes over values that it does not know */
};

#define VX_LIBXL_ARRAY(member, STRUCT)                                                                                 \
    .list = #member, .array = offsetof(libxl_domain_config, member),                                                   \
    .count = offsetof(libxl_domain_config, num_##member), .size = sizeof(STRUCT)
#define VX_LIBXL_ROWS(table) .rows = (table), .n_rows = G_N_ELEMENTS(table)

/* Appends a new element of DEVICE to the configuration. */
void *vx_libxl_device_add(libxl_domain_config *config, const VxLibxlDevice *device);

/* Fills the array of DEVICE with the items of the list VALUE. */
void vx_libxl_device_apply(VxLibxlWriter *writer, const VxLibxlDevice *device, const VxXlcfgValue *value);
/* The same for one item, which is the INDEX'th of the domain. */
void vx_libxl_device_apply_item(VxLibxlWriter *writer, const VxLibxlDevice *device, const char *item, unsigned index);
/* Takes the INDEX'th element of the XML that DEVICE comes from for the place of what is reported next. */
void vx_libxl_device_set_place(VxLibxlWriter *writer, const VxLibxlDevice *device, unsigned index);
/* The pairs of ITEM, which belong to ELEMENT. */
void vx_libxl_device_apply_pairs(VxLibxlWriter *writer, const VxLibxlDevice *device, const char *item, void *element);

/* Writes the elements of the array of DEVICE, from the FIRST on, as the list KEY. */
void vx_libxl_device_tell(VxLibxlReader *reader, const VxLibxlDevice *device, const char *key, unsigned first);
/* Appends the pairs of OBJECT to ITEM. */
void vx_libxl_device_tell_pairs(VxLibxlReader *reader, const VxLibxlDevice *device, json_object *object, GString *item);

/* Appends KEY=VALUE, or VALUE alone when KEY is NULL, to the pairs ITEM. */
void vx_libxl_add_pair(GString *item, const char *key, const char *value);

/* The functions of the row of a device's option. */
#define VX_LIBXL_DEVICE_APPLY(name, device)                                                                            \
    VX_LIBXL_APPLY(name)                                                                                               \
    {                                                                                                                  \
        (void)row;                                                                                                     \
        vx_libxl_device_apply(writer, &(device), value);                                                               \
    }
#define VX_LIBXL_DEVICE_TELL(name, device)                                                                             \
    VX_LIBXL_TELL(name)                                                                                                \
    {                                                                                                                  \
        vx_libxl_device_tell(reader, &(device), row->key, 0);                                                          \
    }
#define VX_LIBXL_DEVICE_FUNCTIONS(name, device)                                                                        \
    VX_LIBXL_DEVICE_APPLY(name, device)                                                                                \
    VX_LIBXL_DEVICE_TELL(name, device)
